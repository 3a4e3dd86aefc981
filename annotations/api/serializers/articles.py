"""Serializers of articles and revisions. Only those of the text's own addresses return the text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import Strict
from annotations.api.serializers.fields import (
    Choice,
    FlatMetadata,
    HttpURL,
    LanguageTag,
    Line,
    Prose,
    StrictInteger,
    StrictUUID,
    Timestamp,
    Title,
    VerbatimText,
)
from annotations.models import Article
from annotations.permissions import Seen, sees_annotators
from annotations.states import ArticleStatus


class RevisionRef(Strict):
    """The current version of the text, without the text."""

    id = StrictUUID(read_only=True)
    number = serializers.IntegerField(read_only=True)
    sha256 = serializers.CharField(read_only=True)
    length = serializers.IntegerField(read_only=True)


class ArticleChange(Strict):
    """The fields of an article that a manager may change."""

    external_id = Line(limits.MAX_EXTERNAL_ID, allow_null=True, default=None)
    title = Title(limits.MAX_TITLE, optional=True)
    source = Title(limits.MAX_SOURCE, optional=True)
    author = Title(limits.MAX_AUTHOR, optional=True)
    url = HttpURL(optional=True)
    language = LanguageTag(optional=True)
    published_at = Timestamp(allow_null=True, default=None)
    story_key = Line(limits.MAX_STORY_KEY, optional=True)
    metadata = FlatMetadata(default=dict)
    annotators = StrictInteger(min_value=1, max_value=limits.MAX_ANNOTATORS, required=False)
    priority = StrictInteger(min_value=-limits.MAX_PRIORITY, max_value=limits.MAX_PRIORITY, default=0)


class ArticleShape(Strict):
    """An article, without its text."""

    id = StrictUUID(read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    external_id = Line(limits.MAX_EXTERNAL_ID, read_only=True, allow_null=True)
    title = Title(limits.MAX_TITLE, optional=True, read_only=True)
    source = Title(limits.MAX_SOURCE, optional=True, read_only=True)
    author = Title(limits.MAX_AUTHOR, optional=True, read_only=True)
    url = HttpURL(optional=True, read_only=True)
    language = LanguageTag(optional=True, read_only=True)
    published_at = Timestamp(read_only=True, allow_null=True)
    story_key = Line(limits.MAX_STORY_KEY, optional=True, read_only=True)
    metadata = FlatMetadata(read_only=True)
    status = Choice(ArticleStatus, read_only=True)
    annotators = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Null for everybody but managers."
    )
    priority = serializers.IntegerField(read_only=True, help_text="The queue hands out higher ones first.")
    excluded_reason = Prose(limits.MAX_PROSE, optional=True, read_only=True)
    revision = RevisionRef(read_only=True)
    version = serializers.IntegerField(read_only=True)
    created_at = Timestamp(read_only=True)

    def to_representation(self, instance: Article | Seen[Article]) -> dict[str, Any]:
        """Return the article; only managers see how many annotators it has."""
        seen = instance if isinstance(instance, Seen) else Seen.of(instance)
        representation = super().to_representation(seen.row)
        if not sees_annotators(seen.role):
            representation["annotators"] = None
        return representation


class ArticleBody(ArticleChange):
    """A new article."""

    id = StrictUUID(required=False)
    text = VerbatimText()


class ReasonBody(Strict):
    """The reason for an action."""

    reason = Prose(limits.MAX_PROSE)


class RevisionShape(RevisionRef):
    """A version of the text, without the text."""

    reason = Prose(limits.MAX_PROSE, optional=True, read_only=True)
    author = serializers.CharField(source="author.username", read_only=True, allow_null=True, default=None)
    created_at = Timestamp(read_only=True)


class RevisionBody(Strict):
    """A new version of the text."""

    id = StrictUUID(required=False)
    text = VerbatimText()
    reason = Prose(limits.MAX_PROSE)


class RevisionTextShape(RevisionRef):
    """A version of the text, with the text."""

    text = serializers.CharField(read_only=True, trim_whitespace=False)
