"""Work that outlives a request, and the workers that do it."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from annotations.models.base import Identified, among
from annotations.models.corpora import Corpus
from annotations.models.words import choices


class JobKind(StrEnum):
    """What a job does."""

    IMPORT = "import"
    RELEASE = "release"


class JobState(StrEnum):
    """How far a job is. Only the last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Identified):
    """One piece of work. It is done by whoever holds its lease: attempt number ``attempt``.

    ``beat_at`` is the last sign of life, by the clock of the database; a running job without one for
    longer than the lease is given to the next worker, and whoever had it finds its number taken.
    ``cursor`` is how far the work is in a form that the next attempt can go on from; it is written in
    the transaction of the work itself. ``task_id`` is the row of the queue that will call for it.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="jobs", db_index=False)
    kind = models.CharField(max_length=20, choices=choices(JobKind))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=choices(JobState), default=JobState.QUEUED)
    parameters = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True, default="")
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=64, blank=True, default="")
    task_id = models.UUIDField(null=True)
    beat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("corpus", "id"), name="job_corpus"),
            models.Index(fields=("state", "beat_at"), name="job_state"),
        )
        constraints = (
            among("kind", JobKind, name="job_kind"),
            among("state", JobState, name="job_state_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Worker(models.Model):
    """A process that does jobs; it is alive while it beats."""

    name = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
