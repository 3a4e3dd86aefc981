"""``manage.py write_reference``: keep docs/reference in step with the tables."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from project import reference


class Command(BaseCommand):
    help = "Writes the pages of docs/reference from the tables of the service."
    # it only reads tables in the code, and must run without a database
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit status 1 if a page is out of date"
        )

    def handle(self, *, check: bool, **_options: object) -> None:
        if check:
            pages = reference.outdated_pages()
            if pages:
                raise CommandError(
                    f"Out of date in docs/reference: {', '.join(pages)}; run manage.py write_reference."
                )
            return
        for name in reference.write_pages():
            self.stdout.write(f"docs/reference/{name}")
