"""The registry entries of a file: actors, topics and propositions, before the articles that link to them.

An entry that the corpus has already stays as it is; a difference is reported as a loss. Entries may point
forward to others (a part to its whole, a merged entry to its target), so that adjacent entries of a file
are stored together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model

from annotations.exceptions import DuplicateError, FieldError
from annotations.formats.core import records
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.records import RegistryEntry
from annotations.models import Actor, Affiliation, EntryKind, Proposition, Topic
from annotations.services.exchange.imports import registry_rows
from annotations.services.exchange.imports.context import (
    BatchResult,
    ImportContext,
    RegistryLink,
    assign_ids,
    lock_corpus,
    parameter_batches,
)
from annotations.services.exchange.imports.registry_judgements import PendingJudgement, write_judgements
from annotations.services.exchange.imports.registry_merges import (
    PendingMerge,
    add_implied_merges,
    write_merges,
)
from annotations.services.jobs.duplicates import schedule_duplicates
from annotations.services.registry.canonical import refresh_canonical
from annotations.services.registry.duplicates import refresh_pairs
from annotations.services.registry.names import KINDS_BY_MODEL, refresh_names

#: How many entries are stored together; a pointer to a later group finds nothing.
MAX_ENTRIES = 20_000
#: So many entries are compared each by itself.
MAX_COMPARED_EACH = 50

EntryType = type[RegistryEntry]
Stored = Mapping[str, Mapping[str, Any]]

MODELS: Mapping[EntryType, type[Actor | Topic | Proposition]] = {
    records.Actor: Actor,
    records.Topic: Topic,
    records.Proposition: Proposition,
}
#: The fields of an entry that point to other entries, and the kind of those.
POINTER_FIELDS: Mapping[EntryType, Mapping[str, EntryType]] = {
    records.Actor: {"parent": records.Actor, "merged_into": records.Actor},
    records.Topic: {"merged_into": records.Topic},
    records.Proposition: {"topic": records.Topic, "merged_into": records.Proposition},
}
#: The fields of a stored entry that are compared with the file.
_COMPARED: Mapping[type[Model], tuple[str, ...]] = {
    Actor: ("name", "kind", "qid", "note"),
    Topic: ("name",),
    Proposition: ("text", "kind"),
}


class PendingEntry(NamedTuple):
    """A registry entry of a line that waits to be written."""

    line: int
    entry: RegistryEntry


Pending = TypeVar("Pending", PendingEntry, PendingMerge, PendingJudgement)

PendingRecord: TypeAlias = PendingEntry | PendingMerge | PendingJudgement


def write_entries(context: ImportContext, waiting: Sequence[PendingRecord]) -> None:
    """Store the entries that the corpus lacks, topics before their propositions, and what is about them."""
    entries = [item for item in waiting if isinstance(item, PendingEntry)]
    for kind in MODELS:
        of_kind = [item for item in entries if type(item.entry) is kind]
        _write_locked(context, of_kind, partial(_write, context, kind, of_kind))
    merges = [item for item in waiting if isinstance(item, PendingMerge)]
    _write_locked(context, merges, partial(write_merges, context, merges))
    judgements = [item for item in waiting if isinstance(item, PendingJudgement)]
    _write_locked(context, judgements, partial(write_judgements, context, judgements))


def _write_locked(
    context: ImportContext, waiting: Sequence[Pending], write: Callable[[BatchResult], None]
) -> None:
    """Write in one transaction; where somebody else wrote the same a moment ago, all its lines fail."""
    if not waiting:
        return
    batch_result = BatchResult()
    try:
        with transaction.atomic():
            lock_corpus(context)
            write(batch_result)
    except IntegrityError:
        batch_result = BatchResult()
        for item in waiting:
            detail = "Somebody changed the registry a moment ago; import this line again."
            batch_result.add_failure(
                item.line, [FieldError(code=DuplicateError.code, detail=detail, pointer="")]
            )
    batch_result.add_to_report(context.report)


def _write(
    context: ImportContext, kind: EntryType, waiting: list[PendingEntry], batch_result: BatchResult
) -> None:
    stored_ids, new_entries = _split_known(context, kind, waiting, batch_result)
    pointers = _find_targets(context, kind, new_entries, stored_ids)
    new_entries = _with_valid_pointers(new_entries, pointers, batch_result)
    wanted = [(str(context.corpus.pk), item.entry.id) for item in new_entries]
    ids = assign_ids(context, MODELS[kind], wanted, batch_result)
    new = {item.entry.id: id for item, id in zip(new_entries, ids, strict=True)}
    new_entries = _assign_affiliation_ids(context, new_entries, batch_result)
    if context.options.dry_run:
        for item in new_entries:
            link = RegistryLink(new[item.entry.id], getattr(item.entry, "kind", ""))
            context.entries_by_sent_id[MODELS[kind], item.entry.id] = link
        return
    pointers[kind] = {**pointers.get(kind, {}), **new}
    rows = [_with_stored_ids(item.entry, new[item.entry.id], pointers) for item in new_entries]
    registry_rows.insert_entries(context, rows)
    merged = [(row.id, row.merged_into) for row in rows if row.merged_into is not None]
    if merged:
        add_implied_merges(context, EntryKind(kind.__name__.lower()), merged)
        refresh_canonical(MODELS[kind], context.corpus)
    _index_entries(context, KINDS_BY_MODEL[MODELS[kind]], [UUID(id) for id in new.values()])


def _index_entries(context: ImportContext, kind: EntryKind, ids: Sequence[UUID]) -> None:
    """Index the names of new entries; the pairs of many are found together, for the whole corpus."""
    refresh_names(kind, context.corpus.pk, ids)
    if len(ids) <= MAX_COMPARED_EACH:
        refresh_pairs(kind, context.corpus.pk, ids)
    else:
        schedule_duplicates(context.by, context.corpus)


def _with_stored_ids(
    entry: RegistryEntry, id: str, pointers: Mapping[EntryType, Mapping[str, str]]
) -> RegistryEntry:
    """Return the entry with the stored ids of itself and of its pointers."""
    changes: dict[str, Any] = {
        name: pointers[target_kind][getattr(entry, name)]
        for name, target_kind in POINTER_FIELDS[type(entry)].items()
        if getattr(entry, name) is not None
    }
    if isinstance(entry, records.Actor):
        changes["affiliations"] = [
            row._replace(organisation=pointers[records.Actor][row.organisation]) for row in entry.affiliations
        ]
    return entry._replace(id=id, **changes)


def _assign_affiliation_ids(
    context: ImportContext, new_entries: list[PendingEntry], batch_result: BatchResult
) -> list[PendingEntry]:
    """Return the entries with ids for their affiliations."""
    actors = [item.entry for item in new_entries if isinstance(item.entry, records.Actor)]
    wanted = [(actor.id, row.id) for actor in actors for row in actor.affiliations]
    if not wanted:
        return new_entries
    ids = iter(assign_ids(context, Affiliation, wanted, batch_result))
    return [
        item._replace(
            entry=item.entry._replace(
                affiliations=[row._replace(id=next(ids)) for row in item.entry.affiliations]
            )
        )
        if isinstance(item.entry, records.Actor)
        else item
        for item in new_entries
    ]


def _split_known(
    context: ImportContext, kind: EntryType, waiting: list[PendingEntry], batch_result: BatchResult
) -> tuple[dict[str, str], list[PendingEntry]]:
    """Return the stored ids of known entries, by the id of the file, and the new entries."""
    model = MODELS[kind]
    stored = _find_stored(context, model, [item.entry for item in waiting])
    topics = _find_topics(context, [item.entry for item in waiting])
    stored_ids: dict[str, str] = {}
    new_entries: list[PendingEntry] = []
    seen: set[str] = set()
    for item in waiting:
        entry = item.entry
        row = next((stored[id] for id in context.candidate_ids(entry.id) if id in stored), None)
        if row is None and isinstance(entry, records.Topic) and entry.name in topics:
            row = topics[entry.name]
            context.entries_by_sent_id[model, entry.id] = RegistryLink(row["id"], "")
        keys = {entry.id, f"name {entry.name}"} if isinstance(entry, records.Topic) else {entry.id}
        if row is not None:
            stored_ids[entry.id] = row["id"]
            if any(getattr(entry, name) != row[name] for name in _COMPARED[model]):
                batch_result.losses.append(("registry", [entry.id]))
        elif keys & seen:
            detail = "It stands twice in the file; leave one of them out."
            batch_result.add_failure(
                item.line, [FieldError(code=DuplicateError.code, detail=detail, pointer="/id")]
            )
        else:
            new_entries.append(item)
        seen |= keys
    return stored_ids, new_entries


def _find_stored(context: ImportContext, model: type[Model], entries: Sequence[RegistryEntry]) -> Stored:
    """Return the rows of this corpus that have one of the ids of these entries."""
    found: dict[str, Mapping[str, Any]] = {}
    for chunk in parameter_batches([id for entry in entries for id in context.candidate_ids(entry.id)]):
        rows = model._default_manager.filter(corpus=context.corpus, pk__in=chunk)
        for id, *values in rows.values_list("pk", *_COMPARED[model]):
            found[str(id)] = {"id": str(id), **dict(zip(_COMPARED[model], values, strict=True))}
    return found


def _find_topics(context: ImportContext, entries: Sequence[RegistryEntry]) -> Stored:
    """Return the topics of this corpus by their unique names."""
    names = [entry.name for entry in entries if isinstance(entry, records.Topic)]
    found: dict[str, Mapping[str, Any]] = {}
    for chunk in parameter_batches(names):
        rows = Topic.objects.filter(corpus=context.corpus, name__in=chunk).values_list("pk", "name")
        found |= {name: {"id": str(id), "name": name} for id, name in rows}
    return found


def _find_targets(
    context: ImportContext,
    kind: EntryType,
    new_entries: Sequence[PendingEntry],
    stored_ids: Mapping[str, str],
) -> dict[EntryType, dict[str, str]]:
    """Return the stored ids of the targets of pointers, by kind and by the id of the file."""
    found: dict[EntryType, dict[str, str]] = {}
    for target_kind in set(POINTER_FIELDS[kind].values()):
        sent_ids = {
            sent
            for item in new_entries
            for _, other, sent in _pointers_of(item.entry)
            if other is target_kind
        }
        found[target_kind] = dict(stored_ids) if target_kind is kind else {}
        model = MODELS[target_kind]
        for sent in sent_ids - found[target_kind].keys():
            if (model, sent) in context.entries_by_sent_id:
                found[target_kind][sent] = context.entries_by_sent_id[model, sent].id
        wanted = {sent: context.candidate_ids(sent) for sent in sent_ids - found[target_kind].keys()}
        stored: set[str] = set()
        for chunk in parameter_batches([id for ids in wanted.values() for id in ids]):
            rows = model._default_manager.filter(corpus=context.corpus, pk__in=chunk)
            stored |= {str(id) for id in rows.values_list("pk", flat=True)}
        targets = {sent: [id for id in ids if id in stored] for sent, ids in wanted.items()}
        found[target_kind] |= {sent: ids[0] for sent, ids in targets.items() if ids}
    return found


def _with_valid_pointers(
    new_entries: list[PendingEntry],
    pointers: Mapping[EntryType, Mapping[str, str]],
    batch_result: BatchResult,
) -> list[PendingEntry]:
    """Return the entries with valid pointers and no circles; an entry fails together with its target."""
    while True:
        entries_by_id = {item.entry.id: item.entry for item in new_entries}
        valid = []
        for item in new_entries:
            faults = _pointer_errors(item.entry, entries_by_id, pointers)
            if faults:
                batch_result.add_failure(item.line, faults)
            else:
                valid.append(item)
        if len(valid) == len(new_entries):
            return valid
        new_entries = valid


def _pointer_errors(
    entry: RegistryEntry,
    entries_by_id: Mapping[str, RegistryEntry],
    pointers: Mapping[EntryType, Mapping[str, str]],
) -> FieldErrors:
    faults = FieldErrors()
    for name, target_kind, sent in _pointers_of(entry):
        own = entries_by_id if target_kind is type(entry) else {}
        if sent in pointers[target_kind]:
            continue
        if sent not in own:
            what = target_kind.__name__.lower()
            detail = f"There is no {what} with the id {sent} in this corpus, nor near it in the file."
            faults.record("not-in-corpus", f"/{name}", detail)
        elif name in POINTER_FIELDS[type(entry)] and _in_circle(entry, name, own):
            faults.record(
                "invalid", f"/{name}", "It leads back to this entry, step by step; break the circle."
            )
    return faults


def _pointers_of(entry: RegistryEntry) -> Iterator[tuple[str, EntryType, str]]:
    """Yield the pointers of an entry: where each stands, the kind of its target, and the id of the file."""
    for name, target_kind in POINTER_FIELDS[type(entry)].items():
        sent = getattr(entry, name)
        if sent is not None:
            yield name, target_kind, sent
    if isinstance(entry, records.Actor):
        for index, row in enumerate(entry.affiliations):
            yield f"affiliations/{index}/organisation", records.Actor, row.organisation


def _in_circle(entry: RegistryEntry, name: str, entries_by_id: Mapping[str, RegistryEntry]) -> bool:
    at: str | None = getattr(entry, name)
    for _ in range(len(entries_by_id)):
        if at is None or at not in entries_by_id:
            return False
        if at == entry.id:
            return True
        at = getattr(entries_by_id[at], name)
    return True
