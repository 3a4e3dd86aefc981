"""Serializers of team work: assignments, stale work, agreement, reviewers, invitations, notifications."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from annotations import limits
from annotations.api.serializers.base import Strict
from annotations.api.serializers.fields import (
    Choice,
    Email,
    Line,
    StrictBoolean,
    StrictInteger,
    StrictUUID,
    Timestamp,
)
from annotations.api.serializers.sets import SetRow
from annotations.models import Role
from annotations.says import says
from annotations.services.invitations import DAYS, MOST_DAYS
from annotations.states import Kind, Notice, Round, Strategy
from annotations.told import told

_EITHER = says("Send either articles or filter.")


class Owners(serializers.ListField):
    """Field for usernames, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=Line(limits.MAX_USERNAME),
            allow_empty=False,
            max_length=limits.MAX_OWNERS_PER_REQUEST,
            **kwargs,
        )


class ArticleIds(serializers.ListField):
    """Field for ids of articles, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=StrictUUID(), allow_empty=False, max_length=limits.MAX_ARTICLES_PER_REQUEST, **kwargs
        )


class AssignmentBody(Strict):
    """Articles for several people. ``filter`` takes the parameters of the list of articles."""

    articles = ArticleIds(required=False)
    filter = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    owners = Owners()
    strategy = Choice(Strategy, default=str(Strategy.ROUND_ROBIN))
    due_at = Timestamp(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise unless exactly one of ``articles`` and ``filter`` is sent."""
        if ("articles" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError({"articles": [ErrorDetail(told(_EITHER), "value")]})
        return attrs


class CalibrationBody(Strict):
    """The same articles for several people."""

    articles = ArticleIds()
    owners = Owners()
    due_at = Timestamp(allow_null=True, default=None)


class StuckRow(SetRow):
    """A live set without recent events, and the time of its last event."""

    last_at = Timestamp(read_only=True)


class ReviewerShape(Strict):
    """A member, and the reason why they cannot review the set, if they cannot."""

    username = serializers.CharField(read_only=True)
    role = Choice(Role, read_only=True)
    can = StrictBoolean(read_only=True)
    reason = serializers.CharField(read_only=True, allow_null=True)


class ModeShape(Strict):
    """A mode of work, and the smallest team for it."""

    mode = serializers.CharField(read_only=True)
    people = serializers.IntegerField(read_only=True)
    detail = serializers.CharField(read_only=True)


class ReviewersShape(Strict):
    """The possible reviewers of a set; ``reason`` is null where somebody can review it."""

    people = ReviewerShape(many=True, read_only=True)
    reason = serializers.CharField(read_only=True, allow_null=True)
    modes = ModeShape(many=True, read_only=True)


class WorstShape(Strict):
    """One of the articles with the least agreement."""

    article = StrictUUID(read_only=True)
    title = serializers.CharField(read_only=True, allow_null=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    iou_f1 = serializers.FloatField(read_only=True)


class PairShape(Strict):
    """The measures of two people."""

    owners = serializers.ListField(child=serializers.CharField(), read_only=True)
    articles = serializers.IntegerField(read_only=True)
    labels = serializers.DictField(read_only=True)


class AgreementShape(Strict):
    """Agreement as it was frozen. Each measure is a number or null, with its reason in ``reasons``."""

    round = Choice(Round, read_only=True)
    kind = Choice(Kind, read_only=True)
    articles = serializers.IntegerField(read_only=True)
    labels = serializers.DictField(read_only=True)
    pairs = PairShape(many=True, read_only=True)
    attributes = serializers.DictField(read_only=True)
    links = serializers.DictField(read_only=True)
    relations = serializers.DictField(read_only=True)
    confusion = serializers.ListField(read_only=True)
    worst = WorstShape(many=True, read_only=True)
    guideline_versions = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    frozen_at = Timestamp(read_only=True, allow_null=True)


class InvitationBody(Strict):
    """An invitation; with ``email`` the link is mailed, too."""

    id = StrictUUID(required=False)
    role = Choice(Role)
    email = Email(optional=True)
    days = StrictInteger(min_value=1, max_value=MOST_DAYS, default=DAYS)


class InvitationShape(Strict):
    """An invitation without its link."""

    id = StrictUUID(read_only=True)
    role = Choice(Role, read_only=True)
    email = Email(optional=True, read_only=True)
    invited_by = serializers.CharField(source="invited_by.username", read_only=True)
    created_at = Timestamp(read_only=True)
    expires_at = Timestamp(read_only=True)
    used_by = serializers.CharField(source="used_by.username", read_only=True, allow_null=True, default=None)
    used_at = Timestamp(read_only=True, allow_null=True)


class NewInvitationShape(InvitationShape):
    """An invitation with its link, shown this once."""

    link = serializers.CharField(read_only=True)


class NotificationShape(Strict):
    """A notification of the caller."""

    id = StrictUUID(read_only=True)
    kind = Choice(Notice, read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    article = StrictUUID(source="set.article_id", read_only=True)
    set = StrictUUID(source="set_id", read_only=True)
    comment = StrictUUID(source="comment_id", read_only=True, allow_null=True)
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True, default=None)
    created_at = Timestamp(read_only=True)
    read_at = Timestamp(read_only=True, allow_null=True)
