"""Several jobs at the same moment, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

from tests.newsroom import Caller

T = TypeVar("T")


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """What the jobs answer when all of them begin at the same moment, each with its own connection."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            barrier.wait(600)
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def twin(caller: Caller) -> Caller:
    """The same person with a client of their own: Django's client is not for several threads."""
    found = Caller()
    found.user = caller.user
    found.client.defaults = dict(caller.client.defaults)
    return found
