"""Serializers of corrections: what became of the sets, the spans that need a look, and the two texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from annotations.api.serializers.articles import RevisionSerializer
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import (
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TimestampField,
    VerbatimTextField,
)
from annotations.api.serializers.set_content import AttributesField
from annotations.enums import CarryDecision, State
from annotations.models import ITEM_STATUSES
from annotations.scheme import LABEL_NAMES
from annotations.services.correction.revisions import RevisionResult
from annotations.text.align import CarryStatus, Op


class StatusCountsSerializer(StrictSerializer):
    """How many spans have each status."""

    exact = serializers.IntegerField(read_only=True)
    shifted = serializers.IntegerField(read_only=True)
    touched = serializers.IntegerField(read_only=True)
    uncertain = serializers.IntegerField(read_only=True)
    moved = serializers.IntegerField(read_only=True)
    lost = serializers.IntegerField(read_only=True)

    def to_representation(self, instance: Mapping[str, int]) -> dict[str, Any]:
        """Return a number for each status."""
        return {str(status): instance.get(status, 0) for status in CarryStatus}


class ProposalSerializer(StrictSerializer):
    """The words that are proposed for a span."""

    start = serializers.IntegerField(read_only=True)
    end = serializers.IntegerField(read_only=True)
    quote = serializers.CharField(read_only=True, trim_whitespace=False)


class CarryItemSerializer(StrictSerializer):
    """A span that needs a look. ``start``, ``end`` and ``quote`` are those of the text before.

    ``set_version`` is what If-Match names when the item is settled.
    """

    id = StrictUUIDField(read_only=True, allow_null=True)
    set = StrictUUIDField(source="set_id", read_only=True)
    article = StrictUUIDField(source="set.article_id", read_only=True)
    status = StrictChoiceField(ITEM_STATUSES, name="CarryItemStatus", read_only=True)
    label = StrictChoiceField(LABEL_NAMES, name="Label", read_only=True)
    start = serializers.IntegerField(read_only=True)
    end = serializers.IntegerField(read_only=True)
    quote = serializers.CharField(read_only=True, trim_whitespace=False)
    proposal = ProposalSerializer(read_only=True, allow_null=True)
    attributes = AttributesField(read_only=True)
    actor = StrictUUIDField(source="actor_id", read_only=True, allow_null=True)
    proposition = StrictUUIDField(source="proposition_id", read_only=True, allow_null=True)
    decision = StrictChoiceField(CarryDecision, source="decision_or_none", read_only=True, allow_null=True)
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True, default=None)
    at = TimestampField(read_only=True, allow_null=True)
    span = StrictUUIDField(source="span_id", read_only=True, allow_null=True)
    set_version = serializers.IntegerField(source="set.version", read_only=True)


class ItemDecisionSerializer(StrictSerializer):
    """What is decided of a span; the range goes with the decision moved, a quote with kept, too."""

    decision = StrictChoiceField(CarryDecision)
    start = StrictIntegerField(allow_null=True, default=None)
    end = StrictIntegerField(allow_null=True, default=None)
    quote = VerbatimTextField(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values if the range goes with the decision."""
        moved = attrs["decision"] == CarryDecision.MOVED
        wrong = [name for name in ("start", "end") if (attrs[name] is not None) != moved]
        if attrs["quote"] is not None and attrs["decision"] not in (CarryDecision.MOVED, CarryDecision.KEPT):
            wrong.append("quote")
        if wrong:
            detail = gettext(
                "Only “moved” takes a range, and needs one; a quote goes with “moved” or “kept”."
            )
            raise serializers.ValidationError(dict.fromkeys(wrong, detail))
        return attrs


class CarriedSetSerializer(StrictSerializer):
    """One set that went on, or would; the counts of a blind one are null, and before it is made its id."""

    from_set = StrictUUIDField(read_only=True)
    to_set = StrictUUIDField(read_only=True, allow_null=True)
    owner = serializers.CharField(read_only=True)
    state = StrictChoiceField(State, read_only=True)
    counts = StatusCountsSerializer(read_only=True, allow_null=True)
    approved_by_equivalence = StrictBooleanField(read_only=True)


class CarryReportSerializer(StrictSerializer):
    """What a correction did, or would do; the items are the first hundred."""

    counts = StatusCountsSerializer(read_only=True)
    sets = CarriedSetSerializer(many=True, read_only=True)
    items = CarryItemSerializer(many=True, read_only=True)
    approved_by_equivalence = serializers.IntegerField(read_only=True)


class AddedRevisionSerializer(RevisionSerializer):
    """A new version of the text, and what became of the sets."""

    carry = CarryReportSerializer(read_only=True)

    def to_representation(self, instance: tuple[RevisionResult, Any]) -> dict[str, Any]:
        """Return the revision with the report."""
        result, report = instance
        shown: dict[str, Any] = RevisionSerializer().to_representation(result.revision)
        return {**shown, "carry": CarryReportSerializer().to_representation(report)}


class DiffBlockSerializer(StrictSerializer):
    """A range of the old text, and the range of the new one that stands in its place."""

    op = StrictChoiceField(Op, name="DiffOperation", read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; ``from`` is no name in Python."""
        ends: dict[str, Any] = {"min_length": 2, "max_length": 2, "read_only": True}
        return {
            **super().get_fields(),
            "from": serializers.ListField(child=serializers.IntegerField(), **ends),
            "to": serializers.ListField(child=serializers.IntegerField(), **ends),
        }

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return a block of the alignment."""
        return {
            "op": str(instance.op),
            "from": [instance.start, instance.end],
            "to": [instance.new_start, instance.new_end],
        }


class DiffSpansSerializer(StrictSerializer):
    """The spans that needed a look after the correction, by what became of them."""

    touched = CarryItemSerializer(many=True, read_only=True)
    uncertain = CarryItemSerializer(many=True, read_only=True)
    moved = CarryItemSerializer(many=True, read_only=True)
    lost = CarryItemSerializer(many=True, read_only=True)


class DiffSerializer(StrictSerializer):
    """How one revision differs from another."""

    blocks = DiffBlockSerializer(many=True, read_only=True)
    spans = DiffSpansSerializer(read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; ``from`` is no name in Python."""
        numbers = {name: serializers.IntegerField(read_only=True) for name in ("from", "to")}
        return {**numbers, **super().get_fields()}
