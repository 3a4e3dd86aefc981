"""The scheme: its tables against the contract, its rules against a second way to say them."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import scheme
from annotations.scheme import Problem, RelationFacts, SpanFacts

# --- The tables -----------------------------------------------------------------------------

# Label: what a full statement needs, then what it may have; with the values of the contract.
MENTION = ["name", "description", "metonym", "pronoun"]
CLAIM_TYPE = ["assertion", "evaluation", "demand", "announcement", "prediction"]
MODE = ["direct", "indirect", "mixed"]
ATTRIBUTION = ["named", "unnamed", "author"]
PRECISION = ["day", "month", "year"]
CONTRACT: dict[str, tuple[dict[str, list[str]], dict[str, list[str]]]] = {
    "actor": ({"mention_type": MENTION}, {"role_text": []}),
    "claim": (
        {"claim_type": CLAIM_TYPE, "mode": MODE, "attribution": ATTRIBUTION},
        {
            "polarity": ["affirm", "deny"],
            "certainty": ["certain", "probable", "possible"],
            "statement_date": [],
            "statement_date_precision": PRECISION,
        },
    ),
    "position": (
        {
            "stance": ["support", "oppose", "mixed", "undecided"],
            "basis": ["stated", "conduct", "ascribed"],
            "attribution": ATTRIBUTION,
        },
        {"mode": MODE, "statement_date": [], "statement_date_precision": PRECISION},
    ),
}
ENDS = {
    "made_by": (["claim"], ["actor"]),
    "reported_by": (["claim"], ["actor"]),
    "held_by": (["position"], ["actor"]),
    "ascribed_by": (["position"], ["actor"]),
    "about": (["claim", "position"], ["actor"]),
    "supports": (["claim", "position"], ["claim"]),
    "opposes": (["claim", "position"], ["claim"]),
}


def test_names_are_those_of_the_contract_in_its_order() -> None:
    assert list(scheme.LABEL_NAMES) == list(CONTRACT)
    assert list(scheme.RELATION_NAMES) == list(ENDS)
    assert all(name == row.name for name, row in scheme.LABELS.items())
    assert all(name == row.name for name, row in scheme.ATTRIBUTES.items())
    assert all(name == row.name for name, row in scheme.RELATIONS.items())
    assert [label.key for label in scheme.LABELS.values()] == ["a", "c", "p"]


@pytest.mark.parametrize("label", CONTRACT)
def test_attributes_are_those_of_the_contract(label: str) -> None:
    needed: dict[str, list[str]] = {}
    possible: dict[str, list[str]] = {}
    for attribute in scheme.ATTRIBUTES.values():
        use = attribute.use(label)
        if use is not None:
            (needed if use.needed else possible)[attribute.name] = list(attribute.values)
    assert (needed, possible) == CONTRACT[label]


def test_relations_are_those_of_the_contract() -> None:
    found = {name: (list(row.sources), list(row.targets)) for name, row in scheme.RELATIONS.items()}
    assert found == ENDS


def test_rows_are_consistent() -> None:
    for attribute in scheme.ATTRIBUTES.values():
        assert bool(attribute.choices) == (attribute.kind == "choice")
        assert (attribute.max_length is not None) == (attribute.kind == "text")
        for use in attribute.uses:
            assert use.label in scheme.LABELS
            assert use.rule is None or use.rule in scheme.RULES
            assert use.rule or not use.needed  # a problem has a code
            assert not use.needed or attribute.kind == "choice"  # "choose a, b or c"
            assert use.default is None or use.default in attribute.values


def test_defaults_of_the_workbench() -> None:
    assert scheme.defaults("actor") == {"mention_type": "name"}
    assert scheme.defaults("claim") == {
        "claim_type": "assertion",
        "mode": "indirect",
        "attribution": "named",
        "certainty": "certain",
    }
    assert scheme.defaults("position") == {"basis": "stated", "attribution": "named"}


# --- What is refused ------------------------------------------------------------------------

ALL_VALUES = sorted({value for row in scheme.ATTRIBUTES.values() for value in row.values})


@pytest.mark.parametrize("label", CONTRACT)
@pytest.mark.parametrize("name", scheme.ATTRIBUTES)
def test_every_value_of_every_choice_on_every_label(label: str, name: str) -> None:
    allowed = {**CONTRACT[label][0], **CONTRACT[label][1]}
    for value in ALL_VALUES:
        errors = [
            error
            for error in scheme.check_attributes(label, {name: value, "statement_date": "2025"})
            if error.pointer == f"/attributes/{name}" and error.code != "precision"
        ]
        if name not in allowed:
            assert [error.code for error in errors] == ["not-for-label"]
        elif not allowed[name]:
            assert errors == []
        else:
            assert [error.code for error in errors] == ([] if value in allowed[name] else ["unknown-value"])
            assert all(choice in error.detail for error in errors for choice in allowed[name])


@pytest.mark.parametrize(
    ("label", "attributes", "code", "pointer", "says"),
    [
        ("claim", {"colour": "red"}, "unknown-attribute", "/attributes/colour", "use claim_type, mode"),
        ("claim", {"a/b~\ud800\n": 1}, "unknown-attribute", "/attributes/a~1b~0\ufffd\ufffd", "no attribute"),
        ("claim", {"stance": "oppose"}, "not-for-label", "/attributes/stance", "belongs to position"),
        ("claim", {"mode": "Direct"}, "unknown-value", "/attributes/mode", "use direct, indirect or mixed"),
        ("claim", {"mode": "\ud800"}, "unknown-value", "/attributes/mode", "“\ufffd” is no mode"),
        ("claim", {"mode": None}, "wrong-type", "/attributes/mode", "leave it out"),
        ("claim", {"mode": ["direct"]}, "wrong-type", "/attributes/mode", "is a string"),
        ("claim", {"polarity": True}, "wrong-type", "/attributes/polarity", "is a string"),
        ("claim", {"statement_date": 2025}, "wrong-type", "/attributes/statement_date", "is a string"),
        ("claim", [], "wrong-type", "/attributes", "JSON object"),
        ("claim", None, "wrong-type", "/attributes", "JSON object"),
        ("actor", {"role_text": "a" * 201}, "text-not-allowed", "/attributes/role_text", "at most 200"),
        ("actor", {"role_text": "a\nb"}, "text-not-allowed", "/attributes/role_text", "U+000A"),
        ("actor", {"role_text": "a\x00"}, "text-not-allowed", "/attributes/role_text", "U+0000"),
        ("actor", {"role_text": "a\u202e"}, "text-not-allowed", "/attributes/role_text", "U+202E"),
        ("person", {}, "unknown-label", "/label", "use actor, claim or position"),
    ],
)
def test_faults(label: str, attributes: Any, code: str, pointer: str, says: str) -> None:
    [error] = scheme.check_attributes(label, attributes)
    assert (error.code, error.pointer) == (code, pointer)
    assert says in error.detail
    assert error.detail.endswith(".")
    error.detail.encode()


def test_all_faults_are_told_at_once_and_none_for_none() -> None:
    errors = scheme.check_attributes("claim", {"mode": "x", "stance": "oppose", "y": 1, "polarity": "deny"})
    assert [error.pointer for error in errors] == [f"/attributes/{name}" for name in ("mode", "stance", "y")]
    assert scheme.check_attributes("actor", {}) == []
    assert scheme.check_attributes("actor", {"role_text": "وزير الموانئ", "mention_type": "name"}) == []


@given(st.integers(0, 10_100), st.integers(0, 14), st.integers(0, 33))
def test_dates_are_days_months_or_years_of_the_calendar(year: int, month: int, day: int) -> None:
    good_year = 1 <= year <= 9999
    good_month = good_year and 1 <= month <= 12
    good_day = good_month and 1 <= day <= calendar.monthrange(year, month)[1]
    for value, good in (
        (f"{year:04}", good_year),
        (f"{year:04}-{month:02}", good_month),
        (f"{year:04}-{month:02}-{day:02}", good_day),
    ):
        errors = scheme.check_attributes("position", {"statement_date": value})
        assert [error.code for error in errors] == ([] if good else ["bad-date"])


@pytest.mark.parametrize(
    "value",
    [
        *("", "25", "20250314", "2025-3", "2025-03-14T00:00", "2025-W01-1", "2025-073", " 2025", "2025\n"),
        *("٢٠٢٥", "2025-", "-2025", "2025-02-29", "14.03.2025"),
    ],
)
def test_other_ways_to_write_a_date_are_refused(value: str) -> None:
    [error] = scheme.check_attributes("claim", {"statement_date": value})
    assert error.code == "bad-date"
    assert "YYYY-MM-DD, YYYY-MM or YYYY" in error.detail


@pytest.mark.parametrize("precision", PRECISION)
@pytest.mark.parametrize(
    ("value", "written"), [("2025", "year"), ("2025-03", "month"), ("2025-03-14", "day"), (None, None)]
)
def test_precision_agrees_with_the_date(precision: str, value: str | None, written: str | None) -> None:
    attributes = {"statement_date_precision": precision}
    if value:
        attributes["statement_date"] = value
    errors = scheme.check_attributes("claim", attributes)
    assert [error.code for error in errors] == ([] if precision == written else ["precision"])
    assert all(error.pointer == "/attributes/statement_date_precision" for error in errors)


@given(st.permutations(list(scheme.ATTRIBUTES)), st.integers(0, len(scheme.ATTRIBUTES)))
def test_attributes_are_ordered_by_the_scheme(names: list[str], count: int) -> None:
    attributes = {name: name.upper() for name in names[:count]}
    result = scheme.ordered(attributes)
    assert result == attributes
    assert list(result) == [name for name in scheme.ATTRIBUTES if name in attributes]
    assert list(scheme.ordered({"strange": "x", **attributes})) == [*result, "strange"]


def test_links_by_label() -> None:
    fits = {
        (label, link)
        for label in scheme.LABEL_NAMES
        for link in ("actor", "proposition")
        if not scheme.check_links(label, actor=link == "actor", proposition=link == "proposition")
    }
    assert fits == {("actor", "actor"), ("claim", "proposition"), ("position", "proposition")}
    [error] = scheme.check_links("claim", actor=True, proposition=True)
    assert error.pointer == "/actor"
    assert scheme.check_links("actor", actor=False, proposition=False) == []


@pytest.mark.parametrize("name", [*ENDS, "same_as"])
@pytest.mark.parametrize("source", [*CONTRACT, "person"])
@pytest.mark.parametrize("target", [*CONTRACT, "person"])
@pytest.mark.parametrize("same", [False, True])
def test_relations_and_their_ends(name: str, source: str, target: str, same: bool) -> None:
    sources, targets = ENDS.get(name, ([], []))
    fits = source in sources and target in targets and not same
    sentence = scheme.check_relation(name, source, target, same)
    assert (sentence is None) == fits
    assert sentence is None or (name in sentence and sentence.endswith("."))


# --- Problems -------------------------------------------------------------------------------

TEXT = "Osmanov said “the lock leaks”, and Ardenia refused the quota.\n\nLorn did too."
FULL: dict[str, dict[str, object]] = {
    "actor": {"mention_type": "name"},
    "claim": {"claim_type": "assertion", "mode": "direct", "attribution": "named"},
    "position": {"stance": "oppose", "basis": "conduct", "attribution": "named"},
}


def span(label: str, quote: str, *, id: str = "", without: str = "", **changes: Any) -> SpanFacts:
    start = TEXT.index(quote)
    links: dict[str, Any] = {}
    if label == "actor":
        links = {"actor": f"registry {quote}"}
    elif label == "position":
        links = {"proposition": "quota", "proposition_kind": "issue"}
    links.update({key: changes.pop(key) for key in [*changes] if key in SpanFacts._fields})
    attributes = {key: value for key, value in {**FULL[label], **changes}.items() if key != without}
    return SpanFacts(id or label, label, start, start + len(quote), quote, attributes, **links)


ACTOR = span("actor", "Osmanov")
MADE_BY = RelationFacts("r1", "made_by", "claim", "actor")
HELD_BY = RelationFacts("r2", "held_by", "position", "actor")
ASCRIBED_BY = RelationFacts("r3", "ascribed_by", "position", "actor")


def claim(**changes: Any) -> SpanFacts:
    return span("claim", "the lock leaks", **changes)


def position(**changes: Any) -> SpanFacts:
    return span("position", "refused the quota", **changes)


def codes(spans: Iterable[SpanFacts], *relations: RelationFacts) -> list[str]:
    found = scheme.problems(TEXT, [*spans], relations)
    for problem in found:
        assert re.match(r"(Actor|Claim|Position) “.+” .+\.$", problem.detail)
        assert problem.code in scheme.RULES
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
def test_statement_rules(spans: list[SpanFacts], relations: list[RelationFacts], expected: list[str]) -> None:
    assert codes([ACTOR, *spans] if spans[0].label != "actor" else spans, *relations) == expected


def test_a_relation_too_many_is_named() -> None:
    [problem] = scheme.problems(TEXT, [ACTOR, claim(attribution="unnamed")], [MADE_BY])
    assert (problem.span, problem.relation) == ("claim", "r1")


def test_a_relation_counts_for_its_source_only() -> None:
    other = span("claim", "Lorn did too", id="other")
    found = scheme.problems(TEXT, [ACTOR, claim(), other], [MADE_BY])
    assert [(problem.code, problem.span) for problem in found] == [("C7", "other")]


def test_details_tell_what_to_do() -> None:
    [problem] = scheme.problems(TEXT, [ACTOR, position(without="stance")], [HELD_BY])
    assert problem == Problem(
        "P3",
        "position",
        None,
        "Position “refused the quota” has no stance; choose support, oppose, mixed or undecided.",
    )
    long = claim()._replace(quote="word\n" * 100)
    [problem] = scheme.statement_problems([long], [])
    assert "Claim “word word word word word word word word…” has no source;" in problem.detail


def test_edges_and_paragraphs() -> None:
    edge = span("claim", "“the lock leaks”,", attribution="unnamed")
    [problem] = scheme.problems(TEXT, [edge], [])
    assert (problem.code, problem.span) == ("B1", "claim")
    assert problem.detail.endswith("mark “the lock leaks” instead, from 14 to 28.")
    [problem] = scheme.range_problems(TEXT, [span("actor", "”, ")])
    assert problem.detail == "Actor “”,” holds no letter and no digit; remove it."
    across = span("claim", "quota.\n\nLorn", attribution="unnamed")
    [problem] = scheme.problems(TEXT, [across], [])
    assert problem.code == "B2"
    assert "Claim “quota. Lorn” crosses a paragraph break" in problem.detail


def test_overlap_of_one_label() -> None:
    long, short = claim(id="long"), span("claim", "lock", id="short")
    found = scheme.range_problems(TEXT, [short, long])
    assert [(problem.code, problem.span) for problem in found] == [("B3", "short")]
    assert "overlaps with Claim “the lock leaks”" in found[0].detail
    assert scheme.range_problems(TEXT, [short, long], same_label_overlap=True) == []
    assert scheme.range_problems(TEXT, [short._replace(label="position"), long]) == []


def test_one_stretch_may_take_a_stand_on_two_issues() -> None:
    one, other = position(id="one"), position(id="other", proposition="lock")
    assert scheme.range_problems(TEXT, [one, other]) == []
    [problem] = scheme.range_problems(TEXT, [one, other, position(id="twin")])
    assert (problem.code, problem.span) == ("B3", "twin")
    assert "marked twice" in problem.detail
    inside = span("position", "quota", id="inside")
    found = scheme.range_problems(TEXT, [one, other, inside])
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
        SpanFacts(index, label, start, end, text[start:end], {}, proposition=proposition)
        for index, (label, start, end, proposition) in enumerate(rows)
    ]

    def in_the_way(one: SpanFacts, other: SpanFacts) -> bool:
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
    assert {problem.span for problem in scheme.range_problems(text, spans)} == expected


def test_problems_are_in_reading_order_with_the_b_rules_first() -> None:
    late, early = span("claim", "“the lock leaks", id="late"), span("actor", "Osmanov ", actor=None)
    found = scheme.problems(TEXT, [late, early], [])
    assert [(problem.span, problem.code) for problem in found] == [
        ("actor", "B1"),
        ("actor", "A6"),
        ("late", "B1"),
        ("late", "C7"),
    ]


def test_what_blocks() -> None:
    for code in scheme.RULES:
        assert scheme.blocks(code, "statements")
        assert scheme.blocks(code, "spans") == code.startswith("B")


def test_five_thousand_spans_on_a_large_text_are_judged_quickly() -> None:
    text = "Some words in a line.\n\n" * 40_000
    attributes = {**FULL["claim"], "attribution": "unnamed"}
    spans = [
        SpanFacts(index, "claim", 23 * index, 23 * index + 20, text[:20], attributes) for index in range(5000)
    ]
    started = time.perf_counter()
    assert scheme.problems(text, spans, []) == []
    nested = [item._replace(start=0, end=23 * index + 20) for index, item in enumerate(spans)]
    assert len(scheme.range_problems(text, nested)) == 4999 + 4999  # B2 and B3
    for item in spans:
        assert scheme.check_attributes(item.label, item.attributes) == []
    assert time.perf_counter() - started < 3  # some 0.3 s
