"""Integers as decimals, for files with a row for each token: looked up, they cost a third."""

from __future__ import annotations

from collections.abc import Sequence

#: Below this they are kept; a few texts are longer.
MOST = 32_768
_known: dict[str, list[str]] = {}


def decimals(numbers: Sequence[int], behind: str = "", *, more: int = 0) -> list[str]:
    """Ascending integers that are not negative, ``more`` added to each, with what stands behind it."""
    most = numbers[-1] + more if numbers else 0
    if most >= MOST:
        return [f"{number + more}{behind}" for number in numbers]
    known = _known.get(behind, [])
    if most >= len(known):
        # another thread may do the same: a whole new list, never one that grows
        known = _known[behind] = [f"{number}{behind}" for number in range(min(MOST, 2 * most + 1_024))]
    if more:
        return [known[number + more] for number in numbers]
    return [*map(known.__getitem__, numbers)]
