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
from annotations.services import events
from tests.api.house import Caller, House
from tests.api.together import at_once, twin

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

AT = "corpora/lake/events/"


@contextmanager
def open_transaction(write: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Run ``write`` in another connection, and commit it when the given function is called."""
    written, may_commit = Signal(), Signal()

    def run() -> None:
        try:
            with transaction.atomic():
                write()
                written.set()
                assert may_commit.wait(20)
        finally:
            connections.close_all()

    thread = Thread(target=run)

    def commit() -> None:
        may_commit.set()
        thread.join(20)

    thread.start()
    try:
        assert written.wait(20)
        yield commit
    finally:
        commit()


def add_event(house: House, note: str) -> None:
    events.record("corpus_changed", by=house.user("max"), corpus_id=house.lake.pk, after={"note": note})


def follow(caller: Caller, after: int) -> list[int]:
    return [row["seq"] for row in caller.all(AT, after=after)]


def test_an_event_of_a_delayed_commit_is_not_skipped(house: House) -> None:
    last = events.horizon()
    with open_transaction(lambda: add_event(house, "first")) as commit:
        add_event(house, "second")
        assert follow(house.max, last) == []
        commit()
    seen = follow(house.max, last)
    assert len(seen) == 2
    assert seen == sorted(Event.objects.filter(seq__gt=last).values_list("seq", flat=True))


def test_the_older_transaction_may_take_the_higher_number(house: House) -> None:
    """Transaction ids and sequence numbers come in different orders; only the numbers count."""
    last = events.horizon()

    def write_late() -> None:
        # has its transaction id before the other one takes a number
        house.lake.refresh_from_db()
        type(house.lake).objects.filter(pk=house.lake.pk).update(handed_out=0)

    with open_transaction(write_late) as commit_older:
        with open_transaction(lambda: add_event(house, "younger")) as commit_younger:
            add_event(house, "committed")
            assert follow(house.max, last) == []
            commit_older()
            assert follow(house.max, last) == []
            commit_younger()
        assert len(follow(house.max, last)) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_every_way_of_writing_says_that_it_writes(house: House, rows: int) -> None:
    """One row is an INSERT, several are a COPY; a part that is rolled back takes its word back."""
    last = events.horizon()

    def write() -> None:
        with transaction.atomic():
            add_event(house, "rolled back")
            transaction.set_rollback(True)
        bulk.create([events.event("corpus_changed", by=None, corpus_id=house.lake.pk) for _ in range(rows)])

    with open_transaction(write) as commit:
        add_event(house, "between")
        assert follow(house.max, last) == []
        commit()
    assert len(follow(house.max, last)) == rows + 1


def test_a_reader_makes_no_writer_wait(house: House) -> None:
    """A transaction is open for long; readers come; whoever writes now is not held up, nor are they."""
    with open_transaction(lambda: add_event(house, "long")):

        def write() -> float:
            begun = time.monotonic()
            add_event(house, "short")
            return time.monotonic() - begun

        def read() -> float:
            begun = time.monotonic()
            assert twin(house.max).get(AT).status == 200
            return time.monotonic() - begun

        taken = at_once([*(partial(read) for _ in range(4)), *(partial(write) for _ in range(4))])
    assert max(taken) < 2, taken


def test_followers_of_many_writers_get_every_event_once(house: House) -> None:
    last, stop = events.horizon(), Signal()

    def write(number: int) -> int:
        for turn in range(10):
            with transaction.atomic():
                add_event(house, f"{number} {turn}")
                time.sleep(0.002 * (number + turn) % 0.01)
        return 10

    def read() -> list[int]:
        seen: list[int] = []
        caller = twin(house.max)
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
