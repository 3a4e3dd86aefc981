"""The merges of a file: with them, what is merged in it can be parted again.

An entry that a file calls merged gets a merge at once, with which nothing moved; the line of the merge, which
stands behind all entries, says more and takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model

from annotations.exceptions import FieldError
from annotations.formats.core import records
from annotations.models import EntryKind, Merge
from annotations.services.exchange.imports.context import (
    BatchResult,
    ImportContext,
    assign_ids,
    parameter_batches,
)
from annotations.services.exchange.imports.users import load_users
from annotations.services.registry import moves


class PendingMerge(NamedTuple):
    """A merge of a line that waits to be written."""

    line: int
    entry: records.Merge


def add_implied_merges(context: ImportContext, kind: EntryKind, pairs: Iterable[tuple[str, str]]) -> None:
    """Store a merge for each new entry that is merged: pairs of the stored ids of loser and winner."""
    Merge.objects.bulk_create(
        Merge(
            corpus=context.corpus, kind=kind, loser=UUID(loser), winner=UUID(winner), at=context.now,
            by=None if context.options.restore else context.by, moved=moves.empty_moved(),
        )
        for loser, winner in pairs
    )  # fmt: skip


def write_merges(context: ImportContext, waiting: Sequence[PendingMerge], batch_result: BatchResult) -> None:
    """Store the merges of a file in the place of those that its entries implied; others stay as they are."""
    for kind in EntryKind:
        of_kind = [item for item in waiting if item.entry.kind == kind]
        if of_kind:
            _write_kind(context, kind, of_kind, batch_result)


def _write_kind(
    context: ImportContext, kind: EntryKind, waiting: Sequence[PendingMerge], batch_result: BatchResult
) -> None:
    ids = find_stored_ids(context, moves.MODELS[kind], _named(item.entry for item in waiting))
    moved_ids = {
        move.key: find_stored_ids(
            context,
            move.model,
            {id for item in waiting for id in getattr(item.entry.moved, move.key)},
            move.corpus,
        )
        for move in moves.POINTER_MOVES[kind]
    }
    live = Merge.objects.filter(corpus=context.corpus, kind=kind, undone_at__isnull=True)
    stored = {str(row.loser): row for row in live}
    new: list[tuple[PendingMerge, Merge]] = []
    for item in waiting:
        fault = _fault(item.entry, ids, stored)
        if fault is not None:
            batch_result.add_failure(item.line, [fault])
            continue
        merge = stored[ids[item.entry.loser]]
        if moves.is_implied(merge.reason, merge.moved):
            new.append((item, merge))
    if context.options.dry_run:
        return
    Merge.objects.filter(pk__in=[row.pk for _, row in new]).delete()
    wanted = [(str(context.corpus.pk), item.entry.id) for item, _ in new]
    if context.options.restore:
        load_users(context, [item.entry.by for item, _ in new if item.entry.by])
    for (item, row), id in zip(new, assign_ids(context, Merge, wanted, batch_result), strict=True):
        row.pk = UUID(id)
        row.reason, row.moved = item.entry.reason, _moved(item.entry.moved, moved_ids)
        if context.options.restore:
            row.by_id = context.user_ids[item.entry.by] if item.entry.by else None
            row.at = item.entry.at or context.now
        row.save(force_insert=True)


def _named(entries: Iterable[records.Merge]) -> set[str]:
    return {id for entry in entries for id in (entry.loser, entry.winner)}


def find_stored_ids(
    context: ImportContext, model: type[Model], sent: set[str], corpus: str = "corpus"
) -> dict[str, str]:
    """Return the stored ids of entries by the ids of the file."""
    known = context.entries_by_sent_id
    found = {id: known[model, id].id for id in sent if (model, id) in known}
    wanted = {id: context.candidate_ids(id) for id in sent - found.keys()}
    stored: set[str] = set()
    for chunk in parameter_batches([id for ids in wanted.values() for id in ids]):
        rows = model._default_manager.filter(pk__in=chunk, **{corpus: context.corpus})
        stored |= {str(pk) for pk in rows.values_list("pk", flat=True)}
    for id, ids in wanted.items():
        likeliest = next((each for each in ids if each in stored), None)
        if likeliest is not None:
            found[id] = likeliest
    return found


def _fault(entry: records.Merge, ids: Mapping[str, str], stored: Mapping[str, Merge]) -> FieldError | None:
    """Return what is wrong with a merge: it has to be what the entries of the file say."""
    for name in ("loser", "winner"):
        sent = getattr(entry, name)
        if sent not in ids:
            detail = f"There is no {entry.kind} with the id {sent} in this corpus."
            return FieldError(code="not-in-corpus", detail=detail, pointer=f"/{name}")
    merge = stored.get(ids[entry.loser])
    if merge is None or str(merge.winner) != ids[entry.winner]:
        detail = "The loser is not merged into this winner; name the one in its merged_into."
        return FieldError(code="invalid", detail=detail, pointer="/winner")
    return None


def _moved(sent: records.MovedValues, stored: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        **moves.empty_moved(),
        "aliases": [alias._asdict() for alias in sent.aliases],
        "stayed": [alias._asdict() for alias in sent.stayed],
        "name_added": sent.name_added,
        **{key: [ids[id] for id in getattr(sent, key) if id in ids] for key, ids in stored.items()},
    }
