"""Observers of an import, called for each batch inside the transaction that stores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from annotations.services.imports.lines import LineLog
from annotations.services.imports.report import Report

#: Takes the report, and the number of lines that are done.
Step: TypeAlias = Callable[[Report, int], None]


class Watch:
    """An observer that does nothing. ``lines`` is the number of lines that an earlier attempt has done."""

    lines: int = 0

    def begin(self, report: Report) -> Report:
        """Begin before the first new line; return the report to continue."""
        return report

    @contextmanager
    def step(self) -> Iterator[Step]:
        """Surround the writing of a batch."""
        yield _do_nothing

    def end(self, report: Report) -> None:
        """End after the last line."""


def _do_nothing(report: Report, lines: int) -> None:
    del report, lines


class Logged(Watch):
    """An observer that writes the outcome of each line to a log."""

    def __init__(self, log: LineLog) -> None:
        self._log = log

    def begin(self, report: Report) -> Report:
        """Return the same report with the log."""
        report.log = self._log
        return report

    @contextmanager
    def step(self) -> Iterator[Step]:
        """Flush the log after the batch has been stored."""
        yield _do_nothing
        self._log.flush()

    def end(self, report: Report) -> None:
        """Flush the last lines."""
        del report
        self._log.flush()


UNWATCHED = Watch()
