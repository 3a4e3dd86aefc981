"""Copies: what the articles of a story say alike is counted in one of them, the lead if it says so.

The others are left out, statement by statement. So the copies of an article change no number, however often
it says the same, and what only a copy says counts.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, DenseRank, Greatest

from annotations.models import COPY_STATES, StoryMember
from annotations.models.ordering import nulls_last

_STORY = "article__story_members__story_id"
_ACTOR, _ISSUE = "actor__canonical_id", "proposition__canonical_id"
#: What statements have in common that say the same, beside actor and proposition, which may be null.
_KEY = ("kind", "stance", "polarity")
_NOBODY = Value(UUID(int=0), output_field=UUIDField())


class _CountDistinct(Func):
    """A number of distinct values as a plain expression: of one row, as a subquery needs it."""

    function = "COUNT"
    template = "%(function)s(DISTINCT %(expressions)s)"
    output_field = IntegerField()


def find_copies(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return the ids of those of some statements that another article of their story counts for.

    That is the lead, else the earliest article that says the same.
    """
    in_stories = rows.filter(article__story_members__state__in=COPY_STATES)
    leads_first = Case(
        When(article_id=F("article__story_members__story__lead_id"), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    nearness = Window(
        DenseRank(),
        partition_by=[F(_STORY), F(_ACTOR), F(_ISSUE), *map(F, _KEY)],
        order_by=[leads_first.asc(), nulls_last("article__published_at"), F("article_id").asc()],
    )
    copies: QuerySet[Any, Any] = in_stories.annotate(nearness=nearness).filter(nearness__gt=1).values("pk")
    return copies


def with_story(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Add the story of the article to statements, which ``count_copies`` refers to."""
    members = StoryMember.objects.filter(article=OuterRef("article_id"), state__in=COPY_STATES)
    annotated: QuerySet[Any, Any] = rows.annotate(story_of=Subquery(members.values("story_id")[:1]))
    return annotated


def count_copies(rows: QuerySet[Any, Any]) -> Combinable:
    """Return the expression for how many other articles of its story say the same as a statement.

    ``rows`` are the statements that count, copies among them.
    """
    same = rows.filter(
        article__story_members__state__in=COPY_STATES,
        article__story_members__story_id=OuterRef("story_of"),
        **{name: OuterRef(name) for name in _KEY},
    )
    for name in (_ACTOR, _ISSUE):
        same = same.annotate(**{f"same_{name}": Coalesce(F(name), _NOBODY)})
        same = same.filter(**{f"same_{name}": Coalesce(OuterRef(name), _NOBODY)})
    number = same.order_by().annotate(articles=_CountDistinct("article_id")).values("articles")
    return Greatest(Coalesce(Subquery(number), 0) - 1, 0, output_field=IntegerField())
