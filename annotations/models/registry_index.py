"""The index of the registry's names, the pairs of entries that look alike, and what people judged of them."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from annotations import limits
from annotations.models.base import UUIDModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import VerbatimText
from annotations.models.merges import EntryKind
from annotations.models.ordering import CodePoints
from annotations.models.vocabulary import translated_choices
from annotations.text.names import MAX_FOLDED_LENGTH


class Verdict(StrEnum):
    """What somebody judged of two entries that look alike."""

    DIFFERENT = "different"
    UNSURE = "unsure"


class RegistryName(models.Model):
    """One folded form of the name or an alias of an entry that is not merged.

    Derived from the entries by ``services.registry.names`` alone; two aliases that fold alike are one row.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=translated_choices(EntryKind))
    entry = models.UUIDField(db_index=True)
    text = models.CharField(max_length=limits.MAX_PROPOSITION)
    folded = models.CharField(max_length=MAX_FOLDED_LENGTH)
    is_alias = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = (values_constraint("kind", EntryKind, name="registry_name_kind"),)
        indexes = (models.Index("corpus", "kind", CodePoints("folded"), name="registry_name_order"),)

    def __str__(self) -> str:
        return self.text


class NameGram(models.Model):
    """One trigram of a name, behind the first letter of the kind of its entry.

    ``name_id`` is no foreign key: rows are deleted by their whole key, and a key would need one more index.
    """

    pk = models.CompositePrimaryKey("corpus", "gram", "name_id")
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    gram = models.CharField(max_length=4)
    name_id = models.BigIntegerField()

    def __str__(self) -> str:
        return self.gram


class DuplicatePair(models.Model):
    """Two entries that look alike, or were judged. ``rank`` sorts by falling score, then by the ids.

    ``reasons`` are lists of a code and its values, from which sentences are made. ``together``: some set that
    is not blind names both.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=translated_choices(EntryKind))
    left = models.UUIDField()
    right = models.UUIDField(db_index=True)
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    together = models.BooleanField(default=False)
    rank = models.CharField(max_length=67)

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", EntryKind, name="duplicate_pair_kind"),
            models.UniqueConstraint(fields=("left", "right"), name="duplicate_pair_once"),
        )
        indexes = (models.Index(fields=("corpus", "kind", "rank"), name="duplicate_pair_rank"),)

    def __str__(self) -> str:
        return f"{self.left} {self.right}"


class Judgement(UUIDModel):
    """What somebody judged of two entries. A pair that is judged different is not shown again."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=translated_choices(EntryKind))
    left = models.UUIDField()
    right = models.UUIDField()
    verdict = models.CharField(max_length=20, choices=translated_choices(Verdict))
    reason = VerbatimText(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", EntryKind, name="judgement_kind"),
            values_constraint("verdict", Verdict, name="judgement_verdict"),
            models.UniqueConstraint(fields=("left", "right"), name="judgement_once"),
            models.CheckConstraint(condition=models.Q(left__lt=models.F("right")), name="judgement_order"),
        )

    def __str__(self) -> str:
        return f"{self.verdict}: {self.left} {self.right}"
