"""Fingerprints: the hashes of the current text of each article, by which its copies are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, UUIDField

from annotations.models import Article, Fingerprint, FingerprintHash, bulk
from annotations.models.ordering import nulls_last
from annotations.text.copies import MAX_ARTICLES, Shingles

Place = Fingerprint.Place
Item = TypeVar("Item")

#: How many texts are held at once.
TEXTS_AT_ONCE = 200
#: How many hashes are looked up by one query; SQLite takes no query of more parts than 500.
HASHES_AT_ONCE = 250
_PART = (
    "SELECT * FROM (SELECT hash, article_id, place, size FROM {table}"
    " WHERE corpus_id = %s AND hash = %s ORDER BY place, article_id LIMIT {limit}) AS part"
)
# planned once, where a union would be planned part by part
_LATERAL = (
    "SELECT part.* FROM unnest(%s::bigint[]) AS wanted (hash) CROSS JOIN LATERAL"
    " (SELECT hash, article_id, place, size FROM {table} AS rows"
    " WHERE rows.corpus_id = %s AND rows.hash = wanted.hash ORDER BY place, article_id LIMIT {limit}) AS part"
)


class Posting(NamedTuple):
    """An article that has a hash; ``size`` is how many are kept of its text."""

    article: UUID
    place: int
    size: int


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
    """Return the fingerprints that have not been compared yet, the earliest articles first."""
    rows = Fingerprint.objects.filter(corpus=corpus_id, place=Place.WAITS)
    return rows.order_by(nulls_last("article__published_at"), "-revision__length", "article")


def load_shingles(article_ids: Collection[UUID]) -> Iterator[tuple[UUID, Shingles]]:
    """Yield the shingles of the current texts of articles."""
    for some in chunks(article_ids, TEXTS_AT_ONCE):
        rows = Article.objects.filter(pk__in=some).order_by()
        for pk, text in rows.values_list("pk", "revision__text"):
            yield pk, Shingles.of_text(text)


def store_fingerprints(articles: Iterable[tuple[UUID, UUID, UUID, Shingles]]) -> None:
    """Store fingerprints, which then wait; call it within a change.

    Each is (corpus, article, revision, shingles); an older fingerprint of the article is replaced.
    """
    prints, hashes = [], []
    for corpus_id, article_id, revision_id, shingles in articles:
        kept = shingles.kept
        prints.append((article_id, corpus_id, revision_id, shingles.digest, int(Place.WAITS)))
        hashes += [(article_id, corpus_id, hash, int(Place.WAITS), len(kept)) for hash in kept]
    _delete_fingerprints([row[0] for row in prints])
    bulk.insert_rows(Fingerprint, ("article_id", "corpus_id", "revision_id", "digest", "place"), prints)
    if hashes:
        columns = ("article_id", "corpus_id", "hash", "place", "size")
        bulk.insert_rows(FingerprintHash, columns, hashes)


def _delete_fingerprints(article_ids: Sequence[UUID]) -> None:
    older = Fingerprint.objects.filter(article__in=article_ids).order_by()
    if older.exists():
        FingerprintHash.objects.filter(article__in=article_ids).delete()
        older.delete()


def print_articles(articles: QuerySet[Article]) -> dict[UUID, Shingles]:
    """Store the fingerprints of the current texts of some articles; return their shingles."""
    rows = list(articles.values_list("corpus_id", "pk", "revision_id", "revision__text"))
    found = [(corpus, pk, revision, Shingles.of_text(text)) for corpus, pk, revision, text in rows]
    store_fingerprints(found)
    return {pk: shingles for _, pk, _, shingles in found}


def store_places(places: Mapping[UUID, int]) -> None:
    """Store where articles stand among their copies."""
    for place in set(places.values()):
        ids = [id for id, each in places.items() if each == place]
        for some in chunks(ids, TEXTS_AT_ONCE):
            Fingerprint.objects.filter(article__in=some).exclude(place=place).update(place=place)
            FingerprintHash.objects.filter(article__in=some).exclude(place=place).update(place=place)


def find_postings(corpus_id: UUID, hashes: Collection[int]) -> dict[int, list[Posting]]:
    """Return the articles that have each hash, leads first, and of boilerplate one more than counts."""
    found: dict[int, list[Posting]] = {hash: [] for hash in hashes}
    names = {
        "table": connection.ops.quote_name(FingerprintHash._meta.db_table),
        "limit": MAX_ARTICLES + 1,
    }
    corpus = UUIDField().get_db_prep_value(corpus_id, connection)
    for some in chunks(found, HASHES_AT_ONCE):
        sql, parameters = _LATERAL.format(**names), [some, corpus]
        if connection.vendor != "postgresql":
            sql = " UNION ALL ".join([_PART.format(**names)] * len(some))
            parameters = [value for hash in some for value in (corpus, hash)]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            for hash, article, place, size in cursor.fetchall():
                id = article if isinstance(article, UUID) else UUID(article)
                found[hash].append(Posting(id, place, size))
    return found


def leads_by_digest(corpus_id: UUID, digests: Collection[str]) -> dict[str, list[UUID]]:
    """Return the articles that lead by the digests of their words."""
    found: dict[str, list[UUID]] = {}
    wanted = {digest for digest in digests if digest}
    rows = Fingerprint.objects.filter(corpus=corpus_id, digest__in=wanted, place=Place.LEADS)
    for digest, article in rows.order_by("article").values_list("digest", F("article_id")):
        found.setdefault(digest, []).append(article)
    return found
