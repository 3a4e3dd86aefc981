"""The places of words in a text, found within a bounded time, however many are asked for."""

from __future__ import annotations

from bisect import bisect_left

MOST_CHARACTERS = 200_000_000
"""How many characters are searched for one text; it takes a fraction of a second."""


class QuoteFinder:
    """The places of quotes and names in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._left = MOST_CHARACTERS
        self._known: dict[str, int | str] = {}
        self._places: dict[str, list[int]] = {}

    def find(self, quote: str) -> int | str:
        """Return where a quote stands; or what keeps it from being found, as the end of a sentence."""
        if quote not in self._known:
            self._known[quote] = self._search(quote)
        return self._known[quote]

    def _search(self, quote: str) -> int | str:
        if not self._spend():
            return "was not searched for, since too many marks of this text have no position"
        at = self.text.find(quote)
        if at < 0:
            return "does not stand in the text"
        return at if self.text.find(quote, at + 1) < 0 else "stands more than once in the text"

    def nearest(self, name: str, near: int) -> int | None:
        """Return where a name stands that is nearest to an offset; None where it does not stand."""
        if name not in self._places:
            self._places[name] = self._search_all(name)
        places = self._places[name]
        at = bisect_left(places, near)
        return min(places[max(0, at - 1) : at + 1], key=lambda place: abs(place - near), default=None)

    def _search_all(self, name: str) -> list[int]:
        found: list[int] = []
        if not name or not self._spend():
            return found
        at = self.text.find(name)
        while at >= 0:
            found.append(at)
            at = self.text.find(name, at + len(name))
        return found

    def _spend(self) -> bool:
        self._left -= len(self.text)
        return self._left >= 0
