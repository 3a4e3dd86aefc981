"""Backups: a directory with the database of one moment, the files that belong to it, and a manifest.

It is written beside its place and gets its name once it is whole and on the disk. People may work
meanwhile: the database is copied in one snapshot, and the files are those that this snapshot names.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from django.db import connection

from annotations.services.backup import files, postgresql, sqlite
from annotations.services.backup.errors import BackupError
from annotations.services.backup.manifest import BackupManifest, describe_database, digest_file
from annotations.services.core.snapshot import read_snapshot
from annotations.services.jobs import storage


class Engine(NamedTuple):
    """The way in which the database of an engine is copied, put back, and tried."""

    dump_database: Callable[[Path], str]
    load_database: Callable[[Path], None]
    scratch_database: Callable[[], AbstractContextManager[str]]


ENGINES: Mapping[str, Engine] = {
    "sqlite": Engine(sqlite.dump_database, sqlite.load_database, sqlite.scratch_database),
    "postgresql": Engine(postgresql.dump_database, postgresql.load_database, postgresql.scratch_database),
}


def current_engine() -> Engine:
    """Return the engine of the database in use."""
    return ENGINES[connection.vendor]


def write_backup(target: Path) -> BackupManifest:
    """Write a backup to a directory that must not exist yet, and return its manifest."""
    if target.exists() or target.is_symlink():
        raise BackupError(f"{target} exists already; name a directory that does not, such as {target}-2.")
    made = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made.mkdir(mode=0o700)
        manifest = _write_content(made)
        for path in (*made.rglob("*"), made):
            _sync(path)
        # Nothing is replaced: a directory that has come into being meanwhile, and is not empty, refuses.
        made.rename(target)
        storage.fsync_directory(target.parent)
    except OSError as error:
        raise BackupError(_explain(error, target)) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return manifest


def _write_content(made: Path) -> BackupManifest:
    copied = files.FileCopies(made)
    # A file that its job or its release deletes while the database is copied is here by then.
    copied.copy_files(files.referenced_files())
    with read_snapshot():
        described = describe_database()
        wanted = list(files.referenced_files(with_reports=True))
        database = current_engine().dump_database(made)
    copied.copy_files(wanted)
    copied.drop_others(wanted)
    path = made / database
    kept = {database: {"bytes": path.stat().st_size, "sha256": digest_file(path)}, **copied.digests}
    missing = sorted(copied.missing)
    manifest = BackupManifest(**described, database=database, files=kept, missing=missing)
    manifest.write(made)
    return manifest


def _sync(path: Path) -> None:
    if path.is_dir():
        storage.fsync_directory(path)
        return
    with path.open("rb") as file:
        storage.fsync_file(file)


def _explain(error: OSError, target: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"There is no room left for the backup at {target}; nothing of it was kept. Make room, or name "
            "another disk."
        )
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return f"{target} has come into being meanwhile; nothing was written to it. Name another directory."
    return f"The backup could not be written to {target}, and nothing of it was kept: {error}."
