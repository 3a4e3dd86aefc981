"""Serializers of corpora, members, tokens and the caller."""

from __future__ import annotations

import re

from rest_framework import serializers

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
from annotations.models.corpora import SLUG
from annotations.permissions import Scope
from annotations.says import says

GUIDELINE_LIMIT = 200_000
PROSE_LIMIT = 10_000
MOST_ANNOTATORS = 100
MOST_OPEN = 1_000


class Slug(Text):
    """Field for a name in addresses: lower-case letters, digits and single hyphens."""

    def __init__(self) -> None:
        super().__init__(max_length=50)

    def check(self, value: str) -> None:
        """Raise ``ValueError`` if the value does not fit the model's pattern."""
        if len(value) > 50 or not re.match(SLUG.regex, value):
            raise ValueError(says("{slug} It has at most 50 of them.", slug=SLUG.message))


class CorpusChange(Strict):
    """The fields of a corpus that a manager may change."""

    name = Line(200)
    description = Prose(PROSE_LIMIT, optional=True)
    guideline = Prose(GUIDELINE_LIMIT, optional=True)
    depth = Choice(Depth, default=str(Depth.SPANS))
    annotators_per_article = StrictInteger(min_value=1, max_value=MOST_ANNOTATORS, default=1)
    same_label_overlap = StrictBoolean(default=False)
    double_share = StrictInteger(min_value=0, max_value=100, default=5)
    most_open = StrictInteger(min_value=0, max_value=MOST_OPEN, allow_null=True, default=None)
    archived = StrictBoolean(default=False)


class CorpusShape(Strict):
    """A corpus."""

    id = StrictUUID(required=False)
    slug = Slug()
    name = Line(200)
    description = Prose(PROSE_LIMIT, optional=True)
    guideline = Prose(GUIDELINE_LIMIT, optional=True)
    guideline_version = serializers.IntegerField(read_only=True)
    depth = Choice(Depth, default=str(Depth.SPANS))
    annotators_per_article = StrictInteger(min_value=1, max_value=MOST_ANNOTATORS, default=1)
    same_label_overlap = StrictBoolean(default=False)
    double_share = StrictInteger(min_value=0, max_value=100, default=5)
    most_open = StrictInteger(min_value=0, max_value=MOST_OPEN, allow_null=True, default=None)
    archived = StrictBoolean(default=False)
    my_role = Choice(Role, read_only=True)
    version = serializers.IntegerField(read_only=True)


class MemberShape(Strict):
    """A membership."""

    username = Line(150, source="user.username")
    role = Choice(Role)
    version = serializers.IntegerField(read_only=True)


class MemberChange(Strict):
    """Another role for a member."""

    role = Choice(Role)


class TokenShape(Strict):
    """An access token, without its secret."""

    id = StrictUUID(required=False)
    name = Line(100)
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
