"""Networks of actors and issues, by the formulas of Discourse Network Analyzer.

x(i, j, k) says how often actor i stands on side k of issue j. The network of actors and issues has an
edge for each i and j. In a network of actors the weight of i and i' is a product of two vectors over
(j, k): x(i) and x(i') for congruence, x(i) and x(i') with the sides exchanged for conflict, the sums over
k for ignore. Congruence and conflict always add up to ignore. A network of issues is the same with the
roles of actors and issues exchanged.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from sys import byteorder
from typing import Any, NamedTuple

from annotations.metrics.discourse.tallies import OPPOSE, SIDES_BY_STANCE, SUPPORT, Tally, join_days

Vector = dict[tuple[Any, str], int]


class Mode(StrEnum):
    """What the nodes are: actors and issues, actors only, or issues only."""

    BIPARTITE = "bipartite"
    ACTORS = "actors"
    ISSUES = "issues"


class Aggregation(StrEnum):
    """How the two sides of an issue come into the weight of an edge."""

    IGNORE = "ignore"
    CONGRUENCE = "congruence"
    CONFLICT = "conflict"
    SUBTRACT = "subtract"
    COMBINE = "combine"


class Normalisation(StrEnum):
    """By what a weight is divided."""

    NONE = "none"
    ACTIVITY = "activity"
    PROMINENCE = "prominence"
    AVERAGE_ACTIVITY = "average_activity"
    JACCARD = "jaccard"
    DNA_COSINE = "dna_cosine"
    VECTOR_COSINE = "vector_cosine"


_A, _N = Aggregation, Normalisation
#: The aggregations and normalisations of each mode, the default first.
CHOICES: Mapping[Mode, tuple[tuple[Aggregation, ...], tuple[Normalisation, ...]]] = {
    Mode.BIPARTITE: (
        (_A.SUBTRACT, _A.IGNORE, _A.COMBINE),
        (_N.NONE, _N.ACTIVITY, _N.PROMINENCE),
    ),
    **dict.fromkeys(
        (Mode.ACTORS, Mode.ISSUES),
        (
            (_A.CONGRUENCE, _A.CONFLICT, _A.IGNORE, _A.SUBTRACT),
            (_N.NONE, _N.AVERAGE_ACTIVITY, _N.JACCARD, _N.DNA_COSINE, _N.VECTOR_COSINE),
        ),
    ),
}


class Node(NamedTuple):
    """An actor or an issue, and its number of statements that take a side."""

    id: Any
    kind: str
    activity: int


class Edge(NamedTuple):
    """An undirected edge.

    ``positive`` and ``negative`` are congruence and conflict, or support and oppose. ``start`` to ``end``
    are the days from which to which it held.
    """

    source: Any
    target: Any
    weight: float
    positive: int
    negative: int
    start: date | None
    end: date | None


@dataclass
class Network:
    """Nodes in the order of their ids, and edges in the order of the ids of their ends."""

    nodes: list[Node]
    edges: list[Edge]


class _Tie(NamedTuple):
    """What two nodes have in common, summed over the keys that they share."""

    positive: int
    negative: int


@dataclass(slots=True)
class _Spell:
    """The counts of one node on one key, by side, and their days."""

    sides: dict[str, int] = field(default_factory=lambda: {SUPPORT: 0, OPPOSE: 0})
    first: date | None = None
    last: date | None = None


def build_network(
    tallies: Iterable[Tally],
    mode: Mode = Mode.ACTORS,
    aggregation: Aggregation | None = None,
    normalisation: Normalisation = Normalisation.NONE,
    *,
    isolates: bool = False,
    min_weight: float = 0,
    days: bool = False,
) -> Network:
    """Return the network of tallies of one window.

    Edges have a weight other than 0 and, without its sign, of at least ``min_weight``. Nodes without an
    edge are left out unless ``isolates`` is set. With ``days``, edges between nodes of one kind have days,
    too. Raises ``ValueError`` if the mode has no such aggregation or normalisation.
    """
    aggregations, normalisations = CHOICES[mode]
    chosen = aggregation or aggregations[0]
    if chosen not in aggregations or normalisation not in normalisations:
        raise ValueError(f"A network of the mode {mode} has no {chosen} with {normalisation}.")
    listed = list(tallies)
    if mode == Mode.ISSUES:
        listed = [tally._replace(actor=tally.issue, issue=tally.actor) for tally in listed]
    spells = _collect_spells(listed)
    build = _bipartite_edges if mode == Mode.BIPARTITE else _one_mode_edges
    edges = sorted(build(spells, chosen, normalisation, min_weight), key=attrgetter("source", "target"))
    if days and mode != Mode.BIPARTITE:
        edges = [_with_days(edge, spells[edge.source], spells[edge.target]) for edge in edges]
    linked = {id for edge in edges for id in (edge.source, edge.target)}
    nodes = [node for node in _nodes(spells, mode) if isolates or node.id in linked]
    return Network(nodes, edges)


def _collect_spells(tallies: Sequence[Tally]) -> dict[Any, dict[Any, _Spell]]:
    """Return the counts by actor and issue, both in the order of their ids."""
    spells: dict[Any, dict[Any, _Spell]] = {}
    for (actor, issue), rows in _grouped(tallies):
        spell = spells.setdefault(actor, {}).setdefault(issue, _Spell())
        for row in rows:
            for side in SIDES_BY_STANCE.get(row.stance, ()):
                spell.sides[side] += row.number
            spell.first = join_days(spell.first, row.first, latest=False)
            spell.last = join_days(spell.last, row.last, latest=True)
    return spells


def _grouped(tallies: Sequence[Tally]) -> Iterator[tuple[tuple[Any, Any], list[Tally]]]:
    groups: dict[tuple[Any, Any], list[Tally]] = {}
    for tally in tallies:
        groups.setdefault((tally.actor, tally.issue), []).append(tally)
    for key in sorted(groups):
        yield key, groups[key]


def _nodes(spells: Mapping[Any, Mapping[Any, _Spell]], mode: Mode) -> Iterator[Node]:
    kind = "issue" if mode == Mode.ISSUES else "actor"
    for id, by_key in spells.items():
        yield Node(id, kind, sum(sum(spell.sides.values()) for spell in by_key.values()))
    if mode == Mode.BIPARTITE:
        prominence = _prominence(spells)
        yield from (Node(issue, "issue", prominence[issue]) for issue in sorted(prominence))


def _prominence(spells: Mapping[Any, Mapping[Any, _Spell]]) -> dict[Any, int]:
    """Return the number of sided statements on each issue."""
    sums: dict[Any, int] = {}
    for by_key in spells.values():
        for key, spell in by_key.items():
            sums[key] = sums.get(key, 0) + sum(spell.sides.values())
    return sums


#: The weight of an edge between actor and issue; combine is 1 for agree, 2 for disagree, 3 for both.
_BIPARTITE_WEIGHTS: Mapping[Aggregation, Callable[[int, int], int]] = {
    Aggregation.IGNORE: lambda support, oppose: support + oppose,
    Aggregation.SUBTRACT: lambda support, oppose: support - oppose,
    Aggregation.COMBINE: lambda support, oppose: (support > 0) + 2 * (oppose > 0),
}


def _bipartite_edges(
    spells: Mapping[Any, Mapping[Any, _Spell]],
    aggregation: Aggregation,
    normalisation: Normalisation,
    least: float,
) -> Iterator[Edge]:
    prominence = _prominence(spells)
    for actor, by_key in spells.items():
        activity = sum(sum(spell.sides.values()) for spell in by_key.values())
        for issue, spell in by_key.items():
            sides = spell.sides[SUPPORT], spell.sides[OPPOSE]
            divisors = {_N.ACTIVITY: activity, _N.PROMINENCE: prominence[issue]}
            weight = _BIPARTITE_WEIGHTS[aggregation](*sides)
            divided = _divide(weight, divisors.get(normalisation, 1))
            if divided and abs(divided) >= least:
                yield Edge(actor, issue, divided, *sides, spell.first, spell.last)


def _one_mode_edges(
    spells: Mapping[Any, Mapping[Any, _Spell]],
    aggregation: Aggregation,
    normalisation: Normalisation,
    least: float,
) -> Iterator[Edge]:
    is_divided = normalisation != Normalisation.NONE
    vectors = {id: _Vectors(by_key) for id, by_key in spells.items()} if is_divided else {}
    weigh = _ONE_MODE_WEIGHTS[aggregation]
    for source, target, tie in _count_ties(spells):
        weight: float = weigh(tie)
        if is_divided:
            weight = _normalise(tie, aggregation, normalisation, vectors[source], vectors[target])
        if weight and abs(weight) >= least:
            yield Edge(source, target, weight, tie.positive, tie.negative, None, None)


#: The number of nodes whose counts are in one integer.
_BLOCK = 1_024
_FIELD = 8
_Columns = Mapping[Any, tuple[int, int]]


def _count_ties(spells: Mapping[Any, Mapping[Any, _Spell]]) -> Iterator[tuple[Any, Any, _Tie]]:
    """Yield what each two nodes have in common, which may be nothing of the sort that is asked for.

    There can be millions of products. So the counts of a whole block of nodes on a key are one large integer
    with a field for each node, and one multiplication goes over all of them.
    """
    ids = list(spells)
    for start in range(0, len(ids), _BLOCK):
        block = ids[start : start + _BLOCK]
        columns = _pack_columns(block, spells)
        for place, source in enumerate(ids[: start + len(block)]):
            positive, negative = _multiply(spells[source], columns)
            if not (positive or negative):
                continue
            sums = zip(_unpack(positive, len(block)), _unpack(negative, len(block)), strict=True)
            first = max(place + 1 - start, 0)
            for target, tie in islice(zip(block, sums, strict=True), first, None):
                if any(tie):
                    yield source, target, _Tie(*tie)


def _pack_columns(block: Sequence[Any], spells: Mapping[Any, Mapping[Any, _Spell]]) -> _Columns:
    """Return, by key, the counts of the nodes of a block: those that support, and those that oppose."""
    counts: dict[Any, tuple[array[int], array[int]]] = {}
    empty = bytes(_FIELD * len(block))
    for place, id in enumerate(block):
        for key, spell in spells[id].items():
            if key not in counts:
                counts[key] = array("Q", empty), array("Q", empty)
            counts[key][0][place], counts[key][1][place] = spell.sides[SUPPORT], spell.sides[OPPOSE]
    return {
        key: (int.from_bytes(support.tobytes(), byteorder), int.from_bytes(oppose.tobytes(), byteorder))
        for key, (support, oppose) in counts.items()
    }


def _multiply(by_key: Mapping[Any, _Spell], columns: _Columns) -> tuple[int, int]:
    """Return the packed congruence and conflict of one node with all nodes of a block."""
    positive = negative = 0
    for key, spell in by_key.items():
        if key in columns:
            support, oppose = spell.sides[SUPPORT], spell.sides[OPPOSE]
            supporting, opposing = columns[key]
            positive += support * supporting + oppose * opposing
            negative += support * opposing + oppose * supporting
    return positive, negative


def _unpack(packed: int, size: int) -> memoryview[int]:
    return memoryview(packed.to_bytes(_FIELD * size, byteorder)).cast("Q")


def _with_days(edge: Edge, one: Mapping[Any, _Spell], other: Mapping[Any, _Spell]) -> Edge:
    """Return an edge with its days: on each key it begins when the second of the two has spoken."""
    start = end = None
    for key in one.keys() & other.keys():
        begun = join_days(one[key].first, other[key].first, latest=True)
        ended = join_days(one[key].last, other[key].last, latest=True)
        start, end = join_days(start, begun, latest=False), join_days(end, ended, latest=True)
    return edge._replace(start=start, end=end)


class _Vectors:
    """The vectors of a node: by key and side, and by key alone; and its number of statements."""

    def __init__(self, by_key: Mapping[Any, _Spell]) -> None:
        self.sided: Vector = {
            (key, side): count
            for key, spell in by_key.items()
            for side, count in spell.sides.items()
            if count
        }
        self.keyed: Vector = {
            (key, ""): total for key, spell in by_key.items() if (total := sum(spell.sides.values()))
        }
        self.activity = sum(self.keyed.values())

    def exchanged(self) -> Vector:
        """Return the counts with the sides exchanged."""
        other = {SUPPORT: OPPOSE, OPPOSE: SUPPORT}
        return {(key, other[side]): count for (key, side), count in self.sided.items()}


def _normalise(
    tie: _Tie, aggregation: Aggregation, normalisation: Normalisation, one: _Vectors, other: _Vectors
) -> float:
    weight = _ONE_MODE_WEIGHTS[aggregation](tie)
    if not (tie.positive or tie.negative):
        return weight
    if aggregation == Aggregation.SUBTRACT:
        congruence, conflict = (
            _normalise(tie, part, normalisation, one, other)
            for part in (Aggregation.CONGRUENCE, Aggregation.CONFLICT)
        )
        return congruence - conflict
    return _divide(weight, _DIVISORS[normalisation](weight, aggregation, one, other))


#: The weight of an edge between two nodes of one kind.
_ONE_MODE_WEIGHTS: Mapping[Aggregation, Callable[[_Tie], int]] = {
    Aggregation.IGNORE: lambda tie: tie.positive + tie.negative,
    Aggregation.CONGRUENCE: lambda tie: tie.positive,
    Aggregation.CONFLICT: lambda tie: tie.negative,
    Aggregation.SUBTRACT: lambda tie: tie.positive - tie.negative,
}


def _vector_pair(aggregation: Aggregation, one: _Vectors, other: _Vectors) -> tuple[Vector, Vector]:
    """Return the two vectors whose product is the weight."""
    if aggregation == Aggregation.IGNORE:
        return one.keyed, other.keyed
    return one.sided, other.sided if aggregation == Aggregation.CONGRUENCE else other.exchanged()


def _jaccard_divisor(weight: int, aggregation: Aggregation, one: _Vectors, other: _Vectors) -> float:
    left, right = _vector_pair(aggregation, one, other)
    alone = sum(count for key, count in left.items() if key not in right)
    return alone + sum(count for key, count in right.items() if key not in left) + weight


def _length_product(weight: int, aggregation: Aggregation, one: _Vectors, other: _Vectors) -> float:  # noqa: ARG001
    left, right = _vector_pair(aggregation, one, other)
    return math.sqrt(sum(count**2 for count in left.values()) * sum(count**2 for count in right.values()))


#: What a weight is divided by. DNA calls w / (a a') its cosine; the cosine of the vectors is another figure.
_DIVISORS: Mapping[Normalisation, Callable[[int, Aggregation, _Vectors, _Vectors], float]] = {
    Normalisation.AVERAGE_ACTIVITY: lambda _, __, one, other: (one.activity + other.activity) / 2,
    Normalisation.JACCARD: _jaccard_divisor,
    Normalisation.DNA_COSINE: lambda _, __, one, other: one.activity * other.activity,
    Normalisation.VECTOR_COSINE: _length_product,
}


def _divide(weight: float, divisor: float) -> float:
    """Return the quotient; 0 where the divisor is 0. A weight that is not divided stays whole."""
    if divisor == 1:
        return weight
    return weight / divisor if divisor else 0
