"""Serializers of sets: the row of a list, all that a workbench needs, and the bodies of transitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from annotations import limits
from annotations.api.serializers.articles import ArticleSerializer, RevisionTextSerializer
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import (
    LineField,
    ProseField,
    StrictBooleanField,
    StrictChoiceField,
    StrictUUIDField,
    TimestampField,
)
from annotations.api.serializers.set_content import (
    CommentSerializer,
    RelationSerializer,
    SpanSerializer,
    represent_span_row,
)
from annotations.enums import ApprovalBasis, Round, SetKind, State
from annotations.messages import message
from annotations.models import AnnotationSet, Article, Comment, Relation
from annotations.permissions import VisibleRow
from annotations.services.team.queue import QueueTask
from annotations.translation import translate_message
from annotations.workflow import USER_TRANSITIONS


class AnnotationSetSerializer(StrictSerializer):
    """A set without its content."""

    id = StrictUUIDField(read_only=True)
    article = StrictUUIDField(source="article_id", read_only=True)
    revision = StrictUUIDField(source="revision_id", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True)
    reviewer = serializers.CharField(
        source="reviewer.username", read_only=True, allow_null=True, default=None
    )
    kind = StrictChoiceField(SetKind, read_only=True)
    round = StrictChoiceField(Round, read_only=True)
    state = StrictChoiceField(State, read_only=True)
    version = serializers.IntegerField(read_only=True)
    guideline_version = serializers.IntegerField(read_only=True)
    based_on = StrictUUIDField(source="based_on_id", read_only=True, allow_null=True)
    imported = StrictBooleanField(read_only=True)
    due_at = TimestampField(read_only=True, allow_null=True)
    created_at = TimestampField(read_only=True)
    submitted_at = TimestampField(read_only=True, allow_null=True)
    approved_at = TimestampField(read_only=True, allow_null=True)
    approved_by = StrictChoiceField(ApprovalBasis, source="approval_basis", read_only=True, allow_null=True)


@dataclass(frozen=True, slots=True)
class SetContents:
    """A set with its content, and the transitions that the caller may make."""

    row: AnnotationSet
    article: VisibleRow[Article]
    spans: Sequence[Mapping[str, Any]]
    relations: Sequence[Relation]
    comments: Sequence[Comment]
    allowed: Sequence[str]


class AnnotationSetDetailSerializer(AnnotationSetSerializer):
    """A set with all that a workbench needs."""

    article = ArticleSerializer(read_only=True)
    revision = RevisionTextSerializer(read_only=True)
    spans = SpanSerializer(many=True, read_only=True)
    relations = RelationSerializer(many=True, read_only=True)
    comments = CommentSerializer(many=True, read_only=True)
    allowed = serializers.ListField(
        child=StrictChoiceField([row.name for row in USER_TRANSITIONS], name="TransitionName"), read_only=True
    )

    def to_representation(self, instance: SetContents) -> dict[str, Any]:
        """Return the set with its article and revision in place of their ids, then its content."""
        relation, comment = RelationSerializer(), CommentSerializer()
        return {
            **AnnotationSetSerializer().to_representation(instance.row),
            "article": ArticleSerializer().to_representation(instance.article),
            "revision": RevisionTextSerializer().to_representation(instance.row.revision),
            "spans": [represent_span_row(row) for row in instance.spans],
            "relations": [relation.to_representation(row) for row in instance.relations],
            "comments": [comment.to_representation(row) for row in instance.comments],
            "allowed": list(instance.allowed),
        }


class AnnotationSetCreateSerializer(StrictSerializer):
    """A set to be assigned; without an owner to the caller. An adjudication is always production."""

    id = StrictUUIDField(required=False)
    owner = LineField(limits.MAX_USERNAME, allow_null=True, default=None)
    kind = StrictChoiceField(SetKind, default=str(SetKind.ANNOTATION))
    round = StrictChoiceField(Round, default=str(Round.PRODUCTION))
    due_at = TimestampField(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise if a calibration is to be adjudicated: it trains annotators and is never adjudicated."""
        if (attrs["kind"], attrs["round"]) == (SetKind.ADJUDICATION, Round.CALIBRATION):
            sentence = message(
                "A calibration is never adjudicated, since it never becomes gold; leave it out."
            )
            raise serializers.ValidationError({"round": [ErrorDetail(translate_message(sentence), "value")]})
        return attrs


class TransitionSerializer(StrictSerializer):
    """The body of a transition."""

    comment = ProseField(limits.MAX_PROSE, optional=True)
    reason = ProseField(limits.MAX_PROSE, optional=True)


class ReasonedTransitionSerializer(TransitionSerializer):
    """The body of a transition that needs a reason."""

    reason = ProseField(limits.MAX_PROSE)


class ReopenSerializer(ReasonedTransitionSerializer):
    """The body of a reopening: also for whom."""

    owner = LineField(limits.MAX_USERNAME, allow_null=True, default=None)


class QueueRequestSerializer(StrictSerializer):
    """The kind of work that the caller asks for.

    ``another``: beside the work that the caller holds; with an ``id``, a repeat takes no further one.
    """

    task = StrictChoiceField(QueueTask)
    another = StrictBooleanField(default=False)
    id = StrictUUIDField(required=False)


class QueueResponseSerializer(StrictSerializer):
    """The set to work on, or the reason why there is none."""

    set = AnnotationSetSerializer(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True, allow_null=True)
