"""Merging an entry of the registry into another, and taking the merge back.

A merge touches no span, no version of a set and no finished release: links stay as they are, and who reads
them follows ``canonical``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.exceptions import (
    FieldError,
    MergeConflictError,
    NotInCorpusError,
    UndoConflictError,
    error_at,
)
from annotations.messages import message
from annotations.models import Actor, Corpus, EntryKind, Merge, Proposition, Topic, uuid7
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import lock_corpus, require_not_archived
from annotations.services.registry import moves
from annotations.services.registry.canonical import refresh_canonical
from annotations.services.registry.duplicates import refresh_entries
from annotations.services.registry.merge_checks import find_conflicts, parents_in_circle
from annotations.visibility import get_visible, get_visible_row

Entry = Actor | Topic | Proposition


@retry_on_conflict
@transaction.atomic
def merge_entry(
    by: User, kind: EntryKind, id: UUID, values: Mapping[str, Any], *, version: int
) -> tuple[Merge, bool]:
    """Merge an entry into another; return the merge and whether it is new.

    ``values`` are into, reason and, for repeated requests, the id of the merge.
    """
    corpus, loser = _lock_entry(by, kind, id)
    into, reason = values["into"], values["reason"]
    stored = Merge.objects.filter(pk=values["id"]).first() if values.get("id") else None
    if stored is not None:
        same = (stored.kind, stored.loser, stored.winner, stored.reason) == (kind, id, into, reason)
        with error_at("/id"):
            if not same or stored.by_id != by.pk:
                raise id_taken_error(stored.pk)
        return stored, False
    require_current_version(kind, loser.version, version)
    require_not_archived(corpus)
    winner = require_winner(loser, into, lock=True)
    conflicts = find_conflicts(loser, winner)
    if conflicts:
        raise conflict_error(MergeConflictError, conflicts)
    merge = Merge(
        id=values.get("id") or uuid7(), corpus=corpus, kind=kind, loser=id, winner=into, reason=reason, by=by,
        at=timezone.now(), moved=moves.move_all(kind, loser, winner),
    )  # fmt: skip
    with translate_integrity_errors({}):
        merge.save(force_insert=True)
    rows = moves.MODELS[kind]._default_manager
    rows.filter(canonical=id).update(canonical=into)
    rows.filter(pk=id).update(merged_into=into)
    _raise_versions(kind, [id, into])
    refresh_entries(kind, corpus.pk, [id, into])
    _record(by, f"{kind}_merged", merge, str(loser), str(winner))
    return merge, True


def require_winner(loser: Entry, into: UUID, *, lock: bool = False) -> Entry:
    """Return the entry to merge into; raise ``NotInCorpusError`` if the corpus has none of this id."""
    rows: Any = type(loser)._default_manager.filter(corpus_id=loser.corpus_id, pk=into)
    winner = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if winner is None:
        with error_at("/into"):
            raise NotInCorpusError(message("There is nothing of the id {id} to merge into here.", id=into))
    return cast("Entry", winner)


def conflict_error(
    error: type[MergeConflictError | UndoConflictError], conflicts: Sequence[FieldError]
) -> MergeConflictError | UndoConflictError:
    """Return the error for what stands in the way, in the words of the first."""
    return error(conflicts[0].detail, conflicts=conflict_list(conflicts))


def conflict_list(conflicts: Sequence[FieldError]) -> list[dict[str, str]]:
    """Return conflicts as answers have them."""
    return [{"code": found.code, "detail": found.detail} for found in conflicts]


@transaction.atomic
def undo_merge(by: User, id: UUID, reason: str) -> Merge:
    """Take a merge back: everything that moved returns. A repeat by the same user changes nothing."""
    merge = get_visible(by, Merge.objects.all(), pk=id)
    kind = EntryKind(merge.kind)
    corpus, loser = _lock_entry(by, kind, merge.loser)
    merge = Merge.objects.select_for_update().get(pk=id)
    if merge.undone_at is not None:
        if merge.undone_by_id == by.pk:
            return merge
        detail = message("The merge was taken back already; there is nothing left to do.")
        raise conflict_error(UndoConflictError, [FieldError(code="undone", detail=detail)])
    require_not_archived(corpus)
    later = list(moves.later_merges(merge))
    returning = moves.MergeUndoing(merge, later, [])
    returning.run(str(loser))
    rows = moves.MODELS[kind]._default_manager
    rows.filter(pk=loser.pk).update(merged_into=None, canonical=F("id"))
    refresh_canonical(moves.MODELS[kind], corpus)
    if isinstance(loser, Actor) and parents_in_circle(loser.pk):
        detail = message(
            "The actor {name} would become a part of itself, by parents that were set since the merge; "
            "change one of them first.",
            name=loser.name,
        )
        returning.conflicts.append(FieldError(code="parents", detail=detail))
    if returning.conflicts:
        raise conflict_error(UndoConflictError, returning.conflicts)
    merge.undone_by, merge.undone_at, merge.undone_reason = by, timezone.now(), reason
    merge.save(update_fields=["undone_by", "undone_at", "undone_reason"])
    touched = [loser.pk, merge.winner, *(each.winner for each in later)]
    _raise_versions(kind, touched)
    refresh_entries(kind, corpus.pk, touched)
    winner = rows.get(pk=merge.winner)
    _record(by, f"{kind}_unmerged", merge, str(loser), str(winner))
    return merge


def _lock_entry(by: User, kind: EntryKind, id: UUID) -> tuple[Corpus, Entry]:
    """Lock the corpus, so that merges come one after the other, and the entry; return both."""
    rows: Any = moves.MODELS[kind]._default_manager
    seen = get_visible_row(by, rows.select_related("corpus"), pk=id)
    corpus = require_permission(by, Permission.MERGE_ENTRY, seen).corpus
    lock_corpus(corpus)
    return corpus, rows.select_for_update(of=("self",)).get(pk=id)


def _raise_versions(kind: EntryKind, ids: Sequence[UUID]) -> None:
    moves.MODELS[kind]._default_manager.filter(pk__in=ids).update(version=F("version") + 1)


def _record(by: User, action: str, merge: Merge, name: str, into_name: str) -> None:
    """Store the event, which the history of both entries shows."""
    after = {
        "id": str(merge.loser), "name": name, "into": str(merge.winner), "into_name": into_name,
        "merge": str(merge.pk), "moved": merge.moved,
        "reason": merge.reason if merge.undone_at is None else merge.undone_reason,
    }  # fmt: skip
    events.record_event(action, by=by, corpus_id=merge.corpus_id, after=after)
