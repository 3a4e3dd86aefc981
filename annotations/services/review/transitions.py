"""Transitions of a set: one function makes every transition of the workflow table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotations.enums import LIVE, ApprovalBasis, NotificationKind, Round, SetKind, State
from annotations.exceptions import FourEyesError, NotAllowedNowError, StaleVersionError
from annotations.messages import message, term
from annotations.models import (
    AnnotationSet,
    Event,
    Relation,
    Role,
    Span,
)
from annotations.permissions import VisibleRow, require_content_access, set_roles
from annotations.services.core import comments, events, notifications, statements
from annotations.services.core.authors import author_ids
from annotations.services.core.errors import transition_role_error, transition_state_error
from annotations.services.core.sets import (
    SetEdit,
    create_set,
    find_user,
    lock_article,
    locked_sets,
    raise_version,
    refresh_status,
    require_member,
    require_not_archived,
)
from annotations.services.core.span_values import span_content
from annotations.services.review import adjudicated_sets, frozen_agreement
from annotations.services.review.guards import GUARD_CHECKS, TransitionRequest
from annotations.visibility import get_visible, get_visible_row
from annotations.workflow import (
    TRANSITIONS,
    Transition,
    allowed_transitions,
)


@dataclass(frozen=True)
class TransitionResult:
    """The set to show after a transition, and whether the transition created it."""

    row: AnnotationSet
    created: bool


def available_transitions(by: User, seen: VisibleRow[AnnotationSet]) -> list[str]:
    """Return the transitions that a user may make on a visible set, before any guard is checked."""
    row = seen.row
    if row.corpus.archived:
        return []
    names = allowed_transitions(State(row.state), set_roles(by, seen))
    if any(TRANSITIONS[name].four_eyes for name in names) and by.pk in author_ids(row):
        names = allowed_transitions(State(row.state), set_roles(by, seen), is_author=True)
    return names


def authorize_transition(by: User, seen: VisibleRow[AnnotationSet], transition: Transition) -> None:
    """Raise if the user may not make a transition in any state.

    Checks the role, then the four-eyes rule, then access to the content where it would be copied.
    """
    if not set_roles(by, seen) & transition.sources_by_role.keys():
        raise transition_role_error(transition, seen.role)
    if transition.four_eyes and by.pk in author_ids(seen.row):
        raise FourEyesError(
            message("You are an author of this work, and nobody decides on their own; ask a colleague.")
        )
    if transition.makes_set:
        require_content_access(by, seen.row)


def make_transition(by: User, set_id: UUID, name: str, request: TransitionRequest) -> TransitionResult:
    """Make a transition: check user, version, state and guards, then store the change and its events.

    The same transition by the same user from the same version is a repeat: it returns the result and
    changes nothing.
    """
    transition = TRANSITIONS[name]
    with transaction.atomic():
        lock_article(get_visible(by, AnnotationSet.objects.all(), pk=set_id).article_id)
        rows: QuerySet[AnnotationSet] = locked_sets().select_related("article", "owner", "reviewer")
        seen = get_visible_row(by, rows, pk=set_id)
        authorize_transition(by, seen, transition)
        row = seen.row
        if row.version != request.version:
            return _repeated_result(by, row, transition, request)
        require_not_archived(row.corpus)
        edit = SetEdit(row=row, by=by, role=seen.role)
        _require_allowed(edit, transition)
        for guard in transition.guards:
            GUARD_CHECKS[guard](edit, request)
        if transition.makes_set:
            outcome = TransitionResult(_create_successor(edit, transition, request), created=True)
        else:
            outcome = TransitionResult(row, created=False)
        if transition.target == State.APPROVED:
            _supersede_others(edit)
        _apply(edit, transition, request, successor=outcome.row if outcome.created else None)
        refresh_status(row.article)
        if transition.name in FREEZE_AGREEMENT:
            FREEZE_AGREEMENT[transition.name](row)
    return outcome


def _require_allowed(edit: SetEdit, transition: Transition) -> None:
    """Raise if the state does not allow the transition to the user."""
    if transition.name not in allowed_transitions(State(edit.row.state), set_roles(edit.by, edit.seen)):
        raise transition_state_error(transition, edit.row.state, edit.allowed_transitions())


def _repeated_result(
    by: User, row: AnnotationSet, transition: Transition, request: TransitionRequest
) -> TransitionResult:
    """Return the result of the same transition made before, or raise ``StaleVersionError``."""
    last = Event.objects.filter(set_id=row.pk, action__in=TRANSITIONS).order_by("-seq").first()
    if (
        last is not None
        and (last.action, last.user_id) == (transition.name, by.pk)
        and last.data["before"]["version"] == request.version
        and row.state == last.data["after"]["state"]
    ):
        successor = last.data["after"].get("successor")
        if successor is None:
            return TransitionResult(row, created=False)
        return TransitionResult(get_visible(by, AnnotationSet.objects.all(), pk=successor), created=False)
    raise StaleVersionError(
        message(
            "The set is at version {stored} and {state}, and this was decided on version "
            "{seen}; load it again and decide with both in view.",
            stored=row.version,
            state=term("State", row.state),
            seen=request.version,
        ),
        version=row.version,
    )


def _apply(
    edit: SetEdit,
    transition: Transition,
    request: TransitionRequest,
    *,
    successor: AnnotationSet | None = None,
) -> None:
    """Store the new state of the set with its comment, its event and its notification."""
    row = edit.row
    before = events.set_payload(row)
    changes: dict[str, Any] = {"state": transition.target or row.state}
    if transition.name in EXTRA_COLUMNS:
        changes |= EXTRA_COLUMNS[transition.name](edit)
    if request.comment:
        comments.insert_comment(edit, comments.CommentDraft(text=request.comment))
    raise_version(row, **changes)
    payload: dict[str, Any] = {**events.set_payload(row)}
    if request.reason:
        payload["reason"] = request.reason
    if successor is not None:
        payload["successor"] = str(successor.pk)
    if request.taken_as is not None:
        payload["taken_as"] = str(request.taken_as)
    if transition.target not in (None, State.OPEN, State.RETURNED):
        payload["digest"] = set_digest(row)
    edit.record(transition.name, before=before, after=payload)
    events.store_events(edit.events)
    if (before["state"] == State.APPROVED) != (row.state == State.APPROVED):
        statements.refresh_statements(row)
    if transition.name in OWNER_NOTIFICATIONS:
        notifications.notify_owners(OWNER_NOTIFICATIONS[transition.name], [row], edit.by)
    if transition.target == State.WITHDRAWN and row.kind == SetKind.ANNOTATION:
        adjudicated_sets.flag_changed_source(edit.by, row, transition.name)


#: The agreement that a transition freezes, before the annotators can discuss it.
FREEZE_AGREEMENT: Mapping[str, Callable[[AnnotationSet], None]] = {
    "submit": frozen_agreement.freeze_at_submission,
    "approve": frozen_agreement.freeze_at_approval,
    "withdraw": frozen_agreement.freeze_at_withdrawal,
    "unassign": frozen_agreement.freeze_at_withdrawal,
}

#: The transitions of which the owner is notified.
OWNER_NOTIFICATIONS: Mapping[str, NotificationKind] = {
    "return": NotificationKind.RETURNED,
    "approve": NotificationKind.APPROVED,
}

#: The other columns that a transition sets: times and users.
EXTRA_COLUMNS: Mapping[str, Callable[[SetEdit], dict[str, Any]]] = {
    "submit": lambda edit: {
        "submitted_at": timezone.now(),
        "guideline_version": edit.row.corpus.guideline_version,
        "reviewer": None,
        "review_started_at": None,
    },
    "recall": lambda _: {"submitted_at": None},
    "start_review": lambda edit: {"reviewer": edit.by, "review_started_at": timezone.now()},
    "release_review": lambda _: {"reviewer": None, "review_started_at": None},
    "approve": lambda _: {"approved_at": timezone.now(), "approved_by": ApprovalBasis.REVIEW},
}


def _create_successor(edit: SetEdit, transition: Transition, request: TransitionRequest) -> AnnotationSet:
    """Create the set that continues the work: of ``take_over`` for the caller, of ``reopen`` for an owner."""
    old = edit.row
    taking = transition.name == "take_over"
    owner = edit.by if taking else old.owner
    if request.owner and not taking:
        owner = find_user(request.owner, location="/owner")
    if not owner.is_active:
        raise NotAllowedNowError(
            message("{owner} is no longer active; name another owner.", owner=owner.get_username()),
            **edit.refusal_details(),
        )
    require_member(owner, old.corpus, Role.REVIEWER if old.kind == SetKind.ADJUDICATION else Role.ANNOTATOR)
    if old.kind == SetKind.ADJUDICATION:
        adjudicated_sets.require_not_source_author(owner, old)
    if taking:
        _require_takeable(edit)
    new = create_set(
        edit.by,
        old.article,
        owner,
        round_=Round(old.round),
        kind=SetKind(old.kind),
        due_at=old.due_at if taking else None,
        based_on=old,
        reason=request.reason,
    )
    adjudicated_sets.copy_set(old, new)
    notifications.notify_owners(NotificationKind.ASSIGNED, [new], edit.by)
    return new


def _require_takeable(edit: SetEdit) -> None:
    old, now = edit.row, edit.refusal_details()
    if old.owner_id == edit.by.pk:
        raise NotAllowedNowError(message("This set is yours already; there is nothing to take over."), **now)
    own_live = AnnotationSet.objects.filter(
        revision=old.revision_id, owner=edit.by, round=old.round, kind=old.kind, state__in=LIVE
    )
    if own_live.exists():
        raise NotAllowedNowError(
            message("You have a live set on this article already; finish that one first."), **now
        )


def _supersede_others(edit: SetEdit) -> None:
    """Supersede the earlier approved set, and the sources of an adjudication that is being approved."""
    row = edit.row
    for old in locked_sets().filter(article=row.article_id, round=Round.PRODUCTION).exclude(pk=row.pk):
        is_adjudicated_source = row.kind == SetKind.ADJUDICATION and (old.kind, old.state) == (
            SetKind.ANNOTATION,
            State.SUBMITTED,
        )
        if old.state == State.APPROVED or is_adjudicated_source:
            make_system_transition(edit.by, old, "supersede")


def make_system_transition(
    by: User | None,
    row: AnnotationSet,
    name: str,
    *,
    columns: Mapping[str, Any] | None = None,
    **facts: str,
) -> None:
    """Store what follows from another change for a set whose article is locked: its new state, and the event.

    The caller has checked that it follows, and refreshes the status of the article. ``facts`` go into the
    event; the ``digest`` of the set is one of them, and reckoned where it is not given.
    """
    target = TRANSITIONS[name].target
    before = events.set_payload(row)
    raise_version(row, **{"state": target or row.state, **(columns or {})})
    payload = {**events.set_payload(row), **facts}
    if target not in (None, State.OPEN, State.RETURNED):
        payload["digest"] = facts.get("digest") or set_digest(row)
    events.store_events([events.build_set_event(name, row, by, before=before, after=payload)])
    if State.APPROVED in (before["state"], row.state):
        statements.refresh_statements(row)


def set_digest(row: AnnotationSet) -> str:
    """Return the SHA-256 over the spans and relations of a set, which ``fsck`` compares for closed sets."""
    return digest_content(
        Span.objects.filter(set=row).order_by("pk"), Relation.objects.filter(set=row).order_by("pk")
    )


def digest_content(spans: Iterable[Span], relations: Iterable[Relation]) -> str:
    """Return the SHA-256 over spans and relations, which come in the order of their ids."""
    return content_digest(
        [span_content(span) for span in spans],
        [events.relation_payload(relation) for relation in relations],
    )


def content_digest(spans: list[dict[str, Any]], relations: list[dict[str, Any]]) -> str:
    """Return the digest of payloads that are in the order of their ids."""
    canonical = json.dumps([spans, relations], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
