"""Moving a set through the workflow: one function makes every transition of the table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
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
from annotations.permissions import HasRole, people, require_content
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
from annotations.visibility import get_visible
from annotations.workflow import TRANSITIONS, Guard, Transition, allowed, reviewable, unblinded


@dataclass(frozen=True)
class Outcome:
    """The set to show after a transition, and whether it is a new one."""

    row: AnnotationSet
    created: bool


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody sends with a transition."""

    version: int
    comment: str = ""
    reason: str = ""
    owner: str | None = None


def allowed_to(by: User, row: AnnotationSet) -> list[str]:
    """The transitions that somebody may make on a set that they see; guards answer when used."""
    if row.corpus.archived:
        return []
    names = allowed(State(row.state), people(by, row))
    if any(TRANSITIONS[name].four_eyes for name in names) and by.pk in authors(row):
        names = allowed(State(row.state), people(by, row), author=True)
    return names


def authorize(by: User, row: AnnotationSet, transition: Transition) -> None:
    """Refuse somebody who may not make a transition, whatever the state.

    By role, then four eyes, then where they would get content that is still hidden from them.
    """
    if not people(by, row) & transition.moves.keys():
        raise not_your_move(transition, str(cast("HasRole", row).my_role))
    if transition.four_eyes and by.pk in authors(row):
        raise FourEyes(
            says("You are an author of this work, and nobody decides on their own; ask a colleague.")
        )
    if transition.makes_set:
        require_content(by, row)


def move(by: User, set_id: UUID, name: str, request: Request) -> Outcome:
    """Make a transition: check person, version, state and guards, then change, tell and settle.

    The same move again by the same person from the same version answers the result and changes
    nothing.
    """
    transition = TRANSITIONS[name]
    with transaction.atomic():
        lock_article(get_visible(by, AnnotationSet.objects.all(), pk=set_id).article_id)
        row = get_visible(by, locked_sets().select_related("article", "owner", "reviewer"), pk=set_id)
        authorize(by, row, transition)
        if row.version != request.version:
            return _repeated(by, row, transition, request)
        require_not_archived(row.corpus)
        work = Work(row=row, by=by)
        _require_state(work, transition)
        for guard in transition.guards:
            GUARDS[guard](work, request)
        if transition.makes_set:
            outcome = Outcome(_succeed(work, transition, request), created=True)
        else:
            outcome = Outcome(row, created=False)
        if transition.target == State.APPROVED:
            _supersede_others(work)
        _carry_out(work, transition, request, successor=outcome.row if outcome.created else None)
        settle(row.article)
        if transition.name in FROZEN:
            FROZEN[transition.name](row)
    return outcome


def _require_state(work: Work, transition: Transition) -> None:
    """Refuse a move that the state does not allow to this person."""
    if transition.name not in allowed(State(work.row.state), people(work.by, work.row)):
        raise not_from_here(transition, work.row.state, work.allowed())


def _repeated(by: User, row: AnnotationSet, transition: Transition, request: Request) -> Outcome:
    """The result of a move that was made before, or the refusal of a stale one."""
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


def _carry_out(
    work: Work, transition: Transition, request: Request, *, successor: AnnotationSet | None = None
) -> None:
    """Change the set, and tell it with the comment that came along."""
    row = work.row
    before = events.set_facts(row)
    changes: dict[str, Any] = {"state": transition.target or row.state}
    if transition.name in STAMPS:
        changes |= STAMPS[transition.name](work)
    if request.comment:
        comments.post(work, comments.CommentDraft(text=request.comment))
    raise_version(row, **changes)
    told: dict[str, Any] = {**events.set_facts(row)}
    if request.reason:
        told["reason"] = request.reason
    if successor is not None:
        told["successor"] = str(successor.pk)
    if transition.target not in (None, State.OPEN, State.RETURNED):
        told["digest"] = digest(row)
    work.tell(transition.name, before=before, after=told)
    events.store(work.trail)
    if transition.name in TOLD:
        notices.tell_each(TOLD[transition.name], [row], work.by)
    if transition.target == State.WITHDRAWN and row.kind == Kind.ANNOTATION:
        adjudicated_sets.source_changed(work.by, row, transition.name)


#: What is measured at a transition, before anybody can talk about it.
FROZEN: Mapping[str, Callable[[AnnotationSet], None]] = {
    "submit": frozen_agreement.freeze_submitted,
    "approve": frozen_agreement.freeze_approved,
}

#: What the owner is told of.
TOLD: Mapping[str, Notice] = {"return": Notice.RETURNED, "approve": Notice.APPROVED}

#: What else a transition writes into the set: times and people.
STAMPS: Mapping[str, Callable[[Work], dict[str, Any]]] = {
    "submit": lambda work: {
        "submitted_at": timezone.now(),
        "guideline_version": work.row.corpus.guideline_version,
        "reviewer": None,
        "review_started_at": None,
    },
    "recall": lambda _: {"submitted_at": None},
    "start_review": lambda work: {"reviewer": work.by, "review_started_at": timezone.now()},
    "release_review": lambda _: {"reviewer": None, "review_started_at": None},
    "approve": lambda _: {"approved_at": timezone.now()},
}


def _succeed(work: Work, transition: Transition, request: Request) -> AnnotationSet:
    """Make the new set that goes on with the work: take_over for the caller, reopen for an owner."""
    old = work.row
    taking = transition.name == "take_over"
    owner = work.by if taking else old.owner
    if request.owner and not taking:
        owner = find_user(request.owner, at="/owner")
    if not owner.is_active:
        raise NotAllowedNow(
            says("{owner} is no longer active; name another owner.", owner=owner.get_username()),
            **work.now(),
        )
    require_member(owner, old.corpus, Role.REVIEWER if old.kind == Kind.ADJUDICATION else Role.ANNOTATOR)
    if old.kind == Kind.ADJUDICATION:
        adjudicated_sets.require_no_source_of(owner, old)
    if taking:
        _require_takeable(work)
    new = start(
        work.by,
        old.article,
        owner,
        round_=Round(old.round),
        kind=Kind(old.kind),
        due_at=old.due_at if taking else None,
        based_on=old,
        reason=request.reason,
    )
    adjudicated_sets.copy(old, new)
    notices.tell_each(Notice.ASSIGNED, [new], work.by)
    return new


def _require_takeable(work: Work) -> None:
    old, now = work.row, work.now()
    if old.owner_id == work.by.pk:
        raise NotAllowedNow(says("This set is yours already; there is nothing to take over."), **now)
    twin = AnnotationSet.objects.filter(
        revision=old.revision_id, owner=work.by, round=old.round, kind=old.kind, state__in=LIVE
    )
    if twin.exists():
        raise NotAllowedNow(
            says("You have a live set on this article already; finish that one first."), **now
        )


def _supersede_others(work: Work) -> None:
    """Make way for the set that is being approved: the older gold goes, and the sets that it settles."""
    row = work.row
    for old in locked_sets().filter(article=row.article_id, round=Round.PRODUCTION).exclude(pk=row.pk):
        settled = row.kind == Kind.ADJUDICATION and (old.kind, old.state) == (
            Kind.ANNOTATION,
            State.SUBMITTED,
        )
        if old.state == State.APPROVED or settled:
            _carry_out(Work(row=old, by=work.by), TRANSITIONS["supersede"], Request(version=old.version))


def digest(row: AnnotationSet) -> str:
    """SHA-256 over the spans and relations of a set: what closing it froze, for ``fsck`` to compare."""
    spans = Span.objects.filter(set=row).order_by("pk")
    relations = Relation.objects.filter(set=row).order_by("pk")
    return content_digest(
        [events.span_facts(span) for span in spans],
        [events.relation_facts(relation) for relation in relations],
    )


def content_digest(spans: list[dict[str, Any]], relations: list[dict[str, Any]]) -> str:
    """The digest of facts that are in the order of their ids."""
    canonical = json.dumps([spans, relations], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _no_problems(work: Work, _: Request) -> None:
    found = [problem for problem in problems.find(work.row) if problem["blocking"]]
    if found:
        raise HasProblems(
            says_many(
                "{number} problem must be solved first; the first is: {detail}",
                "{number} problems must be solved first; the first is: {detail}",
                len(found),
                detail=found[0]["detail"],
            ),
            problems=found,
        )


def _no_blocking_comment(work: Work, _: Request) -> None:
    blocking = Comment.objects.filter(set=work.row, blocking=True, resolved_at__isnull=True).count()
    _require(
        work,
        not blocking,
        says("{blocking} blocking comments are not resolved; resolve them first.", blocking=blocking),
    )


def _not_unblinded(work: Work, _: Request) -> None:
    row, article = work.row, work.row.article
    independent = row.kind == Kind.ANNOTATION and (article.annotators > 1 or row.round == Round.CALIBRATION)
    seen = independent and unblinded(facts_of(article), Round(row.round))
    _require(work, not seen, says("All have submitted, and the sets are no longer hidden; ask a manager."))


def _reviewable(work: Work, _: Request) -> None:
    row = work.row
    fits = reviewable(Kind(row.kind), Round(row.round), row.article.annotators)
    _require(
        work,
        fits,
        says(
            "Calibration sets, and independent sets where several people annotate, are not "
            "reviewed one by one."
        ),
    )


def _request(work: Work, request: Request) -> None:
    asked = bool(request.comment) or (
        Comment.objects.filter(
            set=work.row,
            author=work.by,
            resolved_at__isnull=True,
            created_at__gte=work.row.review_started_at,
        ).exists()
    )
    _require(work, asked, says("Say what should change: send a comment with it, or comment on a span first."))


def _no_proposed(work: Work, _: Request) -> None:
    waiting = Span.objects.filter(set=work.row, proposition__status=PropositionStatus.PROPOSED).count()
    _require(
        work,
        not waiting,
        says(
            "{waiting} spans link to propositions that are only proposed; accept them or link others.",
            waiting=waiting,
        ),
    )


def _one_or_unblinded(work: Work, _: Request) -> None:
    require_content(work.by, work.row)


def _no_other_live(work: Work, _: Request) -> None:
    row = work.row
    others = AnnotationSet.objects.filter(article=row.article_id, state__in=LIVE, round=Round.PRODUCTION)
    _require(
        work,
        not others.exists(),
        says("Somebody is at work on this article; finish or withdraw that set first."),
    )
    current = row.revision_id == row.article.revision_id
    _require(
        work, current, says("The article has a newer text than this set; start a new set on it instead.")
    )
    _require(work, not row.article.excluded_reason, says("The article is excluded; include it again first."))


def _no_open_decision(work: Work, _: Request) -> None:
    adjudicated_sets.require_none_open(work)


def _require(work: Work, holds: bool, sentence: str) -> None:
    if not holds:
        raise NotAllowedNow(sentence, **work.now())


GUARDS: Mapping[Guard, Callable[[Work, Request], None]] = {
    Guard.NO_PROBLEMS: _no_problems,
    Guard.NO_BLOCKING_COMMENT: _no_blocking_comment,
    Guard.NOT_UNBLINDED: _not_unblinded,
    Guard.REVIEWABLE: _reviewable,
    Guard.REQUEST: _request,
    Guard.NO_PROPOSED: _no_proposed,
    Guard.ONE_OR_UNBLINDED: _one_or_unblinded,
    Guard.NO_OTHER_LIVE: _no_other_live,
    Guard.NO_OPEN_DECISION: _no_open_decision,
}
