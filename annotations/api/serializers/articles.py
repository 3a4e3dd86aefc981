"""Serializers of articles and revisions. Only those of the text's own addresses return the text."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.collections import StrictListField
from annotations.api.serializers.fields import (
    HttpURLField,
    LanguageTagField,
    LineField,
    MetadataField,
    ProseField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TimestampField,
    TitleField,
    VerbatimTextField,
)
from annotations.api.serializers.rights import (
    ArticleRightsSerializer,
    ArticleTermsSerializer,
    HoldingReleaseSerializer,
    rights_representation,
)
from annotations.enums import ArticleStatus
from annotations.models import Article
from annotations.permissions import VisibleRow, can_see_annotators
from annotations.services.core.stories import COPY, LEAD, story_place


class RevisionSummarySerializer(StrictSerializer):
    """The current version of the text, without the text."""

    id = StrictUUIDField(read_only=True)
    number = serializers.IntegerField(read_only=True)
    sha256 = serializers.CharField(read_only=True)
    length = serializers.IntegerField(read_only=True)


class ArticleUpdateSerializer(StrictSerializer):
    """The fields of an article that a manager may change."""

    external_id = LineField(limits.MAX_EXTERNAL_ID, allow_null=True, default=None)
    title = TitleField(limits.MAX_TITLE, optional=True)
    source = TitleField(limits.MAX_SOURCE, optional=True)
    author = TitleField(limits.MAX_AUTHOR, optional=True)
    url = HttpURLField(optional=True)
    language = LanguageTagField(optional=True)
    published_at = TimestampField(allow_null=True, default=None)
    story_key = LineField(limits.MAX_STORY_KEY, optional=True)
    metadata = MetadataField(default=dict)
    annotators = StrictIntegerField(min_value=1, max_value=limits.MAX_ANNOTATORS, required=False)
    priority = StrictIntegerField(min_value=-limits.MAX_PRIORITY, max_value=limits.MAX_PRIORITY, default=0)
    rights = ArticleTermsSerializer(required=False, allow_null=True)


class StoryPlaceSerializer(StrictSerializer):
    """The story of an article: the articles that are copies of one text."""

    id = StrictUUIDField(read_only=True)
    role = StrictChoiceField((LEAD, COPY), name="CopyRole", read_only=True)
    size = serializers.IntegerField(read_only=True)


class ArticleSerializer(StrictSerializer):
    """An article, without its text."""

    id = StrictUUIDField(read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    external_id = LineField(limits.MAX_EXTERNAL_ID, read_only=True, allow_null=True)
    title = TitleField(limits.MAX_TITLE, optional=True, read_only=True)
    source = TitleField(limits.MAX_SOURCE, optional=True, read_only=True)
    author = TitleField(limits.MAX_AUTHOR, optional=True, read_only=True)
    url = HttpURLField(optional=True, read_only=True)
    language = LanguageTagField(optional=True, read_only=True)
    published_at = TimestampField(read_only=True, allow_null=True)
    story_key = LineField(limits.MAX_STORY_KEY, optional=True, read_only=True)
    story = serializers.SerializerMethodField()
    metadata = MetadataField(read_only=True)
    status = StrictChoiceField(ArticleStatus, read_only=True)
    annotators = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Null for everybody but managers."
    )
    priority = serializers.IntegerField(read_only=True, help_text="The queue hands out higher ones first.")
    excluded_reason = ProseField(limits.MAX_PROSE, optional=True, read_only=True)
    rights = serializers.SerializerMethodField()
    revision = RevisionSummarySerializer(read_only=True)
    version = serializers.IntegerField(read_only=True)
    created_at = TimestampField(read_only=True)

    @extend_schema_field(StoryPlaceSerializer(allow_null=True))
    def get_story(self, article: Article) -> Any:
        """Return the story of the article, if it has copies."""
        place = story_place(article)
        return None if place is None else StoryPlaceSerializer(place).data

    @extend_schema_field(ArticleRightsSerializer)
    def get_rights(self, article: Article) -> dict[str, Any]:
        """Return the rights of the article, and the terms that hold with those of its corpus."""
        return rights_representation(article)

    def to_representation(self, instance: Article | VisibleRow[Article]) -> dict[str, Any]:
        """Return the article; only managers see how many annotators it has."""
        seen = instance if isinstance(instance, VisibleRow) else VisibleRow.of(instance)
        representation = super().to_representation(seen.row)
        if not can_see_annotators(seen.role):
            representation["annotators"] = None
        return representation


class TakenDownSerializer(StrictSerializer):
    """An article that was taken down, and the releases that hold it."""

    article = ArticleSerializer(read_only=True)
    releases = HoldingReleaseSerializer(many=True, read_only=True)


class ArticleCreateSerializer(ArticleUpdateSerializer):
    """A new article."""

    id = StrictUUIDField(required=False)
    text = VerbatimTextField()


class ReasonSerializer(StrictSerializer):
    """The reason for an action."""

    reason = ProseField(limits.MAX_PROSE)


class RevisionSerializer(RevisionSummarySerializer):
    """A version of the text, without the text."""

    reason = ProseField(limits.MAX_PROSE, optional=True, read_only=True)
    author = serializers.CharField(source="author.username", read_only=True, allow_null=True, default=None)
    created_at = TimestampField(read_only=True)


class RevisionCreateSerializer(StrictSerializer):
    """A new version of the text."""

    id = StrictUUIDField(required=False)
    text = VerbatimTextField()
    reason = ProseField(limits.MAX_PROSE)


class RevisionTextSerializer(RevisionSummarySerializer):
    """A version of the text, with the text."""

    text = serializers.CharField(read_only=True, trim_whitespace=False)


class ExternalIdsField(StrictListField):
    """Field for the external ids of articles, at most as many as a list of a request may have."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=LineField(limits.MAX_EXTERNAL_ID),
            allow_empty=False,
            max_length=limits.MAX_ARTICLES_PER_REQUEST,
            **kwargs,
        )


class ArticleStatusRequestSerializer(StrictSerializer):
    """The articles of which somebody wants to know how far they are."""

    external_ids = ExternalIdsField()


class ArticleStatusRowSerializer(StrictSerializer):
    """The place of an article in the work, and the set that was approved."""

    external_id = LineField(limits.MAX_EXTERNAL_ID, read_only=True)
    id = StrictUUIDField(read_only=True)
    status = StrictChoiceField(ArticleStatus, read_only=True)
    version = serializers.IntegerField(read_only=True)
    revision = StrictUUIDField(source="revision_id", read_only=True)
    approved_set = StrictUUIDField(read_only=True, allow_null=True)
    approved_at = TimestampField(read_only=True, allow_null=True)


class ArticleStatusListSerializer(StrictSerializer):
    """The articles that were found, in the order of the request, and the external ids of no article."""

    results = ArticleStatusRowSerializer(many=True, read_only=True)
    unknown = serializers.ListField(child=serializers.CharField(), read_only=True)
