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
    for span in sorted(spans, key=lambda row: row[3] - row[4]):
        start, end = span[3], span[4]
        first, behind = tokens.find_tokens(start, end)
        if first >= behind:
            losses.add("blank", [span[0]])
        elif 1 in taken[first:behind]:
            losses.add(overlaps, [span[0]])
        else:
            if not tokens.matches_tokens(start, end, first, behind):
                losses.add("edges", [span[0]])
            taken[first:behind] = b"\1" * (behind - first)
            broken = tokens.line_starts[
                bisect_right(tokens.line_starts, first) : bisect_left(tokens.line_starts, behind)
            ]
            if broken:
                losses.add("lines", [span[0]])
            yield span[2], list(pairwise([first, *broken, behind]))
