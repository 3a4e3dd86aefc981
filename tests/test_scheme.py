"""The scheme: its tables against the contract, its rules against a second way to say them."""

from __future__ import annotations

import calendar
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import scheme

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
        use = attribute.use_on(label)
        if use is not None:
            (needed if use.required else possible)[attribute.name] = list(attribute.values)
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
            assert use.rule is None or use.rule in scheme.GUIDELINE_RULES
            assert use.rule or not use.required  # a problem has a code
            assert not use.required or attribute.kind == "choice"  # "choose a, b or c"
            assert use.default is None or use.default in attribute.values


def test_defaults_of_the_workbench() -> None:
    assert scheme.default_attributes("actor") == {"mention_type": "name"}
    assert scheme.default_attributes("claim") == {
        "claim_type": "assertion",
        "mode": "indirect",
        "attribution": "named",
        "certainty": "certain",
    }
    assert scheme.default_attributes("position") == {"basis": "stated", "attribution": "named"}


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
    result = scheme.order_attributes(attributes)
    assert result == attributes
    assert list(result) == [name for name in scheme.ATTRIBUTES if name in attributes]
    assert list(scheme.order_attributes({"strange": "x", **attributes})) == [*result, "strange"]


def test_links_by_label() -> None:
    fits = {
        (label, link)
        for label in scheme.LABEL_NAMES
        for link in ("actor", "proposition")
        if not scheme.check_links(label, has_actor=link == "actor", has_proposition=link == "proposition")
    }
    assert fits == {("actor", "actor"), ("claim", "proposition"), ("position", "proposition")}
    [error] = scheme.check_links("claim", has_actor=True, has_proposition=True)
    assert error.pointer == "/actor"
    assert scheme.check_links("actor", has_actor=False, has_proposition=False) == []


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
