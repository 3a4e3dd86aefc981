"""The deliveries of a webhook: tested, sent again, replayed, and deleted when they are old."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.exceptions import NotAllowedNowError
from annotations.messages import message
from annotations.models import Delivery, DeliveryState, Webhook, WebhookState, uuid7
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.sets import require_not_archived
from annotations.services.webhooks import outbox
from annotations.services.webhooks.subscriptions import lock_webhook, webhook_payload
from annotations.services.webhooks.types import TEST_TYPE
from annotations.visibility import get_visible_row

#: How many old deliveries one round of the maintenance deletes.
PRUNED_AT_ONCE = 5_000


@transaction.atomic
def send_test(by: User, id: UUID) -> Delivery:
    """Return a delivery that says nothing, and that workers send before all others, once."""
    webhook = lock_webhook(by, id)
    _require_active(webhook)
    now, new = timezone.now(), uuid7()
    delivery = Delivery.objects.create(
        id=new, webhook=webhook, message_id=f"msg_{new.hex}", event_seq=0, event_time=now, type=TEST_TYPE,
        next_attempt_at=now, created_at=now,
    )  # fmt: skip
    outbox.wake(Webhook.objects.filter(pk=webhook.pk), now)
    return delivery


@transaction.atomic
def retry_delivery(by: User, id: UUID) -> Delivery:
    """Let a delivery be sent again, under the same id; it begins its attempts anew."""
    found = get_visible_row(by, Delivery.objects.select_related("webhook"), pk=id)
    require_permission(by, Permission.CHANGE_WEBHOOK, found)
    webhook = lock_webhook(by, found.row.webhook_id)
    _require_active(webhook)
    now = timezone.now()
    rows = Delivery.objects.filter(pk=id)
    rows.update(state=DeliveryState.PENDING, attempts=0, next_attempt_at=now, finished_at=None)
    outbox.wake(Webhook.objects.filter(pk=webhook.pk), now)
    return rows.get()


@transaction.atomic
def replay_events(by: User, id: UUID, *, after: int, until: int | None = None) -> Webhook:
    """Let the events after a ``seq``, up to another one, be sent again, each under the id that it had."""
    webhook = lock_webhook(by, id)
    require_not_archived(webhook.corpus)
    last = webhook.cursor if until is None else min(until, webhook.cursor)
    if after < last:
        webhook.replay_after, webhook.replay_until = after, last
        webhook.save(update_fields=["replay_after", "replay_until"])
        payload = {**webhook_payload(webhook), "after": after, "until": last}
        events.record_event("webhook_replayed", by=by, corpus_id=webhook.corpus_id, after=payload)
    return webhook


def _require_active(webhook: Webhook) -> None:
    require_not_archived(webhook.corpus)
    if webhook.state != WebhookState.ACTIVE:
        raise NotAllowedNowError(
            message("The webhook is disabled and sends nothing; make it active first."),
            state=webhook.state,
            allowed=[],
        )


def delete_old_deliveries(now: datetime) -> int:
    """Delete deliveries that ended long ago; return how many."""
    old = Delivery.objects.filter(finished_at__lt=now - timedelta(days=settings.WEBHOOK_KEEP_DAYS))
    ids = list(old.order_by("finished_at").values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    return Delivery.objects.filter(pk__in=ids).delete()[0] if ids else 0
