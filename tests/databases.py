"""A migrated database that one run of the tests leaves to the next, and one process to the others.

To migrate an empty database takes longer than most single tests. SQLite's is a file; PostgreSQL's stays on
its server and is the template of others. Each run still asks ``migrate``, which then finds nothing to do; a
changed migration or another version of Django makes a new one. While one process migrates, others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
from pathlib import Path
from typing import IO

import django
from django.db import connection
from django.db.utils import Error

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "tests"
#: With what the names of templates on PostgreSQL begin.
TEMPLATES = "standpoint_migrated_"

#: The lock of a process that migrates, until it has stored its database or ended.
_held: list[IO[str]] = []


def _digest() -> str:
    """Return a name for what these migrations make."""
    digest = hashlib.sha256(django.__version__.encode())
    files = [ROOT / "requirements.lock", *sorted((ROOT / "annotations" / "migrations").glob("*.py"))]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _stored() -> Path:
    """Return where a database of SQLite stands that these migrations made."""
    return FOLDER / f"{_digest()}.sqlite3"


def _templates() -> list[str]:
    """Return the migrated databases on the server, whatever made them."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATES])
        return [name for (name,) in cursor.fetchall()]


def _is_stored() -> bool:
    if connection.vendor == "postgresql":
        return f"{TEMPLATES}{_digest()}" in _templates()
    return _stored().exists()


def restore() -> None:
    """Put the stored database where the tests will look for theirs, or see to it that there is one.

    One process goes on and migrates; the others wait until it has stored what it made.
    """
    if not _is_stored():
        FOLDER.mkdir(parents=True, exist_ok=True)
        lock = (FOLDER / f"{connection.vendor}.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_stored():
            _held.append(lock)
            return
        lock.close()
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = f"{TEMPLATES}{_digest()}"
    else:
        shutil.copyfile(_stored(), str(connection.settings_dict["TEST"]["NAME"]))


def place(data_dir: Path) -> bool:
    """Put the stored database where a service of its own looks for it; false if none is stored."""
    if not _stored().exists():
        return False
    data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_stored(), data_dir / "standpoint.sqlite3")
    return True


def store() -> None:
    """Store the migrated database, unless one is stored."""
    try:
        if not _is_stored():
            _store_template() if connection.vendor == "postgresql" else _store_file()
    finally:
        while _held:
            _held.pop().close()


def _store_template() -> None:
    """Copy the database on its server, in place of those that other migrations made."""
    others, name = _templates(), connection.ops.quote_name(connection.settings_dict["NAME"])
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    with connection._nodb_cursor() as cursor:
        try:
            cursor.execute(f"CREATE DATABASE {TEMPLATES}{_digest()} TEMPLATE {name}")
            for other in others:
                cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(other)}")
        except Error:
            return  # somebody else is connected to it: each process migrates its own


def _store_file() -> None:
    """Copy the file, in place of those that other migrations made."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for other in FOLDER.glob("*.sqlite3"):
        other.unlink(missing_ok=True)
    unfinished = FOLDER / f"{os.getpid()}.part"
    connection.ensure_connection()
    with sqlite3.connect(unfinished) as copy:
        connection.connection.backup(copy)
    copy.close()
    unfinished.replace(_stored())
