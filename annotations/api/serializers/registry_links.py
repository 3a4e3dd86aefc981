"""Serializers of what stands between entries of the registry: affiliations, pairs and judgements."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import EmptyAsNullField, StrictSerializer
from annotations.api.serializers.fields import (
    LineField,
    ProseField,
    StrictChoiceField,
    StrictTextField,
    StrictUUIDField,
    TimestampField,
)
from annotations.api.serializers.registry import ActorSerializer, PropositionSerializer, TopicSerializer
from annotations.models import EntryKind, Verdict
from annotations.scheme.affiliations import AFFILIATION_KINDS
from annotations.text.parsing import parse_partial_date


class PartialDateField(StrictTextField):
    """Field for a date as exact as it is known: YYYY, YYYY-MM or YYYY-MM-DD."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_length=10, optional=True, **kwargs)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError`` unless the value is empty or a date of the calendar."""
        if value:
            parse_partial_date(value)


class AffiliationUpdateSerializer(StrictSerializer):
    """The fields of an affiliation that may be changed."""

    organisation = StrictUUIDField(source="organisation_id")
    role = LineField(limits.MAX_AFFILIATION_ROLE, optional=True)
    kind = StrictChoiceField(AFFILIATION_KINDS, name="AffiliationKind")
    since = PartialDateField()
    until = PartialDateField()
    note = ProseField(limits.MAX_PROSE, optional=True)


class AffiliationCreateSerializer(AffiliationUpdateSerializer):
    """A new affiliation."""

    id = StrictUUIDField(required=False)


class AffiliationSerializer(StrictSerializer):
    """To which organisation an actor belongs, as what, and when."""

    id = StrictUUIDField(read_only=True)
    actor = StrictUUIDField(source="actor_id", read_only=True)
    organisation = StrictUUIDField(source="organisation_id", read_only=True)
    role = LineField(limits.MAX_AFFILIATION_ROLE, optional=True, read_only=True)
    kind = StrictChoiceField(AFFILIATION_KINDS, name="AffiliationKind", read_only=True)
    since = PartialDateField(read_only=True)
    until = PartialDateField(read_only=True)
    note = ProseField(limits.MAX_PROSE, optional=True, read_only=True)
    version = serializers.IntegerField(read_only=True)


class ContextSerializer(StrictSerializer):
    """A place where an entry occurs."""

    span = StrictUUIDField(source="pk", read_only=True)
    set = StrictUUIDField(source="set_id", read_only=True)
    article = StrictUUIDField(source="set.article_id", read_only=True)
    label = serializers.CharField(read_only=True)
    quote = serializers.CharField(read_only=True)


class PairContextsSerializer(StrictSerializer):
    """The newest quotes of both entries that the caller sees, three at most of each."""

    left = ContextSerializer(many=True, read_only=True)
    right = ContextSerializer(many=True, read_only=True)


class ActorPairSerializer(StrictSerializer):
    """Two actors that look alike."""

    left: Any = ActorSerializer(read_only=True)
    right: Any = ActorSerializer(read_only=True)
    score = serializers.IntegerField(read_only=True)
    reasons = serializers.ListField(child=serializers.CharField(), read_only=True)
    together = serializers.IntegerField(read_only=True)
    contexts = PairContextsSerializer(read_only=True)


class TopicPairSerializer(ActorPairSerializer):
    """Two topics that look alike."""

    left = TopicSerializer(read_only=True)
    right = TopicSerializer(read_only=True)


class PropositionPairSerializer(ActorPairSerializer):
    """Two propositions that look alike."""

    left = PropositionSerializer(read_only=True)
    right = PropositionSerializer(read_only=True)


PAIR_SERIALIZERS: dict[EntryKind, type[ActorPairSerializer]] = {
    EntryKind.ACTOR: ActorPairSerializer,
    EntryKind.TOPIC: TopicPairSerializer,
    EntryKind.PROPOSITION: PropositionPairSerializer,
}


class JudgementCreateSerializer(StrictSerializer):
    """What somebody judges of two entries; a verdict of null takes it back."""

    left = StrictUUIDField()
    right = StrictUUIDField()
    verdict = StrictChoiceField(Verdict, allow_null=True)
    reason = ProseField(limits.MAX_PROSE, optional=True)


class JudgementSerializer(StrictSerializer):
    """What somebody judged of two entries."""

    kind = StrictChoiceField(EntryKind, read_only=True)
    left = StrictUUIDField(read_only=True)
    right = StrictUUIDField(read_only=True)
    verdict = EmptyAsNullField()
    reason = ProseField(limits.MAX_PROSE, optional=True, read_only=True)
    by = serializers.CharField(source="by.username", read_only=True)
    at = TimestampField(read_only=True, allow_null=True)
