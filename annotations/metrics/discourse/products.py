"""Products of the vectors of many nodes, each with each, of which there can be millions.

The counts of a whole block of nodes on a key are one large integer with a field for each node, so that one
multiplication goes over all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from sys import byteorder
from typing import Any, NamedTuple

#: Two counts by key, which are those of its two sides.
Vector = Mapping[Any, tuple[int, int]]

#: The number of nodes whose counts are in one integer.
_BLOCK = 1_024
_FIELD = 8


class Products(NamedTuple):
    """The products of one node with others: of equal sides, and of opposite sides."""

    source: Any
    targets: Sequence[Any]
    straight: Sequence[int]
    crossed: Sequence[int]


def multiply_vectors(lefts: Mapping[Any, Vector], rights: Mapping[Any, Vector]) -> Iterator[Products]:
    """Yield the products of the left vector of each node and the right ones of others, each two nodes once.

    Both have the same nodes in the same order. What has nothing in common with a whole block is left out.
    """
    ids = list(lefts)
    for start in range(0, len(ids), _BLOCK):
        block = ids[start : start + _BLOCK]
        columns = _pack_columns(block, rights)
        for place, source in enumerate(ids[: start + len(block)]):
            straight, crossed = _multiply(lefts[source], columns)
            if straight or crossed:
                first = max(place + 1 - start, 0)
                unpacked = (_unpack(packed, len(block))[first:] for packed in (straight, crossed))
                yield Products(source, block[first:], *unpacked)


def _pack_columns(block: Sequence[Any], vectors: Mapping[Any, Vector]) -> Vector:
    """Return the counts of the nodes of a block by key, one packed integer for each side."""
    counts: dict[Any, tuple[array[int], array[int]]] = {}
    empty = bytes(_FIELD * len(block))
    for place, id in enumerate(block):
        for key, (one, other) in vectors[id].items():
            if key not in counts:
                counts[key] = array("Q", empty), array("Q", empty)
            counts[key][0][place], counts[key][1][place] = one, other
    return {
        key: (int.from_bytes(one.tobytes(), byteorder), int.from_bytes(other.tobytes(), byteorder))
        for key, (one, other) in counts.items()
    }


def _multiply(vector: Vector, columns: Vector) -> tuple[int, int]:
    """Return the packed products of one node with all nodes of a block."""
    straight = crossed = 0
    for key, (one, other) in vector.items():
        if key in columns:
            ones, others = columns[key]
            straight += one * ones + other * others
            crossed += one * others + other * ones
    return straight, crossed


def _unpack(packed: int, size: int) -> memoryview[int]:
    return memoryview(packed.to_bytes(_FIELD * size, byteorder)).cast("Q")
