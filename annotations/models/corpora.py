"""Corpora and their members."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from annotations import limits
from annotations.enums import CarryApproval
from annotations.models.base import VersionedModel, values_constraint
from annotations.models.fields import VerbatimText
from annotations.models.vocabulary import translated_choices


class Depth(StrEnum):
    """The rules of the guideline that block a submission: those of spans, or all of them."""

    SPANS = "spans"
    STATEMENTS = "statements"


class Role(StrEnum):
    """The role of a member; each includes the rights of the roles before it."""

    VIEWER = "viewer"
    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    MANAGER = "manager"

    @property
    def and_above(self) -> tuple[Role, ...]:
        """The roles with the rights of this one: itself and those above."""
        roles = tuple(Role)
        return roles[roles.index(self) :]


validate_slug = RegexValidator(rf"\A{limits.SLUG_PATTERN}\Z", limits.SLUG_RULE)


class Corpus(VersionedModel):
    """A collection of articles that one team annotates under one guideline."""

    slug = models.CharField(max_length=limits.MAX_SLUG, unique=True, validators=[validate_slug])
    name = models.CharField(max_length=limits.MAX_CORPUS_NAME)
    description = VerbatimText(blank=True, default="")
    guideline = VerbatimText(blank=True, default="")
    guideline_version = models.PositiveIntegerField(default=1, editable=False)
    depth = models.CharField(max_length=20, choices=translated_choices(Depth), default=Depth.SPANS)
    annotators_per_article = models.PositiveSmallIntegerField(default=1)
    same_label_overlap = models.BooleanField(default=False)
    carry_approval = models.CharField(
        max_length=20, choices=translated_choices(CarryApproval), default=CarryApproval.REVIEW
    )
    archived = models.BooleanField(default=False)
    # The percentage of the articles with one annotator to which the queue adds a second one.
    double_share = models.PositiveSmallIntegerField(default=5)
    # The queue gives no further set to an owner of this many open and returned sets; null: no limit.
    most_open = models.PositiveSmallIntegerField(null=True, blank=True)
    # The number of articles that the queue has assigned, which makes ``double_share`` exact, not random.
    handed_out = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "corpora"
        ordering = ("id",)
        constraints = (
            values_constraint("depth", Depth, name="corpus_depth"),
            values_constraint("carry_approval", CarryApproval, name="corpus_carry_approval"),
            models.CheckConstraint(
                condition=models.Q(annotators_per_article__gte=1), name="corpus_annotators"
            ),
            models.CheckConstraint(
                condition=models.Q(double_share__gte=0, double_share__lte=limits.MAX_DOUBLE_SHARE),
                name="corpus_double_share",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Membership(VersionedModel):
    """The role of one user in one corpus."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=translated_choices(Role))
    # Given by a group of the sign-in service, which may change it and take it away again.
    from_sso = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("corpus", "user"), name="membership_once"),
            values_constraint("role", Role, name="membership_role"),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
