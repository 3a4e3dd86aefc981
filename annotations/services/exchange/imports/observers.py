"""Observers of an import: each is called around every batch, in the transaction that stores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from annotations.services.exchange.imports.line_log import LineLog
from annotations.services.exchange.imports.report import ImportReport

#: Called with the report, and the number of lines that are dealt with.
BatchCallback: TypeAlias = Callable[[ImportReport, int], None]


class ImportObserver:
    """An observer that does nothing, and the base of the others.

    ``lines``: how many lines an earlier attempt has dealt with; the import skips them.
    """

    lines: int = 0

    def on_begin(self, report: ImportReport) -> ImportReport:
        """Return the report to continue with. Called before the first new line."""
        return report

    @contextmanager
    def around_batch(self) -> Iterator[BatchCallback]:
        """Wrap the writing of a batch; the import calls what is yielded once the batch is written."""
        yield _ignore_step

    def on_end(self, report: ImportReport) -> None:
        """Note the end. Called after the last line."""


def _ignore_step(report: ImportReport, lines: int) -> None:
    del report, lines


class LogObserver(ImportObserver):
    """An observer that writes the outcome of each line to a file."""

    def __init__(self, log: LineLog) -> None:
        self._log = log

    def on_begin(self, report: ImportReport) -> ImportReport:
        """Return the same report, now with the log."""
        report.log = self._log
        return report

    @contextmanager
    def around_batch(self) -> Iterator[BatchCallback]:
        """Write out the lines of a batch after it is stored."""
        yield _ignore_step
        self._log.flush()

    def on_end(self, report: ImportReport) -> None:
        """Write out the last lines."""
        del report
        self._log.flush()


NULL_OBSERVER = ImportObserver()
