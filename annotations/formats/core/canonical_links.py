"""Canonical links: records whose links lead to what merged entries stand for.

All formats hold them but those that keep merges, which hold the links as they are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from annotations.formats.core.records import Actor, AnnotationSet, Article, Proposition, RegistryEntry, Span
from annotations.scheme.merges import resolve_chain


class CanonicalLinks:
    """The ids of merged entries with what they stand for."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids: Mapping[str | None, str] = {id: canonical for id, canonical in ids.items()}  # noqa: C416 - its keys are wider

    @classmethod
    def of_entries(cls, entries: Iterable[RegistryEntry]) -> CanonicalLinks:
        """Return the links by the merges that the entries themselves tell."""
        merged = {entry.id: entry.merged_into for entry in entries if entry.merged_into is not None}
        return cls({id: resolve_chain(id, merged) for id in merged})

    def resolve_entry(self, entry: RegistryEntry) -> RegistryEntry:
        """Return an entry whose parent or topic is the canonical one; what it was merged into stays."""
        if isinstance(entry, Actor):
            return entry._replace(parent=self._resolve(entry.parent))
        if isinstance(entry, Proposition):
            return entry._replace(topic=self._resolve(entry.topic))
        return entry

    def resolve_article(self, article: Article) -> Article:
        """Return an article whose spans link to canonical entries."""
        if not self._ids or not any(row.spans for row in article.sets):
            return article
        return article._replace(sets=[self._resolve_set(row) for row in article.sets])

    def _resolve_set(self, row: AnnotationSet) -> AnnotationSet:
        ids = self._ids
        # Rows of the database are plain tuples in the order of the fields.
        spans = [
            (*span[:7], ids.get(span[7], span[7]), ids.get(span[8], span[8]), *span[9:])
            if span[7] in ids or span[8] in ids
            else span
            for span in row.spans
        ]  # fmt: skip
        return row._replace(spans=cast("Sequence[Span]", spans))

    def _resolve(self, id: str | None) -> str | None:
        return self._ids.get(id, id)
