"""History: the stored sets agree with their events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from annotations.enums import CLOSED, EDITABLE, State
from annotations.models import AnnotationSet, Event, Relation, Span
from annotations.services.core import events
from annotations.services.core.authors import author_ids_by_set
from annotations.services.core.span_values import span_content
from annotations.services.integrity.checks import (
    Check,
    CheckResult,
    CheckScope,
    stream_batches,
    stream_rows,
)
from annotations.services.review import transitions
from annotations.workflow import TRANSITIONS

#: The events that create a set, and the states in which each may create it.
_BEGINNINGS: Mapping[str, tuple[State, ...]] = {
    events.CREATED: (State.OPEN,),
    events.IMPORTED: (State.OPEN, State.SUBMITTED),
}
CREATING_ACTIONS = tuple(_BEGINNINGS)
STATE_ACTIONS = (*CREATING_ACTIONS, *TRANSITIONS)
#: The actions that change content after an import, which brings content of its own.
LATER_CONTENT = tuple(action for action in events.CONTENT_ACTIONS if action != events.IMPORTED)
#: The transitions that no author may make.
FOUR_EYES_TRANSITIONS = tuple(row.name for row in TRANSITIONS.values() if row.four_eyes)
#: The columns that a set in one of these states has.
REQUIRED_COLUMNS: Mapping[State, tuple[str, ...]] = {
    State.SUBMITTED: ("submitted_at",),
    State.IN_REVIEW: ("submitted_at", "reviewer_id", "review_started_at"),
    State.APPROVED: ("submitted_at", "reviewer_id", "approved_at"),
}


class StateEvent(NamedTuple):
    """One event that sets the state of a set."""

    seq: int
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def state(self) -> object:
        """The state of the set after the event."""
        return self.after.get("state")


def _state_events(set_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[StateEvent]]:
    """Return the events about the states of sets, in order."""
    found: dict[UUID, list[StateEvent]] = defaultdict(list)
    rows = Event.objects.filter(set_id__in=list(set_ids), action__in=STATE_ACTIONS).order_by("seq")
    for set_id, seq, action, data in rows.values_list("set_id", "seq", "action", "data"):
        if set_id is not None:
            found[set_id].append(StateEvent(seq, action, data.get("before") or {}, data.get("after") or {}))
    return found


def _check_trail(scope: CheckScope, result: CheckResult) -> None:
    for batch in stream_batches(scope.select(AnnotationSet.objects.all(), "corpus_id")):
        steps = _state_events(row.pk for row in batch)
        for row in batch:
            result.add_row(row.pk, _trail_fault(row, steps.get(row.pk, ())))


def _trail_fault(row: AnnotationSet, steps: Sequence[StateEvent]) -> str | None:
    if not steps:
        return "No event tells of the beginning of this set."
    first, *transitions = steps
    if first.action not in CREATING_ACTIONS:
        return f"The first event of the set is {first.action}; it has to be {' or '.join(CREATING_ACTIONS)}."
    fault = _birth_fault(row, first)
    if fault:
        return fault
    state = first.state
    for step in transitions:
        fault = _step_fault(step, state)
        if fault:
            return fault
        state = step.state
    if state != row.state:
        return f"The set is {row.state}, and its last event ({steps[-1].action}) left it {state}."
    return None


def _birth_fault(row: AnnotationSet, first: StateEvent) -> str | None:
    """Return the finding about the first event: only a restore creates sets in any state, and marks them."""
    if row.imported:
        return None if first.action == events.IMPORTED else "The set is marked as restored, and was not."
    if first.state not in _BEGINNINGS[first.action]:
        return f"The set begins ({first.action}) as {first.state}, which nothing but a restore can do."
    return None


def _step_fault(step: StateEvent, state: object) -> str | None:
    transition = TRANSITIONS.get(step.action)
    if transition is None:
        return f"Event {step.seq} ({step.action}) begins the set a second time."
    was = step.before.get("state")
    if was != state:
        return f"Event {step.seq} ({step.action}) begins at {was}, and the event before it ended at {state}."
    if was not in transition.sources or step.state != (transition.target or was):
        return (
            f"Event {step.seq} ({step.action}) leads from {was} to {step.state}, which the workflow forbids."
        )
    return None


def _check_versions(scope: CheckScope, result: CheckResult) -> None:
    for batch in stream_batches(scope.select(AnnotationSet.objects.all(), "corpus_id")):
        steps = _state_events(row.pk for row in batch)
        for row in batch:
            recorded = max((int(step.after.get("version", 0)) for step in steps.get(row.pk, ())), default=0)
            fault = f"The set is at version {row.version}, and version {recorded} was told already."
            result.add_row(row.pk, fault if recorded > row.version else None)


def _check_closed(scope: CheckScope, result: CheckResult) -> None:
    # of an erased article the digests are left, and not what they were taken of
    closed = AnnotationSet.objects.filter(state__in=CLOSED, article__erasure__isnull=True)
    for batch in stream_batches(scope.select(closed, "corpus_id")):
        ids = [row.pk for row in batch]
        steps, digests = _state_events(ids), _digests(ids)
        later = Event.objects.filter(set_id__in=ids, action__in=LATER_CONTENT).order_by()
        last = dict(later.values_list("set_id").annotate(seq=Max("seq")))
        for row in batch:
            since = _since_closed(steps.get(row.pk, ()))
            result.add_row(row.pk, _closed_fault(since, last.get(row.pk, 0), digests[row.pk]))


def _since_closed(steps: Sequence[StateEvent]) -> list[StateEvent]:
    """Return the events since the set was last editable, the closing one first."""
    since: list[StateEvent] = []
    for step in steps:
        since = [] if step.state in EDITABLE else [*since, step]
    return since


def _closed_fault(since: Sequence[StateEvent], last_content: int, digest: str) -> str | None:
    """Return the finding about a closed set whose content is not that of its closing event."""
    if not since:
        return None  # State and events disagree, which another check reports.
    if last_content > since[0].seq:
        return f"Event {last_content} changed the set, which event {since[0].seq} had closed."
    if "digest" not in since[0].after:
        return f"Event {since[0].seq} ({since[0].action}) closed the set and holds no digest of it."
    for step in since:
        if step.after.get("digest", digest) != digest:
            return f"What is marked is not what event {step.seq} ({step.action}) found in the closed set."
    return None


def _digests(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the digest of each of these sets, in two queries for all."""
    spans: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    relations: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for span in Span.objects.filter(set_id__in=ids).order_by("pk"):
        spans[span.set_id].append(span_content(span))
    for relation in Relation.objects.filter(set_id__in=ids).order_by("pk"):
        relations[relation.set_id].append(events.relation_payload(relation))
    return {id: transitions.content_digest(spans[id], relations[id]) for id in ids}


def _check_four_eyes(scope: CheckScope, result: CheckResult) -> None:
    decisions = Event.objects.filter(set_id=OuterRef("pk"), action__in=FOUR_EYES_TRANSITIONS)
    rows = AnnotationSet.objects.filter(Q(reviewer__isnull=False) | Exists(decisions))
    for batch in stream_batches(scope.select(rows, "corpus_id")):
        authors = author_ids_by_set(batch)
        made: dict[UUID, list[_Move]] = defaultdict(list)
        recorded = Event.objects.filter(set_id__in=list(authors), action__in=FOUR_EYES_TRANSITIONS)
        columns = recorded.order_by("seq").values_list("set_id", "seq", "action", "user_id", "username")
        for set_id, seq, action, user_id, username in columns:
            if set_id is not None:
                made[set_id].append(_Move(seq, action, user_id, username))
        for row in batch:
            result.add_row(row.pk, _four_eyes_fault(row, authors[row.pk], made[row.pk]))


class _Move(NamedTuple):
    """One decision on a set, and who made it."""

    seq: int
    action: str
    user_id: int | None
    username: str


def _four_eyes_fault(row: AnnotationSet, barred_ids: frozenset[int], moves: Sequence[_Move]) -> str | None:
    for seq, action, user_id, username in moves:
        if user_id in barred_ids:
            return f"Event {seq}: {username} made the move {action} on work of which they are an author."
    # The user who restores a file is not an author of its content.
    if row.imported:
        barred_ids = frozenset({row.owner_id})
    if row.reviewer_id in barred_ids:
        return "The reviewer of the set is one of its authors."
    return None


def _check_stamps(scope: CheckScope, result: CheckResult) -> None:
    rows = AnnotationSet.objects.filter(state__in=list(REQUIRED_COLUMNS))
    for row in stream_rows(scope.select(rows, "corpus_id")):
        missing = [name for name in REQUIRED_COLUMNS[State(row.state)] if getattr(row, name) is None]
        names = " and ".join(name.removesuffix("_id") for name in missing)
        result.add_row(row.pk, f"The set is {row.state} without {names}." if missing else None)


CHECKS = (
    Check(
        "trail",
        "The state of every set follows from its events, by moves that the workflow has.",
        _check_trail,
    ),
    Check("version", "No set is older than what was told of it.", _check_versions),
    Check("closed", "What was closed did not change: its digest is the one that was taken.", _check_closed),
    Check("four-eyes", "Nobody decided on work of which they are an author.", _check_four_eyes),
    Check(
        "stamps",
        "A set in review has its reviewer, an approved one its approver, each with the time.",
        _check_stamps,
    ),
)
