"""Whoever follows an import: told of each batch in the transaction that stores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

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


UNWATCHED = Watch()
