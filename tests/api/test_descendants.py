"""Statements of an actor with its parts and affiliates, as naive counting finds them."""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from annotations.models import Actor, Affiliation, Statement, uuid7
from annotations.scheme.affiliations import first_day, last_day
from tests.newsroom import Newsroom
from tests.statements import approve_position, make_random

#: Rows go straight into the tables, without events.
PROVES = False
LAKE = "corpora/lake/"
#: Long enough that the parts of parts have parts, with a ring of bodies that are parts of each other.
CHAIN = 6


@pytest.fixture
def actors(newsroom: Newsroom) -> list[Actor]:
    """A random corpus in which bodies are parts and members of bodies for a time."""
    make_random(newsroom.lake, newsroom.user("ann"), 4, articles=30)
    rng = random.Random(4)
    actors = list(Actor.objects.filter(corpus=newsroom.lake, merged_into__isnull=True).order_by("pk"))
    ring = [actors[2], actors[4], actors[5]]
    parts: list[Any] = [
        (one, other, "part_of", "", until)
        for one, other, until in zip(ring, ring[1:] + ring[:1], ("", "", "2024-06"), strict=True)
    ]
    members: list[Any] = [
        (
            *rng.sample(actors, 2),
            rng.choice(["works_for", "member", "part_of"]),
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


def naive_statements(root: Actor) -> Counter[str]:
    """Return the spans of the statements whose actor belonged to one, step by step, on all their days."""
    canonical: dict[Any, UUID] = dict(Actor.objects.values_list("pk", "canonical_id"))
    live = Actor.objects.filter(parent__isnull=False, merged_into__isnull=True)
    parents = [(row.pk, canonical[row.parent_id]) for row in live]
    rows = Statement.objects.filter(basis__in=("stated", "conduct", ""), actor__isnull=False)
    seen = set()
    for row in rows:
        steps = [
            *parents,
            *(
                (canonical[held.actor_id], canonical[held.organisation_id])
                for held in Affiliation.objects.all()
                if holds(row, [held])
            ),
        ]
        found = {canonical[row.actor_id]}
        while more := {above for below, above in steps if below in found} - found:
            found |= more
        if root.canonical_id in found:
            seen.add((row.span_id, canonical[row.actor_id]))
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


ALLIANCE = ("Ida", "Party", "Alliance")
#: When Ida is a member of the party and the party of the alliance, and whether what she says on a day of
#: June 2024 is said by the alliance.
CHAINS: dict[str, tuple[tuple[str, str], tuple[str, str], bool]] = {
    "without dates": (("", ""), ("", ""), True),
    "both in that year": (("2024", ""), ("", "2024"), True),
    "the party left before": (("", ""), ("2019", "2024-05"), False),
    "the party joined later": (("", ""), ("2024-07", ""), False),
    "she left before": (("2020", "2023"), ("2019", ""), False),
    "never at once": (("2024-06", ""), ("", "2023"), False),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_members_of_a_member_belong_to_it_on_the_days_of_both(newsroom: Newsroom, chain: str) -> None:
    own, of_party, belongs = CHAINS[chain]
    ids = {name: newsroom.actor(name) for name in ALLIANCE}
    for below, above, (since, until) in (("Ida", "Party", own), ("Party", "Alliance", of_party)):
        body = {"organisation": ids[above], "kind": "member", "since": since, "until": until}
        body = {name: value for name, value in body.items() if value}
        assert newsroom.ann.post(f"actors/{ids[below]}/affiliations/", body).status == 201
    issue = newsroom.proposition()
    approve_position(newsroom, ids["Ida"], issue, statement_date="2024-06-10")
    asked = {"actor": ids["Alliance"], "descendants": "true"}
    listed = newsroom.vic.get(LAKE + "positions/", **asked).data["results"]
    assert len(listed) == belongs
    assert newsroom.vic.get(LAKE + "matrix/", **asked).data["counted"]["used"] == belongs
    # who speaks without a day belongs to whom it has always belonged
    approve_position(newsroom, ids["Ida"], issue)
    listed = newsroom.vic.get(LAKE + "positions/", **asked).data["results"]
    assert len(listed) == belongs + (chain == "without dates")


def test_nothing_becomes_a_part_of_its_own_part(newsroom: Newsroom) -> None:
    bodies = [newsroom.actor(name) for name in ("Union", "State", "Province")]
    union, state, province = bodies

    def join(part: str, whole: str, **dates: str) -> Any:
        body = {"organisation": whole, "kind": "part_of", **dates}
        return newsroom.ann.post(f"actors/{part}/affiliations/", body)

    assert join(state, union, since="1990").status == 201
    assert join(province, state).status == 201
    refused = join(union, province, since="2001")
    assert (refused.status, refused.pointers) == (400, ["/organisation"])
    assert "Province is a part of Union in that time" in refused.data["detail"]
    assert join(union, province, until="1989").status == 201  # it was the other way round then
    assert (
        newsroom.ann.post(
            f"actors/{union}/affiliations/", {"organisation": province, "kind": "member"}
        ).status
        == 201
    )
    changed = newsroom.ann.call("PATCH", f"actors/{union}/", {"parent": province}, version=1)
    assert (changed.status, changed.pointers) == (400, ["/parent"])


@pytest.mark.slow
def test_a_thousand_memberships_with_dates_of_their_own_are_one_question(newsroom: Newsroom) -> None:
    """SQLite nests a thousand conditions at most."""
    alliance, speaker = newsroom.actor("Alliance"), newsroom.actor("Speaker")
    states = [newsroom.actor("State 0")]
    first = Actor.objects.get(pk=states[0])
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(1_200)]
    rows = [
        Actor(corpus=first.corpus, name=f"State {number}", kind="state", folded_name=f"state {number}")
        for number in range(1, len(days))
    ]
    for row in rows:
        row.canonical_id = row.pk
    Actor.objects.bulk_create(rows)
    members: list[tuple[UUID | str, UUID | str, str]] = [
        (pk, alliance, str(day)) for pk, day in zip([first.pk, *(row.pk for row in rows)], days, strict=True)
    ]
    members += [(speaker, pk, "") for pk, _, _ in members]
    Affiliation.objects.bulk_create(
        Affiliation(id=uuid7(), actor_id=below, organisation_id=above, kind="member", since=since)
        for below, above, since in members
    )
    approve_position(newsroom, speaker, newsroom.proposition(), statement_date="2020-01-01")
    asked = {"actor": alliance, "descendants": "true"}
    assert len(newsroom.vic.get(LAKE + "positions/", **asked).data["results"]) == 1
