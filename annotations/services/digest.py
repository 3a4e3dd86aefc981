"""One mail for each person about all that they have not read, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import connection, transaction
from django.utils import timezone

from annotations.models import Notification
from annotations.states import Notice

#: So many lines a mail has at most; the rest is counted.
MOST_LINES = 50

SAYS: Mapping[Notice, str] = {
    Notice.ASSIGNED: "Assigned to you",
    Notice.RETURNED: "Returned to you",
    Notice.APPROVED: "Approved",
    Notice.COMMENT: "A comment on your set",
    Notice.MENTION: "You were mentioned",
}


def send_all() -> int:
    """Send a mail to everybody who waits for one; answers how many were sent.

    Each person is a transaction of its own: what was sent is marked in it, and where sending fails
    the marks go with it, so that the next run tries again.
    """
    waiting = Notification.objects.filter(**_WAITING).order_by().values_list("recipient_id", flat=True)
    return sum(_send_to(recipient_id) for recipient_id in sorted(set(waiting)))


_WAITING = {
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
        .filter(**_WAITING, recipient_id=recipient_id)
        .select_related("corpus", "set__article", "by", "recipient")
        .defer("corpus__guideline")
        .order_by("pk")
    )
    if not rows:
        return False
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
    recipient: User = rows[0].recipient
    send_mail(
        subject=f"Standpoint: {len(rows)} {'thing' if len(rows) == 1 else 'things'} to look at",
        message=text(rows),
        from_email=None,
        recipient_list=[recipient.email],
    )
    return True


def text(rows: Sequence[Notification]) -> str:
    """The words of a digest, corpus by corpus."""
    lines: list[str] = []
    shown = rows[:MOST_LINES]
    for corpus in dict.fromkeys(row.corpus for row in shown):
        lines += [corpus.name, *(_line(row) for row in shown if row.corpus == corpus), ""]
    if len(rows) > len(shown):
        rest = Counter(Notice(row.kind) for row in rows[len(shown) :])
        lines.append("And more: " + ", ".join(f"{SAYS[kind]} ({number})" for kind, number in rest.items()))
    return "\n".join(lines)


def _line(row: Notification) -> str:
    by = f" by {row.by.get_username()}" if row.by else ""
    return f"- {SAYS[Notice(row.kind)]}{by}: {row.set.article}"
