"""Annotation sets with their spans, relations and comments."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from annotations.enums import LIVE, ApprovalBasis, Origin, Round, SetKind, State
from annotations.models.articles import Article, Revision
from annotations.models.base import VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import VerbatimText
from annotations.models.registry import Actor, Proposition
from annotations.models.vocabulary import translated_choices
from annotations.scheme import LABEL_NAMES, RELATION_NAMES

IS_LIVE = Q(state__in=sorted(LIVE))


class AnnotationSet(VersionedModel):
    """The annotations of one owner on one revision; the unit of review.

    ``blind`` is derived (``workflow.is_blinded``): while it is true, only the owner sees the content.
    ``span_counts`` maps a label to its number of spans.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="sets", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="sets", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="sets")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sets", db_index=False
    )
    kind = models.CharField(max_length=20, choices=translated_choices(SetKind), default=SetKind.ANNOTATION)
    round = models.CharField(max_length=20, choices=translated_choices(Round), default=Round.PRODUCTION)
    state = models.CharField(max_length=20, choices=translated_choices(State), default=State.OPEN)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reviews",
        db_index=False,
    )
    review_started_at = models.DateTimeField(null=True, blank=True)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    imported = models.BooleanField(default=False)
    blind = models.BooleanField(default=False)
    span_counts = models.JSONField(default=dict)
    guideline_version = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    # Empty until it is approved; the default is the database's too, for bulk inserts without the column.
    approved_by = models.CharField(
        max_length=20, choices=translated_choices(ApprovalBasis), blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = "annotation set"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("revision", "owner", "round", "kind"), condition=IS_LIVE, name="set_live_once"
            ),
            models.UniqueConstraint(
                fields=("article",), condition=Q(state=State.APPROVED), name="set_approved_once"
            ),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("owner")), name="set_four_eyes"
            ),
            values_constraint("state", State, name="set_state"),
            values_constraint("kind", SetKind, name="set_kind"),
            values_constraint("round", Round, name="set_round"),
            values_constraint("approved_by", ("", *ApprovalBasis), name="set_approved_by"),
        )
        indexes = (
            models.Index(fields=("corpus", "state", "id"), name="set_corpus_state"),
            models.Index(fields=("corpus", "id"), name="set_corpus"),
            models.Index(
                fields=("corpus", "-approved_at", "-id"),
                condition=Q(state=State.APPROVED),
                name="set_approved",
            ),
            # What waits for review and is due, in the order of the queue.
            models.Index(
                fields=("corpus", "due_at", "id"),
                condition=Q(state=State.SUBMITTED, due_at__isnull=False),
                name="set_submitted_due",
            ),
            # What happened in the last days.
            models.Index(fields=("corpus", "created_at"), name="set_created"),
            models.Index(
                fields=("corpus", "submitted_at"),
                condition=Q(submitted_at__isnull=False),
                name="set_submitted",
            ),
            models.Index(
                fields=("corpus", "approved_at"), condition=Q(approved_at__isnull=False), name="set_decided"
            ),
            models.Index(fields=("article", "state"), name="set_article_state"),
            models.Index(fields=("owner", "state"), name="set_owner_state"),
            models.Index(fields=("reviewer", "state"), name="set_reviewer_state"),
        )

    def __str__(self) -> str:
        return f"set {self.id}"

    @property
    def approval_basis(self) -> str | None:
        """What the approval rests on; None before it is approved."""
        return self.approved_by or None


class Span(VersionedModel):
    """A labelled range of a set: half-open offsets in code points of the revision."""

    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="spans", db_index=False)
    label = models.CharField(max_length=20, choices=translated_choices(LABEL_NAMES, "label"))
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = VerbatimText()
    attributes = models.JSONField(default=dict)
    actor = models.ForeignKey(
        Actor, on_delete=models.PROTECT, null=True, related_name="spans", db_index=False
    )
    proposition = models.ForeignKey(
        Proposition, on_delete=models.PROTECT, null=True, related_name="spans", db_index=False
    )
    origin = models.CharField(max_length=20, choices=translated_choices(Origin), default=Origin.HUMAN)

    #: The names of the two constraints that an equal second span violates.
    UNIQUE_CONSTRAINTS: ClassVar = ("span_once", "span_once_per_proposition")

    class Meta:
        ordering = ("start", "end", "id")
        constraints = (
            models.CheckConstraint(condition=Q(start__gte=0, start__lt=F("end")), name="span_range"),
            models.CheckConstraint(condition=Q(end=F("start") + Length("quote")), name="span_quote_length"),
            models.UniqueConstraint(
                fields=("set", "label", "start", "end"),
                condition=Q(proposition__isnull=True),
                name="span_once",
            ),
            models.UniqueConstraint(
                fields=("set", "label", "start", "end", "proposition"),
                condition=Q(proposition__isnull=False),
                name="span_once_per_proposition",
            ),
            values_constraint("label", LABEL_NAMES, name="span_label"),
            values_constraint("origin", Origin, name="span_origin"),
        )
        indexes = (
            models.Index(fields=("set", "start"), name="span_set_start"),
            models.Index(
                fields=("actor", "label", "id"), condition=Q(actor__isnull=False), name="span_actor_label"
            ),
            models.Index(
                fields=("proposition", "label", "id"),
                condition=Q(proposition__isnull=False),
                name="span_proposition_label",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.start}-{self.end}"


class Relation(VersionedModel):
    """A typed relation from a span to another span of the same set."""

    # The set of the spans, for lookups. It exists because the spans do; a third foreign key check for each
    # relation took a tenth of the time of an import.
    set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="relations", db_constraint=False, db_index=False
    )
    type = models.CharField(max_length=20, choices=translated_choices(RELATION_NAMES, "relation"))
    source = models.ForeignKey(Span, on_delete=models.CASCADE, related_name="relations_out")
    target = models.ForeignKey(Span, on_delete=models.CASCADE, related_name="relations_in")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("set", "type", "source", "target"), name="relation_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="relation_not_itself"),
            values_constraint("type", RELATION_NAMES, name="relation_type"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.source_id} → {self.target_id}"


class Comment(VersionedModel):
    """A comment on a set, a span or words of its text; a blocking one stops submit and approve.

    ``suggestion`` is what the owner can accept: the fields to replace of the span, or those of a span that is
    missing on the words. Words that a corrected text does not have any more keep their ``quote`` alone.
    """

    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="comments", db_index=False)
    span = models.ForeignKey(Span, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments")
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    quote = models.TextField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = VerbatimText()
    blocking = models.BooleanField(default=False)
    suggestion = models.JSONField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(resolved_by__isnull=True, resolved_at__isnull=True)
                | Q(resolved_by__isnull=False, resolved_at__isnull=False),
                name="comment_resolved",
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__gte=0, start__lt=F("end"), end=F("start") + Length("quote"), quote__isnull=False),
                name="comment_range",
            ),
            models.CheckConstraint(
                condition=Q(span__isnull=True) | Q(quote__isnull=True), name="comment_place"
            ),
        )
        indexes = (models.Index(fields=("set", "id"), name="comment_set"),)

    def __str__(self) -> str:
        return self.text[:60]
