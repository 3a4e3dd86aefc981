"""SQLite: a copy of one snapshot by the engine's own interface for backups, and the way back by the same."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

COPY_FILE = "database.sqlite3"


def dump_database(directory: Path) -> str:
    """Write a copy of the open snapshot and return the name of its file."""
    with closing(sqlite3.connect(directory / COPY_FILE)) as copy:
        # Within the transaction that has been begun, and in one step, so that no writer has to wait.
        _connection().backup(copy)
        # A copy is one file: what a write-ahead log beside it would hold could be forgotten.
        copy.execute("PRAGMA journal_mode=DELETE")
    return COPY_FILE


def load_database(file: Path) -> None:
    """Put the content of a copy in the place of all that the database holds, whole or not at all."""
    connection.ensure_connection()
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        copy.backup(_connection())
    connection.close()


@contextmanager
def scratch_database() -> Iterator[str]:
    """Yield the path of a database that does not exist yet, and is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="check-", dir=settings.SPOOL_DIR) as folder:
        yield str(Path(folder) / "scratch.sqlite3")


def _connection() -> sqlite3.Connection:
    database: Any = connection
    opened: sqlite3.Connection = database.connection
    return opened
