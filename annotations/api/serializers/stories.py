"""Serializers of stories, and of the articles that are copies in them."""

from __future__ import annotations

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import (
    LineField,
    StrictChoiceField,
    StrictUUIDField,
    TimestampField,
    TitleField,
)
from annotations.models import MemberState
from annotations.services.core.stories import COPY, LEAD


class StoryRowSerializer(StrictSerializer):
    """A story, without its articles."""

    id = StrictUUIDField(read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    lead = StrictUUIDField(source="lead_id", read_only=True)
    title = TitleField(limits.MAX_TITLE, optional=True, source="lead.title", read_only=True)
    lead_chosen = serializers.BooleanField(
        source="is_lead_chosen", read_only=True, help_text="Whether somebody chose the lead."
    )
    size = serializers.IntegerField(read_only=True, help_text="How many copies it has, the lead among them.")
    version = serializers.IntegerField(read_only=True)


class StoryMemberSerializer(StrictSerializer):
    """An article in a story, and what differs from the lead."""

    article = StrictUUIDField(source="article_id", read_only=True)
    external_id = LineField(
        limits.MAX_EXTERNAL_ID, source="article.external_id", read_only=True, allow_null=True
    )
    title = TitleField(limits.MAX_TITLE, optional=True, source="article.title", read_only=True)
    source = TitleField(limits.MAX_SOURCE, optional=True, source="article.source", read_only=True)
    published_at = TimestampField(source="article.published_at", read_only=True, allow_null=True)
    role = StrictChoiceField((LEAD, COPY), name="CopyRole", read_only=True)
    state = StrictChoiceField(MemberState, read_only=True)
    containment = serializers.FloatField(
        read_only=True, help_text="The share of the smaller text that it has in common with the lead."
    )
    added = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Sentences that only it has."
    )
    missing = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Sentences that only the lead has.",
    )


class StorySerializer(StoryRowSerializer):
    """A story with its articles: the lead, its copies, what is proposed, and what was judged apart."""

    members = StoryMemberSerializer(many=True, read_only=True)
    members_left_out = serializers.IntegerField(read_only=True)


class StoryUpdateSerializer(StrictSerializer):
    """The field of a story that may be changed."""

    lead = StrictUUIDField()


class StoryMemberCreateSerializer(StrictSerializer):
    """An article that somebody judges to be a copy."""

    article = StrictUUIDField()
