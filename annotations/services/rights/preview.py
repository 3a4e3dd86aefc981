"""The preview of a protection: where the names of an actor stand, before they are masked.

Texts are read in chunks and one query a chunk, so that a large corpus needs no more memory than a small one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet

from annotations.models import Actor, Alias, Article, Corpus, Span
from annotations.services.rights.protection import protected_since
from annotations.text.masking import NameMatcher

#: The most articles of which texts are in memory together.
CHUNK_ARTICLES = 100
#: The characters before and behind a place that show where it stands.
CONTEXT = 40


class PlaceKind(StrEnum):
    """Where a name stands in an article: in its text, under a span, or in one of its fields."""

    TEXT = "text"
    SPAN = "span"
    TITLE = "title"
    AUTHOR = "author"
    SOURCE = "source"
    URL = "url"
    EXTERNAL_ID = "external_id"


class MaskedPlace(NamedTuple):
    """A place that will be masked, with the words around it, in the current text or in a field."""

    article: UUID
    title: str
    kind: PlaceKind
    start: int
    end: int
    before: str
    words: str
    after: str


class MaskingPreview(NamedTuple):
    """How many places in how many articles will be masked, and the first of them."""

    places: int
    articles: int
    listed: list[MaskedPlace]


_FIELDS = (PlaceKind.TITLE, PlaceKind.AUTHOR, PlaceKind.SOURCE, PlaceKind.URL, PlaceKind.EXTERNAL_ID)
_COLUMNS = ("pk", "title", "author", "source", "url", "external_id", "revision__text")


def masking_preview(corpus: Corpus, actor: UUID | None = None, *, limit: int = 0) -> MaskingPreview:
    """Return how many places will be masked for an actor, or for all that are protected, and the first."""
    places, articles, last = 0, 0, None
    listed: list[MaskedPlace] = []
    for place in _iter_masked_places(corpus, actor):
        places += 1
        articles += place.article != last
        last = place.article
        if places <= limit:
            listed.append(place)
    return MaskingPreview(places, articles, listed)


def _iter_masked_places(corpus: Corpus, actor: UUID | None) -> Iterator[MaskedPlace]:
    """Yield the places that will be masked, by article and kind, in reading order; some can overlap."""
    canonical = _canonical_ids(corpus, actor)
    names = NameMatcher(_names(canonical))
    variants = list(Actor.objects.filter(canonical__in=canonical).order_by().values_list("pk", flat=True))
    rows = Article.objects.filter(corpus=corpus).order_by("pk")
    if not canonical:
        return
    stream = rows.values_list(*_COLUMNS).iterator(chunk_size=CHUNK_ARTICLES)
    while chunk := list(islice(stream, CHUNK_ARTICLES)):
        spans = _load_spans([row[0] for row in chunk], variants)
        for pk, title, *values in chunk:
            yield from _places_of(pk, title, [title, *values], spans.get(pk, ()), names)


def _canonical_ids(corpus: Corpus, actor: UUID | None) -> list[UUID]:
    if actor is None:
        return list(protected_since(corpus.pk))
    rows: QuerySet[Actor] = Actor.objects.filter(corpus=corpus, pk=actor)
    return list(rows.values_list("canonical", flat=True))


def _names(canonical: Sequence[UUID]) -> Iterator[tuple[str, str]]:
    actors = Actor.objects.filter(canonical__in=canonical).order_by().values_list("name")
    aliases = Alias.objects.filter(actor__canonical__in=canonical).order_by().values_list("text")
    return (("", name) for (name,) in actors.union(aliases))


def _load_spans(articles: Sequence[UUID], actors: Sequence[UUID]) -> dict[UUID, list[tuple[int, int]]]:
    """Return the ranges of the spans on current texts that are linked to one of the actors, by article.

    Those of work that is hidden yet are masked, too, but shown to nobody.
    """
    rows = Span.objects.filter(set__article__in=articles, actor__in=actors, set__blind=False)
    rows = rows.filter(set__revision=F("set__article__revision")).order_by("start", "end")
    found: dict[UUID, list[tuple[int, int]]] = {}
    for article, start, end in dict.fromkeys(rows.values_list("set__article", "start", "end")):
        found.setdefault(article, []).append((start, end))
    return found


def _places_of(
    article: UUID,
    title: str,
    values: Sequence[str | None],
    spans: Sequence[tuple[int, int]],
    names: NameMatcher,
) -> Iterator[MaskedPlace]:
    *fields, text = values
    ranges = [(PlaceKind.TEXT, place.start, place.end, text or "") for place in names.find(text or "")]
    taken = {(start, end) for _, start, end, _ in ranges}
    ranges += [(PlaceKind.SPAN, *place, text or "") for place in spans if place not in taken]
    ranges.sort(key=lambda row: (row[1], row[2]))
    for kind, value in zip(_FIELDS, fields, strict=True):
        ranges += [(kind, place.start, place.end, value or "") for place in names.find(value or "")]
    for kind, start, end, value in ranges:
        before, after = value[max(0, start - CONTEXT) : start], value[end : end + CONTEXT]
        yield MaskedPlace(article, title, kind, start, end, before, value[start:end], after)
