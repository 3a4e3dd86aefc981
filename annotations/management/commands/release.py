"""``manage.py release``: make, list and verify the releases of a corpus."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exceptions import StandpointError
from annotations.formats.release.splits import SPLIT_NAMES, SPLIT_RULES
from annotations.models import Corpus, Job, Release, ReleaseState
from annotations.services import job_runner, releases
from annotations.services.exchange import filters
from annotations.services.exchange.exports import WRITABLE_FORMATS
from annotations.services.releases.leaks import release_leaks
from annotations.services.releases.verify import verify_release


class Command(BaseCommand):
    help = (
        "Makes a release of what is approved in a corpus: numbered, frozen, with manifest, data card and the "
        "chosen formats. With --verify it proves releases instead: their files, and the same files made "
        "again from what is frozen; the exit status is 1 if anything is wrong. With --leaks it searches a "
        "release for the names of protected sources; the exit status is 1 if there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("corpus", metavar="CORPUS", help="the slug of the corpus")
        add("--name", default="", help="what the release is called")
        add(
            "--format", action="append", choices=tuple(WRITABLE_FORMATS), dest="formats",
            help="jsonl by default; may be given several times",
        )  # fmt: skip
        add(
            "--sets",
            choices=releases.SETS_CHOICES,
            default=releases.SETS_CHOICES[0],
            help="approved, or texts alone",
        )
        add("--no-text", action="store_true", help="offsets, checksums and quotes only")
        add(
            "--independent-sets", action="store_true",
            help="beside the gold sets also the sets that they were made of, with numbers instead of people",
        )  # fmt: skip
        add("--splits", choices=SPLIT_RULES, help="divide articles by story or by time")
        add("--shares", metavar="80,10,10", help=f"percentages of {', '.join(SPLIT_NAMES)}")
        add(
            "--filter", action="append", default=[], metavar="NAME=VALUE",
            help=f"choose articles by {', '.join(filters.ARTICLE_FILTERS)}; may be given several times",
        )  # fmt: skip
        add("--list", action="store_true", help="list the releases that there are")
        add("--verify", action="store_true", help="prove the releases that there are")
        add("--restore", action="store_true", help="with --verify: put lost and damaged files back")
        add(
            "--leaks", type=int, metavar="N",
            help="search every file of release N for the names of protected sources",
        )  # fmt: skip
        add("--number", type=int, help="with --verify and --list: only this release")
        add("--json", action="store_true", help="print JSON, for programs")

    def handle(self, *, corpus: str, **options: Any) -> None:
        row = Corpus.objects.filter(slug=corpus).first()
        if row is None:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        if options["restore"] and not options["verify"]:
            raise CommandError("--restore belongs to --verify.")
        if options["leaks"] is not None:
            self._find_leaks(self._select(row, options["leaks"])[0], options)
            return
        if options["verify"] or options["list"]:
            rows = self._select(row, options["number"])
            self._verify(rows, options) if options["verify"] else self._list(rows, options)
            return
        try:
            release, _ = job_runner.make_release(None, row, _release_request(options), inline=True)
        except StandpointError as error:
            raise CommandError(error.detail) from error
        if release.state != ReleaseState.READY:
            job = Job.objects.get(release=release)
            raise CommandError(
                f"Release {release.number} is {release.state}: {job.error or 'its job goes on later'}"
            )
        self._list([release], options)

    def _select(self, corpus: Corpus, number: int | None) -> Sequence[Release]:
        rows = corpus.releases.select_related("corpus").order_by("number")
        selected = list(rows if number is None else rows.filter(number=number))
        if number is not None and not selected:
            raise CommandError(f"The corpus {corpus.slug} has no release {number}.")
        return selected

    def _list(self, rows: Sequence[Release], options: dict[str, Any]) -> None:
        for release in rows:
            files: list[dict[str, Any]] = [
                {"name": row.name, "sha256": row.sha256, "bytes": row.bytes, "records": row.records}
                for row in release.files.all()
            ]
            state = "withdrawn" if release.withdrawn_at else release.state
            if options["json"]:
                document = {"id": str(release.pk), "number": release.number, "name": release.name or None}
                document |= {
                    "state": state,
                    "counts": release.counts,
                    "losses": release.losses,
                    "files": files,
                }
                self.stdout.write(json.dumps(document, ensure_ascii=False))
                continue
            counts = release.counts
            spans = counts.get("spans", {}).get("total", 0)
            articles = counts.get("articles", 0)
            self.stdout.write(f"Release {release.number}: {state}, {articles:,} articles, {spans:,} spans.")
            for file in files:
                self.stdout.write(f"  {file['sha256'][:12]}  {file['bytes']:>12,}  {file['name']}")

    def _find_leaks(self, release: Release, options: dict[str, Any]) -> None:
        if release.withdrawn_at or release.state != ReleaseState.READY:
            state = "withdrawn" if release.withdrawn_at else release.state
            raise CommandError(f"Release {release.number} is {state}; it has no files to search.")
        found = list(release_leaks(release))
        if options["json"]:
            leaks = [leak._asdict() for leak in found]
            self.stdout.write(json.dumps({"release": release.number, "leaks": leaks}, ensure_ascii=False))
        else:
            for leak in found:
                self.stdout.write(f"{leak.file}: “{leak.words}”, {leak.times} times.")
            self.stdout.write(f"Names of protected sources in release {release.number}: {len(found)}.")
        if found:
            sys.exit(1)

    def _verify(self, rows: Sequence[Release], options: dict[str, Any]) -> None:
        findings: list[str] = []
        for release in rows:
            if release.state == ReleaseState.READY:
                findings += verify_release(release, restore=options["restore"])
        if options["json"]:
            self.stdout.write(json.dumps({"releases": len(rows), "findings": findings}, ensure_ascii=False))
        else:
            for sentence in findings:
                self.stdout.write(sentence)
            self.stdout.write(f"Releases verified: {len(rows)}. Findings: {len(findings)}.")
        if findings:
            sys.exit(1)


def _release_request(options: dict[str, Any]) -> releases.ReleaseRequest:
    splits = None
    if options["splits"]:
        splits = releases.parse_splits(options["splits"], _parse_shares(options["shares"]))
    elif options["shares"]:
        raise CommandError("--shares belongs to --splits.")
    return releases.ReleaseRequest(
        name=options["name"],
        formats=options["formats"] or releases.DEFAULT_FORMATS,
        sets=options["sets"],
        include_text=not options["no_text"],
        independent_sets=options["independent_sets"],
        splits=splits,
        filter=_parse_filter(options["filter"]),
    )


def _parse_shares(text: str | None) -> dict[str, int] | None:
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) > len(SPLIT_NAMES) or not all(part.isascii() and part.isdigit() for part in parts):
        raise CommandError("--shares takes up to three whole numbers with commas between, such as 80,10,10.")
    return dict(zip(SPLIT_NAMES, map(int, parts), strict=False))


def _parse_filter(pairs: Sequence[str]) -> dict[str, str]:
    values = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or name not in filters.ARTICLE_FILTERS:
            raise CommandError(f"--filter takes NAME=VALUE with one of {', '.join(filters.ARTICLE_FILTERS)}.")
        values[name] = value
    return values
