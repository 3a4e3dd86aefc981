"""Statements: derived anew from the approved sets, and compared with the table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from annotations.models import AnnotationSet, Statement
from annotations.services.core.statements import COLUMNS, COUNTING_SETS, derive_rows
from annotations.services.integrity.checks import (
    Check,
    CheckResult,
    CheckScope,
    stream_batches,
)

_SET = COLUMNS.index("set_id")


def _check_statements(scope: CheckScope, result: CheckResult) -> None:
    counting = AnnotationSet.objects.filter(COUNTING_SETS)
    rows = scope.select(counting.select_related("article").defer("article__search_key"), "corpus_id")
    for batch in stream_batches(rows):
        ids = [row.pk for row in batch]
        stored = _by_set(Statement.objects.filter(set__in=ids).order_by().values_list(*COLUMNS).iterator())
        derived = _by_set(derive_rows(batch))
        for id in ids:
            missing = (derived[id] - stored[id]).total()
            surplus = (stored[id] - derived[id]).total()
            fault = (
                f"The table of statements lacks {missing} of this set, and has {surplus} too many; manage.py"
                " rebuild statements mends it."
            )
            result.add_row(id, fault if missing or surplus else None)
    stale = scope.select(Statement.objects.exclude(set__in=counting.order_by().values("pk")), "corpus_id")
    for set_id in dict.fromkeys(stale.values_list("set_id", flat=True).iterator()):
        result.add_row(
            set_id,
            "The set does not count, and has statements all the same; manage.py rebuild statements mends it.",
        )


def _by_set(rows: Iterable[tuple[Any, ...]]) -> defaultdict[UUID, Counter[tuple[Any, ...]]]:
    found: defaultdict[UUID, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    for row in rows:
        found[row[_SET]][row] += 1
    return found


CHECKS = (
    Check(
        "statements", "Every approved set has its statements, and no other set has any.", _check_statements
    ),
)
