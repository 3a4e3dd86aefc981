"""Serializers of merges, of their previews, and of the use of an actor."""

from __future__ import annotations

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import EmptyAsNullField, StrictSerializer
from annotations.api.serializers.fields import (
    ProseField,
    StrictChoiceField,
    StrictUUIDField,
    TimestampField,
)
from annotations.api.serializers.registry import AliasSerializer
from annotations.models import EntryKind


class MergeCreateSerializer(StrictSerializer):
    """A merge of the entry of the address into another one."""

    id = StrictUUIDField(required=False)
    into = StrictUUIDField()
    reason = ProseField(limits.MAX_PROSE)


class MergePreviewCreateSerializer(MergeCreateSerializer):
    """The same for a preview, which needs no reason."""

    reason = ProseField(limits.MAX_PROSE, optional=True)


class MergeUndoSerializer(StrictSerializer):
    """The reason for taking a merge back."""

    reason = ProseField(limits.MAX_PROSE)


class MovedSerializer(StrictSerializer):
    """What an undoing returns, and the aliases that stayed because the winner had them."""

    aliases = AliasSerializer(many=True, read_only=True)
    stayed = AliasSerializer(many=True, read_only=True)
    name_added = serializers.BooleanField(read_only=True)
    children = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    affiliations = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    affiliates = serializers.ListField(child=serializers.UUIDField(), read_only=True)


class MergeSerializer(StrictSerializer):
    """A merge; the last three fields are null while it stands."""

    id = StrictUUIDField(read_only=True)
    kind = StrictChoiceField(EntryKind, read_only=True)
    loser = StrictUUIDField(read_only=True)
    winner = StrictUUIDField(read_only=True)
    reason = EmptyAsNullField()
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True, default=None)
    at = TimestampField(read_only=True)
    moved = MovedSerializer(read_only=True)
    undone_by = serializers.CharField(
        source="undone_by.username", read_only=True, allow_null=True, default=None
    )
    undone_at = TimestampField(read_only=True, allow_null=True)
    undone_reason = EmptyAsNullField()


class MergeProblemSerializer(StrictSerializer):
    """One thing that stands in the way of a merge."""

    code = serializers.CharField(read_only=True)
    detail = serializers.CharField(read_only=True)


class CellSerializer(StrictSerializer):
    """The statements of one actor on one proposition; the score is null where nothing shows a side."""

    support = serializers.IntegerField(read_only=True)
    oppose = serializers.IntegerField(read_only=True)
    mixed = serializers.IntegerField(read_only=True)
    undecided = serializers.IntegerField(read_only=True)
    score = serializers.FloatField(read_only=True, allow_null=True)


class ChangedCellSerializer(StrictSerializer):
    """A cell of the winner, before and after a merge."""

    actor = StrictUUIDField(read_only=True)
    proposition = StrictUUIDField(read_only=True)
    before = CellSerializer(read_only=True)
    after = CellSerializer(read_only=True)


class ChangeCountSerializer(StrictSerializer):
    """How many changes of mind are counted, before and after a merge."""

    before = serializers.IntegerField(read_only=True)
    after = serializers.IntegerField(read_only=True)


class MergePreviewSerializer(StrictSerializer):
    """What a merge would change; spans, sets and articles are those that the caller sees."""

    loser = StrictUUIDField(read_only=True, source="loser.pk")
    winner = StrictUUIDField(read_only=True, source="winner.pk")
    aliases = AliasSerializer(many=True, read_only=True)
    conflicts = MergeProblemSerializer(many=True, read_only=True)
    spans = serializers.IntegerField(read_only=True)
    sets = serializers.IntegerField(read_only=True)
    articles = serializers.IntegerField(read_only=True)
    cells = ChangedCellSerializer(many=True, read_only=True)
    changes_of_mind = ChangeCountSerializer(read_only=True)
    releases = serializers.ListField(child=serializers.IntegerField(), read_only=True)


class SourceUsageSerializer(StrictSerializer):
    """The marks of one source; null is that of articles without one."""

    source = serializers.CharField(read_only=True, allow_null=True)
    spans = serializers.IntegerField(read_only=True)
    articles = serializers.IntegerField(read_only=True)


class PropositionUsageSerializer(StrictSerializer):
    """A proposition on which approved work counts the actor."""

    id = StrictUUIDField(read_only=True)
    text = serializers.CharField(read_only=True)
    statements = serializers.IntegerField(read_only=True)


class ActorUsageSerializer(StrictSerializer):
    """Where an actor occurs, as far as the caller may see it; the first 100 sources and propositions."""

    spans = serializers.IntegerField(read_only=True)
    sets = serializers.IntegerField(read_only=True)
    articles = serializers.IntegerField(read_only=True)
    first_day = serializers.CharField(read_only=True, allow_null=True)
    last_day = serializers.CharField(read_only=True, allow_null=True)
    by_source = SourceUsageSerializer(many=True, read_only=True)
    propositions = PropositionUsageSerializer(many=True, read_only=True)
