"""Following the trail while others write: nobody waits for a reader, and no event is skipped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connections, transaction

from annotations.models import Event, bulk
from annotations.services.core import events
from tests.api.together import at_once, twin
from tests.newsroom import Caller, Newsroom

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

AT = "corpora/lake/events/"


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


@contextmanager
def open_transaction(write: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Run ``write`` in another connection, and commit it when the given function is called."""
    written, may_commit = Signal(), Signal()

    def run() -> None:
        try:
            with transaction.atomic():
                write()
                written.set()
                assert may_commit.wait(600)
        finally:
            connections.close_all()

    thread = Thread(target=run)

    def commit() -> None:
        may_commit.set()
        thread.join(600)

    thread.start()
    try:
        assert written.wait(600)
        yield commit
    finally:
        commit()


def add_event(newsroom: Newsroom, note: str) -> None:
    events.record_event(
        "corpus_changed", by=newsroom.user("max"), corpus_id=newsroom.lake.pk, after={"note": note}
    )


def follow(caller: Caller, after: int) -> list[int]:
    return [row["seq"] for row in caller.all(AT, after=after)]


def test_an_event_of_a_delayed_commit_is_not_skipped(newsroom: Newsroom) -> None:
    last = events.max_committed_seq()
    with open_transaction(lambda: add_event(newsroom, "first")) as commit:
        add_event(newsroom, "second")
        assert follow(newsroom.max, last) == []
        commit()
    seen = follow(newsroom.max, last)
    assert len(seen) == 2
    assert seen == sorted(Event.objects.filter(seq__gt=last).values_list("seq", flat=True))


def test_the_older_transaction_may_take_the_higher_number(newsroom: Newsroom) -> None:
    """Transaction ids and sequence numbers come in different orders; only the numbers count."""
    last = events.max_committed_seq()

    def write_late() -> None:
        # has its transaction id before the other one takes a number
        newsroom.lake.refresh_from_db()
        type(newsroom.lake).objects.filter(pk=newsroom.lake.pk).update(handed_out=0)

    with open_transaction(write_late) as commit_older:
        with open_transaction(lambda: add_event(newsroom, "younger")) as commit_younger:
            add_event(newsroom, "committed")
            assert follow(newsroom.max, last) == []
            commit_older()
            assert follow(newsroom.max, last) == []
            commit_younger()
        assert len(follow(newsroom.max, last)) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_every_way_of_writing_says_that_it_writes(newsroom: Newsroom, rows: int) -> None:
    """One row is an INSERT, several are a COPY; a part that is rolled back takes its word back."""
    last = events.max_committed_seq()

    def write() -> None:
        with transaction.atomic():
            add_event(newsroom, "rolled back")
            transaction.set_rollback(True)
        bulk.create_objects(
            [events.build_event("corpus_changed", by=None, corpus_id=newsroom.lake.pk) for _ in range(rows)]
        )

    with open_transaction(write) as commit:
        add_event(newsroom, "between")
        assert follow(newsroom.max, last) == []
        commit()
    assert len(follow(newsroom.max, last)) == rows + 1


def test_a_reader_makes_no_writer_wait(newsroom: Newsroom) -> None:
    """A transaction is open for long; readers come; whoever writes now is not held up, nor are they.

    The transaction ends only after all of them: whoever waited for it would get no answer.
    """
    with open_transaction(lambda: add_event(newsroom, "long")):

        def write() -> int:
            add_event(newsroom, "short")
            return 200

        def read() -> int:
            return twin(newsroom.max).get(AT).status

        assert at_once([read, write] * 4) == [200] * 8


def test_followers_of_many_writers_get_every_event_once(newsroom: Newsroom) -> None:
    last, stop = events.max_committed_seq(), Signal()

    def write(number: int) -> int:
        for turn in range(10):
            with transaction.atomic():
                add_event(newsroom, f"{number} {turn}")
                time.sleep(0.002 * (number + turn) % 0.01)
        return 10

    def read() -> list[int]:
        seen: list[int] = []
        caller = twin(newsroom.max)
        while True:
            is_last = stop.is_set()
            seen += follow(caller, seen[-1] if seen else last)
            if is_last:
                return seen

    def write_all() -> list[int]:
        try:
            return at_once([partial(write, number) for number in range(4)])
        finally:
            stop.set()

    jobs: list[Callable[[], list[int]]] = [read, write_all]
    seen, _ = at_once(jobs)
    assert seen == sorted(Event.objects.filter(seq__gt=last).values_list("seq", flat=True))
    assert len(seen) == 40
