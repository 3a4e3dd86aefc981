"""Guards: the conditions of transitions beyond the state of the set and the role of the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from annotations.enums import LIVE, Round, SetKind
from annotations.exceptions import NotAllowedNowError, OpenItemsError, UnsolvedProblemsError
from annotations.messages import message, plural_message
from annotations.models import AnnotationSet, CarryItem, Comment, PropositionStatus, Span
from annotations.permissions import require_content_access
from annotations.services.core.sets import SetEdit, summarize_article
from annotations.services.review import adjudicated_sets, problems
from annotations.workflow import Guard, is_reviewable, is_unblinded


@dataclass(frozen=True, kw_only=True)
class TransitionRequest:
    """The data that a client sends with a transition.

    ``taken_as`` is the id under which the queue was asked for the work; the event keeps it.
    """

    version: int
    comment: str = ""
    reason: str = ""
    owner: str | None = None
    taken_as: UUID | None = None


def _no_problems(edit: SetEdit, _: TransitionRequest) -> None:
    blocking = [problem for problem in problems.find_set_problems(edit.row) if problem["blocking"]]
    if blocking:
        raise UnsolvedProblemsError(
            plural_message(
                "{number} problem must be solved first; the first is: {detail}",
                "{number} problems must be solved first; the first is: {detail}",
                len(blocking),
                detail=blocking[0]["detail"],
            ),
            problems=blocking,
        )


def _no_blocking_comment(edit: SetEdit, _: TransitionRequest) -> None:
    blocking = Comment.objects.filter(set=edit.row, blocking=True, resolved_at__isnull=True).count()
    _require(
        edit,
        not blocking,
        plural_message(
            "{number} blocking comment is not resolved; resolve it first.",
            "{number} blocking comments are not resolved; resolve them first.",
            blocking,
        ),
    )


def _not_unblinded(edit: SetEdit, _: TransitionRequest) -> None:
    row, article = edit.row, edit.row.article
    independent = row.kind == SetKind.ANNOTATION and (
        article.annotators > 1 or row.round == Round.CALIBRATION
    )
    seen = independent and is_unblinded(summarize_article(article), Round(row.round))
    _require(edit, not seen, message("All have submitted, and the sets are no longer hidden; ask a manager."))


def _reviewable(edit: SetEdit, _: TransitionRequest) -> None:
    row = edit.row
    fits = is_reviewable(SetKind(row.kind), Round(row.round), row.article.annotators)
    _require(
        edit,
        fits,
        message(
            "Calibration sets, and independent sets where several people annotate, are not "
            "reviewed one by one."
        ),
    )


def _changes_requested(edit: SetEdit, request: TransitionRequest) -> None:
    asked = bool(request.comment) or (
        Comment.objects.filter(
            set=edit.row,
            author=edit.by,
            resolved_at__isnull=True,
            created_at__gte=edit.row.review_started_at,
        ).exists()
    )
    _require(
        edit, asked, message("Say what should change: send a comment with it, or comment on a span first.")
    )


def _no_proposed_proposition(edit: SetEdit, _: TransitionRequest) -> None:
    waiting = Span.objects.filter(
        set=edit.row, proposition__canonical__status=PropositionStatus.PROPOSED
    ).count()
    _require(
        edit,
        not waiting,
        plural_message(
            "{number} span links to a proposition that is only proposed; accept it or link another.",
            "{number} spans link to propositions that are only proposed; accept them or link others.",
            waiting,
        ),
    )


def _single_or_unblinded(edit: SetEdit, _: TransitionRequest) -> None:
    require_content_access(edit.by, edit.row)


def _no_other_live(edit: SetEdit, _: TransitionRequest) -> None:
    row = edit.row
    others = AnnotationSet.objects.filter(article=row.article_id, state__in=LIVE, round=Round.PRODUCTION)
    _require(
        edit,
        not others.exists(),
        message("Somebody is at work on this article; finish or withdraw that set first."),
    )
    current = row.revision_id == row.article.revision_id
    _require(
        edit, current, message("The article has a newer text than this set; start a new set on it instead.")
    )
    _require(
        edit, not row.article.excluded_reason, message("The article is excluded; include it again first.")
    )


def _no_open_decision(edit: SetEdit, _: TransitionRequest) -> None:
    adjudicated_sets.require_decisions_resolved(edit)


def _no_open_item(edit: SetEdit, _: TransitionRequest) -> None:
    # Items stand in sets that were made from others only, so that most need not be asked about.
    number = CarryItem.objects.open().filter(set=edit.row).count() if edit.row.based_on_id else 0
    if number:
        raise OpenItemsError(
            plural_message(
                "The text was corrected, and {number} mark needs a look first; it is in the list of marks to "
                "check.",
                "The text was corrected, and {number} marks need a look first; they are in the list of marks "
                "to check.",
                number,
            ),
            **edit.refusal_details(),
            items=number,
        )


def _require(edit: SetEdit, holds: bool, sentence: str) -> None:
    if not holds:
        raise NotAllowedNowError(sentence, **edit.refusal_details())


GUARD_CHECKS: Mapping[Guard, Callable[[SetEdit, TransitionRequest], None]] = {
    Guard.NO_PROBLEMS: _no_problems,
    Guard.NO_BLOCKING_COMMENT: _no_blocking_comment,
    Guard.NOT_UNBLINDED: _not_unblinded,
    Guard.REVIEWABLE: _reviewable,
    Guard.CHANGES_REQUESTED: _changes_requested,
    Guard.NO_PROPOSED_PROPOSITION: _no_proposed_proposition,
    Guard.SINGLE_OR_UNBLINDED: _single_or_unblinded,
    Guard.NO_OTHER_LIVE: _no_other_live,
    Guard.NO_OPEN_DECISION: _no_open_decision,
    Guard.NO_OPEN_ITEM: _no_open_item,
}
