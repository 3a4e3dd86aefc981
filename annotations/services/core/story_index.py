"""What a search for copies knows of articles: their order, what is kept of them, and which of them lead.

A small search loads what is near its articles, a large one everything at once. Of the whole corpus only those
hashes are held that two articles share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from annotations.models import Article, Fingerprint, FingerprintHash
from annotations.models.bulk import batched
from annotations.services.core.fingerprints import (
    TEXTS_AT_ONCE,
    Neighbours,
    Place,
    count_articles,
    find_postings,
    load_shingles,
)
from annotations.text.copies import MAX_ARTICLES, Shingles, is_promising, least_shared

#: How many articles are compared to find the story of one, those first that share most.
MAX_CANDIDATES = 20
#: How many shingles of texts are kept at hand, which takes 40 megabytes.
MAX_SHINGLES = 5_000_000
_LATEST = datetime.max.replace(tzinfo=UTC)
_COLUMNS = (
    "article_id", "article__published_at", "article__revision__length", "article__led_story__is_lead_chosen",
    "place", "size", "digest",
)  # fmt: skip


class Order(NamedTuple):
    """What decides who leads: a lead that somebody chose comes first, then the earliest, then the longest."""

    is_free: bool
    published: datetime
    shortness: int
    article: UUID


class Near(NamedTuple):
    """An article that may be the same text: how many of the kept hashes of the smaller of both are shared."""

    article: UUID
    share: float


class StoryIndex:
    """The articles of a corpus as far as a search has loaded them, with what it has decided of them."""

    def __init__(self, corpus_id: UUID) -> None:
        self.corpus_id = corpus_id
        self.orders: dict[UUID, Order] = {}
        self.places: dict[UUID, int] = {}
        self._is_whole = False
        self._digests: dict[UUID, str] = {}
        self._sizes: dict[UUID, int] = {}
        self._hashes: dict[UUID, list[int]] = {}
        self._is_widespread: dict[int, bool] = {}
        # by hash, as numbers, which are counted several times as fast as ids are;
        # of boilerplate only leads are held, and not all of them
        self._ids: list[UUID] = []
        self._numbers: dict[UUID, int] = {}
        self._least_shared: list[float] = []
        self._articles: dict[int, list[int]] = {}
        self._leads: dict[int, list[int]] = {}
        self._leads_of_digest: dict[str, list[UUID]] = {}
        # those that were wanted last stand last
        self._texts: dict[UUID, Shingles] = {}
        self._shingles = 0

    # --- loading ------------------------------------------------------------------------------

    def load_corpus(self) -> None:
        """Load all articles of the corpus."""
        self._is_whole = True
        self._load_fingerprints(Fingerprint.objects.filter(corpus=self.corpus_id))
        for id, digest in self._digests.items():
            if self.places[id] == Place.LEADS:
                self._leads_of_digest.setdefault(digest, []).append(id)
        rows = FingerprintHash.objects.filter(corpus=self.corpus_id).order_by("hash", "place", "article")
        stream = rows.values_list("hash", "article_id").iterator(chunk_size=10_000)
        for hash, group in groupby(stream, key=lambda row: row[0]):
            articles = [id for _, id in group]
            if len(articles) > 1:
                self._add_hash(hash, articles)
                for id in articles:
                    self._hashes.setdefault(id, []).append(hash)

    def load(self, ids: Collection[UUID]) -> None:
        """Load articles, and all that share something with them."""
        new = [] if self._is_whole else [id for id in ids if id not in self._hashes]
        if not new:
            return
        self._hashes.update((id, []) for id in new)
        known = {id: self._texts[id].kept for id in new if id in self._texts}
        self._hashes.update(known)
        for some in batched((id for id in new if id not in known), TEXTS_AT_ONCE):
            rows = FingerprintHash.objects.filter(article__in=some).order_by("pk")
            for id, hash in rows.values_list("article_id", "hash"):
                self._hashes[id].append(hash)
        hashes = {hash for id in new for hash in self._hashes[id]} - self._is_widespread.keys()
        postings = find_postings(self.corpus_id, hashes)
        self.load_fingerprints({*new, *(id for articles in postings.values() for id in articles)})
        for hash, articles in postings.items():
            self._add_hash(hash, articles)
        self._load_digests({self._digests.get(id, "") for id in new})

    def add_article(self, article: Article, text: Shingles, near: Neighbours) -> None:
        """Add an article that is not stored yet, and load all that share something with it."""
        id = article.pk
        self.load_fingerprints(
            {*near.equal, *(other for articles in near.postings.values() for other in articles)}
        )
        length = article.revision.length
        order = Order(is_free=True, published=article.published_at or _LATEST, shortness=-length, article=id)
        self._add_fingerprint(order, Place.WAITS, len(text.kept), text.digest)
        self._hashes[id] = text.kept
        self.add_texts([(id, text)])
        for hash, articles in near.postings.items():
            self._add_hash(hash, [*articles[:MAX_ARTICLES], id])
        if text.digest:
            self._leads_of_digest[text.digest] = near.equal

    def _load_digests(self, digests: Collection[str]) -> None:
        unknown = {digest for digest in digests if digest and digest not in self._leads_of_digest}
        for digest in unknown:
            self._leads_of_digest[digest] = []
        rows = Fingerprint.objects.filter(corpus=self.corpus_id, digest__in=unknown, place=Place.LEADS)
        ids = list(rows.order_by("article").values_list("article_id", flat=True))
        self.load_fingerprints(ids)
        for id in ids:
            if self.places.get(id) == Place.LEADS:
                self._leads_of_digest[self._digests[id]].append(id)

    def load_fingerprints(self, ids: Iterable[UUID]) -> None:
        """Load the order and the place of articles."""
        for some in batched((id for id in ids if id not in self.orders), TEXTS_AT_ONCE):
            self._load_fingerprints(Fingerprint.objects.filter(article__in=some))

    def _load_fingerprints(self, rows: QuerySet[Fingerprint]) -> None:
        found = rows.order_by().values_list(*_COLUMNS)
        # a cursor takes three times as long as a query that returns a few rows
        for id, published, length, chosen, place, size, digest in (
            found.iterator(chunk_size=10_000) if self._is_whole else found
        ):
            order = Order(not chosen, published or _LATEST, -length, id)
            self._add_fingerprint(order, place, size, digest)

    def _add_fingerprint(self, order: Order, place: int, size: int, digest: str) -> None:
        id = order.article
        if id not in self._numbers:
            self._numbers[id] = len(self._ids)
            self._ids.append(id)
            self._least_shared.append(least_shared(size))
        self.orders[id], self.places[id], self._sizes[id], self._digests[id] = order, place, size, digest

    def _add_hash(self, hash: int, articles: list[UUID]) -> None:
        is_widespread = self._is_widespread[hash] = len(articles) > MAX_ARTICLES
        numbers = [self._numbers[id] for id in articles if id in self._numbers]
        leads = [number for number in numbers if self.places[self._ids[number]] == Place.LEADS]
        self._leads[hash] = leads[:MAX_ARTICLES]
        self._articles[hash] = [] if is_widespread else numbers

    def order_of(self, id: UUID) -> Order:
        """Return the order of an article, which is loaded where it is not known."""
        self.load_fingerprints([id])
        return self.orders[id]

    # --- deciding -----------------------------------------------------------------------------

    def choose_lead(self, id: UUID) -> None:
        """Let an article come first, because somebody chose it."""
        self.orders[id] = self.order_of(id)._replace(is_free=False)

    def set_place(self, id: UUID, place: int) -> None:
        """Note where an article stands."""
        self.places[id] = place
        if place != Place.LEADS:
            return
        equal = self._leads_of_digest.setdefault(self._digests[id], [])
        if id not in equal:
            equal.append(id)
        number = self._numbers[id]
        for hash in self._hashes.get(id, ()):
            leads = self._leads[hash]
            if len(leads) < MAX_ARTICLES and number not in leads:
                leads.append(number)

    def is_equal(self, left: UUID, right: UUID) -> bool:
        """Return whether two articles have the same words."""
        return self._digests[left] != "" and self._digests[left] == self._digests[right]

    def leads_before(self, id: UUID) -> list[UUID]:
        """Return the leads of which an article may be a copy, those first that share most with it."""
        own = self.orders[id]
        equal = [other for other in self._equal_leads(id) if self.orders[other] < own]
        near = [
            each
            for each in self._near(id, self._leads)
            if self.places[each.article] == Place.LEADS and self.orders[each.article] < own
        ]
        near.sort(key=lambda each: (-each.share, self.orders[each.article]))
        return list(dict.fromkeys([*equal, *(each.article for each in near[:MAX_CANDIDATES])]))

    def articles_after(self, id: UUID) -> Iterator[UUID]:
        """Yield the later articles that may be copies of one that now leads."""
        own = self.orders[id]
        near = [*self._near(id, self._articles), *self._near(id, self._leads)]
        for other in dict.fromkeys([*self._equal_leads(id), *(each.article for each in near)]):
            if self.orders[other] > own:
                yield other

    def may_be_copy(self, id: UUID) -> bool:
        """Return whether so much of an article stands in others that one of them may be the same text."""
        hashes = self._hashes.get(id, ())
        widespread = sum(self._is_widespread[hash] for hash in hashes)
        shared = sum(len(self._articles[hash]) > 1 for hash in hashes)
        return bool(hashes) and is_promising(shared, widespread, self._sizes[id])

    def _equal_leads(self, id: UUID) -> list[UUID]:
        digest = self._digests[id]
        leads = self._leads_of_digest.get(digest, []) if digest else []
        return [other for other in leads if other != id and self.places[other] == Place.LEADS]

    def _near(self, id: UUID, articles: Mapping[int, list[int]]) -> Iterator[Near]:
        shared: list[int] = []
        widespread: list[int] = []
        for hash in self._hashes.get(id, ()):
            (widespread if self._is_widespread[hash] else shared).extend(articles[hash])
        counted, together = Counter(shared), Counter(shared + widespread)
        # most share a phrase only, which is told by one comparison
        own, own_least, least = self._sizes[id], least_shared(self._sizes[id]), self._least_shared
        near = [
            (number, total)
            for number, total in together.items()
            if total >= own_least or total >= least[number]
        ]
        for number, total in near:
            other = self._ids[number]
            size = min(own, self._sizes[other])
            rare = counted[number]
            if is_promising(rare, total - rare, size) and other != id:
                yield Near(other, total / size)

    # --- texts --------------------------------------------------------------------------------

    def add_texts(self, texts: Iterable[tuple[UUID, Shingles]]) -> None:
        """Keep texts at hand that were read already; those go that were not wanted for longest."""
        for id, text in texts:
            self._texts[id] = text
            self._shingles += len(text.hashes)
            while self._shingles > MAX_SHINGLES and len(self._texts) > 1:
                self._shingles -= len(self._texts.pop(next(iter(self._texts))).hashes)

    def load_texts(self, ids: Iterable[UUID]) -> None:
        """Read the texts of articles, as many as are held at once."""
        wanted = dict.fromkeys(ids)
        self._texts.update({id: self._texts.pop(id) for id in wanted if id in self._texts})
        read = 0
        for id, text in load_shingles([id for id in wanted if id not in self._texts]):
            self.add_texts([(id, text)])
            read += len(text.hashes)
            if read > MAX_SHINGLES // 2:
                break  # the others would drive out these; they are read when they are compared

    def text_of(self, id: UUID) -> Shingles:
        """Return the shingles of an article, which is read if it is not at hand."""
        if id not in self._texts:
            self.add_texts(load_shingles([id]))
        return self._texts[id]

    def find_widespread(self, hashes: Collection[int]) -> set[int]:
        """Return those of some hashes that are boilerplate."""
        unknown = [] if self._is_whole else [hash for hash in hashes if hash not in self._is_widespread]
        if unknown:
            counts = count_articles(self.corpus_id, unknown, MAX_ARTICLES + 1)
            found = {hash for hash, count in counts.items() if count > MAX_ARTICLES}
        else:
            found = set()
        return found | {hash for hash in hashes if self._is_widespread.get(hash)}
