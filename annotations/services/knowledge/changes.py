"""Changes of mind: where an actor took another stance on an issue than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from annotations.exceptions import FieldError, TooManyCellsError
from annotations.messages import message
from annotations.metrics.discourse.changes import DatedStance, StanceChange, find_changes
from annotations.metrics.discourse.tallies import SIDES_BY_STANCE
from annotations.models import Corpus
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.matrix import MatrixColumn, MatrixRow, load_columns, load_rows
from annotations.services.knowledge.positions import load_statements
from annotations.services.knowledge.queries import StatementQuery
from annotations.services.knowledge.tallies import Counted, count_statements

MAX_CHANGES = 5_000


@dataclass(frozen=True)
class FoundChange:
    """A change with its ends as lists show statements."""

    actor: MatrixRow
    issue: MatrixColumn
    change: StanceChange
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Changes:
    """The changes of a request, in the order of actor, issue and time."""

    request: StatementRequest
    changes: Sequence[FoundChange]
    counted: Counted
    as_of: datetime


def find_stance_changes(corpus: Corpus, request: StatementRequest) -> Changes:
    """Return the changes of mind; raise ``TooManyCellsError`` for more than ``MAX_CHANGES``."""
    as_of = timezone.now()
    _, counted = count_statements(corpus, request)
    found = list(find_changes(_turning_statements(corpus, request)))
    if len(found) > MAX_CHANGES:
        advice = message("Choose an actor, a proposition or a shorter range.")
        raise TooManyCellsError(
            message(
                "There are {count:,} changes, and at most {most:,} are answered. {advice}",
                count=len(found),
                most=MAX_CHANGES,
                advice=advice,
            ),
            errors=[FieldError(code="too-large", detail=advice, parameter="actor")],
        )
    ends = {end.id for change in found for end in (change.before, change.after)}
    statements = load_statements(StatementQuery(corpus, request, needs=("row", "column")), ends)
    rows = load_rows({change.before.actor for change in found}, request)
    columns = load_columns({change.before.issue for change in found}, request)
    changes = [
        FoundChange(
            rows[str(change.before.actor)],
            columns[str(change.before.issue)],
            change,
            statements[change.before.id],
            statements[change.after.id],
        )
        for change in found
    ]
    return Changes(request, changes, counted, as_of)


def _turning_statements(corpus: Corpus, request: StatementRequest) -> list[DatedStance]:
    """Return the dated statements with a side, of the actors and issues that have several stances."""
    query = StatementQuery(corpus, request, needs=("row", "column"))
    rows = query.listed().filter(day__isnull=False, stance__in=list(SIDES_BY_STANCE))
    stances: dict[tuple[Any, Any], set[str]] = {}
    listed = list(rows.values_list("pk", "row", "column", "stance", "article_id", "day", "day_last"))
    for row in listed:
        stances.setdefault(row[1:3], set()).add(row[3])
    return [DatedStance(*row) for row in listed if len(stances[row[1:3]]) > 1]
