"""Telling people what concerns them: written with the change itself, read in the admin, sent as a digest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.models import AnnotationSet, Comment, Membership, Notification
from annotations.states import Notice
from annotations.visibility import get_visible, reads_content, visible

#: "@ann" at the beginning of a word; what ends a sentence may be taken for a part of the name.
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]{1,150})")
_MOST_MENTIONS = 50


def tell(
    kind: Notice,
    row: AnnotationSet,
    by: User | None,
    recipients: Iterable[int],
    *,
    comment: Comment | None = None,
) -> None:
    """Store one notification for each recipient; nobody is told what they did themselves."""
    Notification.objects.bulk_create(
        _notification(kind, row, by, id, comment)
        for id in dict.fromkeys(recipients)
        if by is None or id != by.pk
    )


def tell_each(kind: Notice, rows: Iterable[AnnotationSet], by: User) -> None:
    """Tell the owner of each set, but for the caller's own."""
    told = (_notification(kind, row, by, row.owner_id, None) for row in rows if row.owner_id != by.pk)
    Notification.objects.bulk_create(told, batch_size=500)


def _notification(
    kind: Notice, row: AnnotationSet, by: User | None, recipient_id: int, comment: Comment | None
) -> Notification:
    return Notification(
        recipient_id=recipient_id,
        corpus_id=row.corpus_id,
        kind=kind,
        set=row,
        comment=comment,
        by=by,
        created_at=timezone.now(),
    )


def mentioned(text: str) -> set[str]:
    """The usernames that a text may mention, with and without the punctuation that follows."""
    names = _MENTION.findall(text)[:_MOST_MENTIONS]
    return {*names, *(name.rstrip(".@+-") for name in names)} - {""}


def of_comment(row: AnnotationSet, comment: Comment, by: User, *, before: str = "") -> None:
    """Tell whom a comment mentions and, where it is new, the owner and whom it answers.

    Only members who may read the set are told: nobody else could read the comment. ``before`` is
    the text that was edited; whom it mentioned already is not told again.
    """
    names = mentioned(comment.text) - mentioned(before)
    members = Membership.objects.filter(corpus=row.corpus_id, user__username__in=names, user__is_active=True)
    told = [member.user_id for member in members if names and reads_content(member.user_id, member.role, row)]
    tell(Notice.MENTION, row, by, told, comment=comment)
    if not before:
        concerned = [row.owner_id]
        if comment.parent is not None and _still_reads(comment.parent.author_id, row):
            concerned.append(comment.parent.author_id)
        tell(Notice.COMMENT, row, by, [id for id in concerned if id not in told], comment=comment)


def _still_reads(user_id: int, row: AnnotationSet) -> bool:
    member = Membership.objects.filter(corpus=row.corpus_id, user=user_id, user__is_active=True).first()
    return member is not None and reads_content(user_id, member.role, row)


@transaction.atomic
def read(by: User, id: UUID) -> Notification:
    """Mark one of the caller's notifications as read; again changes nothing."""
    found = get_visible(by, Notification.objects.select_for_update(of=("self",)), pk=id)
    if found.read_at is None:
        found.read_at = timezone.now()
        found.save(update_fields=["read_at"])
    return found


def read_all(by: User) -> int:
    """Mark all of the caller's notifications as read; answers how many were not."""
    waiting = visible(by, Notification.objects.filter(read_at__isnull=True))
    return waiting.update(read_at=timezone.now())
