"""What an export reads: the visible part of a corpus, in chunks of articles, each by a few queries.

Memory holds one chunk, however large the corpus. Spans and relations are read as the bare rows of the
driver, because they are most of the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Func, Model, OuterRef, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Cast

from annotations.formats import Part, canonical, records
from annotations.formats.base import Names
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Proposition,
    Relation,
    Revision,
    Span,
    Topic,
)
from annotations.permissions import sees_annotators, visible, visible_content
from annotations.services.exports.expressions import among, id_text
from annotations.states import State

Row = TypeVar("Row", bound=Model)
Rows = Iterator[tuple[Any, ...]]

#: So many articles are looked at together, and so much of text and marks is in memory at once.
MOST_ARTICLES = 160
MOST_WEIGHT = 3_000_000
SPAN_WEIGHT = 400


@dataclass(frozen=True)
class Content:
    """The part of a corpus that is exported.

    ``by`` None sees everything. ``states`` are those of the sets to export; ``filtered`` narrows the
    articles down.
    """

    by: User | None
    corpus: Corpus
    states: Sequence[str]
    filtered: QuerySet[Article] | None
    parts: frozenset[Part]

    def header(self) -> records.Corpus:
        """The corpus and its settings."""
        corpus = self.corpus
        return records.Corpus(
            str(corpus.pk), *(getattr(corpus, name) for name in records.Corpus._fields if name != "id")
        )

    def entries(self) -> Iterator[records.Entry]:
        """The registry: actors, topics and propositions, each by id."""
        if Part.REGISTRY not in self.parts:
            return
        actors = self._visible(Actor.objects.filter(corpus=self.corpus))
        for actor in actors.order_by("pk").prefetch_related("aliases").iterator(chunk_size=500):
            aliases = sorted(actor.aliases.all(), key=lambda alias: alias.pk)
            yield records.Actor(
                str(actor.pk), actor.name, actor.kind, actor.qid, _text(actor.parent_id), actor.note,
                [records.Alias(alias.text, alias.language, alias.kind) for alias in aliases],
                _text(actor.merged_into_id),
            )  # fmt: skip
        topics = self._visible(Topic.objects.filter(corpus=self.corpus)).order_by("pk")
        for id, name, merged in topics.values_list("pk", "name", "merged_into_id").iterator():
            yield records.Topic(str(id), name, _text(merged))
        rows = self._visible(Proposition.objects.filter(corpus=self.corpus)).order_by("pk")
        columns = ("pk", "topic_id", "text", "kind", "status", "merged_into_id")
        for id, topic, text, kind, status, merged in rows.values_list(*columns).iterator():
            yield records.Proposition(str(id), _text(topic), text, kind, status, _text(merged))

    def articles(self) -> Iterator[tuple[records.Article, Names]]:
        """The articles by id, each with its sets."""
        for chunk in self._chunks():
            yield from self._filled(chunk)

    def _visible(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        return rows if self.by is None else visible(self.by, rows)

    def _chosen(self) -> QuerySet[Article]:
        rows = Article.objects.all() if self.filtered is None else self.filtered
        return self._visible(rows.filter(corpus=self.corpus)).order_by("pk")

    def _chunks(self) -> Iterator[list[_Head]]:
        """Runs of articles that fit into memory together with what belongs to them."""
        lengths = Revision.objects.filter(article=OuterRef("pk")).order_by().values("article")
        weight = Subquery(lengths.annotate(all=Sum("length")).values("all"))
        heads = self._chosen().annotate(json=Cast("metadata", TextField()), weight=weight)
        last = None
        while True:
            rows = heads if last is None else heads.filter(pk__gt=last)
            found = [_Head(*row) for row in rows.values_list(*_HEAD_COLUMNS)[:MOST_ARTICLES]]
            if not found:
                return
            self._add_sets(found)
            yield from _split(found)
            last = found[-1].id

    def _add_sets(self, heads: list[_Head]) -> None:
        if not self.states:
            return
        of = {head.id: head for head in heads}
        columns = (*_SET_COLUMNS, "span_counts")
        for *row, counts in self._sets(heads).order_by("pk").values_list(*columns):
            head = of[row[1]]
            head.sets.append(row)
            head.weight += SPAN_WEIGHT * sum(counts.values())

    def _sets(self, heads: list[_Head]) -> QuerySet[AnnotationSet]:
        """The sets to export of a run of articles."""
        rows = AnnotationSet.objects.filter(among("article_id", [head.id for head in heads]))
        if len(self.states) < len(State):
            rows = rows.filter(state__in=self.states)
        return rows if self.by is None else visible_content(self.by, rows)

    def _filled(self, heads: list[_Head]) -> Iterator[tuple[records.Article, Names]]:
        ids = [row[0] for head in heads for row in head.sets]
        of = among("set_id", ids)
        readers = {Part.SPANS: _spans, Part.RELATIONS: _relations, Part.COMMENTS: _comments}
        marks = {part: read(of) if ids and part in self.parts else {} for part, read in readers.items()}
        names = _names(of) if ids and Part.NAMES in self.parts else Names({}, {}, {})
        revisions = self._revisions(heads)
        for head in heads:
            rows = [_set_record(row, marks) for row in head.sets]
            yield self._record(head, revisions[str(head.id)], rows), names

    def _revisions(self, heads: list[_Head]) -> dict[str, list[records.Revision]]:
        text = "text" if Part.TEXTS in self.parts else "sha256"
        columns = (id_text("article_id"), id_text("id"), "number", text, "sha256", "reason")
        rows = Revision.objects.filter(among("article_id", [head.id for head in heads]))
        found = rows.order_by("article_id", "number").values_list(*columns)
        return {
            id: [records.Revision(*values) for _, *values in group]
            for id, group in groupby(found, key=itemgetter(0))
        }

    def _record(
        self, head: _Head, revisions: list[records.Revision], sets: list[records.AnnotationSet]
    ) -> records.Article:
        role = "manager" if self.by is None else getattr(self.corpus, "my_role", None)
        return records.Article(
            str(head.id), self.corpus.slug, head.external_id, head.title, head.source, head.author,
            head.url, head.language, head.published_at, head.story_key, head.json,
            head.annotators if sees_annotators(role) else None, head.excluded_reason, head.created_at,
            revisions, sets,
        )  # fmt: skip


@dataclass(slots=True)
class _Head:
    """An article before its texts and marks are read; its fields are the columns of the query."""

    id: UUID
    external_id: str | None
    title: str
    source: str
    author: str
    url: str
    language: str
    published_at: datetime | None
    story_key: str
    json: str
    annotators: int
    excluded_reason: str
    created_at: datetime
    weight: int
    sets: list[list[Any]] = field(default_factory=list)


_HEAD_COLUMNS = tuple(column.name for column in fields(_Head) if column.name != "sets")
_SET_COLUMNS = (
    "pk", "article_id", "revision_id", "owner__username", "reviewer__username", "kind", "round", "state",
    "version", "guideline_version", "based_on_id", "due_at", "created_at", "submitted_at", "approved_at",
)  # fmt: skip
_COMMENT_COLUMNS = (
    "pk", "set_id", "span_id", "parent_id", "author__username", "text", "blocking", "suggestion",
    "resolved_by__username", "resolved_at", "created_at", "version",
)  # fmt: skip


def bare(rows: QuerySet[Any, Any]) -> Rows:
    """The rows of a query as the driver gives them, without Django's conversions."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(2_000):
            yield from chunk


def _text(id: Any) -> str | None:
    return None if id is None else str(id)


def _split(heads: list[_Head]) -> Iterator[list[_Head]]:
    run: list[_Head] = []
    weight = 0
    for head in heads:
        if run and weight + head.weight > MOST_WEIGHT:
            yield run
            run, weight = [], 0
        run.append(head)
        weight += head.weight
    yield run


def _spans(of: Func) -> dict[str, list[Any]]:
    """By set, rows with the columns of ``records.Span``, in reading order."""
    rows = (
        Span.objects.filter(of)
        .order_by("set_id", "start", "end", "pk")
        .values_list(
            id_text("id"), id_text("set_id"), "label", "start", "end", "quote",
            Cast("attributes", TextField()), id_text("actor_id"), id_text("proposition_id"), "origin",
            "version",
        )
    )  # fmt: skip
    return _by_set(bare(rows))


def _relations(of: Func) -> dict[str, list[Any]]:
    """By set, rows with the columns of ``records.Relation``, in the order of their ids."""
    columns = (
        id_text("id"),
        id_text("set_id"),
        "type",
        id_text("source_id"),
        id_text("target_id"),
        "version",
    )
    return _by_set(bare(Relation.objects.filter(of).order_by("set_id", "pk").values_list(*columns)))


def _by_set(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {id: list(group) for id, group in groupby(rows, key=itemgetter(1))}


def _comments(of: Func) -> dict[str, list[Any]]:
    rows = Comment.objects.filter(of).order_by("set_id", "pk").values_list(*_COMMENT_COLUMNS)
    return _by_set(_comment(*row) for row in rows)


def _comment(id: Any, set_id: Any, span: Any, parent: Any, *rest: Any) -> records.Comment:
    author, text, blocking, suggested, *end = rest
    said = canonical.suggestion(suggested)
    return records.Comment(
        str(id), str(set_id), _text(span), _text(parent), author, text, blocking, said, *end
    )


def _names(of: Func) -> Names:
    """How the registry calls what the spans of these sets link to."""
    spans = Span.objects.filter(of).order_by()
    actors = Actor.objects.filter(pk__in=spans.filter(actor__isnull=False).values("actor_id"))
    linked = spans.filter(proposition__isnull=False).values("proposition_id")
    propositions = Proposition.objects.filter(pk__in=linked).order_by()
    rows = list(propositions.values_list("pk", "text", "topic__name"))
    return Names(
        {str(id): name for id, name in actors.order_by().values_list("pk", "name")},
        {str(id): text for id, text, _ in rows},
        {str(id): topic or "" for id, _, topic in rows},
    )


def _set_record(row: Sequence[Any], marks: dict[Part, dict[str, list[Any]]]) -> records.AnnotationSet:
    (
        id, article, revision, owner, reviewer, kind, round_, state, version, guideline, based_on, *times,
    ) = row  # fmt: skip
    key = str(id)
    content = (marks[part].get(key, ()) for part in (Part.SPANS, Part.RELATIONS, Part.COMMENTS))
    # The rows of the driver have the order of the records' fields, and are taken for records.
    values = (*times, *cast(Any, content))
    return records.AnnotationSet(
        key, str(article), str(revision), owner, reviewer, kind, round_, state, version, guideline,
        _text(based_on), *values,
    )  # fmt: skip
