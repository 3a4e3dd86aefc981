"""Finding all pairs of a corpus that look alike, as a job."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations.models import Corpus, EntryKind, Job, JobKind, JobState, RegistryName
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core.sets import lock_corpus
from annotations.services.jobs import leases
from annotations.services.jobs.leases import Lease
from annotations.services.registry.duplicates import rebuild_pairs

#: So many names are compared at once, without a job.
MAX_NAMES_AT_ONCE = 1_000


def find_duplicates(by: User, seen: VisibleRow[Corpus]) -> Job | None:
    """Find the pairs of a corpus anew: at once where it is small or no worker runs, else by a job."""
    return schedule_duplicates(by, require_permission(by, Permission.JUDGE_PAIR, seen))


@transaction.atomic
def schedule_duplicates(by: User | None, corpus: Corpus) -> Job | None:
    """Find the pairs of a corpus anew at once, or return the job that will do so."""
    names = RegistryName.objects.filter(corpus=corpus)[: MAX_NAMES_AT_ONCE + 1].count()
    if names <= MAX_NAMES_AT_ONCE or not leases.has_live_worker():
        rebuild_corpus(corpus)
        return None
    waiting = Job.objects.filter(corpus=corpus, kind=JobKind.DUPLICATES, state=JobState.QUEUED).first()
    return waiting or leases.create_job(by, corpus, JobKind.DUPLICATES, {})


def run_duplicates_job(lease: Lease) -> dict[str, Any]:
    """Find the pairs of the corpus of a job; return how many there are of each kind."""
    with transaction.atomic():
        return rebuild_corpus(lease.job.corpus)


def rebuild_corpus(corpus: Corpus) -> dict[str, Any]:
    """Find all pairs of a corpus anew; return how many there are of each kind."""
    lock_corpus(corpus)
    return {"pairs": {str(kind): rebuild_pairs(kind, corpus.pk) for kind in EntryKind}}
