"""Exports as jobs: a worker writes the file, which its requester can download for some days.

What the requester may see is decided when the job runs, by the same function as in a request.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from annotations.addresses import api_url
from annotations.formats import Dialect
from annotations.formats.core.interfaces import Writer
from annotations.models import AnnotationSet, Article, Corpus, Job, JobKind, Span
from annotations.permissions import Permission, require_permission
from annotations.services.exchange import filters
from annotations.services.exchange.exports import (
    SET_STATES,
    WRITABLE_FORMATS,
    export_corpus,
    require_question,
)
from annotations.services.jobs import leases, storage
from annotations.services.jobs.leases import Lease
from annotations.text.parsing import format_timestamp
from annotations.visibility import get_visible_row, visible_with_content

#: The name of the file in the directory of its job.
EXPORT_FILE = "export"
OPTIONS = ("format", "sets", "dialect", "strict")
#: So many spans take as long as an article.
ARTICLES_FOR_SPANS = 10


def queue_export(by: User, corpus: Corpus, sent: Mapping[str, Any]) -> Job:
    """Create the job for an export. ``sent`` holds ``OPTIONS`` and the filters of articles, or less.

    A format that needs a package which is not installed is refused here.
    """
    require_permission(by, Permission.EXPORT_CORPUS, get_visible_row(by, Corpus.objects.all(), pk=corpus.pk))
    options = {"format": "jsonl", **{name: sent[name] for name in OPTIONS if sent.get(name) is not None}}
    _require_writer(options["format"], options.get("dialect", Dialect.MACHINE))
    require_question(WRITABLE_FORMATS[options["format"]], sent.get("q") or "")
    wanted = {name: _as_text(sent[name]) for name in filters.ARTICLE_FILTERS if sent.get(name) is not None}
    return leases.create_job(by, corpus, JobKind.EXPORT, {**options, "filter": wanted})


def _require_writer(format: str, dialect: str) -> None:
    """Raise ``NotInstalledError`` if the format cannot be written here: its writer asks for its package."""
    writer = cast("type[Writer]", WRITABLE_FORMATS[format].writer)
    writer(io.BytesIO(), dialect=Dialect(dialect)).abandon()


def _as_text(value: object) -> str:
    return format_timestamp(value) if isinstance(value, datetime) else str(value)


def run_export_job(lease: Lease) -> dict[str, Any]:
    """Write the file of a job; return where it is, what it holds and what the format could not carry."""
    job = lease.job
    options = {name: job.parameters[name] for name in OPTIONS if name in job.parameters}
    articles = filters.filter_articles(
        Article.objects.filter(corpus=job.corpus_id), job.by, job.parameters["filter"]
    )
    question = job.parameters["filter"].get("q", "")
    made = export_corpus(
        cast("User", job.by),
        job.corpus,
        articles=articles,
        question=question,
        on_progress=lambda done, total: lease.note_progress(done=done, total=total),
        **options,
    )
    with made.file:
        lease.send_heartbeat()
        storage.store_stream(made.file, storage.job_key(job.pk, EXPORT_FILE))
    return {
        "file": api_url(f"jobs/{job.pk}/file/"),
        "filename": made.filename,
        "media_type": made.media_type,
        "bytes": made.length,
        "sha256": made.sha256,
        "records": made.records,
        "losses": made.losses,
        "expires_at": format_timestamp(timezone.now() + timedelta(days=settings.EXPORT_KEEP_DAYS)),
    }


def is_large_export(by: User, articles: QuerySet[Article], sets: str = "approved") -> bool:
    """Return whether an export takes so long that a worker has to make it; nothing is counted to its end."""
    most = settings.EXPORT_INLINE_SPANS
    chosen = articles.order_by().values("pk")
    if chosen[: most // ARTICLES_FOR_SPANS + 1].count() > most // ARTICLES_FOR_SPANS:
        return True
    rows = AnnotationSet.objects.filter(article__in=chosen, state__in=SET_STATES[sets])
    spans = Span.objects.filter(set__in=visible_with_content(by, rows).order_by().values("pk"))
    return bool(SET_STATES[sets]) and spans.order_by().values("pk")[: most + 1].count() > most
