"""Integers as decimals, for files with a row for each token: looked up, they cost a third."""

from __future__ import annotations

from typing import Protocol

#: Up to here they are kept; a few texts are longer.
MOST = 65_536
_known: list[str] = []


class Digits(Protocol):
    """Answers the decimal of an integer that is not negative."""

    def __getitem__(self, number: int, /) -> str:
        """The integer as a string."""


class _Made:
    def __getitem__(self, number: int, /) -> str:
        return str(number)


_MADE = _Made()


def digits(most: int) -> Digits:
    """The decimals of 0 to ``most``, both included."""
    if most >= MOST:
        return _MADE
    if most >= len(_known):
        _known.extend(map(str, range(len(_known), min(MOST, 2 * most + 1_024))))
    return _known
