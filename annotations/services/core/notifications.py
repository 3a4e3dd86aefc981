"""Notifications: stored in the transaction of a change, read in the admin, mailed as a digest."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.db.models.expressions import Window
from django.db.models.functions import Cast, RowNumber, TruncDate
from django.utils import timezone

from annotations.enums import NotificationKind
from annotations.models import AnnotationSet, Comment, Membership, Notification
from annotations.models.ordering import text_order
from annotations.text.usernames import fold_username
from annotations.visibility import can_read_content, get_visible, visible

#: "@ann" at the beginning of a word. Punctuation that ends a sentence may match as part of the name.
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]{1,150})")
_MOST_MENTIONS = 50


class SetReader(NamedTuple):
    """A member who may read a set."""

    id: int
    username: str


def notify_users(
    kind: NotificationKind,
    row: AnnotationSet,
    by: User | None,
    recipients: Iterable[int],
    *,
    comment: Comment | None = None,
) -> None:
    """Store one notification for each recipient but the user who made the change."""
    Notification.objects.bulk_create(
        _build_notification(kind, row, by, id, comment)
        for id in dict.fromkeys(recipients)
        if by is None or id != by.pk
    )


def notify_owners(kind: NotificationKind, rows: Iterable[AnnotationSet], by: User) -> None:
    """Store a notification for the owner of each set that is not the caller's own."""
    made = (_build_notification(kind, row, by, row.owner_id, None) for row in rows if row.owner_id != by.pk)
    Notification.objects.bulk_create(made, batch_size=500)


def _build_notification(
    kind: NotificationKind, row: AnnotationSet, by: User | None, recipient_id: int, comment: Comment | None
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


def mentioned_usernames(text: str) -> set[str]:
    """Return the usernames that a text may mention, with and without punctuation at their end.

    The text is read in its compatibility form, which is that of every username.
    """
    names = _MENTION.findall(unicodedata.normalize("NFKC", text))[:_MOST_MENTIONS]
    return {*names, *(name.rstrip(".@+-") for name in names)} - {""}


def notify_of_comment(row: AnnotationSet, comment: Comment, by: User, *, before: str = "") -> None:
    """Notify the users whom a comment mentions and, if it is new, the owner and the author of its parent.

    Only members who may read the set are notified, since nobody else could read the comment. ``before``
    is the text before an edit; the users whom it mentioned are not notified again.
    """
    names = mentioned_usernames(comment.text)
    readers = set_readers(row) if names else []
    mentioned_ids = _find_mentioned(readers, names) - _find_mentioned(readers, mentioned_usernames(before))
    notify_users(NotificationKind.MENTION, row, by, mentioned_ids, comment=comment)
    if not before:
        concerned = [row.owner_id]
        if comment.parent is not None and _can_still_read(comment.parent.author_id, row):
            concerned.append(comment.parent.author_id)
        notify_users(
            NotificationKind.COMMENT,
            row,
            by,
            [id for id in concerned if id not in mentioned_ids],
            comment=comment,
        )


def set_readers(row: AnnotationSet) -> list[SetReader]:
    """Return the members who may read the content of a set, by their usernames."""
    members = Membership.objects.filter(corpus=row.corpus_id, user__is_active=True)
    rows = members.order_by(text_order("user__username")).values_list("user_id", "user__username", "role")
    return [SetReader(id, username) for id, username, role in rows if can_read_content(id, role, row)]


def _find_mentioned(readers: Iterable[SetReader], names: Iterable[str]) -> set[int]:
    """Return the ids of the readers whom the names mean, however they are written.

    A name that somebody bears exactly means nobody else.
    """
    exact = {reader.username: reader.id for reader in readers}
    folded: defaultdict[str, set[int]] = defaultdict(set)
    for reader in readers:
        folded[fold_username(reader.username)].add(reader.id)
    found = ({exact[name]} if name in exact else folded.get(fold_username(name), set()) for name in names)
    return set().union(*found)


def _can_still_read(user_id: int, row: AnnotationSet) -> bool:
    member = Membership.objects.filter(corpus=row.corpus_id, user=user_id, user__is_active=True).first()
    return member is not None and can_read_content(user_id, member.role, row)


def gather_lines(rows: QuerySet[Notification]) -> QuerySet[Any]:
    """Return the newest notification of each line, the newest line first.

    What somebody gave out in a corpus on one day is one line, every other notification a line of its own.
    ``number`` says how many notifications a line has, ``unread`` how many of them are not read.
    """
    is_gathered = Q(kind=NotificationKind.ASSIGNED, by__isnull=False)
    own = Case(When(is_gathered, then=Value("")), default=Cast("pk", CharField()))
    line = ["corpus_id", "by_id", "day", "own"]
    unread = Count("pk", filter=Q(read_at__isnull=True))
    gathered: Any = rows.annotate(day=TruncDate("created_at"), own=own)
    gathered = gathered.annotate(
        place=Window(RowNumber(), partition_by=line, order_by=["-pk"]),
        number=Window(Count("pk"), partition_by=line),
        unread=Window(unread, partition_by=line),
    )
    return cast("QuerySet[Any]", gathered.filter(place=1).order_by("-pk"))


@transaction.atomic
def mark_line_read(by: User, id: UUID) -> Notification:
    """Mark a notification of the caller as read, with all others of its line."""
    notification = mark_read(by, id)
    if notification.kind == NotificationKind.ASSIGNED and notification.by_id is not None:
        same = visible(by, Notification.objects.filter(kind=notification.kind, by=notification.by_id))
        day = timezone.localdate(notification.created_at)
        same = same.filter(corpus=notification.corpus_id, created_at__date=day, read_at__isnull=True)
        same.update(read_at=timezone.now())
    return notification


@transaction.atomic
def mark_read(by: User, id: UUID) -> Notification:
    """Mark a notification of the caller as read; a repeat changes nothing."""
    notification = get_visible(by, Notification.objects.select_for_update(of=("self",)), pk=id)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
    return notification


def mark_all_read(by: User) -> int:
    """Mark all notifications of the caller as read; return how many were unread."""
    waiting = visible(by, Notification.objects.filter(read_at__isnull=True))
    return waiting.update(read_at=timezone.now())
