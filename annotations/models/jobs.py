"""Jobs, which run in the background, and the workers that run them."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotations.models.base import UUIDModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.vocabulary import translated_choices


class JobKind(StrEnum):
    """The kinds of work that can be a job."""

    IMPORT = "import"
    RELEASE = "release"
    EXPORT = "export"
    DUPLICATES = "duplicates"
    FINGERPRINT = "fingerprint"
    SEARCH = "search"


class JobState(StrEnum):
    """The states of a job. Only the last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(UUIDModel):
    """A piece of work and its place in the queue. Attempt number ``attempt`` holds its lease.

    A worker claims a queued job once ``run_after`` is past. ``beat_at`` is the last heartbeat of a
    running one; without a heartbeat for longer than the lease the job is queued again, and the earlier
    holder finds that its attempt number is outdated. Both times are those of the database's clock.
    ``cursor`` says from where the next attempt continues; it is written in the transaction of the work.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="jobs", db_index=False)
    kind = models.CharField(max_length=20, choices=translated_choices(JobKind))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=translated_choices(JobState), default=JobState.QUEUED)
    parameters = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True, default="")
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=64, blank=True, default="")
    run_after = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("corpus", "id"), name="job_corpus"),
            models.Index(fields=("state", "run_after", "id"), name="job_waiting"),
        )
        constraints = (
            values_constraint("kind", JobKind, name="job_kind"),
            values_constraint("state", JobState, name="job_state_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Worker(models.Model):
    """A process that runs jobs. It counts as alive while its heartbeat is recent."""

    name = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
