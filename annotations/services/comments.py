"""Talking about a set and its spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.exceptions import ClosedSet, Invalid, NotAllowedNow, NotInCorpus, NotYourRole, located
from annotations.models import AnnotationSet, Comment, Span, uuid7
from annotations.permissions import HasRole, Permission, people, require
from annotations.says import says, word
from annotations.services import events, notices, spans
from annotations.services.constraints import meaning, repeatable
from annotations.services.refusals import id_taken, require_version
from annotations.services.sets import Work, require_not_archived, writing
from annotations.states import EDITABLE, LIVE, State, Who
from annotations.visibility import get_visible

TALKING = LIVE | {State.APPROVED}
BLOCKING = frozenset({State.SUBMITTED, State.IN_REVIEW})


@dataclass(frozen=True, kw_only=True)
class CommentDraft:
    """A comment as it was sent."""

    text: str
    span_id: UUID | None = None
    parent_id: UUID | None = None
    blocking: bool = False
    suggestion: Mapping[str, Any] | None = None
    id: UUID | None = None


@repeatable
def add(by: User, set_id: UUID, draft: CommentDraft) -> tuple[Comment, bool, int]:
    """Comment on a set or span; answers the comment, whether it is new, and the set's version."""
    with writing(by, set_id, Permission.COMMENT) as work:
        if draft.blocking:
            require(by, Permission.BLOCK, cast("HasRole", work.row))
        comment = Comment.objects.select_related("author").filter(pk=draft.id).first() if draft.id else None
        created = comment is None
        if comment is None:
            _require_talking(work)
            _require_blocking_time(work, draft)
            _require_place(work, draft)
            comment = post(work, draft)
        else:
            _require_same(work, comment, draft)
    return comment, created, work.row.version


def post(work: Work, draft: CommentDraft) -> Comment:
    """Store a comment within a write that has checked that its author may make it."""
    comment = Comment(
        id=draft.id or uuid7(),
        set=work.row,
        span_id=draft.span_id,
        parent_id=draft.parent_id,
        author=work.by,
        text=draft.text,
        blocking=draft.blocking,
        suggestion=draft.suggestion,
        created_at=timezone.now(),
    )
    with meaning({}):
        comment.save(force_insert=True)
    work.tell(events.COMMENT_ADDED, after=events.comment_facts(comment))
    notices.of_comment(work.row, comment, work.by)
    return comment


def _require_same(work: Work, stored: Comment, draft: CommentDraft) -> None:
    place = (stored.set_id, stored.author_id, stored.span_id, stored.parent_id)
    says = (stored.text, stored.blocking, stored.suggestion)
    same = place == (work.row.pk, work.by.pk, draft.span_id, draft.parent_id)
    if not same or says != (draft.text, draft.blocking, draft.suggestion):
        with located("/id"):
            raise id_taken(draft.id)


def _require_talking(work: Work) -> None:
    require_not_archived(work.row.corpus)
    if work.row.state not in TALKING:
        raise ClosedSet(
            says(
                "The set is {state}, and its discussion is closed with it.",
                state=word("State", work.row.state),
            ),
            **work.now(),
        )


def _require_blocking_time(work: Work, draft: CommentDraft) -> None:
    if draft.blocking and work.row.state not in BLOCKING:
        raise NotAllowedNow(
            says("A comment can block only while the set is submitted or in review."),
            **work.now(),
        )


def _require_place(work: Work, draft: CommentDraft) -> None:
    if draft.suggestion is not None and draft.span_id is None:
        with located("/suggestion"):
            raise Invalid(says("A suggestion changes a span; say which one in span."))
    for model, name, id in ((Span, "span", draft.span_id), (Comment, "parent", draft.parent_id)):
        if id is not None and not model.objects.filter(set=work.row, pk=id).exists():
            with located(f"/{name}"):
                what = word("model", "span" if name == "span" else "comment")
                raise NotInCorpus(says("The set has no {what} with the id {id}.", what=what, id=id))


def change(by: User, seen: Comment, changes: Mapping[str, Any], *, version: int) -> tuple[Comment, int]:
    """Edit a comment's ``text`` or set ``resolved``; answers it and the version of its set."""
    with writing(by, seen.set_id, Permission.COMMENT) as work:
        comment = get_visible(by, Comment.objects.select_related("author", "resolved_by"), pk=seen.pk)
        before = events.comment_facts(comment)
        require_may_change(by, work.row, comment, changes)
        if all(before[name] == value for name, value in changes.items()):
            return comment, work.row.version
        require_version("comment", comment.version, version)
        _require_talking(work)
        comment.text = changes.get("text", comment.text)
        if changes.get("resolved", before["resolved"]) != before["resolved"]:
            _resolve(comment, by if changes["resolved"] else None)
        _store(work, comment, before)
        if comment.text != before["text"]:
            notices.of_comment(work.row, comment, by, before=before["text"])
    return comment, work.row.version


def _resolve(comment: Comment, by: User | None) -> None:
    comment.resolved_by = by
    comment.resolved_at = timezone.now() if by else None


def _store(work: Work, comment: Comment, before: Mapping[str, Any]) -> None:
    comment.version += 1
    comment.save(force_update=True)
    work.tell(events.COMMENT_CHANGED, before=before, after=events.comment_facts(comment))


def take(by: User, seen: Comment, *, version: int) -> tuple[Span, int]:
    """Take over the change that a comment suggests: it is the owner's change, and resolves the comment.

    ``version`` is the comment's. Whoever suggested it does not become an author by it.
    """
    with writing(by, seen.set_id, Permission.EDIT_CONTENT) as work:
        comment = get_visible(by, Comment.objects.select_related("span"), pk=seen.pk)
        span, suggestion = comment.span, comment.suggestion
        if span is None or suggestion is None:
            raise NotAllowedNow(says("The comment suggests no change, or its span is gone."), **work.now())
        if comment.resolved_at is not None and comment.resolved_by_id == by.pk:
            return span, work.row.version
        require_version("comment", comment.version, version)
        work.require_editable()
        before = events.comment_facts(comment)
        spans.rewrite(work, span, suggestion)
        _resolve(comment, by)
        _store(work, comment, before)
    return span, work.row.version


def require_may_change(by: User, row: AnnotationSet, comment: Comment, changes: Mapping[str, Any]) -> None:
    """The text belongs to its author; resolving also to the owner at work, and to managers."""
    writes = comment.author_id == by.pk
    who = people(by, row)
    resolves = writes or Who.MANAGER in who or (Who.OWNER in who and row.state in EDITABLE)
    if "text" in changes and not writes:
        raise NotYourRole(says("Only the author of a comment edits its text; answer with one of your own."))
    if "resolved" in changes and not resolves:
        raise NotYourRole(
            says(
                "A comment is resolved by its author, by the owner while the set is open or "
                "returned, or by a manager."
            )
        )
