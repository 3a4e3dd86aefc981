"""The splits of a release: which articles are for training, validation and test.

By story: all articles of a story are in one split, and stay there in every later release, because the
split depends on a hash of the story only. Copies of one text count as one story, too. By time: the
earliest stories are for training, the latest for testing; a story counts by its first article, so none is
on both sides of a border.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

BY_STORY, BY_TIME = "story_key", "time"
SPLIT_RULES = (BY_STORY, BY_TIME)
#: The names of the splits, in their order.
SPLIT_NAMES = ("train", "validation", "test")
DEFAULT_SHARES = {"train": 80, "validation": 10, "test": 10}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Splits:
    """A rule of splitting. ``shares`` are percentages that sum to 100, ``borders`` the first moments of
    the later splits."""

    by: str
    shares: Mapping[str, int]
    seed: str = ""
    borders: Sequence[str] = ()
    #: The splits of stories that reach over a border, by story.
    stories: Mapping[str, str] = field(default_factory=dict)
    #: The stories that count as another one, because they share a copy of one text.
    copies: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Return the names of the splits, in their order."""
        return [name for name in SPLIT_NAMES if self.shares.get(name)]

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as a manifest shows it; PostgreSQL stores keys in an order of its own."""
        rule = {
            "by": self.by,
            "shares": dict(self.shares),
            "seed": self.seed,
            "borders": list(self.borders),
            "stories": dict(sorted(self.stories.items())),
        }
        # the files of older releases stay as they are
        return {**rule, "copies": dict(sorted(self.copies.items()))} if self.copies else rule

    def assign(self, story: str, published: datetime | None) -> str:
        """Return the split of an article; ``story`` is its id if it belongs to no story."""
        story = self.copies.get(story, story)
        if self.by == BY_TIME:
            return self.stories.get(story) or self.assign_by_time(published)
        share = int.from_bytes(sha256(f"{self.seed}\0{story}".encode()).digest()[:8], "big") / 2**64 * 100
        reached = 0
        for name in self.names:
            reached += self.shares[name]
            if share < reached:
                return name
        return self.names[-1]

    def assign_by_time(self, published: datetime | None) -> str:
        """Return the split of a moment; articles without one are for training."""
        if published is None:
            return self.names[0]
        passed = sum(published >= datetime.fromisoformat(border) for border in self.borders)
        return self.names[passed]


def compute_borders(shares: Mapping[str, int], first_moments: Iterable[datetime]) -> list[str]:
    """Return the first moments of all splits but the first, if these stories are divided by shares."""
    moments = sorted(first_moments)
    found, reached = [], 0
    for name in [part for part in SPLIT_NAMES if shares.get(part)][:-1]:
        reached += shares[name]
        place = min(len(moments) * reached // 100, len(moments) - 1)
        found.append(moments[place].isoformat() if moments else _EARLIEST.isoformat())
    return found


def join_stories(rows: Iterable[tuple[Hashable, str]]) -> dict[str, str]:
    """Return the keys that count as another one; each row has a group, and a key in it.

    Groups that share a key are one, and count as the key that comes first.
    """
    joined: dict[str, str] = {}
    ranks: dict[str, int] = {}
    anchors: dict[Hashable, str] = {}

    def root(key: str) -> str:
        while key in joined:
            key = joined[key]
        return key

    for group, key in rows:
        ranks.setdefault(key, len(ranks))
        roots = {root(key), root(anchors.setdefault(group, key))}
        if len(roots) == 2:
            first, later = sorted(roots, key=ranks.__getitem__)
            joined[later] = first
    return {key: root(key) for key in sorted(joined)}


def split_key(story_key: str, id: str) -> str:
    """Return the key by which an article is divided: its story, or its id."""
    return story_key or id
