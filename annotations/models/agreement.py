"""Agreement counts, stored when the last independent set of an article is submitted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotations.enums import Round, SetKind
from annotations.models.articles import Article
from annotations.models.base import UUIDModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.vocabulary import translated_choices


class FrozenAgreement(UUIDModel):
    """The agreement of two sets on one article, before their annotators discuss them.

    ``counts`` are ``AgreementCounts`` as JSON, so that articles are pooled by adding and never by
    averaging. Kind annotation compares two annotators, kind adjudication an annotator (``first``) with the
    approved adjudication. ``annotators`` is the number of annotators of the article in this round: with
    more than two, each pair weighs less in alpha.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="agreements", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="agreements", db_index=False)
    round = models.CharField(max_length=20, choices=translated_choices(Round))
    kind = models.CharField(max_length=20, choices=translated_choices(SetKind))
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    annotators = models.PositiveSmallIntegerField(default=2)
    counts = models.JSONField()
    guideline_version = models.PositiveIntegerField()
    frozen_at = models.DateTimeField()

    class Meta:
        verbose_name = "frozen agreement"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("article", "round", "kind", "first", "second"), name="agreement_once"
            ),
            models.CheckConstraint(condition=~Q(first=F("second")), name="agreement_of_two"),
            values_constraint("round", Round, name="agreement_round"),
            values_constraint("kind", SetKind, name="agreement_kind"),
        )
        indexes = (models.Index(fields=("corpus", "round", "kind", "id"), name="agreement_corpus"),)

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"
