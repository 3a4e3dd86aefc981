"""Imports: a file is read line by line and written in batches of whole articles.

Memory holds one batch of lines, however large the file. A faulty line fails alone, with all its errors.
Written articles stay, so that an interrupted import can be run again with ``on_conflict="skip"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import chain, islice
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.enums import State
from annotations.exceptions import DuplicateError, FieldError, InvalidInputError, NotVisibleError
from annotations.formats import FORMATS, Format
from annotations.formats.archive.zip_reader import PrefixedStream, read_start
from annotations.formats.core import file_kinds, records
from annotations.formats.core.interfaces import ParsedRecord, Readable, StandoffAnnotations
from annotations.messages import join_choices
from annotations.models import Corpus, Membership, Role
from annotations.permissions import Permission, require_permission
from annotations.services.core.sets import require_member, require_not_archived
from annotations.services.exchange.imports import batch as batches
from annotations.services.exchange.imports import options, registry, registry_merges, standoff, users
from annotations.services.exchange.imports import restore as restoring
from annotations.services.exchange.imports.context import ImportContext, PendingArticle
from annotations.services.exchange.imports.observers import NULL_OBSERVER, ImportObserver
from annotations.services.exchange.imports.options import DISCONTINUOUS_CHOICES, READER_OPTIONS
from annotations.services.exchange.imports.prefetch import (
    MAX_BATCH_ARTICLES,
    MAX_BATCH_WEIGHT,
    PrefetchedLines,
    record_weight,
)
from annotations.services.exchange.imports.report import ImportReport, LineError
from annotations.visibility import get_visible_row

__all__ = [
    "CONFLICT_CHOICES",
    "DISCONTINUOUS_CHOICES",
    "FORMAT_OF_ENDING",
    "INITIAL_STATES",
    "READABLE_FORMATS",
    "READER_OPTIONS",
    "ImportReport",
    "LineError",
    "check_import_options",
    "default_owner",
    "import_file",
]

#: What to do with a line whose article exists.
CONFLICT_CHOICES = ("fail", "skip", "update")
#: The states in which imported sets can begin.
INITIAL_STATES = (str(State.OPEN), str(State.SUBMITTED))
READABLE_FORMATS: Mapping[str, Format] = {name: row for name, row in FORMATS.items() if row.is_readable}
#: The format of a file by its ending in small letters; others have to be chosen.
FORMAT_OF_ENDING = {ending: name for name, row in READABLE_FORMATS.items() for ending in row.endings}


def import_file(
    by: User | None,
    corpus: Corpus | str,
    stream: Readable,
    *,
    format: str = "jsonl",
    on_conflict: str = "fail",
    dry_run: bool = False,
    owner: User | None = None,
    state: str | None = None,
    restore: bool = False,
    owners: str = "",
    watch: ImportObserver = NULL_OBSERVER,
    **sent: str | None,
) -> ImportReport:
    """Import a file into a corpus; ``by`` None is the system.

    ``sent`` are options of readers, by the names of their parameters. ``owners`` says which people of the
    file are which members; each of them then gets a set. If an article exists and ``on_conflict`` is fail,
    ``DuplicateError`` is raised: its ``errors`` are ``LineError``, its data the rest of the report.
    ``restore`` keeps ids, owners, states and times; it needs a corpus without articles, or the slug of a
    corpus to create. ``watch`` observes each batch inside its transaction, and may know where an earlier
    attempt ended.
    """
    _require_choice("format", format, READABLE_FORMATS)
    _require_choice("on_conflict", on_conflict, CONFLICT_CHOICES)
    begins = State(_require_choice("state", state or State.OPEN, INITIAL_STATES))
    row = READABLE_FORMATS[format]
    reader_arguments = options.reader_arguments(row, READABLE_FORMATS, sent)
    if restore and format != "jsonl":
        raise InvalidInputError("A restore takes a complete export in the format jsonl.")
    if restore and (by is not None or owner is not None or state is not None or owners):
        raise InvalidInputError("A restore is done by nobody, and owners and states are those of the file.")
    lines: Iterator[ParsedRecord] = cast("Any", row.reader)(_known_kind(stream, row), **reader_arguments)
    first = next(lines, None)
    if first is None:
        raise InvalidInputError("The file is empty; it needs at least one line.")
    # A restore is whole or is not: what was stored half-way could not be told from what came later.
    with transaction.atomic() if restore and not dry_run else nullcontext():
        seen = _load_corpus(by, corpus, first, restore=restore, dry_run=dry_run)
        context = ImportContext(
            by=by, corpus=seen, on_conflict=on_conflict, dry_run=dry_run, owner=None, state=begins,
            restore=restore, report=ImportReport(dry_run=dry_run), now=timezone.now(),
            drop_unknown_links=format != "jsonl", tells_empty=row.tells_empty,
        )  # fmt: skip
        if not restore:
            _set_owner(context, owner)
            context.owners = users.find_members(seen, owners)
            context.user_ids |= {user.get_username(): user.pk for user in context.owners.values()}
        return _FileImport(context, watch, PrefetchedLines(chain((first,), lines))).read()


def _known_kind(stream: Readable, row: Format) -> Readable:
    """Return the stream; raise for a file that is of another kind than those of a format."""
    head = read_start(stream, file_kinds.HEAD)
    if sentence := file_kinds.describe(head, takes=row.takes):
        raise InvalidInputError(sentence)
    return PrefixedStream(head, stream)


def check_import_options(by: User, corpus: Corpus, order: Mapping[str, Any]) -> None:
    """Raise the errors that ``import_file`` would raise before it reads anything."""
    row = READABLE_FORMATS[_require_choice("format", order.get("format", "jsonl"), READABLE_FORMATS)]
    _require_choice("on_conflict", order.get("on_conflict", "fail"), CONFLICT_CHOICES)
    _require_choice("state", order.get("state") or State.OPEN, INITIAL_STATES)
    sent = {name: order[name] for name in options.READER_OPTIONS if name in order}
    options.reader_arguments(row, READABLE_FORMATS, sent)
    checked = require_permission(
        by, Permission.IMPORT_CORPUS, get_visible_row(by, Corpus.objects.all(), pk=corpus.pk)
    )
    require_not_archived(checked)
    require_member(order.get("owner") or by, checked, Role.ANNOTATOR)
    users.find_members(checked, order.get("owners", ""))


def default_owner(corpus: Corpus) -> User | None:
    """Return the owner of imported spans if none is named: the active manager of longest standing."""
    members = Membership.objects.filter(corpus=corpus, role=Role.MANAGER, user__is_active=True)
    first = members.select_related("user").order_by("pk").first()
    return None if first is None else first.user


def _require_choice(parameter: str, value: str, words: Any) -> str:
    if value not in words:
        raise options.invalid_parameter(parameter, f"It takes {join_choices(words)}.")
    return value


def _load_corpus(
    by: User | None, corpus: Corpus | str, first: ParsedRecord, *, restore: bool, dry_run: bool
) -> Corpus:
    """Return the corpus to fill, with the role of the caller."""
    if isinstance(corpus, str):
        found = Corpus.objects.filter(slug=corpus).first()
        if found is None and not restore:
            raise NotVisibleError(f"There is no corpus with the slug {corpus!r}.")
        header = first.record if isinstance(first.record, records.Corpus) else None
        corpus = found or restoring.create_corpus_from_header(corpus, header, dry_run=dry_run)
    if restore:
        if first.ends:
            raise InvalidInputError(
                "The header of the file is refused, so nothing is restored; mend it, and restore it again.",
                errors=first.errors,
            )
        restoring.require_empty(corpus)
        return corpus
    if by is not None:
        corpus = require_permission(
            by, Permission.IMPORT_CORPUS, get_visible_row(by, Corpus.objects.all(), pk=corpus.pk)
        )
    require_not_archived(corpus)
    return corpus


def _set_owner(context: ImportContext, owner: User | None) -> None:
    context.owner = owner or context.by or default_owner(context.corpus)
    if context.owner is not None:
        require_member(context.owner, context.corpus, Role.ANNOTATOR)
        context.user_ids[context.owner.get_username()] = context.owner.pk


def _pending(
    line: int, record: records.RegistryEntry | records.Merge
) -> registry.PendingEntry | registry_merges.PendingMerge:
    if isinstance(record, records.Merge):
        return registry_merges.PendingMerge(line, record)
    return registry.PendingEntry(line, record)


class _FileImport:
    """One pass through a file, which collects lines into batches."""

    def __init__(self, context: ImportContext, watch: ImportObserver, lines: PrefetchedLines) -> None:
        self.context = context
        self.watch = watch
        self.lines = lines
        self.entries: list[registry.PendingEntry | registry_merges.PendingMerge] = []
        self.articles: list[PendingArticle] = []
        self.standoff: list[tuple[ParsedRecord, int]] = []
        self.keys: set[str] = set()
        self.weight = 0
        self.faulty: list[ParsedRecord] = []
        self.sorted_errors = 0
        self.is_writing = False

    def read(self) -> ImportReport:
        """Import all lines, or stop at the first article that exists if conflicts are errors."""
        context, report = self.context, self.context.report
        try:
            if self.watch.lines:
                self._skip(islice(self.lines, self.watch.lines))
            report = context.report = self.watch.on_begin(report)
            for line in self.lines:
                self._add_line(line)
            self._flush()
        except batches.ArticleExistsError as stop:
            report.lines = stop.pending.ordinal
            self._report_faulty(stop.pending.line)
            report.add_failure(stop.pending.line, stop.pending.external_id, [stop.fault])
            report.sort_errors(self.sorted_errors)
            self.watch.on_end(report)
            raise DuplicateError(stop.fault.detail, errors=report.errors, **report.counts()) from None
        self.watch.on_end(report)
        return report

    def _skip(self, lines: Iterator[ParsedRecord]) -> None:
        """Skip the lines of an earlier attempt; only their registry entries are read again."""
        for line in lines:
            if isinstance(line.record, records.RegistryEntry | records.Merge):
                self.entries.append(_pending(line.number, line.record))
                if len(self.entries) >= registry.MAX_ENTRIES:
                    self._flush_entries()
        self._flush_entries()

    def _add_line(self, line: ParsedRecord) -> None:
        self.context.report.lines += 1
        record = line.record
        if record is None:
            self.faulty.append(line)
            if len(self.faulty) >= MAX_BATCH_ARTICLES:
                self._flush()
        elif isinstance(record, records.Article):
            self._flush_entries()
            self._add_article(
                PendingArticle(line.number, line.external_id, record, self.context.report.lines, line.losses)
            )
        elif isinstance(record, StandoffAnnotations):
            self.standoff.append((line, self.context.report.lines))
            if len(self.standoff) >= standoff.MAX_ARTICLES:
                self._flush()
        elif isinstance(record, records.Corpus):
            self._apply_header(line, record)
        else:
            if self.articles:
                self._flush(but=1)
            self.entries.append(_pending(line.number, record))
            if len(self.entries) >= registry.MAX_ENTRIES:
                self._flush_entries()

    def _apply_header(self, line: ParsedRecord, header: records.Corpus) -> None:
        if self.context.report.lines > 1:
            detail = "The header is the first line of a file; leave it out here."
            fault = FieldError(code="invalid", detail=detail, pointer="/type")
            self.context.report.add_failure(line.number, None, [fault])
        elif self.context.restore:
            restoring.apply_header(self.context.corpus, header, dry_run=self.context.dry_run)

    def _add_article(self, pending: PendingArticle) -> None:
        if pending.key in self.keys:
            self._flush(but=1)  # The second of two equal lines must find the first one stored.
        self.articles.append(pending)
        self.keys.add(pending.key)
        self.weight += record_weight(pending.article)
        if len(self.articles) >= MAX_BATCH_ARTICLES or self.weight >= MAX_BATCH_WEIGHT:
            self._flush()

    def _flush_entries(self) -> None:
        if self.entries:
            entries, self.entries = self.entries, []
            registry.write_entries(self.context, entries)

    def _flush(self, *, but: int = 0) -> None:
        """Write the batch; the observer records it in the same transaction.

        ``but`` is the number of counted lines that are not in the batch yet.
        """
        if self.is_writing:
            self._write_batch()  # Standoff annotations become articles while they are written.
            return
        stop = None
        self.is_writing = True
        with self.lines.prefetching() as self.context.start_prefetching, self.watch.around_batch() as step:
            try:
                self._write_batch()
            except batches.ArticleExistsError as found:
                stop = found  # The lines before it in the batch stay.
            else:
                step(self.context.report, self.context.report.lines - but)
            finally:
                self.is_writing = False
        if stop is not None:
            raise stop

    def _write_batch(self) -> None:
        self._flush_entries()
        waiting, self.standoff = self.standoff, []
        for pending in standoff.resolve_standoff(self.context, waiting):
            self._add_article(pending)
        batch, self.articles, self.keys, self.weight = self.articles, [], set(), 0
        if batch:
            batches.write_batch(self.context, batch)
        self._report_faulty(None)
        # Errors of form and errors of content are found at different times.
        self.sorted_errors = self.context.report.sort_errors(self.sorted_errors)

    def _report_faulty(self, last: int | None) -> None:
        """Count the lines that could not be read, up to the one at which the import stopped."""
        for line in self.faulty:
            if last is None or line.number < last:
                self.context.report.add_failure(line.number, line.external_id, line.errors)
        self.faulty.clear()
