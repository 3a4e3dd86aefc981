"""What a merge would change, before it is made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import BooleanField, Case, Count, Min, Q, TextField, When
from django.db.models.functions import Cast

from annotations.metrics.discourse.changes import DatedStance, order_in_time
from annotations.metrics.discourse.matrix import stance_score
from annotations.metrics.discourse.tallies import SIDES_BY_STANCE, STANCES, UNDECIDED
from annotations.models import EntryKind, Release, ReleaseChunk, Statement
from annotations.permissions import Permission, require_permission
from annotations.scheme.statements import COUNTED_BASES
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import require_not_archived
from annotations.services.registry import merges, moves, usage
from annotations.services.registry.canonical import variant_ids
from annotations.services.registry.merge_checks import find_conflicts
from annotations.visibility import get_visible_row

MAX_CELLS = 100
#: The other end of the cells of an entry.
_OTHER_ENDS = {EntryKind.ACTOR: "proposition", EntryKind.PROPOSITION: "actor"}


@dataclass
class _Stances:
    """The statements of one entry with each of the entries at the other end: counted, and by day."""

    stances: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    dated: dict[str, list[DatedStance]] = field(default_factory=lambda: defaultdict(list))

    @property
    def changes(self) -> int:
        """The number of changes of mind."""
        return sum(map(count_changes, self.dated.values()))


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
    coming, there = _tallies(kind, loser.pk, winner.pk)
    both = _Stances(dated={id: coming.dated[id] + there.dated[id] for id in {*coming.dated, *there.dated}})
    return {
        "loser": loser,
        "winner": winner,
        "aliases": [alias._asdict() for alias in moves.plan_aliases(loser, winner)[0]],
        "conflicts": merges.conflict_list(find_conflicts(loser, winner)),
        **usage.count_work(usage.linked_spans(by, kind, loser.pk)),
        "cells": _cells(kind, winner.pk, coming, there),
        "changes_of_mind": {"before": coming.changes + there.changes, "after": both.changes},
        "releases": _releases_with(loser.corpus_id, loser.pk),
    }


def _tallies(kind: EntryKind, loser: UUID, winner: UUID) -> tuple[_Stances, _Stances]:
    """Return the statements of both in one query; topics have none of their own."""
    coming, there = _Stances(), _Stances()
    if kind in _OTHER_ENDS:
        of_loser, of_winner = (variant_ids(kind, entry) for entry in (loser, winner))
        rows = Statement.objects.filter(kind="position", basis__in=COUNTED_BASES).order_by()
        linked = rows.filter(
            **{f"{kind}__in": [*of_loser, *of_winner], f"{_OTHER_ENDS[kind]}__isnull": False}
        )
        is_coming = Case(
            When(**{f"{kind}__in": of_loser}, then=True), default=False, output_field=BooleanField()
        )
        # ids as text, which costs less than UUIDs
        other = Cast(f"{_OTHER_ENDS[kind]}__canonical_id", TextField())
        found = linked.values_list(is_coming, other, "day", "day_last", "stance")
        for is_of_loser, id, day, day_last, stance, number, first in found.annotate(
            n=Count("pk"), first=Min("pk")
        ):
            statements = coming if is_of_loser else there
            statements.stances[id][stance or UNDECIDED] += number
            if day is not None and stance in SIDES_BY_STANCE:
                statements.dated[id].append(DatedStance(first, None, None, stance, None, day, day_last))
    return coming, there


def _cells(kind: EntryKind, winner: UUID, coming: _Stances, there: _Stances) -> list[dict[str, Any]]:
    """Return the cells of the matrix that change, those of which most statements come first.

    ``before`` is the cell of the winner.
    """
    shown = sorted(coming.stances, key=lambda end: (-coming.stances[end].total(), end))[:MAX_CELLS]
    return [
        {
            str(kind): winner,
            _OTHER_ENDS[kind]: UUID(id),
            "before": _cell(there.stances[id]),
            "after": _cell(there.stances[id] + coming.stances[id]),
        }
        for id in shown
    ]


def _cell(counts: Counter[str]) -> dict[str, Any]:
    score = stance_score(counts["support"], counts["oppose"], counts["mixed"])
    return {**{stance: counts[stance] for stance in STANCES}, "score": score}


def count_changes(stances: Iterable[DatedStance]) -> int:
    """Return how often a stance of one actor on one issue follows another one, as changes of mind count."""
    return sum(before.stance != after.stance for before, after in pairwise(order_in_time(stances)))


def _releases_with(corpus: UUID, entry: UUID) -> list[int]:
    """Return the numbers of the releases whose registry has an entry; they stay as they are."""
    heads = ReleaseChunk.objects.filter(number=0).annotate(ids=Cast("index", TextField()))
    holding = heads.filter(ids__contains=f'"{entry}"').values("release_id")
    rows = Release.objects.filter(Q(corpus_id=corpus), withdrawn_at__isnull=True, pk__in=holding)
    return list(rows.order_by("number").values_list("number", flat=True))
