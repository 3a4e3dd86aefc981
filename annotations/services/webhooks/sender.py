"""Sending: one worker at a time sends the deliveries of a webhook, one after the other, in their order.

No transaction is open while a receiver is waited for. Whoever claims a webhook has it for ``LEASE``; a
worker that dies between an answer and its mark leaves the delivery as it was, and it is sent again under the
same id. While a delivery waits for its next attempt, those behind it wait too: a receiver that hears of an
approval before the article itself could not do anything with it.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from annotations.exceptions import AddressNotPublicError
from annotations.messages import message
from annotations.models import Delivery, DeliveryState, DisabledReason, Webhook, WebhookState
from annotations.services.outgoing.calls import OutgoingAnswer, OutgoingConnection, OutgoingError
from annotations.services.webhooks.gate import WebhookGate
from annotations.services.webhooks.payloads import build_body
from annotations.services.webhooks.signatures import signed_headers
from annotations.services.webhooks.subscriptions import disable_webhook
from annotations.services.webhooks.types import TEST_TYPE

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: How long a webhook belongs to the worker that sends: longer than a turn and the call that ends it.
LEASE = timedelta(seconds=60)
TURN_SECONDS = 20.0
#: For so long, in seconds, what was read of rights counts while deliveries are sent.
FRESH_SECONDS = 1.0
LOADED_AT_ONCE = 50
#: Seconds before the next attempts, each ± 20 %; after the last one a delivery is parked.
RETRY_DELAYS = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
JITTER = 0.2
#: A webhook without a success for so long is disabled.
GIVE_UP = timedelta(days=3)
MAX_SNIPPET = 1_000
GONE = 410


def send_due(clock: Clock = timezone.now) -> bool:
    """Send what is due of one webhook; return whether there was one."""
    webhook = claim_webhook(clock())
    if webhook is None:
        return False
    try:
        _Turn(webhook, clock).run()
    finally:
        release_webhook(webhook)
    return True


def due_webhooks(now: datetime) -> QuerySet[Webhook]:
    """Return the webhooks whose first delivery is due, and that nobody sends."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return Webhook.objects.filter(free, state=WebhookState.ACTIVE, next_at__lte=now)


def claim_webhook(now: datetime) -> Webhook | None:
    """Claim the webhook that has waited longest, or return None where none is due.

    An idle worker asks one indexed question and takes no lock; on SQLite a lock would stop every writer.
    """
    if not due_webhooks(now).exists():
        return None
    with transaction.atomic():
        skip_locked = connection.features.has_select_for_update_skip_locked
        rows = due_webhooks(now).select_for_update(skip_locked=skip_locked).order_by("next_at", "pk")
        found = rows.only("pk", "lease").first()
        if found is None:
            return None
        Webhook.objects.filter(pk=found.pk).update(leased_until=now + LEASE, lease=F("lease") + 1)
    return Webhook.objects.select_related("corpus").defer("corpus__guideline").get(pk=found.pk)


@transaction.atomic
def release_webhook(webhook: Webhook) -> None:
    """Give a webhook back, with the time at which its first delivery is due."""
    held = Webhook.objects.select_for_update().filter(pk=webhook.pk, lease=webhook.lease).first()
    if held is not None:  # else the lease ran out, and another worker has it
        first = pending_deliveries(held).values_list("next_attempt_at", flat=True).first()
        Webhook.objects.filter(pk=held.pk).update(leased_until=None, next_at=first)


def pending_deliveries(webhook: Webhook) -> QuerySet[Delivery]:
    """Return the deliveries of a webhook that are still to be sent, in their order; a test is the first."""
    rows = Delivery.objects.filter(webhook=webhook, state=DeliveryState.PENDING)
    return rows.order_by("event_seq", "pk")


@dataclass
class _Turn:
    """The turn of a webhook at a worker; it ends with a failure, when nothing is due, or after a while."""

    webhook: Webhook
    clock: Clock
    _connection: OutgoingConnection = field(default_factory=OutgoingConnection, init=False)

    def run(self) -> None:
        """Send one delivery after the other."""
        end = time.monotonic() + TURN_SECONDS
        with self._connection:
            for delivery, gate in self._due():
                if not self._send(delivery, gate) or time.monotonic() > end:
                    return

    def _due(self) -> Iterator[tuple[Delivery, WebhookGate]]:
        """Yield the due deliveries, each with a gate that was read a moment ago."""
        while rows := list(pending_deliveries(self.webhook)[:LOADED_AT_ONCE]):
            gate = WebhookGate.load(
                self.webhook.corpus_id, [row.article_id for row in rows], [row.set_id for row in rows]
            )
            until = time.monotonic() + FRESH_SECONDS
            for row in rows:
                if row.next_attempt_at is not None and row.next_attempt_at > self.clock():
                    return
                yield row, gate
                if time.monotonic() > until:
                    break

    def _send(self, delivery: Delivery, gate: WebhookGate) -> bool:
        """Send a delivery and store what became of it; return whether the next one may follow."""
        state = gate.state(delivery.type, delivery.article_id, delivery.set_id, delivery.data)
        if state != DeliveryState.PENDING:
            finished_at = self.clock() if state == DeliveryState.SKIPPED else None
            self._store(delivery, state=state, finished_at=finished_at)
            return True
        attempted_at, started = self.clock(), time.monotonic()
        body, answer, error = self._attempt(delivery, gate, attempted_at)
        changes = {
            "attempts": delivery.attempts + 1,
            "attempted_at": attempted_at,
            "duration_ms": round((time.monotonic() - started) * 1000),
            "status": answer and answer.status,
            "error": error,
            "request": body.decode(),
            "answer": _snippet(answer.content) if answer else "",
        }
        if answer is not None and 200 <= answer.status < 300:
            self._store(delivery, state=DeliveryState.DELIVERED, finished_at=self.clock(), **changes)
            if self.webhook.failing_since is not None:
                Webhook.objects.filter(pk=self.webhook.pk).update(failing_since=None)
                self.webhook.failing_since = None
            return True
        self._store(delivery, **changes, **self._retry(delivery))
        self._note_failure(delivery, answer)
        return False

    def _attempt(
        self, delivery: Delivery, gate: WebhookGate, now: datetime
    ) -> tuple[bytes, OutgoingAnswer | None, str]:
        """Make one attempt; return its body, the answer, and what was wrong as a whole sentence."""
        try:
            body = build_body(self.webhook, delivery, gate)
        except (LookupError, TypeError, ValueError, AttributeError):
            # counted as a failed attempt, so that the webhook does not come up again at once
            logger.exception("The delivery %s has no body.", delivery.pk)
            return b"", None, message("Something went wrong on our side; the log of the worker has it.")
        headers = signed_headers(self.webhook, delivery.message_id, body, now)
        return body, *_call(self._connection, self.webhook.url, body, headers)

    def _retry(self, delivery: Delivery) -> dict[str, Any]:
        """Return the columns of a delivery that failed: when it is tried again, or that it is parked."""
        if delivery.type == TEST_TYPE or delivery.attempts >= len(RETRY_DELAYS):
            return {"state": DeliveryState.PARKED, "finished_at": self.clock()}
        seconds = RETRY_DELAYS[delivery.attempts] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
        return {"next_attempt_at": self.clock() + timedelta(seconds=seconds)}

    def _note_failure(self, delivery: Delivery, answer: OutgoingAnswer | None) -> None:
        """Note since when the webhook fails, and disable it where that makes sense."""
        webhook, now = self.webhook, self.clock()
        if answer is not None and answer.status == GONE:
            disable_webhook(webhook, DisabledReason.GONE, now)
        elif delivery.type != TEST_TYPE and webhook.failing_since is None:
            Webhook.objects.filter(pk=webhook.pk).update(failing_since=now)
        elif webhook.failing_since is not None and now - webhook.failing_since >= GIVE_UP:
            disable_webhook(webhook, DisabledReason.FAILING, now)

    def _store(self, delivery: Delivery, **changes: object) -> None:
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING).update(**changes)


def _call(
    connection: OutgoingConnection, url: str, body: bytes, headers: dict[str, str]
) -> tuple[OutgoingAnswer | None, str]:
    """Return the answer and what was wrong with it, as a whole sentence."""
    try:
        answer = connection.post(url, body, headers)
    except AddressNotPublicError as error:
        return None, error.detail
    except OutgoingError as error:
        return None, str(error)
    return answer, "" if 200 <= answer.status < 300 else _status_error(answer.status)


def _snippet(content: bytes) -> str:
    """Return the beginning of an answer as text that every database stores."""
    text = content[:MAX_SNIPPET].decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def _status_error(status: int) -> str:
    if 300 <= status < 400:
        return message("It answered {status}; redirects are not followed.", status=status)
    if status == GONE:
        return message("It answered 410: it does not want to hear any more.")
    return message("It answered {status}; only 2xx counts as received.", status=status)
