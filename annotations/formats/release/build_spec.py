"""The build specification of a release, and the statistics of its build."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from annotations.formats.core import data_card
from annotations.formats.core.records import Article
from annotations.formats.core.typed_columns import Column
from annotations.formats.release.splits import Splits

#: The metadata keys of an article's licence.
LICENCE_KEYS = ("license", "licence")
MAX_LICENCES = 1_000


@dataclass(frozen=True, kw_only=True)
class BuildSpec:
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
    #: Whether all files but those that keep merges have canonical links; older releases never had.
    resolve_merges: bool = False
    #: What was taken out of a finished release because it had to be erased: number, date, article, reason.
    amendments: Sequence[Mapping[str, Any]] = ()
    #: What the gate of rights has kept back, as ``Losses.as_list`` has it.
    kept_back: Sequence[Mapping[str, Any]] = ()
    #: How many articles are left out until which time.
    embargoes: Sequence[tuple[str, int]] = ()
    #: How many articles have which licence; older releases count those in the metadata.
    licences: Mapping[str, int] = field(default_factory=dict)
    #: The terms that the corpus had for articles without terms of their own; older releases tell none.
    rights: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the specification as it is stored."""
        return {**asdict(self), "splits": self.splits.as_dict() if self.splits else None}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> BuildSpec:
        """Return a stored specification."""
        splits = Splits(**stored["splits"]) if stored.get("splits") else None
        return cls(**{**stored, "splits": splits})


@dataclass
class ReleaseStatistics:
    """The statistics that are counted while the files are written."""

    card_counts: data_card.DatasetCounts = field(default_factory=data_card.DatasetCounts)
    sets: int = 0
    relations: int = 0
    entries: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    independent_sets: int = 0

    def add(self, article: Article, part: str) -> None:
        """Count an article, and its split."""
        self.card_counts.add(article, article.sets)
        self.sets += len(article.sets)
        self.relations += sum(len(row.relations) for row in article.sets)
        self.undated += article.published_at is None
        self.splits[part] += 1
        licence = article_licence(article)
        if licence in self.licences or len(self.licences) < MAX_LICENCES:
            self.licences[licence] += 1

    def count_licences(self, recipe: BuildSpec) -> Mapping[str, int]:
        """Return the numbers of articles by licence."""
        return recipe.licences or self.licences

    def as_dict(self, recipe: BuildSpec) -> dict[str, Any]:
        """Return the counts as API and manifest show them."""
        labels = self.card_counts.labels
        parts = recipe.splits.names if recipe.splits else []
        independent = {"independent_sets": self.independent_sets} if recipe.independent_sets else {}
        return {
            "articles": self.card_counts.articles,
            "sets": self.sets,
            "imported_sets": recipe.imported_sets,
            **independent,
            "spans": {"total": sum(labels.values()), "by_label": dict(sorted(labels.items()))},
            "relations": self.relations,
            "registry": dict(sorted(self.entries.items())),
            "parts": {name: self.splits[name] for name in sorted(parts)},
            "licences": dict(sorted(self.count_licences(recipe).items())),
        }


def article_licence(article: Article) -> str:
    """Return the licence in the metadata of an article, or ""."""
    return "" if article.metadata == "{}" else stated_licence(json.loads(article.metadata))


def stated_licence(values: Mapping[str, Any]) -> str:
    """Return the licence that metadata state, or ""."""
    return next((str(values[key]) for key in LICENCE_KEYS if isinstance(values.get(key), str)), "")


@dataclass(frozen=True)
class BuiltFile:
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
