"""The lines of a file that are read and not yet written, and how many of them fit together."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotations.formats.core.interfaces import ParsedRecord
from annotations.services.exchange.imports import standoff
from annotations.services.exchange.imports.context import PendingArticle
from annotations.services.exchange.imports.prefetch import (
    MAX_BATCH_ARTICLES,
    MAX_BATCH_WEIGHT,
    record_weight,
)


@dataclass
class ArticleBatch:
    """Articles that are written together; no two of them have the same key."""

    pending: list[PendingArticle] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    weight: int = 0

    def add(self, pending: PendingArticle) -> None:
        """Add an article whose key the batch has not."""
        self.pending.append(pending)
        self.keys.add(pending.key)
        self.weight += record_weight(pending.article)

    @property
    def is_full(self) -> bool:
        """Whether no further article should be added."""
        return len(self.pending) >= MAX_BATCH_ARTICLES or self.weight >= MAX_BATCH_WEIGHT


@dataclass
class LineBatch:
    """Lines that are dealt with together: articles, standoff annotations, and lines that cannot be read."""

    articles: ArticleBatch = field(default_factory=ArticleBatch)
    #: Each line with its number among those that are not empty.
    standoff: list[tuple[ParsedRecord, int]] = field(default_factory=list)
    faulty: list[ParsedRecord] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether the batch should be written before the next line is read."""
        return (
            self.articles.is_full
            or len(self.standoff) >= standoff.MAX_ARTICLES
            or len(self.faulty) >= MAX_BATCH_ARTICLES
        )
