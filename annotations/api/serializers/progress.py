"""Serializers of a manager's statistics: progress, throughput, waiting times and blockers."""

from __future__ import annotations

from rest_framework import serializers

from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import StrictChoiceField, StrictUUIDField
from annotations.enums import ArticleStatus, State


class ProgressArticlesSerializer(StrictSerializer):
    """The articles by status; ``share_done`` leaves out what is excluded."""

    total = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)
    share_done = serializers.FloatField(read_only=True, allow_null=True)
    by_status = serializers.DictField(read_only=True, help_text=", ".join(ArticleStatus))


class WaitingTimeSerializer(StrictSerializer):
    """How long the sets of a state have been in it."""

    state = StrictChoiceField(State, read_only=True)
    sets = serializers.IntegerField(read_only=True)
    median_hours = serializers.FloatField(read_only=True, allow_null=True)
    longest_hours = serializers.FloatField(read_only=True, allow_null=True)


class BlockerSerializer(StrictSerializer):
    """Work that cannot go on, and for whom it waits; ``who`` is null where somebody is missing."""

    code = serializers.CharField(read_only=True)
    who = serializers.CharField(read_only=True, allow_null=True)
    count = serializers.IntegerField(read_only=True)
    articles = serializers.ListField(child=StrictUUIDField(), read_only=True)
    detail = serializers.CharField(read_only=True)


class ProgressSerializer(StrictSerializer):
    """The progress of a corpus."""

    articles = ProgressArticlesSerializer(read_only=True)
    throughput = serializers.ListField(child=serializers.DictField(), read_only=True)
    waiting = WaitingTimeSerializer(many=True, read_only=True)
    people = serializers.ListField(child=serializers.DictField(), read_only=True)
    blocked = BlockerSerializer(many=True, read_only=True)
    agreement = serializers.ListField(child=serializers.DictField(), read_only=True)
