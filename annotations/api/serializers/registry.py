"""Serializers of the registry."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import Strict
from annotations.api.serializers.fields import Choice, LanguageTag, Line, Prose, StrictUUID, Text
from annotations.models import ActorKind, AliasKind, PropositionKind, PropositionStatus


class Qid(Text):
    """Field for an item of Wikidata, such as Q42."""

    def __init__(self) -> None:
        super().__init__(max_length=limits.MAX_QID, optional=True)

    def check(self, value: str) -> None:
        """Raise ``ValueError`` unless the value is Q and a number without leading zeros."""
        if value:
            limits.check_qid(value)


class AliasShape(Strict):
    """A spelling of an actor's name."""

    text = Line(limits.MAX_ALIAS)
    language = LanguageTag(optional=True)
    kind = Choice(AliasKind, default=str(AliasKind.NAME))


@extend_schema_field(AliasShape(many=True))
class Aliases(serializers.Field[list[dict[str, Any]], Any, list[dict[str, Any]], Any]):
    """Field for all aliases of an actor.

    Each is validated in full, also in a PATCH, where DRF would allow missing parts.
    """

    default_error_messages = {"null": gettext_lazy("It cannot be null; send a list.")}

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """Return the validated aliases."""
        serializer = AliasShape(data=data, many=True)
        serializer.is_valid(raise_exception=True)
        return list(serializer.validated_data)


class ActorChange(Strict):
    """The fields of an actor that may be changed; aliases are replaced whole."""

    name = Line(limits.MAX_ACTOR_NAME)
    kind = Choice(ActorKind)
    qid = Qid()
    parent = StrictUUID(source="parent_id", allow_null=True, default=None)
    note = Prose(limits.MAX_PROSE, optional=True)
    aliases = Aliases(default=list)


class ActorBody(ActorChange):
    """A new actor."""

    id = StrictUUID(required=False)


class ActorShape(Strict):
    """An actor."""

    id = StrictUUID(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = Choice(ActorKind, read_only=True)
    qid = Line(limits.MAX_QID, optional=True, read_only=True)
    parent = StrictUUID(source="parent_id", read_only=True, allow_null=True)
    note = Prose(limits.MAX_PROSE, optional=True, read_only=True)
    aliases = AliasShape(many=True, read_only=True, source="aliases.all")
    merged_into = StrictUUID(source="merged_into_id", read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)


class TopicChange(Strict):
    """The fields of a topic that may be changed."""

    name = Line(limits.MAX_TOPIC_NAME)


class TopicBody(TopicChange):
    """A new topic."""

    id = StrictUUID(required=False)


class TopicShape(Strict):
    """A topic."""

    id = StrictUUID(read_only=True)
    name = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)


class PropositionChange(Strict):
    """The fields of a proposition that may be changed."""

    topic = StrictUUID(source="topic_id", allow_null=True, default=None)
    text = Line(limits.MAX_PROPOSITION)
    kind = Choice(PropositionKind)


class PropositionBody(PropositionChange):
    """A new proposition."""

    id = StrictUUID(required=False)


class PropositionShape(Strict):
    """A proposition."""

    id = StrictUUID(read_only=True)
    topic = StrictUUID(source="topic_id", read_only=True, allow_null=True)
    text = serializers.CharField(read_only=True)
    kind = Choice(PropositionKind, read_only=True)
    status = Choice(PropositionStatus, read_only=True)
    merged_into = StrictUUID(source="merged_into_id", read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)


class EmptyBody(Strict):
    """A body without fields."""
