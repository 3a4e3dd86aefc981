"""``manage.py fsck``: check every invariant of the stored data."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Corpus
from annotations.services import integrity

#: The note of the last run over everything, in the folder of the service's own files.
LAST_RUN = "last-fsck.json"
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Proves every invariant of the data over again and prints what it finds. The exit status is 1 if "
        "anything is wrong; what only deserves a look is a notice. Reads only, and may run while people work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--corpus", metavar="SLUG", help="look at this corpus only")
        parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")

    def handle(self, *, corpus: str | None, json: bool, **options: object) -> None:
        found = _find_corpus(corpus) if corpus else None
        if json:
            report = integrity.run_checks(found)
            self.stdout.write(format_json(report))
        else:
            report = integrity.run_checks(found, self._tell)
            self.stdout.write(format_total(report))
        if found is None:
            _note_run(report)
        if report.found:
            sys.exit(1)

    def _tell(self, name: str, result: integrity.CheckResult) -> None:
        """Print the line of a check once it is done: all of them may take minutes."""
        self.stdout.write(format_check(name, result))
        self.stdout.flush()


def _note_run(report: integrity.IntegrityReport) -> None:
    """Leave a note of what was found and when, from which the metrics tell it."""
    note = {"time": int(time.time()), "found": report.found}
    try:
        (Path(settings.DATA_DIR) / LAST_RUN).write_text(json.dumps(note))
    except OSError as error:
        logger.warning("What fsck found could not be noted: %s", error)


def _find_corpus(slug: str) -> Corpus:
    corpus = Corpus.objects.filter(slug=slug).first()
    if corpus is None:
        raise CommandError(f"There is no corpus with the slug {slug!r}.")
    return corpus


def format_check(name: str, result: integrity.CheckResult) -> str:
    """Return the line of a check, with its findings below."""
    width = max(map(len, integrity.CHECKS))
    verdict = f"{result.found} WRONG" if result.found else "ok"
    if result.noticed:
        verdict += f", {result.noticed:,} to look at"
    lines = [f"{name:<{width}}  {result.examined:>9,}  {verdict}"]
    for number, kept in ((result.found, result.findings), (result.noticed, result.notices)):
        lines += [f"    {finding.id}: {finding.sentence}" for finding in kept]
        if number > len(kept):
            lines.append(f"    … and {number - len(kept):,} more")
    return "\n".join(lines)


def format_total(report: integrity.IntegrityReport) -> str:
    """Return the last line of the report."""
    examined = sum(result.examined for result in report.checks.values())
    notices = f" and {report.noticed:,} notices" if report.noticed else ""
    return f"{examined:,} rows examined in {len(report.checks)} checks, {report.found:,} findings{notices}."


def format_json(report: integrity.IntegrityReport) -> str:
    """Return the report as JSON; ``findings`` and ``notices`` have the first ones of each check."""
    checks = {
        name: {
            "proves": integrity.CHECKS[name].description,
            "examined": result.examined,
            "found": result.found,
            "findings": [finding._asdict() for finding in result.findings],
            "noticed": result.noticed,
            "notices": [finding._asdict() for finding in result.notices],
        }
        for name, result in report.checks.items()
    }
    return json.dumps(
        {"found": report.found, "noticed": report.noticed, "checks": checks}, ensure_ascii=False, indent=2
    )
