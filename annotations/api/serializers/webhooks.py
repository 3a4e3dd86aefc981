"""Serializers of webhooks and their deliveries."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from annotations import limits
from annotations.api.serializers.base import EmptyAsNullField, StrictSerializer
from annotations.api.serializers.collections import StrictListField
from annotations.api.serializers.fields import (
    LineField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TimestampField,
)
from annotations.messages import message
from annotations.models import DeliveryState, DisabledReason, Webhook, WebhookPayload, WebhookState
from annotations.services.webhooks.types import WEBHOOK_TYPES
from annotations.text.parsing import MAX_URL
from annotations.translation import translate_message


class EventTypesField(StrictListField):
    """Field for the types of events that a webhook is told, each once, in the order of the table."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=StrictChoiceField(WEBHOOK_TYPES, name="WebhookType"), allow_empty=False, **kwargs
        )

    def to_internal_value(self, data: object) -> list[str]:
        """Return the types, or raise if one is named twice."""
        names = super().to_internal_value(data)
        if len(set(names)) < len(names):
            sentence = message("A type is named twice; name each once.")
            raise ValidationError([ErrorDetail(translate_message(sentence), "twice")])
        return [name for name in WEBHOOK_TYPES if name in names]


class WebhookCreateSerializer(StrictSerializer):
    """A new webhook."""

    id = StrictUUIDField(required=False)
    url = LineField(MAX_URL, help_text="https, of a public host.")
    description = LineField(limits.MAX_WEBHOOK_DESCRIPTION, optional=True)
    events = EventTypesField()
    payload = StrictChoiceField(WebhookPayload, default=str(WebhookPayload.THIN))


class WebhookUpdateSerializer(StrictSerializer):
    """The fields of a webhook that may be changed."""

    url = LineField(MAX_URL)
    description = LineField(limits.MAX_WEBHOOK_DESCRIPTION, optional=True)
    events = EventTypesField()
    payload = StrictChoiceField(WebhookPayload)
    state = StrictChoiceField(WebhookState)


class WebhookSerializer(StrictSerializer):
    """A webhook, without its secret."""

    id = StrictUUIDField(read_only=True)
    url = serializers.CharField(read_only=True)
    description = EmptyAsNullField()
    events = serializers.ListField(child=StrictChoiceField(WEBHOOK_TYPES, name="WebhookType"), read_only=True)
    payload = StrictChoiceField(WebhookPayload, read_only=True)
    state = StrictChoiceField(WebhookState, read_only=True)
    disabled_reason = StrictChoiceField(DisabledReason, read_only=True, allow_null=True)
    disabled_at = TimestampField(read_only=True, allow_null=True)
    failing_since = TimestampField(read_only=True, allow_null=True)
    cursor = serializers.IntegerField(
        read_only=True, help_text="The seq up to which events have become deliveries."
    )
    replay_until = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="The seq up to which a replay is under way."
    )
    old_secret_until = TimestampField(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    created_at = TimestampField(read_only=True)
    version = serializers.IntegerField(read_only=True)


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook and its new secret, which is shown once; null where the same request came before."""

    secret = serializers.CharField(read_only=True, allow_null=True)

    def to_representation(self, instance: tuple[Webhook, str]) -> dict[str, Any]:
        """Return the webhook with the secret."""
        row, secret = instance
        return {**WebhookSerializer().to_representation(row), "secret": secret or None}


class WebhookReplaySerializer(StrictSerializer):
    """The events to be sent again."""

    after = StrictIntegerField(min_value=0, help_text="Events with a higher seq.")
    until = StrictIntegerField(min_value=1, required=False, help_text="Events up to this seq.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise if the end lies before the beginning."""
        if "until" in attrs and attrs["until"] <= attrs["after"]:
            sentence = message("It has to be higher than after.")
            raise ValidationError({"until": [ErrorDetail(translate_message(sentence), "value")]})
        return attrs


class DeliverySerializer(StrictSerializer):
    """An event for a webhook, and what became of it."""

    id = StrictUUIDField(read_only=True)
    webhook = StrictUUIDField(source="webhook_id", read_only=True)
    message_id = serializers.CharField(read_only=True, help_text="What is sent as webhook-id.")
    seq = serializers.IntegerField(
        source="event_seq", read_only=True, help_text="The seq of the event; 0 for a test."
    )
    type = serializers.CharField(read_only=True)
    state = StrictChoiceField(DeliveryState, read_only=True)
    attempts = serializers.IntegerField(read_only=True)
    next_attempt_at = TimestampField(read_only=True, allow_null=True)
    attempted_at = TimestampField(read_only=True, allow_null=True)
    status = serializers.IntegerField(read_only=True, allow_null=True)
    duration_ms = serializers.IntegerField(read_only=True, allow_null=True)
    error = EmptyAsNullField()
    request = EmptyAsNullField()
    answer = EmptyAsNullField()
    created_at = TimestampField(read_only=True)
    finished_at = TimestampField(read_only=True, allow_null=True)
