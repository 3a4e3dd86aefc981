"""What a merge would change, before it is made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast

from annotations.models import EntryKind, Release, ReleaseChunk, Statement
from annotations.permissions import Permission, require_permission
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import require_not_archived
from annotations.services.registry import merges, moves, usage
from annotations.services.registry.merge_checks import find_conflicts
from annotations.visibility import get_visible_row

MAX_CELLS = 100
#: The stances that a cell counts, and those that show a side, between which a mind can change.
STANCES = ("support", "oppose", "mixed", "undecided")
SIDES = STANCES[:3]
#: The bases of the matrix unless it is asked for others.
_BASES = ("stated", "conduct")
#: What a merge makes one, and the other end of the cells, as lookups of statements.
_ENDS: Mapping[EntryKind, tuple[str, str]] = {
    EntryKind.ACTOR: ("actor__canonical_id", "proposition__canonical_id"),
    EntryKind.PROPOSITION: ("proposition__canonical_id", "actor__canonical_id"),
}

Counts = Counter[str]


def preview_merge(
    by: User, kind: EntryKind, id: UUID, into: UUID, *, version: int | None = None
) -> dict[str, Any]:
    """Return what merging an entry into another would change; nothing is written."""
    rows: Any = moves.MODELS[kind]._default_manager
    loser = require_permission(
        by, Permission.MERGE_ENTRY, get_visible_row(by, rows.select_related("corpus"), pk=id)
    )
    if version is not None:
        require_current_version(kind, loser.version, version)
    require_not_archived(loser.corpus)
    winner = merges.require_winner(loser, into)
    before, after = _changes_of_mind(kind, loser.pk, winner.pk)
    return {
        "loser": loser,
        "winner": winner,
        "aliases": [alias._asdict() for alias in moves.plan_aliases(loser, winner)[0]],
        "conflicts": merges.conflict_list(find_conflicts(loser, winner)),
        **usage.count_work(usage.linked_spans(by, kind, loser.pk)),
        "cells": _cells(kind, loser.pk, winner.pk),
        "changes_of_mind": {"before": before, "after": after},
        "releases": _releases_with(loser.corpus_id, loser.pk),
    }


def _positions(lookup: str, entry: UUID) -> QuerySet[Statement, tuple[Any, ...]]:
    """Return the statements with a stance of which one end is an entry, after all merges."""
    rows = Statement.objects.filter(kind="position", basis__in=_BASES, stance__in=STANCES)
    complete = rows.filter(actor__isnull=False, proposition__isnull=False)
    return complete.filter(**{lookup: entry}).order_by().values_list()


def _cells(kind: EntryKind, loser: UUID, winner: UUID) -> list[dict[str, Any]]:
    """Return the cells of the matrix that change, those of which most statements come first.

    ``before`` is the cell of the winner.
    """
    if kind not in _ENDS:
        return []
    own, other = _ENDS[kind]
    coming, there = (_count_cells(own, other, entry) for entry in (loser, winner))
    shown = sorted(coming, key=lambda end: (-coming[end].total(), str(end)))[:MAX_CELLS]
    ends = ("actor", "proposition") if kind == EntryKind.ACTOR else ("proposition", "actor")
    return [
        {
            ends[0]: winner,
            ends[1]: id,
            "before": _cell(there.get(id, Counter())),
            "after": _cell(there.get(id, Counter()) + coming[id]),
        }
        for id in shown
    ]


def _count_cells(own: str, other: str, entry: UUID) -> dict[UUID, Counts]:
    counted: dict[UUID, Counts] = defaultdict(Counter)
    for id, stance, number in _positions(own, entry).values_list(other, "stance").annotate(n=Count("pk")):
        counted[id][stance] = number
    return counted


def _cell(counts: Counts) -> dict[str, Any]:
    sides = sum(counts[stance] for stance in SIDES)
    score = (counts["support"] - counts["oppose"]) / sides if sides else None
    return {**{stance: counts[stance] for stance in STANCES}, "score": score}


def _changes_of_mind(kind: EntryKind, loser: UUID, winner: UUID) -> tuple[int, int]:
    """Return how many changes of mind are counted in the cells of both, apart and together."""
    if kind not in _ENDS:
        return 0, 0
    own, other = _ENDS[kind]
    columns = (other, "day", "day_last", "stance")
    rows = [
        list(_positions(own, entry).filter(day__isnull=False).values_list(*columns).distinct())
        for entry in (loser, winner)
    ]
    return sum(map(count_changes, rows)), count_changes({*rows[0], *rows[1]})


def count_changes(stances: Iterable[tuple[Any, date, date, str]]) -> int:
    """Return how often a stance follows another one, by (issue, first day, last day, stance) of one actor.

    Statements of the same days go on with the stance before them, so that two papers which report both
    sides of one day are one change.
    """
    rows = sorted({row for row in stances if row[3] in SIDES}, key=lambda row: (str(row[0]), *row[1:]))
    changes = 0
    for _, issue in groupby(rows, key=lambda row: row[0]):
        stance = ""
        for _, same in groupby(issue, key=lambda row: row[1:3]):
            found = sorted((row[3] for row in same), key=lambda name: (name != stance, name))
            changes += len(found) - (found[0] == stance or not stance)
            stance = found[-1]
    return changes


def _releases_with(corpus: UUID, entry: UUID) -> list[int]:
    """Return the numbers of the releases whose registry has an entry; they stay as they are."""
    heads = ReleaseChunk.objects.filter(number=0).annotate(ids=Cast("index", TextField()))
    holding = heads.filter(ids__contains=f'"{entry}"').values("release_id")
    rows = Release.objects.filter(Q(corpus_id=corpus), withdrawn_at__isnull=True, pk__in=holding)
    return list(rows.order_by("number").values_list("number", flat=True))
