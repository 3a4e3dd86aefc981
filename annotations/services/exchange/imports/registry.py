"""The registry entries of a file: actors, topics and propositions, before the articles that link to them.

An entry that the corpus has already stays as it is; a difference is reported as a loss. Entries may point
forward to others (a part to its whole, a merged entry to its target), so that adjacent entries of a file
are stored together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Model

from annotations.exceptions import DuplicateError, FieldError
from annotations.formats.core import records
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.records import RegistryEntry
from annotations.models import Actor, Proposition, Topic
from annotations.services.exchange.imports import registry_rows
from annotations.services.exchange.imports.context import (
    BatchResult,
    ImportContext,
    RegistryLink,
    assign_ids,
    lock_corpus,
    parameter_chunks,
)

#: How many entries are stored together; a pointer to a later group finds nothing.
MAX_ENTRIES = 20_000

EntryKind = type[RegistryEntry]
Stored = Mapping[str, Mapping[str, Any]]

MODELS: Mapping[EntryKind, type[Model]] = {
    records.Actor: Actor,
    records.Topic: Topic,
    records.Proposition: Proposition,
}
#: The fields of an entry that point to other entries, and the kind of those.
POINTER_FIELDS: Mapping[EntryKind, Mapping[str, EntryKind]] = {
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


def write_entries(context: ImportContext, waiting: Sequence[PendingEntry]) -> None:
    """Store the entries that the corpus lacks; topics before their propositions."""
    for kind in MODELS:
        of_kind = [item for item in waiting if type(item.entry) is kind]
        if of_kind:
            batch_result = BatchResult()
            try:
                with transaction.atomic():
                    lock_corpus(context)
                    _write(context, kind, of_kind, batch_result)
            except IntegrityError:
                batch_result = BatchResult()
                for item in of_kind:
                    detail = "Somebody changed the registry a moment ago; import this line again."
                    batch_result.add_failure(
                        item.line, [FieldError(code=DuplicateError.code, detail=detail, pointer="")]
                    )
            batch_result.add_to_report(context.report)


def _write(
    context: ImportContext, kind: EntryKind, waiting: list[PendingEntry], batch_result: BatchResult
) -> None:
    stored_ids, new_entries = _split_known(context, kind, waiting, batch_result)
    pointers = _find_targets(context, kind, new_entries, stored_ids)
    new_entries = _with_valid_pointers(new_entries, pointers, batch_result)
    wanted = [(str(context.corpus.pk), item.entry.id) for item in new_entries]
    ids = assign_ids(context, MODELS[kind], wanted, batch_result)
    new = {item.entry.id: id for item, id in zip(new_entries, ids, strict=True)}
    if context.options.dry_run:
        for item in new_entries:
            link = RegistryLink(new[item.entry.id], getattr(item.entry, "kind", ""))
            context.entries_by_sent_id[MODELS[kind], item.entry.id] = link
        return
    pointers[kind] = {**pointers.get(kind, {}), **new}
    registry_rows.insert_entries(
        context,
        [_with_stored_ids(item.entry, new[item.entry.id], pointers) for item in new_entries],
    )


def _with_stored_ids(
    entry: RegistryEntry, id: str, pointers: Mapping[EntryKind, Mapping[str, str]]
) -> RegistryEntry:
    """Return the entry with the stored ids of itself and of its pointers."""
    changes: dict[str, Any] = {
        name: pointers[target_kind][getattr(entry, name)]
        for name, target_kind in POINTER_FIELDS[type(entry)].items()
        if getattr(entry, name) is not None
    }
    return entry._replace(id=id, **changes)


def _split_known(
    context: ImportContext, kind: EntryKind, waiting: list[PendingEntry], batch_result: BatchResult
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
    for chunk in parameter_chunks([id for entry in entries for id in context.candidate_ids(entry.id)]):
        rows = model._default_manager.filter(corpus=context.corpus, pk__in=chunk)
        for id, *values in rows.values_list("pk", *_COMPARED[model]):
            found[str(id)] = {"id": str(id), **dict(zip(_COMPARED[model], values, strict=True))}
    return found


def _find_topics(context: ImportContext, entries: Sequence[RegistryEntry]) -> Stored:
    """Return the topics of this corpus by their unique names."""
    names = [entry.name for entry in entries if isinstance(entry, records.Topic)]
    found: dict[str, Mapping[str, Any]] = {}
    for chunk in parameter_chunks(names):
        rows = Topic.objects.filter(corpus=context.corpus, name__in=chunk).values_list("pk", "name")
        found |= {name: {"id": str(id), "name": name} for id, name in rows}
    return found


def _find_targets(
    context: ImportContext,
    kind: EntryKind,
    new_entries: Sequence[PendingEntry],
    stored_ids: Mapping[str, str],
) -> dict[EntryKind, dict[str, str]]:
    """Return the stored ids of the targets of pointers, by kind and by the id of the file."""
    found: dict[EntryKind, dict[str, str]] = {}
    for target_kind in set(POINTER_FIELDS[kind].values()):
        sent_ids = {
            sent
            for item in new_entries
            for name, other in POINTER_FIELDS[kind].items()
            if other is target_kind and (sent := getattr(item.entry, name)) is not None
        }
        found[target_kind] = dict(stored_ids) if target_kind is kind else {}
        model = MODELS[target_kind]
        for sent in sent_ids - found[target_kind].keys():
            if (model, sent) in context.entries_by_sent_id:
                found[target_kind][sent] = context.entries_by_sent_id[model, sent].id
        wanted = {sent: context.candidate_ids(sent) for sent in sent_ids - found[target_kind].keys()}
        stored: set[str] = set()
        for chunk in parameter_chunks([id for ids in wanted.values() for id in ids]):
            rows = model._default_manager.filter(corpus=context.corpus, pk__in=chunk)
            stored |= {str(id) for id in rows.values_list("pk", flat=True)}
        targets = {sent: [id for id in ids if id in stored] for sent, ids in wanted.items()}
        found[target_kind] |= {sent: ids[0] for sent, ids in targets.items() if ids}
    return found


def _with_valid_pointers(
    new_entries: list[PendingEntry],
    pointers: Mapping[EntryKind, Mapping[str, str]],
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
    pointers: Mapping[EntryKind, Mapping[str, str]],
) -> FieldErrors:
    faults = FieldErrors()
    for name, target_kind in POINTER_FIELDS[type(entry)].items():
        sent = getattr(entry, name)
        own = entries_by_id if target_kind is type(entry) else {}
        if sent is None or sent in pointers[target_kind]:
            continue
        if sent not in own:
            what = target_kind.__name__.lower()
            detail = f"There is no {what} with the id {sent} in this corpus, nor near it in the file."
            faults.record("not-in-corpus", f"/{name}", detail)
        elif _in_circle(entry, name, own):
            faults.record(
                "invalid", f"/{name}", "It leads back to this entry, step by step; break the circle."
            )
    return faults


def _in_circle(entry: RegistryEntry, name: str, entries_by_id: Mapping[str, RegistryEntry]) -> bool:
    at: str | None = getattr(entry, name)
    for _ in range(len(entries_by_id)):
        if at is None or at not in entries_by_id:
            return False
        if at == entry.id:
            return True
        at = getattr(entries_by_id[at], name)
    return True
