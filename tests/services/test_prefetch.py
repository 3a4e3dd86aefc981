"""Lines keep their order, and faults their place, whoever reads them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from annotations.formats.core.interfaces import ParsedRecord
from annotations.services.exchange.imports.prefetch import MAX_BATCH_ARTICLES, PrefetchedLines


class BrokenError(Exception):
    pass


def numbers(count: int, readers: set[str], *, breaks: bool = False) -> Iterator[ParsedRecord]:
    for number in range(count):
        readers.add(threading.current_thread().name)
        yield ParsedRecord(number, None)
    if breaks:
        raise BrokenError


def read_on(lines: PrefetchedLines, until: int) -> None:
    """As much as an endless commit leaves time for."""
    with lines.prefetching() as begin:
        begin()
        begin()  # a batch that is written again commits again
        while len(lines._read) < until and lines._failed is None:
            pass


def test_every_line_comes_once_and_in_its_order() -> None:
    readers: set[str] = set()
    lines = PrefetchedLines(numbers(250, readers))
    taken = []
    for line in lines:
        taken.append(line.number)
        if line.number % 40 == 0:
            read_on(lines, 7)
    assert taken == list(range(250))
    assert readers == {"MainThread", "import-ahead"}


def test_no_more_than_a_batch_is_read_ahead() -> None:
    lines = PrefetchedLines(numbers(500, set()))
    read_on(lines, MAX_BATCH_ARTICLES)
    read_on(lines, MAX_BATCH_ARTICLES)
    assert len(lines._read) == MAX_BATCH_ARTICLES


def test_a_file_that_breaks_off_breaks_off_at_the_same_line() -> None:
    lines = PrefetchedLines(numbers(20, set(), breaks=True))
    assert next(lines).number == 0
    read_on(lines, MAX_BATCH_ARTICLES)
    assert [next(lines).number for _ in range(19)] == list(range(1, 20))
    with pytest.raises(BrokenError):
        next(lines)


def test_nothing_is_read_ahead_unasked() -> None:
    readers: set[str] = set()
    lines = PrefetchedLines(numbers(5, readers))
    with lines.prefetching():
        pass
    assert len(list(lines)) == 5
    assert readers == {"MainThread"}
