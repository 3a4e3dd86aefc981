"""Decisions: resolving the differences between the sources of an adjudication."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.enums import DecisionChoice, DecisionState, DifferenceKind, ReasonCode
from annotations.exceptions import InvalidInputError, NotVisibleError, RelationEndsError, error_at
from annotations.messages import join_list, message
from annotations.models import AnnotationSet, Decision, Relation, Span, SpanSource, uuid7
from annotations.permissions import Permission
from annotations.scheme import check_relation
from annotations.services.core import events, spans
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import SetEdit, edit_set, require_not_archived
from annotations.services.core.span_values import SpanValues
from annotations.services.core.spans import SpanDraft

#: The index of the side that a choice with a letter accepts.
SIDE_BY_CHOICE = {DecisionChoice.TAKE_A: 0, DecisionChoice.TAKE_B: 1}


@dataclass(frozen=True, kw_only=True)
class DecisionResolution:
    """The resolution of one difference. ``version`` is that of the decision as the client saw it.

    ``owner`` names the side for the choice take, ``span`` is the span for the choice own. ``at`` is the
    JSON pointer of the resolution in the request.
    """

    id: UUID
    version: int
    choice: DecisionChoice
    reason: ReasonCode
    owner: str | None = None
    span: SpanDraft | None = None
    pointer: str = ""


def resolve_decisions(
    by: User, set_id: UUID, resolutions: Sequence[DecisionResolution]
) -> tuple[list[Decision], int]:
    """Resolve decisions of an adjudication, all or none; return them and the version of the set."""
    with edit_set(by, set_id, Permission.RESOLVE_DECISION) as edit:
        rows = _load_decisions(edit, resolutions)
        _require_once(resolutions)
        for verdict in resolutions:
            _resolve(edit, rows[verdict.id], verdict)
        return [rows[verdict.id] for verdict in resolutions], _version_after(edit)


def reopen_decision(by: User, seen: Decision, *, version: int) -> tuple[Decision, int]:
    """Reopen a decision and delete the span and relations that it made; return it and the set version."""
    with edit_set(by, seen.set_id, Permission.RESOLVE_DECISION) as edit:
        require_not_archived(edit.row.corpus)
        decision = _load_decision(edit, seen.pk)
        if decision.state != DecisionState.OPEN:
            require_current_version("decision", decision.version, version)
            edit.require_editable()
            before = decision_payload(decision)
            _delete_result(edit, decision)
            _store(edit, decision, before, None, None)
        return decision, _version_after(edit)


def _version_after(edit: SetEdit) -> int:
    """Return the version that the set will have when the edit ends."""
    return edit.row.version + (1 if edit.events else 0)


def _load_decisions(edit: SetEdit, verdicts: Sequence[DecisionResolution]) -> dict[UUID, Decision]:
    links = {verdict.id for verdict in verdicts}
    rows = Decision.objects.filter(set=edit.row, pk__in=links).select_related("span", "settled_by")
    found = {row.pk: row for row in rows}
    for verdict in verdicts:
        if verdict.id not in found:
            raise NotVisibleError(
                message("This adjudication has no decision with the id {id}.", id=verdict.id)
            )
    return found


def _load_decision(edit: SetEdit, id: UUID) -> Decision:
    return Decision.objects.select_related("span", "settled_by").get(set=edit.row, pk=id)


def _require_once(verdicts: Sequence[DecisionResolution]) -> None:
    seen: set[UUID] = set()
    for verdict in verdicts:
        if verdict.id in seen:
            with error_at(f"{verdict.pointer}/id"):
                raise InvalidInputError(
                    message("The decision {id} stands twice in the request; settle it once.", id=verdict.id)
                )
        seen.add(verdict.id)


def decision_payload(decision: Decision) -> dict[str, Any]:
    """Return the payload of an event about a decision."""
    return {
        "id": str(decision.pk),
        "kind": decision.kind,
        "state": decision.state,
        "choice": decision.choice,
        "owner": accepted_owner(decision),
        "reason": decision.reason,
        "span": decision.span_id and str(decision.span_id),
        "source_changed": decision.source_changed,
    }


def accepted_owner(decision: Decision) -> str | None:
    """Return the owner of the accepted side, if one was accepted."""
    return None if decision.taken is None else str(decision.sides[decision.taken]["owner"])


def _resolve(edit: SetEdit, decision: Decision, verdict: DecisionResolution) -> None:
    side = _accepted_side(decision, verdict)
    _require_span(decision, verdict)
    if _is_same(decision, verdict, side):
        return
    with error_at(verdict.pointer) if verdict.pointer else nullcontext():
        require_current_version("decision", decision.version, verdict.version)
    edit.require_editable()
    before = decision_payload(decision)
    _delete_result(edit, decision)
    decision.choice, decision.taken = _choice(verdict.choice, side), side
    if decision.kind == DifferenceKind.RELATION:
        _create_relations(edit, decision)
    else:
        _create_span(edit, decision, verdict)
    _store(edit, decision, before, edit.by, verdict.reason)


def _choice(choice: DecisionChoice, side: int | None) -> DecisionChoice:
    """Return the choice with a letter if the side has one."""
    return next((letter for letter, place in SIDE_BY_CHOICE.items() if place == side), choice)


def _accepted_side(decision: Decision, verdict: DecisionResolution) -> int | None:
    """Return the index of the accepted side, or None."""
    if verdict.choice != DecisionChoice.TAKE and verdict.owner is not None:
        with error_at(f"{verdict.pointer}/owner"):
            raise InvalidInputError(message("Only the choice take names an owner; leave it out."))
    if verdict.choice in SIDE_BY_CHOICE:
        return SIDE_BY_CHOICE[verdict.choice]
    if verdict.choice != DecisionChoice.TAKE:
        return None
    owners = [side["owner"] for side in decision.sides]
    if verdict.owner not in owners:
        with error_at(f"{verdict.pointer}/owner"):
            raise InvalidInputError(
                message("Say whose side is taken; the sides are of {owners}.", owners=join_list(owners))
            )
    return owners.index(verdict.owner)


def _require_span(decision: Decision, verdict: DecisionResolution) -> None:
    """Raise unless a span was sent with the choice own, and with no other choice."""
    own = verdict.choice == DecisionChoice.OWN
    if own and decision.kind == DifferenceKind.RELATION:
        with error_at(f"{verdict.pointer}/choice"):
            raise InvalidInputError(
                message("Links are taken from a side or dropped; for another one drop it and add it.")
            )
    if own != (verdict.span is not None):
        with error_at(f"{verdict.pointer}/span"):
            raise InvalidInputError(message("The choice own needs a span, and no other choice takes one."))


def _is_same(decision: Decision, verdict: DecisionResolution, side: int | None) -> bool:
    """Return whether the decision is resolved in the same way and no source has changed since."""
    resolution = (_choice(verdict.choice, side), side, verdict.reason)
    if (decision.choice, decision.taken, decision.reason) != resolution or decision.source_changed:
        return False
    draft, span = verdict.span, decision.span
    if draft is None:
        return True
    return span is not None and not draft.differs_from(SpanValues.from_row(span))


def _delete_result(edit: SetEdit, decision: Decision) -> None:
    """Delete the span and the relations that a resolved decision made."""
    if decision.kind == DifferenceKind.RELATION and decision.taken is not None:
        types = [link["type"] for side in decision.sides for link in side["relations"]]
        source, target = _ends(decision)
        for link in Relation.objects.filter(set=edit.row, type__in=types, source_id=source, target_id=target):
            edit.record(events.RELATION_DELETED, before=events.relation_payload(link))
            link.delete()
    if decision.span is not None:
        spans.remove_span(edit, decision.span)
    decision.span, decision.choice, decision.taken = None, None, None


def _store(
    edit: SetEdit, decision: Decision, before: dict[str, Any], by: User | None, reason: ReasonCode | None
) -> None:
    decision.state = DecisionState.SETTLED if by else DecisionState.OPEN
    decision.reason, decision.settled_by = reason, by
    decision.settled_at = timezone.now() if by else None
    decision.source_changed = False
    decision.version += 1
    decision.save(force_update=True)
    action = events.DECISION_SETTLED if by else events.DECISION_REOPENED
    edit.record(action, before=before, after=decision_payload(decision))


def _create_span(edit: SetEdit, decision: Decision, verdict: DecisionResolution) -> None:
    """Create the chosen span, if any, and the relations that follow from it."""
    draft, source = verdict.span, None
    if decision.taken is not None:
        source = decision.sides[decision.taken]["span"]
        draft = SpanDraft(**SpanValues.from_payload(source).columns()) if source else None
    if draft is None:
        return
    span = spans.insert_spans(edit, [draft])[0]
    decision.span = span
    if source is not None:
        SpanSource.objects.create(span=span, source_id=UUID(source["id"]))
    _create_following_relations(edit, decision)


def _ends(decision: Decision) -> tuple[UUID, UUID]:
    source, target = decision.ends or ("", "")
    return UUID(source), UUID(target)


def _create_relations(edit: SetEdit, decision: Decision) -> None:
    """Create the relations of the accepted side."""
    links = decision.sides[decision.taken]["relations"] if decision.taken is not None else []
    source, target = _ends(decision)
    labels = dict(Span.objects.filter(set=edit.row, pk__in=(source, target)).values_list("pk", "label"))
    if links and len(labels) < 2:
        raise RelationEndsError(
            message("An end of the link is no longer in the set; drop the link, or mark the end again.")
        )
    _insert_relations(edit, labels, [(link["type"], source, target) for link in links], strict=True)


def _create_following_relations(edit: SetEdit, decision: Decision) -> None:
    """Create the relations between the new span and the spans that are in the set already.

    A relation of a side follows if both its ends are in the adjudication and the side was accepted at one
    of them. A relation that all sides share follows in any case.
    """
    spans_by_source = _spans_by_source(edit.row, decision)
    accepted = _accepted_source_ids(edit.row, decision)
    sides = len(decision.sides)
    links: dict[tuple[str, UUID, UUID], tuple[set[int], bool]] = {}
    for place, side in enumerate(decision.sides):
        for link in side["relations"]:
            ends = [spans_by_source.get(UUID(link[end])) for end in ("source", "target")]
            if ends[0] is None or ends[1] is None:
                continue
            sides_with_link, is_accepted = links.setdefault((link["type"], ends[0], ends[1]), (set(), False))
            sides_with_link.add(place)
            is_accepted = is_accepted or bool({UUID(link["source"]), UUID(link["target"])} & accepted)
            links[link["type"], ends[0], ends[1]] = (sides_with_link, is_accepted)
    following = [
        key
        for key, (sides_with_link, is_accepted) in links.items()
        if is_accepted or len(sides_with_link) == sides
    ]
    ids = {id for _, source, target in following for id in (source, target)}
    labels = dict(Span.objects.filter(set=edit.row, pk__in=ids).values_list("pk", "label"))
    _insert_relations(edit, labels, following)


def _spans_by_source(row: AnnotationSet, latest: Decision) -> dict[UUID, UUID]:
    """Return the span of the adjudication that each source span has become, by the id of the source span."""
    pointers = SpanSource.objects.filter(span__set=row).values_list("source_id", "span_id")
    found: dict[UUID, UUID] = dict(pointers)
    for decision in _resolved_decisions(row, latest):
        if decision.span_id is not None:
            spans_by_source = [side["span"] for side in decision.sides if side["span"]]
            found.update((UUID(spot["id"]), decision.span_id) for spot in spans_by_source)
    return found


def _accepted_source_ids(row: AnnotationSet, latest: Decision) -> set[UUID]:
    """Return the ids of the source spans that were accepted unchanged."""
    is_accepted = [
        decision.sides[decision.taken]["span"]
        for decision in _resolved_decisions(row, latest)
        if decision.taken is not None
    ]
    return {UUID(side["id"]) for side in is_accepted if side}


def _resolved_decisions(row: AnnotationSet, latest: Decision) -> list[Decision]:
    others = Decision.objects.filter(set=row, span__isnull=False).exclude(pk=latest.pk)
    return [*others, latest]


def _insert_relations(
    edit: SetEdit,
    labels: dict[UUID, str],
    links: Sequence[tuple[str, UUID, UUID]],
    *,
    strict: bool = False,
) -> None:
    """Create missing relations; raise for one that the scheme forbids, or leave it out unless ``strict``."""
    sources = {source for _, source, _ in links}
    stored = set(
        Relation.objects.filter(set=edit.row, source__in=sources).values_list(
            "type", "source_id", "target_id"
        )
    )
    for key in links:
        type_, source, target = key
        fault = check_relation(type_, labels[source], labels[target], is_same_span=source == target)
        if fault and strict:
            raise RelationEndsError(fault)
        if not fault and key not in stored:
            link = Relation(id=uuid7(), set=edit.row, type=type_, source_id=source, target_id=target)
            link.save(force_insert=True)
            edit.record(events.RELATION_ADDED, after=events.relation_payload(link))
