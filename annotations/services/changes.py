"""What a reviewer sees at a glance: how a set differs from what was submitted before.

The trail holds each span before and after every write, so that the net change since an event is
the first ``before`` and the last ``after`` of each span.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q

from annotations.models import AnnotationSet, Event
from annotations.services import events

Facts = Mapping[str, Any]


class ChangeKind(StrEnum):
    """What happened to a span, all in all."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One span that is not as it was."""

    kind: ChangeKind
    span: str
    before: Facts | None
    after: Facts | None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All of them, in reading order; ``since`` is None where nothing was submitted before."""

    since: int | None
    changes: list[Change]


def since_last_submission(row: AnnotationSet) -> Changes:
    """The net change of the spans since the set was returned, recalled, or copied from another one."""
    began = Q(action__in=("return", "recall"))
    if row.based_on_id is not None:
        began |= Q(action=events.CREATED)
    trail = Event.objects.filter(set_id=row.pk).order_by("seq")
    since = trail.filter(began).order_by("-seq").values_list("seq", flat=True).first()
    if since is None:
        return Changes(since=None, changes=[])
    told = trail.filter(
        seq__gt=since, action__in=(events.SPAN_ADDED, events.SPAN_CHANGED, events.SPAN_DELETED)
    )
    return Changes(since=since, changes=net(told.values_list("data", flat=True).iterator()))


def net(told: Iterable[Mapping[str, Facts | None]]) -> list[Change]:
    """The differences that remain when every write is played, by the place in the text."""
    first: dict[str, Facts | None] = {}
    last: dict[str, Facts | None] = {}
    for data in told:
        before, after = data["before"], data["after"]
        span = str((after or before or {})["id"])
        first.setdefault(span, before)
        last[span] = after
    changes = [_change(span, _bare(first[span]), _bare(after)) for span, after in last.items()]
    return sorted((change for change in changes if change is not None), key=_place)


def _bare(facts: Facts | None) -> Facts | None:
    """A span without what only the event of its deletion tells."""
    return None if facts is None else {name: value for name, value in facts.items() if name != "relations"}


def _change(span: str, before: Facts | None, after: Facts | None) -> Change | None:
    if before == after:
        return None
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.REMOVED
    elif (before["start"], before["end"]) != (after["start"], after["end"]):
        kind = ChangeKind.MOVED
    else:
        kind = ChangeKind.CHANGED
    return Change(kind=kind, span=span, before=before, after=after)


def _place(change: Change) -> tuple[int, int]:
    facts = change.after or change.before or {}
    return (facts["start"], facts["end"])
