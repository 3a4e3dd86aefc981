"""Comments on a set, its spans and its text: adding, updating, and accepting what they propose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
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
from annotations.services.core.text_ranges import OffsetResolver, SentRange, require_short, text_of
from annotations.visibility import get_visible

COMMENTABLE_STATES = LIVE | {State.APPROVED}
BLOCKABLE_STATES = frozenset({State.SUBMITTED, State.IN_REVIEW})


@dataclass(frozen=True, kw_only=True)
class CommentDraft:
    """A comment as the client sent it; ``start`` and ``end`` are None unless it is on words of the text."""

    text: str
    span_id: UUID | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    parent_id: UUID | None = None
    blocking: bool = False
    suggestion: Mapping[str, Any] | None = None
    id: UUID | None = None

    @property
    def names_offsets(self) -> bool:
        """Whether it names places in the text, for itself or in what it suggests."""
        return self.start is not None or bool({"start", "end"} & (self.suggestion or {}).keys())


@retry_on_conflict
def add_comment(
    by: User, set_id: UUID, draft: CommentDraft, *, utf16: bool = False, snap_edges: bool = False
) -> tuple[Comment, bool, int]:
    """Add a comment to a set, a span or words; return it, whether it is new, and the version of the set."""
    with edit_set(by, set_id, Permission.ADD_COMMENT) as edit:
        if draft.blocking:
            require_permission(by, Permission.ADD_BLOCKING_COMMENT, edit.seen)
        comment = Comment.objects.select_related("author").filter(pk=draft.id).first() if draft.id else None
        created = comment is None
        if draft.names_offsets:
            draft = _resolve_offsets(draft, OffsetResolver(text_of(edit.row), utf16, snap_edges))
        if comment is None:
            _require_commentable(edit)
            _require_blockable(edit, draft)
            _require_target(edit, draft)
            comment = insert_comment(edit, draft)
        else:
            _require_same(edit, comment, draft)
    return comment, created, edit.row.version


def _resolve_offsets(draft: CommentDraft, resolver: OffsetResolver) -> CommentDraft:
    """Return the draft with its checked range and its words; offsets in its suggestion count code points."""
    suggestion = draft.suggestion
    if resolver.utf16 and suggestion is not None:
        sent = {name: suggestion[name] for name in ("start", "end") if name in suggestion}
        suggestion = {**suggestion, **{name: _from_utf16(resolver, name, sent[name]) for name in sent}}
    if draft.start is None or draft.end is None:
        return replace(draft, suggestion=suggestion)
    found = resolver.resolve(SentRange(draft.start, draft.end, draft.quote))
    require_short([("", found)])
    quote = found.quote(resolver.text)
    return replace(draft, suggestion=suggestion, start=found.start, end=found.end, quote=quote)


def _from_utf16(resolver: OffsetResolver, name: str, offset: int) -> int:
    with error_at(f"/suggestion/{name}"):
        return resolver.utf16_map.from_utf16(offset)


def insert_comment(edit: SetEdit, draft: CommentDraft) -> Comment:
    """Store a comment within an edit that has checked that its author may write it."""
    comment = Comment(
        id=draft.id or uuid7(),
        set=edit.row,
        span_id=draft.span_id,
        start=draft.start,
        end=draft.end,
        quote=draft.quote,
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
    place = (stored.set_id, stored.author_id, stored.span_id, stored.parent_id, stored.start, stored.end)
    content = (stored.text, stored.blocking, stored.suggestion)
    same = place == (edit.row.pk, edit.by.pk, draft.span_id, draft.parent_id, draft.start, draft.end)
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
    if draft.suggestion is not None and draft.span_id is None and draft.start is None:
        with error_at("/suggestion"):
            raise InvalidInputError(
                message(
                    "A suggestion changes a span, or adds one that is missing; "
                    "say which one in span, or where with start and end."
                )
            )
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


@dataclass(frozen=True)
class AcceptedChange:
    """The span that a comment proposed to change or to add, whether it was added, and the set version."""

    span: Span
    created: bool
    version: int


def accept_proposed_change(by: User, seen: Comment, *, version: int) -> AcceptedChange:
    """Change or add the span as a comment proposes, and resolve the comment.

    ``version`` is that of the comment. The change counts as the owner's: the commenter does not become an
    author of the set.
    """
    with edit_set(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        comment = get_visible(by, Comment.objects.select_related("span"), pk=seen.pk)
        missing = _missing_span(comment)
        span = _find_added(comment, missing) if missing else comment.span
        if missing is None and (span is None or comment.suggestion is None):
            raise NotAllowedNowError(
                message("The comment suggests no change, or its span is gone."), **edit.refusal_details()
            )
        if span is not None and comment.resolved_at is not None and comment.resolved_by_id == by.pk:
            return AcceptedChange(span, False, edit.row.version)
        require_current_version("comment", comment.version, version)
        edit.require_editable()
        before = events.comment_payload(comment)
        if missing is not None:
            [span] = spans.insert_spans(edit, [missing])
        elif span is not None:
            spans.rewrite_span(edit, span, comment.suggestion or {})
        _set_resolved(comment, by)
        _store(edit, comment, before)
    return AcceptedChange(cast(Span, span), missing is not None, edit.row.version)


def _missing_span(comment: Comment) -> spans.SpanDraft | None:
    """Return the span that a comment on words proposes to add; None if it proposes none."""
    suggestion = comment.suggestion or {}
    if comment.start is None or comment.end is None or "label" not in suggestion:
        return None
    return spans.SpanDraft(
        label=suggestion["label"],
        start=comment.start,
        end=comment.end,
        quote=comment.quote,
        attributes=suggestion.get("attributes", {}),
    )


def _find_added(comment: Comment, missing: spans.SpanDraft) -> Span | None:
    """Return the span that accepting the comment has added, if it is there."""
    here = Span.objects.filter(set_id=comment.set_id, start=missing.start, end=missing.end)
    return here.filter(label=missing.label).order_by("pk").first()


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
