"""Transitions of a set: one function makes every transition of the workflow table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotations.exceptions import FourEyes, HasProblems, NotAllowedNow, Stale
from annotations.models import (
    AnnotationSet,
    Comment,
    Event,
    PropositionStatus,
    Relation,
    Role,
    Span,
)
from annotations.permissions import Seen, people, require_content
from annotations.says import says, says_many, word
from annotations.services import adjudicated_sets, comments, events, frozen_agreement, notices, problems
from annotations.services.authors import authors
from annotations.services.refusals import not_from_here, not_your_move
from annotations.services.sets import (
    Work,
    facts_of,
    find_user,
    lock_article,
    locked_sets,
    raise_version,
    require_member,
    require_not_archived,
    settle,
    start,
)
from annotations.states import LIVE, Kind, Notice, Round, State
from annotations.visibility import get_seen, get_visible
from annotations.workflow import TRANSITIONS, Guard, Transition, allowed, reviewable, unblinded


@dataclass(frozen=True)
class Outcome:
    """The set to show after a transition, and whether the transition created it."""

    row: AnnotationSet
    created: bool


@dataclass(frozen=True, kw_only=True)
class Request:
    """The data that a client sends with a transition."""

    version: int
    comment: str = ""
    reason: str = ""
    owner: str | None = None


def allowed_to(by: User, seen: Seen[AnnotationSet]) -> list[str]:
    """Return the transitions that a user may make on a visible set, before any guard is checked."""
    row = seen.row
    if row.corpus.archived:
        return []
    names = allowed(State(row.state), people(by, seen))
    if any(TRANSITIONS[name].four_eyes for name in names) and by.pk in authors(row):
        names = allowed(State(row.state), people(by, seen), author=True)
    return names


def authorize(by: User, seen: Seen[AnnotationSet], transition: Transition) -> None:
    """Raise if the user may not make a transition in any state.

    Checks the role, then the four-eyes rule, then access to the content where it would be copied.
    """
    if not people(by, seen) & transition.moves.keys():
        raise not_your_move(transition, seen.role)
    if transition.four_eyes and by.pk in authors(seen.row):
        raise FourEyes(
            says("You are an author of this work, and nobody decides on their own; ask a colleague.")
        )
    if transition.makes_set:
        require_content(by, seen.row)


def move(by: User, set_id: UUID, name: str, request: Request) -> Outcome:
    """Make a transition: check user, version, state and guards, then store the change and its events.

    The same transition by the same user from the same version is a repeat: it returns the result and
    changes nothing.
    """
    transition = TRANSITIONS[name]
    with transaction.atomic():
        lock_article(get_visible(by, AnnotationSet.objects.all(), pk=set_id).article_id)
        rows: QuerySet[AnnotationSet] = locked_sets().select_related("article", "owner", "reviewer")
        seen = get_seen(by, rows, pk=set_id)
        authorize(by, seen, transition)
        row = seen.row
        if row.version != request.version:
            return _repeated_result(by, row, transition, request)
        require_not_archived(row.corpus)
        edit = Work(row=row, by=by, role=seen.role)
        _require_allowed(edit, transition)
        for guard in transition.guards:
            GUARDS[guard](edit, request)
        if transition.makes_set:
            outcome = Outcome(_create_successor(edit, transition, request), created=True)
        else:
            outcome = Outcome(row, created=False)
        if transition.target == State.APPROVED:
            _supersede_others(edit)
        _apply(edit, transition, request, successor=outcome.row if outcome.created else None)
        settle(row.article)
        if transition.name in FREEZE_AGREEMENT:
            FREEZE_AGREEMENT[transition.name](row)
    return outcome


def _require_allowed(edit: Work, transition: Transition) -> None:
    """Raise if the state does not allow the transition to the user."""
    if transition.name not in allowed(State(edit.row.state), people(edit.by, edit.seen)):
        raise not_from_here(transition, edit.row.state, edit.allowed())


def _repeated_result(by: User, row: AnnotationSet, transition: Transition, request: Request) -> Outcome:
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
            return Outcome(row, created=False)
        return Outcome(get_visible(by, AnnotationSet.objects.all(), pk=successor), created=False)
    raise Stale(
        says(
            "The set is at version {stored} and {state}, and this was decided on version "
            "{seen}; load it again and decide with both in view.",
            stored=row.version,
            state=word("State", row.state),
            seen=request.version,
        ),
        version=row.version,
    )


def _apply(
    edit: Work, transition: Transition, request: Request, *, successor: AnnotationSet | None = None
) -> None:
    """Store the new state of the set with its comment, its event and its notification."""
    row = edit.row
    before = events.set_facts(row)
    changes: dict[str, Any] = {"state": transition.target or row.state}
    if transition.name in STAMPS:
        changes |= STAMPS[transition.name](edit)
    if request.comment:
        comments.post(edit, comments.CommentDraft(text=request.comment))
    raise_version(row, **changes)
    payload: dict[str, Any] = {**events.set_facts(row)}
    if request.reason:
        payload["reason"] = request.reason
    if successor is not None:
        payload["successor"] = str(successor.pk)
    if transition.target not in (None, State.OPEN, State.RETURNED):
        payload["digest"] = digest(row)
    edit.tell(transition.name, before=before, after=payload)
    events.store(edit.trail)
    if transition.name in OWNER_NOTIFICATIONS:
        notices.tell_each(OWNER_NOTIFICATIONS[transition.name], [row], edit.by)
    if transition.target == State.WITHDRAWN and row.kind == Kind.ANNOTATION:
        adjudicated_sets.source_changed(edit.by, row, transition.name)


#: The agreement that a transition freezes, before the annotators can discuss it.
FREEZE_AGREEMENT: Mapping[str, Callable[[AnnotationSet], None]] = {
    "submit": frozen_agreement.freeze_submitted,
    "approve": frozen_agreement.freeze_approved,
}

#: The transitions of which the owner is notified.
OWNER_NOTIFICATIONS: Mapping[str, Notice] = {"return": Notice.RETURNED, "approve": Notice.APPROVED}

#: The other columns that a transition sets: times and users.
STAMPS: Mapping[str, Callable[[Work], dict[str, Any]]] = {
    "submit": lambda edit: {
        "submitted_at": timezone.now(),
        "guideline_version": edit.row.corpus.guideline_version,
        "reviewer": None,
        "review_started_at": None,
    },
    "recall": lambda _: {"submitted_at": None},
    "start_review": lambda edit: {"reviewer": edit.by, "review_started_at": timezone.now()},
    "release_review": lambda _: {"reviewer": None, "review_started_at": None},
    "approve": lambda _: {"approved_at": timezone.now()},
}


def _create_successor(edit: Work, transition: Transition, request: Request) -> AnnotationSet:
    """Create the set that continues the work: of ``take_over`` for the caller, of ``reopen`` for an owner."""
    old = edit.row
    taking = transition.name == "take_over"
    owner = edit.by if taking else old.owner
    if request.owner and not taking:
        owner = find_user(request.owner, at="/owner")
    if not owner.is_active:
        raise NotAllowedNow(
            says("{owner} is no longer active; name another owner.", owner=owner.get_username()),
            **edit.now(),
        )
    require_member(owner, old.corpus, Role.REVIEWER if old.kind == Kind.ADJUDICATION else Role.ANNOTATOR)
    if old.kind == Kind.ADJUDICATION:
        adjudicated_sets.require_no_source_of(owner, old)
    if taking:
        _require_takeable(edit)
    new = start(
        edit.by,
        old.article,
        owner,
        round_=Round(old.round),
        kind=Kind(old.kind),
        due_at=old.due_at if taking else None,
        based_on=old,
        reason=request.reason,
    )
    adjudicated_sets.copy(old, new)
    notices.tell_each(Notice.ASSIGNED, [new], edit.by)
    return new


def _require_takeable(edit: Work) -> None:
    old, now = edit.row, edit.now()
    if old.owner_id == edit.by.pk:
        raise NotAllowedNow(says("This set is yours already; there is nothing to take over."), **now)
    own_live = AnnotationSet.objects.filter(
        revision=old.revision_id, owner=edit.by, round=old.round, kind=old.kind, state__in=LIVE
    )
    if own_live.exists():
        raise NotAllowedNow(
            says("You have a live set on this article already; finish that one first."), **now
        )


def _supersede_others(edit: Work) -> None:
    """Supersede the earlier approved set, and the sources of an adjudication that is being approved."""
    row = edit.row
    for old in locked_sets().filter(article=row.article_id, round=Round.PRODUCTION).exclude(pk=row.pk):
        settled = row.kind == Kind.ADJUDICATION and (old.kind, old.state) == (
            Kind.ANNOTATION,
            State.SUBMITTED,
        )
        if old.state == State.APPROVED or settled:
            superseding = Work(row=old, by=edit.by, role=edit.role)
            _apply(superseding, TRANSITIONS["supersede"], Request(version=old.version))


def digest(row: AnnotationSet) -> str:
    """Return the SHA-256 over the spans and relations of a set, which ``fsck`` compares for closed sets."""
    spans = Span.objects.filter(set=row).order_by("pk")
    relations = Relation.objects.filter(set=row).order_by("pk")
    return content_digest(
        [events.span_facts(span) for span in spans],
        [events.relation_facts(relation) for relation in relations],
    )


def content_digest(spans: list[dict[str, Any]], relations: list[dict[str, Any]]) -> str:
    """Return the digest of payloads that are in the order of their ids."""
    canonical = json.dumps([spans, relations], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _no_problems(edit: Work, _: Request) -> None:
    blocking = [problem for problem in problems.find(edit.row) if problem["blocking"]]
    if blocking:
        raise HasProblems(
            says_many(
                "{number} problem must be solved first; the first is: {detail}",
                "{number} problems must be solved first; the first is: {detail}",
                len(blocking),
                detail=blocking[0]["detail"],
            ),
            problems=blocking,
        )


def _no_blocking_comment(edit: Work, _: Request) -> None:
    blocking = Comment.objects.filter(set=edit.row, blocking=True, resolved_at__isnull=True).count()
    _require(
        edit,
        not blocking,
        says("{blocking} blocking comments are not resolved; resolve them first.", blocking=blocking),
    )


def _not_unblinded(edit: Work, _: Request) -> None:
    row, article = edit.row, edit.row.article
    independent = row.kind == Kind.ANNOTATION and (article.annotators > 1 or row.round == Round.CALIBRATION)
    seen = independent and unblinded(facts_of(article), Round(row.round))
    _require(edit, not seen, says("All have submitted, and the sets are no longer hidden; ask a manager."))


def _reviewable(edit: Work, _: Request) -> None:
    row = edit.row
    fits = reviewable(Kind(row.kind), Round(row.round), row.article.annotators)
    _require(
        edit,
        fits,
        says(
            "Calibration sets, and independent sets where several people annotate, are not "
            "reviewed one by one."
        ),
    )


def _changes_requested(edit: Work, request: Request) -> None:
    asked = bool(request.comment) or (
        Comment.objects.filter(
            set=edit.row,
            author=edit.by,
            resolved_at__isnull=True,
            created_at__gte=edit.row.review_started_at,
        ).exists()
    )
    _require(edit, asked, says("Say what should change: send a comment with it, or comment on a span first."))


def _no_proposed_proposition(edit: Work, _: Request) -> None:
    waiting = Span.objects.filter(set=edit.row, proposition__status=PropositionStatus.PROPOSED).count()
    _require(
        edit,
        not waiting,
        says(
            "{waiting} spans link to propositions that are only proposed; accept them or link others.",
            waiting=waiting,
        ),
    )


def _single_or_unblinded(edit: Work, _: Request) -> None:
    require_content(edit.by, edit.row)


def _no_other_live(edit: Work, _: Request) -> None:
    row = edit.row
    others = AnnotationSet.objects.filter(article=row.article_id, state__in=LIVE, round=Round.PRODUCTION)
    _require(
        edit,
        not others.exists(),
        says("Somebody is at work on this article; finish or withdraw that set first."),
    )
    current = row.revision_id == row.article.revision_id
    _require(
        edit, current, says("The article has a newer text than this set; start a new set on it instead.")
    )
    _require(edit, not row.article.excluded_reason, says("The article is excluded; include it again first."))


def _no_open_decision(edit: Work, _: Request) -> None:
    adjudicated_sets.require_none_open(edit)


def _require(edit: Work, holds: bool, sentence: str) -> None:
    if not holds:
        raise NotAllowedNow(sentence, **edit.now())


GUARDS: Mapping[Guard, Callable[[Work, Request], None]] = {
    Guard.NO_PROBLEMS: _no_problems,
    Guard.NO_BLOCKING_COMMENT: _no_blocking_comment,
    Guard.NOT_UNBLINDED: _not_unblinded,
    Guard.REVIEWABLE: _reviewable,
    Guard.REQUEST: _changes_requested,
    Guard.NO_PROPOSED: _no_proposed_proposition,
    Guard.ONE_OR_UNBLINDED: _single_or_unblinded,
    Guard.NO_OTHER_LIVE: _no_other_live,
    Guard.NO_OPEN_DECISION: _no_open_decision,
}
