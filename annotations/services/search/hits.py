"""Hits: the ranges that a question finds in the texts of one page, with the words around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from annotations.models import Revision
from annotations.services.search.conditions import is_of_words
from annotations.text.search_query import HitFinder, SearchQuery, WordsAtom

#: How many hits of an article are shown; all are counted.
MAX_HITS = 20


class Hit(NamedTuple):
    """A range of a text, the words in it and around it, and the spans that it touches."""

    start: int
    end: int
    quote: str
    before: str
    after: str
    spans: list[UUID]
    comment: UUID | None = None


@dataclass
class ArticleHits:
    """An article that was found, with the first of its hits. ``revision`` is the one that they count in."""

    article: Mapping[str, object]
    revision: Revision
    hits: list[Hit] = field(default_factory=list)
    hits_total: int = 0


class SpanRange(NamedTuple):
    """A span of a text: where it stands, and which it is."""

    start: int
    end: int
    id: UUID


class QuoteMatcher:
    """What a question asks of the words of one quote or one comment: all in the same."""

    def __init__(self, query: SearchQuery) -> None:
        self.finder = HitFinder(query.text_atoms)
        self._clauses = [
            (clause.is_negated, HitFinder(atom for atom in clause.atoms if isinstance(atom, WordsAtom)))
            for clause in query.clauses
            if is_of_words(clause)
        ]

    def find(self, text: str) -> list[tuple[int, int]] | None:
        """Return the hits in a quote that fits, all of it where no words were asked for; else None."""
        for is_negated, finder in self._clauses:
            if bool(finder.find(text)) == is_negated:
                return None
        return self.finder.find(text) or [(0, len(text))]


def make_hits(
    text: str,
    ranges: Sequence[tuple[int, int]],
    context: int,
    spans_of: Callable[[int, int], list[UUID]],
    comment: UUID | None = None,
) -> list[Hit]:
    """Return the first hits of a text by their ranges."""
    return [
        Hit(
            start,
            end,
            text[start:end],
            text[max(0, start - context) : start],
            text[end : end + context],
            spans_of(start, end),
            comment,
        )
        for start, end in ranges[:MAX_HITS]
    ]


def touching(spans: Iterable[SpanRange]) -> Callable[[int, int], list[UUID]]:
    """Return the function that tells which of these spans share a code point with a range."""
    ordered = sorted(spans)

    def spans_of(start: int, end: int) -> list[UUID]:
        return [span.id for span in ordered if span.start < end and start < span.end]

    return spans_of
