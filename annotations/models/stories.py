"""Fingerprints of texts, and the stories that they lead to: articles that are copies of one text."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from annotations.models.articles import Article, Revision
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.vocabulary import translated_choices


class MemberState(StrEnum):
    """What is known of an article in a story. Only what is found or confirmed counts as a copy.

    ``proposed`` shares much and perhaps is none; ``apart`` was judged to be another text, and stays so.
    """

    FOUND = "found"
    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    APART = "apart"


COPY_STATES = (MemberState.FOUND, MemberState.CONFIRMED)
JUDGED_STATES = (MemberState.CONFIRMED, MemberState.APART)


class Fingerprint(models.Model):
    """What is kept of the current text of an article, by which its copies are found.

    ``digest`` is that of the folded words. A fingerprint is compared with those that lead, which are all that
    are no copies; one that waits has not been compared yet. ``size`` is how many hashes are kept.
    """

    class Place(models.IntegerChoices):
        """Where the article stands among its copies."""

        LEADS = 0
        WAITS = 1
        COPY = 2

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="fingerprint"
    )
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=32)
    size = models.PositiveIntegerField()
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("article",)
        indexes = (
            models.Index(fields=("corpus", "digest"), name="fingerprint_digest"),
            models.Index(fields=("corpus",), condition=models.Q(place=1), name="fingerprint_waiting"),
        )

    def __str__(self) -> str:
        return self.digest


class FingerprintHash(models.Model):
    """One of the kept hashes of a text.

    ``place`` is ``COPY`` for an article that is one, else ``LEADS``: what waits may lead. So only the rows of
    copies are ever written twice, and those of leads come first in the index.
    """

    pk = models.CompositePrimaryKey("article", "hash")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    hash = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=("corpus", "hash", "place", "article"), name="fingerprint_hash_place"),
        )

    def __str__(self) -> str:
        return f"{self.hash:x}"


class Story(VersionedModel):
    """Articles that are copies of one text; each was compared with the lead, and none with another copy.

    The lead is the earliest, unless somebody chose it. ``size`` is the number of copies, the lead among them;
    a story of one article holds proposals, or judgements of what is no copy of it.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="stories", db_index=False)
    lead = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="led_story")
    is_lead_chosen = models.BooleanField(default=False)
    size = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "stories"
        ordering = ("id",)
        indexes = (models.Index(fields=("corpus", "id"), name="story_corpus"),)

    def __str__(self) -> str:
        return str(self.pk)


class StoryMember(UUIDModel):
    """An article in a story, with the share of the smaller text that it has in common with the lead.

    The lead is a member of its own story. An article is a copy in one story only.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="members", db_index=False)
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="story_members", db_index=False
    )
    state = models.CharField(max_length=20, choices=translated_choices(MemberState))
    containment = models.FloatField()

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("state", MemberState, name="story_member_state"),
            models.UniqueConstraint(fields=("story", "article"), name="story_member_once"),
            models.UniqueConstraint(
                fields=("article",),
                condition=models.Q(state__in=[str(state) for state in COPY_STATES]),
                name="story_member_article",
            ),
        )
        indexes = (models.Index(fields=("article", "state"), name="story_member_of_article"),)

    def __str__(self) -> str:
        return f"{self.story_id} {self.article_id}"
