"""Statements with their quotes, as lists show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, F, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf

from annotations.models import Corpus, Statement
from annotations.services.core.replica import reads_replica
from annotations.services.knowledge.copies import with_story
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.queries import StatementQuery

_COLUMNS = (
    "id", "span_id", "set_id", "kind", "stance", "polarity", "basis", "mode", "day", "day_last",
    "day_source", "source",
)  # fmt: skip
_JOINED: Mapping[str, Any] = {
    "article_key": F("article_id"),
    "article_name": Coalesce(
        NullIf("article__title", Value("")), "article__external_id", Cast("article_id", TextField()),
        output_field=TextField(),
    ),
    "actor_key": F("actor__canonical_id"),
    "actor_name": F("actor__canonical__name"),
    "proposition_key": F("proposition__canonical_id"),
    "proposition_name": F("proposition__canonical__text"),
    "ascriber_key": F("ascribed_by__canonical_id"),
    "ascriber_name": F("ascribed_by__canonical__name"),
    "quote": F("span__quote"),
}  # fmt: skip


def list_statements(corpus: Corpus, request: StatementRequest) -> QuerySet[Any, dict[str, Any]]:
    """Return the statements that a request counts, those of one cell if it names it, in the order of ids."""
    query = StatementQuery(corpus, request)
    return with_quotes(query.listed(), query.copies_of()).order_by("pk")


@reads_replica
def count_by_end(corpus: Corpus, request: StatementRequest, end: str) -> dict[str, int]:
    """Return how many statements the list of each ``row`` or ``column`` has, by its id as text."""
    rows = StatementQuery(corpus, request.listing()).listed()
    counts = rows.filter(**{f"{end}__isnull": False}).values_list(end).annotate(number=Count("pk"))
    return {str(id): number for id, number in counts}


def load_statements(query: StatementQuery, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return statements that a query lists, with their quotes, by their primary keys."""
    rows = Statement.objects.filter(pk__in=list(ids)).order_by()
    return {row["id"]: row for row in with_quotes(rows, query.copies_of())}


def with_quotes(rows: QuerySet[Any, Any], copies: Combinable) -> QuerySet[Any, dict[str, Any]]:
    """Return rows with quotes, names and their number of copies, as dictionaries, with one query."""
    return with_story(rows).values(*_COLUMNS, **_JOINED, copies=copies)
