"""Shapes of the registry."""

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
    """An item of Wikidata, such as Q42."""

    def __init__(self) -> None:
        super().__init__(max_length=limits.MAX_QID, optional=True)

    def check(self, value: str) -> None:
        """Q and a number without leading zeros."""
        if value:
            limits.check_qid(value)


class AliasShape(Strict):
    """A way in which an actor is written."""

    text = Line(limits.MAX_ALIAS)
    language = LanguageTag(optional=True)
    kind = Choice(AliasKind, default=str(AliasKind.NAME))


@extend_schema_field(AliasShape(many=True))
class Aliases(serializers.Field[list[dict[str, Any]], Any, list[dict[str, Any]], Any]):
    """Aliases as a whole: each is checked in full, also in a PATCH, where DRF lets parts be missing."""

    default_error_messages = {"null": gettext_lazy("It cannot be null; send a list.")}

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        """The checked aliases."""
        shape = AliasShape(data=data, many=True)
        shape.is_valid(raise_exception=True)
        return list(shape.validated_data)


class ActorChange(Strict):
    """What may be changed of an actor; aliases are replaced whole."""

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
    """What may be changed of a topic."""

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
    """What may be changed of a proposition."""

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
    """Nothing."""
