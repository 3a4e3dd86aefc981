"""The counts against slow oracles that look at every character, every unit and every pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exceptions import EmptySnapError
from annotations.metrics.agreement import (
    AgreementCounts,
    Figure,
    Interval,
    LabelCounts,
    SetData,
    agreement_report,
    alpha,
    alpha_u,
    alpha_u_disagreement,
    coincidence_table,
    coincidences_of_table,
    count_agreement,
    kappa,
    merge_overlapping,
    overlap_matches,
    pi,
)
from annotations.scheme import LABEL_NAMES, SpanData
from annotations.text.edges import snap_range
from annotations.text.tokens import Tokens
from tests.measures.sets import PAIR, articles, compared, ranges

LENGTH = 14
lying_over = ranges(LENGTH, overlap=True).map(sorted)
apart = ranges(LENGTH)


def trimmed(text: str, row: SpanData) -> Interval:
    try:
        where = snap_range(text, row.range)
    except EmptySnapError:
        where = row.range
    return where.start, where.end


def of(text: str, given: SetData, label: str) -> list[Interval]:
    return sorted(trimmed(text, row) for row in given.spans if row.label == label)


# --- Units in and out of marks --------------------------------------------------------------


@given(articles(overlap=True))
def test_units_in_and_out(case: tuple[str, list[SetData]]) -> None:
    text, (first, second) = case
    counts = compared(text, first, second)
    words = [set(range(word.start, word.end)) for word in Tokens(text)]
    characters = [{index} for index in range(len(text))]
    for label in LABEL_NAMES:
        inside = [
            {index for start, end in of(text, given, label) for index in range(start, end)}
            for given in (first, second)
        ]
        for unit, parts in (("tokens", words), ("characters", characters)):
            said = Counter((bool(part & inside[0]), bool(part & inside[1])) for part in parts)
            table = counts.contingency_table(label, unit)  # type: ignore[arg-type]
            assert {cell: number for cell, number in table.items() if number} == said


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=12))
def test_kappa_and_pi(units: list[tuple[str, str]]) -> None:
    number = len(units)
    first, second = ([unit[side] for unit in units] for side in (0, 1))
    agreed = sum(one == other for one, other in units)
    own = sum(one == other for one, other in product(first, second))
    pooled = sum(one == other for one, other in product(first + second, repeat=2))
    for figure, expected in (
        (kappa, Fraction(own, number**2 or 1)),
        (pi, Fraction(pooled, 4 * number**2 or 1)),
    ):
        value = figure(Counter(units)).value
        if not number or expected == 1:
            assert value is None
        else:
            assert value == pytest.approx(float((Fraction(agreed, number) - expected) / (1 - expected)))


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=4), max_size=8))
def test_alpha(units: list[list[str | None]]) -> None:
    """Do as the mean over values of the share of others in their unit that differ; De by drawing two."""
    known = [[value for value in unit if value is not None] for unit in units]
    known = [unit for unit in known if len(unit) > 1]
    values = [value for unit in known for value in unit]
    drawn = [one != other for one, other in permutations(values, 2)]
    figure = alpha(coincidence_table(units))
    if not any(drawn):
        assert figure.value is None
        assert figure.reason
        return
    observed = sum(
        Fraction(one != other, len(unit) - 1) for unit in known for one, other in permutations(unit, 2)
    )
    expected = Fraction(sum(drawn), len(drawn))
    assert figure.value == pytest.approx(float(1 - observed / len(values) / expected))


@given(articles(annotators=3))
def test_alpha_of_three_annotators_is_made_of_their_pairs(case: tuple[str, list[SetData]]) -> None:
    text, sets = case
    found = agreement_report([count_agreement(text, dict(zip("abc", sets, strict=True)))])
    words = list(Tokens(text))
    for label in LABEL_NAMES:
        inside = [of(text, given, label) for given in sets]
        units = [
            [any(start < word.end and word.start < end for start, end in side) for side in inside]
            for word in words
        ]
        same(found["labels"][label]["alpha"], alpha(coincidence_table(units)))
        first_two = alpha(coincidence_table(unit[:2] for unit in units))
        same(found["pairs"][0]["labels"][label]["alpha"], first_two)


def same(value: float | None, figure: Figure) -> None:
    assert value == (None if figure.value is None else pytest.approx(figure.value))


# --- Matches --------------------------------------------------------------------------------


def meet(one: Interval, other: Interval) -> int:
    return len(set(range(*one)) & set(range(*other)))


def iou(one: Interval, other: Interval) -> Fraction:
    return Fraction(meet(one, other), len(set(range(*one)) | set(range(*other))))


def most(first: Sequence[Interval], second: Sequence[Interval]) -> int:
    """The greatest number of overlapping pairs, by trying every way to pair them."""
    short, long = sorted((first, second), key=len)
    return max(
        sum(meet(one, other) > 0 for one, other in zip(short, way, strict=False))
        for way in permutations(long, len(short))
    )


@given(lying_over, lying_over)
def test_matches(first: list[Interval], second: list[Interval]) -> None:
    found = overlap_matches(first, second)
    assert found.exact == (Counter(first) & Counter(second)).total()
    assert found.overlap == most(first, second)
    assert found.first_overlapping == sum(any(meet(one, other) for other in second) for one in first)
    assert found.second_overlapping == sum(any(meet(one, other) for one in first) for other in second)
    assert set(found.overlapping_pairs) == {
        (i, j) for i, one in enumerate(first) for j, other in enumerate(second) if meet(one, other)
    }
    assert len(found.overlapping_pairs) == len(set(found.overlapping_pairs))
    assert found.exact <= found.iou <= found.overlap


@given(lying_over, lying_over)
def test_close_pairs_take_the_closest_first(first: list[Interval], second: list[Interval]) -> None:
    found = overlap_matches(first, second).iou_pairs
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    close = {
        (i, j): iou(one, other)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if iou(one, other) > Fraction(1, 2)
    }
    assert set(found) <= set(close)
    # whoever is left out stands behind a pair that is as close or closer
    for (i, j), closeness in close.items():
        assert (i, j) in found or any(
            close[pair] >= closeness for pair in found if pair[0] == i or pair[1] == j
        )


@given(apart, apart)
def test_close_pairs_are_unique_where_marks_do_not_overlap(
    first: list[Interval], second: list[Interval]
) -> None:
    close = {
        (i, j)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if iou(one, other) > Fraction(1, 2)
    }
    assert set(overlap_matches(first, second).iou_pairs) == close


# --- alpha_U --------------------------------------------------------------------------------


Section = tuple[int, int, bool]  # start, end, whether it is a mark


def tiled(marks: Sequence[Interval], length: int) -> list[Section]:
    found: list[Section] = []
    at = 0
    for start, end in marks:
        found += [(at, start, False)] if start > at else []
        found.append((start, end, True))
        at = end
    return [*found, (at, length, False)] if length > at else found


def distance(g: Section, h: Section) -> int:
    if g[2] and h[2]:
        return (g[0] - h[0]) ** 2 + (g[1] - h[1]) ** 2
    for mark, gap in ((g, h), (h, g)):
        if mark[2] and not gap[2] and gap[0] <= mark[0] and mark[1] <= gap[1]:
            return (mark[1] - mark[0]) ** 2
    return 0


def by_the_book(
    first: Sequence[Interval], second: Sequence[Interval], length: int
) -> tuple[Fraction, Fraction]:
    """Do and De, sum for sum as they are printed."""
    m = 2
    sides = [tiled(first, length), tiled(second, length)]
    observed = Fraction(
        sum(
            distance(g, h)
            for one, other in permutations(sides, 2)
            for g, h in product(one, other)
            if g[0] < h[1] and h[0] < g[1]
        ),
        m * (m - 1) * length**2,
    )
    marks = [end - start for side in sides for start, end, is_mark in side if is_mark]
    gaps = [end - start for side in sides for start, end, is_mark in side if not is_mark]
    total = sum(
        Fraction(len(marks) - 1, 3) * (2 * mark**3 - 3 * mark**2 + mark)
        + mark**2 * sum(gap - mark + 1 for gap in gaps if gap >= mark)
        for mark in marks
    )
    ways = m * length * (m * length - 1) - sum(mark * (mark - 1) for mark in marks)
    return observed, Fraction(2, length) * total / ways


@given(apart, apart, st.integers(LENGTH, 20))
def test_unitizing(first: list[Interval], second: list[Interval], length: int) -> None:
    observed, expected = by_the_book(first, second, length)
    found = alpha_u_disagreement(first, second, length)
    assert found.observed == observed * length**2
    assert found.expected == pytest.approx(float(expected * length**2), rel=1e-12)
    figure = alpha_u(first, second, length)
    assert figure.value == (pytest.approx(float(1 - observed / expected)) if expected else None)
    assert (figure.reason is None) == bool(expected)


@given(articles(overlap=True))
def test_marks_that_overlap_are_one_for_alpha_u(case: tuple[str, list[SetData]]) -> None:
    text, (first, second) = case
    counts = compared(text, first, second)
    for label in LABEL_NAMES:
        sides = [merge_overlapping(of(text, given, label)) for given in (first, second)]
        observed, expected = by_the_book(sides[0], sides[1], len(text))
        row = counts.labels.get(label, LabelCounts())
        assert row.observed == observed * len(text) ** 2
        assert row.expected == pytest.approx(float(expected * len(text) ** 2))


# --- The whole ------------------------------------------------------------------------------


@given(articles(overlap=True))
def test_confusion_tells_of_every_mark_once(case: tuple[str, list[SetData]]) -> None:
    text, (first, second) = case
    counts: AgreementCounts = compared(text, first, second)
    for side, marked in enumerate((first, second)):
        told: Counter[str | None] = Counter()
        for said, number in counts.confusion.items():
            told[said[side]] += number
        del told[None]
        assert told == Counter(row.label for row in marked.spans)
    agreed = {said[0]: number for said, number in counts.confusion.items() if said[0] == said[1]}
    assert agreed == {label: row.iou for label, row in counts.labels.items() if row.iou}


@given(articles())
def test_kappa_over_labels_adds_what_each_label_expects(case: tuple[str, list[SetData]]) -> None:
    text, (first, second) = case
    counts = compared(text, first, second)
    row = agreement_report([{PAIR: counts}])["labels"]["all"]
    observed = expected = Fraction(0)
    for label in LABEL_NAMES:
        table = counts.contingency_table(label, "characters")
        sides = [sum(int(n) for cell, n in table.items() if cell[side]) for side in (0, 1)]
        length = len(text)
        observed += int(table[True, False] + table[False, True])
        expected += Fraction(sides[0] * (length - sides[1]) + sides[1] * (length - sides[0]), length)
    same(row["char_kappa"], Figure(float(1 - observed / expected) if expected else None))
    assert coincidences_of_table({}) == {}
