"""Serializers of the content of a set: spans, relations, comments, problems and changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from annotations import limits
from annotations.api.serializers.base import MAX_ITEMS, StrictSerializer
from annotations.api.serializers.collections import StrictListField, StrictObjectField
from annotations.api.serializers.fields import (
    ProseField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TimestampField,
)
from annotations.enums import Origin
from annotations.exceptions import FieldError, TextNotAllowedError
from annotations.models import Span
from annotations.scheme import (
    LABEL_NAMES,
    RELATION_NAMES,
    check_attributes,
    check_comment_place,
    check_links,
    order_attributes,
)
from annotations.services.review.changes import ChangeKind
from annotations.text.gate import MAX_TEXT
from annotations.translation import translate_message

MAX_OFFSET = 2 * MAX_TEXT  # in UTF-16 units an offset can be twice the code points


class AttributesField(StrictObjectField):
    """Field for attributes of the scheme; which ones a label takes is checked with the label."""

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the object as it was sent."""
        if not isinstance(data, dict):
            self.fail("type")
        return data

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes in scheme order: PostgreSQL keeps the keys of JSON in its own."""
        return order_attributes(value)


class QuoteField(ProseField):
    """Field for words of an article, which may begin or end with any character of a text."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(MAX_TEXT, allow_blank=True, **kwargs)

    def check_value(self, value: str) -> None:
        """Accept everything: the quote is compared with the article later."""


class SpanUpdateSerializer(StrictSerializer):
    """The fields of a span that its owner may change. Offsets are code points, half-open."""

    label = StrictChoiceField(LABEL_NAMES, name="Label")
    start = StrictIntegerField(min_value=-MAX_OFFSET, max_value=MAX_OFFSET)
    end = StrictIntegerField(min_value=-MAX_OFFSET, max_value=MAX_OFFSET)
    quote = QuoteField(required=False)
    attributes = AttributesField(default=dict)
    actor = StrictUUIDField(source="actor_id", allow_null=True, default=None)
    proposition = StrictUUIDField(source="proposition_id", allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values if attributes and links fit the label.

        For a PATCH, ``stored`` in the context provides the fields that are not sent.
        """
        stored: Span | None = self.context.get("stored")
        values: dict[str, Any] = {
            name: attrs.get(name, getattr(stored, name, None))
            for name in ("label", "attributes", "actor_id", "proposition_id")
        }
        errors = check_attributes(values["label"], values["attributes"])
        if not errors:
            errors = check_links(
                values["label"],
                has_actor=values["actor_id"] is not None,
                has_proposition=values["proposition_id"] is not None,
            )
        if errors:
            raise serializers.ValidationError(_nested_errors(errors))
        return attrs


def _nested_errors(errors: list[FieldError]) -> dict[str, Any]:
    """Return errors with relative pointers as DRF nests them; DRF prefixes the place in the body."""
    nested: dict[str, Any] = {}
    for error in errors:
        *parents, last = (
            part.replace("~1", "/").replace("~0", "~") for part in (error.pointer or "/").split("/")[1:]
        )
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
        # The code text-not-allowed would answer 422, which is for the text of an article alone.
        code = "characters" if error.code == TextNotAllowedError.code else error.code
        place[last] = [ErrorDetail(translate_message(error.detail), code)]
    return nested


class SpanCreateSerializer(SpanUpdateSerializer):
    """A new span."""

    id = StrictUUIDField(required=False)


class SpanIdsField(StrictListField):
    """Field for the ids of spans of a set, at most as many as a request may have."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=StrictUUIDField(), allow_empty=False, max_length=MAX_ITEMS, **kwargs)


class SpanBatchSerializer(StrictSerializer):
    """Spans of a set, and what becomes of all of them: deleted, or changed in the fields that are sent.

    ``attributes`` are replaced whole, as by the PATCH of a span; ``set_attributes`` sets those that are
    named, and null takes one away.
    """

    ids = SpanIdsField()
    delete = StrictBooleanField(required=False)
    label = StrictChoiceField(LABEL_NAMES, name="Label", required=False)
    attributes = AttributesField(required=False)
    set_attributes = AttributesField(required=False)
    actor = StrictUUIDField(source="actor_id", allow_null=True, required=False)
    proposition = StrictUUIDField(source="proposition_id", allow_null=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values if they say one thing: to delete the spans, or how to change them."""
        changes = set(attrs) - {"ids", "delete"}
        if bool(attrs.get("delete")) == bool(changes):
            raise serializers.ValidationError(
                gettext("Say what becomes of these spans: either delete, or fields to change."), code="empty"
            )
        if {"attributes", "set_attributes"} <= changes:
            sentence = gettext("Send attributes to replace all of them, or this to set some, and not both.")
            raise serializers.ValidationError({"set_attributes": [ErrorDetail(sentence, "conflict")]})
        return attrs


class SpanSerializer(StrictSerializer):
    """A span."""

    id = StrictUUIDField(read_only=True)
    set = StrictUUIDField(source="set_id", read_only=True)
    label = StrictChoiceField(LABEL_NAMES, name="Label", read_only=True)
    start = serializers.IntegerField(read_only=True)
    end = serializers.IntegerField(read_only=True)
    quote = serializers.CharField(read_only=True, trim_whitespace=False)
    attributes = AttributesField(read_only=True)
    actor = StrictUUIDField(source="actor_id", read_only=True, allow_null=True)
    proposition = StrictUUIDField(source="proposition_id", read_only=True, allow_null=True)
    origin = StrictChoiceField(Origin, read_only=True)
    version = serializers.IntegerField(read_only=True)

    def to_representation(self, instance: Span) -> dict[str, Any]:
        """Return the span without DRF's loop over fields: a set can have thousands of spans."""
        return {
            "id": str(instance.pk),
            "set": str(instance.set_id),
            "label": instance.label,
            "start": instance.start,
            "end": instance.end,
            "quote": instance.quote,
            "attributes": order_attributes(instance.attributes),
            "actor": _id(instance.actor_id),
            "proposition": _id(instance.proposition_id),
            "origin": instance.origin,
            "version": instance.version,
        }


class ListedSpanSerializer(SpanSerializer):
    """A span in a list, with the actor and the proposition that its links stand for after all merges."""

    @classmethod
    def select(cls, rows: QuerySet[Span]) -> QuerySet[Any]:
        """Return spans as the rows that are shown."""
        return select_span_rows(rows, "actor__canonical_id", "proposition__canonical_id")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the span of a row."""
        return represent_span_row(instance)


def select_span_rows(
    rows: QuerySet[Span], actor: str = "actor_id", proposition: str = "proposition_id"
) -> QuerySet[Any]:
    """Return spans as rows for ``represent_span_row``, without objects, their attributes as text."""
    selected: QuerySet[Any] = rows.values(
        *("id", "set_id", "label", "start", "end", "quote", "origin", "version"),
        attributes_text=Cast("attributes", TextField()),
        shown_actor=F(actor),
        shown_proposition=F(proposition),
    )
    return selected


def represent_span_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a span as ``SpanSerializer`` shows it."""
    return {
        "id": str(row["id"]),
        "set": str(row["set_id"]),
        "label": row["label"],
        "start": row["start"],
        "end": row["end"],
        "quote": row["quote"],
        "attributes": _parse_attributes(row["attributes_text"]),
        "actor": _id(row["shown_actor"]),
        "proposition": _id(row["shown_proposition"]),
        "origin": row["origin"],
        "version": row["version"],
    }


@lru_cache(maxsize=1_024)
def _parse_attributes(text: str) -> dict[str, Any]:
    """Return attributes in scheme order; most spans share them with others. Nobody may change them."""
    return order_attributes(json.loads(text))


def _id(value: object) -> str | None:
    return None if value is None else str(value)


class RelationCreateSerializer(StrictSerializer):
    """A new relation."""

    id = StrictUUIDField(required=False)
    type = StrictChoiceField(RELATION_NAMES, name="RelationType")
    source = StrictUUIDField(source="source_id")
    target = StrictUUIDField(source="target_id")


class RelationSerializer(StrictSerializer):
    """A relation."""

    id = StrictUUIDField(read_only=True)
    type = StrictChoiceField(RELATION_NAMES, name="RelationType", read_only=True)
    source = StrictUUIDField(source="source_id", read_only=True)
    target = StrictUUIDField(source="target_id", read_only=True)
    version = serializers.IntegerField(read_only=True)


class ProposedChangeSerializer(StrictSerializer):
    """A proposed change of the span that a comment is about: the fields to replace, without the others.

    Of a comment on words of the text it is the span that is missing there.
    """

    omits_missing = True
    label = StrictChoiceField(LABEL_NAMES, name="Label", required=False)
    start = StrictIntegerField(min_value=0, max_value=MAX_TEXT, required=False)
    end = StrictIntegerField(min_value=0, max_value=MAX_TEXT, required=False)
    attributes = AttributesField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values if there is one to change, and the attributes fit a proposed label."""
        if not attrs:
            raise serializers.ValidationError(
                gettext("It is empty; name at least one field to change."), code="empty"
            )
        errors = check_attributes(attrs["label"], attrs.get("attributes", {})) if "label" in attrs else []
        if errors:
            raise serializers.ValidationError(_nested_errors(errors))
        return attrs

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        """Return the proposed change as it is stored."""
        return dict(instance)


class CommentCreateSerializer(StrictSerializer):
    """A new comment."""

    id = StrictUUIDField(required=False)
    span = StrictUUIDField(source="span_id", allow_null=True, default=None)
    start = StrictIntegerField(min_value=-MAX_OFFSET, max_value=MAX_OFFSET, allow_null=True, default=None)
    end = StrictIntegerField(min_value=-MAX_OFFSET, max_value=MAX_OFFSET, allow_null=True, default=None)
    quote = QuoteField(allow_null=True, default=None)
    parent = StrictUUIDField(source="parent_id", allow_null=True, default=None)
    text = ProseField(limits.MAX_PROSE)
    blocking = StrictBooleanField(default=False)
    suggestion = ProposedChangeSerializer(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values if the comment names one place, and fits it."""
        errors = check_comment_place(
            start=attrs["start"],
            end=attrs["end"],
            quote=attrs["quote"],
            has_span=attrs["span_id"] is not None,
            suggested=attrs["suggestion"],
        )
        if errors:
            raise serializers.ValidationError(_nested_errors(errors))
        return attrs


class CommentUpdateSerializer(StrictSerializer):
    """The new text of a comment, or whether it is resolved."""

    text = ProseField(limits.MAX_PROSE)
    resolved = StrictBooleanField()


class CommentSerializer(StrictSerializer):
    """A comment; one on words that a corrected text does not have any more keeps their quote alone."""

    id = StrictUUIDField(read_only=True)
    span = StrictUUIDField(source="span_id", read_only=True, allow_null=True)
    start = serializers.IntegerField(read_only=True, allow_null=True)
    end = serializers.IntegerField(read_only=True, allow_null=True)
    quote = serializers.CharField(read_only=True, allow_null=True, trim_whitespace=False)
    parent = StrictUUIDField(source="parent_id", read_only=True, allow_null=True)
    author = serializers.CharField(source="author.username", read_only=True)
    text = serializers.CharField(read_only=True, trim_whitespace=False)
    blocking = StrictBooleanField(read_only=True)
    suggestion = ProposedChangeSerializer(read_only=True, allow_null=True)
    resolved_by = serializers.CharField(
        source="resolved_by.username", read_only=True, allow_null=True, default=None
    )
    resolved_at = TimestampField(read_only=True, allow_null=True)
    created_at = TimestampField(read_only=True)
    version = serializers.IntegerField(read_only=True)


class SetProblemSerializer(StrictSerializer):
    """One problem that a rule of the guideline finds."""

    code = serializers.CharField(read_only=True)
    span = StrictUUIDField(read_only=True, allow_null=True)
    relation = StrictUUIDField(read_only=True, allow_null=True)
    blocking = StrictBooleanField(read_only=True)
    detail = serializers.CharField(read_only=True)

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy: a problem is a plain object already."""
        return dict(instance)


class SetProblemsSerializer(StrictSerializer):
    """The problems of a set at one version."""

    version = serializers.IntegerField(read_only=True)
    problems = SetProblemSerializer(many=True, read_only=True)


class SetProblemChangesSerializer(SetProblemsSerializer):
    """The problems that differ from an earlier state.

    They take the place of all in their ``buckets``; null for buckets means that they are all. The bucket of
    a problem is the number that the last four digits of its span are, modulo ``bucket_count``.
    """

    state = serializers.CharField(read_only=True)
    bucket_count = serializers.IntegerField(read_only=True)
    buckets = serializers.ListField(child=serializers.IntegerField(), read_only=True, allow_null=True)


class SpanDifferenceSerializer(StrictSerializer):
    """One difference to what was submitted before: ``before`` or ``after`` is null for what came or went."""

    kind = StrictChoiceField(ChangeKind, read_only=True)
    span = StrictUUIDField(read_only=True)
    before = serializers.DictField(read_only=True, allow_null=True)
    after = serializers.DictField(read_only=True, allow_null=True)


class SetChangesSerializer(StrictSerializer):
    """The changes since the last submission; ``since`` is the seq of its event, null before the first one."""

    since = serializers.IntegerField(read_only=True, allow_null=True)
    changes = SpanDifferenceSerializer(many=True, read_only=True)
