"""The workflow as a table: every cell of it, and an oracle for what is derived from it."""

from __future__ import annotations

import json
import re
from dataclasses import astuple
from itertools import combinations, combinations_with_replacement, product
from pathlib import Path

import pytest

from annotations.enums import CLOSED, EDITABLE, LIVE, ArticleStatus, Round, SetKind, SetRole, State
from annotations.messages import TranslatableMessage
from annotations.services.core import comments
from annotations.services.review import guards, transitions
from annotations.workflow import (
    TRANSITIONS,
    USER_TRANSITIONS,
    ArticleSummary,
    Guard,
    SetSummary,
    Transition,
    allowed_transitions,
    article_status,
    has_open_slot,
    is_reviewable,
    is_unblinded,
    still_double_annotated,
)

#: From the contract, row by row: who, from which states, to which state, and what guards the move.
ROWS: dict[str, tuple[dict[str, str], str, set[str]]] = {
    "submit": (
        {"owner": "open returned"},
        "submitted",
        {"NO_PROBLEMS", "NO_BLOCKING_COMMENT", "NO_OPEN_DECISION", "NO_OPEN_ITEM"},
    ),
    "recall": ({"owner": "submitted"}, "open", {"NOT_UNBLINDED"}),
    "start_review": ({"reviewer": "submitted"}, "in_review", {"REVIEWABLE"}),
    "release_review": ({"that": "in_review", "manager": "in_review"}, "submitted", set()),
    "return": ({"that": "in_review"}, "returned", {"CHANGES_REQUESTED"}),
    "approve": ({"that": "in_review"}, "approved", {"NO_BLOCKING_COMMENT", "NO_PROPOSED_PROPOSITION"}),
    "take_over": ({"reviewer": "open returned submitted"}, "withdrawn", {"SINGLE_OR_UNBLINDED"}),
    "reopen": ({"manager": "approved"}, "", {"NO_OTHER_LIVE"}),
    "withdraw": (
        {"owner": "open returned", "manager": "open submitted in_review returned approved"},
        "withdrawn",
        set(),
    ),
    "unassign": ({"manager": "open returned"}, "withdrawn", set()),
    "supersede": ({"system": "approved submitted"}, "superseded", set()),
    "carry_over": ({"system": "open returned"}, "superseded", set()),
    "approve_by_equivalence": ({"system": "open"}, "approved", set()),
}  # fmt: skip
WHO = {
    "owner": SetRole.OWNER,
    "reviewer": SetRole.REVIEWER,
    "that": SetRole.ASSIGNED_REVIEWER,
    "manager": SetRole.MANAGER,
    "system": SetRole.SYSTEM,
}
FOUR_EYES = {"start_review", "return", "approve"}
REASONS = {"take_over", "reopen", "withdraw"}


def test_the_table_has_these_rows_and_no_others() -> None:
    assert set(TRANSITIONS) == set(ROWS)
    assert {row.name for row in USER_TRANSITIONS} == {
        name for name, (who, _, _) in ROWS.items() if "system" not in who
    }


@pytest.mark.parametrize("name", ROWS)
def test_a_row(name: str) -> None:
    moves, target, guards = ROWS[name]
    row = TRANSITIONS[name]
    assert row.name == name
    assert {who: set(states) for who, states in row.sources_by_role.items()} == {
        WHO[who]: {State(state) for state in states.split()} for who, states in moves.items()
    }
    assert row.target == (State(target) if target else None)
    assert {guard.name for guard in row.guards} == guards
    assert row.four_eyes == (name in FOUR_EYES)
    assert row.needs_reason == (name in REASONS)
    assert row.makes_set == (name in {"take_over", "reopen", "carry_over"})
    assert row.path == name.replace("_", "-")
    assert row.description.endswith(".")


@pytest.mark.parametrize("row", TRANSITIONS.values(), ids=TRANSITIONS)
def test_a_transition_has_all_its_texts(row: Transition) -> None:
    assert isinstance(row.history, TranslatableMessage)
    assert row.history
    assert (row.texts is None) == (row not in USER_TRANSITIONS), "a transition of users needs a button"
    if row.texts is not None:
        for text in astuple(row.texts):
            assert isinstance(text, TranslatableMessage)
            assert text
        assert row.texts.help.endswith(".")
        assert row.texts.done.endswith(".")


def test_no_two_buttons_look_alike() -> None:
    buttons = [row.texts.button for row in USER_TRANSITIONS if row.texts]
    assert len(set(buttons)) == len(buttons)


@pytest.mark.parametrize(("state", "who"), list(product(State, SetRole)))
def test_a_cell(state: State, who: SetRole) -> None:
    """What one kind of person may do from one state, as an author and as somebody else."""
    expected = [
        name for name, (moves, _, _) in ROWS.items() for kind, states in moves.items()
        if WHO[kind] == who and who != SetRole.SYSTEM and state in states.split()
    ]  # fmt: skip
    assert allowed_transitions(state, [who]) == expected
    assert allowed_transitions(state, [who], is_author=True) == [
        name for name in expected if name not in FOUR_EYES
    ]


def test_who_is_several_things_may_do_what_each_of_them_may() -> None:
    people = [who for who in SetRole if who != SetRole.SYSTEM]
    for state in State:
        for number in range(len(people) + 1):
            for some in combinations(people, number):
                expected = {name for who in some for name in allowed_transitions(state, [who])}
                assert set(allowed_transitions(state, some)) == expected
                assert allowed_transitions(state, some) == [
                    row.name for row in USER_TRANSITIONS if row.name in expected
                ]


def test_the_workbench_knows_the_same_states() -> None:
    """What its pages offer by the state of a set is what the service allows."""
    model = (Path(__file__).parent.parent / "annotations/static/annotations/workbench/model.js").read_text(
        "utf-8"
    )
    listed = {
        name: set(json.loads(states))
        for name, states in re.findall(r"^const (\w+) = (\[.*\]);$", model, re.MULTILINE)
    }
    assert listed["EDITABLE"] == EDITABLE
    assert listed["COMMENTABLE"] == comments.COMMENTABLE_STATES
    assert listed["BLOCKABLE"] == comments.BLOCKABLE_STATES


def test_states_hang_together() -> None:
    assert EDITABLE < LIVE
    assert {state for state in State if state not in EDITABLE} == CLOSED
    for row in TRANSITIONS.values():
        assert row.sources <= LIVE | {State.APPROVED}, row.name
    # what is over stays over
    for over in (State.WITHDRAWN, State.SUPERSEDED):
        assert allowed_transitions(over, list(SetRole)) == []
    reached = {State.OPEN} | {row.target for row in TRANSITIONS.values()}
    assert {state for state in State if state not in reached} == set()


def test_every_guard_is_used_and_checked() -> None:
    used = {guard for row in TRANSITIONS.values() for guard in row.guards}
    assert used == set(Guard) == set(guards.GUARD_CHECKS)
    assert set(transitions.EXTRA_COLUMNS) <= set(TRANSITIONS)


# --- What follows for an article -----------------------------------------------------------

ANNOTATION = [SetSummary(kind=SetKind.ANNOTATION, round=Round.PRODUCTION, state=state) for state in State]
ADJUDICATION = [SetSummary(kind=SetKind.ADJUDICATION, round=Round.PRODUCTION, state=state) for state in State]
CALIBRATION = [SetSummary(kind=SetKind.ANNOTATION, round=Round.CALIBRATION, state=state) for state in State]


def oracle(facts: ArticleSummary) -> str:
    """The status, told in words of the contract and not of the code: first that fits."""
    sets = [(str(fact.kind), str(fact.state)) for fact in facts.sets if fact.round == "production"]
    live = {"open", "submitted", "in_review", "returned"}
    one = facts.annotators == 1

    def some(kinds: str, states: str) -> bool:
        return any(kind in kinds.split() and state in states.split() for kind, state in sets)

    finished = [
        1
        for kind, state in sets
        if kind == "annotation" and state in ["submitted", "in_review", "approved", "superseded"]
    ]
    all_in = one or len(finished) >= facts.annotators
    adjudicated = any(kind == "adjudication" and state in live for kind, state in sets)
    both = "annotation adjudication"
    if facts.excluded:
        return "excluded"
    if some(both, "in_review"):
        return "in_review"
    if some("adjudication", "open returned"):
        return "adjudicating"
    if some(both if one else "adjudication", "submitted"):
        return "ready_for_review"
    if not one and all_in and not adjudicated and not some(both, "approved"):
        return "ready_for_adjudication"
    if any(state in live for _, state in sets):
        return "annotating"
    return "done" if some(both, "approved") else "unassigned"


def combined() -> list[ArticleSummary]:
    """All articles of up to three sets of any kind, round and state, for one to three annotators."""
    facts = [*ANNOTATION, *ADJUDICATION, *CALIBRATION]
    return [
        ArticleSummary(excluded=excluded, annotators=annotators, sets=some)
        for number in range(4)
        for some in combinations_with_replacement(facts, number)
        for annotators in (1, 2, 3)
        for excluded in (False, True)
    ]


def test_the_status_of_every_small_article() -> None:
    found = set()
    for facts in combined():
        status = article_status(facts)
        assert status == oracle(facts), facts
        found.add(status)
    assert found == set(ArticleStatus)


def being_settled(facts: ArticleSummary) -> bool:
    return any(fact.kind == SetKind.ADJUDICATION and fact.state in LIVE for fact in facts.sets)


def test_one_more_annotator() -> None:
    for facts in combined():
        production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
        taken = sum(
            fact.kind == SetKind.ANNOTATION and fact.state in {*LIVE, State.APPROVED} for fact in production
        )
        gold = any(fact.state == State.APPROVED for fact in production)
        free = not facts.excluded and not gold and not being_settled(facts) and taken < facts.annotators
        assert has_open_slot(facts) == free, facts
        if has_open_slot(facts):
            more = ArticleSummary(
                excluded=False, annotators=facts.annotators, sets=(*facts.sets, ANNOTATION[0])
            )
            assert (
                sum(
                    fact.state in LIVE and fact.kind == SetKind.ANNOTATION
                    for fact in more.sets
                    if fact.round == "production"
                )
                <= facts.annotators
            )


def test_when_independent_work_may_be_seen() -> None:
    finished = {State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.SUPERSEDED}
    for facts in combined():
        done = sum(
            fact.kind == SetKind.ANNOTATION and fact.round == Round.PRODUCTION and fact.state in finished
            for fact in facts.sets
        )
        all_in = facts.annotators == 1 or done >= facts.annotators
        # nobody can start another one while what they made is settled
        assert is_unblinded(facts) == (all_in or being_settled(facts)), facts
        # a calibration has no number of annotators: it ends when nobody is at work any more
        at_work = any(
            fact.round == Round.CALIBRATION and fact.state in {State.OPEN, State.RETURNED}
            for fact in facts.sets
        )
        assert is_unblinded(facts, Round.CALIBRATION) != at_work, facts


def test_what_was_given_a_second_annotator_keeps_two_or_is_settled() -> None:
    for facts in combined():
        production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
        there = [fact for fact in production if fact.kind == SetKind.ANNOTATION and fact.state != "withdrawn"]
        gold = any(fact.state == State.APPROVED for fact in production)
        assert still_double_annotated(facts) == (len(there) > 1 or gold or being_settled(facts)), facts


def test_calibration_changes_nothing_for_an_article() -> None:
    for facts in combined():
        without = tuple(fact for fact in facts.sets if fact.round == Round.PRODUCTION)
        bare = ArticleSummary(excluded=facts.excluded, annotators=facts.annotators, sets=without)
        assert article_status(facts) == article_status(bare)
        assert has_open_slot(facts) == has_open_slot(bare)
        assert is_unblinded(facts) == is_unblinded(bare)


def test_what_is_reviewed() -> None:
    for kind, round_, annotators in product(SetKind, Round, (1, 2, 3)):
        expected = round_ == Round.PRODUCTION and (annotators == 1 or kind == SetKind.ADJUDICATION)
        assert is_reviewable(kind, round_, annotators) == expected
