"""``manage.py write_messages``: keep the catalogues of translations in step with the code."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project import messages


class Command(BaseCommand):
    help = "Collects the words of the pages for translators, and compiles what they wrote."
    # it only reads code, and must run without a database
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; exit status 1 if a catalogue is out of date or not complete",
        )

    def handle(self, *, check: bool, **_options: object) -> None:
        if check:
            names = [_name(path) for path in messages.outdated_files()]
            if names:
                raise CommandError(
                    f"Out of date in annotations/locale: {', '.join(names)}; run manage.py write_messages."
                )
        else:
            for path in messages.write_files():
                self.stdout.write(f"annotations/locale/{_name(path)}")
        missing = messages.untranslated_messages()
        if missing and check:
            raise CommandError(f"Without translation: {'; '.join(missing)}.")
        for line in missing:
            self.stdout.write(f"Without translation: {line}")


def _name(path: Path) -> str:
    """Return the path from the folder of the catalogues: ``de/LC_MESSAGES/django.po``."""
    return "/".join(path.parts[-3:])
