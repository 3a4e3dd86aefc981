"""Tallies: how often an actor took a stance on an issue, the input of matrix and networks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

SUPPORT, OPPOSE, MIXED, UNDECIDED = "support", "oppose", "mixed", "undecided"
STANCES = (SUPPORT, OPPOSE, MIXED, UNDECIDED)

#: The sides on which a stance counts in a network, as in DNA: a mixed one is for and against.
SIDES_BY_STANCE: Mapping[str, tuple[str, ...]] = {
    SUPPORT: (SUPPORT,),
    OPPOSE: (OPPOSE,),
    MIXED: (SUPPORT, OPPOSE),
}


class Tally(NamedTuple):
    """How often an actor took a stance on an issue in a window, and the first and last day of it.

    ``actor`` and ``issue`` are ids of any kind that can be hashed and sorted; ``window`` is the name of a
    window of time, or "" where time is not divided. Days are None where no statement has one.
    """

    actor: Any
    issue: Any
    stance: str
    number: int
    window: str = ""
    first: date | None = None
    last: date | None = None


def join_days(one: date | None, other: date | None, *, latest: bool) -> date | None:
    """Return the earlier or the later of two days; a day before none."""
    if one is None or other is None:
        return one or other
    return max(one, other) if latest else min(one, other)
