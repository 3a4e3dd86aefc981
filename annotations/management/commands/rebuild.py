"""``manage.py rebuild``: derive a table anew from the rows that it follows from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Corpus
from annotations.services.core.search_index import rebuild_search_index
from annotations.services.core.statements import rebuild_statements

#: What can be derived anew, by its name.
TABLES: Mapping[str, Callable[[Corpus | None], int]] = {
    "search": rebuild_search_index,
    "statements": rebuild_statements,
}


class Command(BaseCommand):
    help = (
        "Derives a table anew from the rows that it follows from, and prints how many rows it has then. It "
        "may run while people work, and is needed only where fsck says so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("table", choices=sorted(TABLES), help="which table")
        parser.add_argument("corpus", metavar="CORPUS", nargs="?", help="the slug of one corpus; else of all")

    def handle(self, *, table: str, corpus: str | None, **options: object) -> None:
        found = Corpus.objects.filter(slug=corpus).first() if corpus else None
        if corpus and found is None:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        number = TABLES[table](found)
        rows = "1 row of {} was" if number == 1 else f"{number:,} rows of {{}} were"
        self.stdout.write(f"{rows.format(table)} derived.")
