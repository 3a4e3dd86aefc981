"""Intervals of F1: of articles as the unit, between 0 and 1, and none where one article says all."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from annotations.metrics.agreement import (
    RatioSums,
    SetData,
    count_agreement,
    f1_interval,
    pair_spans,
)
from annotations.metrics.agreement.confidence import wilson_interval
from tests.measures.sets import span


def sums(*articles: tuple[int, int]) -> RatioSums:
    found = RatioSums()
    for agreed, marks in articles:
        found = found.with_article(agreed, marks)
    return found


def test_one_article_gives_no_interval() -> None:
    assert f1_interval(sums()) is None
    assert f1_interval(sums((8, 10), (0, 0))) is None


def test_it_holds_the_figure_and_stays_between_0_and_1() -> None:
    for articles in ([(10, 10)] * 3, [(0, 10)] * 3, [(0, 10), (10, 10)], [(8, 10), (9, 10), (4, 10)]):
        found = f1_interval(sums(*articles))
        assert found is not None
        share = sum(a for a, _ in articles) / sum(m for _, m in articles)
        assert 0 <= found.low <= share <= found.high <= 1
        assert found.high - found.low > 0.05, "all alike in a few articles is no certainty"


def test_articles_that_differ_widen_it_and_more_articles_narrow_it() -> None:
    def width(*articles: tuple[int, int]) -> float:
        found = f1_interval(sums(*articles))
        assert found is not None
        return found.high - found.low

    even, uneven = [(8, 10)] * 30, [(10, 10)] * 24 + [(0, 10)] * 6
    assert width(*uneven) > 1.5 * width(*even)
    assert width(*even * 4) < 0.6 * width(*even)


def test_without_clusters_it_is_wilsons() -> None:
    found = f1_interval(sums(*[(16, 20)] * 500))
    assert found == pytest.approx(wilson_interval(0.8, 5_000), abs=1e-4)


def test_pairs_are_those_that_are_counted() -> None:
    """What a cell of a confusion leads to is what it counts, whatever people mark."""
    text = "one two three four five six seven eight nine ten"
    chance = random.Random(5)
    for _ in range(60):
        sets = []
        for _side in range(2):
            rows = []
            for number in range(chance.randrange(6)):
                start = chance.randrange(len(text) - 12)
                end = start + chance.randrange(2, 12)
                row = span(chance.choice(("actor", "claim", "position")), start, end, id=str(number))
                rows.append(row._replace(quote=text[start:end]))
            sets.append(rows)
        (counts,) = count_agreement(text, dict(zip("ab", map(SetData, sets), strict=True))).values()
        pairs = pair_spans(*sets)
        assert Counter((one and one.label, other and other.label) for one, other in pairs) == counts.confusion
