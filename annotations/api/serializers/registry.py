"""Serializers of the registry."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import LIST_MESSAGES, StrictSerializer
from annotations.api.serializers.fields import (
    LanguageTagField,
    LineField,
    ProseField,
    StrictChoiceField,
    StrictTextField,
    StrictUUIDField,
)
from annotations.api.serializers.rights import ConfidentialSerializer, ProtectionSerializer
from annotations.models import Actor, ActorKind, AliasKind, PropositionKind, PropositionStatus, Role
from annotations.services.rights.confidentiality import protection_of


class QidField(StrictTextField):
    """Field for an item of Wikidata, such as Q42."""

    def __init__(self) -> None:
        super().__init__(max_length=limits.MAX_QID, optional=True)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError`` unless the value is Q and a number without leading zeros."""
        if value:
            limits.check_qid(value)


class AliasSerializer(StrictSerializer):
    """A spelling of an actor's name."""

    text = LineField(limits.MAX_ALIAS)
    language = LanguageTagField(optional=True)
    kind = StrictChoiceField(AliasKind, default=str(AliasKind.NAME))


@extend_schema_field(AliasSerializer(many=True))
class AliasesField(serializers.Field[list[dict[str, Any]], Any, list[dict[str, Any]], Any]):
    """Field for all aliases of an actor.

    Each is validated in full, also in a PATCH, where DRF would allow missing parts.
    """

    default_error_messages = {"null": LIST_MESSAGES["null"]}

    def to_internal_value(self, data: object) -> list[dict[str, Any]]:
        """Return the validated aliases."""
        serializer = AliasSerializer(data=data, many=True)
        serializer.is_valid(raise_exception=True)
        return list(serializer.validated_data)


class ActorFieldsSerializer(StrictSerializer):
    """The fields of an actor that a new one may have; aliases are replaced whole."""

    name = LineField(limits.MAX_ACTOR_NAME)
    kind = StrictChoiceField(ActorKind)
    qid = QidField()
    parent = StrictUUIDField(source="parent_id", allow_null=True, default=None)
    note = ProseField(limits.MAX_PROSE, optional=True)
    aliases = AliasesField(default=list)


class ActorUpdateSerializer(ActorFieldsSerializer):
    """The fields of an actor that may be changed.

    ``confidential``: a reason protects the actor; null asks for the end of that, and confirms it where
    another manager has asked.
    """

    confidential = ConfidentialSerializer(required=False, allow_null=True)


class ActorCreateSerializer(ActorFieldsSerializer):
    """A new actor."""

    id = StrictUUIDField(required=False)


class ActorSerializer(StrictSerializer):
    """An actor."""

    id = StrictUUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = StrictChoiceField(ActorKind, read_only=True)
    qid = LineField(limits.MAX_QID, optional=True, read_only=True)
    parent = StrictUUIDField(source="parent_id", read_only=True, allow_null=True)
    note = ProseField(limits.MAX_PROSE, optional=True, read_only=True)
    aliases = AliasSerializer(many=True, read_only=True, source="aliases.all")
    merged_into = StrictUUIDField(source="merged_into_id", read_only=True, allow_null=True)
    confidential = serializers.SerializerMethodField()
    version = serializers.IntegerField(read_only=True)

    @extend_schema_field(ProtectionSerializer(allow_null=True))
    def get_confidential(self, actor: Actor) -> dict[str, Any] | None:
        """Return the protection of the actor, or null; the reason is shown to managers only."""
        row = protection_of(actor)
        if row is None:
            return None
        manages = getattr(actor, "my_role", None) == Role.MANAGER
        shown = ProtectionSerializer(row).data
        return dict(shown) if manages else {**shown, "reason": None}


class CreatedActorSerializer(ActorSerializer):
    """An actor that was added, and others with a name that folds like one of its names."""

    similar = ActorSerializer(many=True, read_only=True)


class TopicUpdateSerializer(StrictSerializer):
    """The fields of a topic that may be changed."""

    name = LineField(limits.MAX_TOPIC_NAME)


class TopicCreateSerializer(TopicUpdateSerializer):
    """A new topic."""

    id = StrictUUIDField(required=False)


class TopicSerializer(StrictSerializer):
    """A topic."""

    id = StrictUUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    merged_into = StrictUUIDField(source="merged_into_id", read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)


class CreatedTopicSerializer(TopicSerializer):
    """A topic that was added, and others with a name that folds like one of its names."""

    similar = TopicSerializer(many=True, read_only=True)


class PropositionUpdateSerializer(StrictSerializer):
    """The fields of a proposition that may be changed."""

    topic = StrictUUIDField(source="topic_id", allow_null=True, default=None)
    text = LineField(limits.MAX_PROPOSITION)
    kind = StrictChoiceField(PropositionKind)


class PropositionCreateSerializer(PropositionUpdateSerializer):
    """A new proposition."""

    id = StrictUUIDField(required=False)


class PropositionSerializer(StrictSerializer):
    """A proposition."""

    id = StrictUUIDField(read_only=True)
    topic = StrictUUIDField(source="topic_id", read_only=True, allow_null=True)
    text = serializers.CharField(read_only=True)
    kind = StrictChoiceField(PropositionKind, read_only=True)
    status = StrictChoiceField(PropositionStatus, read_only=True)
    merged_into = StrictUUIDField(source="merged_into_id", read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)


class CreatedPropositionSerializer(PropositionSerializer):
    """A proposition that was added, and others with a name that folds like one of its names."""

    similar = PropositionSerializer(many=True, read_only=True)


class EmptySerializer(StrictSerializer):
    """A body without fields."""
