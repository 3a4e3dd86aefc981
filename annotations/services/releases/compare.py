"""The differences between two releases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotations.formats.core.records import Article
from annotations.formats.release import frozen_records
from annotations.models import Release, ReleaseChunk

#: At most so many ids of each kind are listed; the count always covers all.
MAX_LISTED_IDS = 1_000


def compare_releases(old: Release, new: Release) -> dict[str, Any]:
    """Return ``{articles, spans, registry}``, each ``{added, removed, changed}`` as ``{count, ids}``.

    Only chunks in which an article differs are unpacked.
    """
    before, after = _digests(old, registry=False), _digests(new, registry=False)
    differing = [id for id, digest in before.items() if after.get(id) != digest]
    touched_before = set(differing)
    touched_after = {id for id, digest in after.items() if before.get(id) != digest}
    spans_before = dict(_spans(old, touched_before))
    spans_after = dict(_spans(new, touched_after))
    return {
        "articles": _changes(before, after),
        "spans": _changes(spans_before, spans_after),
        "registry": _changes(_digests(old, registry=True), _digests(new, registry=True)),
    }


def differing_articles(old: Release, new: Release) -> frozenset[str]:
    """Return the ids of the articles that are not the same in both releases."""
    before, after = _digests(old, registry=False), _digests(new, registry=False)
    return frozenset(id for id in {*before, *after} if before.get(id) != after.get(id))


def _digests(release: Release, *, registry: bool) -> dict[str, Any]:
    rows = ReleaseChunk.objects.filter(release=release)
    rows = rows.filter(number=0) if registry else rows.filter(number__gt=0)
    indexes = rows.order_by("number").values_list("index", flat=True)
    return {
        id: digest for index in indexes for id, digest in index if id
    }  # without an id: the corpus, merges


def _spans(release: Release, articles: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield the spans of some articles with their values, by which they are compared.

    The version is left out: it also grows where a value was changed and changed back.
    """
    for number, index in _indexes(release):
        if articles.isdisjoint(id for id, _ in index):
            continue
        data = bytes(ReleaseChunk.objects.get(release=release, number=number).data)
        for article, _ in frozen_records.unpack_articles(data):
            if article.id in articles:
                yield from _span_values(article)


def _indexes(release: Release) -> Iterable[tuple[int, list[list[str]]]]:
    rows = ReleaseChunk.objects.filter(release=release, number__gt=0).order_by("number")
    return rows.values_list("number", "index")


def _span_values(article: Article) -> Iterator[tuple[str, Any]]:
    for row in article.sets:
        for id, _, *values, _, _ in row.spans:
            yield id, (row.revision, *values)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "added": _summary(id for id in after if id not in before),
        "removed": _summary(id for id in before if id not in after),
        "changed": _summary(id for id, value in before.items() if id in after and after[id] != value),
    }


def _summary(ids: Iterable[str]) -> dict[str, Any]:
    ordered = sorted(ids)
    return {"count": len(ordered), "ids": ordered[:MAX_LISTED_IDS]}
