"""Merges: which entry of the registry was taken into which, by whom, and what moved with it."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from annotations.models.base import UUIDModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import VerbatimText
from annotations.models.vocabulary import translated_choices


class EntryKind(StrEnum):
    """The kind of an entry of the registry."""

    ACTOR = "actor"
    TOPIC = "topic"
    PROPOSITION = "proposition"


class Merge(UUIDModel):
    """One entry, the loser, taken into another of its kind; it is never changed but by its undoing.

    ``moved`` is what goes back when the merge is undone: ``aliases`` as text, language and kind, since
    files have no ids of aliases; the ids of rows that point to the entry, by what they are; and
    ``name_added``, whether the loser's name became an alias of the winner. ``stayed`` are the aliases that
    the winner had already. Entries go only with their corpus, so that loser and winner are plain ids.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="merges", db_index=False)
    kind = models.CharField(max_length=20, choices=translated_choices(EntryKind))
    loser = models.UUIDField()
    winner = models.UUIDField(db_index=True)
    reason = VerbatimText(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    undone_reason = VerbatimText(blank=True, default="")

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", EntryKind, name="merge_kind"),
            models.UniqueConstraint(
                fields=("loser",), condition=models.Q(undone_at__isnull=True), name="merge_once"
            ),
            models.CheckConstraint(condition=~models.Q(loser=models.F("winner")), name="merge_of_two"),
        )
        indexes = (models.Index(fields=("corpus", "id"), name="merge_corpus"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.loser} → {self.winner}"
