"""Fingerprints: the hashes of the current text of each article, by which its copies are found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, UUIDField

from annotations.models import Article, Fingerprint, FingerprintHash, bulk
from annotations.text.copies import MAX_ARTICLES, Shingles

Place = Fingerprint.Place
Item = TypeVar("Item")

#: How many texts are held at once.
TEXTS_AT_ONCE = 200
#: How many hashes are looked up by one query; SQLite takes no query of more parts than 500.
HASHES_AT_ONCE = 250
#: So many articles are read of a hash: one more than may have it, and one more to see that it became so.
MAX_POSTINGS = MAX_ARTICLES + 2


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def unprinted_articles(corpus_id: UUID) -> QuerySet[Article]:
    """Return the articles of a corpus whose current text has no fingerprint."""
    current = Fingerprint.objects.filter(article=OuterRef("pk"), revision=OuterRef("revision"))
    return Article.objects.filter(~Exists(current), corpus=corpus_id).order_by()


def waiting_fingerprints(corpus_id: UUID) -> QuerySet[Fingerprint]:
    """Return the fingerprints that have not been compared yet."""
    return Fingerprint.objects.filter(corpus=corpus_id, place=Place.WAITS).order_by()


def load_shingles(article_ids: Collection[UUID]) -> Iterator[tuple[UUID, Shingles]]:
    """Yield the shingles of the current texts of articles."""
    for some in chunks(article_ids, TEXTS_AT_ONCE):
        rows = Article.objects.filter(pk__in=some).order_by()
        for pk, text in rows.values_list("pk", "revision__text"):
            yield pk, Shingles.of_text(text)


def print_articles(articles: QuerySet[Article]) -> dict[UUID, Shingles]:
    """Store the fingerprints of the current texts of some articles, which then wait; return their shingles.

    Articles that have a hash which became boilerplate, or is none any more, wait for a search, too.
    """
    rows = list(articles.values_list("corpus_id", "pk", "revision_id", "revision__text"))
    texts = {pk: Shingles.of_text(text) for _, pk, _, text in rows}
    if not rows:
        return texts
    corpus_id = rows[0][0]
    delete_fingerprints(corpus_id, list(texts))
    prints, hashes = [], []
    for _, pk, revision, _ in rows:
        kept = texts[pk].kept
        prints.append((pk, corpus_id, revision, texts[pk].digest, len(kept), int(Place.WAITS)))
        hashes += [(pk, corpus_id, hash, int(Place.LEADS)) for hash in kept]
    bulk.insert_rows(
        Fingerprint, ("article_id", "corpus_id", "revision_id", "digest", "size", "place"), prints
    )
    if hashes:
        bulk.insert_rows(FingerprintHash, ("article_id", "corpus_id", "hash", "place"), hashes)
        _let_wait(corpus_id, _crossed(corpus_id, Counter(row[2] for row in hashes)))
    return texts


def delete_fingerprints(corpus_id: UUID, article_ids: Sequence[UUID]) -> None:
    """Delete the fingerprints of articles whose text is gone."""
    older = Fingerprint.objects.filter(article__in=article_ids).order_by()
    if not older.exists():
        return
    rows = FingerprintHash.objects.filter(article__in=article_ids).order_by()
    crossed = _crossed(corpus_id, Counter(rows.values_list("hash", flat=True)))
    rows.delete()
    older.delete()
    _let_wait(corpus_id, crossed)


def _crossed(corpus_id: UUID, changed: Mapping[int, int]) -> list[int]:
    """Return the hashes that are boilerplate with, and were or will be none without, these articles."""
    counts = count_articles(corpus_id, changed, MAX_ARTICLES + 1 + max(changed.values(), default=0))
    return [hash for hash, count in counts.items() if count - changed[hash] <= MAX_ARTICLES < count]


def _let_wait(corpus_id: UUID, hashes: Sequence[int]) -> None:
    for some in chunks(hashes, HASHES_AT_ONCE):
        having = FingerprintHash.objects.filter(corpus=corpus_id, hash__in=some).order_by()
        Fingerprint.objects.filter(article__in=having.values("article")).update(place=Place.WAITS)


def store_places(places: Mapping[UUID, int]) -> None:
    """Store where articles stand among their copies."""
    for place in set(places.values()):
        ids = [id for id, each in places.items() if each == place]
        order = Place.COPY if place == Place.COPY else Place.LEADS
        for some in chunks(ids, TEXTS_AT_ONCE):
            Fingerprint.objects.filter(article__in=some).exclude(place=place).update(place=place)
            if place != Place.WAITS:
                FingerprintHash.objects.filter(article__in=some).exclude(place=order).update(place=order)


def find_postings(corpus_id: UUID, hashes: Collection[int]) -> dict[int, list[UUID]]:
    """Return the articles that have each hash, leads first, and of boilerplate two more than count."""
    found: dict[int, list[UUID]] = {hash: [] for hash in hashes}
    corpus, order = _corpus_value(corpus_id), f"ORDER BY place, article_id LIMIT {MAX_POSTINGS}"
    with connection.cursor() as cursor:
        for some in chunks(found, HASHES_AT_ONCE):
            if connection.vendor == "postgresql":
                # planned once, where a union would be planned part by part
                cursor.execute(
                    "SELECT part.* FROM unnest(%s::bigint[]) AS wanted (hash) CROSS JOIN LATERAL"  # noqa: S608
                    f" (SELECT hash, article_id FROM {_table()} AS rows"
                    f" WHERE rows.corpus_id = %s AND rows.hash = wanted.hash {order}) AS part",
                    [some, corpus],
                )
            else:
                part = (
                    f"SELECT * FROM (SELECT hash, article_id FROM {_table()}"  # noqa: S608
                    f" WHERE corpus_id = %s AND hash = %s {order})"
                )
                parameters = [value for hash in some for value in (corpus, hash)]
                cursor.execute(" UNION ALL ".join([part] * len(some)), parameters)
            for hash, article in cursor.fetchall():
                found[hash].append(article if isinstance(article, UUID) else UUID(article))
    return found


def count_articles(corpus_id: UUID, hashes: Collection[int], most: int) -> dict[int, int]:
    """Return in how many articles each hash is, counted up to ``most``."""
    if not hashes:
        return {}
    is_postgres = connection.vendor == "postgresql"
    wanted = "unnest(%s::bigint[]) AS wanted (value)" if is_postgres else "json_each(%s) AS wanted"
    values: Any = list(hashes) if is_postgres else json.dumps(list(hashes))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wanted.value, (SELECT COUNT(*) FROM (SELECT 1"  # noqa: S608
            f" FROM {_table()} AS rows WHERE rows.corpus_id = %s AND rows.hash = wanted.value"
            f" LIMIT {most}) AS part) FROM {wanted}",
            [_corpus_value(corpus_id), values],
        )
        return dict(cursor.fetchall())


def _table() -> str:
    return connection.ops.quote_name(FingerprintHash._meta.db_table)


def _corpus_value(corpus_id: UUID) -> Any:
    return UUIDField().get_db_prep_value(corpus_id, connection)
