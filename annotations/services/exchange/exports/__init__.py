"""Exports: one snapshot of the database, written to a temporary file that is then downloaded.

The connection is released before the download: a slow client holds a file, not a transaction.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, TypeAlias, cast

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet

from annotations.enums import State
from annotations.exceptions import FieldError, FormatLossError, InvalidInputError
from annotations.formats import FORMATS, Dialect, Format
from annotations.formats.core import records
from annotations.formats.core.interfaces import RIGHTS_LOSSES, Writer, write_article
from annotations.messages import TranslatableMessage, join_choices, join_list, message, term
from annotations.models import Article, Corpus, Role
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core.replica import read_replica
from annotations.services.core.snapshot import read_snapshot
from annotations.services.exchange.exports.corpus_reader import CorpusReader
from annotations.services.rights.verdicts import Purpose, load_gate
from annotations.text.search_query import parse_query
from annotations.visibility import get_visible_row

#: The states of the sets that an export holds, by the value of its parameter.
SET_STATES: Mapping[str, tuple[State, ...]] = {
    "approved": (State.APPROVED,),
    "submitted": (State.SUBMITTED, State.IN_REVIEW, State.APPROVED),
    "all": tuple(State),
    "none": (),
}
WRITABLE_FORMATS: Mapping[str, Format] = {name: row for name, row in FORMATS.items() if row.is_writable}
_BUFFER = 1024 * 1024
ExportProgress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportFile:
    """A finished export. ``file`` is positioned at its beginning and is deleted from the disk when closed."""

    file: IO[bytes]
    filename: str
    media_type: str
    length: int
    sha256: str
    records: int
    losses: list[dict[str, Any]]

    @property
    def loss_count(self) -> int:
        """The number of items that the format could not carry."""
        return sum(loss["count"] for loss in self.losses)


def export_corpus(
    by: User | None,
    corpus: Corpus,
    *,
    format: str,
    sets: str = "approved",
    dialect: str = "machine",
    articles: QuerySet[Article] | None = None,
    strict: bool = False,
    question: str = "",
    on_progress: ExportProgress | None = None,
) -> ExportFile:
    """Write the part of a corpus that ``by`` sees to a file; None is the system, which sees everything.

    ``articles`` limits the articles: a query that is filtered but not sliced; visibility is applied here.
    ``question`` is what formats look for that list hits; it does not limit the articles.
    ``strict`` raises ``FormatLossError`` if the format cannot carry everything. ``on_progress`` is called
    with the articles that are written and their number; it must not query the database.
    """
    row = WRITABLE_FORMATS[_require_choice("format", format, WRITABLE_FORMATS)]
    states = SET_STATES[_require_choice("sets", sets, SET_STATES)]
    dialect_value = Dialect(_require_choice("dialect", dialect, dict.fromkeys(Dialect)))
    require_question(row, question)
    export = partial(
        _export, by, corpus, articles,
        row=row, states=states, dialect=dialect_value, strict=strict, question=question,
        on_progress=on_progress,
    )  # fmt: skip
    # what leaves the house obeys what was said about it until now
    return read_replica(export, complete=True, own_snapshot=True)


def _export(
    by: User | None,
    corpus: Corpus,
    articles: QuerySet[Article] | None,
    *,
    row: Format,
    states: Sequence[State],
    dialect: Dialect,
    strict: bool,
    question: str,
    on_progress: ExportProgress | None,
) -> ExportFile:
    file = tempfile.TemporaryFile(buffering=_BUFFER, prefix="standpoint-export-")  # noqa: SIM115 - handed over
    try:
        with read_snapshot():
            seen = _load_corpus(by, corpus)
            gate = load_gate(corpus.pk, Purpose.EXPORT)
            reader = CorpusReader(
                by, seen.row, states, articles, row.sections, gate, seen.role, row.keeps_merges
            )
            writer = cast("type[Writer]", row.writer)(file, dialect=dialect)
            writer.question = question
            _write(reader, writer, row, on_progress)
            header = reader.header()
        if not connection.in_atomic_block:
            connection.close()  # back into the pool, not kept until the download ends
        return _finish(file, writer, row, header, strict=strict)
    except BaseException:
        file.close()
        raise


def require_question(row: Format, question: str) -> None:
    """Raise ``InvalidInputError`` for a format that lists hits, where no words are looked for."""
    if row.needs_question and not parse_query(question).text_atoms:
        detail = message("The format {name} lists hits: say in q which words to find.", name=row.name)
        raise InvalidInputError(detail, errors=[FieldError(code="required", detail=detail, parameter="q")])


def _require_choice(parameter: str, value: str, table: Mapping[Any, Any]) -> str:
    if value not in table:
        detail = message(
            "There is no {parameter} “{value}” here; use {choices}.",
            parameter=parameter,
            value=value,
            choices=join_choices(table),
        )
        raise InvalidInputError(
            detail, errors=[FieldError(code="choice", detail=detail, parameter=parameter)]
        )
    return value


def _load_corpus(by: User | None, corpus: Corpus) -> VisibleRow[Corpus]:
    """Return the corpus as it is in the snapshot, with the role of the caller."""
    if by is None:
        return VisibleRow(Corpus.objects.get(pk=corpus.pk), Role.MANAGER)
    seen = get_visible_row(by, Corpus.objects.all(), pk=corpus.pk)
    require_permission(by, Permission.EXPORT_CORPUS, seen)
    return seen


def _write(
    reader: CorpusReader, writer: Writer, row: Format, on_progress: ExportProgress | None = None
) -> None:
    try:
        _fill(reader, writer, row, on_progress)
        # Before the end of the file: a data card tells of them.
        for what in RIGHTS_LOSSES:
            writer.losses.absorb(reader.losses, what)
        writer.close()
    except BaseException:
        writer.abandon()
        raise


def _fill(reader: CorpusReader, writer: Writer, row: Format, on_progress: ExportProgress | None) -> None:
    writer.write_corpus(reader.header())
    for entry in reader.entries():
        writer.write_entry(entry)
    for merge in reader.merges():
        writer.write_merge(merge)
    for judgement in reader.judgements():
        writer.write_judgement(judgement)
    total, done = 0 if on_progress is None else reader.count_articles(), 0
    with closing(reader.chunks()) as chunks:
        for articles, names in chunks:
            for article in articles:
                write_article(row, writer, article, names)
            done += len(articles)
            if on_progress is not None:
                on_progress(done, total)
    for story in reader.stories():
        writer.write_story(story)
    for tombstone in reader.tombstones():
        writer.write_tombstone(tombstone)


def _finish(
    file: IO[bytes], writer: Writer, row: Format, header: records.Corpus, *, strict: bool
) -> ExportFile:
    losses = writer.losses.as_list()
    if strict and (kept := [loss for loss in losses if loss["what"] in RIGHTS_LOSSES]):
        raise FormatLossError(
            message(
                "Rights keep {losses} in the house, in every format; export without strict.",
                losses=_join_losses(kept),
            ),
            losses=losses,
        )
    if strict and losses:
        raise FormatLossError(
            message(
                "The format {name} cannot carry {losses}; choose jsonl, which carries "
                "everything, or export without strict.",
                name=row.name,
                losses=_join_losses(losses),
            ),
            losses=losses,
        )
    # Without the buffer, file and descriptor have the same position: a server may send from either.
    plain: io.RawIOBase = cast("io.BufferedRandom", file).detach()
    length = plain.tell()
    plain.seek(0)
    digest = hashlib.file_digest(cast("Any", plain), "sha256").hexdigest()
    plain.seek(0)
    return ExportFile(
        cast("IO[bytes]", plain),
        filename=f"{header.slug}.{row.extension}",
        media_type=row.media_type,
        length=length,
        sha256=digest,
        records=writer.records,
        losses=losses,
    )


def _join_losses(losses: Sequence[Mapping[str, Any]]) -> TranslatableMessage:
    return join_list(
        message("{count} {what}", count=loss["count"], what=term("loss", loss["what"])) for loss in losses
    )
