"""``standpoint``: push, pull and follow from a shell.

Exit status: 0 all is well, 1 the service refused or something is wrong, 2 the command was not understood.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from standpoint_client.client import Client
from standpoint_client.errors import ImportFailedError, StandpointClientError
from standpoint_client.logins import store_login
from standpoint_client.releases import verify_folder

Options = argparse.Namespace
#: What a file is, by its ending.
FORMATS = {".jsonl": "jsonl", ".csv": "csv", ".json": "labelstudio", ".zip": "brat", ".xml": "tei"}


def login(options: Options) -> int:
    """Keep address and token, which is asked for and checked first."""
    token = options.token or getpass.getpass("Token: ")
    with Client(options.url, token) as client:
        me = client.me()
    file = store_login(options.url, token)
    _print(options, dict(me), f"Signed in as {me['username']}; kept in {file}.")
    return 0


def push(options: Options) -> int:
    """Import files: plain texts by their names, others by their formats."""
    totals = dict.fromkeys(("lines", "created", "updated", "skipped", "failed"), 0)
    with Client(options.url, options.token) as client:
        corpus = client.corpus(options.corpus)
        for path in map(Path, options.files):
            format = options.format or FORMATS.get(path.suffix, "text")
            params: dict[str, Any] = {"dry_run": options.dry_run, "on_conflict": options.on_conflict}
            if format == "text":
                params["external_id"] = path.stem
            try:
                report = corpus.push_file(path, format, progress=not options.json, **params)
            except ImportFailedError as failed:
                report = failed.report
                print(f"{path}: {failed}", file=sys.stderr)
            totals = {name: count + report[name] for name, count in totals.items()}
    _print(options, totals, ", ".join(f"{count} {name}" for name, count in totals.items()))
    return 1 if totals["failed"] else 0


def pull(options: Options) -> int:
    """Write an export, or the files of a release."""
    with Client(options.url, options.token) as client:
        corpus = client.corpus(options.corpus)
        if options.release is not None:
            path = corpus.get_release(options.release).pull(options.output)
        else:
            path = corpus.export(
                options.format, options.output, sets=options.sets, background=options.background,
                progress=not options.json,
            )  # fmt: skip
    _print(options, {"path": str(path)}, str(path))
    return 0


def watch(options: Options) -> int:
    """Print the events of a corpus as they come, until Ctrl+C."""
    with Client(options.url, options.token) as client:
        events = client.corpus(options.corpus).events(
            options.after, follow=not options.once, action=options.action
        )
        for event in events:
            name = event["external_id"] or event["article"] or ""
            text = f"{event['seq']} {event['time']} {event['action']} {event['user'] or '-'} {name}"
            _print(options, dict(event), text.rstrip())
    return 0


def release(options: Options) -> int:
    """Make a release and, with ``--output``, pull it."""
    with Client(options.url, options.token) as client:
        made = client.corpus(options.corpus).release(
            options.format or ["jsonl", "quotes"], name=options.name, progress=not options.json
        )
        if options.output:
            made.pull(options.output)
    _print(options, dict(made.row), f"Release {made.row['number']}: {len(made.row['files'])} files.")
    return 0


def verify(options: Options) -> int:
    """Compare the files of a release with its manifest."""
    faults = verify_folder(Path(options.folder))
    _print(options, {"faults": faults}, "\n".join(faults) or "All files are as they were released.")
    return 1 if faults else 0


def _print(options: Options, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text, flush=True)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="standpoint", description="Work with a Standpoint service.")
    commands = parser.add_subparsers(dest="command", required=True)

    def add(run: Callable[[Options], int], *, corpus: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="print JSON, for programs")
        if run is not verify:
            command.add_argument("--url", help="the address of the service, instead of that of the log-in")
            command.add_argument("--token", help="a token, instead of that of the log-in")
        if corpus:
            command.add_argument("corpus", help="the slug of the corpus")
        return command

    add(login, corpus=False).set_defaults(url="http://127.0.0.1:8000")
    command = add(push)
    command.add_argument("files", nargs="+", metavar="FILE")
    command.add_argument("--format", help="what the files are; else their endings say it")
    command.add_argument("--on-conflict", choices=("update", "skip", "fail"), default="update")
    command.add_argument("--dry-run", action="store_true", help="check all, and store nothing")
    command = add(pull)
    command.add_argument("--format", default="jsonl")
    command.add_argument("--sets", choices=("approved", "submitted", "all", "none"), default="approved")
    command.add_argument("--release", type=int, metavar="N", help="the files of a release instead")
    command.add_argument("--output", default=".", help="a file or a folder")
    command.add_argument("--background", action="store_true", help="let a worker make it")
    command = add(watch)
    command.add_argument("--after", type=int, default=0, metavar="SEQ", help="only events after this one")
    command.add_argument("--action", help="only this action, such as approve")
    command.add_argument("--once", action="store_true", help="end after the events that there are")
    command = add(release)
    command.add_argument("--name")
    command.add_argument("--format", action="append", help="may be given more than once")
    command.add_argument("--output", help="a folder to pull the release into")
    add(verify, corpus=False).add_argument("folder")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except (StandpointClientError, OSError, ValueError) as error:
        print(f"standpoint: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
