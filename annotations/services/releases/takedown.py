"""Taking an article down, or protecting an actor, together with the releases that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from annotations.exceptions import NotInCorpusError, error_at
from annotations.messages import message
from annotations.models import Actor, Article, Release, ReleaseChunk
from annotations.services import releases
from annotations.services.jobs import storage
from annotations.services.rights import confidentiality, takedown


def releases_with_article(corpus_id: UUID, article_id: UUID) -> QuerySet[Release]:
    """Return the releases that hold an article, the newest first, also those that were withdrawn.

    The index of a chunk has the ids of its records, so that no chunk is unpacked.
    """
    chunks = ReleaseChunk.objects.filter(release=OuterRef("pk"), number__gt=0)
    return _releases_with(chunks, corpus_id, Q(ids__contains=f'"{article_id}"'))


def releases_with_actor(actor: Actor) -> QuerySet[Release]:
    """Return the releases that hold an actor, or one that stands for the same, the newest first."""
    heads = ReleaseChunk.objects.filter(release=OuterRef("pk"), number=0)
    ids = Actor.objects.filter(canonical=actor.canonical_id).values_list("pk", flat=True)
    return _releases_with(heads, actor.corpus_id, reduce(or_, (Q(ids__contains=f'"{id}"') for id in ids)))


def _releases_with(chunks: QuerySet[ReleaseChunk], corpus_id: UUID, condition: Q) -> QuerySet[Release]:
    holding = chunks.order_by().annotate(ids=Cast("index", TextField())).filter(condition)
    return Release.objects.filter(Exists(holding), corpus=corpus_id).order_by("-number")


def protect_actor(by: User, id: UUID, reason: str, *, also_withdraw: Sequence[int], version: int) -> Actor:
    """Protect an actor, and withdraw these of the releases that hold it, all or nothing."""
    with transaction.atomic(durable=True):
        actor = confidentiality.protect_actor(by, id, reason, version=version)
        chosen = _chosen_releases(releases_with_actor(actor), also_withdraw)
        for release in chosen:
            releases.mark_withdrawn(by, release, reason)
    for release in chosen:
        storage.delete_files(storage.release_key(release))
    return actor


def take_down_article(
    by: User, id: UUID, reason: str, *, also_withdraw: Sequence[int] = (), version: int | None = None
) -> Article:
    """Take an article down, and withdraw these of the releases that hold it, all or nothing."""
    with transaction.atomic(durable=True):
        article = takedown.take_down(by, id, reason, version=version)
        chosen = _chosen_releases(releases_with_article(article.corpus_id, article.pk), also_withdraw)
        for release in chosen:
            releases.mark_withdrawn(by, release, reason)
    for release in chosen:
        storage.delete_files(storage.release_key(release))
    return article


def _chosen_releases(rows: QuerySet[Release], numbers: Iterable[int]) -> list[UUID]:
    """Return the ids of releases by their numbers; raise if one of them is not among the rows."""
    holding = {row.number: row.pk for row in rows}
    chosen = []
    for index, number in enumerate(numbers):
        if number not in holding:
            with error_at(f"/also_withdraw/{index}"):
                raise NotInCorpusError(
                    message(
                        "No release {number} holds it; leave the number out, or name one of those that the "
                        "answer without it lists.",
                        number=number,
                    )
                )
        chosen.append(holding[number])
    return list(dict.fromkeys(chosen))
