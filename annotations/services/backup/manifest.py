"""The manifest of a backup: where it comes from, what it holds, and the digest of each file."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max
from django.utils import timezone

from annotations.models import Event
from annotations.services.backup.errors import BackupError
from annotations.text.parsing import format_timestamp

MANIFEST_FILE = "manifest.json"
FORMAT, VERSION = "standpoint-backup", 1


@dataclass(frozen=True)
class BackupManifest:
    """The content of ``manifest.json``.

    ``counts``: rows by table. ``last_event``: the highest event number of the backup; whoever follows the
    events and has read further has to begin again after a restore. ``files``: size and SHA-256 by the path
    within the backup. ``missing``: files that the database names, and that were not there.
    """

    created_at: str
    engine: str
    engine_version: str
    software: dict[str, str]
    migrations: list[str]
    counts: dict[str, int]
    last_event: int
    database: str
    files: dict[str, dict[str, Any]]
    missing: list[str]

    def write(self, directory: Path) -> None:
        """Write the manifest into the directory of its backup."""
        document = {"format": FORMAT, "version": VERSION, **asdict(self)}
        text = json.dumps(document, ensure_ascii=False, indent=2)
        (directory / MANIFEST_FILE).write_text(f"{text}\n", encoding="utf-8")


def describe_database() -> dict[str, Any]:
    """Return what a manifest says of the database; to be called in the snapshot of the backup."""
    return {
        "created_at": format_timestamp(timezone.now()),
        "engine": connection.vendor,
        "engine_version": ".".join(map(str, connection.get_database_version())),
        "software": {"django": django.get_version(), "python": platform.python_version()},
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations),
        "counts": count_rows(),
        "last_event": Event.objects.aggregate(last=Max("pk"))["last"] or 0,
    }


def count_rows() -> dict[str, int]:
    """Return the number of rows of each table of a model that the database has."""
    there = set(connection.introspection.table_names())
    models = (model for model in apps.get_models() if model._meta.managed)
    tables = {model._meta.db_table: model for model in models if model._meta.db_table in there}
    return {name: model._base_manager.count() for name, model in sorted(tables.items())}


def read_manifest(directory: Path) -> BackupManifest:
    """Return the manifest of a backup; raise if there is none, or one that this version cannot read."""
    path = directory / MANIFEST_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError(
            f"{directory} is no whole backup: it has no {MANIFEST_FILE}, which is written last."
        ) from None
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read: {error}.") from error
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise BackupError(f"{path} is not the manifest of a backup of this service.")
    if document.pop("version", None) != VERSION:
        raise BackupError(
            f"{directory} was made by a newer version of the service; restore it with that one."
        )
    try:
        return BackupManifest(**document)
    except TypeError as error:
        raise BackupError(f"{path} does not hold what a manifest has to hold: {error}.") from error


def require_restorable(manifest: BackupManifest) -> None:
    """Raise unless this version of the code, on this engine, can read the database of a backup."""
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"The backup is of {manifest.engine}, and DATABASE_URL names {connection.vendor}. Restore it on "
            "the engine that it comes from; a corpus moves to another one by `manage.py export` and `import`."
        )
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in (*loader.disk_migrations, *loader.replacements)}
    unknown = sorted(set(manifest.migrations) - known)
    if unknown:
        raise BackupError(
            f"The backup was made by a newer version of the service: this one does not know {unknown[0]}. "
            "Install the newer version and restore it with that."
        )


def find_damage(directory: Path, manifest: BackupManifest) -> Iterator[str]:
    """Yield a sentence for each file that is missing or not what it was, and for each one too many."""
    for name, known in manifest.files.items():
        path = directory / name
        if not path.is_file():
            yield f"{name} is missing."
        elif path.stat().st_size != known["bytes"]:
            yield f"{name} has {path.stat().st_size:,} bytes, and had {known['bytes']:,}."
        elif digest_file(path) != known["sha256"]:
            yield f"{name} is damaged: its SHA-256 is not that of the manifest."
    found = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    yield from (
        f"{name} is not in the manifest." for name in sorted(found - {*manifest.files, MANIFEST_FILE})
    )


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
