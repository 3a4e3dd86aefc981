"""The digest: one mail for each user about all unread notifications, none of them twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy

from annotations.enums import NotificationKind
from annotations.models import Notification

#: How many lines a mail has at most; the rest is counted.
MAX_LINES = 50

KIND_LABELS: Mapping[NotificationKind, Any] = {
    NotificationKind.ASSIGNED: pgettext_lazy("mail", "Assigned to you"),
    NotificationKind.RETURNED: pgettext_lazy("mail", "Returned to you"),
    NotificationKind.APPROVED: pgettext_lazy("mail", "Approved"),
    NotificationKind.COMMENT: pgettext_lazy("mail", "A comment on your set"),
    NotificationKind.MENTION: pgettext_lazy("mail", "You were mentioned"),
    NotificationKind.WEBHOOK_DISABLED: pgettext_lazy("mail", "A webhook was disabled"),
}


def send_digests() -> int:
    """Send the digests that are due; return how many were sent.

    The mails are in the active language, since the language of a user is not stored.

    Each user has a transaction of their own, which marks the notifications as mailed. If sending fails,
    it is rolled back, and the next run tries again.
    """
    recipient_ids = Notification.objects.filter(**_UNSENT).order_by().values_list("recipient_id", flat=True)
    return sum(_send_to(recipient_id) for recipient_id in sorted(set(recipient_ids)))


_UNSENT = {
    "read_at__isnull": True,
    "mailed_at__isnull": True,
    "recipient__is_active": True,
    "recipient__email__gt": "",
}


@transaction.atomic
def _send_to(recipient_id: int) -> bool:
    rows = list(
        Notification.objects.select_for_update(
            of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
        )
        .filter(**_UNSENT, recipient_id=recipient_id)
        .select_related("corpus", "set__article", "webhook", "by", "recipient")
        .defer("corpus__guideline")
        .order_by("pk")
    )
    if not rows:
        return False
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
    recipient: User = rows[0].recipient
    send_mail(
        subject=_subject(len(rows)),
        message=digest_text(rows),
        from_email=None,
        recipient_list=[recipient.email],
    )
    return True


def _subject(number: int) -> str:
    subject = ngettext("Standpoint: %(n)s thing to look at", "Standpoint: %(n)s things to look at", number)
    return subject % {"n": number}


def digest_text(rows: Sequence[Notification]) -> str:
    """Return the text of a digest, corpus by corpus."""
    lines: list[str] = []
    shown = rows[:MAX_LINES]
    for corpus in dict.fromkeys(row.corpus for row in shown):
        lines += [corpus.name, *(_line(row) for row in shown if row.corpus == corpus), ""]
    if len(rows) > len(shown):
        rest = Counter(NotificationKind(row.kind) for row in rows[len(shown) :])
        kinds = ", ".join(f"{KIND_LABELS[kind]} ({number})" for kind, number in rest.items())
        lines.append(gettext("And more: %(kinds)s") % {"kinds": kinds})
    return "\n".join(lines)


def _line(row: Notification) -> str:
    subject = row.set.article if row.set else row.webhook
    values = {"what": KIND_LABELS[NotificationKind(row.kind)], "article": subject}
    if row.by is None:
        return gettext("- %(what)s: %(article)s") % values
    return gettext("- %(what)s by %(by)s: %(article)s") % {**values, "by": row.by.get_username()}
