"""Prefetching: reading the next chunk of an export while the previous one is written.

Reading waits for PostgreSQL half of the time, and writing needs no database.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

Item = TypeVar("Item")


def prefetch_items(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield the same items, each read by a thread while the caller handles the previous one.

    The thread reads in the transaction and on the connection of the caller, who must not query the
    database until the last item has been yielded or the generator is closed.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1, "export-ahead", initializer=_use_connection, initargs=(database,)) as pool:
            next_item = pool.submit(next, items, None)
            while (item := next_item.result()) is not None:
                next_item = pool.submit(next, items, None)
                yield item
    finally:
        database.dec_thread_sharing()


def _use_connection(database: Any) -> None:
    connections[DEFAULT_DB_ALIAS] = database
