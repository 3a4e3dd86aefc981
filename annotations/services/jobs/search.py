"""Indexing the articles that the index of words lacks, as a job."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from annotations.models import Corpus, Job, JobKind, JobState
from annotations.services.core.search_index import index_in_steps, unindexed_articles
from annotations.services.jobs import leases
from annotations.services.jobs.leases import Lease

#: So many articles are indexed at once, without a job.
MAX_ARTICLES_AT_ONCE = 200


def schedule_indexing(by: User | None, corpus: Corpus) -> Job | None:
    """Index what the index lacks of a corpus at once, or return the job that will do so."""
    missing = unindexed_articles(corpus).values("pk")[: MAX_ARTICLES_AT_ONCE + 1].count()
    if missing <= MAX_ARTICLES_AT_ONCE or not leases.has_live_worker():
        index_missing(corpus)
        return None
    waiting = Job.objects.filter(corpus=corpus, kind=JobKind.SEARCH, state=JobState.QUEUED).first()
    return waiting or leases.create_job(by, corpus, JobKind.SEARCH, {})


def run_search_job(lease: Lease) -> dict[str, Any]:
    """Index what the index lacks of the corpus of a job; return how many articles that were."""
    return {"articles": index_missing(lease.job.corpus)}


def index_missing(corpus: Corpus) -> int:
    """Index the articles of a corpus that the index lacks; return how many there were."""
    return index_in_steps(unindexed_articles(corpus))
