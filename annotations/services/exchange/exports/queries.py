"""The queries for the content of a chunk of sets or articles, which are most of the work of an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast

from annotations.formats.core import json_text, records
from annotations.formats.core.canonical_links import CanonicalLinks
from annotations.formats.core.interfaces import RegistryNames
from annotations.formats.core.statement_copies import StoryPlace
from annotations.models import (
    COPY_STATES,
    Actor,
    Article,
    Comment,
    Corpus,
    Judgement,
    Merge,
    Proposition,
    Relation,
    Revision,
    Span,
    StoryMember,
    Topic,
)
from annotations.services.core.span_values import SPAN_COLUMNS
from annotations.services.exchange.exports.expressions import IDS_PLACEHOLDER, IdQuery, id_in, id_text
from annotations.services.registry.moves import POINTER_KEYS, is_implied

Rows = Mapping[str, list[Any]]

_COMMENT_COLUMNS = (
    "pk", "set_id", "span_id", "start", "end", "quote", "parent_id", "author__username", "text", "blocking",
    "suggestion",
    "resolved_by__username", "resolved_at", "created_at", "version",
)  # fmt: skip


@cache
def _span_query() -> IdQuery:
    """Return the query for the columns of ``records.Span``, in reading order."""
    rows = Span.objects.filter(id_in("set_id", IDS_PLACEHOLDER)).order_by("set_id", "start", "end", "pk")
    return IdQuery(
        rows.values_list(
            id_text("id"), id_text("set_id"), *map(_text_column, SPAN_COLUMNS), "origin", "version"
        )
    )


def _text_column(name: str) -> str | Func:
    """Return a column of spans as a record has it: JSON and ids as text."""
    if name == "attributes":
        return Cast(name, TextField())
    return id_text(name) if name.endswith("_id") else name


@cache
def _relation_query() -> IdQuery:
    """Return the query for the columns of ``records.Relation``, in the order of ids."""
    rows = Relation.objects.filter(id_in("set_id", IDS_PLACEHOLDER)).order_by("set_id", "pk")
    return IdQuery(
        rows.values_list(
            id_text("id"), id_text("set_id"), "type", id_text("source_id"), id_text("target_id"), "version"
        )
    )


@cache
def _has_comments_query() -> IdQuery:
    """Return the query for whether any set has a comment; if not, the large query need not be built."""
    return IdQuery(
        Comment.objects.filter(id_in("set_id", IDS_PLACEHOLDER)).order_by().values_list("version")[:1]
    )


@cache
def _revision_query(*, texts: bool) -> IdQuery:
    """Return the query for the columns of ``records.Revision`` and the id of the article, by number."""
    rows = Revision.objects.filter(id_in("article_id", IDS_PLACEHOLDER)).order_by("article_id", "number")
    text = F("text") if texts else Value("", output_field=TextField())
    columns = (id_text("id"), id_text("article_id"), "number", text, "sha256", "reason")
    return IdQuery(rows.values_list(*columns))


def load_spans(sets: Sequence[UUID]) -> Rows:
    """Return the spans of sets by set. The rows of the driver serve as records."""
    return _group_by_set(_span_query().fetch(sets))


def load_relations(sets: Sequence[UUID]) -> Rows:
    """Return the relations of sets by set."""
    return _group_by_set(_relation_query().fetch(sets))


def load_comments(sets: Sequence[UUID]) -> Rows:
    """Return the comments of sets by set; they are few enough for Django's conversions."""
    if not any(_has_comments_query().fetch(sets)):
        return {}
    rows = Comment.objects.filter(id_in("set_id", sets)).order_by("set_id", "pk")
    return _group_by_set(_comment_record(*row) for row in rows.values_list(*_COMMENT_COLUMNS))


def _comment_record(*columns: Any) -> records.Comment:
    """Return the record of a row of ``_COMMENT_COLUMNS``, which stand in the order of its fields."""
    row = records.Comment(*columns)
    suggested: Any = row.suggestion
    return row._replace(
        id=str(row.id),
        set=str(row.set),
        span=id_as_text(row.span),
        parent=id_as_text(row.parent),
        suggestion=json_text.canonical_proposed_change(suggested),
    )


def load_revisions(articles: Sequence[UUID], *, texts: bool) -> Mapping[str, list[records.Revision]]:
    """Return the revisions of articles by article; without ``texts``, their texts are empty."""
    rows = _revision_query(texts=texts).fetch(articles)
    return {
        article: [records.Revision(row[0], *row[2:]) for row in group]
        for article, group in groupby(rows, key=itemgetter(1))
    }


def load_names(sets: Sequence[UUID]) -> RegistryNames:
    """Return the names of the entries that the links of the spans of sets stand for after all merges."""
    linked = Span.objects.filter(id_in("set_id", sets)).order_by()
    actors = Actor.objects.filter(pk__in=linked.filter(actor__isnull=False).values("actor__canonical_id"))
    proposition_ids = linked.filter(proposition__isnull=False).values("proposition__canonical_id")
    propositions = Proposition.objects.filter(pk__in=proposition_ids).order_by()
    rows = list(propositions.values_list("pk", "text", "topic__canonical__name"))
    return RegistryNames(
        {str(id): name for id, name in actors.order_by().values_list("pk", "name")},
        {str(id): text for id, text, _ in rows},
        {str(id): topic or "" for id, _, topic in rows},
    )


def load_canonical_links(corpus: Corpus) -> CanonicalLinks:
    """Return what the merged entries of a corpus stand for, in one query."""
    rows = [
        model._default_manager.filter(corpus=corpus)
        .exclude(canonical=F("pk"))
        .order_by()
        .values_list("pk", "canonical_id")
        for model in (Actor, Topic, Proposition)
    ]
    return CanonicalLinks({str(id): str(canonical) for id, canonical in rows[0].union(*rows[1:])})


def load_merges(corpus: Corpus) -> Iterator[records.Merge]:
    """Yield the merges of a corpus that were not undone and say more than their entries, by id."""
    rows = Merge.objects.filter(corpus=corpus, undone_at__isnull=True).order_by("pk")
    columns = ("pk", "kind", "loser", "winner", "reason", "by__username", "at", "moved")
    for id, kind, loser, winner, reason, by, at, moved in rows.values_list(*columns).iterator():
        if is_implied(reason, moved):
            continue
        aliases, stayed = (
            [records.Alias(**alias) for alias in moved.get(name, ())] for name in ("aliases", "stayed")
        )
        ids = {key: moved.get(key, []) for key in POINTER_KEYS}
        values = records.MovedValues(aliases, stayed, moved.get("name_added", False), **ids)
        yield records.Merge(str(id), kind, str(loser), str(winner), reason, by, at, values)


def load_judgements(corpus: Corpus) -> Iterator[records.RegistryJudgement]:
    """Yield what was judged of pairs of entries, by id."""
    rows = Judgement.objects.filter(corpus=corpus).order_by("pk")
    columns = ("pk", "kind", "left", "right", "verdict", "reason", "by__username", "at")
    for id, kind, left, right, *values in rows.values_list(*columns).iterator():
        yield records.RegistryJudgement(str(id), kind, str(left), str(right), *values)


def load_stories(corpus: Corpus, articles: QuerySet[Article]) -> Iterator[records.Story]:
    """Yield the stories of articles by id, with those of their members that are among the articles."""
    rows = StoryMember.objects.filter(story__corpus=corpus, article__in=articles.order_by().values("pk"))
    columns = ("story_id", "story__lead_id", "story__is_lead_chosen", "article_id", "state", "containment")
    stream = rows.order_by("story", "article").values_list(*columns).iterator()
    for (id, lead, is_chosen), group in groupby(stream, key=lambda row: row[:3]):
        members = [
            records.StoryMember(str(article), state, round(1_000 * containment))
            for *_, article, state, containment in group
        ]
        if len(members) > 1 and str(lead) in {member.article for member in members}:
            yield records.Story(str(id), str(lead), is_chosen, members)


def load_story_places(articles: QuerySet[Article]) -> dict[str, StoryPlace]:
    """Return the places of those of some articles that have copies, by article."""
    rows = StoryMember.objects.filter(article__in=articles.order_by().values("pk"), state__in=COPY_STATES)
    columns = ("article_id", "story_id", "story__lead_id")
    return {
        str(article): StoryPlace(str(story), article == lead)
        for article, story, lead in rows.order_by().values_list(*columns).iterator()
    }


def id_as_text(id: object) -> str | None:
    """Return an id as text, or None."""
    return None if id is None else str(id)


def _group_by_set(rows: Iterable[tuple[Any, ...]]) -> Rows:
    return {id: list(group) for id, group in groupby(rows, key=itemgetter(1))}
