"""Sets and the events that tell of them: what the trail says is what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from annotations.models import AnnotationSet, Event, Relation, Span
from annotations.services import events, review
from annotations.services.authors import authors
from annotations.services.integrity.base import Check, Scope, Tally, batches, streamed
from annotations.states import CLOSED, EDITABLE, State
from annotations.workflow import TRANSITIONS

#: The events that say in what state a set is.
_BEGINNINGS: Mapping[str, tuple[State, ...]] = {
    events.CREATED: (State.OPEN,),
    events.IMPORTED: (State.OPEN, State.SUBMITTED),
}
BIRTHS = tuple(_BEGINNINGS)
STATE_ACTIONS = (*BIRTHS, *TRANSITIONS)
#: Bringing content along is part of being imported; everything else changes what is there.
LATER_CONTENT = tuple(action for action in events.CONTENT if action != events.IMPORTED)
#: The moves that nobody makes on their own work.
DECISIONS = tuple(row.name for row in TRANSITIONS.values() if row.four_eyes)
#: What a decision leaves in the set besides its state.
STAMPS: Mapping[State, tuple[str, ...]] = {
    State.SUBMITTED: ("submitted_at",),
    State.IN_REVIEW: ("submitted_at", "reviewer_id", "review_started_at"),
    State.APPROVED: ("submitted_at", "reviewer_id", "approved_at"),
}


class Step(NamedTuple):
    """One event that tells of the state of a set."""

    seq: int
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def state(self) -> object:
        """The state in which the event left the set."""
        return self.after.get("state")


def _steps(set_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Step]]:
    """What the trail says of the states of these sets, in order."""
    found: dict[UUID, list[Step]] = defaultdict(list)
    rows = Event.objects.filter(set_id__in=list(set_ids), action__in=STATE_ACTIONS).order_by("seq")
    for set_id, seq, action, data in rows.values_list("set_id", "seq", "action", "data"):
        if set_id is not None:
            found[set_id].append(Step(seq, action, data.get("before") or {}, data.get("after") or {}))
    return found


def _trail(scope: Scope, tally: Tally) -> None:
    for batch in batches(streamed(scope.of(AnnotationSet.objects.all(), "corpus_id"))):
        steps = _steps(row.pk for row in batch)
        for row in batch:
            tally.see(row.pk, _trail_fault(row, steps.get(row.pk, ())))


def _trail_fault(row: AnnotationSet, steps: Sequence[Step]) -> str | None:
    if not steps:
        return "No event tells of the beginning of this set."
    first, *moves = steps
    if first.action not in BIRTHS:
        return f"The first event of the set is {first.action}; it has to be {' or '.join(BIRTHS)}."
    fault = _birth_fault(row, first)
    if fault:
        return fault
    at = first.state
    for step in moves:
        fault = _step_fault(step, at)
        if fault:
            return fault
        at = step.state
    if at != row.state:
        return f"The set is {row.state}, and its last event ({steps[-1].action}) left it {at}."
    return None


def _birth_fault(row: AnnotationSet, first: Step) -> str | None:
    """Only a restore brings sets along in any state, and it marks them."""
    if row.imported:
        return None if first.action == events.IMPORTED else "The set is marked as restored, and was not."
    if first.state not in _BEGINNINGS[first.action]:
        return f"The set begins ({first.action}) as {first.state}, which nothing but a restore can do."
    return None


def _step_fault(step: Step, at: object) -> str | None:
    transition = TRANSITIONS.get(step.action)
    if transition is None:
        return f"Event {step.seq} ({step.action}) begins the set a second time."
    was = step.before.get("state")
    if was != at:
        return f"Event {step.seq} ({step.action}) begins at {was}, and the event before it ended at {at}."
    if was not in transition.sources or step.state != (transition.target or was):
        return (
            f"Event {step.seq} ({step.action}) leads from {was} to {step.state}, which the workflow forbids."
        )
    return None


def _versions(scope: Scope, tally: Tally) -> None:
    for batch in batches(streamed(scope.of(AnnotationSet.objects.all(), "corpus_id"))):
        steps = _steps(row.pk for row in batch)
        for row in batch:
            told = max((int(step.after.get("version", 0)) for step in steps.get(row.pk, ())), default=0)
            fault = f"The set is at version {row.version}, and version {told} was told already."
            tally.see(row.pk, fault if told > row.version else None)


def _closed(scope: Scope, tally: Tally) -> None:
    closed = AnnotationSet.objects.filter(state__in=CLOSED)
    for batch in batches(streamed(scope.of(closed, "corpus_id"))):
        ids = [row.pk for row in batch]
        steps, digests = _steps(ids), _digests(ids)
        later = Event.objects.filter(set_id__in=ids, action__in=LATER_CONTENT).order_by()
        last = dict(later.values_list("set_id").annotate(seq=Max("seq")))
        for row in batch:
            since = _since_closed(steps.get(row.pk, ()))
            tally.see(row.pk, _closed_fault(since, last.get(row.pk, 0), digests[row.pk]))


def _since_closed(steps: Sequence[Step]) -> list[Step]:
    """The events since the set was last open for changes, the closing one first."""
    since: list[Step] = []
    for step in steps:
        since = [] if step.state in EDITABLE else [*since, step]
    return since


def _closed_fault(since: Sequence[Step], last_content: int, digest: str) -> str | None:
    """The closing event and all after it must have seen what is there now."""
    if not since:
        return None  # the trail and the set disagree about its state, which another check tells
    if last_content > since[0].seq:
        return f"Event {last_content} changed the set, which event {since[0].seq} had closed."
    if "digest" not in since[0].after:
        return f"Event {since[0].seq} ({since[0].action}) closed the set and holds no digest of it."
    for step in since:
        if step.after.get("digest", digest) != digest:
            return f"What is marked is not what event {step.seq} ({step.action}) found in the closed set."
    return None


def _digests(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """What ``review.digest`` gives for each of these sets, in two queries for all."""
    spans: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    relations: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for span in Span.objects.filter(set_id__in=ids).order_by("pk"):
        spans[span.set_id].append(events.span_facts(span))
    for relation in Relation.objects.filter(set_id__in=ids).order_by("pk"):
        relations[relation.set_id].append(events.relation_facts(relation))
    return {id: review.content_digest(spans[id], relations[id]) for id in ids}


def _four_eyes(scope: Scope, tally: Tally) -> None:
    decisions = Event.objects.filter(set_id=OuterRef("pk"), action__in=DECISIONS)
    rows = AnnotationSet.objects.filter(Q(reviewer__isnull=False) | Exists(decisions))
    for row in streamed(scope.of(rows, "corpus_id")):
        tally.see(row.pk, _four_eyes_fault(row))


def _four_eyes_fault(row: AnnotationSet) -> str | None:
    barred = authors(row)
    told = Event.objects.filter(set_id=row.pk, action__in=DECISIONS).order_by("seq")
    for seq, action, user_id, username in told.values_list("seq", "action", "user_id", "username"):
        if user_id in barred:
            return f"Event {seq}: {username} made the move {action} on work of which they are an author."
    # Who restores a file brings everything along and is no author because of that.
    if row.imported:
        barred = frozenset({row.owner_id})
    if row.reviewer_id in barred:
        return "The reviewer of the set is one of its authors."
    return None


def _stamps(scope: Scope, tally: Tally) -> None:
    rows = AnnotationSet.objects.filter(state__in=list(STAMPS))
    for row in streamed(scope.of(rows, "corpus_id")):
        missing = [name for name in STAMPS[State(row.state)] if getattr(row, name) is None]
        names = " and ".join(name.removesuffix("_id") for name in missing)
        tally.see(row.pk, f"The set is {row.state} without {names}." if missing else None)


CHECKS = (
    Check("trail", "The state of every set follows from its events, by moves that the workflow has.", _trail),
    Check("version", "No set is older than what was told of it.", _versions),
    Check("closed", "What was closed did not change: its digest is the one that was taken.", _closed),
    Check("four-eyes", "Nobody decided on work of which they are an author.", _four_eyes),
    Check(
        "stamps",
        "A set in review has its reviewer, an approved one its approver, each with the time.",
        _stamps,
    ),
)
