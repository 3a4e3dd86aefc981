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

from annotations.exceptions import Duplicate, FieldError, Invalid, NotVisible
from annotations.formats import FORMATS, Format, kinds, records
from annotations.formats.archive import Prefixed, peek
from annotations.formats.base import Line, Marks, Readable
from annotations.models import Corpus, Membership, Role
from annotations.permissions import Permission, require
from annotations.says import one_of
from annotations.services.imports import batch as batches
from annotations.services.imports import marks, options, people, registry
from annotations.services.imports import restore as restoring
from annotations.services.imports.ahead import MOST_ARTICLES, MOST_WEIGHT, Ahead, weight_of
from annotations.services.imports.options import DISCONTINUOUS, READER_OPTIONS
from annotations.services.imports.report import LineError, Report
from annotations.services.imports.run import Pending, Run
from annotations.services.imports.watch import UNWATCHED, Watch
from annotations.services.sets import require_member, require_not_archived
from annotations.states import State
from annotations.visibility import get_seen

__all__ = [
    "DISCONTINUOUS",
    "FORMAT_OF_ENDING",
    "ON_CONFLICT",
    "READABLE",
    "READER_OPTIONS",
    "STATES",
    "LineError",
    "Report",
    "check_order",
    "default_owner",
    "import_file",
]

#: What to do with a line whose article exists.
ON_CONFLICT = ("fail", "skip", "update")
#: The states in which imported sets can begin.
STATES = (str(State.OPEN), str(State.SUBMITTED))
READABLE: Mapping[str, Format] = {name: row for name, row in FORMATS.items() if row.reads}
#: The format of a file by its ending in small letters; others have to be chosen.
FORMAT_OF_ENDING = {ending: name for name, row in READABLE.items() for ending in row.endings}


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
    watch: Watch = UNWATCHED,
    **sent: str | None,
) -> Report:
    """Import a file into a corpus; ``by`` None is the system.

    ``sent`` are options of readers, by the names of their parameters. ``owners`` says which people of the
    file are which members; each of them then gets a set. If an article exists and
    ``on_conflict`` is fail, ``DuplicateError`` is raised: its ``errors`` are ``LineError`` and its data
    the other members of the report. ``restore`` keeps ids, owners, states and times; it needs a corpus
    without articles, or the slug of a corpus to create. ``watch`` observes each batch inside its
    transaction, and may know where an earlier attempt ended.
    """
    _require_choice("format", format, READABLE)
    _require_choice("on_conflict", on_conflict, ON_CONFLICT)
    begins = State(_require_choice("state", state or State.OPEN, STATES))
    row = READABLE[format]
    reader_arguments = options.reader_arguments(row, READABLE, sent)
    if restore and format != "jsonl":
        raise Invalid("A restore takes a complete export in the format jsonl.")
    if restore and (by is not None or owner is not None or state is not None or owners):
        raise Invalid("A restore is done by nobody, and owners and states are those of the file.")
    lines: Iterator[Line] = cast("Any", row.reader)(_known_kind(stream, row), **reader_arguments)
    first = next(lines, None)
    if first is None:
        raise Invalid("The file is empty; it needs at least one line.")
    # A restore is whole or is not: what was stored half-way could not be told from what came later.
    with transaction.atomic() if restore and not dry_run else nullcontext():
        seen = _load_corpus(by, corpus, first, restore=restore, dry_run=dry_run)
        context = Run(
            by=by, corpus=seen, on_conflict=on_conflict, dry_run=dry_run, owner=None, state=begins,
            restore=restore, report=Report(dry_run=dry_run), now=timezone.now(), lenient=format != "jsonl",
            tells_empty=row.tells_empty,
        )  # fmt: skip
        if not restore:
            _set_owner(context, owner)
            context.owners = people.find_members(seen, owners)
            context.people |= {user.get_username(): user.pk for user in context.owners.values()}
        return _FileImport(context, watch, Ahead(chain((first,), lines))).read()


def _known_kind(stream: Readable, row: Format) -> Readable:
    """Return the stream; raise for a file that is of another kind than those of a format."""
    head = peek(stream, kinds.HEAD)
    if sentence := kinds.describe(head, takes=row.takes):
        raise Invalid(sentence)
    return Prefixed(head, stream)


def check_order(by: User, corpus: Corpus, order: Mapping[str, Any]) -> None:
    """Raise the errors that ``import_file`` would raise before it reads anything."""
    row = READABLE[_require_choice("format", order.get("format", "jsonl"), READABLE)]
    _require_choice("on_conflict", order.get("on_conflict", "fail"), ON_CONFLICT)
    _require_choice("state", order.get("state") or State.OPEN, STATES)
    sent = {name: order[name] for name in options.READER_OPTIONS if name in order}
    options.reader_arguments(row, READABLE, sent)
    checked = require(by, Permission.IMPORT, get_seen(by, Corpus.objects.all(), pk=corpus.pk))
    require_not_archived(checked)
    require_member(order.get("owner") or by, checked, Role.ANNOTATOR)
    people.find_members(checked, order.get("owners", ""))


def default_owner(corpus: Corpus) -> User | None:
    """Return the owner of imported spans if none is named: the active manager of longest standing."""
    members = Membership.objects.filter(corpus=corpus, role=Role.MANAGER, user__is_active=True)
    first = members.select_related("user").order_by("pk").first()
    return None if first is None else first.user


def _require_choice(parameter: str, value: str, words: Any) -> str:
    if value not in words:
        raise options.invalid_parameter(parameter, f"It takes {one_of(words)}.")
    return value


def _load_corpus(
    by: User | None, corpus: Corpus | str, first: Line, *, restore: bool, dry_run: bool
) -> Corpus:
    """Return the corpus to fill, with the role of the caller."""
    if isinstance(corpus, str):
        found = Corpus.objects.filter(slug=corpus).first()
        if found is None and not restore:
            raise NotVisible(f"There is no corpus with the slug {corpus!r}.")
        header = first.record if isinstance(first.record, records.Corpus) else None
        corpus = found or restoring.found(corpus, header, dry_run=dry_run)
    if restore:
        if first.ends:
            raise Invalid(
                "The header of the file is refused, so nothing is restored; mend it, and restore it again.",
                errors=first.faults,
            )
        restoring.require_empty(corpus)
        return corpus
    if by is not None:
        corpus = require(by, Permission.IMPORT, get_seen(by, Corpus.objects.all(), pk=corpus.pk))
    require_not_archived(corpus)
    return corpus


def _set_owner(context: Run, owner: User | None) -> None:
    context.owner = owner or context.by or default_owner(context.corpus)
    if context.owner is not None:
        require_member(context.owner, context.corpus, Role.ANNOTATOR)
        context.people[context.owner.get_username()] = context.owner.pk


class _FileImport:
    """One pass through a file, which collects lines into batches."""

    def __init__(self, context: Run, watch: Watch, lines: Ahead) -> None:
        self.context = context
        self.watch = watch
        self.lines = lines
        self.entries: list[registry.Waiting] = []
        self.articles: list[Pending] = []
        self.standoff: list[tuple[Line, int]] = []
        self.keys: set[str] = set()
        self.weight = 0
        self.faulty: list[Line] = []
        self.sorted_errors = 0
        self.is_writing = False

    def read(self) -> Report:
        """Import all lines, or stop at the first article that exists if conflicts are errors."""
        context, report = self.context, self.context.report
        try:
            if self.watch.lines:
                self._skip(islice(self.lines, self.watch.lines))
            report = context.report = self.watch.begin(report)
            for line in self.lines:
                self._add_line(line)
            self._flush()
        except batches.Stop as stop:
            report.lines = stop.pending.ordinal
            self._report_faulty(stop.pending.line)
            report.fail(stop.pending.line, stop.pending.external_id, [stop.fault])
            report.sort(self.sorted_errors)
            self.watch.end(report)
            raise Duplicate(stop.fault.detail, errors=report.errors, **report.counts()) from None
        self.watch.end(report)
        return report

    def _skip(self, lines: Iterator[Line]) -> None:
        """Skip the lines of an earlier attempt; only their registry entries are read again."""
        for line in lines:
            if isinstance(line.record, records.Actor | records.Topic | records.Proposition):
                self.entries.append(registry.Waiting(line.number, line.record))
                if len(self.entries) >= registry.MOST_ENTRIES:
                    self._flush_entries()
        self._flush_entries()

    def _add_line(self, line: Line) -> None:
        self.context.report.lines += 1
        record = line.record
        if record is None:
            self.faulty.append(line)
            if len(self.faulty) >= MOST_ARTICLES:
                self._flush()
        elif isinstance(record, records.Article):
            self._flush_entries()
            self._add_article(
                Pending(line.number, line.external_id, record, self.context.report.lines, line.losses)
            )
        elif isinstance(record, Marks):
            self.standoff.append((line, self.context.report.lines))
            if len(self.standoff) >= marks.MOST_ARTICLES:
                self._flush()
        elif isinstance(record, records.Corpus):
            self._apply_header(line, record)
        else:
            if self.articles:
                self._flush(but=1)
            self.entries.append(registry.Waiting(line.number, record))
            if len(self.entries) >= registry.MOST_ENTRIES:
                self._flush_entries()

    def _apply_header(self, line: Line, header: records.Corpus) -> None:
        if self.context.report.lines > 1:
            detail = "The header is the first line of a file; leave it out here."
            fault = FieldError(code="invalid", detail=detail, pointer="/type")
            self.context.report.fail(line.number, None, [fault])
        elif self.context.restore:
            restoring.adopt(self.context.corpus, header, dry_run=self.context.dry_run)

    def _add_article(self, pending: Pending) -> None:
        if pending.key in self.keys:
            self._flush(but=1)  # The second of two equal lines must find the first one stored.
        self.articles.append(pending)
        self.keys.add(pending.key)
        self.weight += weight_of(pending.article)
        if len(self.articles) >= MOST_ARTICLES or self.weight >= MOST_WEIGHT:
            self._flush()

    def _flush_entries(self) -> None:
        if self.entries:
            entries, self.entries = self.entries, []
            registry.write(self.context, entries)

    def _flush(self, *, but: int = 0) -> None:
        """Write the batch; the observer records it in the same transaction.

        ``but`` is the number of counted lines that are not in the batch yet.
        """
        if self.is_writing:
            self._write_batch()  # Standoff annotations become articles while they are written.
            return
        stop = None
        self.is_writing = True
        with self.lines.meanwhile() as self.context.meanwhile, self.watch.step() as step:
            try:
                self._write_batch()
            except batches.Stop as found:
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
        for pending in marks.found(self.context, waiting):
            self._add_article(pending)
        batch, self.articles, self.keys, self.weight = self.articles, [], set(), 0
        if batch:
            batches.write(self.context, batch)
        self._report_faulty(None)
        # Errors of form and errors of content are found at different times.
        self.sorted_errors = self.context.report.sort(self.sorted_errors)

    def _report_faulty(self, last: int | None) -> None:
        """Count the lines that could not be read, up to the one at which the import stopped."""
        for line in self.faulty:
            if last is None or line.number < last:
                self.context.report.fail(line.number, line.external_id, line.faults)
        self.faulty.clear()
