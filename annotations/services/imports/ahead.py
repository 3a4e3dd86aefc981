"""Reading on while the database commits.

A commit is when PostgreSQL checks what points where, about a quarter of the time of an import, and this
process has nothing to do meanwhile. While rows are sent it has: then two threads would only take the
interpreter from each other, and nothing is read ahead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from annotations.formats import records
from annotations.formats.base import Line

#: So many articles, or so many characters and marks of them, are a batch, and are read ahead at most.
MOST_ARTICLES = 70
MOST_WEIGHT = 4_000_000
_SPAN_WEIGHT = 400


class Ahead:
    """The lines of a file in their order, whichever thread has read them."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._read: deque[Line] = deque()
        self._failed: Exception | None = None
        self._goes_on = False

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._read:
            return self._read.popleft()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        return next(self._lines)

    @contextmanager
    def meanwhile(self) -> Iterator[Callable[[], None]]:
        """Read on from when the caller first says so to the end of the block."""
        thread = Thread(target=self._read_on, name="import-ahead")

        def begin() -> None:
            if thread.ident is None:
                self._goes_on = True
                thread.start()

        try:
            yield begin
        finally:
            self._goes_on = False
            if thread.ident is not None:
                thread.join()

    def _read_on(self) -> None:
        weight = sum(weight_of(line.record) for line in self._read)
        try:
            while self._goes_on and len(self._read) < MOST_ARTICLES and weight < MOST_WEIGHT:
                line = next(self._lines, None)
                if line is None:
                    return
                self._read.append(line)
                weight += weight_of(line.record)
        except Exception as error:  # it is raised where the line would have been
            self._failed = error


def weight_of(record: object) -> int:
    """What a record takes in memory, in characters; a mark counts as many. Only articles are large."""
    if not isinstance(record, records.Article):
        return 0
    texts = sum(len(row.text) for row in record.revisions)
    return texts + _SPAN_WEIGHT * sum(len(row.spans) for row in record.sets)
