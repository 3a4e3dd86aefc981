"""The serializer of events."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import StrictChoiceField, StrictUUIDField, TimestampField
from annotations.services.core.events import OTHER_ACTIONS, SET_ACTIONS


class EventDataField(serializers.JSONField):
    """Field for the values before and after; PostgreSQL would show the new ones first."""

    def to_representation(self, value: Any) -> Any:
        """Return ``before`` and ``after``, None where there is no value."""
        return {name: value.get(name) for name in ("before", "after")}


class EventSerializer(StrictSerializer):
    """One row of the audit trail; ``user`` is null for the system.

    Rows come from ``events.with_external_ids``: external ids are those that articles have now.
    """

    seq = serializers.IntegerField(read_only=True)
    action = StrictChoiceField((*SET_ACTIONS, *OTHER_ACTIONS), name="EventAction", read_only=True)
    user = serializers.SerializerMethodField()
    time = TimestampField(read_only=True)
    set = StrictUUIDField(source="set_id", read_only=True, allow_null=True)
    article = StrictUUIDField(source="article_id", read_only=True, allow_null=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    data = EventDataField(read_only=True)

    def get_user(self, event: object) -> str | None:
        """Return the username that the person had then."""
        return getattr(event, "username", "") or None
