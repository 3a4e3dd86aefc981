"""The problems of a set: every rule of the guideline, alone and together."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import scheme
from annotations.scheme import Problem, RelationData, SpanData

TEXT = "Osmanov said “the lock leaks”, and Ardenia refused the quota.\n\nLorn did too."
FULL: dict[str, dict[str, object]] = {
    "actor": {"mention_type": "name"},
    "claim": {"claim_type": "assertion", "mode": "direct", "attribution": "named"},
    "position": {"stance": "oppose", "basis": "conduct", "attribution": "named"},
}


def span(label: str, quote: str, *, id: str = "", without: str = "", **changes: Any) -> SpanData:
    start = TEXT.index(quote)
    links: dict[str, Any] = {}
    if label == "actor":
        links = {"actor": f"registry {quote}"}
    elif label == "position":
        links = {"proposition": "quota", "proposition_kind": "issue"}
    links.update({key: changes.pop(key) for key in [*changes] if key in SpanData._fields})
    attributes = {key: value for key, value in {**FULL[label], **changes}.items() if key != without}
    return SpanData(id or label, label, start, start + len(quote), quote, attributes, **links)


ACTOR = span("actor", "Osmanov")
MADE_BY = RelationData("r1", "made_by", "claim", "actor")
HELD_BY = RelationData("r2", "held_by", "position", "actor")
ASCRIBED_BY = RelationData("r3", "ascribed_by", "position", "actor")


def claim(**changes: Any) -> SpanData:
    return span("claim", "the lock leaks", **changes)


def position(**changes: Any) -> SpanData:
    return span("position", "refused the quota", **changes)


def codes(spans: Iterable[SpanData], *relations: RelationData) -> list[str]:
    found = scheme.find_problems(TEXT, [*spans], relations)
    for problem in found:
        assert re.match(r"(Actor|Claim|Position) “.+” .+\.$", problem.detail)
        assert problem.code in scheme.GUIDELINE_RULES
    return [problem.code for problem in found]


def test_a_full_statement_has_no_problem() -> None:
    assert codes([ACTOR, claim(), position()], MADE_BY, HELD_BY) == []
    assert codes([]) == []


@pytest.mark.parametrize(
    ("spans", "relations", "expected"),
    [
        ([span("actor", "Osmanov", without="mention_type")], [], ["A5"]),
        ([span("actor", "Osmanov", actor=None)], [], ["A6"]),
        ([claim(without="claim_type")], [MADE_BY], ["C5"]),
        ([claim(without="mode")], [MADE_BY], ["C6"]),
        ([claim(without="attribution")], [MADE_BY], ["C7"]),
        ([claim(without="attribution")], [], ["C7"]),
        ([claim()], [], ["C7"]),
        ([claim()], [MADE_BY], []),
        ([claim(attribution="unnamed")], [], []),
        ([claim(attribution="author")], [], []),
        ([claim(attribution="unnamed")], [MADE_BY], ["C7"]),
        ([claim(attribution="author")], [MADE_BY, MADE_BY._replace(id="r9", target="x")], ["C7", "C7"]),
        ([claim(attribution="author")], [MADE_BY._replace(type="reported_by")], []),
        ([claim(proposition="p", proposition_kind="assertion")], [MADE_BY], []),
        ([position(without="stance")], [HELD_BY], ["P3"]),
        ([position(without="basis")], [HELD_BY], ["P4"]),
        ([position(without="attribution")], [HELD_BY], ["P5"]),
        ([position(proposition=None, proposition_kind=None)], [HELD_BY], ["P1"]),
        ([position(proposition_kind="assertion")], [HELD_BY], ["P1"]),
        ([position()], [], ["P5"]),
        ([position(attribution="author")], [], ["P5"]),
        ([position(basis="ascribed")], [HELD_BY], ["P5"]),
        ([position(basis="ascribed")], [HELD_BY, ASCRIBED_BY], []),
        ([position(basis="ascribed", attribution="unnamed")], [HELD_BY], []),
        ([position(basis="stated")], [HELD_BY], []),
    ],
)
def test_statement_rules(spans: list[SpanData], relations: list[RelationData], expected: list[str]) -> None:
    assert codes([ACTOR, *spans] if spans[0].label != "actor" else spans, *relations) == expected


def test_a_relation_too_many_is_named() -> None:
    [problem] = scheme.find_problems(TEXT, [ACTOR, claim(attribution="unnamed")], [MADE_BY])
    assert (problem.span, problem.relation) == ("claim", "r1")


def test_a_relation_counts_for_its_source_only() -> None:
    other = span("claim", "Lorn did too", id="other")
    found = scheme.find_problems(TEXT, [ACTOR, claim(), other], [MADE_BY])
    assert [(problem.code, problem.span) for problem in found] == [("C7", "other")]


def test_details_tell_what_to_do() -> None:
    [problem] = scheme.find_problems(TEXT, [ACTOR, position(without="stance")], [HELD_BY])
    assert problem == Problem(
        "P3",
        "position",
        None,
        "Position “refused the quota” has no stance; choose support, oppose, mixed or undecided.",
    )
    long = claim()._replace(quote="word\n" * 100)
    [problem] = scheme.find_statement_problems([long], [])
    assert "Claim “word word word word word word word word…” has no source;" in problem.detail


def test_edges_and_paragraphs() -> None:
    edge = span("claim", "“the lock leaks”,", attribution="unnamed")
    [problem] = scheme.find_problems(TEXT, [edge], [])
    assert (problem.code, problem.span) == ("B1", "claim")
    assert problem.detail.endswith("mark “the lock leaks” instead, from 14 to 28.")
    [problem] = scheme.find_range_problems(TEXT, [span("actor", "”, ")])
    assert problem.detail == "Actor “”,” holds no letter and no digit; remove it."
    across = span("claim", "quota.\n\nLorn", attribution="unnamed")
    [problem] = scheme.find_problems(TEXT, [across], [])
    assert problem.code == "B2"
    assert "Claim “quota. Lorn” crosses a paragraph break" in problem.detail


def test_overlap_of_one_label() -> None:
    long, short = claim(id="long"), span("claim", "lock", id="short")
    found = scheme.find_range_problems(TEXT, [short, long])
    assert [(problem.code, problem.span) for problem in found] == [("B3", "short")]
    assert "overlaps with Claim “the lock leaks”" in found[0].detail
    assert scheme.find_range_problems(TEXT, [short, long], same_label_overlap=True) == []
    assert scheme.find_range_problems(TEXT, [short._replace(label="position"), long]) == []


def test_one_stretch_may_take_a_stand_on_two_issues() -> None:
    one, other = position(id="one"), position(id="other", proposition="lock")
    assert scheme.find_range_problems(TEXT, [one, other]) == []
    [problem] = scheme.find_range_problems(TEXT, [one, other, position(id="twin")])
    assert (problem.code, problem.span) == ("B3", "twin")
    assert "marked twice" in problem.detail
    inside = span("position", "quota", id="inside")
    found = scheme.find_range_problems(TEXT, [one, other, inside])
    assert [problem.span for problem in found] == ["inside"]


facts = st.builds(
    lambda label, start, length, proposition: (label, start, start + length, proposition),
    st.sampled_from(["claim", "position"]),
    st.integers(0, 12),
    st.integers(1, 4),
    st.sampled_from([None, "p", "q"]),
)


@given(st.lists(facts, max_size=10))
def test_overlap_agrees_with_comparing_all_pairs(rows: list[tuple[str, int, int, str | None]]) -> None:
    text = "a" * 20
    spans = [
        SpanData(index, label, start, end, text[start:end], {}, proposition=proposition)
        for index, (label, start, end, proposition) in enumerate(rows)
    ]

    def in_the_way(one: SpanData, other: SpanData) -> bool:
        if one.label != other.label or one.start >= other.end or other.start >= one.end:
            return False
        same_words = (one.start, one.end) == (other.start, other.end)
        return not same_words or one.proposition == other.proposition

    order = sorted(spans, key=lambda item: (item.start, item.end))
    expected = {
        later.id
        for place, later in enumerate(order)
        if any(in_the_way(earlier, later) for earlier in order[:place])
    }
    assert {problem.span for problem in scheme.find_range_problems(text, spans)} == expected


def test_problems_are_in_reading_order_with_the_b_rules_first() -> None:
    late, early = span("claim", "“the lock leaks", id="late"), span("actor", "Osmanov ", actor=None)
    found = scheme.find_problems(TEXT, [late, early], [])
    assert [(problem.span, problem.code) for problem in found] == [
        ("actor", "B1"),
        ("actor", "A6"),
        ("late", "B1"),
        ("late", "C7"),
    ]


def test_what_blocks() -> None:
    for code in scheme.GUIDELINE_RULES:
        assert scheme.is_blocking(code, "statements")
        assert scheme.is_blocking(code, "spans") == code.startswith("B")


def test_five_thousand_spans_on_a_large_text_are_judged_quickly() -> None:
    text = "Some words in a line.\n\n" * 40_000
    attributes = {**FULL["claim"], "attribution": "unnamed"}
    spans = [
        SpanData(index, "claim", 23 * index, 23 * index + 20, text[:20], attributes) for index in range(5000)
    ]
    started = time.process_time()
    assert scheme.find_problems(text, spans, []) == []
    nested = [item._replace(start=0, end=23 * index + 20) for index, item in enumerate(spans)]
    assert len(scheme.find_range_problems(text, nested)) == 4999 + 4999  # B2 and B3
    for item in spans:
        assert scheme.check_attributes(item.label, item.attributes) == []
    assert time.process_time() - started < 3  # some 0.3 s of the processor
