"""The records of an export: the visible part of a corpus, in chunks of articles with a few queries each.

Memory holds two chunks, one being read and one being written, however large the corpus.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Model, OuterRef, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Cast

from annotations.enums import State
from annotations.formats import RecordSection
from annotations.formats.core import records
from annotations.formats.core.canonical_links import CanonicalLinks
from annotations.formats.core.interfaces import ArticleChunk, Losses, RegistryNames
from annotations.formats.core.statement_copies import StoryStatements
from annotations.models import (
    COPY_STATES,
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Proposition,
    Revision,
    Role,
    Topic,
)
from annotations.models.compiled import CompiledQuery
from annotations.permissions import can_see_annotators
from annotations.services.exchange.exports import queries
from annotations.services.exchange.exports.carries import add_carries
from annotations.services.exchange.exports.expressions import encode_ids, id_in
from annotations.services.exchange.exports.outgoing import OutgoingRecords
from annotations.services.exchange.exports.prefetch import prefetch_items
from annotations.services.exchange.exports.queries import id_as_text
from annotations.services.exchange.exports.rights import add_rights
from annotations.services.rights.verdicts import Gate
from annotations.visibility import visible, visible_with_content

Row = TypeVar("Row", bound=Model)

#: What statements are derived from.
_OF_STATEMENTS = frozenset({RecordSection.SPANS, RecordSection.RELATIONS})
#: The limits of a chunk: articles, and their weight in characters, with so many characters for each span.
MAX_CHUNK_ARTICLES = 100
MAX_CHUNK_WEIGHT = 2_000_000
SPAN_WEIGHT = 400


@dataclass(frozen=True)
class CorpusReader:
    """The part of a corpus to export.

    ``by`` None sees everything; ``role`` is that of ``by``. ``states`` are the states of the sets to export;
    ``articles`` limits the articles. Unless ``keeps_merges``, links are those after all merges. Every record
    passes the ``gate``.
    """

    by: User | None
    corpus: Corpus
    states: Sequence[str]
    articles: QuerySet[Article] | None
    sections: frozenset[RecordSection]
    gate: Gate
    role: Role = Role.MANAGER
    keeps_merges: bool = False

    @cached_property
    def _outgoing(self) -> OutgoingRecords:
        return OutgoingRecords(self.gate, self.corpus)

    @property
    def losses(self) -> Losses:
        """Return what the gate has kept back, once everything was read."""
        return self._outgoing.losses

    @cached_property
    def _links(self) -> CanonicalLinks:
        """What merged entries stand for; nothing is resolved where merges are kept."""
        return CanonicalLinks({}) if self.keeps_merges else queries.load_canonical_links(self.corpus)

    @cached_property
    def _copies(self) -> StoryStatements:
        """What the articles of stories say, which is read before the others: each may repeat a later one."""
        chosen = self._selected_articles()
        places = queries.load_story_places(chosen)
        links = queries.load_canonical_links(self.corpus) if places and self.keeps_merges else self._links
        statements = StoryStatements(places, links)
        if places:
            chosen = chosen.filter(story_members__state__in=COPY_STATES)
            reader = replace(self, articles=chosen, sections=_OF_STATEMENTS)
            for heads in reader._load_heads():
                for article in reader._read_chunk(heads).articles:
                    statements.add(article)
        return statements

    def header(self) -> records.Corpus:
        """Return the record of the corpus and its settings."""
        corpus = self.corpus
        names = [name for name in records.Corpus._fields if name != "id"]
        return self._outgoing.header(
            records.Corpus(str(corpus.pk), *(getattr(corpus, name) for name in names))
        )

    def entries(self) -> Iterator[records.RegistryEntry]:
        """Yield the registry: actors, topics and propositions, each in the order of ids."""
        if RecordSection.REGISTRY in self.sections:
            yield from self._outgoing.entries(map(self._links.resolve_entry, self._entries()))

    def merges(self) -> Iterator[records.Merge]:
        """Yield the merges, which all members see, where they are kept."""
        merges = queries.load_merges(self.corpus) if self.keeps_merges else iter(())
        return self._outgoing.merges(merges)

    def judgements(self) -> Iterator[records.RegistryJudgement]:
        """Yield what was judged of entries that look alike, where merges are kept, too."""
        judgements = queries.load_judgements(self.corpus) if self.keeps_merges else iter(())
        return self._outgoing.judgements(judgements)

    def stories(self) -> Iterator[records.Story]:
        """Yield the stories of the articles, where merges are kept, too."""
        return queries.load_stories(self.corpus, self._selected_articles()) if self.keeps_merges else iter(())

    def tombstones(self) -> Iterator[records.Tombstone]:
        """Yield the traces of the articles that were taken down, where merges are kept, too."""
        return self._outgoing.tombstones(self._wanted_articles()) if self.keeps_merges else iter(())

    def _entries(self) -> Iterator[records.RegistryEntry]:
        actors = self._visible(Actor.objects.filter(corpus=self.corpus))
        for actor in (
            actors.order_by("pk").prefetch_related("aliases", "affiliations").iterator(chunk_size=500)
        ):
            aliases = sorted(actor.aliases.all(), key=lambda alias: alias.pk)
            yield records.Actor(
                str(actor.pk), actor.name, actor.kind, actor.qid, id_as_text(actor.parent_id), actor.note,
                [records.Alias(alias.text, alias.language, alias.kind) for alias in aliases],
                id_as_text(actor.merged_into_id), _affiliation_records(actor),
            )  # fmt: skip
        topics = self._visible(Topic.objects.filter(corpus=self.corpus)).order_by("pk")
        for id, name, merged in topics.values_list("pk", "name", "merged_into_id").iterator():
            yield records.Topic(str(id), name, id_as_text(merged))
        rows = self._visible(Proposition.objects.filter(corpus=self.corpus)).order_by("pk")
        columns = ("pk", "topic_id", "text", "kind", "status", "merged_into_id")
        for id, topic, text, kind, status, merged in rows.values_list(*columns).iterator():
            yield records.Proposition(str(id), id_as_text(topic), text, kind, status, id_as_text(merged))

    def chunks(self) -> Generator[ArticleChunk, None, None]:
        """Yield the articles with their sets in the order of ids.

        The caller must not query the database until the last chunk is yielded or the generator is closed.
        """
        self._outgoing.count_shut(self._wanted_articles())
        return prefetch_items(map(self._load_chunk, self._load_heads()))

    def count_articles(self) -> int:
        """Return the number of articles that ``chunks`` yields."""
        return self._selected_articles().count()

    def _visible(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        return rows if self.by is None else visible(self.by, rows)

    def _selected_articles(self) -> QuerySet[Article]:
        return self._outgoing.narrow(self._wanted_articles())

    def _wanted_articles(self) -> QuerySet[Article]:
        """Return the articles that are asked for, with those that may not leave."""
        rows = Article.objects.all() if self.articles is None else self.articles
        return self._visible(rows.filter(corpus=self.corpus, erasure__isnull=True)).order_by("pk")

    def _load_heads(self) -> Iterator[list[_Head]]:
        """Yield lists of articles that fit into memory together with their content."""
        lengths = Revision.objects.filter(article=OuterRef("pk")).order_by().values("article")
        weight = Subquery(lengths.annotate(all=Sum("length")).values("all"))
        heads = self._selected_articles().annotate(json=Cast("metadata", TextField()), weight=weight)
        heads_after: CompiledQuery[Any] = CompiledQuery(
            lambda last: heads.filter(pk__gt=last).values_list(*_HEAD_COLUMNS)[:MAX_CHUNK_ARTICLES], UUID
        )
        sets_of: CompiledQuery[Any] = CompiledQuery(
            lambda articles: self._sets(articles).order_by("pk").values_list(*_SET_COLUMNS, "span_counts"),
            str,
        )
        last = UUID(int=0)
        while chunk := [_Head(id, weight, values) for id, weight, *values in heads_after(last)]:
            if self.states:
                _add_sets(chunk, sets_of(encode_ids([head.id for head in chunk])))
            yield from _split(chunk)
            last = chunk[-1].id

    def _sets(self, articles: str) -> QuerySet[AnnotationSet, tuple[Any, ...]]:
        """Return the query for the columns and span counts of the sets of articles, whose ids are encoded."""
        rows = AnnotationSet.objects.filter(id_in("article_id", articles)).order_by("pk")
        if len(self.states) < len(State):
            rows = rows.filter(state__in=self.states)
        seen = rows if self.by is None else visible_with_content(self.by, rows)
        return seen.values_list(*_SET_COLUMNS, "span_counts")

    def _load_chunk(self, heads: list[_Head]) -> ArticleChunk:
        texts = RecordSection.TEXTS in self.sections
        return self._outgoing.chunk(self._read_chunk(heads), [head.id for head in heads], texts=texts)

    def _read_chunk(self, heads: list[_Head]) -> ArticleChunk:
        """Return articles as they are in the house."""
        ids = [row[0] for head in heads for row in head.sets]
        content = {part: read(ids) if ids and part in self.sections else {} for part, read in LOADERS.items()}
        names = (
            queries.load_names(ids)
            if ids and RecordSection.NAMES in self.sections
            else RegistryNames({}, {}, {})
        )
        texts = RecordSection.TEXTS in self.sections or self._outgoing.needs_texts
        revisions = queries.load_revisions([head.id for head in heads], texts=texts)
        articles = [
            self._record(head, revisions[str(head.id)], [_set_record(row, content) for row in head.sets])
            for head in heads
        ]
        if RecordSection.CORRECTIONS in self.sections:
            articles = add_carries(articles, [head.id for head in heads], ids)
        if RecordSection.RIGHTS in self.sections:
            articles = add_rights(articles, [head.id for head in heads])
        if RecordSection.SPANS in self.sections:
            articles = [self._links.resolve_article(article) for article in articles]
        if RecordSection.COPIES in self.sections:
            articles = [self._copies.mark_copies(article) for article in articles]
        return ArticleChunk(articles, names)

    def _record(
        self, head: _Head, revisions: list[records.Revision], sets: list[records.AnnotationSet]
    ) -> records.Article:
        values: list[Any] = [str(head.id), self.corpus.slug, *head.values, revisions, sets]
        article = records.Article(*values)
        return article if can_see_annotators(self.role) else article._replace(annotators=None)


@dataclass(slots=True)
class _Head:
    """An article before its texts and spans are read; ``values`` are those of ``_ARTICLE_FIELDS``."""

    id: UUID
    weight: int
    values: Sequence[Any]
    sets: list[list[Any]] = field(default_factory=list)


#: The fields of the record of an article that are read with its head: all from one column each.
_ARTICLE_FIELDS = records.Article._fields[2 : records.Article._fields.index("revisions")]
_HEAD_COLUMNS = ("id", "weight", *("json" if name == "metadata" else name for name in _ARTICLE_FIELDS))
_SET_COLUMNS = (
    "pk", "article_id", "revision_id", "owner__username", "reviewer__username", "kind", "round", "state",
    "version", "guideline_version", "based_on_id", "due_at", "created_at", "submitted_at", "approved_at",
    "approved_by",
)  # fmt: skip

#: The loaders of the content of sets. Rows of the driver have the order of the fields of the records.
LOADERS = {
    RecordSection.SPANS: queries.load_spans,
    RecordSection.RELATIONS: queries.load_relations,
    RecordSection.COMMENTS: queries.load_comments,
}


def _add_sets(heads: list[_Head], rows: Iterable[Sequence[Any]]) -> None:
    by_id = {head.id: head for head in heads}
    for *row, counts in rows:
        head = by_id[row[1]]
        head.sets.append(row)
        head.weight += SPAN_WEIGHT * sum(counts.values())


def _split(heads: list[_Head]) -> Iterator[list[_Head]]:
    run: list[_Head] = []
    weight = 0
    for head in heads:
        if run and weight + head.weight > MAX_CHUNK_WEIGHT:
            yield run
            run, weight = [], 0
        run.append(head)
        weight += head.weight
    yield run


def _set_record(row: Sequence[Any], content: Mapping[RecordSection, queries.Rows]) -> records.AnnotationSet:
    (
        id, article, revision, owner, reviewer, kind, round_, state, version, guideline, based_on, due,
        created, submitted, approved, approved_by,
    ) = row  # fmt: skip
    key = str(id)
    spans, relations, comments = (content[part].get(key, ()) for part in LOADERS)
    return records.AnnotationSet(
        key, str(article), str(revision), owner, reviewer, kind, round_, state, version, guideline,
        id_as_text(based_on), due, created, submitted, approved, spans, relations, comments,
        approved_by or None,
    )  # fmt: skip


def _affiliation_records(actor: Actor) -> list[records.Affiliation]:
    return [
        records.Affiliation(
            str(row.pk), str(row.organisation_id), row.role, row.kind, row.since, row.until, row.note
        )
        for row in sorted(actor.affiliations.all(), key=lambda row: row.pk)
    ]
