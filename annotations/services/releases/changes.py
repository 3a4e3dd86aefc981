"""The changes from one release to another, each with its words before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from annotations.formats.core.records import Article, Proposition, RegistryEntry, Span
from annotations.formats.release import frozen_records
from annotations.models import Release, ReleaseChunk
from annotations.services.releases.compare import differing_articles

ARTICLES, SPANS, REGISTRY = "articles", "spans", "registry"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
KINDS = (ADDED, REMOVED, CHANGED)
_ARTICLE_FIELDS = (
    "external_id", "title", "source", "author", "url", "language", "published_at", "story_key", "metadata",
)  # fmt: skip
_SPAN_FIELDS = ("label", "start", "end", "quote", "attributes", "actor", "proposition")


class ReleaseChange(NamedTuple):
    """A change: what was added, removed or changed, with its words and, where it changed, its fields."""

    what: str
    kind: str
    id: str
    article: str
    before: str
    after: str
    fields: Sequence[str]


def list_changes(old: Release, new: Release) -> list[ReleaseChange]:
    """Return all changes: of articles, then of spans by article, then of the registry."""
    ids = differing_articles(old, new)
    before, after = _read_articles(old, ids), _read_articles(new, ids)
    return [
        *_changes(_ARTICLES, before, after),
        *_span_changes(before, after),
        *_changes(_ENTRIES, _read_entries(old), _read_entries(new)),
    ]


def _read_articles(release: Release, ids: frozenset[str]) -> dict[str, Article]:
    """Return some articles of a release by their ids; only chunks that hold one of them are unpacked."""
    found: dict[str, Article] = {}
    indexes = ReleaseChunk.objects.filter(release=release, number__gt=0).order_by("number")
    for number, index in indexes.values_list("number", "index"):
        if ids.isdisjoint(id for id, _ in index):
            continue
        data = bytes(ReleaseChunk.objects.get(release=release, number=number).data)
        for article, _ in frozen_records.unpack_articles(data):
            if article.id in ids:
                found[article.id] = article
    return found


def _read_entries(release: Release) -> dict[str, RegistryEntry]:
    data = bytes(ReleaseChunk.objects.get(release=release, number=0).data)
    return {entry.id: entry for entry in frozen_records.unpack_head(data).entries}


def _changes(
    reader: _RowReader, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ReleaseChange]:
    """Yield the changes of rows by their ids; rows that are alike in every field are no change."""
    what, title, words, fields = reader
    for id in sorted({*before, *after}):
        old, new = before.get(id), after.get(id)
        if old is None:
            yield ReleaseChange(what, ADDED, id, title(new), "", words(new), ())
        elif new is None:
            yield ReleaseChange(what, REMOVED, id, title(old), words(old), "", ())
        elif changed := fields(old, new):
            yield ReleaseChange(what, CHANGED, id, title(new), words(old), words(new), changed)


def _span_changes(before: Mapping[str, Article], after: Mapping[str, Article]) -> Iterator[ReleaseChange]:
    for id in sorted({*before, *after}):
        yield from _changes(_SPANS, _spans(before.get(id)), _spans(after.get(id)))


class _PlacedSpan(NamedTuple):
    """A span, the article in which it stands, and the revision of its set."""

    article: str
    revision: str
    span: Span


def _spans(article: Article | None) -> dict[str, _PlacedSpan]:
    if article is None:
        return {}
    title = _title(article)
    return {
        span[0]: _PlacedSpan(title, row.revision, Span(*span)) for row in article.sets for span in row.spans
    }


def _title(article: Article) -> str:
    return article.title or article.external_id or article.id


def _article_fields(old: Article, new: Article) -> list[str]:
    """Return the fields that differ, the text among them, or that only what is marked in it does."""
    fields = [name for name in _ARTICLE_FIELDS if getattr(old, name) != getattr(new, name)]
    fields += ["text"] * (old.revisions[-1].sha256 != new.revisions[-1].sha256)
    return fields or ["spans"]


def _span_fields(old: _PlacedSpan, new: _PlacedSpan) -> list[str]:
    fields = [name for name in _SPAN_FIELDS if getattr(old.span, name) != getattr(new.span, name)]
    return fields + ["revision"] * (old.revision != new.revision)


def _entry_name(entry: RegistryEntry) -> str:
    return entry.text if isinstance(entry, Proposition) else entry.name


def _entry_fields(old: RegistryEntry, new: RegistryEntry) -> list[str]:
    return [name for name in new._fields if getattr(old, name, None) != getattr(new, name)]


class _RowReader(NamedTuple):
    """How a kind of row is read: the title of its article, its words, and the fields that differ."""

    what: str
    title: Callable[[Any], str]
    words: Callable[[Any], str]
    fields: Callable[[Any, Any], list[str]]


_ARTICLES = _RowReader(ARTICLES, _title, _title, _article_fields)
_SPANS = _RowReader(SPANS, lambda row: row.article, lambda row: row.span.quote, _span_fields)
_ENTRIES = _RowReader(REGISTRY, lambda _: "", _entry_name, _entry_fields)
