"""Access tokens of the API, and the private addresses of feeds."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from annotations import limits
from annotations.models.base import UUIDModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.registry import Actor
from annotations.models.vocabulary import translated_choices


class AccessToken(UUIDModel):
    """A token with which a program acts for a user. Only its SHA-256 digest is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=limits.MAX_TOKEN_NAME)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=12, editable=False)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "access token"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class FeedType(StrEnum):
    """What the entries of a feed are: articles whose marks were approved, or single quotes."""

    APPROVED = "approved"
    QUOTES = "quotes"


class FeedAddress(models.Model):
    """The private address of one feed: its token, of the scope ``feed``, opens nothing else."""

    token = models.OneToOneField(
        AccessToken, on_delete=models.CASCADE, primary_key=True, related_name="feed_address"
    )
    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=20, choices=translated_choices(FeedType))
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "feed addresses"
        ordering = ("token",)
        constraints = (values_constraint("type", FeedType, name="feed_type"),)

    def __str__(self) -> str:
        return f"feed address {self.token_id}"
