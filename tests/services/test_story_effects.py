"""What copies change elsewhere: the order of the queue, the splits of releases, and not the agreement."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from annotations.enums import ArticleStatus
from annotations.formats.release.splits import Splits, join_stories
from annotations.models import AnnotationSet, Article, Role
from annotations.services import job_runner, releases
from annotations.services.core import corpora
from annotations.services.double_annotation import agreement
from annotations.services.review import guards, transitions
from annotations.services.team import queue
from tests import factories, stored_files
from tests.newsroom import TEXT, Newsroom


def titles_in_order(newsroom: Newsroom, number: int) -> list[str]:
    """The articles that the queue hands out, one after the other."""
    found = []
    for _ in range(number):
        person = factories.make_user()
        corpora.add_member(newsroom.user("max"), newsroom.lake.pk, person, Role.ANNOTATOR)
        taken = queue.take_next_set(
            person, factories.seen_by(person, newsroom.lake), queue.QueueTask.ANNOTATE
        )
        assert taken.row is not None, taken
        found.append(taken.row.article.title)
    return found


def test_the_queue_hands_out_leads_first(newsroom: Newsroom) -> None:
    for title, text in (
        ("a", "One text."),
        ("a copy", "One text."),
        ("b", "Another."),
        ("b copy", "Another."),
    ):
        newsroom.article(text, title=title)
    newsroom.article("The text of b.", title="urgent copy", priority=1)
    newsroom.article("A third.", title="c")
    assert titles_in_order(newsroom, 6) == ["urgent copy", "a", "b", "c", "a copy", "b copy"]


def test_leads_are_reviewed_first(newsroom: Newsroom) -> None:
    for title, text in (("a copy", TEXT), ("a", f"{TEXT} …")):
        newsroom.submitted("ben", newsroom.article(text, title=title))
    newsroom.submitted("ben", newsroom.article(f"{TEXT} More.", title="b"))
    rae = newsroom.user("rae")
    found = []
    for _ in range(3):
        taken = queue.take_next_set(rae, factories.seen_by(rae, newsroom.lake), queue.QueueTask.REVIEW)
        assert taken.row is not None, taken
        found.append(taken.row.article.title)
        transitions.make_transition(
            rae, taken.row.pk, "approve", guards.TransitionRequest(version=taken.row.version)
        )
    assert found == ["a", "b", "a copy"]


@pytest.mark.parametrize("by", ["story_key", "time"])
def test_no_copy_stands_in_two_splits(newsroom: Newsroom, by: str) -> None:
    """Neither where one copy has a story key and the other has none, nor where they have two."""
    keys = ("", "event", "other", "event", "other")
    for number in range(6):
        for place, key in enumerate(keys):
            text = f"Text {number}." if place < 3 else f"Text {number} of {key}."
            newsroom.article(
                text,
                id=UUID(int=100 * number + place + 1),  # which decides the split of what has no story key
                title=str(number),
                story_key=key and f"{key} {number}",
                published_at=datetime(2024, 1 + 2 * place, 1 + number, tzinfo=UTC),
            )
    shares = {"train": 40, "validation": 30, "test": 30}
    order = releases.ReleaseRequest(
        formats=["jsonl"], sets="none", splits=releases.parse_splits(by, shares, "seed")
    )
    made, _ = job_runner.make_release(newsroom.user("max"), newsroom.lake, order)
    parts: dict[str, set[str]] = {}
    for part in shares:
        path = stored_files.release_path(made.pk, f"lake.{part}.jsonl")
        for line in map(json.loads, path.read_text().splitlines()):
            if line["type"] == "article":
                parts.setdefault(line["title"], set()).add(part)
    assert {title: len(found) for title, found in parts.items()} == {str(n): 1 for n in range(6)}
    assert len({part for found in parts.values() for part in found}) > 1


def test_stories_that_share_a_copy_are_one() -> None:
    rows = [(1, "a"), (2, "d"), (1, "b"), (3, "c"), (2, "e"), (4, "f"), (4, "f"), (2, "b")]
    assert join_stories(rows) == {"b": "a", "d": "a", "e": "a"}
    rule = Splits("story_key", {"train": 50, "test": 50}, "seed", copies={"b": "a"})
    assert rule.assign("b", None) == rule.assign("a", None)
    assert "copies" not in Splits("time", {"train": 100}).as_dict()


def test_a_manifest_has_one_order_of_stories() -> None:
    """PostgreSQL gives them back in another order than they were frozen in; the files stay the same."""
    pairs = {"story 10": "a", "story 2": "a", "id": "a"}
    one, other = dict(pairs), dict(reversed(pairs.items()))
    told = [
        json.dumps(Splits("time", {"train": 100}, stories=order, copies=order).as_dict())
        for order in (one, other)
    ]
    assert told[0] == told[1]


def test_agreement_compares_no_copies(newsroom: Newsroom) -> None:
    rows = [newsroom.submitted(owner, newsroom.article()) for owner in ("ann", "ben")]
    assert {row.article.status for row in rows} == {ArticleStatus.READY_FOR_REVIEW}
    assert Article.objects.filter(story_members__state="found").distinct().count() == 2
    assert AnnotationSet.objects.count() == 2
    assert agreement.corpus_agreement(newsroom.lake, agreement.AgreementQuery())["articles"] == 0
