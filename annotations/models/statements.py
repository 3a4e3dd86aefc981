"""Statements of approved work: what is counted."""

from __future__ import annotations

from django.db import models

from annotations import limits
from annotations.models.articles import Article
from annotations.models.base import values_constraint
from annotations.models.corpora import Corpus
from annotations.models.registry import Actor, Proposition
from annotations.models.sets import AnnotationSet, Span
from annotations.models.vocabulary import translated_choices
from annotations.scheme.statements import DAY_SOURCES, STATEMENT_KINDS
from annotations.text.parsing import MAX_LANGUAGE


class Statement(models.Model):
    """A position of a holder, or a claim of a source, in an approved set of the round production.

    Rows are derived by ``scheme.statements`` when a set is approved, and go when it is approved no more.
    They hold the links of the span; who reads them resolves merges.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    # Spans that can be deleted have no statements: Django need not look for them at each deletion.
    span = models.ForeignKey(Span, on_delete=models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=20, choices=translated_choices(STATEMENT_KINDS, "label"))
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    proposition = models.ForeignKey(
        Proposition, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    stance = models.CharField(max_length=20, blank=True)
    polarity = models.CharField(max_length=20, blank=True)
    basis = models.CharField(max_length=20, blank=True)
    mode = models.CharField(max_length=20, blank=True)
    attribution = models.CharField(max_length=20, blank=True)
    ascribed_by = models.ForeignKey(
        Actor, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    day = models.DateField(null=True)
    day_last = models.DateField(null=True)
    day_source = models.CharField(max_length=20, choices=translated_choices(DAY_SOURCES, "day_source"))
    source = models.CharField(max_length=limits.MAX_SOURCE, blank=True)
    language = models.CharField(max_length=MAX_LANGUAGE, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", STATEMENT_KINDS, name="statement_kind"),
            values_constraint("day_source", DAY_SOURCES, name="statement_day_source"),
        )
        indexes = (
            models.Index(fields=("corpus", "id"), name="statement_corpus"),
            models.Index(fields=("actor", "proposition"), name="statement_actor"),
            models.Index(fields=("proposition", "actor"), name="statement_proposition"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.span_id}"
