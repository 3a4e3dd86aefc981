"""Serializers of decisions: the sides of a difference, and how it is settled."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import Strict
from annotations.api.serializers.content import Attributes, SpanChange
from annotations.api.serializers.fields import (
    Choice,
    Line,
    StrictBoolean,
    StrictInteger,
    StrictUUID,
    Timestamp,
)
from annotations.models import Decision
from annotations.scheme import LABEL_NAMES, RELATION_NAMES
from annotations.services.decisions import taken_from
from annotations.states import DecisionState, Difference, ReasonCode, Settlement


class FrozenSpan(Strict):
    """A span of a source, as it was when the adjudication began."""

    id = StrictUUID(read_only=True)
    label = Choice(LABEL_NAMES, read_only=True)
    start = serializers.IntegerField(read_only=True)
    end = serializers.IntegerField(read_only=True)
    quote = serializers.CharField(read_only=True, trim_whitespace=False)
    attributes = Attributes(read_only=True)
    actor = StrictUUID(read_only=True, allow_null=True)
    proposition = StrictUUID(read_only=True, allow_null=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the stored object: it is stored as it is shown."""
        return dict(instance)


class FrozenRelation(Strict):
    """A relation of a source, as it was when the adjudication began."""

    id = StrictUUID(read_only=True)
    type = Choice(RELATION_NAMES, read_only=True)
    source = StrictUUID(read_only=True)
    target = StrictUUID(read_only=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the stored object: it is stored as it is shown."""
        return dict(instance)


class SideShape(Strict):
    """The side of one source; ``span`` is null where its owner marked nothing."""

    set = StrictUUID(read_only=True)
    owner = serializers.CharField(read_only=True)
    span = FrozenSpan(read_only=True, allow_null=True)
    relations = FrozenRelation(many=True, read_only=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return the stored object: it is stored as it is shown."""
        return dict(instance)


class DecisionShape(Strict):
    """One difference. Side A is the first of ``sides``; ``ends`` are spans of the adjudication."""

    id = StrictUUID(read_only=True)
    set = StrictUUID(source="set_id", read_only=True)
    kind = Choice(Difference, read_only=True)
    state = Choice(DecisionState, read_only=True)
    sides = SideShape(many=True, read_only=True)
    ends = serializers.ListField(child=StrictUUID(), read_only=True, allow_null=True)
    choice = Choice(Settlement, read_only=True, allow_null=True)
    owner = serializers.SerializerMethodField()
    reason = Choice(ReasonCode, read_only=True, allow_null=True)
    span = StrictUUID(source="span_id", read_only=True, allow_null=True)
    source_changed = StrictBoolean(read_only=True)
    settled_by = serializers.CharField(
        source="settled_by.username", read_only=True, allow_null=True, default=None
    )
    settled_at = Timestamp(read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)

    def get_owner(self, decision: Decision) -> str | None:
        """Return the owner of the side that was taken."""
        return taken_from(decision)


class SettleBody(Strict):
    """How a difference is settled. ``owner`` goes with the choice take, ``span`` with own."""

    choice = Choice(Settlement)
    reason = Choice(ReasonCode)
    owner = Line(limits.MAX_USERNAME, allow_null=True, default=None)
    span = SpanChange(allow_null=True, default=None)


class SettleOneBody(SettleBody):
    """How one of many differences is settled, with the version that was seen."""

    id = StrictUUID()
    version = StrictInteger(min_value=1)
