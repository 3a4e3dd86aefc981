"""What a search has found, as its page lists it: hits in their sentences, each with its address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse

from annotations.models import AnnotationSet, Comment, Span
from annotations.services.search.conditions import FOUND_STATES
from annotations.services.search.hits import ArticleHits, Hit
from annotations.services.search.pages import FoundPage
from annotations.visibility import visible, visible_with_content

#: How many hits of an article are listed, and how many characters before and after each.
HITS_SHOWN, CONTEXT = 5, 160
#: Where a sentence ends, in the scripts that mark it.
_SENTENCE_END = re.compile(r"[.!?…。！？।؟۔]['”’»)\]]*\s+|[。！？]|\n")


@dataclass(frozen=True)
class HitRow:
    """A hit in its sentence, with the address where it stands."""

    before: str
    quote: str
    after: str
    url: str


def list_results(by: User, found: FoundPage, place: str) -> list[dict[str, Any]]:
    """Return the articles of a page with their first hits, in the order in which they were found."""
    hits = [hit for result in found.results for hit in result.hits]
    marks = _Marks(
        _sets_of(by, Span, {span for hit in hits for span in hit.spans[:1]}),
        _sets_of(by, Comment, {hit.comment for hit in hits if hit.comment}),
    )
    sets = _sets_to_open(by, found.results)
    results = []
    for result in found.results:
        article: Any = result.article
        links = _Links(article["id"], sets.get(article["id"]), marks, place)
        results.append(
            {
                "article": article,
                "title": article["title"] or article["external_id"] or str(article["id"]),
                "url": links.article,
                "hits": [_hit_row(hit, links) for hit in result.hits[:HITS_SHOWN]],
                "total": result.hits_total,
                "more": result.hits_total - HITS_SHOWN,
            }
        )
    return results


def _sets_of(by: User, model: type[Model], ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the sets of some spans or comments, by their ids."""
    ids = set(ids)
    if not ids:
        return {}
    return dict(visible(by, model._default_manager.filter(pk__in=ids)).values_list("pk", "set"))


def _sets_to_open(by: User, results: Sequence[ArticleHits]) -> dict[UUID, UUID]:
    """Return for each article the set in which a hit is shown: one's own before others, the newest first."""
    revisions = [result.revision.pk for result in results]
    rows = visible_with_content(
        by, AnnotationSet.objects.filter(revision__in=revisions, state__in=FOUND_STATES)
    )
    ordered = rows.order_by("pk").values_list("owner_id", "article_id", "pk")
    # of several, the last one stays
    return {article: pk for _, article, pk in sorted(ordered, key=lambda row: row[0] == by.pk)}


@dataclass(frozen=True)
class _Marks:
    """The sets in which the spans and the comments of a page are shown."""

    sets_of_spans: Mapping[UUID, UUID]
    sets_of_comments: Mapping[UUID, UUID]


class _Links:
    """The addresses of one article and of the hits in it."""

    def __init__(self, article: UUID, opened: UUID | None, marks: _Marks, place: str) -> None:
        self.article = reverse("admin:annotations_article_change", args=(article,))
        self._opened = opened
        self._marks = marks
        self._place = place

    def of_hit(self, hit: Hit) -> str:
        """Return the address at which the workbench shows a hit, or where there is none, the article."""
        if hit.comment is not None and hit.comment in self._marks.sets_of_comments:
            return f"{self._workbench(self._marks.sets_of_comments[hit.comment])}#comment={hit.comment}"
        if self._place == "quotes" and hit.spans:
            return f"{self._workbench(self._marks.sets_of_spans[hit.spans[0]])}#span={hit.spans[0]}"
        if self._place != "texts":
            return self.article
        at = f"{hit.start}-{hit.end}"
        if self._opened is not None:
            return f"{self._workbench(self._opened)}#at={at}"
        return f"{self.article}?at={at}#hit"

    def _workbench(self, set_id: UUID) -> str:
        return reverse("admin:annotations_annotationset_workbench", args=(set_id,))


def _hit_row(hit: Hit, links: _Links) -> HitRow:
    before, after = cut_to_sentence(hit.before, hit.after)
    return HitRow(before, hit.quote, after, links.of_hit(hit))


def cut_to_sentence(before: str, after: str) -> tuple[str, str]:
    """Return what stands of the sentence before and after a hit; an ellipsis where it goes on."""
    ends = [found.end() for found in _SENTENCE_END.finditer(before)]
    start = before[ends[-1] :] if ends else before
    if not ends and len(before) == CONTEXT:
        start = f"…{before[1:]}"
    found = _SENTENCE_END.search(after)
    end = after[: found.end()].rstrip() if found else after
    if not found and len(after) == CONTEXT:
        end = f"{after[:-1]}…"
    return start, end
