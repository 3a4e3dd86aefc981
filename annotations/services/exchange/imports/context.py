"""The context of one import: its options, and the ids that it has looked up so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha1
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Model

from annotations.exceptions import FieldError
from annotations.formats.core import records
from annotations.formats.core.interfaces import Loss
from annotations.formats.core.value_checks import is_uuid
from annotations.models import Actor, Corpus, Erasure, Proposition, bulk
from annotations.models.bulk import batched
from annotations.services.core.articles import digest_external_id
from annotations.services.core.sets import require_not_archived
from annotations.services.correction.batches import CorrectionBatch
from annotations.services.exchange.imports.options import ImportOptions
from annotations.services.exchange.imports.report import ImportReport

T = TypeVar("T")

#: How many values one query takes as parameters.
MAX_PARAMETERS = 500
# How many links are cached; a file with more actors queries again.
_MOST_KNOWN = 50_000


class PendingArticle(NamedTuple):
    """An article line that waits to be written."""

    line: int
    external_id: str | None
    article: records.Article
    #: The number of the line among those that are not empty.
    ordinal: int
    #: The items of the line that the service cannot hold.
    losses: Sequence[Loss] = ()
    #: The id of the stored article, for a line of standoff annotations without a text.
    stored: str | None = None

    @property
    def where(self) -> str:
        """The name of the article in losses: its external id, or its line."""
        return self.article.external_id or self.external_id or f"line {self.line}"

    @property
    def key(self) -> str:
        """The key by which an equal article is found: its external id, or the checksum of its text."""
        article = self.article
        if self.stored is not None:
            return f"id {self.stored}"
        if article.external_id is not None:
            return f"external id {article.external_id}"
        return f"text {article.revisions[-1].sha256}"


class RegistryLink(NamedTuple):
    """The stored registry entry that an id of the file stands for."""

    id: str
    kind: str


def _do_nothing() -> None:
    pass


@dataclass
class ImportContext:
    """One import: its options, its people, its report, and the ids that it has looked up."""

    options: ImportOptions
    by: User | None
    corpus: Corpus
    #: The owner of sets whose owner the file does not say.
    owner: User | None
    #: The members by the names that the file has for them; each gets a set then.
    owners: Mapping[str, User]
    report: ImportReport
    now: datetime
    #: The keys of the articles that a dry run would have created.
    dry_run_keys: set[str] = field(default_factory=set)
    #: The registry entries of the file that a dry run would have created, or that equal a stored one.
    entries_by_sent_id: dict[tuple[type[Model], str], RegistryLink] = field(default_factory=dict)
    user_ids: dict[str, int] = field(default_factory=dict)
    #: Whether ids of spans, relations and comments are looked up before they are used. Those of a first
    #: import are free, so nothing is looked up until the database refuses one.
    check_ids_first: bool = False
    #: Called when a batch only has to be committed.
    start_prefetching: Callable[[], None] = _do_nothing
    _links: dict[tuple[type[Model], str], RegistryLink] = field(default_factory=dict)

    @cached_property
    def _erased_digests(self) -> frozenset[str]:
        rows = Erasure.objects.filter(article__corpus=self.corpus)
        return frozenset(rows.values_list("external_id_digest", flat=True))

    def is_erased(self, external_id: str) -> bool:
        """Return whether an article of this external id was erased from the corpus."""
        return digest_external_id(self.corpus.pk, external_id) in self._erased_digests

    def candidate_ids(self, sent: str) -> tuple[str, ...]:
        """Return the ids under which a registry entry may be stored, the likelier one first."""
        other = uuid5_text(self.corpus.pk.bytes, sent)
        return (sent, other) if is_uuid(sent) else (other,)

    def find_links(self, model: type[Actor | Proposition], asked: Iterable[str]) -> dict[str, RegistryLink]:
        """Return the stored entries of ids of the file; unknown ids are missing from the result."""
        known, unknown = {}, []
        for sent in asked:
            link = self.entries_by_sent_id.get((model, sent)) or self._links.get((model, sent))
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

    def _look_up(self, model: type[Actor | Proposition], asked: Sequence[str]) -> dict[str, RegistryLink]:
        wanted = {sent: self.candidate_ids(sent) for sent in asked}
        stored: dict[str, RegistryLink] = {}
        for chunk in parameter_batches([id for ids in wanted.values() for id in ids]):
            rows = model._default_manager.filter(corpus=self.corpus, pk__in=chunk)
            stored |= {str(id): RegistryLink(str(id), kind) for id, kind in rows.values_list("pk", "kind")}
        return {
            sent: next(stored[id] for id in ids if id in stored)
            for sent, ids in wanted.items()
            if any(id in stored for id in ids)
        }


@dataclass
class BatchResult:
    """The outcomes of one transaction, added to the report after its commit."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    ids_replaced: int = 0
    #: The corrections that the lines make of texts.
    corrections: CorrectionBatch = field(default_factory=lambda: CorrectionBatch([]))
    carried: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str | None, Sequence[FieldError]]] = field(default_factory=list)
    losses: list[tuple[str, list[str]]] = field(default_factory=list)
    stopped: tuple[PendingArticle, FieldError] | None = None
    #: Line, external id, outcome, and the id of the article.
    outcomes: list[tuple[int, str | None, str, str | None]] = field(default_factory=list)

    def add_outcome(self, pending: PendingArticle, outcome: str, article: object = None) -> None:
        """Add the outcome of a line that did not fail."""
        id = None if article is None else str(article)
        self.outcomes.append((pending.line, pending.external_id, outcome, id))

    def add_failure(self, line: int, faults: Sequence[FieldError], external_id: str | None = None) -> None:
        """Add a failed line with its errors."""
        self.failures.append((line, external_id, faults))

    def add_to_report(self, report: ImportReport) -> None:
        """Add the outcomes to the report."""
        for name in ("created", "updated", "skipped", "ids_replaced"):
            setattr(report, name, getattr(report, name) + getattr(self, name))
        report.carried += self.carried
        for outcome in self.outcomes:
            report.log_outcome(*outcome)
        for line, external_id, faults in self.failures:
            report.add_failure(line, external_id, faults)
        for what, ids in self.losses:
            report.losses.add(what, ids)


def lock_corpus(context: ImportContext) -> None:
    """Lock the corpus, so that two imports of the same file store nothing twice.

    The lock does not block foreign keys to the corpus, which annotators store all the time.
    """
    if not context.options.dry_run:
        locked = Corpus.objects.select_for_update(no_key=True).get(pk=context.corpus.pk)
        if not context.options.restore:
            require_not_archived(locked)


def parameter_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Return values in lists that fit into a query."""
    return batched(values, MAX_PARAMETERS)


def assign_ids(
    context: ImportContext,
    model: type[Model],
    wanted: Sequence[tuple[str, str]],
    batch_result: BatchResult,
    *,
    check_first: bool = True,
) -> list[str]:
    """Return the ids of new rows in the order of ``wanted``, which are pairs of article id and sent id.

    A free UUID stays as it is. Any other id becomes a UUID made from corpus and id or, since a short id
    such as "s1" may stand in every line, from article and id. An empty id gets a new one. Unless
    ``check_first``, distinct UUIDs are taken to be free, and the database refuses one that is not.
    """
    sent = [id for _, id in wanted]
    if not check_first and len(set(sent)) == len(sent) and all(map(is_uuid, sent)):
        return sent
    result = [""] * len(wanted)
    unassigned = [index for index, id in enumerate(sent) if id]
    batch_result.ids_replaced += len(unassigned)
    used: set[str] = set()
    for candidate in _CANDIDATES:
        if not unassigned:
            break
        candidates = candidate(context, [wanted[index] for index in unassigned])
        occupied = bulk.existing_ids(model, set(filter(None, candidates))) | used
        remaining = []
        for index, id in zip(unassigned, candidates, strict=True):
            if id is None or id in occupied:
                remaining.append(index)
            else:
                occupied.add(id)
                used.add(id)
                result[index] = id
                batch_result.ids_replaced -= id == wanted[index][1]
        unassigned = remaining
    unnamed = [index for index, id in enumerate(result) if not id]
    for index, id in zip(unnamed, bulk.generate_ids(len(unnamed)), strict=True):
        result[index] = id
    return result


def _as_sent(_: ImportContext, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    return [sent if is_uuid(sent) else None for _, sent in wanted]


def _from_corpus(context: ImportContext, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    made = {sent: uuid5_text(context.corpus.pk.bytes, sent) for sent in {sent for _, sent in wanted}}
    return [made[sent] for _, sent in wanted]


def _from_article(_: ImportContext, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    scopes = {article: UUID(article).bytes for article in {article for article, _ in wanted}}
    return [uuid5_text(scopes[article], sent) for article, sent in wanted]


#: The candidates for an id, the best first. If all are taken, the row gets a new id.
_CANDIDATES = (_as_sent, _from_corpus, _from_article)


def uuid5_text(scope: bytes, name: str) -> str:
    """Return a UUID of version 5 as canonical text, three times as fast as with UUID objects."""
    digest = sha1(scope + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
