"""A request for a search: the question and how its answer is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from annotations.text.search_query import SearchQuery, parse_query

#: Where a search looks.
PLACES = ("texts", "quotes", "titles", "comments")
SORTS = ("date", "relevance")
DEFAULT_CONTEXT, MAX_CONTEXT = 60, 500


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """What is searched for, and where.

    ``context`` is how many code points stand before and after a hit. ``articles`` are the filters of
    articles that were sent. ``label`` and ``actor`` choose spans: hits in quotes are of such spans, other
    hits of articles that have one.
    """

    question: str
    place: str = "texts"
    sort: str = "date"
    context: int = DEFAULT_CONTEXT
    label: str | None = None
    actor: UUID | None = None
    articles: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def query(self) -> SearchQuery:
        """What the question means."""
        return parse_query(self.question)
