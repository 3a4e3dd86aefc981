"""Whoever follows an import: told of each batch in the transaction that stores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from annotations.services.imports.lines import LineLog
from annotations.services.imports.report import Report

#: Takes the report, and how many lines are dealt with.
Step: TypeAlias = Callable[[Report, int], None]


class Watch:
    """Somebody who does not care. ``lines`` is how many lines an earlier attempt has dealt with."""

    lines: int = 0

    def begin(self, report: Report) -> Report:
        """Before the first line that is new; answers the report to go on with."""
        return report

    @contextmanager
    def step(self) -> Iterator[Step]:
        """Around the writing of a batch."""
        yield _nothing

    def end(self, report: Report) -> None:
        """After the last line."""


def _nothing(report: Report, lines: int) -> None:
    del report, lines


class Logged(Watch):
    """Somebody who only wants to know what became of each line."""

    def __init__(self, log: LineLog) -> None:
        self._log = log

    def begin(self, report: Report) -> Report:
        """The same report, which writes its lines down."""
        report.log = self._log
        return report

    @contextmanager
    def step(self) -> Iterator[Step]:
        """What is stored is written down behind it."""
        yield _nothing
        self._log.flush()

    def end(self, report: Report) -> None:
        """The last lines."""
        del report
        self._log.flush()


UNWATCHED = Watch()
