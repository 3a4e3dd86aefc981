"""Chunks come in their order whoever reads them, and nothing reads on when nobody wants more."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from annotations.formats.writers.jsonl import JsonlWriter
from annotations.models import Corpus
from annotations.services.exchange.exports import corpus_reader
from annotations.services.exchange.exports.prefetch import prefetch_items
from tests.services.exchange import get
from tests.services.small_newsroom import SmallNewsroom

pytestmark = pytest.mark.django_db


class BrokenError(Exception):
    pass


def read(count: int, threads: set[str], *, breaks: bool = False) -> Iterator[int]:
    """Numbers that are asked of the database."""
    for number in range(1, count + 1):
        threads.add(threading.current_thread().name)
        yield number + Corpus.objects.count()
    if breaks:
        raise BrokenError


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("export-ahead")]


def test_items_come_in_order_from_another_thread_that_sees_what_this_one_sees() -> None:
    SmallNewsroom()  # not committed
    threads: set[str] = set()
    assert list(prefetch_items(read(50, threads))) == list(range(2, 52))
    assert threads == {"export-ahead_0"}
    assert not readers()


def test_what_breaks_there_is_raised_here_after_what_came_before() -> None:
    items = prefetch_items(read(3, set(), breaks=True))
    assert [next(items) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(BrokenError):
        next(items)
    assert not readers()


def test_one_is_read_ahead_and_not_more() -> None:
    numbers = itertools.count(1)
    items = prefetch_items(numbers)
    assert next(items) == 1
    items.close()
    assert next(numbers) in (2, 3)
    assert not readers()


def test_a_writer_that_fails_leaves_no_reader_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = SmallNewsroom()
    for number in range(5):
        newsroom.article(f"a{number}")
    monkeypatch.setattr(corpus_reader, "MAX_CHUNK_ARTICLES", 1)
    whole = get(None, newsroom.corpus, sets="all")
    with monkeypatch.context() as broken:
        broken.setattr(JsonlWriter, "write_article", lambda *_: io.BytesIO().fileno())
        with pytest.raises(io.UnsupportedOperation):
            get(None, newsroom.corpus, sets="all")
    assert not readers()
    assert connection.is_usable()
    assert get(None, newsroom.corpus, sets="all") == whole
