"""Serializers of team work: assignments, stale work, agreement, reviewers, invitations, notifications."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.collections import ParametersField, StrictListField
from annotations.api.serializers.fields import (
    EmailAddressField,
    LineField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TimestampField,
)
from annotations.api.serializers.sets import AnnotationSetSerializer
from annotations.enums import AssignmentStrategy, NotificationKind, Round, SetKind
from annotations.messages import message
from annotations.models import Role
from annotations.services.team.invitations import DEFAULT_DAYS, MAX_DAYS
from annotations.translation import translate_message

_EITHER = message("Send either articles or filter.")


class UsernamesField(StrictListField):
    """Field for usernames, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=LineField(limits.MAX_USERNAME),
            allow_empty=False,
            max_length=limits.MAX_OWNERS_PER_REQUEST,
            **kwargs,
        )


class ArticleIdsField(StrictListField):
    """Field for ids of articles, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=StrictUUIDField(), allow_empty=False, max_length=limits.MAX_ARTICLES_PER_REQUEST, **kwargs
        )


class AssignmentCreateSerializer(StrictSerializer):
    """Articles for several people. ``filter`` takes the parameters of the list of articles."""

    articles = ArticleIdsField(required=False)
    filter = ParametersField(required=False)
    owners = UsernamesField()
    strategy = StrictChoiceField(AssignmentStrategy, default=str(AssignmentStrategy.ROUND_ROBIN))
    due_at = TimestampField(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise unless exactly one of ``articles`` and ``filter`` is sent."""
        if ("articles" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError(
                {"articles": [ErrorDetail(translate_message(_EITHER), "value")]}
            )
        return attrs


class CalibrationCreateSerializer(StrictSerializer):
    """The same articles for several people."""

    articles = ArticleIdsField()
    owners = UsernamesField()
    due_at = TimestampField(allow_null=True, default=None)


class StaleSetSerializer(AnnotationSetSerializer):
    """A live set without recent events, and the time of its last event."""

    last_at = TimestampField(read_only=True)


class ReviewerSerializer(StrictSerializer):
    """A member, and the reason why they cannot review the set, if they cannot."""

    username = serializers.CharField(read_only=True)
    role = StrictChoiceField(Role, read_only=True)
    can = StrictBooleanField(read_only=True)
    reason = serializers.CharField(read_only=True, allow_null=True)


class WorkModeSerializer(StrictSerializer):
    """A mode of work, and the smallest team for it."""

    mode = serializers.CharField(read_only=True)
    people = serializers.IntegerField(read_only=True)
    detail = serializers.CharField(read_only=True)


class SetReviewersSerializer(StrictSerializer):
    """The possible reviewers of a set; ``reason`` is null where somebody can review it."""

    people = ReviewerSerializer(many=True, read_only=True)
    reason = serializers.CharField(read_only=True, allow_null=True)
    modes = WorkModeSerializer(many=True, read_only=True)


class LowAgreementArticleSerializer(StrictSerializer):
    """One of the articles with the least agreement."""

    article = StrictUUIDField(read_only=True)
    title = serializers.CharField(read_only=True, allow_null=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    iou_f1 = serializers.FloatField(read_only=True)


class AgreementPairSerializer(StrictSerializer):
    """The measures of two people."""

    owners = serializers.ListField(child=serializers.CharField(), read_only=True)
    articles = serializers.IntegerField(read_only=True)
    labels = serializers.DictField(read_only=True)


class AgreementPersonSerializer(StrictSerializer):
    """What one person has in common with all others."""

    username = serializers.CharField(read_only=True)
    pairs = serializers.IntegerField(read_only=True)
    comparisons = serializers.IntegerField(read_only=True)
    iou_f1 = serializers.FloatField(read_only=True, allow_null=True)


class AgreementSerializer(StrictSerializer):
    """Agreement as it was frozen. Each measure is a number or null, with its reason in ``reasons``."""

    round = StrictChoiceField(Round, read_only=True)
    kind = StrictChoiceField(SetKind, read_only=True)
    articles = serializers.IntegerField(read_only=True)
    labels = serializers.DictField(read_only=True)
    pairs = AgreementPairSerializer(many=True, read_only=True)
    pairs_left_out = serializers.IntegerField(read_only=True)
    people = AgreementPersonSerializer(many=True, read_only=True)
    attributes = serializers.DictField(read_only=True)
    links = serializers.DictField(read_only=True)
    relations = serializers.DictField(read_only=True)
    confusion = serializers.ListField(read_only=True)
    worst = LowAgreementArticleSerializer(many=True, read_only=True)
    guideline_versions = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    frozen_at = TimestampField(read_only=True, allow_null=True)


class InvitationCreateSerializer(StrictSerializer):
    """An invitation; with ``email`` the link is mailed, too."""

    id = StrictUUIDField(required=False)
    role = StrictChoiceField(Role)
    email = EmailAddressField(optional=True)
    days = StrictIntegerField(min_value=1, max_value=MAX_DAYS, default=DEFAULT_DAYS)


class InvitationSerializer(StrictSerializer):
    """An invitation without its link."""

    id = StrictUUIDField(read_only=True)
    role = StrictChoiceField(Role, read_only=True)
    email = EmailAddressField(optional=True, read_only=True)
    invited_by = serializers.CharField(source="invited_by.username", read_only=True)
    created_at = TimestampField(read_only=True)
    expires_at = TimestampField(read_only=True)
    used_by = serializers.CharField(source="used_by.username", read_only=True, allow_null=True, default=None)
    used_at = TimestampField(read_only=True, allow_null=True)


class InvitationWithLinkSerializer(InvitationSerializer):
    """An invitation with its link, shown this once: null in the answer to a repeat."""

    link = serializers.CharField(read_only=True, allow_null=True)


class NotificationSerializer(StrictSerializer):
    """A notification of the caller."""

    id = StrictUUIDField(read_only=True)
    kind = StrictChoiceField(NotificationKind, read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    article = StrictUUIDField(source="set.article_id", read_only=True, allow_null=True, default=None)
    set = StrictUUIDField(source="set_id", read_only=True, allow_null=True)
    webhook = StrictUUIDField(source="webhook_id", read_only=True, allow_null=True)
    comment = StrictUUIDField(source="comment_id", read_only=True, allow_null=True)
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True, default=None)
    created_at = TimestampField(read_only=True)
    read_at = TimestampField(read_only=True, allow_null=True)
