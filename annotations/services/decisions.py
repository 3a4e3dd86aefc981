"""Settling the differences between the sources of an adjudication, one decision each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.exceptions import Invalid, NotVisible, RelationEnds, located
from annotations.models import AnnotationSet, Decision, Relation, Span, SpanSource, uuid7
from annotations.permissions import Permission
from annotations.says import listed, says
from annotations.scheme import check_relation, ordered
from annotations.services import events, spans
from annotations.services.refusals import require_version
from annotations.services.sets import Work, require_not_archived, writing
from annotations.services.spans import SpanDraft
from annotations.states import DecisionState, Difference, ReasonCode, Settlement

#: The place of the side that a choice takes by its letter.
LETTERS = {Settlement.TAKE_A: 0, Settlement.TAKE_B: 1}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How one difference is settled. ``version`` is the one of the decision that was seen.

    ``owner`` names the side for the choice take, ``span`` is the mark for the choice own. ``at`` is the
    JSON pointer of the verdict in the request.
    """

    id: UUID
    version: int
    choice: Settlement
    reason: ReasonCode
    owner: str | None = None
    span: SpanDraft | None = None
    at: str = ""


def settle(by: User, set_id: UUID, verdicts: Sequence[Verdict]) -> tuple[list[Decision], int]:
    """Settle decisions of an adjudication, all or none; answers them and the set's version."""
    with writing(by, set_id, Permission.SETTLE) as edit:
        rows = _rows(edit, verdicts)
        _require_once(verdicts)
        for verdict in verdicts:
            _settle(edit, rows[verdict.id], verdict)
        return [rows[verdict.id] for verdict in verdicts], _version_after(edit)


def reopen(by: User, seen: Decision, *, version: int) -> tuple[Decision, int]:
    """Take a decision back: what came of it is deleted, and it is open again."""
    with writing(by, seen.set_id, Permission.SETTLE) as edit:
        require_not_archived(edit.row.corpus)
        decision = _row(edit, seen.pk)
        if decision.state != DecisionState.OPEN:
            require_version("decision", decision.version, version)
            edit.require_editable()
            before = facts(decision)
            _undo(edit, decision)
            _store(edit, decision, before, None, None)
        return decision, _version_after(edit)


def _version_after(edit: Work) -> int:
    """The version that the set has when the write has ended."""
    return edit.row.version + (1 if edit.trail else 0)


def _rows(edit: Work, verdicts: Sequence[Verdict]) -> dict[UUID, Decision]:
    wanted = {verdict.id for verdict in verdicts}
    rows = Decision.objects.filter(set=edit.row, pk__in=wanted).select_related("span", "settled_by")
    found = {row.pk: row for row in rows}
    for verdict in verdicts:
        if verdict.id not in found:
            raise NotVisible(says("This adjudication has no decision with the id {id}.", id=verdict.id))
    return found


def _row(edit: Work, id: UUID) -> Decision:
    return Decision.objects.select_related("span", "settled_by").get(set=edit.row, pk=id)


def _require_once(verdicts: Sequence[Verdict]) -> None:
    seen: set[UUID] = set()
    for verdict in verdicts:
        if verdict.id in seen:
            with located(f"{verdict.at}/id"):
                raise Invalid(
                    says("The decision {id} stands twice in the request; settle it once.", id=verdict.id)
                )
        seen.add(verdict.id)


def facts(decision: Decision) -> dict[str, Any]:
    """What an event tells of a decision."""
    return {
        "id": str(decision.pk),
        "kind": decision.kind,
        "state": decision.state,
        "choice": decision.choice,
        "owner": taken_from(decision),
        "reason": decision.reason,
        "span": decision.span_id and str(decision.span_id),
        "source_changed": decision.source_changed,
    }


def taken_from(decision: Decision) -> str | None:
    """The owner of the side that was taken."""
    return None if decision.taken is None else str(decision.sides[decision.taken]["owner"])


def _settle(edit: Work, decision: Decision, verdict: Verdict) -> None:
    side = _side(decision, verdict)
    _require_span(decision, verdict)
    if _is_same(decision, verdict, side):
        return
    with located(verdict.at) if verdict.at else nullcontext():
        require_version("decision", decision.version, verdict.version)
    edit.require_editable()
    before = facts(decision)
    _undo(edit, decision)
    decision.choice, decision.taken = _choice(verdict.choice, side), side
    if decision.kind == Difference.RELATION:
        _link(edit, decision)
    else:
        _mark(edit, decision, verdict)
    _store(edit, decision, before, edit.by, verdict.reason)


def _choice(choice: Settlement, side: int | None) -> Settlement:
    """The choice by its letter where the side has one."""
    return next((letter for letter, place in LETTERS.items() if place == side), choice)


def _side(decision: Decision, verdict: Verdict) -> int | None:
    """The place of the side that is taken, if one is."""
    if verdict.choice != Settlement.TAKE and verdict.owner is not None:
        with located(f"{verdict.at}/owner"):
            raise Invalid(says("Only the choice take names an owner; leave it out."))
    if verdict.choice in LETTERS:
        return LETTERS[verdict.choice]
    if verdict.choice != Settlement.TAKE:
        return None
    owners = [side["owner"] for side in decision.sides]
    if verdict.owner not in owners:
        with located(f"{verdict.at}/owner"):
            raise Invalid(says("Say whose side is taken; the sides are of {owners}.", owners=listed(owners)))
    return owners.index(verdict.owner)


def _require_span(decision: Decision, verdict: Verdict) -> None:
    """A mark of one's own belongs to the choice own, and to nothing else."""
    own = verdict.choice == Settlement.OWN
    if own and decision.kind == Difference.RELATION:
        with located(f"{verdict.at}/choice"):
            raise Invalid(says("Links are taken from a side or dropped; for another one drop it and add it."))
    if own != (verdict.span is not None):
        with located(f"{verdict.at}/span"):
            raise Invalid(says("The choice own needs a span, and no other choice takes one."))


def _is_same(decision: Decision, verdict: Verdict, side: int | None) -> bool:
    """Whether this was settled just so, and nothing has changed since."""
    said = (_choice(verdict.choice, side), side, verdict.reason)
    if (decision.choice, decision.taken, decision.reason) != said or decision.source_changed:
        return False
    draft, span = verdict.span, decision.span
    if draft is None:
        return True
    return span is not None and (
        (span.label, span.start, span.end, span.actor_id, span.proposition_id)
        == (draft.label, draft.start, draft.end, draft.actor_id, draft.proposition_id)
        and span.attributes == ordered(draft.attributes)
    )


def _undo(edit: Work, decision: Decision) -> None:
    """Delete what came of a decision, if it is settled."""
    if decision.kind == Difference.RELATION and decision.taken is not None:
        types = [link["type"] for side in decision.sides for link in side["relations"]]
        source, target = _ends(decision)
        for link in Relation.objects.filter(set=edit.row, type__in=types, source_id=source, target_id=target):
            edit.tell(events.RELATION_DELETED, before=events.relation_facts(link))
            link.delete()
    if decision.span is not None:
        spans.remove(edit, decision.span)
    decision.span, decision.choice, decision.taken = None, None, None


def _store(
    edit: Work, decision: Decision, before: dict[str, Any], by: User | None, reason: ReasonCode | None
) -> None:
    decision.state = DecisionState.SETTLED if by else DecisionState.OPEN
    decision.reason, decision.settled_by = reason, by
    decision.settled_at = timezone.now() if by else None
    decision.source_changed = False
    decision.version += 1
    decision.save(force_update=True)
    action = events.DECISION_SETTLED if by else events.DECISION_REOPENED
    edit.tell(action, before=before, after=facts(decision))


def _mark(edit: Work, decision: Decision, verdict: Verdict) -> None:
    """Make the span that was chosen, if any, with the links that follow."""
    draft, source = verdict.span, None
    if decision.taken is not None:
        source = decision.sides[decision.taken]["span"]
        draft = _draft(source) if source else None
    if draft is None:
        return
    span = spans.make(edit, [draft])[0]
    decision.span = span
    if source is not None:
        SpanSource.objects.create(span=span, source_id=UUID(source["id"]))
    _follow(edit, decision)


def _draft(side: dict[str, Any]) -> SpanDraft:
    return SpanDraft(
        label=side["label"],
        start=side["start"],
        end=side["end"],
        quote=side["quote"],
        attributes=side["attributes"],
        actor_id=side["actor"] and UUID(side["actor"]),
        proposition_id=side["proposition"] and UUID(side["proposition"]),
    )


def _ends(decision: Decision) -> tuple[UUID, UUID]:
    source, target = decision.ends or ("", "")
    return UUID(source), UUID(target)


def _link(edit: Work, decision: Decision) -> None:
    """Make the links of the side that was taken."""
    links = decision.sides[decision.taken]["relations"] if decision.taken is not None else []
    source, target = _ends(decision)
    labels = dict(Span.objects.filter(set=edit.row, pk__in=(source, target)).values_list("pk", "label"))
    if links and len(labels) < 2:
        raise RelationEnds(
            says("An end of the link is no longer in the set; drop the link, or mark the end again.")
        )
    _add_links(edit, labels, [(link["type"], source, target) for link in links], strict=True)


def _follow(edit: Work, decision: Decision) -> None:
    """Make the links between the new span and what is there already.

    A side's link follows where both its ends are in the adjudication, and the side was taken at one
    of them; a link that all sides have follows anyway.
    """
    spots = _homes(edit.row, decision)
    taken = _taken_spans(edit.row, decision)
    sides = len(decision.sides)
    wanted: dict[tuple[str, UUID, UUID], tuple[set[int], bool]] = {}
    for place, side in enumerate(decision.sides):
        for link in side["relations"]:
            ends = [spots.get(UUID(link[end])) for end in ("source", "target")]
            if ends[0] is None or ends[1] is None:
                continue
            have, chosen = wanted.setdefault((link["type"], ends[0], ends[1]), (set(), False))
            have.add(place)
            chosen = chosen or bool({UUID(link["source"]), UUID(link["target"])} & taken)
            wanted[link["type"], ends[0], ends[1]] = (have, chosen)
    follow = [key for key, (have, chosen) in wanted.items() if chosen or len(have) == sides]
    ids = {id for _, source, target in follow for id in (source, target)}
    labels = dict(Span.objects.filter(set=edit.row, pk__in=ids).values_list("pk", "label"))
    _add_links(edit, labels, follow)


def _homes(row: AnnotationSet, latest: Decision) -> dict[UUID, UUID]:
    """For the spans of the sources: the span of the adjudication that they have become."""
    pointers = SpanSource.objects.filter(span__set=row).values_list("source_id", "span_id")
    found: dict[UUID, UUID] = dict(pointers)
    for decision in _settled(row, latest):
        if decision.span_id is not None:
            spots = [side["span"] for side in decision.sides if side["span"]]
            found.update((UUID(spot["id"]), decision.span_id) for spot in spots)
    return found


def _taken_spans(row: AnnotationSet, latest: Decision) -> set[UUID]:
    """The spans of the sources that were taken as they are."""
    chosen = [
        decision.sides[decision.taken]["span"]
        for decision in _settled(row, latest)
        if decision.taken is not None
    ]
    return {UUID(side["id"]) for side in chosen if side}


def _settled(row: AnnotationSet, latest: Decision) -> list[Decision]:
    others = Decision.objects.filter(set=row, span__isnull=False).exclude(pk=latest.pk)
    return [*others, latest]


def _add_links(
    edit: Work,
    labels: dict[UUID, str],
    wanted: Sequence[tuple[str, UUID, UUID]],
    *,
    strict: bool = False,
) -> None:
    """Make links that are not there yet; one that the scheme forbids is refused or left out."""
    sources = {source for _, source, _ in wanted}
    stored = set(
        Relation.objects.filter(set=edit.row, source__in=sources).values_list(
            "type", "source_id", "target_id"
        )
    )
    for key in wanted:
        type_, source, target = key
        fault = check_relation(type_, labels[source], labels[target], same=source == target)
        if fault and strict:
            raise RelationEnds(fault)
        if not fault and key not in stored:
            link = Relation(id=uuid7(), set=edit.row, type=type_, source_id=source, target_id=target)
            link.save(force_insert=True)
            edit.tell(events.RELATION_ADDED, after=events.relation_facts(link))
