"""Serializers of sets: the row of a list, all that a workbench needs, and the bodies of transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from annotations import limits
from annotations.api.serializers.articles import ArticleShape, RevisionTextShape
from annotations.api.serializers.base import Strict
from annotations.api.serializers.content import CommentShape, RelationShape, SpanShape
from annotations.api.serializers.fields import Choice, Line, Prose, StrictBoolean, StrictUUID, Timestamp
from annotations.models import AnnotationSet, Article, Comment, Relation, Span
from annotations.permissions import Seen
from annotations.says import says
from annotations.services.queue import Task
from annotations.states import Kind, Round, State
from annotations.told import told
from annotations.workflow import BY_PEOPLE


class SetRow(Strict):
    """A set without its content."""

    id = StrictUUID(read_only=True)
    article = StrictUUID(source="article_id", read_only=True)
    revision = StrictUUID(source="revision_id", read_only=True)
    owner = serializers.CharField(source="owner_name", read_only=True)
    reviewer = serializers.CharField(source="reviewer_name", read_only=True, allow_null=True)
    kind = Choice(Kind, read_only=True)
    round = Choice(Round, read_only=True)
    state = Choice(State, read_only=True)
    version = serializers.IntegerField(read_only=True)
    guideline_version = serializers.IntegerField(read_only=True)
    based_on = StrictUUID(source="based_on_id", read_only=True, allow_null=True)
    imported = StrictBoolean(read_only=True)
    due_at = Timestamp(read_only=True, allow_null=True)
    created_at = Timestamp(read_only=True)
    submitted_at = Timestamp(read_only=True, allow_null=True)
    approved_at = Timestamp(read_only=True, allow_null=True)


@dataclass(frozen=True, slots=True)
class SetContents:
    """A set with its content, and the transitions that the caller may make."""

    row: AnnotationSet
    article: Seen[Article]
    spans: Sequence[Span]
    relations: Sequence[Relation]
    comments: Sequence[Comment]
    allowed: Sequence[str]


class SetDetail(SetRow):
    """A set with all that a workbench needs."""

    article = ArticleShape(read_only=True)
    revision = RevisionTextShape(read_only=True)
    spans = SpanShape(many=True, read_only=True)
    relations = RelationShape(many=True, read_only=True)
    comments = CommentShape(many=True, read_only=True)
    allowed = serializers.ListField(child=Choice([row.name for row in BY_PEOPLE]), read_only=True)

    def to_representation(self, instance: SetContents) -> dict[str, Any]:
        """Return the set with its article and revision in place of their ids, then its content."""
        return {
            **SetRow().to_representation(instance.row),
            "article": ArticleShape().to_representation(instance.article),
            "revision": RevisionTextShape().to_representation(instance.row.revision),
            "spans": [SpanShape().to_representation(span) for span in instance.spans],
            "relations": [RelationShape().to_representation(relation) for relation in instance.relations],
            "comments": [CommentShape().to_representation(comment) for comment in instance.comments],
            "allowed": list(instance.allowed),
        }


class SetBody(Strict):
    """A set to be assigned; without an owner to the caller. An adjudication is always production."""

    id = StrictUUID(required=False)
    owner = Line(limits.MAX_USERNAME, allow_null=True, default=None)
    kind = Choice(Kind, default=str(Kind.ANNOTATION))
    round = Choice(Round, default=str(Round.PRODUCTION))
    due_at = Timestamp(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise if a calibration is to be adjudicated: it trains annotators and is never adjudicated."""
        if (attrs["kind"], attrs["round"]) == (Kind.ADJUDICATION, Round.CALIBRATION):
            sentence = says("A calibration is never adjudicated, since it never becomes gold; leave it out.")
            raise serializers.ValidationError({"round": [ErrorDetail(told(sentence), "value")]})
        return attrs


class MoveBody(Strict):
    """The body of a transition."""

    comment = Prose(limits.MAX_PROSE, optional=True)
    reason = Prose(limits.MAX_PROSE, optional=True)


class ReasonedMoveBody(MoveBody):
    """The body of a transition that needs a reason."""

    reason = Prose(limits.MAX_PROSE)


class ReopenBody(ReasonedMoveBody):
    """The body of a reopening: also for whom."""

    owner = Line(limits.MAX_USERNAME, allow_null=True, default=None)


class QueueBody(Strict):
    """The kind of work that the caller asks for.

    ``another``: beside the work that the caller holds, under this id.
    """

    task = Choice(Task)
    another = StrictBoolean(default=False)
    id = StrictUUID(required=False)


class QueueAnswer(Strict):
    """The set to work on, or the reason why there is none."""

    set = SetRow(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True, allow_null=True)
