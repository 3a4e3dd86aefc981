"""Statements of copies: what the articles of a story say alike counts in one of them, from records.

The rule is that of the counts in the database: the lead stands for the others if it says so, else the
earliest article that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from annotations.enums import State
from annotations.formats.core.canonical_links import CanonicalLinks
from annotations.formats.core.record_statements import statements_of_set
from annotations.formats.core.records import Article
from annotations.scheme.statements import COUNTED_BASES, Statement

#: What statements have in common of which one counts.
_Key: TypeAlias = tuple[Any, ...]
#: The order in which the articles of a story may stand for it.
_Rank: TypeAlias = tuple[bool, bool, datetime | None, str]


class StoryPlace(NamedTuple):
    """The story of an article that has copies, and whether the article leads it."""

    story: str
    leads: bool


class StoryStatements:
    """What the articles of stories say: for each statement the article that counts, and how many say so."""

    def __init__(self, places: Mapping[str, StoryPlace], links: CanonicalLinks) -> None:
        self._places = places
        self._links = links
        self._found: dict[_Key, tuple[_Rank, int]] = {}

    def add(self, article: Article) -> None:
        """Take what an article of a story says."""
        rank = self._rank(article)
        for key in {key for key, _ in self._keyed(article)}:
            first, number = self._found.get(key, (rank, 0))
            self._found[key] = (min(first, rank), number + 1)

    def mark_copies(self, article: Article) -> Article:
        """Return an article with what it shares with its copies, once all of them are added."""
        if article.id not in self._places:
            return article
        rank = self._rank(article)
        copies: dict[tuple[str, str | None], int | None] = {}
        for key, statement in self._keyed(article):
            first, number = self._found[key]
            if number > 1:
                copies[statement.span, statement.actor] = number - 1 if first == rank else None
        return article._replace(copies=copies)

    def _rank(self, article: Article) -> _Rank:
        day = article.published_at
        return (not self._places[article.id].leads, day is None, day, article.id)

    def _keyed(self, article: Article) -> Iterator[tuple[_Key, Statement]]:
        """Yield the statements of an article with their keys.

        What is not approved, or what others ascribe, takes the place of nothing that counts.
        """
        story = self._places[article.id].story
        for row in self._links.resolve_article(article).sets:
            approved = row.state == State.APPROVED
            for statement in statements_of_set(article, row):
                key = (
                    story, approved, statement.basis in COUNTED_BASES, statement.kind, statement.actor,
                    statement.proposition, statement.stance, statement.polarity,
                )  # fmt: skip
                yield key, statement
