"""A corpus and the people who work on it."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from annotations.models.base import Versioned, among
from annotations.models.fields import VerbatimText
from annotations.models.words import choices
from annotations.says import says


class Depth(StrEnum):
    """How much of the guideline blocks a submission."""

    SPANS = "spans"
    STATEMENTS = "statements"


class Role(StrEnum):
    """What a member may do; each includes the ones before it."""

    VIEWER = "viewer"
    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    MANAGER = "manager"

    @property
    def including(self) -> tuple[Role, ...]:
        """The roles that may do what this one may: itself and those above."""
        roles = tuple(Role)
        return roles[roles.index(self) :]


SLUG = RegexValidator(
    r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z",
    says("A slug has lower-case letters a to z, digits and single hyphens between them."),
)


class Corpus(Versioned):
    """Articles that one team annotates under one guideline."""

    slug = models.CharField(max_length=50, unique=True, validators=[SLUG])
    name = models.CharField(max_length=200)
    description = VerbatimText(blank=True, default="")
    guideline = VerbatimText(blank=True, default="")
    guideline_version = models.PositiveIntegerField(default=1, editable=False)
    depth = models.CharField(max_length=20, choices=choices(Depth), default=Depth.SPANS)
    annotators_per_article = models.PositiveSmallIntegerField(default=1)
    same_label_overlap = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    # Of a hundred articles that the queue hands out to a single annotator, so many get a second one.
    double_share = models.PositiveSmallIntegerField(default=5)
    # The most open and returned sets with which the queue still hands out another one; null: no limit.
    most_open = models.PositiveSmallIntegerField(null=True, blank=True)
    # How many articles the queue has handed out for the share: what makes it exact instead of random.
    handed_out = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "corpora"
        ordering = ("id",)
        constraints = (
            among("depth", Depth, name="corpus_depth"),
            models.CheckConstraint(
                condition=models.Q(annotators_per_article__gte=1), name="corpus_annotators"
            ),
            models.CheckConstraint(
                condition=models.Q(double_share__gte=0, double_share__lte=100), name="corpus_double_share"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Membership(Versioned):
    """What one person may do in one corpus."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=choices(Role))

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("corpus", "user"), name="membership_once"),
            among("role", Role, name="membership_role"),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
