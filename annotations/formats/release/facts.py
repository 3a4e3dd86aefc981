"""The build specification of a release, and the statistics of its build."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from annotations.formats import card
from annotations.formats.records import Article
from annotations.formats.release.splits import Splits
from annotations.formats.typed_columns import Column

#: The metadata keys of an article's licence.
LICENCE_KEYS = ("license", "licence")
MOST_LICENCES = 1_000


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All that a build depends on, beside the records."""

    id: str
    number: int
    name: str
    created_at: str
    software: str
    slug: str
    formats: Sequence[str]
    filter: Mapping[str, Any]
    include_text: bool
    splits: Splits | None = None
    previous: int | None = None
    left_out: int = 0
    imported_sets: int = 0
    agreement: Sequence[Sequence[str]] = ()
    independent_sets: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the specification as it is stored."""
        return {**asdict(self), "splits": self.splits.as_dict() if self.splits else None}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Recipe:
        """Return a stored specification."""
        splits = Splits(**stored["splits"]) if stored.get("splits") else None
        return cls(**{**stored, "splits": splits})


@dataclass
class Facts:
    """The statistics that are counted while the files are written."""

    card: card.Counts = field(default_factory=card.Counts)
    sets: int = 0
    relations: int = 0
    entries: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    independent_sets: int = 0

    def add(self, article: Article, part: str) -> None:
        """Count an article, and its split."""
        self.card.add(article, article.sets)
        self.sets += len(article.sets)
        self.relations += sum(len(row.relations) for row in article.sets)
        self.undated += article.published_at is None
        self.parts[part] += 1
        licence = licence_of(article)
        if licence in self.licences or len(self.licences) < MOST_LICENCES:
            self.licences[licence] += 1

    def counts(self, recipe: Recipe) -> dict[str, Any]:
        """Return the counts as API and manifest show them."""
        labels = self.card.labels
        parts = recipe.splits.parts if recipe.splits else []
        independent = {"independent_sets": self.independent_sets} if recipe.independent_sets else {}
        return {
            "articles": self.card.articles,
            "sets": self.sets,
            "imported_sets": recipe.imported_sets,
            **independent,
            "spans": {"total": sum(labels.values()), "by_label": dict(sorted(labels.items()))},
            "relations": self.relations,
            "registry": dict(sorted(self.entries.items())),
            "parts": {name: self.parts[name] for name in sorted(parts)},
            "licences": dict(sorted(self.licences.items())),
        }


def licence_of(article: Article) -> str:
    """Return the licence in the metadata of an article, or ""."""
    if article.metadata == "{}":
        return ""
    values = json.loads(article.metadata)
    return next((str(values[key]) for key in LICENCE_KEYS if isinstance(values.get(key), str)), "")


@dataclass(frozen=True)
class FileFacts:
    """A finished file."""

    name: str
    media_type: str
    sha256: str
    bytes: int
    records: int
    #: None for files whose records are not plain, and for those about the data.
    columns: Sequence[Column] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the file as API and manifest show it."""
        return {"name": self.name, "sha256": self.sha256, "bytes": self.bytes, "records": self.records}
