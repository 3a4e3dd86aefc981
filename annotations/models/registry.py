"""The registry of a corpus: actors with their aliases, topics and propositions."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from annotations import limits
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import CanonicalKey, VerbatimText
from annotations.models.vocabulary import translated_choices
from annotations.text.parsing import MAX_LANGUAGE


class ActorKind(StrEnum):
    """The kind of an actor."""

    PERSON = "person"
    ORGANISATION = "organisation"
    STATE = "state"
    GOVERNMENT = "government"
    GROUP = "group"
    MEDIUM = "medium"
    COLLECTIVE = "collective"
    OTHER = "other"


class AliasKind(StrEnum):
    """The kind of an alias."""

    NAME = "name"
    SPELLING = "spelling"
    ABBREVIATION = "abbreviation"
    METONYM = "metonym"
    TITLE = "title"
    OTHER = "other"


class PropositionKind(StrEnum):
    """The kind of a proposition: an issue to be for or against, or an assertion that is true or false."""

    ISSUE = "issue"
    ASSERTION = "assertion"


class PropositionStatus(StrEnum):
    """The status of a proposition: approved sets refer to accepted ones only."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"


class Actor(VersionedModel):
    """A person or body, under its canonical name."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="actors", db_index=False)
    name = models.CharField(max_length=limits.MAX_ACTOR_NAME)
    folded_name = models.CharField(max_length=600, editable=False, default="")
    kind = models.CharField(max_length=20, choices=translated_choices(ActorKind))
    qid = models.CharField(max_length=limits.MAX_QID, blank=True, default="")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    note = VerbatimText(blank=True, default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )
    canonical = CanonicalKey()

    class Meta:
        ordering = ("id",)
        constraints = (values_constraint("kind", ActorKind, name="actor_kind"),)
        indexes = (
            models.Index(fields=("corpus", "id"), name="actor_corpus"),
            models.Index(fields=("corpus", "qid"), condition=~models.Q(qid=""), name="actor_qid"),
        )

    def __str__(self) -> str:
        return self.name


class Alias(UUIDModel):
    """One written form of an actor. Several actors may have the same alias."""

    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="aliases", db_index=False)
    text = models.CharField(max_length=limits.MAX_ALIAS)
    folded = models.CharField(max_length=600, editable=False, db_index=True)
    language = models.CharField(max_length=MAX_LANGUAGE, blank=True, default="")
    kind = models.CharField(max_length=20, choices=translated_choices(AliasKind), default=AliasKind.NAME)

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("actor", "text", "language"), name="alias_once"),
            values_constraint("kind", AliasKind, name="alias_kind"),
        )

    def __str__(self) -> str:
        return self.text


class Topic(VersionedModel):
    """A subject heading of propositions."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="topics", db_index=False)
    name = models.CharField(max_length=limits.MAX_TOPIC_NAME)
    search_key = models.TextField(editable=False, default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )
    canonical = CanonicalKey()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("corpus", "name"), name="topic_once"),)

    def __str__(self) -> str:
        return self.name


class Proposition(VersionedModel):
    """A sentence that is an issue to be for or against, or an assertion that is true or false."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="propositions", db_index=False)
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="propositions"
    )
    text = models.CharField(max_length=limits.MAX_PROPOSITION)
    search_key = models.TextField(editable=False, default="")
    kind = models.CharField(max_length=20, choices=translated_choices(PropositionKind))
    status = models.CharField(
        max_length=20,
        choices=translated_choices(PropositionStatus),
        default=PropositionStatus.PROPOSED,
        editable=False,
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )
    canonical = CanonicalKey()

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("kind", PropositionKind, name="proposition_kind"),
            values_constraint("status", PropositionStatus, name="proposition_status"),
        )
        indexes = (models.Index(fields=("corpus", "id"), name="proposition_corpus"),)

    def __str__(self) -> str:
        return self.text
