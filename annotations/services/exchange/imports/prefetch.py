"""Prefetching: reading further lines while the database commits.

At a commit PostgreSQL checks foreign keys, about a quarter of the time of an import, and this process
waits. While rows are sent it is busy itself, and a second thread would only compete for the interpreter,
so nothing is prefetched then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from annotations.formats.core import records
from annotations.formats.core.interfaces import ParsedRecord

#: The limits of a batch, and of prefetched lines: articles, and their weight in characters.
MAX_BATCH_ARTICLES = 70
MAX_BATCH_WEIGHT = 4_000_000
_SPAN_WEIGHT = 400


class PrefetchedLines:
    """The lines of a file in their order, some of them prefetched by a thread."""

    def __init__(self, lines: Iterator[ParsedRecord]) -> None:
        self._lines = lines
        self._read: deque[ParsedRecord] = deque()
        self._failed: Exception | None = None
        self._goes_on = False

    def __iter__(self) -> Iterator[ParsedRecord]:
        return self

    def __next__(self) -> ParsedRecord:
        if self._read:
            return self._read.popleft()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        return next(self._lines)

    @contextmanager
    def prefetching(self) -> Iterator[Callable[[], None]]:
        """Yield a function that starts prefetching, which goes on until the end of the block."""
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
        weight = sum(record_weight(line.record) for line in self._read)
        try:
            while self._goes_on and len(self._read) < MAX_BATCH_ARTICLES and weight < MAX_BATCH_WEIGHT:
                line = next(self._lines, None)
                if line is None:
                    return
                self._read.append(line)
                weight += record_weight(line.record)
        except Exception as error:  # Raised where the line would have been returned.
            self._failed = error


def record_weight(record: object) -> int:
    """Return the weight of a record in characters; a span counts as several. Only articles are large."""
    if not isinstance(record, records.Article):
        return 0
    texts = sum(len(row.text) for row in record.revisions)
    return texts + _SPAN_WEIGHT * sum(len(row.spans) for row in record.sets)
