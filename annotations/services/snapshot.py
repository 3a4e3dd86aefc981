"""The export gate's first half: one unchanging view of the database for as many queries as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def read_snapshot() -> Iterator[None]:
    """Let every query in the block see the same state, and let no writer wait for it.

    PostgreSQL's usual level, also inside ``atomic()``, shows each query the commits that came in
    between. A transaction that is open already cannot become a snapshot, so there must be none (that
    of a Django ``TestCase`` excepted).
    """
    outermost = not connection.in_atomic_block
    with ExitStack() as stack:
        with _deferred():
            stack.enter_context(transaction.atomic(durable=True))
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _deferred() -> Iterator[None]:
    """SQLite's transactions are IMMEDIATE here, and would lock every writer out; reading needs less."""
    database: Any = connection
    connection.ensure_connection()
    mode = getattr(database, "transaction_mode", None)
    if mode is None:
        yield
        return
    database.transaction_mode = "DEFERRED"
    try:
        yield
    finally:
        database.transaction_mode = mode
