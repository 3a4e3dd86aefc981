"""The offsets of a TEI file, which count its blanks as they stand, and those of the text made from it."""

from __future__ import annotations

import re
from bisect import bisect_right

_BLANKS = re.compile(r"[ \t\r\n]{2,}")


class StreamOffsets:
    """A mapping from places in the characters of a file to those in its text, where runs of blanks are one.

    What is remembered are the places behind which both count alike.
    """

    def __init__(self) -> None:
        #: How many characters of the file were met.
        self.length = 0
        self._in_file: list[int] = []
        self._in_text: list[int] = []

    def add(self, data: str, at: int) -> None:
        """Remember characters of the file, of which the first that is no blank stands in the text there."""
        begin = len(data) - len(data.lstrip(" \t\r\n"))
        self._remember(self.length + begin, at)
        collapsed = begin
        end = len(data.rstrip(" \t\r\n"))
        for found in _BLANKS.finditer(data, begin, end):
            collapsed += found.end() - found.start() - 1
            self._remember(self.length + found.end(), at + found.end() - collapsed)
        self.length += len(data)

    def skip(self, data: str) -> None:
        """Count characters that are not in the text."""
        self.length += len(data)

    def _remember(self, in_file: int, in_text: int) -> None:
        self._in_file.append(in_file)
        self._in_text.append(in_text)

    def find(self, start: int, length: int, text: str) -> tuple[int, int] | None:
        """Return the range in the text of a range in the file; None where none of it is in the text."""
        first, last = self._find(start, text), self._find(start + length - 1, text)
        if length < 1 or start + length > self.length or first is None or last is None or first > last:
            return None
        return first, last + 1

    def _find(self, place: int, text: str) -> int | None:
        at = bisect_right(self._in_file, place) - 1
        if at < 0:
            return None
        found = self._in_text[at] + place - self._in_file[at]
        end = self._in_text[at + 1] if at + 1 < len(self._in_text) else len(text)
        return min(found, end - 1)
