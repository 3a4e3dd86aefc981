"""``manage.py gazetteer``: match a list of known actors with the registry, or add it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exceptions import StandpointError
from annotations.models import Corpus
from annotations.services.core import sets
from annotations.services.exchange.gazetteer import FAILED, OUTCOMES, READERS, Gazetteer, LineResult
from annotations.services.exchange.imports import default_owner


class Command(BaseCommand):
    help = (
        "Matches a list of known actors with the registry of a corpus, by Wikidata item, then by name. CSV "
        "with a first row of name, kind, qid, parent, aliases; aliases are separated by semicolons, each "
        "with its language after a bar: Osmanow | de; Osmanov | en | spelling. Or JSON lines with the same "
        "fields, aliases as lists of objects. What is known already stays. Prints a line for each; the exit "
        "status is 1 if a line was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("corpus", metavar="CORPUS", help="the slug of the corpus")
        add("file", metavar="FILE", help="a file in UTF-8 that ends in .csv or .jsonl")
        mode = parser.add_mutually_exclusive_group(required=True)
        mode.add_argument(
            "--match-only", action="store_true", help="complete actors that are known, and add none"
        )
        mode.add_argument("--add", action="store_true", help="also add the actors that are not known")
        add("--dry-run", action="store_true", help="say what would become of each line and write nothing")
        add("--user", metavar="USERNAME", help="who does it; without this, a manager of the corpus")

    def handle(
        self, *, corpus: str, file: str, add: bool, dry_run: bool, user: str | None, **options: object
    ) -> None:
        row = Corpus.objects.filter(slug=corpus).first()
        if row is None:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        path = Path(file)
        read = READERS.get(path.suffix.lower())
        if read is None:
            raise CommandError(f"A gazetteer ends in {' or '.join(READERS)}; {path.name} does not.")
        try:
            by = sets.find_user(user, location="--user") if user else default_owner(row)
            if by is None:
                raise CommandError("The corpus has no active manager; name somebody with --user.")
            lines = list(read(path.read_text("utf-8-sig")))
            results = Gazetteer(by, row, adds=add).load(lines, dry_run=dry_run)
        except StandpointError as error:
            raise CommandError(error.detail) from error
        except (OSError, UnicodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        self._report(results, dry_run=dry_run)

    def _report(self, results: list[LineResult], *, dry_run: bool) -> None:
        for result in results:
            parts = (str(result.number), result.outcome, result.name, result.detail)
            self.stdout.write("\t".join(parts).rstrip())
        counts = Counter(result.outcome for result in results)
        total = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
        self.stdout.write(f"{len(results)} lines: {total}{' (nothing was written)' if dry_run else ''}")
        if counts[FAILED]:
            raise SystemExit(1)
