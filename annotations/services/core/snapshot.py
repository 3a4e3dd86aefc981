"""The export gate: one snapshot of the database for any number of queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def read_snapshot() -> Iterator[None]:
    """Let every query in the block see the same state, without blocking writers.

    At PostgreSQL's default isolation level, also inside ``atomic()``, each query sees the latest commits.
    An open transaction cannot become a snapshot, so there must be none (except that of a Django
    ``TestCase``).
    """
    outermost = not connection.in_atomic_block
    with ExitStack() as stack:
        with _deferred_transactions():
            stack.enter_context(transaction.atomic(durable=True))
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            stack.enter_context(_server_side_cursors())
        yield


@contextmanager
def _server_side_cursors() -> Iterator[None]:
    """Let cursors stay on the server, also where they may not outside of a transaction."""
    database: Any = connection
    settings = database.settings_dict
    database.settings_dict = {**settings, "DISABLE_SERVER_SIDE_CURSORS": False}
    try:
        yield
    finally:
        database.settings_dict = settings


@contextmanager
def _deferred_transactions() -> Iterator[None]:
    """Begin SQLite's transactions DEFERRED: the usual IMMEDIATE ones would lock every writer out."""
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
