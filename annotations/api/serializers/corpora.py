"""Serializers of corpora, members, tokens and the caller."""

from __future__ import annotations

from django.utils.translation import gettext
from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.collections import StrictListField
from annotations.api.serializers.fields import (
    LineField,
    ProseField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictTextField,
    StrictUUIDField,
    TimestampField,
)
from annotations.api.serializers.progress import ProgressSerializer
from annotations.enums import CarryApproval, Scope
from annotations.models import Depth, Role


class CorpusSlugField(StrictTextField):
    """Field for a name in addresses: lower-case letters, digits and single hyphens."""

    def __init__(self) -> None:
        super().__init__(max_length=limits.MAX_SLUG)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError`` if the value does not fit the model's pattern."""
        limits.check_slug(value)


class CorpusUpdateSerializer(StrictSerializer):
    """The fields of a corpus that a manager may change."""

    name = LineField(limits.MAX_CORPUS_NAME)
    description = ProseField(limits.MAX_PROSE, optional=True)
    guideline = ProseField(limits.MAX_GUIDELINE, optional=True)
    depth = StrictChoiceField(Depth, default=str(Depth.SPANS))
    annotators_per_article = StrictIntegerField(min_value=1, max_value=limits.MAX_ANNOTATORS, default=1)
    same_label_overlap = StrictBooleanField(default=False)
    double_share = StrictIntegerField(min_value=0, max_value=limits.MAX_DOUBLE_SHARE, default=5)
    most_open = StrictIntegerField(min_value=0, max_value=limits.MAX_OPEN_SETS, allow_null=True, default=None)
    carry_approval = StrictChoiceField(CarryApproval, default=str(CarryApproval.REVIEW))
    archived = StrictBooleanField(default=False)


class CorpusSerializer(StrictSerializer):
    """A corpus."""

    id = StrictUUIDField(required=False)
    slug = CorpusSlugField()
    name = LineField(limits.MAX_CORPUS_NAME)
    description = ProseField(limits.MAX_PROSE, optional=True)
    guideline = ProseField(limits.MAX_GUIDELINE, optional=True)
    guideline_version = serializers.IntegerField(read_only=True)
    depth = StrictChoiceField(Depth, default=str(Depth.SPANS))
    annotators_per_article = StrictIntegerField(min_value=1, max_value=limits.MAX_ANNOTATORS, default=1)
    same_label_overlap = StrictBooleanField(default=False)
    double_share = StrictIntegerField(min_value=0, max_value=limits.MAX_DOUBLE_SHARE, default=5)
    most_open = StrictIntegerField(min_value=0, max_value=limits.MAX_OPEN_SETS, allow_null=True, default=None)
    carry_approval = StrictChoiceField(CarryApproval, default=str(CarryApproval.REVIEW))
    archived = StrictBooleanField(default=False)
    my_role = StrictChoiceField(Role, read_only=True)
    version = serializers.IntegerField(read_only=True)


class MemberSerializer(StrictSerializer):
    """A membership."""

    username = LineField(limits.MAX_USERNAME, source="user.username")
    role = StrictChoiceField(Role)
    version = serializers.IntegerField(read_only=True)


class MemberUpdateSerializer(StrictSerializer):
    """Another role for a member."""

    role = StrictChoiceField(Role)


class TokenSerializer(StrictSerializer):
    """An access token, without its secret."""

    id = StrictUUIDField(required=False)
    name = LineField(limits.MAX_TOKEN_NAME)
    scopes = StrictListField(child=StrictChoiceField(Scope), allow_empty=False, max_length=len(Scope))
    expires_at = TimestampField(allow_null=True, default=None)
    created_at = TimestampField(read_only=True)

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        """Refuse the scope of private addresses, which are made at ``feeds/``."""
        if Scope.FEED in scopes:
            raise serializers.ValidationError(
                gettext("The scope feed is that of the private address of a feed; make one at feeds/."),
                "choice",
            )
        return scopes


class TokenWithSecretSerializer(TokenSerializer):
    """An access token with its secret, shown this once: null in the answer to a repeat."""

    token = serializers.CharField(read_only=True, allow_null=True)


class OwnMembershipSerializer(StrictSerializer):
    """The caller's role in one corpus."""

    corpus = serializers.CharField(read_only=True)
    role = StrictChoiceField(Role, read_only=True)


class MeSerializer(StrictSerializer):
    """The caller; ``scopes`` is null in a session."""

    username = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True, allow_null=True)
    scopes = serializers.ListField(child=StrictChoiceField(Scope), read_only=True, allow_null=True)
    memberships = OwnMembershipSerializer(many=True, read_only=True)


class StatsSerializer(StrictSerializer):
    """Counts of what the caller sees. ``progress`` is what ``progress/`` answers, if a manager asks."""

    articles = serializers.DictField(read_only=True)
    sets = serializers.DictField(read_only=True)
    spans = serializers.DictField(read_only=True)
    progress = ProgressSerializer(read_only=True, allow_null=True)
