"""``manage.py fsck``: prove every invariant of the data over again."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Corpus
from annotations.services import integrity


class Command(BaseCommand):
    help = (
        "Proves every invariant of the data over again and prints what it finds. The exit status is 1 if "
        "anything is wrong. Reads only, and may run while people work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--corpus", metavar="SLUG", help="look at this corpus only")
        parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")

    def handle(self, *, corpus: str | None, json: bool, **options: Any) -> None:
        report = integrity.run(_corpus(corpus) if corpus else None)
        self.stdout.write(as_json(report) if json else as_text(report))
        if report.found:
            sys.exit(1)


def _corpus(slug: str) -> Corpus:
    found = Corpus.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no corpus with the slug {slug!r}.")
    return found


def as_text(report: integrity.Report) -> str:
    """A line for each check, with its findings below."""
    lines: list[str] = []
    width = max(map(len, integrity.CHECKS))
    for name, tally in report.checks.items():
        verdict = f"{tally.found} WRONG" if tally.found else "ok"
        lines.append(f"{name:<{width}}  {tally.examined:>9,}  {verdict}")
        lines += [f"    {finding.id}: {finding.sentence}" for finding in tally.findings]
        if tally.found > len(tally.findings):
            lines.append(f"    … and {tally.found - len(tally.findings):,} more")
    examined = sum(tally.examined for tally in report.checks.values())
    lines.append(f"{examined:,} rows examined in {len(report.checks)} checks, {report.found:,} findings.")
    return "\n".join(lines)


def as_json(report: integrity.Report) -> str:
    """The same for programs; ``findings`` holds the first of each check."""
    checks = {
        name: {
            "proves": integrity.CHECKS[name].proves,
            "examined": tally.examined,
            "found": tally.found,
            "findings": [finding._asdict() for finding in tally.findings],
        }
        for name, tally in report.checks.items()
    }
    return json.dumps({"found": report.found, "checks": checks}, ensure_ascii=False, indent=2)
