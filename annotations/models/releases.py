"""Dataset releases: frozen and numbered."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from annotations import limits
from annotations.models.base import UUIDModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.jobs import Job
from annotations.models.ordering import text_order
from annotations.models.vocabulary import translated_choices


class ReleaseState(StrEnum):
    """The state of the build of a release."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class Release(UUIDModel):
    """A dataset that never changes. Once it is ready, the only remaining change is its withdrawal.

    ``recipe`` has all inputs of the files besides the frozen chunks: formats, splits, names of people, the
    version of the software. ``filter`` selects the articles. The manifest and the digest of each chunk prove
    that nothing has changed.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="releases", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=limits.MAX_RELEASE_NAME, blank=True, default="")
    state = models.CharField(
        max_length=20, choices=translated_choices(ReleaseState), default=ReleaseState.BUILDING
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, related_name="release")
    filter = models.JSONField(default=dict)
    recipe = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    losses = models.JSONField(default=list)
    created_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("corpus", "number"), name="release_number"),
            values_constraint("state", ReleaseState, name="release_state"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="release_numbered"),
        )

    def __str__(self) -> str:
        return f"{self.corpus} {self.number}"


class ReleaseFile(models.Model):
    """One file of a release: its name, size and digest when the release became ready."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="files", db_index=False)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    records = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("release", text_order("name"))
        constraints = (models.UniqueConstraint(fields=("release", "name"), name="release_file_once"),)

    def __str__(self) -> str:
        return self.name


class ReleaseChunk(models.Model):
    """A compressed chunk of the frozen articles; number 0 has the corpus and its registry.

    ``index`` has ``[id, digest]`` of each record, so that a comparison of two releases decompresses only
    the chunks that differ.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    index = models.JSONField(default=list)

    class Meta:
        ordering = ("release", "number")
        constraints = (models.UniqueConstraint(fields=("release", "number"), name="release_chunk_once"),)

    def __str__(self) -> str:
        return f"{self.release_id} {self.number}"
