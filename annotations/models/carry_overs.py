"""Carry-overs: what became of the spans of a set when the text of its article was corrected."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.enums import EDITABLE, CarryDecision
from annotations.models.articles import Article, Revision
from annotations.models.base import UUIDModel, values_constraint
from annotations.models.fields import VerbatimText
from annotations.models.registry import Actor, Proposition
from annotations.models.sets import AnnotationSet, Span
from annotations.models.vocabulary import translated_choices
from annotations.scheme import LABEL_NAMES
from annotations.text.align import SILENT, CarryStatus

#: The statuses of spans that somebody has to look at.
ITEM_STATUSES = tuple(status for status in CarryStatus if status not in SILENT)


class CarryOver(UUIDModel):
    """One set that went on to a new revision as another set; ``counts`` maps a status to its number of spans.

    ``digest`` is that of the mapping between the two texts.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="carry_overs")
    from_revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    to_revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="carry_overs")
    from_set = models.ForeignKey(AnnotationSet, on_delete=models.PROTECT, related_name="carried_to")
    to_set = models.OneToOneField(AnnotationSet, on_delete=models.PROTECT, related_name="carried_from")
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = "carry-over"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.from_set_id} to {self.to_set_id}"


class CarryItemQuerySet(models.QuerySet["CarryItem"]):
    """Queries for items."""

    def open(self) -> CarryItemQuerySet:
        """Return the items that wait for a decision; a touched span that was deleted needs none."""
        return self.filter(decision="").exclude(status=CarryStatus.TOUCHED, span__isnull=True)

    def waiting(self) -> CarryItemQuerySet:
        """Return the open items of sets that can be changed."""
        return self.open().filter(set__state__in=sorted(EDITABLE))


class CarryItem(UUIDModel):
    """A span that needs a look after a correction, as it was before, and what was decided of it.

    ``start``, ``end`` and ``quote`` are those of the old text, ``proposal_start`` and ``proposal_end`` of the
    new one. ``relations`` has the relations that wait for the span, ``comments`` the ids of its comments in
    the new set. ``span`` is the span of the new set: that of a touched one, or what the decision made.
    """

    carry = models.ForeignKey(CarryOver, on_delete=models.CASCADE, related_name="items")
    set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="carry_items", db_index=False
    )
    status = models.CharField(max_length=20, choices=translated_choices(ITEM_STATUSES, "CarryStatus"))
    old_span = models.UUIDField()
    label = models.CharField(max_length=20, choices=translated_choices(LABEL_NAMES, "label"))
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = VerbatimText()
    proposal_start = models.PositiveIntegerField(null=True)
    proposal_end = models.PositiveIntegerField(null=True)
    proposal_quote = VerbatimText(blank=True, default="")
    attributes = models.JSONField(default=dict)
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    proposition = models.ForeignKey(Proposition, on_delete=models.PROTECT, null=True, related_name="+")
    relations = models.JSONField(default=list)
    comments = models.JSONField(default=list)
    decision = models.CharField(
        max_length=20, choices=translated_choices(CarryDecision), blank=True, default=""
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    span = models.ForeignKey(Span, on_delete=models.SET_NULL, null=True, related_name="carry_items")

    objects = CarryItemQuerySet.as_manager()

    class Meta:
        verbose_name = "carry item"
        ordering = ("id",)
        constraints = (
            values_constraint("status", ITEM_STATUSES, name="carry_item_status"),
            values_constraint("decision", ("", *CarryDecision), name="carry_item_decision"),
            models.CheckConstraint(
                condition=Q(decision="", at__isnull=True) | (~Q(decision="") & Q(at__isnull=False)),
                name="carry_item_decided",
            ),
            models.CheckConstraint(
                condition=Q(proposal_start__isnull=True, proposal_end__isnull=True)
                | Q(proposal_start__lt=models.F("proposal_end")),
                name="carry_item_proposal",
            ),
        )
        indexes = (models.Index(fields=("set", "id"), name="carry_item_set"),)

    def __str__(self) -> str:
        return f"{self.status} {self.label}"

    @property
    def decision_or_none(self) -> str | None:
        """The decision; None before there is one."""
        return self.decision or None

    @property
    def proposal(self) -> dict[str, Any] | None:
        """The proposed range with its words; None if nothing is proposed."""
        if self.proposal_start is None:
            return None
        return {"start": self.proposal_start, "end": self.proposal_end, "quote": self.proposal_quote}
