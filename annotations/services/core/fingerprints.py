"""Fingerprints: the hashes of the current text of each article, by which its copies are found."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, UUIDField

from annotations.models import Article, Fingerprint, FingerprintHash, bulk
from annotations.models.bulk import batched
from annotations.text.copies import MAX_ARTICLES, Shingles, is_promising

Place = Fingerprint.Place

#: How many texts are held at once.
TEXTS_AT_ONCE = 200
#: How many hashes are looked up by one query; SQLite takes no query of more parts than 500.
HASHES_AT_ONCE = 250
#: So many articles are read of a hash: one more than may have it, and one more to see that it became so.
MAX_POSTINGS = MAX_ARTICLES + 2
_COLUMNS = ("article_id", "corpus_id", "revision_id", "digest", "size", "place")
_HASH_COLUMNS = ("article_id", "corpus_id", "hash", "place")


def articles_without_fingerprint(corpus_id: UUID) -> QuerySet[Article]:
    """Return the articles of a corpus whose current text has no fingerprint."""
    current = Fingerprint.objects.filter(article=OuterRef("pk"), revision=OuterRef("revision"))
    return Article.objects.filter(~Exists(current), corpus=corpus_id, erasure__isnull=True).order_by()


def waiting_fingerprints(corpus_id: UUID) -> QuerySet[Fingerprint]:
    """Return the fingerprints that have not been compared yet."""
    return Fingerprint.objects.filter(corpus=corpus_id, place=Place.WAITS).order_by()


def load_shingles(article_ids: Collection[UUID]) -> Iterator[tuple[UUID, Shingles]]:
    """Yield the shingles of the current texts of articles."""
    for some in batched(article_ids, TEXTS_AT_ONCE):
        rows = Article.objects.filter(pk__in=some).order_by()
        for pk, text in rows.values_list("pk", "revision__text"):
            yield pk, Shingles.of_text(text)


def fingerprint_articles(articles: QuerySet[Article]) -> dict[UUID, Shingles]:
    """Store the fingerprints of the current texts of some articles, which then wait; return their shingles.

    Articles that have a hash which became boilerplate, or is none any more, wait for a search, too.
    """
    rows = list(articles.values_list("corpus_id", "pk", "revision_id", "revision__text"))
    texts = {pk: Shingles.of_text(text) for _, pk, _, text in rows}
    if not rows:
        return texts
    corpus_id = rows[0][0]
    delete_fingerprints(corpus_id, list(texts))
    fingerprints, hashes = [], []
    for _, pk, revision, _ in rows:
        fingerprints.append(_fingerprint_values(corpus_id, pk, revision, texts[pk], Place.WAITS))
        hashes += _hash_values(corpus_id, pk, texts[pk], Place.WAITS)
    _insert(fingerprints, hashes)
    if hashes:
        _mark_waiting(corpus_id, _crossed(corpus_id, Counter(row[2] for row in hashes)))
    return texts


def fingerprint_new_article(article: Article, text: Shingles, place: int) -> None:
    """Store the fingerprint of an article that had none, and that has found its place already."""
    _insert(
        [_fingerprint_values(article.corpus_id, article.pk, article.revision_id, text, place)],
        _hash_values(article.corpus_id, article.pk, text, place),
    )


def _fingerprint_values(
    corpus_id: UUID, id: UUID, revision: UUID, text: Shingles, place: int
) -> tuple[Any, ...]:
    return (id, corpus_id, revision, text.digest, len(text.kept), int(place))


def _hash_values(corpus_id: UUID, id: UUID, text: Shingles, place: int) -> list[tuple[Any, ...]]:
    return [(id, corpus_id, hash, _place_of_hashes(place)) for hash in text.kept]


def _place_of_hashes(place: int) -> int:
    """Return what the hashes of an article say of its place: what waits may lead."""
    return int(Place.COPY if place == Place.COPY else Place.LEADS)


def _insert(fingerprints: list[tuple[Any, ...]], hashes: list[tuple[Any, ...]]) -> None:
    bulk.insert_rows(Fingerprint, _COLUMNS, fingerprints)
    if hashes:
        bulk.insert_rows(FingerprintHash, _HASH_COLUMNS, hashes)


def delete_fingerprints(corpus_id: UUID, article_ids: Sequence[UUID]) -> None:
    """Delete the fingerprints of articles whose text is gone."""
    older = Fingerprint.objects.filter(article__in=article_ids).order_by()
    if not older.exists():
        return
    rows = FingerprintHash.objects.filter(article__in=article_ids).order_by()
    crossed = _crossed(corpus_id, Counter(rows.values_list("hash", flat=True)))
    rows.delete()
    older.delete()
    _mark_waiting(corpus_id, crossed)


def _crossed(corpus_id: UUID, changed: Mapping[int, int]) -> list[int]:
    """Return the hashes that are boilerplate with, and were or will be none without, these articles."""
    counts = count_articles(corpus_id, changed, MAX_ARTICLES + 1 + max(changed.values(), default=0))
    return [hash for hash, count in counts.items() if count - changed[hash] <= MAX_ARTICLES < count]


def _mark_waiting(corpus_id: UUID, hashes: Sequence[int]) -> None:
    for some in batched(hashes, HASHES_AT_ONCE):
        having = FingerprintHash.objects.filter(corpus=corpus_id, hash__in=some).order_by()
        Fingerprint.objects.filter(article__in=having.values("article")).update(place=Place.WAITS)


def store_places(places: Mapping[UUID, int]) -> None:
    """Store where articles stand among their copies."""
    for place in set(places.values()):
        ids = [id for id, each in places.items() if each == place]
        order = _place_of_hashes(place)
        for some in batched(ids, TEXTS_AT_ONCE):
            Fingerprint.objects.filter(article__in=some).exclude(place=place).update(place=place)
            if place != Place.WAITS:
                FingerprintHash.objects.filter(article__in=some).exclude(place=order).update(place=order)


def find_postings(corpus_id: UUID, hashes: Collection[int]) -> dict[int, list[UUID]]:
    """Return the articles that have each hash, leads first, and of boilerplate two more than count."""
    found: dict[int, list[UUID]] = {hash: [] for hash in hashes}
    for some in batched(found, HASHES_AT_ONCE):
        _fetch_articles([_postings(corpus_id, some)], found)
    return found


class Neighbours(NamedTuple):
    """What a text that is not stored yet shares with the stored ones."""

    postings: dict[int, list[UUID]]
    #: The leads of the same words.
    equal: list[UUID]
    #: Whether an article waits for a search, or is going to because a hash becomes boilerplate by this text.
    is_unsettled: bool


def find_neighbours(corpus_id: UUID, text: Shingles) -> Neighbours:
    """Return what is near a new text, of most texts by one query."""
    found: dict[int, list[UUID]] = {hash: [] for hash in (*text.kept, _EQUAL, _WAITING)}
    first, *others = [*batched(text.kept, HASHES_AT_ONCE)] or [[]]
    corpus = _corpus_value(corpus_id)
    part = f"SELECT * FROM (SELECT %s, article_id FROM {_table(Fingerprint)} WHERE corpus_id = %s AND"  # noqa: S608
    beside = [
        (f"{part} place = %s LIMIT 1) AS waiting", [_WAITING, corpus, int(Place.WAITS)]),
        (
            f"{part} digest = %s AND digest <> '' AND place = %s ORDER BY article_id) AS equal",
            [_EQUAL, corpus, text.digest, int(Place.LEADS)],
        ),
    ]
    _fetch_articles([*([_postings(corpus_id, first)] if first else []), *beside], found)
    for some in others:
        _fetch_articles([_postings(corpus_id, some)], found)
    equal, waiting = found.pop(_EQUAL), found.pop(_WAITING)
    crosses = any(len(articles) == MAX_ARTICLES for articles in found.values())
    return Neighbours(found, equal, bool(waiting) or crosses)


def is_alone(text: Shingles, near: Neighbours) -> bool:
    """Return whether a new text is certainly no copy of any other, and none is one of it."""
    shared: Counter[UUID] = Counter()
    widespread: Counter[UUID] = Counter()
    for articles in near.postings.values():
        (shared if len(articles) < MAX_ARTICLES else widespread).update(articles)
    others, size = shared.keys() | widespread.keys(), len(text.kept)
    if near.equal or any(is_promising(shared[other], widespread[other], size) for other in others):
        return False
    if not others:
        return True
    # a smaller text may stand in this one, if it is small enough for the little that they share
    most = max(shared.values(), default=0), max(widespread.values(), default=0)
    bound = bisect_left(range(size), True, key=lambda kept: not is_promising(*most, kept))
    smaller = Fingerprint.objects.filter(article__in=others, size__lt=bound).order_by()
    return not any(
        is_promising(shared[other], widespread[other], kept)
        for other, kept in smaller.values_list("article_id", "size")
    )


#: What stands for a hash in rows that have none; no hash is negative.
_EQUAL, _WAITING = -1, -2
_Select: TypeAlias = tuple[str, list[Any]]


def _postings(corpus_id: UUID, hashes: Sequence[int]) -> _Select:
    corpus, order = _corpus_value(corpus_id), f"ORDER BY place, article_id LIMIT {MAX_POSTINGS}"
    if connection.vendor == "postgresql":
        # planned once, where a union would be planned part by part
        rows = (
            f"SELECT hash, article_id FROM {_table()}"  # noqa: S608
            f" WHERE corpus_id = %s AND hash = wanted {order}"
        )
        values = "unnest(%s::bigint[]) AS v (wanted)"
        sql = f"SELECT hash, article_id FROM {values} CROSS JOIN LATERAL ({rows}) AS part"  # noqa: S608
        return sql, [list(hashes), corpus]
    part = (
        f"SELECT * FROM (SELECT hash, article_id FROM {_table()}"  # noqa: S608
        f" WHERE corpus_id = %s AND hash = %s {order})"
    )
    return " UNION ALL ".join([part] * len(hashes)), [value for hash in hashes for value in (corpus, hash)]


def _fetch_articles(parts: Sequence[_Select], found: dict[int, list[UUID]]) -> None:
    """Add the articles of a union of selects to those of each hash."""
    with connection.cursor() as cursor:
        parameters = [value for _, values in parts for value in values]
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), parameters)
        for hash, article in cursor.fetchall():
            found[hash].append(article if isinstance(article, UUID) else UUID(article))


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


def _table(model: type[Fingerprint | FingerprintHash] = FingerprintHash) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _corpus_value(corpus_id: UUID) -> Any:
    return UUIDField().get_db_prep_value(corpus_id, connection)
