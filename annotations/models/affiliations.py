"""Affiliations: to which organisation an actor belongs, as what, and when."""

from __future__ import annotations

from django.db import models

from annotations import limits
from annotations.models.base import VersionedModel, values_constraint
from annotations.models.fields import VerbatimText
from annotations.models.registry import Actor
from annotations.models.vocabulary import translated_choices
from annotations.scheme.affiliations import AFFILIATION_KINDS


class Affiliation(VersionedModel):
    """A time in which an actor belongs to an organisation. Several may overlap.

    ``since`` and ``until``, both included, are dates as exact as they are known: YYYY, YYYY-MM or YYYY-MM-DD,
    or "" where the time is open.
    """

    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="affiliations")
    organisation = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="affiliates")
    role = models.CharField(max_length=limits.MAX_AFFILIATION_ROLE, blank=True, default="")
    kind = models.CharField(max_length=20, choices=translated_choices(AFFILIATION_KINDS, "AffiliationKind"))
    since = models.CharField(max_length=10, blank=True, default="")
    until = models.CharField(max_length=10, blank=True, default="")
    note = VerbatimText(blank=True, default="")

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", AFFILIATION_KINDS, name="affiliation_kind"),
            models.CheckConstraint(
                condition=~models.Q(actor=models.F("organisation")), name="affiliation_not_itself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.actor_id} {self.kind} {self.organisation_id}"
