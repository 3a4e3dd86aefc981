"""Carry-overs: what was approved by equivalence says what two people saw, and items fit their sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from annotations.enums import CLOSED, ApprovalBasis, State
from annotations.models import AnnotationSet, CarryItem, Relation, Span
from annotations.services.core.span_values import SpanValues
from annotations.services.integrity.checks import Check, CheckResult, CheckScope, stream_rows
from annotations.text.align import SILENT, carry, mapping
from annotations.text.ranges import Range


def _check_equivalence(scope: CheckScope, result: CheckResult) -> None:
    """Align the two texts of each such set anew, and carry the spans of the old one over to it."""
    rows = AnnotationSet.objects.filter(approved_by=ApprovalBasis.EQUIVALENCE)
    selected = scope.select(rows, "corpus_id").select_related("revision", "based_on__revision")
    for row in stream_rows(selected, size=10):
        result.add_row(row.pk, _equivalence_fault(row))


def _equivalence_fault(row: AnnotationSet) -> str | None:
    old = row.based_on
    if old is None and row.imported:  # from a file of approved sets, which leaves out the one before
        return None
    if old is None or (old.owner_id, old.reviewer_id) != (row.owner_id, row.reviewer_id):
        return "The set was approved by equivalence, and not with the people of the set that it is based on."
    spans = list(Span.objects.filter(set=old))
    ranges = [Range(span.start, span.end) for span in spans]
    expected: dict[str, UUID] = {}
    for span, (status, place) in zip(
        spans, carry(mapping(old.revision.text, row.revision.text), ranges), strict=True
    ):
        if status not in SILENT or place is None:
            return f"The set was approved by equivalence, and the sentence of span {span.pk} changed."
        expected[_key(span, place.start)] = span.pk
    carried = {_key(span, span.start): span.pk for span in Span.objects.filter(set=row)}
    if carried.keys() != expected.keys():
        return "The set was approved by equivalence, and does not mark what the approved set marks."
    keys = {id: key for found in (expected, carried) for key, id in found.items()}
    if _relations(old, keys) != _relations(row, keys):
        return "The set was approved by equivalence, and its relations are not those of the approved set."
    return None


def _key(span: Span, start: int) -> str:
    """Return what a span says, with its start in the new text."""
    values: dict[str, Any] = SpanValues.from_row(span).payload("")
    return repr(sorted({**values, "start": start, "end": start + span.end - span.start}.items(), key=str))


def _relations(row: AnnotationSet, keys: dict[UUID, str]) -> set[tuple[str, str, str]]:
    links: Iterable[tuple[str, UUID, UUID]] = Relation.objects.filter(set=row).values_list(
        "type", "source_id", "target_id"
    )
    return {(type_, keys[source], keys[target]) for type_, source, target in links}


def _check_items(scope: CheckScope, result: CheckResult) -> None:
    """Check that no set was handed in before somebody had looked at what its correction touched."""
    rows = scope.select(CarryItem.objects.select_related("set", "span"), "set__corpus_id")
    waiting = set(scope.select(CarryItem.objects.open(), "set__corpus_id").values_list("pk", flat=True))
    for item in stream_rows(rows):
        result.add_row(item.pk, _item_fault(item, is_open=item.pk in waiting))


def _item_fault(item: CarryItem, *, is_open: bool) -> str | None:
    handed_in = item.set.state in CLOSED - {State.SUPERSEDED, State.WITHDRAWN}
    if is_open and handed_in:
        return (
            f"The set is {item.set.state}, and nobody has looked at this span since the text was corrected."
        )
    if item.span is not None and item.span.set_id != item.set_id:
        return "What became of the item is in another set."
    return None


CHECKS = (
    Check(
        "equivalence",
        "What was approved by equivalence marks the same words in the same sentences as the approved set.",
        _check_equivalence,
    ),
    Check(
        "carry-items",
        "No set was handed in before every span that a correction touched was looked at.",
        _check_items,
    ),
)
