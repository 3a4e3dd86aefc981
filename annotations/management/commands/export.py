"""``manage.py export``: a corpus as a file."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exceptions import StandpointError
from annotations.formats import Dialect
from annotations.models import Corpus
from annotations.services.exports import SETS, WRITABLE, ExportFile, export


class Command(BaseCommand):
    help = (
        "Writes a corpus to a file or to the output, as of one moment. It sees everything, also the work "
        "that is still hidden from colleagues."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("corpus", metavar="CORPUS", help="the slug of the corpus")
        add("--format", choices=tuple(WRITABLE), default="jsonl", help="jsonl by default")
        add("--sets", choices=tuple(SETS), default="approved", help="which sets; approved by default")
        add(
            "--dialect",
            choices=tuple(str(dialect) for dialect in Dialect),
            default=str(Dialect.MACHINE),
            help="of tables: exact for machines (the default), or safe to open in a spreadsheet",
        )
        add("--output", metavar="FILE", default="-", help="without this, or with -, the output")
        add("--strict", action="store_true", help="fail if the format cannot carry everything")

    def handle(self, *, corpus: str, output: str, **options: Any) -> None:
        found = Corpus.objects.filter(slug=corpus).first()
        if found is None:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        chosen = {name: options[name] for name in ("format", "sets", "dialect", "strict")}
        try:
            made = export(None, found, **chosen)
        except StandpointError as error:
            raise CommandError(error.detail) from error
        with made.file:
            if output == "-":
                shutil.copyfileobj(made.file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                _write(made, Path(output))
        for loss in made.losses:
            self.stderr.write(f"not carried by {options['format']}: {loss['count']} {loss['what']}")
        if output != "-":
            self.stdout.write(f"{output}: {made.length:,} bytes, SHA-256 {made.sha256}")


def _write(made: ExportFile, path: Path) -> None:
    """The file under its name at once and whole, or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                shutil.copyfileobj(made.file, part)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).chmod(0o666 & ~_umask())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
