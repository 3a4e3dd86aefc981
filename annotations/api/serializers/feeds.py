"""Serializers of the private addresses of feeds."""

from __future__ import annotations

from rest_framework import serializers

from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import StrictChoiceField, StrictUUIDField, TimestampField
from annotations.models import FeedType


class FeedAddressSerializer(StrictSerializer):
    """The private address of a feed, without the address itself."""

    id = StrictUUIDField(required=False, source="token_id")
    corpus = serializers.CharField(read_only=True, source="corpus.slug")
    type = StrictChoiceField(FeedType)
    actor = StrictUUIDField(allow_null=True, default=None, source="actor_id")
    created_at = TimestampField(read_only=True, source="token.created_at")
    last_used_at = TimestampField(read_only=True, allow_null=True, source="token.last_used_at")


class FeedAddressWithSecretSerializer(FeedAddressSerializer):
    """The address with its secret, shown this once: null in the answer to a repeat."""

    url = serializers.CharField(read_only=True, allow_null=True)
