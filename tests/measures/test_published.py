"""Published figures, each from the work that gives it."""

from __future__ import annotations

import pytest

from annotations.metrics.agreement import (
    Disagreement,
    agreement_report,
    alpha,
    alpha_disagreement,
    alpha_u,
    alpha_u_disagreement,
    coincidence_table,
    coincidences_of_table,
    confidence,
    f1,
    kappa,
    kappa_disagreement,
    overlap_matches,
    pi,
    wiebe_agr,
)
from tests.measures.sets import PAIR, compared, marks, span


def square(*rows: tuple[int, ...]) -> dict[tuple[int, int], int]:
    return {(i, j): count for i, row in enumerate(rows) for j, count in enumerate(row)}


def test_cohen_1960() -> None:
    table = square((88, 14, 18), (10, 40, 10), (2, 6, 12))
    parts = kappa_disagreement(table)
    assert 1 - parts.observed / 200 == pytest.approx(0.70)
    assert 1 - parts.expected / 200 == pytest.approx(0.41)
    assert kappa(table).value == pytest.approx(0.492, abs=5e-4)


def test_artstein_and_poesio_2008() -> None:
    table = square((20, 10), (20, 50))
    assert kappa(table).value == pytest.approx(0.348, abs=5e-4)
    assert pi(table).value == pytest.approx(0.341, abs=5e-4)


def test_krippendorff_1995_pair_a() -> None:
    counts = compared("a" * 24, marks("claim", [(2, 10), (14, 20)]), marks("claim", [(4, 8), (15, 17)]))
    table = counts.contingency_table("claim", "characters")
    assert kappa(table).value == pytest.approx(0.385, abs=5e-4)
    assert pi(table).value == pytest.approx(0.314, abs=5e-4)
    assert alpha(coincidences_of_table(table)).value == pytest.approx(0.329, abs=5e-4)


def test_krippendorff_2004_page_230() -> None:
    units = ["BB-B", "LLPL", "PPPP", "PPPP", "LLLL", "BLPC", "CCCC", "BBLB", "LLLL", "-FFF", "--BB", "--P-"]
    table = coincidence_table([None if value == "-" else value for value in unit] for unit in units)
    values = sum(table.values())
    parts = alpha_disagreement(table)
    assert values == pytest.approx(40)
    assert parts.observed / values == pytest.approx(0.200, abs=5e-4)
    assert parts.expected / values == pytest.approx(0.779, abs=5e-4)
    assert alpha(table).value == pytest.approx(0.743, abs=5e-4)


# The continuum goes from 150 to 450; here it begins at 0.
C = ([(75, 145), (220, 250)], [(70, 150), (205, 225), (250, 270)])
K = ([(30, 90), (150, 200)], [(30, 90), (150, 200)])


def test_krippendorff_2004_page_254() -> None:
    c, k = alpha_u_disagreement(*C, 300), alpha_u_disagreement(*K, 300)
    assert c.observed == 50 + 850 + 400
    assert c.observed / 300**2 == pytest.approx(0.0144, abs=5e-5)
    assert c.expected / 300**2 == pytest.approx(0.0532, abs=5e-5)
    assert alpha_u(*C, 300).value == pytest.approx(0.7286, abs=5e-5)
    assert alpha_u(*K, 300).value == 1
    together = (c + k).as_figure().value
    assert together == pytest.approx(0.8587, abs=5e-5)
    assert together == pytest.approx(0.8591, abs=5e-4)


def test_krippendorff_2004_page_254_from_sets() -> None:
    first, second = (marks("claim", c) + marks("actor", k) for c, k in zip(C, K, strict=True))
    labels = agreement_report([{PAIR: compared("a" * 300, first, second)}])["labels"]
    assert labels["claim"]["alpha_u"] == pytest.approx(0.7286, abs=5e-5)
    assert labels["actor"]["alpha_u"] == 1
    assert labels["all"]["alpha_u"] == pytest.approx(0.8587, abs=5e-5)


# SemEval-2013 task 9, seven cases a line of ten apart: gold and prediction.
GOLD = [
    *(span("claim", 0, 5), span("actor", 10, 15), span("claim", 20, 25), span("actor", 30, 35)),
    *(span("claim", 40, 45), span("actor", 50, 55)),
]
PREDICTED = [
    *(span("claim", 0, 5), span("actor", 10, 15), span("actor", 20, 25), span("actor", 32, 38)),
    *(span("actor", 42, 48), span("claim", 60, 65)),
]


def test_semeval_2013() -> None:
    labels = agreement_report([{PAIR: compared("a" * 70, GOLD, PREDICTED)}])["labels"]
    assert labels["all"]["exact_f1"] == pytest.approx(2 / 6)  # strict
    assert labels["all"]["overlap_f1"] == pytest.approx(3 / 6)  # type
    assert labels["all"]["spans"] == [6, 6]
    gold, predicted = ([(row.start, row.end) for row in rows] for rows in (GOLD, PREDICTED))
    blind = overlap_matches(gold, predicted)  # whatever the label
    assert f1(blind.exact, 6, 6).value == pytest.approx(3 / 6)
    assert f1(blind.exact + 0.5 * (blind.overlap - blind.exact), 6, 6).value == pytest.approx(4 / 6)


def test_seqeval_readme() -> None:
    gold = [span("claim", 3, 6), span("actor", 0, 2)]
    predicted = [span("claim", 2, 6), span("actor", 0, 2)]
    assert agreement_report([{PAIR: compared("a" * 8, gold, predicted)}])["labels"]["all"]["exact_f1"] == 0.5


@pytest.mark.parametrize(("empty", "expected"), [(88, 0.778), (988, 0.798), (99_988, 0.800)])
def test_kappa_comes_to_f1_as_empty_cases_grow(empty: int, expected: float) -> None:
    table = square((8, 2), (2, empty))
    assert kappa(table).value == pytest.approx(expected, abs=5e-4)
    assert f1(8, 10, 10).value == pytest.approx(0.8)


def test_agr_both_ways() -> None:
    found = wiebe_agr(6, 10, 6, 8)
    assert [way.value for way in found.directions] == [0.60, 0.75]
    assert found.mean.value == pytest.approx(0.675)


def test_agr_of_marks() -> None:
    first = marks("actor", [(10 * index, 10 * index + 4) for index in range(10)])
    second = marks("actor", [(10 * index + 2, 10 * index + 6) for index in range(4, 12)])
    row = agreement_report([{PAIR: compared("a" * 130, first, second)}])["labels"]["actor"]
    assert row["agr_ways"] == [0.60, 0.75]
    assert row["agr"] == pytest.approx(0.675)
    assert row["exact_f1"] == row["iou_f1"] == 0


def test_nothing_expected_has_no_figure() -> None:
    assert Disagreement(0, 0).as_figure("Why.") == (None, "Why.")


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_newcombe_1998(part: int, whole: int, low: float, high: float) -> None:
    """Table I of Newcombe 1998, method 3, Wilson's score."""
    assert confidence.wilson_interval(part / whole, whole) == pytest.approx((low, high), abs=5e-5)
