"""Statements of an actor with its parts and affiliates, as naive counting finds them."""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from annotations.models import Actor, Affiliation, Statement, uuid7
from annotations.scheme.affiliations import first_day, last_day
from tests.newsroom import Newsroom
from tests.statements import make_random

#: Rows go straight into the tables, without events.
PROVES = False
LAKE = "corpora/lake/"
#: Long enough that the parts of parts have parts, with a ring of bodies that are parts of each other.
CHAIN = 6


@pytest.fixture
def actors(newsroom: Newsroom) -> list[Actor]:
    """A random corpus in which bodies are parts of bodies, and people belong to them for a time."""
    make_random(newsroom.lake, newsroom.user("ann"), 4, articles=30)
    rng = random.Random(4)
    actors = list(Actor.objects.filter(corpus=newsroom.lake, merged_into__isnull=True).order_by("pk"))
    ring = [actors[2], actors[4], actors[5]]
    parts: list[Any] = [
        (one, other, "part_of", "", "") for one, other in zip(ring, ring[1:] + ring[:1], strict=True)
    ]
    members: list[Any] = [
        (
            *rng.sample(actors, 2),
            "works_for",
            rng.choice(["", "2024", "2024-05"]),
            rng.choice(["", "2024-08"]),
        )
        for _ in range(CHAIN)
    ]
    Affiliation.objects.bulk_create(
        Affiliation(id=uuid7(), actor=one, organisation=other, kind=kind, since=since, until=until)
        for one, other, kind, since, until in (*parts, *members)
    )
    return actors


def naive_parts(root: Actor) -> set[UUID]:
    """Return the canonical ids of an actor and its parts, step by step until nothing is added."""
    found = {root.canonical_id}
    canonical: dict[Any, UUID] = dict(Actor.objects.values_list("pk", "canonical_id"))
    pairs = [
        *((row.canonical_id, canonical[row.parent_id]) for row in Actor.objects.filter(parent__isnull=False)),
        *(
            (canonical[row.actor_id], canonical[row.organisation_id])
            for row in Affiliation.objects.filter(kind="part_of")
        ),
    ]
    while more := {part for part, whole in pairs if whole in found} - found:
        found |= more
    return found


def naive_statements(root: Actor) -> Counter[str]:
    """Return the spans of the statements of an actor, of its parts, and of their affiliates on the day."""
    parts = naive_parts(root)
    canonical: dict[Any, UUID] = dict(Actor.objects.values_list("pk", "canonical_id"))
    held: dict[UUID, list[Affiliation]] = {}
    for row in Affiliation.objects.all():
        if canonical[row.organisation_id] in parts:
            held.setdefault(canonical[row.actor_id], []).append(row)
    rows = Statement.objects.filter(basis__in=("stated", "conduct", ""), actor__isnull=False)
    seen = {
        (row.span_id, canonical[row.actor_id])
        for row in rows
        if canonical[row.actor_id] in parts or holds(row, held.get(canonical[row.actor_id], ()))
    }
    return Counter(str(span) for span, _ in seen)


def holds(statement: Any, periods: Iterable[Affiliation]) -> bool:
    """Return whether one of the periods has all days of a statement; one without days needs one without."""
    if statement.day is None:
        return any(not period.since and not period.until for period in periods)
    return any(
        first_day(period) <= statement.day and statement.day_last <= last_day(period) for period in periods
    )


def test_parts_and_affiliates_are_those_that_naive_counting_finds(
    newsroom: Newsroom, actors: list[Actor]
) -> None:
    wider = 0
    for actor in actors:
        asked = {"actor": str(actor.pk), "descendants": "true", "page_size": "500"}
        listed = newsroom.vic.get(LAKE + "positions/", **asked).data["results"]
        assert Counter(row["span"] for row in listed) == naive_statements(actor)
        alone = newsroom.vic.get(LAKE + "positions/", actor=str(actor.pk), page_size="500").data["results"]
        wider += len(listed) > len(alone)
    assert wider > 3
    loser = Actor.objects.filter(merged_into__isnull=False).order_by("pk")[0]
    asked = {"actor": str(loser.pk), "descendants": "true", "page_size": "500"}
    listed = newsroom.vic.get(LAKE + "positions/", **asked).data["results"]
    assert Counter(row["span"] for row in listed) == naive_statements(loser)


@pytest.mark.parametrize("section", ["positions", "statements", "changes", "quoted", "network"])
def test_the_pages_take_the_filter_along(newsroom: Newsroom, actors: list[Actor], section: str) -> None:
    User.objects.update(is_staff=True)
    client = Client()
    client.force_login(newsroom.user("vic"))
    base = f"/admin/annotations/corpus/{newsroom.lake.pk}/positions/"
    url = base if section == "positions" else f"{base}{section}/"
    asked = {"actor": str(actors[0].pk), "descendants": "true"}
    page = client.get(url, asked).content.decode()
    assert '<option value="true" selected>those of its parts and affiliates, too</option>' in page
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*/positions/[^"]*)"', page)]
    kept = [link for link in links if "descendants=true" in link]
    assert len(kept) >= 5
    expected = naive_statements(actors[0]).total()
    shown = client.get(f"{base}statements/", asked).content.decode()
    assert f"<p>{expected} statements, the newest first.</p>" in shown
