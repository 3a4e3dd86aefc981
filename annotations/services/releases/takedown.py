"""Taking an article down together with releases that hold it, and finding those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from annotations.exceptions import NotInCorpusError, error_at
from annotations.messages import message
from annotations.models import Article, Release, ReleaseChunk
from annotations.services import releases
from annotations.services.jobs import storage
from annotations.services.rights import takedown


def releases_with_article(corpus_id: UUID, article_id: UUID) -> QuerySet[Release]:
    """Return the releases that hold an article, the newest first, also those that were withdrawn.

    The index of a chunk has the ids of its records, so that no chunk is unpacked.
    """
    chunks = ReleaseChunk.objects.filter(release=OuterRef("pk"), number__gt=0).order_by()
    holding = chunks.annotate(ids=Cast("index", TextField())).filter(ids__contains=f'"{article_id}"')
    return Release.objects.filter(Exists(holding), corpus=corpus_id).order_by("-number")


def take_down_article(
    by: User, id: UUID, reason: str, *, also_withdraw: Sequence[int] = (), version: int | None = None
) -> Article:
    """Take an article down, and withdraw these of the releases that hold it, all or nothing."""
    with transaction.atomic(durable=True):
        article = takedown.take_down(by, id, reason, version=version)
        chosen = _chosen_releases(article, also_withdraw)
        for release in chosen:
            releases.mark_withdrawn(by, release, reason)
    for release in chosen:
        storage.discard_directory(storage.release_path(release))
    return article


def _chosen_releases(article: Article, numbers: Iterable[int]) -> list[UUID]:
    """Return the ids of releases by their numbers; raise if one of them does not hold the article."""
    holding = {row.number: row.pk for row in releases_with_article(article.corpus_id, article.pk)}
    chosen = []
    for index, number in enumerate(numbers):
        if number not in holding:
            with error_at(f"/also_withdraw/{index}"):
                raise NotInCorpusError(
                    message(
                        "No release {number} holds the article; leave the number out, or name one of those "
                        "that the answer without it lists.",
                        number=number,
                    )
                )
        chosen.append(holding[number])
    return list(dict.fromkeys(chosen))
