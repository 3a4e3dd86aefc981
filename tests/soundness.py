"""The proof, after each test, that its rows keep every promise, for less than half the price.

A check begins with the same statement each time, and its next one follows from what the database has
answered so far. So a check that is answered as it was in a run that found nothing finds nothing: its
statements are remembered with their answers, and asked again without the making of their SQL, which takes
ten times as long. At the first answer that is new, the check itself runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection

from annotations.services import integrity
from annotations.services.core.snapshot import read_snapshot
from annotations.services.integrity import Check, CheckResult, IntegrityReport
from annotations.services.integrity.checks import CheckScope

#: Checks that read more than the database: files, and the time.
RUN_ALWAYS = frozenset({"release-files"})


class Statement(NamedTuple):
    """A statement as the database gets it; without SQL it stands for the end of a sound check."""

    sql: str
    params: Any = None

    def answer(self) -> list[Any]:
        """Ask the database."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            rows: list[Any] = cursor.fetchall()
        return rows


END = Statement("")


class SoundRuns:
    """The runs of checks that have found nothing: what came next after each answer."""

    def __init__(self) -> None:
        self._next: dict[int, Statement] = {}

    def include(self, check: Check) -> bool:
        """Whether the check would find nothing, as the database answers now."""
        state = hash(check.name)
        while (statement := self._next.get(state)) is not None and statement is not END:
            state = hash((state, repr(statement.answer())))
        return statement is END

    def add(self, check: Check, statements: list[Statement]) -> None:
        """Keep a run that found nothing, as long as the database answers as it did."""
        state = hash(check.name)
        for statement in statements:
            self._next[state] = statement
            state = hash((state, repr(statement.answer())))
        self._next[state] = END


@contextmanager
def recorded_statements() -> Iterator[list[Statement]]:
    """Record the statements of the block."""
    statements: list[Statement] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # the same text again and again, with other parameters
        statements.append(Statement(sys.intern(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


SOUND_RUNS = SoundRuns()


def run_checks() -> IntegrityReport:
    """Do as ``integrity.run_checks`` does; a check that is known to find nothing counts no rows, either."""
    report = IntegrityReport({name: CheckResult() for name in integrity.CHECKS})
    with read_snapshot():
        for name, check in integrity.CHECKS.items():
            if name not in RUN_ALWAYS and SOUND_RUNS.include(check):
                continue
            with recorded_statements() as statements:
                check.run(CheckScope(None), report.checks[name])
            if not report.checks[name].found:
                SOUND_RUNS.add(check, statements)
    return report


def prove_integrity() -> None:
    """Assert every invariant over all corpora."""
    report = run_checks()
    findings = [(name, *finding) for name, result in report.checks.items() for finding in result.findings]
    assert report.found == 0, findings
