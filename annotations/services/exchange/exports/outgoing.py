"""The gate of exports and releases: every record passes it between the database and the writers.

No writer sees a record that has not passed: articles that may not leave are not read, texts that are
withheld are blocks, and whatever names a protected actor is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from annotations.enums import TextRight
from annotations.formats.core import records
from annotations.formats.core.interfaces import ArticleChunk, Losses
from annotations.formats.core.masked_records import RecordMasker, cite_texts, withhold_text
from annotations.models import Article, ArticleRights, Corpus, Span
from annotations.services.exchange.exports.expressions import id_in
from annotations.services.rights.verdicts import Gate, Reason, TextAccess
from annotations.text.align import CARRIED, carry, mapping
from annotations.text.ranges import Range


class _MaskedSpan(NamedTuple):
    """A span that is linked to a protected actor, whoever marked it."""

    article: str
    revision: str
    start: int
    end: int


@dataclass
class OutgoingRecords:
    """The passage of the records of one file through the gate; ``losses`` are what stays behind."""

    gate: Gate
    corpus: Corpus
    losses: Losses = field(default_factory=Losses)

    @cached_property
    def masker(self) -> RecordMasker:
        """Return the masker of the records of this file."""
        protection = self.gate.protection
        return RecordMasker(protection.names, protection.sources)

    @cached_property
    def _rights(self) -> frozenset[str]:
        """The rights in texts that articles of the corpus have beside the default; none if none has a row."""
        rows = ArticleRights.objects.filter(article__corpus=self.corpus).order_by()
        return frozenset(rows.values_list("may_export_text", flat=True).distinct())

    @cached_property
    def _withholds(self) -> bool:
        """Whether any text may leave in part only."""
        return bool({TextRight.QUOTES, TextRight.NO} & {*self._rights, self.gate.defaults.may_export_text})

    @property
    def needs_texts(self) -> bool:
        """Return whether texts have to be read, also for a format that has none: quotes depend on them."""
        return bool(self.gate.protection) or self._withholds

    def narrow(self, articles: QuerySet[Article]) -> QuerySet[Article]:
        """Return those of the articles that may leave."""
        return articles.filter(self.gate.is_open_condition()) if self._rights else articles

    def count_shut(self, articles: QuerySet[Article]) -> None:
        """Count the articles that may not leave as losses."""
        if not self._rights:
            return
        now = self.gate.now
        taken_down = Q(rights__taken_down_at__isnull=False)
        found = articles.order_by().aggregate(
            embargoed=Count("pk", filter=Q(rights__embargo_until__gt=now) & ~taken_down),
            taken_down=Count("pk", filter=taken_down),
        )
        self.losses.add(Reason.EMBARGO, [""] * found["embargoed"])
        self.losses.add(Reason.TAKEN_DOWN, [""] * found["taken_down"])

    def header(self, record: records.Corpus) -> records.Corpus:
        """Return the header as it may leave."""
        return self.masker.mask_corpus(record) if self.gate.protection else record

    def entries(self, entries: Iterator[records.RegistryEntry]) -> Iterator[records.RegistryEntry]:
        """Yield the registry as it may leave."""
        for entry in entries:
            masked = self.masker.mask_entry(entry) if self.gate.protection else entry
            if masked != entry:
                self.losses.add(Reason.MASKED, [masked.id if masked else ""])
            if masked is not None:
                yield masked

    def merges(self, merges: Iterator[records.Merge]) -> Iterator[records.Merge]:
        """Yield the merges that may leave."""
        masked = map(self.masker.mask_merge, merges) if self.gate.protection else merges
        return (merge for merge in masked if merge is not None)

    def judgements(self, rows: Iterator[records.RegistryJudgement]) -> Iterator[records.RegistryJudgement]:
        """Yield the judgements that may leave."""
        masked = map(self.masker.mask_judgement, rows) if self.gate.protection else rows
        return (row for row in masked if row is not None)

    def tombstones(self, articles: QuerySet[Article]) -> Iterator[records.Tombstone]:
        """Yield the traces of those of the articles that were taken down, by id."""
        if not self._rights:
            return
        rows = articles.filter(rights__taken_down_at__isnull=False).order_by("pk")
        for id, external_id, at in rows.values_list("pk", "external_id", "rights__taken_down_at").iterator():
            if at is not None:
                yield self.masker.mask_tombstone(records.Tombstone(str(id), external_id, at))

    def chunk(self, chunk: ArticleChunk, ids: Sequence[UUID], *, texts: bool) -> ArticleChunk:
        """Return articles of these ids as they may leave; ``texts`` says that the format has texts."""
        if not self.needs_texts:
            return chunk
        rights = self._load_rights(ids) if self._rights else {}
        ranges = self._load_ranges(chunk.articles, ids) if self.gate.protection else {}
        articles = [self._pass(article, rights.get(article.id), ranges) for article in chunk.articles]
        if not texts:
            articles = [_without_texts(article) for article in articles]
        names = self.masker.mask_names(chunk.names) if self.gate.protection else chunk.names
        return ArticleChunk(articles, names)

    def _pass(
        self,
        article: records.Article,
        rights: ArticleRights | None,
        ranges: Mapping[str, Sequence[tuple[int, int]]],
    ) -> records.Article:
        masked = self.masker.mask_article(article, ranges) if self.gate.protection else article
        if masked is not article:
            self.losses.add(Reason.MASKED, [article.id])
        access = self.gate.verdict(rights).text
        if access is TextAccess.WHOLE:
            return masked
        shown = _shown_ranges(masked) if access is TextAccess.QUOTES else {}
        share = self.gate.quote_share(rights)
        if share is not None and access is TextAccess.QUOTES:
            limited = {
                row.id: _limit_ranges(shown.get(row.id, ()), len(row.text), share) for row in masked.revisions
            }
            self.losses.add(Reason.QUOTE_SHARE, [article.id] if limited != shown else [])
            shown = limited
        revisions = [withhold_text(row, shown.get(row.id, ())) for row in masked.revisions]
        return cite_texts(masked._replace(revisions=revisions))

    def _load_rights(self, ids: Sequence[UUID]) -> dict[str, ArticleRights]:
        rows = ArticleRights.objects.filter(id_in("article_id", ids)).order_by()
        return {str(row.article_id): row for row in rows}

    def _load_ranges(
        self, articles: Sequence[records.Article], ids: Sequence[UUID]
    ) -> dict[str, list[tuple[int, int]]]:
        """Return the ranges that spans of protected actors mark, in each revision of their articles."""
        linked = Span.objects.filter(id_in("set__article_id", ids), actor_id__in=list(self.gate.sources))
        columns = ("set__article_id", "set__revision_id", "start", "end")
        found = [
            _MaskedSpan(str(article), str(revision), start, end)
            for article, revision, start, end in linked.order_by(*columns).values_list(*columns)
        ]
        by_id = {article.id: article for article in articles}
        ranges: dict[str, list[tuple[int, int]]] = {}
        for span in dict.fromkeys(found):
            for revision, place in _places(by_id[span.article].revisions, span):
                ranges.setdefault(revision, []).append(place)
        return ranges


def _places(
    revisions: Sequence[records.Revision], span: _MaskedSpan
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the places of a span in all versions of its text, as far as corrections would carry it."""
    marked = next(row for row in revisions if row.id == span.revision)
    for row in revisions:
        where = Range(span.start, span.end)
        [carried] = carry(mapping(marked.text, row.text), [where])
        if carried.place is not None and (carried.status in CARRIED or row is marked):
            yield row.id, (carried.place.start, carried.place.end)


def _shown_ranges(article: records.Article) -> dict[str, list[tuple[int, int]]]:
    """Return the ranges of the spans of an article, by the revision on which they stand, in reading order."""
    shown: dict[str, set[tuple[int, int]]] = {}
    for row in article.sets:
        shown.setdefault(row.revision, set()).update((span[3], span[4]) for span in row.spans)
    return {revision: sorted(ranges) for revision, ranges in shown.items()}


def _limit_ranges(ranges: Sequence[tuple[int, int]], length: int, share: float) -> list[tuple[int, int]]:
    """Return the ranges, in reading order, that together are at most this share of a text."""
    kept: list[tuple[int, int]] = []
    left, end = int(length * share), 0
    for start, stop in ranges:
        new = max(0, stop - max(start, end))
        if new <= left:
            kept.append((start, stop))
            left, end = left - new, max(end, stop)
    return kept


def _without_texts(article: records.Article) -> records.Article:
    return article._replace(revisions=[row._replace(text="") for row in article.revisions])
