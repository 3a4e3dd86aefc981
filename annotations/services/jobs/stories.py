"""Finding the copies among new and changed articles: at once, or as a job."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from annotations.models import Corpus, Job, JobKind, JobState
from annotations.services.core import stories
from annotations.services.jobs import leases
from annotations.services.jobs.leases import Lease

#: So many articles are placed at once, without a job.
MAX_ARTICLES_AT_ONCE = 1_000


def schedule_stories(by: User | None, corpus: Corpus) -> Job | None:
    """Find the stories of the articles that wait for it at once, or return the job that will do so."""
    waiting = stories.count_waiting(corpus, MAX_ARTICLES_AT_ONCE + 1)
    if waiting <= MAX_ARTICLES_AT_ONCE or not leases.has_live_worker():
        if waiting:
            stories.find_stories(corpus)
        return None
    queued = Job.objects.filter(corpus=corpus, kind=JobKind.FINGERPRINT, state=JobState.QUEUED).first()
    return queued or leases.create_job(by, corpus, JobKind.FINGERPRINT, {})


def run_fingerprint_job(lease: Lease) -> dict[str, Any]:
    """Find the stories of the articles of a job's corpus that wait; return how many articles there were."""
    placed = stories.find_stories(lease.job.corpus, lambda done: lease.save_progress(done=done))
    return {"articles": placed}
