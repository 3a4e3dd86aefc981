"""``manage.py restore``: put a backup back, or prove that this would work."""

from __future__ import annotations

import sys
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.backup import restore
from annotations.services.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty installation on the engine that it comes from, and prints how long "
        "it took. With --check nothing of the installation is touched: the checksums are compared, the "
        "backup is restored into a scratch database, and every check of fsck runs there; the exit status is "
        "1 if anything is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("source", metavar="SOURCE", help="the directory that `manage.py backup` has made")
        add("--check", action="store_true", help="prove the backup and change nothing")
        add("--replace", action="store_true", help="give up all that the installation holds; stop it before")

    def handle(self, *, source: str, check: bool, replace: bool, **options: object) -> None:
        if check and replace:
            raise CommandError("--check changes nothing; leave out --replace, or --check.")
        directory = Path(source).absolute()
        try:
            if check:
                report = restore.check_backup(directory, _migrate)
            else:
                report = restore.restore_backup(directory, _migrate, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self._print(report, "Checked" if check else "Restored")
        if report.findings:
            sys.exit(1)
        if not check:
            self.stdout.write("Now let the data prove themselves with: manage.py fsck")

    def _print(self, report: restore.RestoreReport, verb: str) -> None:
        manifest = report.manifest
        for sentence in report.findings:
            self.stdout.write(sentence)
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
        self.stdout.write(
            f"{verb} the backup of {manifest.created_at}: {sum(manifest.counts.values()):,} rows, "
            f"{len(manifest.files):,} files, events up to number {manifest.last_event:,}. "
            f"Findings: {len(report.findings)}."
        )
        recovery = sum(seconds for name, seconds in report.seconds.items() if name != "fsck")
        self.stdout.write(f"Recovery time: {recovery:.1f} s ({steps}).")


def _migrate() -> None:
    """Bring a backup of an older version to the tables of this one."""
    call_command("migrate", interactive=False, verbosity=0)
