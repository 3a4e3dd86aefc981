"""Comments on a set and its spans: adding, updating, and accepting a proposed change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.enums import EDITABLE, LIVE, SetRole, State
from annotations.exceptions import (
    ClosedSetError,
    InsufficientRoleError,
    InvalidInputError,
    NotAllowedNowError,
    NotInCorpusError,
    error_at,
)
from annotations.messages import message, term
from annotations.models import AnnotationSet, Comment, Span, uuid7
from annotations.permissions import Permission, VisibleRow, require_permission, set_roles
from annotations.services.core import events, notifications, spans
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import SetEdit, edit_set, require_not_archived
from annotations.visibility import get_visible

COMMENTABLE_STATES = LIVE | {State.APPROVED}
BLOCKABLE_STATES = frozenset({State.SUBMITTED, State.IN_REVIEW})


@dataclass(frozen=True, kw_only=True)
class CommentDraft:
    """A comment as the client sent it."""

    text: str
    span_id: UUID | None = None
    parent_id: UUID | None = None
    blocking: bool = False
    suggestion: Mapping[str, Any] | None = None
    id: UUID | None = None


@retry_on_conflict
def add_comment(by: User, set_id: UUID, draft: CommentDraft) -> tuple[Comment, bool, int]:
    """Add a comment to a set or span; return it, whether it is new, and the version of the set."""
    with edit_set(by, set_id, Permission.ADD_COMMENT) as edit:
        if draft.blocking:
            require_permission(by, Permission.ADD_BLOCKING_COMMENT, edit.seen)
        comment = Comment.objects.select_related("author").filter(pk=draft.id).first() if draft.id else None
        created = comment is None
        if comment is None:
            _require_commentable(edit)
            _require_blockable(edit, draft)
            _require_target(edit, draft)
            comment = insert_comment(edit, draft)
        else:
            _require_same(edit, comment, draft)
    return comment, created, edit.row.version


def insert_comment(edit: SetEdit, draft: CommentDraft) -> Comment:
    """Store a comment within an edit that has checked that its author may write it."""
    comment = Comment(
        id=draft.id or uuid7(),
        set=edit.row,
        span_id=draft.span_id,
        parent_id=draft.parent_id,
        author=edit.by,
        text=draft.text,
        blocking=draft.blocking,
        suggestion=draft.suggestion,
        created_at=timezone.now(),
    )
    with translate_integrity_errors({}):
        comment.save(force_insert=True)
    edit.record(events.COMMENT_ADDED, after=events.comment_payload(comment))
    notifications.notify_of_comment(edit.row, comment, edit.by)
    return comment


def _require_same(edit: SetEdit, stored: Comment, draft: CommentDraft) -> None:
    place = (stored.set_id, stored.author_id, stored.span_id, stored.parent_id)
    content = (stored.text, stored.blocking, stored.suggestion)
    same = place == (edit.row.pk, edit.by.pk, draft.span_id, draft.parent_id)
    if not same or content != (draft.text, draft.blocking, draft.suggestion):
        with error_at("/id"):
            raise id_taken_error(draft.id)


def _require_commentable(edit: SetEdit) -> None:
    require_not_archived(edit.row.corpus)
    if edit.row.state not in COMMENTABLE_STATES:
        raise ClosedSetError(
            message(
                "The set is {state}, and its discussion is closed with it.",
                state=term("State", edit.row.state),
            ),
            **edit.refusal_details(),
        )


def _require_blockable(edit: SetEdit, draft: CommentDraft) -> None:
    if draft.blocking and edit.row.state not in BLOCKABLE_STATES:
        raise NotAllowedNowError(
            message("A comment can block only while the set is submitted or in review."),
            **edit.refusal_details(),
        )


def _require_target(edit: SetEdit, draft: CommentDraft) -> None:
    if draft.suggestion is not None and draft.span_id is None:
        with error_at("/suggestion"):
            raise InvalidInputError(message("A suggestion changes a span; say which one in span."))
    for model, name, id in ((Span, "span", draft.span_id), (Comment, "parent", draft.parent_id)):
        if id is not None and not model.objects.filter(set=edit.row, pk=id).exists():
            with error_at(f"/{name}"):
                what = term("model", "span" if name == "span" else "comment")
                raise NotInCorpusError(message("The set has no {what} with the id {id}.", what=what, id=id))


def update_comment(
    by: User, seen: Comment, changes: Mapping[str, Any], *, version: int
) -> tuple[Comment, int]:
    """Update ``text`` or ``resolved`` of a comment; return it and the version of its set."""
    with edit_set(by, seen.set_id, Permission.ADD_COMMENT) as edit:
        comment = get_visible(by, Comment.objects.select_related("author", "resolved_by"), pk=seen.pk)
        before = events.comment_payload(comment)
        require_can_update(by, edit.seen, comment, changes)
        if all(before[name] == value for name, value in changes.items()):
            return comment, edit.row.version
        require_current_version("comment", comment.version, version)
        _require_commentable(edit)
        comment.text = changes.get("text", comment.text)
        if changes.get("resolved", before["resolved"]) != before["resolved"]:
            _set_resolved(comment, by if changes["resolved"] else None)
        _store(edit, comment, before)
        if comment.text != before["text"]:
            notifications.notify_of_comment(edit.row, comment, by, before=before["text"])
    return comment, edit.row.version


def _set_resolved(comment: Comment, by: User | None) -> None:
    comment.resolved_by = by
    comment.resolved_at = timezone.now() if by else None


def _store(edit: SetEdit, comment: Comment, before: Mapping[str, Any]) -> None:
    comment.version += 1
    comment.save(force_update=True)
    edit.record(events.COMMENT_CHANGED, before=before, after=events.comment_payload(comment))


def accept_proposed_change(by: User, seen: Comment, *, version: int) -> tuple[Span, int]:
    """Apply the change that a comment proposes, and resolve the comment; return the span and the set version.

    ``version`` is that of the comment. The change counts as the owner's: the commenter does not become an
    author of the set.
    """
    with edit_set(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        comment = get_visible(by, Comment.objects.select_related("span"), pk=seen.pk)
        span, suggestion = comment.span, comment.suggestion
        if span is None or suggestion is None:
            raise NotAllowedNowError(
                message("The comment suggests no change, or its span is gone."), **edit.refusal_details()
            )
        if comment.resolved_at is not None and comment.resolved_by_id == by.pk:
            return span, edit.row.version
        require_current_version("comment", comment.version, version)
        edit.require_editable()
        before = events.comment_payload(comment)
        spans.rewrite_span(edit, span, suggestion)
        _set_resolved(comment, by)
        _store(edit, comment, before)
    return span, edit.row.version


def require_can_update(
    by: User, seen: VisibleRow[AnnotationSet], comment: Comment, changes: Mapping[str, Any]
) -> None:
    """Raise ``InsufficientRoleError`` unless the caller may make these changes.

    Only the author edits the text. The author, the owner of an editable set and managers resolve.
    """
    is_author = comment.author_id == by.pk
    row, roles = seen.row, set_roles(by, seen)
    may_resolve = is_author or SetRole.MANAGER in roles or (SetRole.OWNER in roles and row.state in EDITABLE)
    if "text" in changes and not is_author:
        raise InsufficientRoleError(
            message("Only the author of a comment edits its text; answer with one of your own.")
        )
    if "resolved" in changes and not may_resolve:
        raise InsufficientRoleError(
            message(
                "A comment is resolved by its author, by the owner while the set is open or "
                "returned, or by a manager."
            )
        )
