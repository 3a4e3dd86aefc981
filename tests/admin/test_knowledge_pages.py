"""The pages that count statements: who sees them, that every number leads to what it counts, their files."""

from __future__ import annotations

import csv
import html
import io
import re
from itertools import cycle
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.models import Actor, ArticleRights, Proposition, Statement
from tests.admin.test_queries import queries
from tests.newsroom import Newsroom
from tests.services.leaks import protect
from tests.statements import (
    PUBLISHED_STATEMENTS,
    approve_position,
    enter_published,
    join_story,
    make_random,
    own_text,
)

#: Rows of random corpora go straight into the tables, without events.
PROVES = False
SECTIONS = ("positions", "statements", "changes", "quoted", "network")
#: Parameters that one page reads; what chooses statements is read in one place for all of them.
OWN_PARAMETERS = {"row": "positions", "column": "positions", "by": "quoted", "mode": "network"}


def address(corpus: Any, section: str) -> str:
    return reverse(f"admin:annotations_corpus_{section}", args=(corpus.pk,))


def body(client: Client, url: str, **query: str) -> str:
    reply = client.get(url, query)
    assert reply.status_code == 200, url
    return reply.content.decode()


def total(client: Client, url: str) -> int:
    """How many statements the page behind a number lists."""
    found = re.search(r"<p>(\d+) statements?, the newest first", body(client, html.unescape(url)))
    assert found, url
    return int(found[1])


def signed_in(newsroom: Newsroom, name: str) -> Client:
    User.objects.update(is_staff=True)
    client = Client()
    client.force_login(newsroom.user(name))
    return client


@pytest.fixture
def reader(newsroom: Newsroom) -> Client:
    """Vic, who only reads, and a random corpus."""
    make_random(newsroom.lake, newsroom.user("ann"), 1, articles=20)
    return signed_in(newsroom, "vic")


@pytest.mark.parametrize("section", SECTIONS)
def test_members_read_and_strangers_find_nothing(newsroom: Newsroom, section: str) -> None:
    url = address(newsroom.lake, section)
    assert "Statements come from approved work" in body(signed_in(newsroom, "vic"), url)
    assert signed_in(newsroom, "sam").get(url).status_code == 404


CELL = re.compile(
    r'<td class="[a-z-]+"><a href="([^"]+)"[^>]*>\s*<span class="sign">.</span>\s*'
    r'<span class="score">[^<]*</span>\s*<span class="number">(\d+)<'
)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"dedup": "article", "rollup_actor": "affiliation"},
        {"rollup_actor": "kind", "rollup_issue": "topic", "from": "2024-02", "basis": "stated"},
    ],
    ids=["plain", "affiliations", "kinds"],
)
def test_every_cell_leads_to_the_statements_that_it_counts(
    newsroom: Newsroom, reader: Client, query: dict[str, str]
) -> None:
    cells = CELL.findall(body(reader, address(newsroom.lake, "positions"), **query))
    assert len(cells) > 2
    assert [total(reader, url) for url, _ in cells] == [int(number) for _, number in cells]


@pytest.mark.parametrize("by", ["actor", "kind", "affiliation", "source"])
def test_every_bar_leads_to_the_statements_that_it_counts(
    newsroom: Newsroom, reader: Client, by: str
) -> None:
    page = body(reader, address(newsroom.lake, "quoted"), by=by)
    rows = re.findall(r'<td><a href="([^"]+)">(\d+)<', page)
    assert rows
    assert [total(reader, url) for url, _ in rows] == [int(number) for _, number in rows]


EDGE = re.compile(
    r'<td><a href="([^"]+)" dir="ltr">([^<]+)<.*?<td>(?:<a[^>]*>)?(\d+).*?<td>(?:<a[^>]*>)?(\d+)', re.DOTALL
)


def test_every_edge_leads_to_what_it_counts(newsroom: Newsroom, reader: Client) -> None:
    url = address(newsroom.lake, "network")
    for link, _, support, oppose in EDGE.findall(body(reader, url, mode="bipartite")):
        lanes = body(reader, html.unescape(link))
        mixed = lanes.count('class="stance mixed"')
        assert lanes.count('class="stance support"') + mixed == int(support)
        assert lanes.count('class="stance oppose"') + mixed == int(oppose)
    for mode, days in (("actors", ""), ("issues", ""), ("issues", "120")):
        edges = EDGE.findall(body(reader, url, mode=mode, window=days))
        assert edges
        for link, _, agreed, opposed in edges:
            assert f"Same side {agreed}, opposite sides {opposed}:" in body(reader, html.unescape(link))


def test_a_tie_leads_to_the_statements_of_both(newsroom: Newsroom, reader: Client) -> None:
    (link, *_), *_ = EDGE.findall(body(reader, address(newsroom.lake, "network"), mode="actors"))
    page = body(reader, html.unescape(link))
    sides = re.findall(r'<td><a href="([^"]+)">. (\d+) for, (\d+) against, (\d+) mixed<', page)
    assert len(sides) >= 2
    for url, *numbers in sides:
        shown = body(reader, html.unescape(url))
        found = [shown.count(f'class="stance {stance}"') for stance in ("support", "oppose", "mixed")]
        assert found == [int(number) for number in numbers]


def test_a_change_of_mind_shows_both_statements(newsroom: Newsroom, reader: Client) -> None:
    page = body(reader, address(newsroom.lake, "changes"))
    cards = page.count('<li class="card ')
    assert cards
    assert page.count("workbench/#span=") == 2 * cards


def test_the_published_numbers_stand_on_the_pages(newsroom: Newsroom) -> None:
    entries = enter_published(newsroom)
    client = signed_in(newsroom, "vic")
    network = address(newsroom.lake, "network")
    tie = {"one": entries.actors["Senate"], "other": entries.actors["Sierra Club"]}
    assert "Same side 2, opposite sides 5:" in body(client, address(newsroom.lake, "tie"), **tie)
    assert f"{len(PUBLISHED_STATEMENTS)} of 40 statements are counted" in body(
        client, address(newsroom.lake, "positions")
    )
    whole, part = (body(client, address(newsroom.lake, "positions"), rows=rows) for rows in ("40", "2"))
    assert "beyond the rows and columns" not in whole
    shown, beyond = re.findall(
        r"(\d+) of 40 statements.*beyond the rows and columns that are shown (\d+)", part
    )[0]
    assert "Rows: 2; columns:" in part
    assert int(shown) + int(beyond) == 40
    graph: Any = nx.read_graphml(io.BytesIO(client.get(network, {"format": "graphml"}).content))
    assert graph.edges[tie["one"], tie["other"]]["weight"] == 2
    edges = list(
        csv.DictReader(io.StringIO(client.get(network, {"format": "csv"}).content.decode("utf-8-sig")))
    )
    assert sum(int(edge["positive"]) for edge in edges) * 2 == 160
    both = client.get(network, {"format": "gexf", "mode": "bipartite", "aggregation": "ignore"}).content
    assert sum(weight for *_, weight in nx.read_gexf(io.BytesIO(both)).edges(data="weight")) == 40
    matrix = client.get(address(newsroom.lake, "positions"), {"format": "csv"}).content.decode("utf-8-sig")
    assert sum(int(row["support"]) + int(row["oppose"]) for row in csv.DictReader(io.StringIO(matrix))) == 40


def test_copies_are_told_and_can_be_counted(newsroom: Newsroom) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    rows = [newsroom.article(own_text(), source=f"S{number}") for number in range(3)]
    for article in rows:
        approve_position(newsroom, actor, issue, article=article)
    join_story(newsroom.lake, rows)
    vic, url = signed_in(newsroom, "vic"), address(newsroom.lake, "positions")
    shown = body(vic, url)
    assert "1 of 3 statements are counted here." in shown
    assert "Left out: said alike in copies of a text 2." in shown
    assert 'name="copies"' in shown
    assert "3 of 3 statements are counted here." in body(vic, url, copies="all")
    quoted = address(newsroom.lake, "quoted")
    assert "Left out: said alike in copies of a text 2." in body(vic, quoted)
    assert "Left out" not in body(vic, quoted, copies="all")


def test_a_network_says_what_it_leaves_out(newsroom: Newsroom) -> None:
    issue = newsroom.proposition()
    rows = [newsroom.article(own_text()) for _ in range(4)]
    stances = ("support", "support", "undecided", "support")
    actors = [newsroom.actor(name) for name in ("Ada Rot", "Bo Blau", "Cy Grau")]
    for article, actor, stance in zip(rows, [*actors, actors[0]], stances, strict=True):
        approve_position(newsroom, actor, issue, article=article, stance=stance)
    join_story(newsroom.lake, [rows[0], rows[3]])
    shown = body(signed_in(newsroom, "vic"), address(newsroom.lake, "network"))
    assert "2 nodes," in shown
    assert "Left out: said alike in copies of a text 1; without a side 1." in shown


def test_files_are_attachments_and_run_nothing(newsroom: Newsroom, reader: Client) -> None:
    # characters that a name may hold and no XML file
    Actor.objects.filter(corpus=newsroom.lake).update(name='\ufffe "شركة" <\uffff&> 👩‍👧')
    for section, name in (
        ("positions", "csv"),
        ("quoted", "csv"),
        *(("network", name) for name in ("csv", "graphml", "gexf", "svg")),
    ):
        reply = reader.get(address(newsroom.lake, section), {"format": name})
        assert reply["Content-Disposition"].startswith("attachment"), name
        if name != "csv":
            root = ET.fromstring(reply.content)  # noqa: S314 - our own file
            assert "شركة" in ET.tostring(root, "unicode"), name
        assert reply.content == reader.get(address(newsroom.lake, section), {"format": name}).content


def test_files_name_no_source_and_count_nothing_that_may_not_leave(
    newsroom: Newsroom, reader: Client
) -> None:
    actor = Actor.objects.filter(corpus=newsroom.lake, spans__isnull=False)[0]
    Actor.objects.filter(pk=actor.pk).update(name="Zsófia Quintyr", qid="Q42424242")
    Proposition.objects.filter(corpus=newsroom.lake).update(text="Zsofia Quintyr is right")
    files = (("positions", "csv"), ("quoted", "csv"), *(("network", name) for name in NETWORK_FILES))
    urls = [(address(newsroom.lake, section), name) for section, name in files]
    assert any("Quintyr" in reader.get(url, {"format": name}).content.decode() for url, name in urls)
    protect(Actor.objects.get(pk=actor.pk))
    for url, name in urls:
        for query in ({}, {"mode": "bipartite", "aggregation": "ignore"}):
            text = reader.get(url, {"format": name, **query}).content.decode()
            assert not re.search(f"quintyr|Q42424242|{actor.pk}", text, re.IGNORECASE), (url, name)
    assert "Source 1" in reader.get(*_query(newsroom, "quoted")).content.decode()
    assert "Quintyr" in body(reader, address(newsroom.lake, "quoted"))
    assert "data-picture-file" not in body(reader, address(newsroom.lake, "network"))
    for article in newsroom.lake.articles.all():
        ArticleRights.objects.create(article=article, taken_down_at=timezone.now())
    assert reader.get(*_query(newsroom, "quoted")).content.decode().count("\n") == 1


NETWORK_FILES = ("csv", "graphml", "gexf", "svg")


def _query(newsroom: Newsroom, section: str) -> tuple[str, dict[str, str]]:
    return address(newsroom.lake, section), {"format": "csv"}


def test_what_cannot_be_read_is_told_and_the_page_stays(newsroom: Newsroom, reader: Client) -> None:
    page = body(reader, address(newsroom.lake, "positions"), dedup="sometimes")
    assert "The parameter dedup: It takes one of" in page
    assert 'class="matrix"' in page
    assert "With the mode" not in body(
        reader, address(newsroom.lake, "network"), mode="actors", aggregation="combine"
    )
    for section in SECTIONS:
        body(
            reader, address(newsroom.lake, section), row="nobody", column="nothing", window="never", page="x"
        )
    sections = cycle(SECTIONS)
    for name in ("source", "search", "external_id", "story_key", "language"):
        body(reader, address(newsroom.lake, next(sections)), **{name: "a\0"})
    for name, section in OWN_PARAMETERS.items():
        body(reader, address(newsroom.lake, section), **{name: "a\0"})
    for section in SECTIONS:
        body(
            reader,
            address(newsroom.lake, section),
            page="9" * 30,
            actor="9" * 99,
            window="\0",
            rollup_actor="kind",
        )
    assert reader.get(address(newsroom.lake, "tie"), {"one": "\0", "mode": "\0"}).status_code == 404
    assert reader.get(address(newsroom.lake, "tie"), {"one": "x", "other": "y"}).status_code == 404


#: The queries of each page, however many statements there are.
QUERIES = {"positions": 17, "statements": 11, "changes": 13, "quoted": 12, "network": 14}


def test_pages_ask_the_same_however_much_there_is(newsroom: Newsroom) -> None:
    client, corpus = signed_in(newsroom, "max"), newsroom.lake
    make_random(corpus, newsroom.user("ann"), 2, articles=30)
    few = {section: queries(client, address(corpus, section)) for section in SECTIONS}
    make_random(corpus, newsroom.user("ann"), 3, articles=60)
    assert Statement.objects.filter(corpus=corpus).count() > 60
    many = {section: queries(client, address(corpus, section)) for section in SECTIONS}
    assert (few, many) == (QUERIES, QUERIES)


def test_the_page_of_an_actor_says_where_it_stands_and_is_mentioned(
    newsroom: Newsroom, reader: Client
) -> None:
    actor = Actor.objects.filter(corpus=newsroom.lake, merged_into__isnull=True).order_by("pk")[1]
    page = body(reader, f"/admin/annotations/actor/{actor.pk}/change/")
    every = re.search(r'<a href="([^"]+)">(\d+) statements in approved work', page)
    assert every
    assert total(reader, every[1]) == int(every[2])
    rows = re.findall(r'<td><a href="([^"]+)">(\d+)<span class="visually-hidden"> statements? on', page)
    assert len(rows) > 1
    assert [total(reader, url) for url, _ in rows] == [int(number) for _, number in rows]
    marks = re.search(r"<p>(\d+) marks that you see", page)
    assert marks
    seen = newsroom.vic.get(f"actors/{actor.pk}/usage/").data
    assert int(marks[1]) == seen["spans"]
    assert page.count("/workbench/#span=") == 5
    loser = newsroom.actor("Nobody")
    merge = {"into": str(actor.pk), "reason": "One."}
    assert newsroom.rae.post(f"actors/{loser}/merge/", merge, version=1).status == 201
    page = body(reader, f"/admin/annotations/actor/{loser}/change/")
    assert f'This one stands for <a href="/admin/annotations/actor/{actor.pk}/change/">' in page
    assert "marks that you see" not in page
