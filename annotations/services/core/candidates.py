"""Candidates: few rows that an index finds, in the place of a condition whose fit the planner has to guess.

A planner that guesses that many rows of a list fit walks the list in its order until a page is full. Where
hardly any fits it reads the whole table: two seconds for three million spans and an empty page.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)

#: A list is narrowed to the ids of so many candidates; where there are more, a page is full soon.
MAX_CANDIDATES = 500


def find_candidates(ids: QuerySet[Any, Any]) -> set[Any] | None:
    """Return the ids that a query of one column finds; None if they are many."""
    found = list(ids.order_by()[: MAX_CANDIDATES + 1])
    return set(found) if len(found) <= MAX_CANDIDATES else None


def narrow_to_candidates(rows: QuerySet[Row], column: str, ids: QuerySet[Any, Any]) -> QuerySet[Row]:
    """Return the rows whose column is one of the ids; all of them if these are many.

    Whatever selects the ids has to be a condition of the rows already.
    """
    candidates = find_candidates(ids)
    return rows if candidates is None else rows.filter(**{f"{column}__in": candidates})
