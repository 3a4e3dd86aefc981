"""Layers of spans over tokens, for formats that give each token one tag."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from annotations.formats.core.interfaces import Losses
from annotations.formats.core.records import Span
from annotations.formats.core.tokenizer import TokenColumns

#: What a layer cannot carry, as the formats explain it.
LAYER_LOSSES = {
    "overlaps": "spans over a longer one of the same label",
    "edges": "spans that begin or end inside a token; they are written to its edge",
    "lines": "spans over a line break; they are written as one on each line",
    "blank": "spans without any token",
}


def place_spans(
    spans: Iterable[Span], tokens: TokenColumns, losses: Losses, *, overlaps: str = "overlaps"
) -> Iterator[tuple[str, Sequence[tuple[int, int]]]]:
    """Yield the label of each span that gets tokens, and its ranges of tokens, one on each line.

    No token is in two spans: the longest is first, and those that lie over it are lost as ``overlaps``.
    """
    taken = bytearray(len(tokens))
    starts, ends, lines = tokens.starts, tokens.ends, tokens.line_starts
    for span in sorted(spans, key=_negative_length):
        start, end = span[3], span[4]
        # as find_tokens and matches_tokens, whose calls would take a third of the time
        first, behind = bisect_right(ends, start), bisect_left(starts, end)
        if first >= behind:
            losses.add("blank", [span[0]])
        elif taken.find(1, first, behind) >= 0:
            losses.add(overlaps, [span[0]])
        else:
            if starts[first] != start or ends[behind - 1] != end:
                losses.add("edges", [span[0]])
            taken[first:behind] = b"\1" * (behind - first)
            line, last = bisect_right(lines, first), bisect_left(lines, behind)
            if line < last:
                losses.add("lines", [span[0]])
                yield span[2], list(pairwise([first, *lines[line:last], behind]))
            else:
                yield span[2], ((first, behind),)


def _negative_length(span: Span) -> int:
    return span[3] - span[4]
