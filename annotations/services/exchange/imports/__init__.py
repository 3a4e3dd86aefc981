"""Imports: a file is read line by line and written in batches of whole articles.

Memory holds one batch of lines, however large the file. A faulty line fails alone, with all its errors.
Written articles stay, so that an interrupted import can be run again with ``on_conflict="skip"``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import IO, Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.exceptions import DuplicateError, FieldError, InvalidInputError, NotVisibleError
from annotations.formats import Format
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core import file_kinds, records
from annotations.formats.core.interfaces import ParsedRecord, Readable, StandoffAnnotations
from annotations.formats.detection import detect_foreign, detect_format
from annotations.models import Corpus, Membership, Role
from annotations.permissions import Permission, require_permission
from annotations.services.core.sets import require_member, require_not_archived
from annotations.services.exchange.imports import (
    batch,
    registry,
    registry_judgements,
    registry_merges,
    standoff,
    stories,
    users,
)
from annotations.services.exchange.imports import restore as restoring
from annotations.services.exchange.imports.context import ImportContext, PendingArticle
from annotations.services.exchange.imports.line_batch import ArticleBatch, LineBatch
from annotations.services.exchange.imports.observers import NULL_OBSERVER, ImportObserver
from annotations.services.exchange.imports.options import (
    CONFLICT_CHOICES,
    DISCONTINUOUS_CHOICES,
    INITIAL_STATES,
    READABLE_FORMATS,
    READER_OPTIONS,
    ImportOptions,
)
from annotations.services.exchange.imports.prefetch import PrefetchedLines
from annotations.services.exchange.imports.report import ImportReport, LineError
from annotations.services.jobs.search import schedule_indexing
from annotations.services.jobs.stories import schedule_stories
from annotations.visibility import get_visible_row

__all__ = [
    "CONFLICT_CHOICES",
    "DISCONTINUOUS_CHOICES",
    "INITIAL_STATES",
    "READABLE_FORMATS",
    "READER_OPTIONS",
    "ImportOptions",
    "ImportReport",
    "LineError",
    "check_import_options",
    "default_owner",
    "find_format",
    "import_file",
]

#: The format of a file by its ending in small letters; others have to be chosen.
_FORMAT_OF_ENDING = {ending: name for name, row in READABLE_FORMATS.items() for ending in row.endings}


def find_format(file: IO[bytes], name: str) -> str | None:
    """Return the format by what is in a file that can be sought in, else by the ending of its name.

    A file whose name ends in ``.txt`` is a text, whatever it says.
    """
    by_ending = _FORMAT_OF_ENDING.get(PurePosixPath(name).suffix.lower())
    return by_ending if by_ending == "text" else detect_format(file) or by_ending


def import_file(
    by: User | None,
    corpus: Corpus | str,
    stream: Readable,
    options: ImportOptions | None = None,
    *,
    observer: ImportObserver = NULL_OBSERVER,
) -> ImportReport:
    """Import a file into a corpus; ``by`` None is the system.

    If an article exists and ``on_conflict`` is fail, ``DuplicateError`` is raised: its ``errors`` are
    ``LineError``, its data the rest of the report. A restore needs a corpus without articles, or the slug
    of a corpus to create. ``observer`` observes each batch inside its transaction, and may know where an
    earlier attempt ended.
    """
    options = options or ImportOptions()
    reader_arguments = options.reader_arguments()
    if options.restore:
        _require_restorable(by, options)
    lines: Iterator[ParsedRecord] = cast("Any", options.format_row.reader)(
        _known_kind(stream, options.format_row), **reader_arguments
    )
    first = next(lines, None)
    if first is None:
        raise InvalidInputError("The file is empty; it needs at least one line.")
    # A restore is whole or is not: what was stored half-way could not be told from what came later.
    with transaction.atomic() if options.restore and not options.dry_run else nullcontext():
        context = _create_context(by, _load_corpus(by, corpus, first, options), options)
        try:
            report = _FileImport(context, observer, PrefetchedLines(chain((first,), lines))).read()
        except DuplicateError:
            _complete(context)  # the lines before the one that stopped it stay
            raise
        _complete(context)
        return report


def _complete(context: ImportContext) -> None:
    """Index the words of the articles that were written, and find their stories."""
    if not context.report.dry_run:
        schedule_indexing(context.by, context.corpus)
        schedule_stories(context.by, context.corpus)


def _require_restorable(by: User | None, options: ImportOptions) -> None:
    """Raise ``InvalidInputError`` for options that a restore does not take."""
    if options.format != "jsonl":
        raise InvalidInputError("A restore takes a complete export in the format jsonl.")
    if by is not None or options.owner is not None or options.state is not None or options.owners:
        raise InvalidInputError("A restore is done by nobody, and owners and states are those of the file.")


def _create_context(by: User | None, corpus: Corpus, options: ImportOptions) -> ImportContext:
    """Return the context of an import; the owners of its sets are those of the file only in a restore."""
    owner, owners = None, {}
    if not options.restore:
        owner = options.owner or by or default_owner(corpus)
        if owner is not None:
            require_member(owner, corpus, Role.ANNOTATOR)
        owners = users.find_members(corpus, options.owners)
    return ImportContext(
        options=options,
        by=by,
        corpus=corpus,
        owner=owner,
        owners=owners,
        report=ImportReport(dry_run=options.dry_run),
        now=timezone.now(),
        user_ids={user.get_username(): user.pk for user in (owner, *owners.values()) if user is not None},
    )


def _known_kind(stream: Readable, row: Format) -> Readable:
    """Return the stream; raise for a file that is of another kind than those of a format."""
    head = read_start(stream, file_kinds.HEAD)
    if sentence := file_kinds.describe(head, takes=row.takes):
        raise InvalidInputError(sentence)
    if row.name == "jsonl" and is_archive(head):
        raise InvalidInputError("This is an archive of files of another format; say which one by format.")
    if row.name == "jsonl" and (found := detect_foreign(head)):
        raise InvalidInputError(
            f"This is no file of ours; it looks like {READABLE_FORMATS[found].title}: send it with the format"
            f" {found}."
        )
    return PrefixedStream(head, stream)


def check_import_options(by: User, corpus: Corpus, options: ImportOptions) -> None:
    """Raise the errors that ``import_file`` would raise before it reads anything."""
    options.reader_arguments()
    checked = require_permission(
        by, Permission.IMPORT_CORPUS, get_visible_row(by, Corpus.objects.all(), pk=corpus.pk)
    )
    require_not_archived(checked)
    require_member(options.owner or by, checked, Role.ANNOTATOR)
    users.find_members(checked, options.owners)


def default_owner(corpus: Corpus) -> User | None:
    """Return the owner of imported spans if none is named: the active manager of longest standing."""
    members = Membership.objects.filter(corpus=corpus, role=Role.MANAGER, user__is_active=True)
    first = members.select_related("user").order_by("pk").first()
    return None if first is None else first.user


def _load_corpus(
    by: User | None, corpus: Corpus | str, first: ParsedRecord, options: ImportOptions
) -> Corpus:
    """Return the corpus to fill, with the role of the caller."""
    if isinstance(corpus, str):
        found = Corpus.objects.filter(slug=corpus).first()
        if found is None and not options.restore:
            raise NotVisibleError(f"There is no corpus with the slug {corpus!r}.")
        header = first.record if isinstance(first.record, records.Corpus) else None
        corpus = found or restoring.create_corpus_from_header(corpus, header, dry_run=options.dry_run)
    if options.restore:
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


class _FileImport:
    """One pass through a file in two phases, which take turns: lines fill a batch, then it is written."""

    def __init__(self, context: ImportContext, observer: ImportObserver, lines: PrefetchedLines) -> None:
        self.context = context
        self.observer = observer
        self.lines = lines
        self.entries: list[registry.PendingRecord] = []
        self.stories: list[stories.PendingStory] = []
        self.batch = LineBatch()
        self.sorted_errors = 0

    def read(self) -> ImportReport:
        """Import all lines, or stop at the first article that exists if conflicts are errors."""
        context, report = self.context, self.context.report
        try:
            if self.observer.lines:
                self._skip(islice(self.lines, self.observer.lines))
            report = context.report = self.observer.on_begin(report)
            for line in self.lines:
                self._add_line(line)
            self._write_batch()
        except batch.ArticleExistsError as stop:
            report.lines = stop.pending.ordinal
            self._report_faulty(stop.pending.line)
            report.add_failure(stop.pending.line, stop.pending.external_id, [stop.fault])
            report.sort_errors(self.sorted_errors)
            self.observer.on_end(report)
            raise DuplicateError(stop.fault.detail, errors=report.errors, **report.counts()) from None
        self.observer.on_end(report)
        return report

    def _skip(self, lines: Iterator[ParsedRecord]) -> None:
        """Skip the lines of an earlier attempt; only their registry entries are read again."""
        for line in lines:
            if isinstance(line.record, records.RegistryRecord):
                self._add_entry(line.number, line.record)
        self._write_entries()

    # --- First phase: lines are collected

    def _add_line(self, line: ParsedRecord) -> None:
        """Add a line to the batch, which is written before it or after it where it has to be."""
        record, report = line.record, self.context.report
        if isinstance(record, records.Article):
            self._write_entries()
            pending = PendingArticle(line.number, line.external_id, record, report.lines + 1, line.losses)
            if pending.key in self.batch.articles.keys:
                self._write_batch()  # The second of two equal lines must find the first one stored.
            self.batch.articles.add(pending)
        elif isinstance(record, StandoffAnnotations):
            self.batch.standoff.append((line, report.lines + 1))
        elif isinstance(record, records.Story):
            self._add_story(line.number, record)
        elif isinstance(record, records.RegistryRecord):
            if self.batch.articles.pending:
                self._write_batch()  # Articles link to entries that stand before them only.
            self._add_entry(line.number, record)
        elif isinstance(record, records.Corpus):
            self._apply_header(line, record)
        elif not isinstance(record, records.Tombstone):  # a copy that is here is taken down by people
            self.batch.faulty.append(line)
        report.lines += 1
        if self.batch.is_full:
            self._write_batch()

    def _add_story(self, line: int, story: records.Story) -> None:
        self.stories.append(stories.PendingStory(line, story))
        if len(self.stories) >= stories.MAX_STORIES:
            self._write_batch()

    def _apply_header(self, line: ParsedRecord, header: records.Corpus) -> None:
        if self.context.report.lines:
            detail = "The header is the first line of a file; leave it out here."
            fault = FieldError(code="invalid", detail=detail, pointer="/type")
            self.context.report.add_failure(line.number, None, [fault])
        elif self.context.options.restore:
            restoring.apply_header(self.context.corpus, header, dry_run=self.context.options.dry_run)

    def _add_entry(self, line: int, entry: records.RegistryRecord) -> None:
        if isinstance(entry, records.Merge):
            self.entries.append(registry_merges.PendingMerge(line, entry))
        elif isinstance(entry, records.RegistryJudgement):
            self.entries.append(registry_judgements.PendingJudgement(line, entry))
        else:
            self.entries.append(registry.PendingEntry(line, entry))
        if len(self.entries) >= registry.MAX_ENTRIES:
            self._write_entries()

    # --- Second phase: what was collected is written

    def _write_entries(self) -> None:
        if self.entries:
            entries, self.entries = self.entries, []
            registry.write_entries(self.context, entries)

    def _write_batch(self) -> None:
        """Write the batch; the observer records in the same transaction how many lines are dealt with."""
        stop = None
        with self.lines.prefetching() as self.context.start_prefetching, self.observer.around_batch() as step:
            try:
                self._write_content()
            except batch.ArticleExistsError as found:
                stop = found  # The lines before it in the batch stay.
            else:
                step(self.context.report, self.context.report.lines)
        if stop is not None:
            raise stop
        self.batch = LineBatch()

    def _write_content(self) -> None:
        self._write_entries()
        articles = self.batch.articles
        # Standoff annotations become articles only now, since the texts of the corpus are read for them.
        for pending in standoff.resolve_standoff(self.context, self.batch.standoff):
            if pending.key in articles.keys or articles.is_full:
                batch.write_batch(self.context, articles.pending)
                articles = ArticleBatch()
            articles.add(pending)
        if articles.pending:
            batch.write_batch(self.context, articles.pending)
        # their articles stand before them
        waiting, self.stories = self.stories, []
        stories.write_stories(self.context, waiting)
        self._report_faulty(None)
        # Errors of form and errors of content are found at different times.
        self.sorted_errors = self.context.report.sort_errors(self.sorted_errors)

    def _report_faulty(self, last: int | None) -> None:
        """Count the lines that could not be read, up to the one at which the import stopped."""
        for line in self.batch.faulty:
            if last is None or line.number < last:
                self.context.report.add_failure(line.number, line.external_id, line.errors)
