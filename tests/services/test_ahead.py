"""Lines keep their order, and faults their place, whoever reads them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from annotations.formats.base import Line
from annotations.services.imports.ahead import MOST_ARTICLES, Ahead


class Broken(Exception):
    pass


def numbers(count: int, readers: set[str], *, breaks: bool = False) -> Iterator[Line]:
    for number in range(count):
        readers.add(threading.current_thread().name)
        yield Line(number, None)
    if breaks:
        raise Broken


def read_on(lines: Ahead, until: int) -> None:
    """As much as an endless commit leaves time for."""
    with lines.meanwhile() as begin:
        begin()
        begin()  # a batch that is written again commits again
        while len(lines._read) < until and lines._failed is None:
            pass


def test_every_line_comes_once_and_in_its_order() -> None:
    readers: set[str] = set()
    lines = Ahead(numbers(250, readers))
    taken = []
    for line in lines:
        taken.append(line.number)
        if line.number % 40 == 0:
            read_on(lines, 7)
    assert taken == list(range(250))
    assert readers == {"MainThread", "import-ahead"}


def test_no_more_than_a_batch_is_read_ahead() -> None:
    lines = Ahead(numbers(500, set()))
    read_on(lines, MOST_ARTICLES)
    read_on(lines, MOST_ARTICLES)
    assert len(lines._read) == MOST_ARTICLES


def test_a_file_that_breaks_off_breaks_off_at_the_same_line() -> None:
    lines = Ahead(numbers(20, set(), breaks=True))
    assert next(lines).number == 0
    read_on(lines, MOST_ARTICLES)
    assert [next(lines).number for _ in range(19)] == list(range(1, 20))
    with pytest.raises(Broken):
        next(lines)


def test_nothing_is_read_ahead_unasked() -> None:
    readers: set[str] = set()
    lines = Ahead(numbers(5, readers))
    with lines.meanwhile():
        pass
    assert len(list(lines)) == 5
    assert readers == {"MainThread"}
