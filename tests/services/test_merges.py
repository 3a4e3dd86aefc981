"""Merges at their depth: whatever is merged and undone, undoing all gives the same files, byte for byte."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from annotations.exceptions import MergeConflictError
from annotations.metrics.discourse.changes import DatedStance
from annotations.metrics.discourse.tallies import STANCES
from annotations.models import Actor, Corpus, EntryKind, Merge, Proposition, Topic
from annotations.services.core import relations
from annotations.services.knowledge.grammar import build_request, parse_request
from annotations.services.knowledge.positions import list_statements
from annotations.services.knowledge.tallies import count_statements
from annotations.services.registry import affiliations, entries, merges, moves
from annotations.services.registry.merge_preview import count_changes
from annotations.visibility import get_visible_row
from tests import factories
from tests.newsroom import Newsroom
from tests.services.exchange import assert_sound, get, lines_of, restore

FORMATS = (
    "jsonl", "quotes", "positions", "dna", "casjson", "webannotation", "huggingface", "statements", "matrix",
    "graphml", "gexf",
)  # fmt: skip
#: What is counted must come back, too, however actors are rolled up.
COUNTS: tuple[dict[str, str], ...] = (
    {}, {"rollup_actor": "parent"}, {"rollup_actor": "affiliation", "rollup_issue": "topic"},
    {"dedup": "range"},
)  # fmt: skip
SOME = st.integers(0, 10_000)
KINDS = st.sampled_from(list(EntryKind))


def furnish(newsroom: Newsroom) -> None:
    """Actors with equal and different aliases and parents, topics, propositions, and marks on them."""
    by, seen = newsroom.user("max"), factories.seen_by(newsroom.user("max"), newsroom.lake)
    parent: UUID | None = None
    for number in range(5):
        texts = {f"Alias {number}", f"Alias {number % 2}", "Name 0"}
        values = {
            "name": f"Name {number % 4}", "kind": "person", "note": str(number), "parent_id": parent,
            "aliases": [{"text": text, "language": "", "kind": "name"} for text in sorted(texts)],
        }  # fmt: skip
        actor = entries.add_actor(by, seen, values)[0]
        parent = actor.pk if number % 2 else parent
        topic = entries.add_topic(by, seen, {"name": f"Topic {number}"})[0]
        issue = {"text": f"Issue {number}", "kind": "issue", "topic_id": topic.pk}
        proposition = entries.add_proposition(by, seen, issue)[0]
        if number > 1:
            organisation = Actor.objects.order_by("pk")[number - 2].pk
            period = {"kind": "member", "since": "2020", "organisation_id": organisation}
            affiliations.add_affiliation(by, get_visible_row(by, Actor.objects.all(), pk=actor.pk), period)
        row = newsroom.set("ann", newsroom.article(external_id=f"e{number}"))
        holder = factories.make_span(row, actor_id=actor.pk)
        position = factories.make_span(
            row, "position", 70, 96, proposition_id=proposition.pk,
            attributes={
                "stance": STANCES[number % 3], "basis": "stated", "attribution": "named",
                "statement_date": "2024-05-06",
            },
        )  # fmt: skip
        link = relations.RelationDraft(type="held_by", source_id=position.pk, target_id=holder.pk)
        relations.add_relations(newsroom.user("ann"), row.pk, [link])
        newsroom.moved(row, "ann", "submit")
        if number % 2:
            entries.accept_proposition(newsroom.user("rae"), proposition.pk)
            newsroom.moved(row, "rae", "start_review")
            newsroom.moved(row, "rae", "approve")


def files(newsroom: Newsroom) -> dict[str, bytes]:
    """The corpus in every way in which links are written, and what is counted."""
    counts = [count_statements(newsroom.lake, parse_request(request)) for request in COUNTS]
    ids = Actor.objects.filter(corpus=newsroom.lake).order_by("pk").values_list("pk", flat=True)
    wide = [
        list_statements(newsroom.lake, build_request({"actor": id, "descendants": True})).count()
        for id in ids
    ]
    files = {name: get(None, newsroom.lake, name, sets="all") for name in FORMATS}
    return {**files, "counts": repr((counts, wide)).encode()}


class Merging(RuleBasedStateMachine):
    """Reviewers who merge, undo and review in any order."""

    newsroom: ClassVar[Newsroom]

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.steps = 0

    def pick(self, rows: Any, which: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[which % len(found)]

    @rule(kind=KINDS, loser=SOME, winner=SOME)
    def merge(self, kind: EntryKind, loser: int, winner: int) -> None:
        rows = moves.MODELS[kind]._default_manager.filter(corpus=self.newsroom.lake)
        one, other = self.pick(rows, loser), self.pick(rows, winner)
        values = {"into": other.pk, "reason": "One."}
        try:
            merges.merge_entry(self.newsroom.user("rae"), kind, one.pk, values, version=one.version)
        except MergeConflictError:
            return
        self.steps += 1

    @precondition(lambda _: Merge.objects.filter(undone_at__isnull=True).exists())
    @rule(which=SOME)
    def undo(self, which: int) -> None:
        merge = self.pick(Merge.objects.filter(undone_at__isnull=True), which)
        merges.undo_merge(self.newsroom.user("rae"), merge.pk, "Two.")

    def teardown(self) -> None:
        assert_sound(self.newsroom.lake)
        rows = list(Merge.objects.filter(undone_at__isnull=True).order_by("pk"))
        for merge in rows[:: 1 if self.steps % 2 else -1]:
            merges.undo_merge(self.newsroom.user("rae"), merge.pk, "Two.")
        after = files(self.newsroom)
        assert_sound(self.newsroom.lake)
        transaction.savepoint_rollback(self.before)
        assert after == self.files

    files: ClassVar[dict[str, bytes]]


@pytest.mark.slow
def test_undoing_everything_gives_the_same_files(newsroom: Newsroom) -> None:
    furnish(newsroom)

    class Here(Merging):
        pass

    Here.newsroom, Here.files = newsroom, files(newsroom)
    run_state_machine_as_test(
        Here,
        settings=settings(max_examples=25, stateful_step_count=15, suppress_health_check=list(HealthCheck)),
    )


def test_merges_undone_in_both_orders_with_reviews_between_give_the_same_files(newsroom: Newsroom) -> None:
    furnish(newsroom)
    actors = list(Actor.objects.order_by("pk"))
    topics = list(Topic.objects.order_by("pk"))
    issues = list(Proposition.objects.order_by("pk"))
    row = newsroom.submitted()
    before = files(newsroom)
    for order in (1, -1):
        made = [
            merges.merge_entry(
                newsroom.user("rae"), kind, one.pk, {"into": other.pk, "reason": "One."},
                version=type(one)._default_manager.get(pk=one.pk).version,
            )[0]
            for kind, one, other in (
                (EntryKind.ACTOR, actors[4], actors[3]), (EntryKind.ACTOR, actors[3], actors[1]),
                (EntryKind.ACTOR, actors[1], actors[0]), (EntryKind.TOPIC, topics[0], topics[1]),
                (EntryKind.TOPIC, topics[1], topics[2]), (EntryKind.PROPOSITION, issues[0], issues[1]),
            )
        ]  # fmt: skip
        newsroom.moved(row, "rae", "start_review")
        newsroom.moved(row, "rae", "release_review")
        assert_sound(newsroom.lake)
        assert get(None, newsroom.lake, "quotes", sets="all") != before["quotes"]
        for merge in made[::order]:
            merges.undo_merge(newsroom.user("max"), merge.pk, "Two.")
        after = files(newsroom)
        # the moves of the review are in the version of the set
        assert {**after, "jsonl": b""} == {**before, "jsonl": b""}
    assert_sound(newsroom.lake)


def test_a_restore_brings_merges_that_can_be_undone(newsroom: Newsroom) -> None:
    furnish(newsroom)
    before = get(None, newsroom.lake, sets="all")
    actors = list(Actor.objects.order_by("pk"))
    for loser, winner in ((actors[4], actors[3]), (actors[3], actors[2])):
        version = Actor.objects.get(pk=loser.pk).version
        values = {"into": winner.pk, "reason": "One."}
        merges.merge_entry(newsroom.user("rae"), EntryKind.ACTOR, loser.pk, values, version=version)
    topics = list(Topic.objects.order_by("pk"))
    values = {"into": topics[1].pk, "reason": "One."}
    merges.merge_entry(newsroom.user("rae"), EntryKind.TOPIC, topics[0].pk, values, version=1)
    merged = get(None, newsroom.lake, sets="all")
    first = restore(merged, "copy")
    assert (first.failed, len(first.losses)) == (0, 0)
    copy = Corpus.objects.get(slug="copy")
    assert_sound(copy)
    lines = {line["id"]: line for line in lines_of(merged, "merge")}
    assert len(lines) == 3
    restored = Merge.objects.filter(corpus=copy)
    assert [(row.reason, row.by and row.by.username) for row in restored] == [("One.", "rae")] * 3
    boss = factories.make_user("boss", is_superuser=True)
    for merge in restored:
        merges.undo_merge(boss, merge.pk, "Two.")
    assert_sound(copy)
    again = get(None, copy, sets="all")

    def spelled(data: bytes) -> list[Any]:
        return [
            (line["name"], sorted(alias["text"] for alias in line["aliases"]), line["merged_into"])
            for line in lines_of(data, "actor")
        ]

    assert sorted(spelled(again)) == sorted(spelled(before))


@pytest.mark.parametrize(
    ("stances", "expected"),
    [
        ([], 0),
        ([(1, "oppose"), (2, "oppose")], 0),
        ([(1, "oppose"), (2, "support")], 1),
        ([(1, "oppose"), (2, "support"), (3, "oppose")], 2),
        # two papers report both sides of one day
        ([(1, "oppose"), (1, "support")], 1),
        ([(1, "support"), (2, "oppose"), (2, "support")], 1),
        ([(1, "oppose"), (2, "oppose"), (2, "support"), (3, "oppose")], 2),
        ([(1, "oppose"), (2, "mixed"), (3, "mixed")], 1),
    ],
)
def test_changes_of_mind_are_counted(stances: list[tuple[int, str]], expected: int) -> None:
    rows = [
        DatedStance(number, None, None, stance, None, date(2026, 1, day), date(2026, 1, day))
        for number, (day, stance) in enumerate(stances)
    ]
    assert count_changes(rows) == expected
