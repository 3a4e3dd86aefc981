"""Webhooks: where a corpus sends what happens in it, and each delivery."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations import limits
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import VerbatimText
from annotations.models.vocabulary import translated_choices
from annotations.text.parsing import MAX_URL


class WebhookPayload(StrEnum):
    """How much a webhook sends: ids and addresses, or also the row as a viewer of the corpus sees it."""

    THIN = "thin"
    FULL = "full"


class WebhookState(StrEnum):
    """Whether a webhook sends."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why a webhook does not send: a manager chose so, the receiver answered 410, or it failed for days."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """The states of a delivery.

    ``held``: the rights of its article, or blind work, do not let it go yet. ``skipped``: they never will.
    ``parked``: all attempts failed; only a person sends it again.
    """

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    PARKED = "parked"
    SKIPPED = "skipped"


class Webhook(VersionedModel):
    """An address to which the events of a corpus are sent.

    ``cursor`` is the ``seq`` up to which events have become deliveries; ``replay_after`` and ``replay_until``
    bound those that become deliveries once more. ``next_at`` is when the first delivery in the row is due;
    until ``leased_until`` one worker alone sends. ``secret`` signs, and ``old_secret`` beside it for a time
    after a rotation. ``origin`` is the address of the service by which the webhook was made.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=MAX_URL)
    description = models.CharField(max_length=limits.MAX_WEBHOOK_DESCRIPTION, blank=True, default="")
    events = models.JSONField(default=list)
    payload = models.CharField(
        max_length=10, choices=translated_choices(WebhookPayload), default=WebhookPayload.THIN
    )
    state = models.CharField(
        max_length=10, choices=translated_choices(WebhookState), default=WebhookState.ACTIVE
    )
    disabled_reason = models.CharField(
        max_length=10, choices=translated_choices(DisabledReason), blank=True, default=""
    )
    disabled_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    secret = models.CharField(max_length=100, editable=False)
    old_secret = models.CharField(max_length=100, blank=True, default="", editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=MAX_URL, blank=True, default="")
    cursor = models.BigIntegerField(default=0)
    replay_after = models.BigIntegerField(null=True, blank=True)
    replay_until = models.BigIntegerField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("next_at",), condition=Q(next_at__isnull=False), name="webhook_due"),)
        constraints = (
            values_constraint("payload", WebhookPayload, name="webhook_payload"),
            values_constraint("state", WebhookState, name="webhook_state"),
            values_constraint("disabled_reason", ("", *DisabledReason), name="webhook_reason"),
            models.CheckConstraint(
                condition=Q(state=WebhookState.ACTIVE, disabled_reason="")
                | Q(state=WebhookState.DISABLED) & ~Q(disabled_reason=""),
                name="webhook_disabled",
            ),
        )

    def __str__(self) -> str:
        return self.url


class Delivery(UUIDModel):
    """One event for one webhook, and what became of it.

    ``message_id`` is the ``webhook-id`` of every attempt, and the same if the event is replayed.
    ``event_seq`` is 0 for a test, which is sent first and once. ``data`` has ids and addresses alone;
    ``request`` and ``answer`` are those of the last attempt, the answer cut.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    message_id = models.CharField(max_length=40)
    event_seq = models.BigIntegerField()
    event_time = models.DateTimeField()
    type = models.CharField(max_length=40)
    article_id = models.UUIDField(null=True)
    set_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=translated_choices(DeliveryState), default=DeliveryState.PENDING
    )
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    error = models.TextField(blank=True, default="")
    request = VerbatimText(blank=True, default="")
    answer = VerbatimText(blank=True, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ("id",)
        indexes = (
            models.Index(fields=("webhook", "id"), name="delivery_webhook"),
            models.Index(
                fields=("webhook", "event_seq", "type"),
                condition=Q(state=DeliveryState.PENDING),
                name="delivery_pending",
            ),
            models.Index(fields=("article_id",), condition=Q(state=DeliveryState.HELD), name="delivery_held"),
            models.Index(
                fields=("finished_at",), condition=Q(finished_at__isnull=False), name="delivery_finished"
            ),
        )
        constraints = (
            values_constraint("state", DeliveryState, name="delivery_state"),
            models.UniqueConstraint(fields=("webhook", "message_id"), name="delivery_once"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"
