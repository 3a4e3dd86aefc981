"""Into which part of a dataset an article goes.

By story: all articles of a story stand in one part, and stay there in every later release, because the
part follows from a hash of the story alone. By time: the earliest stories are trained on, the latest
tested on; a story counts by its first article, so that none stands on both sides of a border.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

STORY, TIME = "story_key", "time"
WAYS = (STORY, TIME)
#: In the order in which a file of shares is filled.
PARTS = ("train", "validation", "test")
USUAL = {"train": 80, "validation": 10, "test": 10}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Splits:
    """A rule. ``shares`` are percentages that make 100; ``borders`` the first moments of the later parts."""

    by: str
    shares: Mapping[str, int]
    seed: str = ""
    borders: Sequence[str] = ()
    #: Parts of stories that reach over a border.
    stories: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The parts, in their order."""
        return [name for name in PARTS if self.shares.get(name)]

    def as_dict(self) -> dict[str, Any]:
        """As a manifest tells it."""
        return {
            "by": self.by,
            "shares": dict(self.shares),
            "seed": self.seed,
            "borders": list(self.borders),
            "stories": dict(self.stories),
        }

    def part(self, story: str, published: datetime | None) -> str:
        """The part of an article; ``story`` is its id where it belongs to none."""
        if self.by == TIME:
            return self.stories.get(story) or self.by_time(published)
        share = int.from_bytes(sha256(f"{self.seed}\0{story}".encode()).digest()[:8], "big") / 2**64 * 100
        reached = 0
        for name in self.parts:
            reached += self.shares[name]
            if share < reached:
                return name
        return self.parts[-1]

    def by_time(self, published: datetime | None) -> str:
        """The part of a moment; what has none is trained on."""
        if published is None:
            return self.parts[0]
        passed = sum(published >= datetime.fromisoformat(border) for border in self.borders)
        return self.parts[passed]


def borders(shares: Mapping[str, int], first_moments: Iterable[datetime]) -> list[str]:
    """The moments that divide stories by these shares, each the first of a part."""
    moments = sorted(first_moments)
    found, reached = [], 0
    for name in [part for part in PARTS if shares.get(part)][:-1]:
        reached += shares[name]
        place = min(len(moments) * reached // 100, len(moments) - 1)
        found.append(moments[place].isoformat() if moments else _EARLIEST.isoformat())
    return found


def story_of(story_key: str, id: str) -> str:
    """What an article is divided by: its story, or itself."""
    return story_key or id
