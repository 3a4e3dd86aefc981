"""``manage.py export``: write a corpus to a file."""

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
from annotations.models import Article, Corpus
from annotations.services.exchange.exports import SET_STATES, WRITABLE_FORMATS, ExportFile, export_corpus
from annotations.services.exchange.filters import filter_articles


class Command(BaseCommand):
    help = (
        "Writes a corpus to a file or to the output, as of one moment. It sees everything, also the work "
        "that is still hidden from colleagues."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("corpus", metavar="CORPUS", help="the slug of the corpus")
        add("--format", choices=tuple(WRITABLE_FORMATS), default="jsonl", help="jsonl by default")
        add("--sets", choices=tuple(SET_STATES), default="approved", help="which sets; approved by default")
        add(
            "--dialect",
            choices=tuple(str(dialect) for dialect in Dialect),
            default=str(Dialect.MACHINE),
            help="of tables: exact for machines (the default), or safe to open in a spreadsheet",
        )
        add("--question", metavar="Q", default="", help="only articles that it finds, such as 'lock -toll'")
        add("--output", metavar="FILE", default="-", help="without this, or with -, the output")
        add("--strict", action="store_true", help="fail if the format cannot carry everything")

    def handle(self, *, corpus: str, output: str, question: str, **options: Any) -> None:
        row = Corpus.objects.filter(slug=corpus).first()
        if row is None:
            raise CommandError(f"There is no corpus with the slug {corpus!r}.")
        export_options = {name: options[name] for name in ("format", "sets", "dialect", "strict")}
        try:
            exported = export_corpus(
                None,
                row,
                articles=filter_articles(Article.objects.all(), None, {"q": question}),
                question=question,
                **export_options,
            )
        except StandpointError as error:
            raise CommandError(error.detail) from error
        with exported.file:
            if output == "-":
                shutil.copyfileobj(exported.file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                _write_file(exported, Path(output))
        for loss in exported.losses:
            self.stderr.write(f"not carried by {options['format']}: {loss['count']} {loss['what']}")
        if output != "-":
            self.stdout.write(f"{output}: {exported.length:,} bytes, SHA-256 {exported.sha256}")


def _write_file(exported: ExportFile, path: Path) -> None:
    """Write the file whole and put it under its name in one step, or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                shutil.copyfileobj(exported.file, part)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).chmod(0o666 & ~_current_umask())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
