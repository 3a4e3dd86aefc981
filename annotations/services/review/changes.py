"""How a set differs from its last submission.

Events hold each span before and after every write, so the net change since an event is the first
``before`` and the last ``after`` of each span.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q

from annotations.models import AnnotationSet, Event, Revision
from annotations.services.core import events

SpanPayload = Mapping[str, Any]


class ChangeKind(StrEnum):
    """The kind of net change of a span."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class SpanChange:
    """The net change of one span."""

    kind: ChangeKind
    span: str
    before: SpanPayload | None
    after: SpanPayload | None


@dataclass(frozen=True, kw_only=True)
class SetChanges:
    """The changed spans in reading order. ``since`` is the seq of the event, None without a submission."""

    since: int | None
    changes: list[SpanChange]


def changes_since_submission(row: AnnotationSet) -> SetChanges:
    """Return the net change of the spans since the set was returned, recalled, or copied from another."""
    began = Q(action__in=("return", "recall"))
    if row.based_on_id is not None:
        began |= Q(action=events.CREATED)
    history = Event.objects.filter(set_id=row.pk).order_by("seq")
    since = history.filter(began).order_by("-seq").values_list("seq", flat=True).first()
    if since is None:
        return SetChanges(since=None, changes=[])
    writes = history.filter(
        seq__gt=since, action__in=(events.SPAN_ADDED, events.SPAN_CHANGED, events.SPAN_DELETED)
    )
    data = writes.values_list("data", flat=True)
    if not writes.exists():
        return SetChanges(since=since, changes=[])
    text = Revision.objects.values_list("text", flat=True).get(pk=row.revision_id)
    return SetChanges(since=since, changes=net_changes(data.iterator(), text))


def net_changes(writes: Iterable[Mapping[str, SpanPayload | None]], text: str) -> list[SpanChange]:
    """Return the net changes of spans of a text after all writes, in its order."""
    first: dict[str, SpanPayload | None] = {}
    last: dict[str, SpanPayload | None] = {}
    for data in writes:
        before, after = data["before"], data["after"]
        span = str((after or before or {})["id"])
        first.setdefault(span, before)
        last[span] = after
    changes = [
        _change(span, _as_span(first[span], text), _as_span(after, text)) for span, after in last.items()
    ]
    return sorted((change for change in changes if change is not None), key=_position)


def _as_span(payload: SpanPayload | None, text: str) -> SpanPayload | None:
    """Return a payload with its words, and without the relations that only the event of a deletion holds."""
    if payload is None:
        return None
    values = events.with_quote(payload, text)
    values.pop("relations", None)
    return values


def _change(span: str, before: SpanPayload | None, after: SpanPayload | None) -> SpanChange | None:
    if before == after:
        return None
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.REMOVED
    elif (before["start"], before["end"]) != (after["start"], after["end"]):
        kind = ChangeKind.MOVED
    else:
        kind = ChangeKind.CHANGED
    return SpanChange(kind=kind, span=span, before=before, after=after)


def _position(change: SpanChange) -> tuple[int, int]:
    payload = change.after or change.before or {}
    return (payload["start"], payload["end"])
