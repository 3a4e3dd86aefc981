"""The way back: a backup is proved, tried in a scratch database, or put into an empty installation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from annotations.models import Corpus
from annotations.services import integrity
from annotations.services.backup import current_engine
from annotations.services.backup.errors import BackupError
from annotations.services.backup.files import FILES_FOLDER
from annotations.services.backup.manifest import (
    BackupManifest,
    count_rows,
    find_damage,
    read_manifest,
    require_restorable,
)
from annotations.services.jobs import storage

_MAX_FINDINGS = 20


@dataclass
class RestoreReport:
    """What was done, with the seconds of each step, and what is wrong."""

    manifest: BackupManifest
    seconds: dict[str, float] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    @contextmanager
    def measure(self, step: str) -> Iterator[None]:
        """Measure how long a step takes."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[step] = time.monotonic() - begun


def restore_backup(source: Path, migrate: Callable[[], None], *, replace: bool = False) -> RestoreReport:
    """Restore a backup into an empty installation, or with ``replace`` in the place of what there is.

    Everything is proved before anything is changed. ``migrate`` brings the tables to the version of the code.
    """
    report = _begin(source)
    if report.findings:
        raise BackupError(f"The backup is damaged, and nothing was restored: {' '.join(report.findings)}")
    if not replace and not is_empty_installation():
        raise BackupError(
            "This installation holds data, and nothing was restored. Restore into an empty one; to give up "
            "all that is here, stop the service and add --replace."
        )
    with report.measure("files"):
        _restore_files(source / FILES_FOLDER)
    _load_database(report, source, migrate)
    return report


def check_backup(source: Path, migrate: Callable[[], None]) -> RestoreReport:
    """Prove a backup without touching the installation: hashes, a restored scratch database, its fsck."""
    report = _begin(source)
    if report.findings:
        return report
    with current_engine().scratch_database() as name, using_database(name, source / FILES_FOLDER):
        _load_database(report, source, migrate)
        with report.measure("fsck"):
            for check, result in integrity.run_checks().checks.items():
                sentences = [f"{check}: {found.id}: {found.sentence}" for found in result.findings]
                report.findings += sentences[:_MAX_FINDINGS]
    return report


def is_empty_installation() -> bool:
    """Return whether the database has no tables yet, or nobody has done anything in it."""
    tables = set(connection.introspection.table_names())
    models = [model for model in (User, Corpus) if model._meta.db_table in tables]
    return not any(model._base_manager.exists() for model in models)


def _begin(source: Path) -> RestoreReport:
    manifest = read_manifest(source)
    require_restorable(manifest)
    report = RestoreReport(manifest)
    with report.measure("hashes"):
        report.findings = list(find_damage(source, manifest))[:_MAX_FINDINGS]
    return report


def _load_database(report: RestoreReport, source: Path, migrate: Callable[[], None]) -> None:
    manifest = report.manifest
    with report.measure("database"):
        current_engine().load_database(source / manifest.database)
    counted = {name: number for name, number in count_rows().items() if name in manifest.counts}
    wrong = [name for name, number in manifest.counts.items() if counted.get(name) != number]
    report.findings += [
        f"The table {name} has {counted.get(name, 0):,} rows, and had {manifest.counts[name]:,}."
        for name in wrong
    ]
    with report.measure("migrations"):
        migrate()


def _restore_files(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                storage.store_stream(file, path.relative_to(folder).as_posix())


@contextmanager
def using_database(name: str, files: Path) -> Iterator[None]:
    """Let the default connection be one to another database, and the stored files be those of the backup."""
    earlier = connection.settings_dict["NAME"], settings.FILES_DIR, settings.FILES_URL
    _reconnect(name)
    settings.FILES_DIR, settings.FILES_URL = files, ""
    try:
        yield
    finally:
        _, settings.FILES_DIR, settings.FILES_URL = earlier
        _reconnect(earlier[0])


def _reconnect(name: str) -> None:
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()
    connection.settings_dict["NAME"] = name
