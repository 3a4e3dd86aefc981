"""Imports: a file read line by line, written by whole articles.

Memory holds a batch of lines, however large the file. A line that is wrong fails alone, with all that
is wrong with it; what was written stays written, so an import that breaks off can be run again with
``on_conflict="skip"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.exceptions import Duplicate, FieldError, Invalid, NotVisible
from annotations.formats import FORMATS, Format, records
from annotations.formats.base import Line, Marks, Readable
from annotations.formats.translation import Translation
from annotations.models import Corpus, Membership, Role
from annotations.permissions import HasRole, Permission, require
from annotations.says import one_of
from annotations.services.imports import batch as batches
from annotations.services.imports import marks, registry
from annotations.services.imports import restore as restoring
from annotations.services.imports.ahead import MOST_ARTICLES, MOST_WEIGHT, Ahead, weight_of
from annotations.services.imports.report import LineError, Report
from annotations.services.imports.run import Pending, Run
from annotations.services.imports.watch import UNWATCHED, Watch
from annotations.services.sets import require_member, require_not_archived
from annotations.states import State
from annotations.visibility import get_visible

__all__ = [
    "DISCONTINUOUS",
    "ON_CONFLICT",
    "READABLE",
    "STATES",
    "LineError",
    "Report",
    "check_order",
    "default_owner",
    "import_file",
]

#: What to do where an article exists.
ON_CONFLICT = ("fail", "skip", "update")
#: What to do with a mark in several pieces.
DISCONTINUOUS = ("refuse", "hull")
#: In which state imported sets begin.
STATES = (str(State.OPEN), str(State.SUBMITTED))
READABLE: Mapping[str, Format] = {name: row for name, row in FORMATS.items() if row.reads}


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
    external_id: str | None = None,
    title: str = "",
    map: str = "",
    discontinuous: str = "refuse",
    watch: Watch = UNWATCHED,
) -> Report:
    """Read a file into a corpus; ``by`` None is the system.

    ``external_id`` and ``title`` belong to the format text; ``map`` says what another tool calls the
    things that we have, ``discontinuous`` what becomes of marks in several pieces. Where an article is
    there already and ``on_conflict`` is fail, ``Duplicate`` is raised; its ``errors`` are ``LineError``
    and its data the other members of the report. ``restore`` keeps ids, owners, states and times, needs
    a corpus without articles, and may name by its slug one that is still to be founded. ``watch`` is
    told of each step in its transaction, and may know where an earlier attempt ended.
    """
    _known("format", format, READABLE)
    _known("on_conflict", on_conflict, ON_CONFLICT)
    begins = State(_known("state", state or State.OPEN, STATES))
    hull = _known("discontinuous", discontinuous, DISCONTINUOUS) == "hull"
    options = _options(READABLE[format], external_id=external_id, title=title, map=map, hull=hull)
    if restore and format != "jsonl":
        raise Invalid("A restore takes a complete export in the format jsonl.")
    if restore and (by is not None or owner is not None or state is not None):
        raise Invalid("A restore is done by nobody, and owners and states are those of the file.")
    lines: Iterator[Line] = cast("Any", READABLE[format].reader)(stream, **options)
    first = next(lines, None)
    if first is None:
        raise Invalid("The file is empty; it needs at least one line.")
    seen = _corpus(by, corpus, first, restore=restore, dry_run=dry_run)
    run = Run(
        by=by, corpus=seen, on_conflict=on_conflict, dry_run=dry_run, owner=None, state=begins,
        restore=restore, report=Report(dry_run=dry_run), now=timezone.now(), lenient=format != "jsonl",
    )  # fmt: skip
    if not restore:
        _set_owner(run, owner)
    return _Reading(run, watch, Ahead(chain((first,), lines))).read()


def check_order(by: User, corpus: Corpus, options: Mapping[str, Any]) -> None:
    """Refuse at once what ``import_file`` would refuse before it has read anything."""
    row = READABLE[_known("format", options.get("format", "jsonl"), READABLE)]
    _known("on_conflict", options.get("on_conflict", "fail"), ON_CONFLICT)
    _known("state", options.get("state") or State.OPEN, STATES)
    hull = _known("discontinuous", options.get("discontinuous", "refuse"), DISCONTINUOUS) == "hull"
    title, map = options.get("title", ""), options.get("map", "")
    _options(row, external_id=options.get("external_id"), title=title, map=map, hull=hull)
    seen = get_visible(by, Corpus.objects.all(), pk=corpus.pk)
    require(by, Permission.IMPORT, cast("HasRole", seen))
    require_not_archived(seen)
    require_member(options.get("owner") or by, seen, Role.ANNOTATOR)


def default_owner(corpus: Corpus) -> User | None:
    """Who owns imported marks if nobody is named: the corpus's longest-standing active manager."""
    members = Membership.objects.filter(corpus=corpus, role=Role.MANAGER, user__is_active=True)
    first = members.select_related("user").order_by("pk").first()
    return None if first is None else first.user


def _known(parameter: str, value: str, words: Any) -> str:
    if value not in words:
        raise _wrong(parameter, f"It takes {one_of(words)}.")
    return value


def _options(row: Format, *, external_id: str | None, title: str, map: str, hull: bool) -> dict[str, Any]:
    """The arguments of the reader; what it does not take must not be sent."""
    sent: dict[str, tuple[str, Any]] = {
        "external_id": ("external_id", external_id or None),
        "title": ("title", title),
        "names": ("map", Translation.read(map) if map else None),
        "hull": ("discontinuous", hull),
    }
    for option, (parameter, value) in sent.items():
        if value and option not in row.options:
            takers = [name for name, other in READABLE.items() if option in other.options]
            raise _wrong(
                parameter, f"The format {row.name} does not take it; it belongs to {one_of(takers)}."
            )
    return {option: value for option, (_, value) in sent.items() if option in row.options}


def _wrong(parameter: str, says: str) -> Invalid:
    fault = FieldError(code="choice", detail=says, parameter=parameter)
    return Invalid(f"The parameter {parameter}: {says}", errors=[fault])


def _corpus(by: User | None, corpus: Corpus | str, first: Line, *, restore: bool, dry_run: bool) -> Corpus:
    """The corpus to fill, with the caller's role."""
    if isinstance(corpus, str):
        found = Corpus.objects.filter(slug=corpus).first()
        if found is None and not restore:
            raise NotVisible(f"There is no corpus with the slug {corpus!r}.")
        header = first.record if isinstance(first.record, records.Corpus) else None
        corpus = found or restoring.found(corpus, header, dry_run=dry_run)
    if restore:
        restoring.require_empty(corpus)
        return corpus
    if by is not None:
        corpus = get_visible(by, Corpus.objects.all(), pk=corpus.pk)
        require(by, Permission.IMPORT, cast("HasRole", corpus))
    require_not_archived(corpus)
    return corpus


def _set_owner(run: Run, owner: User | None) -> None:
    run.owner = owner or run.by or default_owner(run.corpus)
    if run.owner is not None:
        require_member(run.owner, run.corpus, Role.ANNOTATOR)
        run.people[run.owner.get_username()] = run.owner.pk


class _Reading:
    """The way through one file: lines gather until they are a batch."""

    def __init__(self, run: Run, watch: Watch, lines: Ahead) -> None:
        self.run = run
        self.watch = watch
        self.lines = lines
        self.entries: list[registry.Waiting] = []
        self.articles: list[Pending] = []
        self.marks: list[tuple[Line, int]] = []
        self.keys: set[str] = set()
        self.weight = 0
        self.faulty: list[Line] = []
        self.sorted = 0
        self.writing = False

    def read(self) -> Report:
        """Everything, or up to the first article that exists and must not."""
        run, report = self.run, self.run.report
        try:
            if self.watch.lines:
                self._pass_by(islice(self.lines, self.watch.lines))
            report = run.report = self.watch.begin(report)
            for line in self.lines:
                self._take(line)
            self._flush()
        except batches.Stop as stop:
            report.lines = stop.pending.ordinal
            self._tell_faulty(stop.pending.line)
            report.fail(stop.pending.line, stop.pending.external_id, [stop.fault])
            report.sort(self.sorted)
            self.watch.end(report)
            raise Duplicate(stop.fault.detail, errors=report.errors, **report.counts()) from None
        self.watch.end(report)
        return report

    def _pass_by(self, lines: Iterator[Line]) -> None:
        """Lines that were read before: only what they call entries of the registry is learned again."""
        for line in lines:
            if isinstance(line.record, records.Actor | records.Topic | records.Proposition):
                self.entries.append(registry.Waiting(line.number, line.record))
                if len(self.entries) >= registry.MOST_ENTRIES:
                    self._flush_entries()
        self._flush_entries()

    def _take(self, line: Line) -> None:
        self.run.report.lines += 1
        record = line.record
        if record is None:
            self.faulty.append(line)
            if len(self.faulty) >= MOST_ARTICLES:
                self._flush()
        elif isinstance(record, records.Article):
            self._flush_entries()
            self._add(Pending(line.number, line.external_id, record, self.run.report.lines, line.losses))
        elif isinstance(record, Marks):
            self.marks.append((line, self.run.report.lines))
            if len(self.marks) >= marks.MOST_ARTICLES:
                self._flush()
        elif isinstance(record, records.Corpus):
            self._head(line, record)
        else:
            if self.articles:
                self._flush(but=1)
            self.entries.append(registry.Waiting(line.number, record))
            if len(self.entries) >= registry.MOST_ENTRIES:
                self._flush_entries()

    def _head(self, line: Line, header: records.Corpus) -> None:
        if self.run.report.lines > 1:
            says = "The header is the first line of a file; leave it out here."
            fault = FieldError(code="invalid", detail=says, pointer="/type")
            self.run.report.fail(line.number, None, [fault])
        elif self.run.restore:
            restoring.adopt(self.run.corpus, header, dry_run=self.run.dry_run)

    def _add(self, pending: Pending) -> None:
        if pending.key in self.keys:
            self._flush(but=1)  # so that the second of two equal lines meets the first one as stored
        self.articles.append(pending)
        self.keys.add(pending.key)
        self.weight += weight_of(pending.article)
        if len(self.articles) >= MOST_ARTICLES or self.weight >= MOST_WEIGHT:
            self._flush()

    def _flush_entries(self) -> None:
        if self.entries:
            entries, self.entries = self.entries, []
            registry.write(self.run, entries)

    def _flush(self, *, but: int = 0) -> None:
        """Write everything that waits; whoever watches takes note in the same transaction.

        ``but`` so many of the lines that are counted do not wait yet, and will only come now.
        """
        if self.writing:
            self._write()  # of marks, which become articles while they are written
            return
        stop = None
        self.writing = True
        with self.lines.meanwhile() as self.run.meanwhile, self.watch.step() as step:
            try:
                self._write()
            except batches.Stop as found:
                stop = found  # what came before it in the batch stays
            else:
                step(self.run.report, self.run.report.lines - but)
            finally:
                self.writing = False
        if stop is not None:
            raise stop

    def _write(self) -> None:
        self._flush_entries()
        waiting, self.marks = self.marks, []
        for pending in marks.found(self.run, waiting):
            self._add(pending)
        batch, self.articles, self.keys, self.weight = self.articles, [], set(), 0
        if batch:
            batches.write(self.run, batch)
        self._tell_faulty(None)
        # Faults of form and faults of content are found at different times.
        self.sorted = self.run.report.sort(self.sorted)

    def _tell_faulty(self, last: int | None) -> None:
        """Count the lines that could not be read, up to the one at which the import stopped."""
        for line in self.faulty:
            if last is None or line.number < last:
                self.run.report.fail(line.number, line.external_id, line.faults)
        self.faulty.clear()
