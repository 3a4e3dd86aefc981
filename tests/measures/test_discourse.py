"""Networks, matrix and changes of mind, against the figures of DNA's manual and against naive counting."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from itertools import combinations, pairwise
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.metrics.discourse import products
from annotations.metrics.discourse.changes import ChangeKind, DatedStance, find_changes
from annotations.metrics.discourse.layout import lay_out
from annotations.metrics.discourse.matrix import build_cells, sorted_ids, stance_score
from annotations.metrics.discourse.networks import (
    CHOICES,
    Aggregation,
    Mode,
    Network,
    Normalisation,
    build_network,
)
from annotations.metrics.discourse.quoted import measure_concentration
from annotations.metrics.discourse.tallies import SIDES_BY_STANCE, Tally

SENATE, SIERRA, PETRO, ANALYSIS = "Senate", "Sierra Club", "Petrochemical", "Analysis"
#: Agree and disagree on the concepts 1 to 6, as the manual prints them.
PUBLISHED: dict[str, tuple[tuple[int, int], ...]] = {
    "Alliance": ((0, 0), (0, 0), (1, 0), (0, 0), (2, 0), (1, 0)),
    ANALYSIS: ((0, 2), (0, 0), (0, 0), (0, 0), (1, 1), (0, 0)),
    "Agency": ((0, 1), (0, 0), (0, 0), (0, 0), (0, 0), (10, 0)),
    PETRO: ((0, 2), (0, 0), (0, 0), (0, 0), (0, 0), (0, 2)),
    SENATE: ((0, 2), (0, 0), (0, 0), (0, 0), (0, 1), (2, 0)),
    SIERRA: ((2, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 0)),
    "Research": ((1, 0), (1, 0), (1, 0), (2, 0), (1, 0), (0, 0)),
}
TALLIES = [
    Tally(actor, issue, stance, number)
    for actor, row in PUBLISHED.items()
    for issue, sides in enumerate(row, start=1)
    for stance, number in zip(("support", "oppose"), sides, strict=True)
    if number
]
RANGE_TALLIES = [tally._replace(number=1) for tally in TALLIES]


def weight(network: Network, source: object, target: object) -> float:
    return next(edge.weight for edge in network.edges if {edge.source, edge.target} == {source, target})


def one_mode_sum(tallies: list[Tally], aggregation: str) -> float:
    """Return the sum of the square matrix, in which every edge stands twice."""
    return 2 * sum(
        edge.weight
        for edge in build_network(build_cells(tallies), Mode.ACTORS, Aggregation(aggregation)).edges
    )


@pytest.mark.parametrize(
    ("aggregation", "normalisation", "expected"),
    [
        ("ignore", "none", 7),
        ("congruence", "none", 2),
        ("conflict", "none", 5),
        ("subtract", "none", -3),
        ("congruence", "average_activity", 0.3636),
        ("congruence", "jaccard", 0.2),
        ("congruence", "dna_cosine", 0.0667),
        ("congruence", "vector_cosine", 0.2357),
    ],
)
def test_the_published_edge_comes_out(aggregation: str, normalisation: str, expected: float) -> None:
    network = build_network(
        build_cells(TALLIES),
        Mode.ACTORS,
        Aggregation(aggregation),
        Normalisation(normalisation),
        isolates=True,
    )
    assert weight(network, SENATE, SIERRA) == pytest.approx(expected, abs=5e-5)
    assert sum(node.activity for node in network.nodes) == 40


def test_the_published_sums_come_out() -> None:
    assert one_mode_sum(TALLIES, "ignore") == 276
    assert (one_mode_sum(TALLIES, "congruence"), one_mode_sum(TALLIES, "conflict")) == (160, 116)
    both = build_network(build_cells(TALLIES), Mode.BIPARTITE, Aggregation.IGNORE)
    assert sum(edge.weight for edge in both.edges) == 40
    assert (len(both.nodes), sum(node.activity for node in both.nodes)) == (13, 80)


def test_the_published_bipartite_edges_come_out() -> None:
    subtracted = build_network(build_cells(TALLIES), Mode.BIPARTITE, Aggregation.SUBTRACT)
    assert (weight(subtracted, PETRO, 1), weight(subtracted, PETRO, 6)) == (-2, -2)
    assert weight(build_network(build_cells(TALLIES), Mode.BIPARTITE, Aggregation.COMBINE), ANALYSIS, 5) == 3
    ignored = build_network(build_cells(RANGE_TALLIES), Mode.BIPARTITE, Aggregation.IGNORE)
    assert weight(ignored, ANALYSIS, 5) == 2, "it contradicted itself"


def test_the_published_sums_come_out_after_deduplication() -> None:
    with_stance = {(tally.actor, tally.issue, tally.stance) for tally in TALLIES}
    assert len(with_stance) == 23
    assert (one_mode_sum(RANGE_TALLIES, "congruence"), one_mode_sum(RANGE_TALLIES, "conflict")) == (48, 38)
    without_stance = {(tally.actor, tally.issue): tally for tally in RANGE_TALLIES}
    assert len(without_stance) == 22
    assert one_mode_sum(list(without_stance.values()), "ignore") == 78


tallies = st.lists(
    st.builds(
        Tally,
        st.sampled_from("abcdef"),
        st.integers(1, 4),
        st.sampled_from(("support", "oppose", "mixed", "undecided")),
        st.integers(1, 5),
    ),
    max_size=25,
)


def count_by_side(rows: list[Tally]) -> dict[str, dict[tuple[object, str], int]]:
    """Return x(i, j, k): by actor, how often it stands on a side of an issue; undecided is on none."""
    counts: dict[str, dict[tuple[object, str], int]] = {}
    for tally in rows:
        of_actor = counts.setdefault(tally.actor, {})
        for side in SIDES_BY_STANCE.get(tally.stance, ()):
            key = tally.issue, side
            of_actor[key] = of_actor.get(key, 0) + tally.number
    return counts


@given(tallies, st.sampled_from((Mode.ACTORS, Mode.ISSUES)))
def test_networks_are_what_naive_counting_finds(rows: list[Tally], mode: Mode) -> None:
    found = {
        aggregation: {
            (edge.source, edge.target): edge.weight
            for edge in build_network(build_cells(rows), mode, aggregation).edges
        }
        for aggregation in CHOICES[mode][0]
    }
    if mode == Mode.ISSUES:
        rows = [row._replace(actor=row.issue, issue=row.actor) for row in rows]
    counts = count_by_side(rows)
    flipped = {"support": "oppose", "oppose": "support"}
    for one, other in combinations(sorted(counts), 2):
        congruence = sum(number * counts[other].get(key, 0) for key, number in counts[one].items())
        conflict = sum(
            number * counts[other].get((issue, flipped[side]), 0)
            for (issue, side), number in counts[one].items()
        )
        expected = {
            "congruence": congruence,
            "conflict": conflict,
            "ignore": congruence + conflict,
            "subtract": congruence - conflict,
        }
        for aggregation, edges in found.items():
            assert edges.get((one, other), 0) == expected[aggregation]


def naive_weight(one: dict[Any, int], other: dict[Any, int], normalisation: Normalisation) -> float:
    """Return the weight of two vectors by the formulas of the manual."""
    product = sum(number * other.get(key, 0) for key, number in one.items())
    alone = sum(n for key, n in one.items() if key not in other) + sum(
        n for key, n in other.items() if key not in one
    )
    activity, other_activity = sum(one.values()), sum(other.values())
    divisor = {
        Normalisation.NONE: 1,
        Normalisation.AVERAGE_ACTIVITY: (activity + other_activity) / 2,
        Normalisation.JACCARD: alone + product,
        Normalisation.DNA_COSINE: activity * other_activity,
        Normalisation.VECTOR_COSINE: math.hypot(*one.values()) * math.hypot(*other.values()),
    }[normalisation]
    return product / divisor if divisor else 0


@pytest.mark.parametrize("normalisation", CHOICES[Mode.ACTORS][1])
@given(rows=tallies)
def test_normalised_weights_are_what_the_formulas_give(
    normalisation: Normalisation, rows: list[Tally]
) -> None:
    counts = count_by_side(rows)
    flipped = {"support": "oppose", "oppose": "support"}
    exchanged = {
        actor: {(issue, flipped[side]): number for (issue, side), number in vector.items()}
        for actor, vector in counts.items()
    }
    sums: dict[str, Counter[Any]] = {actor: Counter() for actor in counts}
    for actor, vector in counts.items():
        for (issue, _), number in vector.items():
            sums[actor][issue] += number
    # blocks of two nodes, so that most ties are of two blocks
    with patch.object(products, "_BLOCK", 2):
        found = {
            aggregation: {
                (edge.source, edge.target): edge.weight
                for edge in build_network(build_cells(rows), Mode.ACTORS, aggregation, normalisation).edges
            }
            for aggregation in CHOICES[Mode.ACTORS][0]
        }
    for one, other in combinations(sorted(counts), 2):
        congruence = naive_weight(counts[one], counts[other], normalisation)
        conflict = naive_weight(counts[one], exchanged[other], normalisation)
        expected = {
            "congruence": congruence,
            "conflict": conflict,
            "ignore": naive_weight(sums[one], sums[other], normalisation),
            "subtract": congruence - conflict,
        }
        for aggregation, edges in found.items():
            assert edges.get((one, other), 0) == pytest.approx(expected[aggregation]), aggregation


@given(tallies)
def test_a_network_does_not_depend_on_the_order_of_tallies(rows: list[Tally]) -> None:
    assert build_network(build_cells(rows), Mode.ACTORS) == build_network(
        build_cells(rows[::-1]), Mode.ACTORS
    )


@given(tallies)
def test_cells_hold_every_statement_once(rows: list[Tally]) -> None:
    cells = build_cells(rows)
    assert sum(cell.salience for cell in cells) == sum(row.number for row in rows)
    assert len({(cell.actor, cell.issue, cell.window) for cell in cells}) == len(cells)
    assert all(cell.score == stance_score(cell.support, cell.oppose, cell.mixed) for cell in cells)
    for order in ("salience", "name", "score"):
        assert set(sorted_ids(cells, "actor", {}, order)) == {row.actor for row in rows}


def test_a_mode_refuses_what_it_does_not_have() -> None:
    with pytest.raises(ValueError, match="combine"):
        build_network(build_cells(TALLIES), Mode.ACTORS, Aggregation.COMBINE)


def test_scores() -> None:
    assert stance_score(0, 0, 0) is None
    assert (stance_score(3, 1, 0), stance_score(0, 2, 2)) == (0.5, -0.5)


def dated(id: int, stance: str, first: str, last: str = "", article: int = 0) -> DatedStance:
    days = (date.fromisoformat(day) if day else None for day in (first, last or first))
    return DatedStance(id, "a", "i", stance, article or id, *days)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([dated(1, "support", "2026-01-01"), dated(2, "oppose", "2026-03-01")], [("change", 59)]),
        ([dated(1, "support", "2026-01-01"), dated(2, "oppose", "2026-01-01")], [("contradiction", 0)]),
        (
            [dated(1, "support", "2026-01-01", "2026-12-31"), dated(2, "oppose", "2026-03-01")],
            [("contradiction", 0)],
        ),
        (
            [dated(1, "support", "2026-01-01", article=9), dated(2, "oppose", "2026-03-01", article=9)],
            [("contradiction", 59)],
        ),
        ([dated(1, "support", "2026-01-01"), dated(2, "mixed", "2026-02-01")], [("mixed", 31)]),
        ([dated(1, "support", ""), dated(2, "oppose", "2026-01-01")], []),
        ([dated(1, "support", "2026-01-01"), dated(2, "undecided", "2026-02-01")], []),
        (
            [
                dated(3, "support", "2026-03-01"),
                dated(1, "support", "2026-01-01"),
                dated(2, "oppose", "2026-02-01"),
            ],
            [("change", 31), ("change", 28)],
        ),
    ],
)
def test_changes_of_mind(rows: list[DatedStance], expected: list[tuple[str, int]]) -> None:
    assert [(change.kind, change.days) for change in find_changes(rows)] == expected


def test_two_reports_of_both_sides_of_a_day_are_one_contradiction() -> None:
    rows = [
        dated(id, stance, "2026-01-01")
        for id, stance in enumerate(("support", "oppose", "support", "oppose"))
    ]
    assert [change.kind for change in find_changes(rows)] == [ChangeKind.CONTRADICTION]


@given(st.lists(st.tuples(st.sampled_from(("support", "oppose", "mixed")), st.integers(1, 28)), max_size=12))
def test_stances_alternate_at_every_change(rows: list[tuple[str, int]]) -> None:
    stances = [dated(id, stance, f"2026-01-{day:02}") for id, (stance, day) in enumerate(rows)]
    changes = list(find_changes(stances))
    assert all(change.before.stance != change.after.stance for change in changes)
    assert all(str(one.after.day) <= str(other.before.day) for one, other in pairwise(changes))
    assert bool(changes) == (len({stance for stance, _ in rows}) > 1)


def test_concentration() -> None:
    assert measure_concentration([]) == (None, None, 0)
    assert measure_concentration([5, 0]) == (1.0, 1.0, 1)
    even = measure_concentration([3] * 20)
    assert (even.top10_share, even.n) == (0.5, 20)
    assert even.hhi == pytest.approx(0.05)


@given(st.integers(0, 12))
def test_the_layout_is_the_same_every_time_and_stays_in_its_square(size: int) -> None:
    edges = [(one, (one * 3) % size, 1.0) for one in range(size) if one != (one * 3) % size]
    places = lay_out(range(size), edges)
    assert places == lay_out(list(range(size))[::-1], edges)
    assert all(0 <= value <= 1 for place in places.values() for value in place)
    assert len(set(places.values())) == size
