"""Adjudication: the source sets, the decisions about their differences, and the sources of spans."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.enums import DecisionChoice, DecisionState, DifferenceKind, ReasonCode
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.sets import AnnotationSet, Span
from annotations.models.vocabulary import translated_choices


class Source(UUIDModel):
    """One of the sets that an adjudication compares; ``position`` 0 is side A."""

    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="sources", db_index=False)
    source = models.ForeignKey(AnnotationSet, on_delete=models.PROTECT, related_name="adjudications")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("set", "position")
        constraints = (
            models.UniqueConstraint(fields=("set", "source"), name="source_once"),
            models.UniqueConstraint(fields=("set", "position"), name="source_position"),
        )

    def __str__(self) -> str:
        return f"side {self.position} of {self.set_id}"


class SpanSource(UUIDModel):
    """The link from a span of an adjudication to a span of a source set that it was taken from."""

    span = models.ForeignKey(Span, on_delete=models.CASCADE, related_name="sources", db_index=False)
    source = models.ForeignKey(Span, on_delete=models.CASCADE, related_name="taken_as")

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("span", "source"), name="span_source_once"),)

    def __str__(self) -> str:
        return f"{self.span_id} from {self.source_id}"


class Decision(VersionedModel):
    """One difference between the sources of an adjudication, and the decision about it.

    ``sides`` has the content of each source, ``{"set", "owner", "span", "relations"}``, in the order of
    the sources and as it was when the adjudication began. If only relations differ, no side has a span, and
    ``ends`` are the two spans of the adjudication between which they are. ``taken`` is the index of the
    side that was taken over, ``span`` the resulting span; ``source_changed``: a source has changed since
    the comparison.
    """

    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    kind = models.CharField(max_length=20, choices=translated_choices(DifferenceKind))
    sides = models.JSONField(default=list)
    ends = models.JSONField(null=True, blank=True)
    state = models.CharField(
        max_length=20, choices=translated_choices(DecisionState), default=DecisionState.OPEN
    )
    choice = models.CharField(
        max_length=20, choices=translated_choices(DecisionChoice), null=True, blank=True
    )
    taken = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=translated_choices(ReasonCode), null=True, blank=True)
    span = models.ForeignKey(Span, on_delete=models.SET_NULL, null=True, blank=True, related_name="decisions")
    source_changed = models.BooleanField(default=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", DifferenceKind, name="decision_kind"),
            values_constraint("state", DecisionState, name="decision_state"),
            values_constraint("choice", DecisionChoice, name="decision_choice"),
            values_constraint("reason", ReasonCode, name="decision_reason"),
            models.CheckConstraint(
                condition=Q(
                    state=DecisionState.OPEN,
                    choice__isnull=True,
                    reason__isnull=True,
                    settled_by__isnull=True,
                    settled_at__isnull=True,
                )
                | Q(
                    state=DecisionState.SETTLED,
                    choice__isnull=False,
                    reason__isnull=False,
                    settled_by__isnull=False,
                    settled_at__isnull=False,
                ),
                name="decision_settled",
            ),
            models.CheckConstraint(
                condition=Q(taken__isnull=True)
                | Q(
                    choice__in=[
                        str(DecisionChoice.TAKE_A),
                        str(DecisionChoice.TAKE_B),
                        str(DecisionChoice.TAKE),
                    ]
                ),
                name="decision_taken",
            ),
        )
        indexes = (models.Index(fields=("set", "state", "id"), name="decision_set_state"),)

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
