# ruff: noqa: N999 - the name of the command is the name of the module
"""``manage.py import``: import files into a corpus."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exceptions import DuplicateError, InvalidInputError, StandpointError
from annotations.models import Corpus
from annotations.services import job_runner
from annotations.services.core import sets
from annotations.services.exchange.imports import (
    CONFLICT_CHOICES,
    INITIAL_STATES,
    READABLE_FORMATS,
    READER_OPTIONS,
    ImportOptions,
    LineError,
    default_owner,
    find_format,
    import_file,
)
from annotations.services.exchange.imports.line_log import LineLog
from annotations.services.exchange.imports.observers import NULL_OBSERVER, ImportObserver, LogObserver
from annotations.services.jobs import leases
from annotations.services.jobs.local_files import LocalLog

#: The files of a folder that are read; a file given by name may have any ending.
FOLDER_ENDINGS = (".txt", ".jsonl", ".ndjson")
#: How many errors are printed for a file; --json prints all errors of the report.
MAX_PRINTED_ERRORS = 20
#: The options of readers that are given once; an external id is the name of the file.
_READER_OPTIONS = tuple(name for name in READER_OPTIONS if name not in ("external_id", "title", "map"))
_SUFFIXES = ", ".join(FOLDER_ENDINGS)
_COUNTS = ("created", "updated", "skipped", "failed", "rekeyed")


class Command(BaseCommand):
    help = (
        "Reads files into a corpus: JSON lines, or plain texts that become an article each, with the name of "
        "the file without its ending as external id. Whole articles are stored as the file is read; a line "
        "that is wrong is told and stores nothing. The exit status is 1 if anything was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("corpus", metavar="CORPUS", help="the slug of the corpus")
        add(
            "files",
            nargs="+",
            metavar="FILE",
            help=f"files, folders ({_SUFFIXES} are read), or - for the input",
        )
        add(
            "--format",
            choices=tuple(READABLE_FORMATS),
            help="without this the content decides, or else the ending; jsonl for all others",
        )
        add(
            "--on-conflict",
            choices=CONFLICT_CHOICES,
            default="fail",
            help="where an article exists: stop (fail, the default), skip it, or update metadata and text",
        )
        add("--dry-run", action="store_true", help="check everything and write nothing")
        add("--owner", metavar="USERNAME", help="whose work the marks become; without this, a manager's")
        add("--state", choices=INITIAL_STATES, help="the state in which imported sets begin; open by default")
        add(
            "--restore",
            action="store_true",
            help="keep ids, owners, states and times of a complete export; founds the corpus if need be",
        )
        _add_reader_arguments(parser)
        add("--json", action="store_true", help="print one JSON object for each file, for programs")
        add("--report", metavar="FILE", help="write what became of each line to a file, as JSON lines")
        add(
            "--background",
            action="store_true",
            help="keep the files and let a worker read them; --owner, or else a manager, gives the order",
        )

    def handle(self, *, corpus: str, files: list[str], restore: bool, **options: Any) -> None:
        if restore and (len(files) > 1 or Path(files[0]).is_dir()):
            raise CommandError("A restore takes one file, which holds the whole corpus.")
        if restore and (options["owner"] or options["state"]):
            raise CommandError(
                "A restore keeps owners and states of the file; leave --owner and --state out."
            )
        row = Corpus.objects.filter(slug=corpus).first()
        if row is None and not restore:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        import_options = {
            name: options[name] for name in ("on_conflict", "dry_run", "state", *_READER_OPTIONS)
        }
        import_options |= {name: ",".join(options[name]) for name in ("map", "owners")}
        import_options["restore"] = restore
        if options["background"]:
            self._queue(row, files, import_options, options)
            return
        try:
            if row is not None and not restore:
                import_options["owner"] = self._owner(row, options)
            failed = [
                path for path in _paths(files) if self._import(row or corpus, path, import_options, options)
            ]
        except StandpointError as error:
            raise CommandError(error.detail) from error
        if failed:
            sys.exit(1)

    def _queue(
        self, corpus: Corpus | None, files: list[str], import_options: dict[str, Any], options: dict[str, Any]
    ) -> None:
        """Store the files for a worker, which imports them."""
        if corpus is None or import_options.pop("restore"):
            raise CommandError("A restore is not done in the background.")
        by = default_owner(corpus)
        if by is None:
            raise CommandError("The corpus has no manager in whose name a worker could import.")
        try:
            owner = self._owner(corpus, {**options, "json": True})
            for path in _paths(files):
                with _open(path) as stream:
                    chosen = {**import_options, "owner": owner}
                    job_options = _options_of(path, stream, chosen, options["format"])
                    job = job_runner.queue_import(by, corpus, stream, job_options)
                self.stdout.write(
                    f"{path or '-'}: job {job.pk}. {leases.waiting_notice(job) or 'A worker reads it.'}"
                )
        except StandpointError as error:
            raise CommandError(error.detail) from error

    def _owner(self, corpus: Corpus, options: dict[str, Any]) -> User | None:
        if options["owner"]:
            return sets.find_user(options["owner"], location="--owner")
        owner = default_owner(corpus)
        if owner is not None and not options["json"]:
            self.stdout.write(
                f"Marks become the work of {owner.get_username()}; --owner names somebody else."
            )
        return owner

    def _import(
        self, corpus: Corpus | str, path: Path | None, import_options: dict[str, Any], options: dict[str, Any]
    ) -> bool:
        """Import one file, and return whether anything in it was refused."""
        name = str(path or "-")
        with _open(path) as stream, _observe(options["report"]) as observer:
            chosen = _options_of(path, stream, import_options, options["format"])
            try:
                report = import_file(None, corpus, stream, chosen, observer=observer).as_dict()
                duplicate = None
            except DuplicateError as error:
                if not isinstance(next(iter(error.errors), None), LineError):
                    raise
                report, duplicate = _report_of(error), error
            except InvalidInputError as error:
                # An empty file among many does not stop the others.
                self.stderr.write(f"{name}: {error.detail}")
                return True
        self._print_report(name, report, as_json=options["json"])
        if duplicate is not None:
            raise CommandError(f"{name}: {duplicate.detail}")
        return bool(report["failed"])

    def _print_report(self, name: str, report: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"file": name, **report}, ensure_ascii=False))
            return
        counts = ", ".join(f"{report[what]} {what}" for what in _COUNTS if report[what])
        carried = {status: number for status, number in report["carried"].items() if number}
        if carried:
            marks = ", ".join(f"{number} {status}" for status, number in carried.items())
            counts = f"{counts}; marks: {marks}"
        dry_run = " (dry run: nothing was written)" if report["dry_run"] else ""
        lines = "1 line" if report["lines"] == 1 else f"{report['lines']:,} lines"
        self.stdout.write(f"{name}: {lines}; {counts or 'nothing to do'}{dry_run}.")
        for error in report["errors"][:MAX_PRINTED_ERRORS]:
            place = f" at {error['pointer']}" if error["pointer"] else ""
            whose = f" ({error['external_id']})" if error["external_id"] else ""
            self.stderr.write(f"  line {error['line']}{whose}{place}: {error['detail']}")
        left = len(report["errors"]) - MAX_PRINTED_ERRORS + report["errors_left_out"]
        if left > 0:
            self.stderr.write(f"  … and {left} more; --json prints the first 1,000.")
        for loss in report["losses"]:
            self.stderr.write(f"  not taken over: {loss['count']} {loss['what']}")


def _options_of(
    path: Path | None, stream: IO[bytes], chosen: dict[str, Any], format: str | None
) -> ImportOptions:
    """Return the options of one file: what is in it decides the format, its name the id of a text."""
    if format is None and path is not None:
        format = find_format(stream, path.name)
    format = format or "jsonl"
    named = {"external_id": path.stem} if path is not None and format == "text" else {}
    return ImportOptions.from_parameters(**{**chosen, **named, "format": format})


def _report_of(error: DuplicateError) -> dict[str, Any]:
    """Return the report of an import that stopped at an existing article."""
    return {**error.data, "errors": [fault.as_dict() for fault in error.errors]}


def _paths(names: Sequence[str]) -> Iterator[Path | None]:
    """Yield the files in the order of the arguments, those of a folder by name; None is stdin."""
    for name in names:
        path = Path(name)
        if name == "-":
            yield None
        elif path.is_dir():
            members = sorted(
                one for one in path.rglob("*") if one.suffix.lower() in FOLDER_ENDINGS and one.is_file()
            )
            if not members:
                raise CommandError(f"The folder {name} holds no file that ends in {_SUFFIXES}.")
            yield from members
        elif path.is_file():
            yield path
        else:
            raise CommandError(f"There is no file {name!r}.")


@contextmanager
def _observe(report: str | None) -> Iterator[ImportObserver]:
    """Open the observer that appends the result of each line to the report file."""
    if report is None:
        yield NULL_OBSERVER
        return
    at = Path(report)
    try:
        size = at.stat().st_size if at.exists() else 0
        log = LineLog(LocalLog(at, size), size)
    except OSError as error:
        raise CommandError(f"{report} cannot be written: {error.strerror}.") from error
    try:
        yield LogObserver(log)
    finally:
        log.close()


def _open(path: Path | None) -> IO[bytes]:
    if path is None:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _add_reader_arguments(parser: CommandParser) -> None:
    """Add the options of readers: people, names, and what each format understands."""
    add = parser.add_argument
    add(
        "--owners",
        action="append",
        default=[],
        metavar="MEMBER=THEIRS",
        help="which person of the file is which member; each gets a set; may be given several times",
    )
    add(
        "--map",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="what the file calls a label, relation, attribute, value (stance.oppose=Against) or field "
        "of ours; may be given several times",
    )
    for name in _READER_OPTIONS:
        option = READER_OPTIONS[name]
        add(f"--{name}", choices=option.choices, default="", help=str(option.description))
