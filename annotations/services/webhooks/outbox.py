"""The outbox: events of the trail become deliveries, in the transaction that moves the cursor of the webhook.

The trail is the queue. Whoever writes an event writes it with the change that it tells, so that no change
goes untold and nothing is told that was rolled back; and since only the cursor says what was read, a worker
that dies on the way leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Least

from annotations.models import (
    AnnotationSet,
    ArticleRights,
    CarryItem,
    Delivery,
    DeliveryState,
    Event,
    Webhook,
    WebhookState,
    uuid7,
)
from annotations.services.core.events import max_committed_seq
from annotations.services.webhooks.gate import WebhookGate
from annotations.services.webhooks.payloads import subject_data
from annotations.services.webhooks.types import WEBHOOK_TYPES, types_by_action

#: The most events that become deliveries in one transaction.
BATCH_SIZE = 500
_HELD_AT_ONCE = 500
#: What a delivery begins with, also once more.
_FRESH: dict[str, Any] = {"attempts": 0, "error": "", "finished_at": None}


def message_id(webhook_id: UUID, seq: int, type: str) -> str:
    """Return the ``webhook-id`` of an event: the same whenever it is sent to this webhook."""
    return f"msg_{uuid5(webhook_id, f'{seq} {type}').hex}"


def dispatch_events(now: datetime) -> int:
    """Make deliveries of the next events that webhooks have not read; return how many events those were."""
    horizon = max_committed_seq()
    unread = Event.objects.filter(corpus_id=OuterRef("corpus_id"), seq__gt=OuterRef("cursor"))
    is_waiting = Exists(unread.filter(seq__lte=horizon)) | Q(replay_after__isnull=False)
    ids = Webhook.objects.filter(is_waiting, state=WebhookState.ACTIVE).order_by("pk")
    return sum(_dispatch_batch(id, horizon, now) for id in ids.values_list("pk", flat=True))


@transaction.atomic
def _dispatch_batch(id: UUID, horizon: int, now: datetime) -> int:
    """Read the next events of one webhook, unless another worker is just doing so."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    rows = Webhook.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    webhook = rows.filter(pk=id, state=WebhookState.ACTIVE).first()
    if webhook is None:
        return 0
    is_replay = webhook.replay_after is not None
    after = webhook.replay_after if webhook.replay_after is not None else webhook.cursor
    until = webhook.replay_until or webhook.cursor if is_replay else horizon
    types = types_by_action(webhook.events)
    unread = Event.objects.filter(corpus_id=webhook.corpus_id, seq__gt=after, seq__lte=until)
    batch = list(unread.filter(action__in=list(types)).order_by("seq")[:BATCH_SIZE])
    store_deliveries(webhook, build_deliveries(webhook, batch, now), now)
    place = batch[-1].seq if len(batch) == BATCH_SIZE else max(until, after)
    if is_replay:
        is_over = place >= until
        changes: dict[str, Any] = {"replay_after": None if is_over else place}
        changes |= {"replay_until": None} if is_over else {}
    else:
        changes = {"cursor": place}
    Webhook.objects.filter(pk=id).update(**changes)
    return len(batch)


def build_deliveries(webhook: Webhook, events: Sequence[Event], now: datetime) -> list[Delivery]:
    """Return the deliveries of some events, without what may never leave."""
    if not events:
        return []
    types = types_by_action(webhook.events)
    gate = WebhookGate.load(
        webhook.corpus_id, [event.article_id for event in events], [event.set_id for event in events]
    )
    with_items = _sets_with_items(events)
    deliveries = []
    for event in events:
        for type in types[event.action]:
            if WEBHOOK_TYPES[type].needs_items and event.set_id not in with_items:
                continue
            data = subject_data(type, event, gate)
            state = gate.state(type, event.article_id, event.set_id, data)
            if state == DeliveryState.SKIPPED:
                continue
            deliveries.append(
                Delivery(
                    id=uuid7(), webhook=webhook, message_id=message_id(webhook.pk, event.seq, type),
                    event_seq=event.seq, event_time=event.time, type=type, article_id=event.article_id,
                    set_id=event.set_id, data=data, state=state,
                    next_attempt_at=now, created_at=now,
                )
            )  # fmt: skip
    return deliveries


def _sets_with_items(events: Sequence[Event]) -> set[UUID | None]:
    """Return the sets that a correction made of others, and in which somebody has to decide something."""
    made = {event.set_id for event in events if (event.data["after"] or {}).get("based_on")}
    items = CarryItem.objects.filter(set__in=made - {None})
    return set(items.values_list("set_id", flat=True)) if made else set()


def store_deliveries(webhook: Webhook, deliveries: list[Delivery], now: datetime) -> None:
    """Store deliveries; those that are there already are sent once more."""
    if not deliveries:
        return
    known = Delivery.objects.filter(webhook=webhook, message_id__in=[row.message_id for row in deliveries])
    states = {row.message_id: row.state for row in deliveries}
    stored = set(known.values_list("message_id", flat=True))
    for state in {states[id] for id in stored}:
        again = [id for id in stored if states[id] == state]
        known.filter(message_id__in=again).update(state=state, next_attempt_at=now, **_FRESH)
    Delivery.objects.bulk_create([row for row in deliveries if row.message_id not in stored], batch_size=500)
    wake(Webhook.objects.filter(pk=webhook.pk), now, first=bool(stored))


def wake(webhooks: QuerySet[Webhook], now: datetime, *, first: bool = True) -> None:
    """Let workers look at webhooks; unless ``first``, one that waits for a retry goes on waiting."""
    due = Coalesce(F("next_at"), Value(now))
    webhooks.update(next_at=Least(due, Value(now)) if first else due)


@transaction.atomic
def release_held(now: datetime) -> int:
    """Let the deliveries go whose articles are not under embargo any more, or whose sets are not blind."""
    embargo = ArticleRights.objects.filter(article=OuterRef("article_id"), embargo_until__gt=now)
    blind = AnnotationSet.objects.filter(pk=OuterRef("set_id"), blind=True)
    held = Delivery.objects.filter(~Exists(embargo), ~Exists(blind), state=DeliveryState.HELD)
    found = list(held.order_by("event_seq").values_list("pk", "webhook_id")[:_HELD_AT_ONCE])
    if found:
        # the webhooks first, as whoever makes deliveries locks them
        wake(Webhook.objects.filter(pk__in={webhook for _, webhook in found}), now)
        rows = Delivery.objects.filter(pk__in=[pk for pk, _ in found], state=DeliveryState.HELD)
        rows.update(state=DeliveryState.PENDING, next_attempt_at=now)
    return len(found)
