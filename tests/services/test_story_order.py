"""The order in which articles come decides nothing: stories are those of the articles that are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.models import Article, Corpus, Fingerprint, MemberState, Story, StoryMember
from annotations.services import integrity
from annotations.services.core import articles, stories
from annotations.services.core.fingerprints import Place
from annotations.services.correction import revisions
from annotations.text import copies
from tests import lanes
from tests.newsroom import Newsroom
from tests.press import Press
from tests.services.exchange import put

START = datetime(2024, 5, 1, tzinfo=UTC)
#: What a text is made of: some parts stand in several, so that texts overlap in every degree.
PRESS = Press(3)
PARTS = [PRESS.text(size) for size in (70, 70, 90, 120, 45, 33)]

Text = tuple[int, ...]
texts = st.lists(st.integers(0, len(PARTS) - 1), min_size=1, max_size=4, unique=True).map(tuple)


def row_of(number: int, parts: Text) -> dict[str, Any]:
    return {
        "external_id": f"{number}",
        "title": f"{number}",
        "text": "\n\n".join(PARTS[part] for part in parts),
        "published_at": (START + timedelta(days=number)).isoformat(),
    }


def found_in(corpus: Corpus) -> dict[str, list[tuple[str, str, float]]]:
    """The members of each story by their titles, under the title of its lead."""
    rows = StoryMember.objects.filter(story__corpus=corpus).select_related("article", "story__lead")
    found: dict[str, list[tuple[str, str, float]]] = {}
    for row in rows:
        member = (row.article.title, row.state, row.containment)
        found.setdefault(row.story.lead.title, []).append(member)
    assert not Fingerprint.objects.filter(corpus=corpus, place=Place.WAITS).exists()
    return {lead: sorted(members) for lead, members in sorted(found.items())}


def _nearness(found: tuple[copies.Overlap, int]) -> tuple[bool, float, int]:
    overlap, place = found
    return overlap.likeness == "copy", overlap.containment, place


def expected(texts: Sequence[Text]) -> dict[str, list[tuple[str, str, float]]]:
    """The stories by the rule itself: each text joins the nearest lead before it that it copies, or leads.

    A lead that is proposed only, since one of both has a text of its own, may share more.
    """
    shingles = [copies.Shingles.of_text(row_of(0, parts)["text"]) for parts in texts]
    leads: list[int] = []
    found: dict[str, list[tuple[str, str, float]]] = {}
    for number, own in enumerate(shingles):
        overlaps = [(copies.compare(own, shingles[lead], lambda _: set()), -lead) for lead in leads]
        near = [each for each in overlaps if each[0].likeness != "none"]
        state, (overlap, lead) = (
            MemberState.PROPOSED,
            max(near, key=_nearness, default=(None, 0)),
        )
        if overlap is not None:
            state = MemberState.FOUND if overlap.likeness == "copy" else MemberState.PROPOSED
            members = found.setdefault(f"{-lead}", [(f"{-lead}", "found", 1.0)])
            members.append((f"{number}", str(state), overlap.containment))
        if state == MemberState.PROPOSED:
            leads.append(number)
    return {lead: sorted(members) for lead, members in sorted(found.items())}


ARRIVALS = (st.lists(texts, min_size=2, max_size=7), st.data())
UNCHECKED = [HealthCheck.function_scoped_fixture]


@given(*ARRIVALS)
@settings(max_examples=lanes.examples(25), deadline=None, suppress_health_check=UNCHECKED)
def test_the_order_decides_nothing(newsroom: Newsroom, some: list[Text], data: st.DataObject) -> None:
    let_them_arrive(newsroom, some, data)


@pytest.mark.slow
@given(*ARRIVALS)
@settings(max_examples=100, deadline=None, suppress_health_check=UNCHECKED)
def test_no_order_decides_anything(newsroom: Newsroom, some: list[Text], data: st.DataObject) -> None:
    let_them_arrive(newsroom, some, data)


def let_them_arrive(newsroom: Newsroom, some: list[Text], data: st.DataObject) -> None:
    before = transaction.savepoint()
    try:
        arrive(newsroom, some, data)
    finally:
        transaction.savepoint_rollback(before)


def arrive(newsroom: Newsroom, some: list[Text], data: st.DataObject) -> None:
    """Some articles at once, the others one by one, in any order, two of them wrong at first."""
    rows = [row_of(number, parts) for number, parts in enumerate(some)]
    arrived = data.draw(st.permutations(range(len(rows))))
    at_once = data.draw(st.integers(0, len(rows)))
    detour = data.draw(st.sets(st.sampled_from(arrived), max_size=2))
    by = newsroom.user("max")
    first = [rows[number] for number in arrived[:at_once]]
    if first:
        put(by, newsroom.lake, *first)
    made = {int(each.title): each for each in Article.objects.filter(corpus=newsroom.lake)}
    for number in arrived[at_once:]:
        # some come with another day or another text, which are corrected later
        row = rows[number] | ({"text": PARTS[0] + "\n" + PARTS[4]} if number in detour else {})
        row["published_at"] = START + timedelta(days=9 if number in detour else number)
        made[number] = newsroom.article(row.pop("text"), **row)
    gone = newsroom.article(PARTS[1] + PARTS[2], title="gone", published_at=START - timedelta(days=1))
    for number in detour & set(arrived[at_once:]):
        if made[number].revision.text != rows[number]["text"]:
            revisions.add_revision(by, made[number].pk, rows[number]["text"], "corrected")
        day, now = {"published_at": START + timedelta(days=number)}, Article.objects.get(pk=made[number].pk)
        articles.update_article(by, now.pk, day, version=now.version)
    articles.delete_article(by, gone.pk, version=1)
    assert found_in(newsroom.lake) == expected(some)
    assert integrity.run_checks().found == 0
    versions = dict(Story.objects.values_list("pk", "version"))
    stories.find_stories(newsroom.lake, everything=True)
    assert found_in(newsroom.lake) == expected(some)
    assert dict(Story.objects.values_list("pk", "version")) == versions


def test_a_lead_that_is_copied_comes_before_one_that_shares_more(newsroom: Newsroom) -> None:
    """The last shares more with the first, beside a text of its own, and is a copy of the second."""
    some = [(0, 1, 2), (3, 5, 4, 0), (1, 2, 3, 4)]
    put(newsroom.user("max"), newsroom.lake, *(row_of(number, parts) for number, parts in enumerate(some)))
    assert found_in(newsroom.lake) == expected(some) == {"1": [("1", "found", 1.0), ("2", "found", 0.604)]}


@pytest.mark.parametrize("is_whole", [False, True])
def test_boilerplate_is_boilerplate_whenever_it_comes(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, *, is_whole: bool
) -> None:
    """A notice that becomes boilerplate with the last article is none that the first ones share."""
    for module in ("text.copies", "services.core.fingerprints", "services.core.story_index"):
        monkeypatch.setattr(f"annotations.{module}.MAX_ARTICLES", 5)
    monkeypatch.setattr("annotations.services.core.fingerprints.MAX_POSTINGS", 7)
    press = Press(4)
    notice = press.text(130)
    for number in range(6):
        assert len(found_in(newsroom.lake).get("0", [])) == (number if number > 1 else 0)
        newsroom.article(
            f"{press.text(55)}\n{notice}", title=f"{number}", published_at=START + timedelta(days=number)
        )
    if is_whole:
        stories.find_stories(newsroom.lake, everything=True)
    assert found_in(newsroom.lake) == {}
    last = Article.objects.get(title="5")
    articles.delete_article(newsroom.user("max"), last.pk, version=1)
    assert len(found_in(newsroom.lake)["0"]) == 5
