"""``manage.py backup``: copy the database and its files, while people work."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services import backup
from annotations.services.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Writes a backup of the whole service to a new directory: the database as of one moment, the files "
        "of releases and jobs that belong to it, and a manifest with a checksum of each. People may work "
        "meanwhile. The directory has its name only once it is whole. PostgreSQL needs its program pg_dump, "
        "not older than the server."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="TARGET", help="the directory to make; it must not exist yet")

    def handle(self, *, target: str, **options: object) -> None:
        try:
            manifest = backup.write_backup(Path(target).absolute())
        except BackupError as error:
            raise CommandError(str(error)) from error
        size = sum(file["bytes"] for file in manifest.files.values())
        rows = sum(manifest.counts.values())
        self.stdout.write(
            f"Backup {target}: {rows:,} rows, {len(manifest.files):,} files, {size:,} bytes, events up to "
            f"number {manifest.last_event:,}."
        )
        for key in manifest.missing:
            self.stdout.write(f"  The file {key} was not there any more.")
        self.stdout.write(f"Prove it with: manage.py restore {target} --check")
