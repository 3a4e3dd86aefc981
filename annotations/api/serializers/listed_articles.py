"""Articles of lists, which are rows of the database and no objects of models.

A page of a hundred made hundreds of objects, and that took most of its time.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotations.api.serializers.articles import (
    ArticleSerializer,
    RevisionSummarySerializer,
    StoryPlaceSerializer,
)
from annotations.api.serializers.base import StrictSerializer, shown_fields
from annotations.api.serializers.rights import represent_terms
from annotations.models import ArticleRights, Corpus
from annotations.permissions import can_see_annotators
from annotations.services.core.stories import place_in_story
from annotations.services.rights.terms import EMPTY_ARTICLE_TERMS, corpus_rights

#: The fields that are no column of the article.
_MADE = ("corpus", "story", "rights", "revision")
_STORY = ("in_story", "story_lead", "story_size")
_RIGHTS = ("id", *EMPTY_ARTICLE_TERMS, "taken_down_at", "taken_down_reason")
_TAKEN_DOWN_BY = "rights__taken_down_by__username"


class ListedArticleSerializer(ArticleSerializer):
    """An article of a list: a row of ``select``, shown as ``ArticleSerializer`` shows its object.

    ``corpus`` in the context is the corpus of all of them, with its terms.
    """

    @classmethod
    def select(cls, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of visible articles with their stories as the columns that are shown."""
        own = [name for name, _ in shown_fields(ArticleSerializer) if name not in _MADE]
        revision = [f"revision__{name}" for name, _ in shown_fields(RevisionSummarySerializer)]
        rights = [f"rights__{name}" for name in _RIGHTS]
        return rows.values(*own, *_STORY, *revision, *rights, _TAKEN_DOWN_BY, "my_role")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the article; only managers see how many annotators it has."""
        made: dict[str, Any] = {
            "corpus": self._corpus.slug,
            "story": _represent_story(instance),
            "rights": self._represent_rights(instance),
            "revision": _represent_columns(RevisionSummarySerializer, instance, "revision__"),
        }
        representation: dict[str, Any] = {}
        for name, show in shown_fields(ArticleSerializer):
            value = made[name] if name in made else instance[name]
            representation[name] = value if value is None or name in made else show(value)
        if not can_see_annotators(instance["my_role"]):
            representation["annotators"] = None
        return representation

    @property
    def _corpus(self) -> Corpus:
        corpus: Corpus = self.context["corpus"]
        return corpus

    @cached_property
    def _widest(self) -> dict[str, Any]:
        return represent_terms(ArticleRights(), corpus_rights(self._corpus))

    def _represent_rights(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the rights of an article; those of all without terms of their own are made once."""
        if row["rights__id"] is None:
            return self._widest
        own = ArticleRights(**{name: row[f"rights__{name}"] for name in _RIGHTS})
        if row[_TAKEN_DOWN_BY] is not None:
            own.taken_down_by = User(username=row[_TAKEN_DOWN_BY])
        return represent_terms(own, corpus_rights(self._corpus))


def _represent_story(row: dict[str, Any]) -> dict[str, Any] | None:
    place = place_in_story(row["id"], *(row[name] for name in _STORY))
    return None if place is None else dict(StoryPlaceSerializer(place).data)


def _represent_columns(
    serializer: type[StrictSerializer], row: dict[str, Any], prefix: str = ""
) -> dict[str, Any]:
    """Return the fields of a serializer whose values stand in a row, each under its own name."""
    representation = {}
    for name, show in shown_fields(serializer):
        value = row[f"{prefix}{name}"]
        representation[name] = None if value is None else show(value)
    return representation
