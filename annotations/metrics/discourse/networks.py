"""Networks of actors and issues, by the formulas of Discourse Network Analyzer.

x(i, j, k) says how often actor i stands on side k of issue j. The network of actors and issues has an
edge for each i and j. In a network of actors the weight of i and i' is a product of two vectors over
(j, k): x(i) and x(i') for congruence, x(i) and x(i') with the sides exchanged for conflict, the sums over
k for ignore. Congruence and conflict always add up to ignore. A network of issues is the same with the
roles of actors and issues exchanged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import repeat
from operator import add, sub
from typing import Any, NamedTuple

from annotations.metrics.discourse.matrix import Cell
from annotations.metrics.discourse.products import Products, Vector, multiply_vectors
from annotations.metrics.discourse.tallies import join_days


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


class _Spell(NamedTuple):
    """The counts of one node on one key, by side, and their days. A mixed stance is on both sides."""

    support: int
    oppose: int
    first: date | None
    last: date | None

    @property
    def total(self) -> int:
        """The number on both sides."""
        return self.support + self.oppose


def build_network(
    cells: Iterable[Cell],
    mode: Mode = Mode.ACTORS,
    aggregation: Aggregation | None = None,
    normalisation: Normalisation = Normalisation.NONE,
    *,
    isolates: bool = False,
    min_weight: float = 0,
    days: bool = False,
) -> Network:
    """Return the network of cells, whatever their windows.

    Edges have a weight other than 0 and, without its sign, of at least ``min_weight``. Nodes without an
    edge are left out unless ``isolates`` is set. With ``days``, edges between nodes of one kind have days,
    too. Raises ``ValueError`` if the mode has no such aggregation or normalisation.
    """
    aggregations, normalisations = CHOICES[mode]
    chosen = aggregation or aggregations[0]
    if chosen not in aggregations or normalisation not in normalisations:
        raise ValueError(f"A network of the mode {mode} has no {chosen} with {normalisation}.")
    spells = _collect_spells(cells, by="issue" if mode == Mode.ISSUES else "actor")
    build = _bipartite_edges if mode == Mode.BIPARTITE else _one_mode_edges
    edges = sorted(build(spells, chosen, normalisation, min_weight))
    if days and mode != Mode.BIPARTITE:
        edges = [_with_days(edge, spells[edge.source], spells[edge.target]) for edge in edges]
    linked = {edge.source for edge in edges} | {edge.target for edge in edges}
    nodes = [node for node in _nodes(spells, mode) if isolates or node.id in linked]
    return Network(nodes, edges)


def _collect_spells(cells: Iterable[Cell], by: str) -> dict[Any, dict[Any, _Spell]]:
    """Return the counts of each actor by issue, or of each issue by actor, in the order of their ids."""
    spells: dict[Any, dict[Any, _Spell]] = {}
    for cell in cells:
        node, key = (cell.actor, cell.issue) if by == "actor" else (cell.issue, cell.actor)
        of_node = spells.setdefault(node, {})
        spell = _Spell(cell.support + cell.mixed, cell.oppose + cell.mixed, cell.first, cell.last)
        of_node[key] = _join_spells(of_node[key], spell) if key in of_node else spell
    return {node: spells[node] for node in sorted(spells)}


def _join_spells(one: _Spell, other: _Spell) -> _Spell:
    return _Spell(
        one.support + other.support,
        one.oppose + other.oppose,
        join_days(one.first, other.first, latest=False),
        join_days(one.last, other.last, latest=True),
    )


def _nodes(spells: Mapping[Any, Mapping[Any, _Spell]], mode: Mode) -> Iterator[Node]:
    kind = "issue" if mode == Mode.ISSUES else "actor"
    for id, by_key in spells.items():
        yield Node(id, kind, sum(spell.total for spell in by_key.values()))
    if mode == Mode.BIPARTITE:
        prominence = _prominence(spells)
        yield from (Node(issue, "issue", prominence[issue]) for issue in sorted(prominence))


def _prominence(spells: Mapping[Any, Mapping[Any, _Spell]]) -> dict[Any, int]:
    """Return the number of sided statements on each issue."""
    sums: dict[Any, int] = {}
    for by_key in spells.values():
        for key, spell in by_key.items():
            sums[key] = sums.get(key, 0) + spell.total
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
        activity = sum(spell.total for spell in by_key.values())
        for issue, spell in by_key.items():
            sides = spell.support, spell.oppose
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
    vectors = {
        id: {key: (spell.support, spell.oppose) for key, spell in by_key.items()}
        for id, by_key in spells.items()
    }
    for row, weights in _weigh(vectors, aggregation, normalisation):
        ties = zip(row.targets, weights, row.straight, row.crossed, strict=True)
        for target, weight, positive, negative in ties:
            if weight and abs(weight) >= least:
                yield Edge(row.source, target, weight, positive, negative, None, None)


def _weigh(
    vectors: Mapping[Any, Vector], aggregation: Aggregation, normalisation: Normalisation
) -> Iterator[tuple[Products, Sequence[float]]]:
    """Yield the products of each node with others that have something in common, and the weights."""
    if aggregation == Aggregation.SUBTRACT:
        parts = (_weigh(vectors, part, normalisation) for part in (_A.CONGRUENCE, _A.CONFLICT))
        for (row, congruence), (_, conflict) in zip(*parts, strict=True):
            yield row, list(map(sub, congruence, conflict))
        return
    rows, weigh = multiply_vectors(vectors, vectors), _WEIGHTS[aggregation]
    if normalisation == Normalisation.NONE:
        yield from ((row, weigh(row)) for row in rows)
        return
    counted = _join_sides(vectors) if aggregation == Aggregation.IGNORE else vectors
    sizes, divisor = (
        {id: _SIZES[normalisation](vector) for id, vector in counted.items()},
        _DIVISORS[normalisation],
    )
    shared = _shared_counts(counted, weigh) if normalisation == Normalisation.JACCARD else repeat(repeat(0))
    for row, common in zip(rows, shared, strict=False):
        weights = weigh(row)
        others = [sizes[target] for target in row.targets]
        divisors = map(divisor, repeat(sizes[row.source]), others, common, weights)
        yield row, list(map(_divide, weights, divisors))


def _join_sides(vectors: Mapping[Any, Vector]) -> dict[Any, Vector]:
    """Return the counts of nodes by key alone, as those of its first side."""
    return {id: {key: (sum(sides), 0) for key, sides in vector.items()} for id, vector in vectors.items()}


def _shared_counts(
    vectors: Mapping[Any, Vector], weigh: Callable[[Products], Sequence[int]]
) -> Iterator[Iterable[int]]:
    """Yield, in the order of their products, how many statements two nodes have where both have one."""
    presence = {
        id: {key: (min(one, 1), min(other, 1)) for key, (one, other) in vector.items()}
        for id, vector in vectors.items()
    }
    both = zip(multiply_vectors(vectors, presence), multiply_vectors(presence, vectors), strict=True)
    return (map(add, weigh(row), weigh(other)) for row, other in both)


#: The weights of ties between nodes of one kind; those of ``subtract`` are differences of two of them.
_WEIGHTS: Mapping[Aggregation, Callable[[Products], Sequence[int]]] = {
    Aggregation.IGNORE: lambda row: list(map(add, row.straight, row.crossed)),
    Aggregation.CONGRUENCE: lambda row: row.straight,
    Aggregation.CONFLICT: lambda row: row.crossed,
}


def _activity(vector: Vector) -> int:
    return sum(map(sum, vector.values()))


#: The sizes of two nodes from which a divisor is made: the number of statements, or the length squared.
_SIZES: Mapping[Normalisation, Callable[[Vector], int]] = {
    Normalisation.AVERAGE_ACTIVITY: _activity,
    Normalisation.JACCARD: _activity,
    Normalisation.DNA_COSINE: _activity,
    Normalisation.VECTOR_COSINE: lambda vector: sum(
        one * one + other * other for one, other in vector.values()
    ),
}
#: What a weight is divided by, from two sizes, the shared statements and the weight. DNA calls w / (a a') its
#: cosine; the cosine of the vectors is another figure.
_DIVISORS: Mapping[Normalisation, Callable[[int, int, int, int], float]] = {
    Normalisation.AVERAGE_ACTIVITY: lambda one, other, _, __: (one + other) / 2,
    Normalisation.JACCARD: lambda one, other, shared, weight: one + other - shared + weight,
    Normalisation.DNA_COSINE: lambda one, other, _, __: one * other,
    Normalisation.VECTOR_COSINE: lambda one, other, _, __: math.sqrt(one * other),
}


def _with_days(edge: Edge, one: Mapping[Any, _Spell], other: Mapping[Any, _Spell]) -> Edge:
    """Return an edge with its days: on each key it begins when the second of the two has spoken."""
    start = end = None
    for key in one.keys() & other.keys():
        begun = join_days(one[key].first, other[key].first, latest=True)
        ended = join_days(one[key].last, other[key].last, latest=True)
        start, end = join_days(start, begun, latest=False), join_days(end, ended, latest=True)
    return edge._replace(start=start, end=end)


def _divide(weight: float, divisor: float) -> float:
    """Return the quotient; 0 where the divisor is 0. A weight that is not divided stays whole."""
    if divisor == 1:
        return weight
    return weight / divisor if divisor else 0
