"""Erasing an article: all words go, in the database and in releases; rows, hashes and a certificate stay.

It is the one lawful exception to the promise that releases never change (ADR 0037).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.enums import LIVE, State
from annotations.formats.release import frozen_records
from annotations.models import (
    AnnotationSet,
    Article,
    ArticleRights,
    CarryItem,
    Comment,
    Decision,
    Delivery,
    Erasure,
    Event,
    Job,
    JobKind,
    JobState,
    Release,
    ReleaseChunk,
    ReleaseState,
    Revision,
    Span,
)
from annotations.models.term_index import purge_leftovers
from annotations.services.core import events, search_index, stories
from annotations.services.core.articles import build_search_key, digest_external_id, require_not_erased
from annotations.services.core.sets import refresh_status
from annotations.services.jobs import storage
from annotations.services.releases.build import build_release, publish_release, read_chunk
from annotations.services.releases.takedown import releases_with_article
from annotations.services.review.transitions import make_system_transition
from annotations.services.rights.erased import ERASED_WORD, blot, strip_attributes, strip_payload

_ROWS_AT_ONCE = 500
#: The kinds of jobs whose files hold texts, and the states in which nobody needs the files any more.
_TEXT_JOBS = (JobKind.IMPORT, JobKind.EXPORT)
_OVER = (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True)
class ErasurePlan:
    """What an erasure would empty: the rows by their kind, and the numbers of the releases it would amend."""

    article: Article
    counts: dict[str, int]
    releases: list[int]


def plan_erasure(article: Article) -> ErasurePlan:
    """Return what the erasure of an article would empty; raise ``ErasedError`` if it was erased."""
    require_not_erased(article)
    counts = {name: rows.count() for name, rows in _emptied_rows(article).items()}
    return ErasurePlan(article, counts, _release_numbers(article))


def _emptied_rows(article: Article) -> dict[str, QuerySet[Any]]:
    return {
        "revisions": Revision.objects.filter(article=article),
        "sets": AnnotationSet.objects.filter(article=article),
        "spans": Span.objects.filter(set__article=article),
        "comments": Comment.objects.filter(set__article=article),
        "decisions": Decision.objects.filter(set__article=article),
        "carry_items": CarryItem.objects.filter(set__article=article),
        "events": _events_of(article),
        "deliveries": Delivery.objects.filter(article_id=article.pk),
        "job_files": _finished_jobs(article),
    }


def _events_of(article: Article) -> QuerySet[Event]:
    sets = AnnotationSet.objects.filter(article=article).values("pk")
    return Event.objects.filter(Q(article_id=article.pk) | Q(set_id__in=sets))


def _finished_jobs(article: Article) -> QuerySet[Job]:
    """Return the jobs of the corpus whose files may hold the text: what was sent, and what was exported."""
    return Job.objects.filter(corpus=article.corpus_id, kind__in=_TEXT_JOBS, state__in=_OVER)


def _release_numbers(article: Article) -> list[int]:
    rows = releases_with_article(article.corpus_id, article.pk)
    return sorted(rows.values_list("number", flat=True))


def erase_article(by: User | None, article_id: UUID, reason: str) -> Erasure:
    """Erase an article; return the certificate. Files of jobs are deleted once the database has committed."""
    with transaction.atomic():
        rows = Article.objects.select_for_update(of=("self",)).select_related("corpus", "erasure", "revision")
        article = rows.get(pk=article_id)
        plan = plan_erasure(article)
        erasure = _write_certificate(by, plan, reason)
        _end_work(by, article)
        _empty_work(article)
        _empty_article(article)
        jobs = _empty_jobs(article, erasure)
        _empty_events(article)
        # what was sent is gone; what waits would find nothing to send
        Delivery.objects.filter(article_id=article.pk).delete()
        _amend_releases(article, erasure)
        payload = {"hashes": [row["sha256"] for row in erasure.hashes], "counts": erasure.counts}
        events.store_events([events.build_article_event("article_erased", article, by, after=payload)])
    for job in jobs:
        storage.delete_files(storage.job_key(job))
    return erasure


def purge_database() -> None:
    """Rewrite the file of an embedded database, in which erased bytes stay until they are written over.

    Its index of words keeps those of rows that are gone, so it is built again. PostgreSQL keeps old rows
    until they are vacuumed, and its log and backups longer; see the how-to.
    """
    if connection.vendor == "sqlite":
        search_index.rebuild_search_index()
        purge_leftovers()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def allow_again(article: Article) -> None:
    """Let an article come again under the external id of one that was erased."""
    Erasure.objects.filter(article=article).update(external_id_digest="")


def _write_certificate(by: User | None, plan: ErasurePlan, reason: str) -> Erasure:
    article = plan.article
    revisions = Revision.objects.filter(article=article).order_by("number")
    external_id = article.external_id
    return Erasure.objects.create(
        article=article,
        at=timezone.now(),
        by=by.get_username() if by else "",
        reason=reason,
        external_id_digest="" if external_id is None else digest_external_id(article.corpus_id, external_id),
        hashes=list(revisions.values("number", "sha256", "length")),
        counts={**plan.counts, "releases": plan.releases},
    )


def _end_work(by: User | None, article: Article) -> None:
    """Withdraw all work, so that nobody gets it any more and nothing counts it."""
    rows = AnnotationSet.objects.select_for_update(of=("self",)).filter(article=article)
    for row in rows.filter(state__in=(*LIVE, State.APPROVED)).select_related("corpus").order_by("pk"):
        make_system_transition(by, row, "withdraw")


def _empty_work(article: Article) -> None:
    for span in _stream(Span.objects.filter(set__article=article)):
        span.quote, span.attributes = blot(span.quote), strip_attributes(span.attributes)
        span.save(update_fields=["quote", "attributes"])
    for comment in _stream(Comment.objects.filter(set__article=article)):
        comment.text, comment.suggestion = ERASED_WORD, None
        comment.quote = None if comment.quote is None else blot(comment.quote)
        comment.save(update_fields=["text", "suggestion", "quote"])
    for decision in _stream(Decision.objects.filter(set__article=article)):
        decision.sides = strip_payload(decision.sides)
        decision.save(update_fields=["sides"])
    for item in _stream(CarryItem.objects.filter(set__article=article)):
        item.quote, item.proposal_quote = blot(item.quote), blot(item.proposal_quote)
        item.attributes = strip_attributes(item.attributes)
        item.save(update_fields=["quote", "proposal_quote", "attributes"])


def _stream(rows: QuerySet[Any]) -> Iterator[Any]:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        yield from rows.filter(pk__in=ids[start : start + _ROWS_AT_ONCE]).order_by("pk")


def _empty_article(article: Article) -> None:
    stories.remove_from_stories(article)
    for revision in _stream(Revision.objects.filter(article=article)):
        revision.text, revision.reason = blot(revision.text), ""
        revision.save(update_fields=["text", "reason"])
    rights = ArticleRights.objects.filter(article=article)
    rights.update(notice="", taken_down_reason="", licence_url="", holder="")
    article.external_id, article.metadata, article.excluded_reason = None, {}, ERASED_WORD
    article.title = article.author = article.url = article.story_key = ""
    article.search_key = build_search_key(article)
    article.version += 1
    article.save()
    article.revision.refresh_from_db()
    search_index.refresh_articles([article])
    refresh_status(article)


def _empty_events(article: Article) -> None:
    for event in _stream(_events_of(article)):
        event.data = {name: strip_payload(event.data.get(name)) for name in ("before", "after")}
        event.save(update_fields=["data"])


def _empty_jobs(article: Article, erasure: Erasure) -> list[UUID]:
    """Empty the reports of finished jobs, which may quote the article; return the jobs with files."""
    jobs = list(_finished_jobs(article))
    for job in jobs:
        if job.result is not None:
            job.result = {**job.result, "errors": [], "losses": [], "erased": str(erasure.pk)}
            job.save(update_fields=["result"])
    return [job.pk for job in jobs]


# --- Releases ------------------------------------------------------------------------------------


def _amend_releases(article: Article, erasure: Erasure) -> None:
    for found in releases_with_article(article.corpus_id, article.pk):
        release = Release.objects.select_for_update(of=("self",)).get(pk=found.pk)
        for chunk in _chunks_with(release, article.pk):
            _drop_article(chunk, str(article.pk))
        amendments: Sequence[Any] = release.recipe.get("amendments", ())
        added = {
            "number": len(amendments) + 1,
            "date": erasure.at.date().isoformat(),
            "article": str(article.pk),
            "reason": erasure.reason,
        }
        release.recipe = {**release.recipe, "amendments": [*amendments, added]}
        release.save(update_fields=["recipe"])
        if release.state == ReleaseState.READY:
            _build_again(release)
        payload = {"release": str(release.pk), "number": release.number, "amendment": added["number"]}
        events.record_event("release_amended", by=None, corpus_id=release.corpus_id, after=payload)


def _chunks_with(release: Release, article_id: UUID) -> Iterator[ReleaseChunk]:
    rows = ReleaseChunk.objects.filter(release=release, number__gt=0)
    for pk, index in rows.values_list("pk", "index"):
        if any(id == str(article_id) for id, _ in index):
            yield ReleaseChunk.objects.get(pk=pk)


def _drop_article(chunk: ReleaseChunk, article_id: str) -> None:
    """Pack a chunk again without an article; the others stay as they are, to the byte."""
    packed = frozen_records.drop_article(read_chunk(chunk), article_id)
    chunk.data, chunk.sha256, chunk.index = packed.data, packed.sha256, packed.digests
    chunk.save(update_fields=["data", "sha256", "index"])


def _build_again(release: Release) -> None:
    """Build the files again; those of a withdrawn release are not put back."""
    with storage.temporary_directory() as directory:
        bundle = build_release(release, directory / "files")
        publish_release(release, bundle)
        if release.withdrawn_at is None:
            storage.publish_directory(directory / "files", storage.release_key(release.pk))


def certificate(erasure: Erasure) -> str:
    """Return the certificate as JSON, for people and for files."""
    content = {
        "type": "erasure",
        "id": str(erasure.pk),
        "article": str(erasure.article_id),
        "corpus": erasure.article.corpus.slug,
        "at": erasure.at.isoformat().replace("+00:00", "Z"),
        "by": erasure.by or None,
        "reason": erasure.reason,
        "revisions": erasure.hashes,
        "emptied": {name: value for name, value in erasure.counts.items() if name != "releases"},
        "amended_releases": erasure.counts.get("releases", []),
    }
    return json.dumps(content, ensure_ascii=False, indent=2)
