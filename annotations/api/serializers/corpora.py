"""Serializers of corpora, members, tokens and the caller."""

from __future__ import annotations

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import Strict
from annotations.api.serializers.fields import (
    Choice,
    Line,
    Prose,
    StrictBoolean,
    StrictInteger,
    StrictUUID,
    Text,
    Timestamp,
)
from annotations.api.serializers.progress import ProgressShape
from annotations.models import Depth, Role
from annotations.permissions import Scope


class Slug(Text):
    """Field for a name in addresses: lower-case letters, digits and single hyphens."""

    def __init__(self) -> None:
        super().__init__(max_length=limits.MAX_SLUG)

    def check(self, value: str) -> None:
        """Raise ``ValueError`` if the value is no slug."""
        limits.check_slug(value)


class CorpusChange(Strict):
    """The fields of a corpus that a manager may change."""

    name = Line(limits.MAX_CORPUS_NAME)
    description = Prose(limits.MAX_PROSE, optional=True)
    guideline = Prose(limits.MAX_GUIDELINE, optional=True)
    depth = Choice(Depth, default=str(Depth.SPANS))
    annotators_per_article = StrictInteger(min_value=1, max_value=limits.MAX_ANNOTATORS, default=1)
    same_label_overlap = StrictBoolean(default=False)
    double_share = StrictInteger(min_value=0, max_value=limits.MAX_DOUBLE_SHARE, default=5)
    most_open = StrictInteger(min_value=0, max_value=limits.MAX_OPEN_SETS, allow_null=True, default=None)
    archived = StrictBoolean(default=False)


class CorpusShape(Strict):
    """A corpus."""

    id = StrictUUID(required=False)
    slug = Slug()
    name = Line(limits.MAX_CORPUS_NAME)
    description = Prose(limits.MAX_PROSE, optional=True)
    guideline = Prose(limits.MAX_GUIDELINE, optional=True)
    guideline_version = serializers.IntegerField(read_only=True)
    depth = Choice(Depth, default=str(Depth.SPANS))
    annotators_per_article = StrictInteger(min_value=1, max_value=limits.MAX_ANNOTATORS, default=1)
    same_label_overlap = StrictBoolean(default=False)
    double_share = StrictInteger(min_value=0, max_value=limits.MAX_DOUBLE_SHARE, default=5)
    most_open = StrictInteger(min_value=0, max_value=limits.MAX_OPEN_SETS, allow_null=True, default=None)
    archived = StrictBoolean(default=False)
    my_role = Choice(Role, read_only=True)
    version = serializers.IntegerField(read_only=True)


class MemberShape(Strict):
    """A membership."""

    username = Line(limits.MAX_USERNAME, source="user.username")
    role = Choice(Role)
    version = serializers.IntegerField(read_only=True)


class MemberChange(Strict):
    """Another role for a member."""

    role = Choice(Role)


class TokenShape(Strict):
    """An access token, without its secret."""

    id = StrictUUID(required=False)
    name = Line(limits.MAX_TOKEN_NAME)
    scopes = serializers.ListField(child=Choice(Scope), allow_empty=False, max_length=len(Scope))
    expires_at = Timestamp(allow_null=True, default=None)
    created_at = Timestamp(read_only=True)


class NewTokenShape(TokenShape):
    """An access token with its secret, shown this once."""

    token = serializers.CharField(read_only=True)


class MyMembershipShape(Strict):
    """The caller's role in one corpus."""

    corpus = serializers.CharField(read_only=True)
    role = Choice(Role, read_only=True)


class MeShape(Strict):
    """The caller; ``scopes`` is null in a session."""

    username = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True, allow_null=True)
    scopes = serializers.ListField(child=Choice(Scope), read_only=True, allow_null=True)
    memberships = MyMembershipShape(many=True, read_only=True)


class StatsShape(Strict):
    """Counts of what the caller sees. ``progress`` is what ``progress/`` answers, null but for managers."""

    articles = serializers.DictField(read_only=True)
    sets = serializers.DictField(read_only=True)
    spans = serializers.DictField(read_only=True)
    progress = ProgressShape(read_only=True, allow_null=True)
