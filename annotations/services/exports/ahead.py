"""Reading the next chunk while the one before it is written.

Half of the time that reading takes this process waits for PostgreSQL, and writing needs no database.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

Item = TypeVar("Item")


def one_ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items, each read by a thread while the caller is busy with the one before.

    The thread reads in the caller's transaction, by its connection; so the caller asks the database
    nothing until the last item is there or this is closed.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1, "export-ahead", initializer=_share, initargs=(database,)) as pool:
            coming = pool.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = pool.submit(next, items, None)
                yield item
    finally:
        database.dec_thread_sharing()


def _share(database: Any) -> None:
    connections[DEFAULT_DB_ALIAS] = database
