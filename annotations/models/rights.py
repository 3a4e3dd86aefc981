"""The rights in articles: licence, embargo, takedown; and the actors whose names never leave the house."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotations import limits
from annotations.enums import TextRight
from annotations.models.articles import Article
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import VerbatimText
from annotations.models.registry import Actor
from annotations.models.vocabulary import translated_choices
from annotations.text.parsing import MAX_URL


class RightsTerms(VersionedModel):
    """The terms of a licence. What is empty in those of an article is as in those of its corpus.

    ``licence`` is an SPDX identifier, that of a Creative Commons licence, or ``LicenseRef-…``.
    ``max_quote_share`` limits the words of marks to a part of the text, from 0 to 1.
    """

    licence = models.CharField(max_length=limits.MAX_LICENCE, blank=True, default="")
    licence_url = models.CharField(max_length=MAX_URL, blank=True, default="")
    holder = models.CharField(max_length=limits.MAX_RIGHTS_HOLDER, blank=True, default="")
    notice = VerbatimText(blank=True, default="")
    may_export_text = models.CharField(
        max_length=10, choices=translated_choices(TextRight), blank=True, default=""
    )
    max_quote_share = models.FloatField(null=True, blank=True)
    may_send_out = models.BooleanField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = (
            values_constraint("may_export_text", ("", *TextRight), name="%(class)s_text"),
            models.CheckConstraint(
                condition=models.Q(max_quote_share__isnull=True)
                | models.Q(max_quote_share__gte=0, max_quote_share__lte=1),
                name="%(class)s_share",
            ),
        )


class CorpusRights(RightsTerms):
    """The terms of the articles of a corpus that have none of their own."""

    corpus = models.OneToOneField(Corpus, on_delete=models.CASCADE, related_name="rights")

    class Meta(RightsTerms.Meta):
        verbose_name_plural = "rights of corpora"

    def __str__(self) -> str:
        return f"rights of {self.corpus_id}"


class ArticleRights(RightsTerms):
    """The terms of one article, its embargo and its takedown.

    An article without a row has the terms of its corpus, no embargo, and is not taken down.
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="rights")
    embargo_until = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(null=True, blank=True)
    taken_down_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_down_reason = VerbatimText(blank=True, default="")

    class Meta(RightsTerms.Meta):
        verbose_name_plural = "rights of articles"
        indexes = (models.Index(fields=("embargo_until",), name="rights_embargo"),)

    def __str__(self) -> str:
        return f"rights of {self.article_id}"


class ConfidentialActor(models.Model):
    """An actor whose name, in all its forms, leaves the house only masked.

    Protection begins with the row. Whoever asks to lift it is ``lift_asked_by``; a second manager confirms,
    and the row goes.
    """

    actor = models.OneToOneField(
        Actor, on_delete=models.CASCADE, related_name="confidential", primary_key=True
    )
    reason = VerbatimText()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lift_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("actor",)

    def __str__(self) -> str:
        return f"protection of {self.actor_id}"


class Erasure(UUIDModel):
    """The certificate that all words of an article were erased; of them only hashes are left.

    ``hashes`` has number, checksum and length of each revision as it was, ``counts`` how many rows of each
    kind were emptied and which releases were amended. ``external_id_digest`` keeps the article from being
    imported again under its old external id.
    """

    article = models.OneToOneField(Article, on_delete=models.PROTECT, related_name="erasure")
    at = models.DateTimeField()
    by = models.CharField(max_length=limits.MAX_USERNAME, blank=True, default="")
    reason = VerbatimText()
    external_id_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    hashes = models.JSONField(default=list)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"erasure of {self.article_id}"
