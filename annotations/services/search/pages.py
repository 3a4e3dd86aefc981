"""Pages of what a search finds: articles in an order, each with its hits.

The order has parts, each of which an index of the articles gives: those with a time, the newest first, then
those without one; by relevance, those with the words in their titles come before all others. Words of texts
and titles are found by the index alone. Those of quotes and comments are looked at article by article, in
the order of the answer, until the page is full: the index only says where to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from annotations.models import Actor, AnnotationSet, Article, Comment, Corpus, Revision, SearchPlace, Span
from annotations.services.core.replica import reads_replica
from annotations.services.search.conditions import (
    FOUND_STATES,
    ArticleConditions,
    actor_condition,
    found_spans,
    is_of_words,
    span_conditions,
)
from annotations.services.search.hits import ArticleHits, QuoteMatcher, SpanRange, make_hits, touching
from annotations.services.search.requests import SearchRequest
from annotations.text.search_query import HitFinder, SearchQuery
from annotations.visibility import visible

#: How many articles are looked at together for their quotes or comments, and for one page at most.
_LOOKED_AT_ONCE, MAX_LOOKED_AT = 100, 5_000
ARTICLE_COLUMNS = ("id", "external_id", "title", "source", "published_at")
_REVISION_COLUMNS = ("number", "sha256", "length")


class Place(NamedTuple):
    """The place of an article in an answer: the number of a part of its order, its time, its id."""

    part: int
    time: datetime | None
    article: UUID

    def __str__(self) -> str:
        return " ".join((str(self.part), self.time.isoformat() if self.time else "-", str(self.article)))

    @classmethod
    def parse(cls, text: str) -> Place:
        """Return the place that a text names; raise ``ValueError`` for one that names none."""
        part, time, article = text.split(" ")
        moment = None if time == "-" else datetime.fromisoformat(time)
        if moment is not None and moment.tzinfo is None:
            raise ValueError(time)
        return cls(int(part), moment, UUID(article))

    def beyond(self, *, backwards: bool) -> Q:
        """Return the condition that an article of the same part stands behind this place, or before it."""
        newer, side = ("gte", "gt") if backwards else ("lte", "lt")
        other_side = Q((f"pk__{side}", self.article))
        if self.time is None:
            return other_side
        return Q((f"published_at__{newer}", self.time)) & (~Q(published_at=self.time) | other_side)


@dataclass(frozen=True)
class FoundPage:
    """Articles with their hits and places; ``goes_on`` says that more may follow the last looked-at one."""

    results: Sequence[ArticleHits]
    places: Sequence[Place]
    goes_on: bool
    end: Place | None


class Passage(NamedTuple):
    """A quote in a revision, or a comment."""

    text: str
    start: int
    article: UUID
    revision: UUID
    span: UUID | None
    comment: UUID | None


class _ExistsForOne(Exists):
    """Whether there is such a row, asked for article by article: PostgreSQL finds no others first."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


class ArticleSearch:
    """One search in a corpus, for one reader."""

    def __init__(self, by: User, corpus: Corpus, request: SearchRequest, rows: QuerySet[Article]) -> None:
        self.by = by
        self.request = request
        self.query = request.query
        place = SearchPlace.TITLE if request.place == "titles" else SearchPlace.TEXT
        self._conditions = ArticleConditions(by, corpus.pk, place)
        self._paged_conditions = ArticleConditions(by, corpus.pk, place, is_paged=True)
        self._matcher = QuoteMatcher(self.query)
        self._asked_rows = rows

    @cached_property
    def rows(self) -> QuerySet[Article]:
        """Return the articles that are found, or, for quotes and comments, that may be."""
        return self._candidates(self._conditions)

    @cached_property
    def _paged_rows(self) -> QuerySet[Article]:
        """Return the same in the shape whose first rows take the least time."""
        return self._candidates(self._paged_conditions)

    @property
    def looks_inside(self) -> bool:
        """Whether passages have to be looked at, since the index does not know them."""
        return self.request.place in ("quotes", "comments")

    # --- Which articles

    def _candidates(self, conditions: ArticleConditions) -> QuerySet[Article]:
        rows = self._asked_rows
        if not self.query.clauses:
            return rows.none()
        if not self.looks_inside:
            chosen = self._chosen_spans(Span.objects.filter(set__article=OuterRef("pk")))
            rows = conditions.narrow(rows, self.query)
            return rows if chosen is None else rows.filter(_ExistsForOne(chosen.order_by()))
        outer = SearchQuery(tuple(clause for clause in self.query.clauses if not is_of_words(clause)))
        rows = conditions.narrow(rows, outer) if outer.clauses else rows
        inner = self._passages().filter(set__article=OuterRef("pk")).order_by()
        rows = rows.filter(_ExistsForOne(inner))
        if self.request.place == "quotes":
            older = AnnotationSet.objects.filter(article=OuterRef("pk")).exclude(
                revision=OuterRef("revision")
            )
            for clause in self.query.clauses:
                if is_of_words(clause) and not clause.is_negated:
                    # The words of a quote stand in the text, if not in the current one.
                    rows = rows.filter(conditions.clause(clause, rows) | Q(Exists(older)))
        return rows

    def _chosen_spans(self, spans: QuerySet[Span]) -> QuerySet[Span] | None:
        """Return those that label and actor choose, or None where they choose nothing."""
        request = self.request
        if request.label is None and request.actor is None:
            return None
        if request.label is not None:
            spans = spans.filter(label=request.label)
        if request.actor is not None:
            same = Actor.objects.filter(pk=request.actor).order_by().values("canonical_id")
            spans = spans.filter(actor_condition(same))
        return found_spans(self.by, spans)

    def _passages(self) -> QuerySet[Any]:
        """Return the spans or comments in which it looks."""
        spans = Span.objects.filter(span_conditions(self.query))
        chosen = self._chosen_spans(spans)
        if self.request.place == "quotes":
            return found_spans(self.by, spans) if chosen is None else chosen
        rows = visible(self.by, Comment.objects.filter(set__state__in=FOUND_STATES))
        if chosen is None and not span_conditions(self.query):
            return rows
        of_spans = found_spans(self.by, spans) if chosen is None else chosen
        return rows.filter(span__in=of_spans.order_by().values("pk"))

    # --- In which order

    @cached_property
    def _parts(self) -> Sequence[Q]:
        """Return the parts of the order."""
        parts = (Q(published_at__isnull=False), Q(published_at__isnull=True))
        atoms = self.query.text_atoms
        if self.request.sort != "relevance" or not atoms or self.request.place == "titles":
            return parts
        in_title = self._paged_conditions.words(atoms, SearchPlace.TITLE)
        return [rank & part for rank in (in_title, ~in_title) for part in parts]

    def _places(self, start: Place | None, most: int, *, backwards: bool) -> list[Place]:
        """Return the places of the first articles behind a place, or before it, the nearest first."""
        found: list[Place] = []
        numbers = range(len(self._parts))
        for number in reversed(numbers) if backwards else numbers:
            if start is not None and (number > start.part if backwards else number < start.part):
                continue
            rows = self._paged_rows.filter(self._parts[number])
            if start is not None and number == start.part:
                rows = rows.filter(start.beyond(backwards=backwards))
            order = ("published_at", "pk") if backwards else ("-published_at", "-pk")
            columns = rows.order_by(*order[number % 2 :]).values_list("published_at", "pk")
            found += [Place(number, *row) for row in columns[: most - len(found)]]
            if len(found) == most:
                break
        return found

    @reads_replica
    def page(self, size: int, *, after: Place | None = None, before: Place | None = None) -> FoundPage:
        """Return at most ``size`` articles behind a place or, in the same order, before one."""
        start, backwards = before or after, before is not None
        found = self._look(start, size + 1, backwards=backwards)
        goes_on, end = len(found.places) > size or found.goes_on, found.end
        places = list(found.places)[:size]
        if len(found.places) > size:
            end = places[-1]
        if backwards:
            places.reverse()
        inside = {place.article: found.passages.get(place.article, []) for place in places}
        return FoundPage(self._results(places, inside), places, goes_on, end)

    def _look(self, start: Place | None, wanted: int, *, backwards: bool) -> _Looked:
        """Return the places of the first articles that are found."""
        if not self.looks_inside:
            return _Looked(self._places(start, wanted, backwards=backwards), {}, False, None)
        places: list[Place] = []
        passages: dict[UUID, list[Passage]] = {}
        for _ in range(0, MAX_LOOKED_AT, _LOOKED_AT_ONCE):
            chunk = self._places(start, _LOOKED_AT_ONCE, backwards=backwards)
            found = self.matching_passages([place.article for place in chunk])
            places += [place for place in chunk if place.article in found]
            passages |= found
            start = chunk[-1] if chunk else start
            if len(places) >= wanted or len(chunk) < _LOOKED_AT_ONCE:
                return _Looked(places[:wanted], passages, False, None)
        return _Looked(places, passages, True, start)

    def matching_passages(self, articles: Sequence[UUID]) -> dict[UUID, list[Passage]]:
        """Return the quotes or comments of some articles that fit, by article."""
        rows = self._passages().filter(_in_sets(article__in=articles))
        # Most do not fit; until one does, ids stay texts, which takes half the time.
        article, revision, span, pk = (
            Cast(name, CharField()) for name in ("set__article", "set__revision", "span", "pk")
        )
        columns: Any
        if self.request.place == "quotes":
            rows = rows.order_by("start", "end", "pk")
            columns = rows.values_list("quote", "start", article, revision, pk, Value(None, CharField()))
        else:
            rows = rows.order_by("pk")
            columns = rows.values_list("text", Value(0), article, revision, span, pk)
        found: dict[UUID, list[Passage]] = {}
        for text, start, *ids in columns:
            if self._matcher.find(text) is not None:
                passage = Passage(text, start, *(id and UUID(id) for id in ids))
                found.setdefault(passage.article, []).append(passage)
        return found

    # --- With which hits

    def _results(
        self, places: Sequence[Place], inside: Mapping[UUID, Sequence[Passage]]
    ) -> list[ArticleHits]:
        ids = [place.article for place in places]
        columns = [*_REVISION_COLUMNS, *(() if self.request.place in ("titles", "comments") else ("text",))]
        rows = Article.objects.select_related("revision").order_by()
        articles = rows.only(*ARTICLE_COLUMNS, *(f"revision__{name}" for name in columns)).in_bulk(ids)
        revisions = self._revisions(articles, inside)
        found = [
            ArticleHits({name: getattr(articles[id], name) for name in ARTICLE_COLUMNS}, revisions[id])
            for id in ids
            if id in articles
        ]
        spans = self._spans([each.revision.pk for each in found]) if self.request.place == "texts" else {}
        finder = HitFinder(self.query.text_atoms)
        for each in found:
            article: Any = each.article
            if self.request.place in ("texts", "titles"):
                is_title = self.request.place == "titles"
                text = article["title"] if is_title else each.revision.text
                atoms_finder = HitFinder((*self.query.text_atoms, *self.query.title_atoms))
                ranges = (atoms_finder if is_title else finder).find(text)
                spans_of = touching(spans.get(each.revision.pk, ()))
                each.hits = make_hits(text, ranges, self.request.context, spans_of)
                each.hits_total = len(ranges)
            elif self.request.place == "quotes":
                self._add_quotes(each, inside[article["id"]])
            else:
                self._add_comments(each, inside[article["id"]])
        return found

    def _revisions(
        self, articles: Mapping[UUID, Article], inside: Mapping[UUID, Sequence[Passage]]
    ) -> dict[UUID, Revision]:
        """Return the revision in which the hits of each article count: the newest that has one."""
        older = {
            passage.revision
            for id, passages in inside.items()
            for passage in passages
            if self.request.place == "quotes" and id in articles
        } - {article.revision_id for article in articles.values()}
        rows = Revision.objects.in_bulk(list(older)) if older else {}
        found: dict[UUID, Revision] = {}
        for id, article in articles.items():
            ids = {passage.revision for passage in inside.get(id, ())}
            known = [row for row in (article.revision, *map(rows.get, ids)) if row is not None]
            having = [row for row in known if row.pk in ids] or [article.revision]
            found[id] = (
                max(having, key=lambda row: row.number) if self.request.place == "quotes" else known[0]
            )
        return found

    def _spans(self, revisions: Sequence[UUID]) -> dict[UUID, list[SpanRange]]:
        """Return the spans of texts that the reader sees."""
        rows = found_spans(self.by, Span.objects.filter(_in_sets(revision__in=revisions))).order_by()
        found: dict[UUID, list[SpanRange]] = {}
        for revision, start, end, pk in rows.values_list("set__revision", "start", "end", "pk"):
            found.setdefault(revision, []).append(SpanRange(start, end, pk))
        return found

    def _add_quotes(self, result: ArticleHits, passages: Sequence[Passage]) -> None:
        spans: dict[tuple[int, int], list[UUID]] = {}
        for passage in passages:
            if passage.revision == result.revision.pk and passage.span is not None:
                for start, end in self._matcher.find(passage.text) or ():
                    spans.setdefault((passage.start + start, passage.start + end), []).append(passage.span)
        ranges = sorted(spans)
        result.hits = make_hits(
            result.revision.text, ranges, self.request.context, lambda start, end: spans[start, end]
        )
        result.hits_total = len(ranges)

    def _add_comments(self, result: ArticleHits, passages: Sequence[Passage]) -> None:
        for passage in passages:
            ranges = self._matcher.find(passage.text) or []
            spans = [] if passage.span is None else [SpanRange(0, len(passage.text), passage.span)]
            spans_of = touching(spans)
            result.hits += make_hits(passage.text, ranges, self.request.context, spans_of, passage.comment)
            result.hits_total += len(ranges)


class _Looked(NamedTuple):
    places: list[Place]
    passages: Mapping[UUID, list[Passage]]
    goes_on: bool
    end: Place | None


def _in_sets(**chosen: Sequence[UUID]) -> Q:
    """Return the condition of being in some sets, said twice: else one engine looks at all of a corpus.

    SQLite finds rows by the ids of their sets, PostgreSQL by what chooses the sets.
    """
    sets = AnnotationSet.objects.filter(**chosen, state__in=FOUND_STATES).order_by()
    again = {f"set__{name}": values for name, values in chosen.items()}
    return Q(set__in=list(sets.values_list("pk", flat=True)), **again)
