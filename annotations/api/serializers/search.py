"""Serializers of searches: articles with their hits, facets, and searches that were saved."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.articles import RevisionSummarySerializer
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.collections import ParametersField
from annotations.api.serializers.fields import (
    LineField,
    StrictBooleanField,
    StrictUUIDField,
    TimestampField,
    TitleField,
)
from annotations.services.search.hits import Hit


class FoundArticleSerializer(StrictSerializer):
    """An article that was found."""

    id = StrictUUIDField(read_only=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    title = TitleField(limits.MAX_TITLE, optional=True, read_only=True)
    source = TitleField(limits.MAX_SOURCE, optional=True, read_only=True)
    published_at = TimestampField(read_only=True, allow_null=True)


class HitSerializer(StrictSerializer):
    """A hit: half-open offsets in code points, with the words around it.

    They count in the revision; for titles in the title, for comments in the comment. ``spans`` are those
    that it touches, or in which it was found, as far as the caller sees them.
    """

    start = serializers.IntegerField(read_only=True)
    end = serializers.IntegerField(read_only=True)
    quote = serializers.CharField(read_only=True)
    before = serializers.CharField(read_only=True)
    after = serializers.CharField(read_only=True)
    spans = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    comment = StrictUUIDField(read_only=True, allow_null=True)

    def to_representation(self, instance: Hit) -> dict[str, Any]:
        """Return the hit; a page may have a thousand, which fields would show one by one."""
        comment = None if instance.comment is None else str(instance.comment)
        return {**instance._asdict(), "spans": list(map(str, instance.spans)), "comment": comment}


class SearchResultSerializer(StrictSerializer):
    """An article with its first hits; ``hits_total`` counts all of them."""

    article = FoundArticleSerializer(read_only=True)
    revision = RevisionSummarySerializer(read_only=True)
    hits = HitSerializer(many=True, read_only=True)
    hits_total = serializers.IntegerField(read_only=True)


class FacetValueSerializer(StrictSerializer):
    """A value of a facet, and how many of the articles found have it."""

    value = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    count = serializers.IntegerField(read_only=True)


class SearchPageSerializer(StrictSerializer):
    """A page of results, how the question was understood, and facets by name if they were asked for."""

    understood = serializers.CharField(read_only=True)
    next = serializers.URLField(read_only=True, allow_null=True)
    previous = serializers.URLField(read_only=True, allow_null=True)
    results = SearchResultSerializer(many=True, read_only=True)
    facets = serializers.DictField(child=FacetValueSerializer(many=True), read_only=True, allow_null=True)


class SavedSearchUpdateSerializer(StrictSerializer):
    """The fields of a saved search that may be changed."""

    name = LineField(limits.MAX_SEARCH_NAME)
    query = LineField(limits.MAX_QUESTION, help_text="The question, as the parameter q.")
    filters = ParametersField(default=dict, help_text="The other parameters of the search, as texts.")
    shared = StrictBooleanField(default=False, help_text="Whether all members of the corpus see it.")


class SavedSearchCreateSerializer(SavedSearchUpdateSerializer):
    """A search to save."""

    id = StrictUUIDField(required=False)


class SavedSearchSerializer(StrictSerializer):
    """A search that somebody has saved."""

    id = StrictUUIDField(read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True)
    name = LineField(limits.MAX_SEARCH_NAME, read_only=True)
    query = LineField(limits.MAX_QUESTION, read_only=True)
    filters = serializers.DictField(child=serializers.CharField(), read_only=True)
    shared = StrictBooleanField(read_only=True)
    created_at = TimestampField(read_only=True)
    version = serializers.IntegerField(read_only=True)
