"""The ranges of texts that spans of protected actors mark, for words that leave without their text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from annotations.models import Span
from annotations.services.rights.verdicts import Gate

Ranges = Mapping[UUID, list[tuple[int, int]]]


def load_protected_ranges(gate: Gate, revisions: Collection[UUID]) -> Ranges:
    """Return the ranges that spans of protected actors mark, whoever marked them, by revision.

    No query where nobody is protected, else one.
    """
    ranges: dict[UUID, list[tuple[int, int]]] = {}
    if not gate.sources:
        return ranges
    linked = Span.objects.filter(set__revision__in=revisions, actor_id__in=list(gate.sources)).order_by()
    for revision, start, end in linked.values_list("set__revision_id", "start", "end").distinct():
        ranges.setdefault(revision, []).append((start, end))
    return ranges
