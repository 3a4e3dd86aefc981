"""The samples are what they say they are: read as files, without a database."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import RFC_4122, UUID

import pytest

from annotations import scheme
from annotations.workflow import TRANSITIONS

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FILES = ("demo.jsonl", "wire.jsonl")
LINES: list[dict[str, Any]] = [
    json.loads(line) for name in FILES for line in (SEEDS / name).read_bytes().splitlines()
]
ARTICLES = {line["external_id"]: line for line in LINES if line["type"] == "article"}
SETS = [(name, row) for name, article in ARTICLES.items() for row in article["sets"]]
PROPOSITIONS = {line["id"]: line for line in LINES if line["type"] == "proposition"}
ACTORS = {line["id"]: line for line in LINES if line["type"] == "actor"}

LIVE = {"open", "submitted", "in_review", "returned"}
STATES = LIVE | {"approved", "withdrawn", "superseded"}
RULES = [f"{part}{n}" for part, last in (("B", 3), ("A", 7), ("C", 9), ("P", 7)) for n in range(1, last + 1)]
EXAMPLE = re.compile(r"\| ([^|`]+) \| `([^`]+)` \| `([^`]+)` \| ([^|]+) \| [^|]+ \|")
EXAMPLES = EXAMPLE.findall((SEEDS / "README.md").read_text(encoding="utf-8"))

each_article = pytest.mark.parametrize("article", ARTICLES.values(), ids=ARTICLES)
each_set = pytest.mark.parametrize(
    ("name", "row"), SETS, ids=[f"{name}-{row['owner']}-{row['state']}" for name, row in SETS]
)


def text_of(name: str) -> str:
    return str(ARTICLES[name]["revisions"][0]["text"])


def problems_of(name: str, row: dict[str, Any]) -> list[scheme.Problem]:
    spans = [
        scheme.SpanData(
            span["id"],
            span["label"],
            span["start"],
            span["end"],
            span["quote"],
            span["attributes"],
            span["actor"],
            span["proposition"],
            span["proposition"] and PROPOSITIONS[span["proposition"]]["kind"],
        )
        for span in row["spans"]
    ]
    relations = [
        scheme.RelationData(relation["id"], relation["type"], relation["source"], relation["target"])
        for relation in row["relations"]
    ]
    return scheme.find_problems(text_of(name), spans, relations)


# ---------------------------------------------------------------- the file


def test_the_files_are_one_json_object_a_line() -> None:
    raw = b"".join((SEEDS / name).read_bytes() for name in FILES)
    again = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in LINES)
    assert raw == again.encode()


def test_the_header_comes_first_and_the_rest_in_contract_order() -> None:
    assert LINES[0]["type"] == "header"
    assert LINES[0]["format"] == "standpoint/1"
    assert LINES[0]["offset_unit"] == "codepoint"
    kinds = ("actor", "topic", "proposition", "article")
    keys = [(kinds.index(line["type"]), line["id"]) for line in LINES[1:]]
    behind = next(place for place, line in enumerate(LINES[1:]) if line.get("external_id") == "quota-wire")
    assert keys[:behind] == sorted(keys[:behind])
    assert keys[behind:] == sorted(keys[behind:])


def test_ids_are_uuid7_and_stand_once() -> None:
    ids = [LINES[0]["corpus"]["id"], *(line["id"] for line in LINES[1:])]
    ids += [row["id"] for actor in ACTORS.values() for row in actor.get("affiliations", ())]
    for article in ARTICLES.values():
        ids += [revision["id"] for revision in article["revisions"]]
        for row in article["sets"]:
            ids.append(row["id"])
            ids += [item["id"] for part in ("spans", "relations", "comments") for item in row[part]]
    assert len(ids) == len(set(ids))
    for value in ids:
        assert str(UUID(value)) == value
        assert UUID(value).version == 7
        assert UUID(value).variant == RFC_4122


def test_every_state_of_the_workflow_is_shown() -> None:
    assert {row["state"] for _, row in SETS} == STATES
    assert any(article["excluded_reason"] for article in ARTICLES.values())
    assert any(not article["sets"] and not article["excluded_reason"] for article in ARTICLES.values())


# ---------------------------------------------------------------- the texts


@each_article
def test_texts_are_the_files_to_the_byte(article: dict[str, Any]) -> None:
    (revision,) = article["revisions"]
    raw = (SEEDS / "articles" / f"{article['external_id']}.txt").read_bytes()
    assert revision["text"].encode() == raw
    assert revision["sha256"] == sha256(raw).hexdigest()


def test_every_text_is_in_the_corpus() -> None:
    assert {path.stem for path in (SEEDS / "articles").iterdir()} == set(ARTICLES)


def test_article_a_has_the_typography_that_it_promises() -> None:
    text = text_of("lock-report")
    assert not text.endswith("\n")
    assert max(text[:5]) > "\uffff"
    assert any(unicodedata.combining(char) for char in text)
    assert unicodedata.normalize("NFC", text) != text
    for mistake in ("the the", "recieved", " – ", "“", "’", "["):
        assert mistake in text


def test_article_e_has_crlf_only() -> None:
    text = text_of("lock-posts")
    assert text.count("\r\n") == text.count("\n") == text.count("\r") > 5
    for part in ("👩🏽‍✈️", "👍🏿", "👨‍👩‍👧‍👦", "🇺🇳", "…", "—", "\u00a0", "‘no way’"):
        assert part in text


def test_the_other_scripts_are_there() -> None:
    assert any(unicodedata.bidirectional(char) == "AL" for char in text_of("lock-arabic"))
    assert "閘門" in text_of("lock-japanese")
    assert text_of("recognition-analysis").isascii()


@pytest.mark.parametrize("name", ["recognition-report", "recognition-analysis"])
def test_nobody_who_exists_is_quoted(name: str) -> None:
    assert not re.search(r"[“”\"«»‘]", text_of(name))
    for _, row in (pair for pair in SETS if pair[0] == name):
        assert {span["attributes"].get("mode", "indirect") for span in row["spans"]} == {"indirect"}


# ---------------------------------------------------------------- the marks


@each_set
def test_quotes_equal_the_text(name: str, row: dict[str, Any]) -> None:
    text = text_of(name)
    for span in row["spans"]:
        assert 0 <= span["start"] < span["end"] <= len(text)
        assert text[span["start"] : span["end"]] == span["quote"]
    order = [(span["start"], span["end"], span["id"]) for span in row["spans"]]
    assert order == sorted(order)


@each_set
def test_what_is_stored_fits_the_scheme(name: str, row: dict[str, Any]) -> None:
    labels = {span["id"]: span["label"] for span in row["spans"]}
    for span in row["spans"]:
        attributes, actor, proposition = span["attributes"], span["actor"], span["proposition"]
        assert not scheme.check_attributes(span["label"], attributes)
        assert list(attributes) == list(scheme.order_attributes(attributes))
        assert not scheme.check_links(span["label"], has_actor=bool(actor), has_proposition=bool(proposition))
        assert actor is None or ACTORS[actor]["merged_into"] is None
        assert proposition is None or proposition in PROPOSITIONS
    for relation in row["relations"]:
        source, target = relation["source"], relation["target"]
        assert not scheme.check_relation(relation["type"], labels[source], labels[target], source == target)


@each_set
def test_what_left_its_owner_has_no_problem(name: str, row: dict[str, Any]) -> None:
    if row["state"] not in {"open", "withdrawn"}:
        assert problems_of(name, row) == []
    if row["state"] in {"submitted", "approved"}:
        assert not [item for item in row["comments"] if item["blocking"] and not item["resolved_at"]]
    if row["state"] == "approved":
        linked = {span["proposition"] for span in row["spans"]} - {None}
        assert {PROPOSITIONS[key]["status"] for key in linked} <= {"accepted"}


def test_an_open_set_shows_what_problems_look_like() -> None:
    found = [
        problem.code for name, row in SETS if row["state"] == "open" for problem in problems_of(name, row)
    ]
    assert found


# ---------------------------------------------------------------- the workflow


@each_set
def test_nobody_reviews_their_own_work(name: str, row: dict[str, Any]) -> None:
    owners = {other["id"]: other["owner"] for other in ARTICLES[name]["sets"]}
    assert row["reviewer"] not in {row["owner"], owners.get(row["based_on"], "")}
    reviewed = row["state"] in {"in_review", "returned", "approved", "superseded"}
    assert bool(row["reviewer"]) == reviewed
    assert bool(row["approved_at"]) == (row["state"] in {"approved", "superseded"})


@each_set
def test_times_follow_each_other(name: str, row: dict[str, Any]) -> None:
    stages = ("created_at", "submitted_at", "approved_at")
    times = [ARTICLES[name]["published_at"], *(row[stage] for stage in stages)]
    known = [time for time in times if time]
    assert all(earlier < later for earlier, later in pairwise(known))


@each_article
def test_an_article_has_no_more_sets_than_it_may(article: dict[str, Any]) -> None:
    live = [row for row in article["sets"] if row["state"] in LIVE]
    approved = [row for row in article["sets"] if row["state"] == "approved"]
    reopened = [row for row in live if row["based_on"] in {gold["id"] for gold in approved}]
    assert len({row["owner"] for row in live}) == len(live)
    assert len(approved) <= 1
    assert len(live) - len(reopened) + len(approved) <= article["annotators"]


def test_two_annotators_disagree_in_every_way() -> None:
    rows = [row for row in ARTICLES["lock-toll"]["sets"] if row["state"] == "submitted"]
    ann, ben = ({(s["start"], s["end"], s["label"]): s["attributes"] for s in row["spans"]} for row in rows)
    assert [row["owner"] for row in rows] == ["ann", "ben"]
    assert set(ann) - set(ben)
    assert set(ben) - set(ann)
    assert any(ann[place] != ben[place] for place in set(ann) & set(ben))
    labels = {(start, end): label for start, end, label in ann}
    assert any(labels.get((start, end), label) != label for start, end, label in ben)


# ---------------------------------------------------------------- the registry


def test_links_of_the_registry_stay_inside_it() -> None:
    topics = {line["id"] for line in LINES if line["type"] == "topic"}
    for actor in ACTORS.values():
        assert {actor["parent"], actor["merged_into"]} <= {None, *ACTORS}
        assert {row["organisation"] for row in actor.get("affiliations", ())} <= {*ACTORS} - {actor["id"]}
    assert {proposition["topic"] for proposition in PROPOSITIONS.values()} <= topics
    assert {proposition["status"] for proposition in PROPOSITIONS.values()} == {"accepted", "proposed"}


def test_aliases_show_two_spellings_and_an_ambiguity() -> None:
    owners: dict[str, set[str]] = {}
    for actor in ACTORS.values():
        for alias in actor["aliases"]:
            owners.setdefault(alias["text"], set()).add(actor["name"])
    assert owners["Abdulloyev"] == owners["Abdullaev"] == {"Rahmatullo Abdulloyev"}
    assert any(len(names) > 1 for names in owners.values())


def test_a_minister_leaves_office_and_is_followed() -> None:
    names = {actor["id"]: actor["name"] for actor in ACTORS.values()}
    leads = [
        (actor["name"], row["since"], row["until"])
        for actor in ACTORS.values()
        for row in actor.get("affiliations", ())
        if (names[row["organisation"]], row["kind"]) == ("Ministry of Ports", "leads")
    ]
    (before, _, until), (after, since, still) = sorted(leads, key=lambda row: row[1])
    assert (before, after) == ("Stellan Brock", "Mira Halvorsen")
    assert until < since
    assert still is None


# ---------------------------------------------------------------- the table of rules


def marks_of(name: str) -> Iterator[dict[str, Any]]:
    for row in ARTICLES[name]["sets"]:
        if row["state"] not in {"withdrawn", "superseded"}:
            yield from row["spans"]


def touched(name: str, quote: str, labels: set[str]) -> list[str]:
    start = text_of(name).index(quote)
    end = start + len(quote)
    spans = [span for span in marks_of(name) if span["label"] in labels]
    return [span["quote"] for span in spans if span["start"] < end and start < span["end"]]


def test_every_rule_has_an_example() -> None:
    assert {code for code, *_ in EXAMPLES} >= set(RULES)


@pytest.mark.parametrize(("code", "name", "quote", "marked"), EXAMPLES)
def test_examples_are_marked_as_the_table_says(code: str, name: str, quote: str, marked: str) -> None:
    assert quote in text_of(name)
    if marked == "not marked":
        assert not touched(name, quote, set(scheme.LABELS))
    elif marked == "no actor":
        assert not touched(name, quote, {"actor"})
    else:
        label, _, values = marked.partition(": ")
        found = [span for span in marks_of(name) if (span["label"], span["quote"]) == (label, quote)]
        wanted = set(values.split(", ")) if values else set()
        assert any(wanted <= set(span["attributes"].values()) for span in found)


# ---------------------------------------------------------------- the history

HISTORY: list[dict[str, str]] = [
    json.loads(line) for line in (SEEDS / "history.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_the_history_is_in_the_order_of_its_times_and_about_sets_that_exist() -> None:
    assert [step["time"] for step in HISTORY] == sorted(step["time"] for step in HISTORY)
    assert {step["set"] for step in HISTORY} <= {row["id"] for _, row in SETS}


@each_set
def test_the_history_of_a_set_leads_to_what_the_set_tells(name: str, row: dict[str, Any]) -> None:
    steps = [step for step in HISTORY if step["set"] == row["id"]]
    state = "open"
    for step in steps:
        transition = TRANSITIONS[step["action"]]
        assert state in transition.sources, step
        assert step["time"] > row["created_at"]
        assert bool(step.get("reason")) is transition.needs_reason or step["action"] == "withdraw"
        state = transition.target or state
    assert state == row["state"], name
    last: dict[str, Any] = {step["action"]: step for step in steps}
    for action, column, user in (("submit", "submitted_at", "owner"), ("approve", "approved_at", "reviewer")):
        step = last.get(action, {"time": None, "user": row[user]})
        assert (step["time"], step["user"]) == (row[column], row[user])
