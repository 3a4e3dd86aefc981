"""The marks behind a cell of a confusion, as far as a user may see them and as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotations.enums import SetKind, State
from annotations.metrics.agreement import SetData, pair_spans
from annotations.models import AnnotationSet, Article, Corpus
from annotations.scheme import ATTRIBUTES, SpanData
from annotations.services.double_annotation import agreement
from annotations.services.double_annotation.agreement import AgreementQuery
from annotations.services.review.frozen_agreement import load_set_data
from annotations.visibility import visible_with_content

PAGE_SIZE = 20
_CHUNK_SIZE = 500

#: Attributes that have a confusion, since their values are a list.
CONFUSED_ATTRIBUTES = tuple(name for name, row in ATTRIBUTES.items() if row.kind == "choice")


@dataclass(frozen=True)
class ConfusionCell:
    """A cell: the labels, or values of ``attribute``, of the first and the second; None is nothing."""

    first: str | None
    second: str | None
    attribute: str = ""


@dataclass(frozen=True)
class ConfusedSpans:
    """What two people marked at one place; a side that is None marked nothing, or has no such mark now."""

    first: SpanData | None
    second: SpanData | None


@dataclass(frozen=True)
class ConfusedArticle:
    """The marks of one article and pair of people, and how many were counted when it was frozen."""

    article: UUID
    title: str
    first: str
    second: str
    counted: int
    first_set: UUID
    second_set: UUID
    spans: list[ConfusedSpans]


@dataclass(frozen=True)
class ConfusionPage:
    """One page of articles; ``hidden``: how many more cannot be shown, since a set is hidden or gone."""

    rows: list[ConfusedArticle]
    hidden: int
    number: int
    has_more: bool


@dataclass(frozen=True)
class _FrozenPair:
    """A frozen comparison that counted something in the cell."""

    article: UUID
    first: int
    second: int
    names: tuple[str, str]
    counted: int


def confusion_page(
    by: User, corpus: Corpus, query: AgreementQuery, cell: ConfusionCell, number: int = 1
) -> ConfusionPage:
    """Return the marks behind a cell, article by article, in a number of queries that does not grow."""
    start = (number - 1) * PAGE_SIZE
    found = list(islice(_pairs_with(corpus, query, cell), start, start + PAGE_SIZE + 1))
    shown = found[:PAGE_SIZE]
    sets = _readable_sets(by, corpus, query, shown)
    loaded = _LoadedSets(query.kind, sets, load_set_data([id for id, _ in sets.values()]))
    titles = {
        pk: title or external_id or str(pk)
        for pk, title, external_id in Article.objects.filter(
            pk__in=[row.article for row in shown]
        ).values_list("pk", "title", "external_id")
    }
    rows = [
        row
        for pair in shown
        if (row := _confused_article(pair, cell, loaded, titles[pair.article])) is not None
    ]
    return ConfusionPage(rows, len(shown) - len(rows), number, len(found) > PAGE_SIZE)


def _pairs_with(corpus: Corpus, query: AgreementQuery, cell: ConfusionCell) -> Iterator[_FrozenPair]:
    """Yield the comparisons that counted something in the cell, the newest articles first."""
    path = f"counts__attributes__{cell.attribute}" if cell.attribute else "counts__confusion"
    rows = agreement.frozen_rows(corpus, query).order_by("-article_id", "pk")
    columns = rows.values_list(
        "article_id", "first_id", "second_id", "first__username", "second__username", path
    )
    for article, first, second, one, other, table in columns.iterator(chunk_size=_CHUNK_SIZE):
        for ours, theirs, number in table or ():
            if (ours, theirs) == (cell.first, cell.second):
                yield _FrozenPair(article, first, second, (one, other), number)


_SetKey = tuple[UUID, int, str]


@dataclass(frozen=True)
class _LoadedSets:
    """The sets of a page by article, owner and kind, and what they hold."""

    kind: SetKind
    sets: Mapping[_SetKey, tuple[UUID, UUID]]
    content: Mapping[UUID, SetData]


def _readable_sets(
    by: User, corpus: Corpus, query: AgreementQuery, pairs: Sequence[_FrozenPair]
) -> dict[_SetKey, tuple[UUID, UUID]]:
    """Return the newest set of each article, owner and kind that the user may read, and its revision."""
    wanted: QuerySet[AnnotationSet] = AnnotationSet.objects.filter(
        corpus=corpus, round=query.round, article__in={pair.article for pair in pairs}
    ).exclude(state=State.WITHDRAWN)
    rows: Any = visible_with_content(by, wanted).order_by("pk")
    columns = rows.values_list("article_id", "owner_id", "kind", "pk", "revision_id")
    return {(article, owner, kind): (pk, revision) for article, owner, kind, pk, revision in columns}


def _confused_article(
    pair: _FrozenPair, cell: ConfusionCell, loaded: _LoadedSets, title: str
) -> ConfusedArticle | None:
    first = loaded.sets.get((pair.article, pair.first, str(SetKind.ANNOTATION)))
    second = loaded.sets.get((pair.article, pair.second, str(loaded.kind)))
    if first is None or second is None or first[1] != second[1]:
        return None  # hidden from this user, withdrawn, or not on one text any more
    found = [
        ConfusedSpans(one, other)
        for one, other in pair_spans(loaded.content[first[0]].spans, loaded.content[second[0]].spans)
        if _values(cell, one, other) == (cell.first, cell.second)
    ]
    return ConfusedArticle(pair.article, title, *pair.names, pair.counted, first[0], second[0], found)


def _values(
    cell: ConfusionCell, one: SpanData | None, other: SpanData | None
) -> tuple[str | None, str | None] | None:
    """Return what a pair of marks counts as, or None if it counts nowhere in this confusion."""
    if not cell.attribute:
        return one and one.label, other and other.label
    if one is None or other is None or one.label != other.label:
        return None
    if not ATTRIBUTES[cell.attribute].use_on(one.label):
        return None
    ours, theirs = (
        None if value is None else str(value)
        for value in (one.attributes.get(cell.attribute), other.attributes.get(cell.attribute))
    )
    return None if ours is None and theirs is None else (ours, theirs)
