"""Copies in counts: the copies of an article change no number, and each list holds what was counted."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from annotations.models import Article, Statement, Story, StoryMember, uuid7
from tests.api.test_knowledge_lists import REQUESTS, STANCES, check_account, follow
from tests.newsroom import TEXT, Newsroom
from tests.statements import approve_position, join_story, make_random, own_text

PROVES = False
LAKE = "corpora/lake/"


def day(number: int) -> datetime:
    return datetime(2024, 5, number, 12, tzinfo=UTC)


def counts(newsroom: Newsroom, **sent: str) -> dict[str, int]:
    counted = newsroom.vic.get(LAKE + "matrix/", **sent).data["counted"]
    return {name: number for name, number in counted.items() if number}


@pytest.mark.parametrize("state", ["found", "confirmed"])
def test_the_lead_stands_for_its_copies(newsroom: Newsroom, state: str) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    rows = [newsroom.article(own_text(), published_at=day(n), source=f"S{n}") for n in (3, 1, 2)]
    for article in rows:
        approve_position(newsroom, actor, issue, article=article)
    assert counts(newsroom) == {"statements": 3, "used": 3}
    join_story(newsroom.lake, rows, state=state)
    assert counts(newsroom) == {"statements": 3, "used": 1, "copies": 2}
    (shown,) = newsroom.vic.all(LAKE + "positions/")
    assert (shown["article"]["id"], shown["copies"]) == (str(rows[0].pk), 2)
    assert counts(newsroom, copies="all") == {"statements": 3, "used": 3}
    assert {row["copies"] for row in newsroom.vic.all(LAKE + "positions/", copies="all")} == {0}
    # where the lead is not chosen, the earliest of the others stands for it
    StoryMember.objects.filter(article=rows[0]).delete()
    Story.objects.update(lead=rows[0])
    assert counts(newsroom, source="S2") == {"statements": 1, "used": 1}
    quoted = newsroom.vic.get(LAKE + "quoted/").data
    assert quoted["counted"]["copies"] == 1


def test_what_is_proposed_or_apart_is_no_copy(newsroom: Newsroom) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    rows = [newsroom.article(own_text()) for _ in range(3)]
    for article in rows:
        approve_position(newsroom, actor, issue, article=article)
    story = join_story(newsroom.lake, rows)
    StoryMember.objects.filter(story=story, article=rows[1]).update(state="proposed")
    StoryMember.objects.filter(story=story, article=rows[2]).update(state="apart")
    assert counts(newsroom) == {"statements": 3, "used": 3}


def test_what_only_a_copy_says_counts(newsroom: Newsroom) -> None:
    actor, other, issue = newsroom.actor(), newsroom.actor("Bo Blau"), newsroom.proposition()
    rows = [newsroom.article(own_text(), published_at=day(n)) for n in (1, 2, 3)]
    approve_position(newsroom, actor, issue, article=rows[0])
    approve_position(newsroom, actor, issue, article=rows[1], stance="support")
    approve_position(newsroom, other, issue, article=rows[2])
    join_story(newsroom.lake, rows)
    assert counts(newsroom) == {"statements": 3, "used": 3}


def test_merged_actors_say_the_same(newsroom: Newsroom) -> None:
    winner, loser, issue = newsroom.actor(), newsroom.actor("A. Verde"), newsroom.proposition()
    rows = [newsroom.article(own_text(), published_at=day(n)) for n in (1, 2)]
    approve_position(newsroom, loser, issue, article=rows[0])
    approve_position(newsroom, winner, issue, article=rows[1])
    join_story(newsroom.lake, rows)
    assert counts(newsroom) == {"statements": 2, "used": 2}
    reply = newsroom.rae.post(f"actors/{loser}/merge/", {"into": winner, "reason": "One."}, version=1)
    assert reply.status == 201
    assert counts(newsroom) == {"statements": 2, "used": 1, "copies": 1}


def test_copies_are_found_by_their_text(newsroom: Newsroom) -> None:
    """From the article that comes to the number that is shown."""
    actor, issue = newsroom.actor(), newsroom.proposition()
    for number in (1, 2):
        article = newsroom.article(TEXT, published_at=day(number))
        approve_position(newsroom, actor, issue, article=article)
    assert counts(newsroom) == {"statements": 2, "used": 1, "copies": 1}


def with_copies(newsroom: Newsroom, seed: int) -> None:
    """Random statements, a third of whose articles are copies of others by chance."""
    make_random(newsroom.lake, newsroom.user("ann"), seed, articles=30)
    rows = list(Article.objects.filter(corpus=newsroom.lake).order_by("pk"))
    random.Random(seed).shuffle(rows)
    for place in (0, 10):
        join_story(newsroom.lake, rows[place : place + 10])


@pytest.mark.parametrize("seed", range(2))
def test_each_href_lists_exactly_what_was_counted(newsroom: Newsroom, seed: int) -> None:
    with_copies(newsroom, seed)
    rng = random.Random(seed)
    copies = 0
    # half of the ways to ask for each; test_knowledge_lists asks in all of them
    for parameters in [REQUESTS[0], *REQUESTS[1 + seed :: 2], {"copies": "all"}]:
        reply = newsroom.vic.get(LAKE + "matrix/", **parameters)
        cells, counted = reply.data["cells"], reply.data["counted"]
        copies += counted["copies"]
        check_account(newsroom, parameters, cells, counted)
        for cell in rng.sample(cells, min(3, len(cells))):
            listed = follow(newsroom, cell["href"])
            stances = Counter(row["stance"] or "undecided" for row in listed)
            assert stances == Counter({name: cell[name] for name in STANCES if cell[name]}), (
                parameters,
                cell,
            )
    assert copies > 0


def double(newsroom: Newsroom) -> None:
    """Copy each article with all its statements, as a newspaper that prints the same text does."""
    for article in list(Article.objects.filter(corpus=newsroom.lake)):
        copy = Article.objects.get(pk=article.pk)
        copy.pk, copy.external_id = uuid7(), f"copy of {article.external_id}"
        revision = article.revision
        revision.pk, revision.article = uuid7(), copy
        copy.revision = revision
        copy.save(force_insert=True)
        revision.save(force_insert=True)
        for statement in Statement.objects.filter(article=article):
            statement.pk, statement.article = None, copy
            statement.save(force_insert=True)
        join_story(newsroom.lake, [article, copy])


@pytest.mark.parametrize("seed", range(2))
def test_the_copies_of_all_articles_change_no_number(newsroom: Newsroom, seed: int) -> None:
    make_random(newsroom.lake, newsroom.user("ann"), seed)
    paths = ("matrix/", "quoted/", "network/", "changes/")

    def answers() -> list[Any]:
        found = []
        for parameters in REQUESTS[seed:8:2]:
            for path in paths:
                data = newsroom.vic.get(LAKE + path, **parameters).data
                data.pop("as_of")
                data["counted"].pop("statements"), data["counted"].pop("copies")
                for name in ("duplicates", "undated", "unlinked", "ascribed", "unattributed"):
                    data["counted"].pop(name, None)  # what is left out is left out of both
                for change in data["results"] if path == "changes/" else ():
                    for end in ("from", "to"):
                        change[end]["copies"] = 0
                found.append(data)
        return found

    before = answers()
    double(newsroom)
    assert answers() == before
