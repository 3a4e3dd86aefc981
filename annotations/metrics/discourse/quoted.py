"""Who is quoted: how much of the talk the most quoted have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Of how many keys the share is told.
TOP = 10


class Concentration(NamedTuple):
    """How concentrated statements are: the share of the ten with most, and the index of Herfindahl.

    ``hhi`` is the sum of the squared shares: 1 where one says all, 1/n where n say equally much. Both are
    None where nothing was said.
    """

    top10_share: float | None
    hhi: float | None
    n: int


def measure_concentration(counts: Iterable[int]) -> Concentration:
    """Return how concentrated statements are on those who made them; counts of 0 are left out."""
    listed = sorted((count for count in counts if count), reverse=True)
    total = sum(listed)
    if not total:
        return Concentration(None, None, 0)
    hhi = sum(count * count for count in listed) / (total * total)
    return Concentration(sum(listed[:TOP]) / total, hhi, len(listed))
