"""What all parts of one import share: its orders, and what it has found out so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Model

from annotations.exceptions import FieldError
from annotations.formats import records
from annotations.formats.base import Loss
from annotations.formats.values import is_uuid
from annotations.models import Actor, Corpus, Proposition, bulk
from annotations.services.imports.report import Report
from annotations.services.sets import require_not_archived
from annotations.states import State

T = TypeVar("T")

#: So many values stand in one query as parameters.
MOST_PARAMETERS = 500
# Links that were looked up before; a file with more actors than this asks again.
_MOST_KNOWN = 50_000


class Pending(NamedTuple):
    """An article line that waits to be written."""

    line: int
    external_id: str | None
    article: records.Article
    #: How many lines that are not empty had been read when this one was.
    ordinal: int
    #: What of the line has no place here.
    losses: Sequence[Loss] = ()
    #: The id of the stored article that the line holds marks for, where it holds nothing else.
    stored: str | None = None

    @property
    def key(self) -> str:
        """By what the article is known again: its external id, or the checksum of its text."""
        article = self.article
        if self.stored is not None:
            return f"id {self.stored}"
        if article.external_id is not None:
            return f"external id {article.external_id}"
        return f"text {article.revisions[-1].sha256}"


class Link(NamedTuple):
    """What an id of the registry in the file stands for."""

    id: str
    kind: str


def _nothing() -> None:
    pass


@dataclass
class Run:
    """One import."""

    by: User | None
    corpus: Corpus
    on_conflict: str
    dry_run: bool
    owner: User | None
    state: State
    restore: bool
    report: Report
    now: datetime
    #: Whether links that lead nowhere are left out and counted: other tools know nothing of our registry.
    lenient: bool = False
    #: Keys of articles that a dry run would have made.
    made: set[str] = field(default_factory=set)
    #: Registry entries of the file: made in a dry run, or merged with an equal one.
    mapped: dict[tuple[type[Model], str], Link] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    #: Whether ids of marks are looked for before they are used. Those of a first import are free, so
    #: nobody looks until the database refuses one.
    is_wary: bool = False
    #: Called when there is nothing left to do for a batch but to commit it.
    meanwhile: Callable[[], None] = _nothing
    _links: dict[tuple[type[Model], str], Link] = field(default_factory=dict)

    def candidates(self, sent: str) -> tuple[str, ...]:
        """The ids under which an entry of the registry may be stored, the likelier one first."""
        other = uuid5(self.corpus.pk.bytes, sent)
        return (sent, other) if is_uuid(sent) else (other,)

    def links(self, model: type[Actor | Proposition], asked: Iterable[str]) -> dict[str, Link]:
        """What these ids of the file stand for in the corpus; those that stand for nothing are missing."""
        known, unknown = {}, []
        for sent in asked:
            link = self.mapped.get((model, sent)) or self._links.get((model, sent))
            if link is None:
                unknown.append(sent)
            else:
                known[sent] = link
        if unknown:
            found = self._look_up(model, unknown)
            known.update(found)
            if len(self._links) > _MOST_KNOWN:
                self._links.clear()
            self._links.update({(model, sent): link for sent, link in found.items()})
        return known

    def _look_up(self, model: type[Actor | Proposition], asked: Sequence[str]) -> dict[str, Link]:
        wanted = {sent: self.candidates(sent) for sent in asked}
        stored: dict[str, Link] = {}
        for chunk in chunks([id for ids in wanted.values() for id in ids]):
            rows = model._default_manager.filter(corpus=self.corpus, pk__in=chunk)
            stored |= {str(id): Link(str(id), kind) for id, kind in rows.values_list("pk", "kind")}
        return {
            sent: next(stored[id] for id in ids if id in stored)
            for sent, ids in wanted.items()
            if any(id in stored for id in ids)
        }


@dataclass
class Tally:
    """What one transaction did; counted in the report once it is committed."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    rekeyed: int = 0
    failures: list[tuple[int, str | None, Sequence[FieldError]]] = field(default_factory=list)
    losses: list[tuple[str, list[str]]] = field(default_factory=list)
    stopped: tuple[Pending, FieldError] | None = None
    #: Line, external id, what became of it, and the id of the article.
    outcomes: list[tuple[int, str | None, str, str | None]] = field(default_factory=list)

    def tell(self, pending: Pending, outcome: str, article: object = None) -> None:
        """Note what became of a line that was not refused."""
        id = None if article is None else str(article)
        self.outcomes.append((pending.line, pending.external_id, outcome, id))

    def fail(self, line: int, faults: Sequence[FieldError], external_id: str | None = None) -> None:
        """Refuse a line."""
        self.failures.append((line, external_id, faults))

    def enter(self, report: Report) -> None:
        """Add it to the report."""
        for name in ("created", "updated", "skipped", "rekeyed"):
            setattr(report, name, getattr(report, name) + getattr(self, name))
        for outcome in self.outcomes:
            report.tell(*outcome)
        for line, external_id, faults in self.failures:
            report.fail(line, external_id, faults)
        for what, ids in self.losses:
            report.losses.add(what, ids)


def lock(run: Run) -> None:
    """One import at a time looks for what exists, so two of the same file store nothing twice.

    The lock lets everybody else refer to the corpus, as whoever annotates does all the time.
    """
    if not run.dry_run:
        locked = Corpus.objects.select_for_update(no_key=True).get(pk=run.corpus.pk)
        if not run.restore:
            require_not_archived(locked)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Pieces that fit into a query."""
    for start in range(0, len(values), MOST_PARAMETERS):
        yield values[start : start + MOST_PARAMETERS]


def assign(
    run: Run, model: type[Model], wanted: Sequence[tuple[str, str]], tally: Tally, *, is_wary: bool = True
) -> list[str]:
    """The ids under which new rows are stored, in the order of ``wanted``: pairs of article and sent id.

    A UUID that is free stays as it is. Anything else becomes a UUID made of corpus and id, or, since a
    short id such as "s1" may stand in every line, of article and id. Nothing sent gets a new one. Who is
    not wary takes UUIDs that differ from one another for free, and hears from the database if one is not.
    """
    sent = [id for _, id in wanted]
    if not is_wary and len(set(sent)) == len(sent) and all(map(is_uuid, sent)):
        return sent
    result = [""] * len(wanted)
    waiting = [place for place, id in enumerate(sent) if id]
    tally.rekeyed += len(waiting)
    used: set[str] = set()
    for candidate in _CANDIDATES:
        if not waiting:
            break
        tried = candidate(run, [wanted[place] for place in waiting])
        occupied = bulk.taken(model, set(filter(None, tried))) | used
        left = []
        for place, id in zip(waiting, tried, strict=True):
            if id is None or id in occupied:
                left.append(place)
            else:
                occupied.add(id)
                used.add(id)
                result[place] = id
                tally.rekeyed -= id == wanted[place][1]
        waiting = left
    unnamed = [place for place, id in enumerate(result) if not id]
    for place, id in zip(unnamed, bulk.new_ids(len(unnamed)), strict=True):
        result[place] = id
    return result


def _as_sent(_: Run, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    return [sent if is_uuid(sent) else None for _, sent in wanted]


def _of_corpus(run: Run, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    made = {sent: uuid5(run.corpus.pk.bytes, sent) for sent in {sent for _, sent in wanted}}
    return [made[sent] for _, sent in wanted]


def _of_article(_: Run, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    scopes = {article: UUID(article).bytes for article in {article for article, _ in wanted}}
    return [uuid5(scopes[article], sent) for article, sent in wanted]


#: What an id may become, best first. Where even the last is taken it becomes a new one.
_CANDIDATES = (_as_sent, _of_corpus, _of_article)


def uuid5(scope: bytes, name: str) -> str:
    """The UUID of version 5 as canonical text, three times as fast as by way of UUID objects."""
    digest = sha1(scope + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
