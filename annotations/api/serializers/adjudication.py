"""Serializers of decisions: the sides of a difference, and how it is settled."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import (
    LineField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TimestampField,
)
from annotations.api.serializers.set_content import AttributesField, SpanUpdateSerializer
from annotations.enums import DecisionChoice, DecisionState, DifferenceKind, ReasonCode
from annotations.models import Decision
from annotations.scheme import LABEL_NAMES, RELATION_NAMES
from annotations.services.double_annotation.decisions import accepted_owner


class FrozenSpanSerializer(StrictSerializer):
    """A span of a source, as it was when the adjudication began."""

    id = StrictUUIDField(read_only=True)
    label = StrictChoiceField(LABEL_NAMES, name="Label", read_only=True)
    start = serializers.IntegerField(read_only=True)
    end = serializers.IntegerField(read_only=True)
    quote = serializers.CharField(read_only=True, trim_whitespace=False)
    attributes = AttributesField(read_only=True)
    actor = StrictUUIDField(read_only=True, allow_null=True)
    proposition = StrictUUIDField(read_only=True, allow_null=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the stored object: it is stored as it is shown."""
        return dict(instance)


class FrozenRelationSerializer(StrictSerializer):
    """A relation of a source, as it was when the adjudication began."""

    id = StrictUUIDField(read_only=True)
    type = StrictChoiceField(RELATION_NAMES, name="RelationType", read_only=True)
    source = StrictUUIDField(read_only=True)
    target = StrictUUIDField(read_only=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the stored object: it is stored as it is shown."""
        return dict(instance)


class DecisionSideSerializer(StrictSerializer):
    """The side of one source; ``span`` is null where its owner marked nothing."""

    set = StrictUUIDField(read_only=True)
    owner = serializers.CharField(read_only=True)
    span = FrozenSpanSerializer(read_only=True, allow_null=True)
    relations = FrozenRelationSerializer(many=True, read_only=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the stored object: it is stored as it is shown."""
        return dict(instance)


class DecisionSerializer(StrictSerializer):
    """One difference. Side A is the first of ``sides``; ``ends`` are spans of the adjudication."""

    id = StrictUUIDField(read_only=True)
    set = StrictUUIDField(source="set_id", read_only=True)
    kind = StrictChoiceField(DifferenceKind, read_only=True)
    state = StrictChoiceField(DecisionState, read_only=True)
    sides = DecisionSideSerializer(many=True, read_only=True)
    ends = serializers.ListField(child=StrictUUIDField(), read_only=True, allow_null=True)
    choice = StrictChoiceField(DecisionChoice, read_only=True, allow_null=True)
    owner = serializers.SerializerMethodField()
    reason = StrictChoiceField(ReasonCode, read_only=True, allow_null=True)
    span = StrictUUIDField(source="span_id", read_only=True, allow_null=True)
    source_changed = StrictBooleanField(read_only=True)
    settled_by = serializers.CharField(
        source="settled_by.username", read_only=True, allow_null=True, default=None
    )
    settled_at = TimestampField(read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)

    def get_owner(self, decision: Decision) -> str | None:
        """Return the owner of the side that was taken."""
        return accepted_owner(decision)


class ResolutionSerializer(StrictSerializer):
    """How a difference is settled. ``owner`` goes with the choice take, ``span`` with own."""

    choice = StrictChoiceField(DecisionChoice)
    reason = StrictChoiceField(ReasonCode)
    owner = LineField(limits.MAX_USERNAME, allow_null=True, default=None)
    span = SpanUpdateSerializer(allow_null=True, default=None)


class ResolutionItemSerializer(ResolutionSerializer):
    """How one of many differences is settled, with the version that was seen."""

    id = StrictUUIDField()
    version = StrictIntegerField(min_value=1)
