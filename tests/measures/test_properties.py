"""What holds for all agreement: symmetry, order, identity, addition, keeping."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.metrics.agreement import (
    AgreementCounts,
    AnnotatorPair,
    LabelCounts,
    SetData,
    agreement_report,
    count_agreement,
)
from annotations.scheme import LABEL_NAMES, RelationData, SpanData
from tests.measures.sets import PAIR, articles, compared

CHANCE = ("token_kappa", "char_kappa", "alpha", "alpha_u")


def near(one: Any, other: Any) -> bool:
    """Equal, numbers up to rounding."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(near, one, other))
    return bool(one == (pytest.approx(other) if isinstance(other, float) else other))


@given(articles(overlap=True))
def test_who_is_first_changes_no_figure(case: tuple[str, list[SetData]]) -> None:
    text, (first, second) = case
    one = agreement_report([{PAIR: compared(text, first, second)}])
    other = agreement_report([{PAIR: compared(text, second, first)}])
    for section in ("labels", "attributes", "links", "relations"):
        for name, row in other[section].items():
            for turned in ("spans", "joined", "agr_ways", "relations"):
                if turned in row:
                    row[turned].reverse()
            row.pop("confusion", None)
            one[section][name].pop("confusion", None)
        assert near(one[section], other[section])
    assert sorted((b or "", a or "", n) for a, b, n in other["confusion"]) == sorted(
        (a or "", b or "", n) for a, b, n in one["confusion"]
    )


@given(articles(overlap=True), st.randoms(use_true_random=False))
def test_order_changes_nothing(case: tuple[str, list[SetData]], chance: Any) -> None:
    text, sets = case
    # after snapping two marks of a set can be the same one; then any of them is right
    shuffled = [
        SetData(*(chance.sample(rows, len(rows)) for rows in (given.spans, given.relations)))
        for given in sets
    ]
    one, other = compared("a" * len(text), *sets), compared("a" * len(text), *shuffled)
    assert one == other


@given(articles(overlap=True))
def test_identical_sets_agree_fully(case: tuple[str, list[SetData]]) -> None:
    text, (marked, _) = case
    renamed = SetData(
        [row._replace(id=("other", row.id)) for row in marked.spans],
        [
            row._replace(source=("other", row.source), target=("other", row.target))
            for row in marked.relations
        ],
    )
    found = agreement_report([{PAIR: compared("a" * len(text), marked, renamed)}])
    rows = [
        row for section in ("labels", "attributes", "links", "relations") for row in found[section].values()
    ]
    for row in rows:
        for name, value in row.items():
            if isinstance(value, float):
                assert value == 1, name
            assert value is not None or name in row["reasons"]
        assert row.get("one_sided", 0) == 0
    labels = {row.label for row in marked.spans}
    assert all(found["labels"][label]["exact_f1"] == 1 for label in labels)
    assert all(one == other for one, other, _ in found["confusion"])


@given(articles(), articles())
def test_counts_of_two_texts_are_those_of_the_joined_text(
    one: tuple[str, list[SetData]], other: tuple[str, list[SetData]]
) -> None:
    """All but what alpha_U expects: a mark is moved about in its own text, and in no other."""
    (text, (first, second)), (text_too, (first_too, second_too)) = one, other
    added = compared(text, first, second) + compared(text_too, first_too, second_too)
    joined = compared(
        text + text_too,
        joined_set(first, first_too, len(text)),
        joined_set(second, second_too, len(text)),
    )
    assert replace(without_expected(joined), articles=2) == without_expected(added)


def joined_set(one: SetData, other: SetData, offset: int) -> SetData:
    def moved(row: SpanData) -> SpanData:
        return row._replace(start=row.start + offset, end=row.end + offset, id=("moved", row.id))

    def rejoined(row: RelationData) -> RelationData:
        return row._replace(source=("moved", row.source), target=("moved", row.target))

    return SetData([*one.spans, *map(moved, other.spans)], [*one.relations, *map(rejoined, other.relations)])


def without_expected(counts: AgreementCounts) -> AgreementCounts:
    return replace(counts, labels={label: row._replace(expected=0) for label, row in counts.labels.items()})


@given(st.lists(articles(), max_size=4))
def test_pooled_figures_are_those_of_added_counts(cases: list[tuple[str, list[SetData]]]) -> None:
    counts = [compared(text, *sets) for text, sets in cases]
    pooled = agreement_report({PAIR: row} for row in counts)
    added = sum(counts, AgreementCounts())
    at_once = agreement_report([{PAIR: added}] if cases else [])
    assert pooled["articles"] == len(cases) == added.articles
    assert near({**pooled, "articles": 0}, {**at_once, "articles": 0})


@given(st.tuples(articles(), articles(), articles()))
def test_adding_is_adding(cases: tuple[tuple[str, list[SetData]], ...]) -> None:
    one, two, three = (compared(text, *sets) for text, sets in cases)
    assert one + AgreementCounts() == AgreementCounts() + one == one
    assert one + two == two + one
    assert without_expected((one + two) + three) == without_expected(one + (two + three))


@given(articles(overlap=True))
def test_counts_can_be_kept(case: tuple[str, list[SetData]]) -> None:
    text, sets = case
    counts = compared(text, *sets)
    assert AgreementCounts.from_json(json.loads(json.dumps(counts.to_json()))) == counts


@given(articles(overlap=True, annotators=3))
def test_figures_lie_in_their_range_or_say_why_not(case: tuple[str, list[SetData]]) -> None:
    text, sets = case
    found = agreement_report([count_agreement(text, dict(zip("cab", sets, strict=True)))])
    assert [row["owners"] for row in found["pairs"]] == [["a", "b"], ["a", "c"], ["b", "c"]]
    # rows of pairs are made when they are read
    json.dumps(found, allow_nan=False, default=dict)
    tables = [found, *found["pairs"]]
    for row in (row for table in tables for row in table["labels"].values()):
        shares = [row[name] for name in ("exact_f1", "iou_f1", "overlap_f1", "agr")]
        assert all(value is None or 0 <= value <= 1 for value in [*shares, *row["agr_ways"]])
        assert shares[0] is None or shares[0] <= shares[1] <= shares[2]
        assert all(row[name] is None or row[name] <= 1 for name in CHANCE)
        named = ("exact_f1", "iou_f1", "overlap_f1", "agr", *CHANCE)
        assert {name for name in named if row[name] is None} == set(row["reasons"])
        assert all(reason.endswith(".") for reason in row["reasons"].values())


@given(articles())
def test_labels_without_marks_are_left_out_and_count_all_the_same(case: tuple[str, list[SetData]]) -> None:
    text, sets = case
    counts = compared(text, *sets)
    assert set(counts.labels) == {row.label for given in sets for row in given.spans}
    added = counts + AgreementCounts(articles=1, tokens=3, characters=7)
    for label in LABEL_NAMES:
        assert (
            added.contingency_table(label, "characters")[False, False]
            == 7 + counts.contingency_table(label, "characters")[False, False]
        )
        assert counts.total_of([label]) == counts.labels.get(label, LabelCounts())


def test_a_pair_is_two_names_in_order() -> None:
    assert list(count_agreement("a", {"zoe": SetData([]), "ann": SetData([])})) == [
        AnnotatorPair("ann", "zoe", 2)
    ]
