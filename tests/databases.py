"""A migrated SQLite database that one run of the tests leaves to the next.

To migrate an empty database takes longer than most single tests. Each run still asks ``migrate``, which
then finds nothing to do; a changed migration or another version of Django makes a new file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from pathlib import Path

import django
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "tests"


def _stored() -> Path:
    """Return where a database stands that these migrations made."""
    digest = hashlib.sha256(django.__version__.encode())
    files = [ROOT / "requirements.lock", *sorted((ROOT / "annotations" / "migrations").glob("*.py"))]
    for file in files:
        digest.update(file.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:16]}.sqlite3"


def restore() -> None:
    """Put the stored database, if there is one, where the tests will look for theirs."""
    if connection.vendor == "sqlite" and _stored().exists():
        shutil.copyfile(_stored(), str(connection.settings_dict["TEST"]["NAME"]))


def place(data_dir: Path) -> bool:
    """Put the stored database where a service of its own looks for it; false if none is stored."""
    if not _stored().exists():
        return False
    shutil.copyfile(_stored(), data_dir / "standpoint.sqlite3")
    return True


def store() -> None:
    """Store the migrated database, unless one is stored."""
    stored = _stored()
    if connection.vendor != "sqlite" or stored.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for other in FOLDER.glob("*.sqlite3"):
        other.unlink(missing_ok=True)
    unfinished = FOLDER / f"{os.getpid()}.part"
    connection.ensure_connection()
    with sqlite3.connect(unfinished) as copy:
        connection.connection.backup(copy)
    copy.close()
    unfinished.replace(stored)
