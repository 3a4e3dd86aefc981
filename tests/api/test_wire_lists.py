"""Lists: pages that hang together, parameters that are known, filters that do what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from annotations.models import Article
from tests.api.test_query_counts import BY_SESSION, LISTS, make_carry_item
from tests.newsroom import Caller, Newsroom, new_id, span
from tests.statements import approve_position

PROVES = False  # the data of these tests is proved by others

#: One has no pages, and one has them in an order of its own, which test_search reads.
PAGED = [route for route in LISTS if not route.endswith(("suggest/", "search/"))]


#: By what a row is ordered, by the first of these fields that it has.
KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "score": lambda row: (-row["score"], row["left"]["id"], row["right"]["id"]),
    "id": lambda row: row["id"],
    "seq": lambda row: row["seq"],
    "username": lambda row: row["username"],
    "span": lambda row: row["span"],
}
OWNERS = ("ann", "ben", "rae", "max", "ada")


def ids(rows: list[Any]) -> list[Any]:
    """What the rows of a list are ordered by."""
    return [next(key(row) for name, key in KEYS.items() if name in row) for row in rows]


def address(newsroom: Newsroom, route: str, rows: int = 0) -> str:
    """The address of a list, with as many rows in it as are asked for."""
    article, row = newsroom.article(annotators=50), newsroom.set()
    settling = newsroom.adjudication() if "decisions" in route else row
    busy = newsroom.actor("Busy") if "affiliations" in route else ""
    webhook = add_webhook(newsroom) if "deliveries" in route else ""
    at = LISTS[route][0].format(
        revised=article.pk, shared=article.pk, full=row.pk, settling=settling.pk, busy=busy, webhook=webhook
    )
    claim = newsroom.ann.post(f"sets/{row.pk}/spans/", span(4, 50, "claim")).data["id"]
    for number in range(rows):
        if route in FILLS:
            FILLS[route](Place(newsroom, article.pk, row.pk, claim, number))
        if busy:
            affiliate(newsroom, at, number)
        if webhook:
            assert newsroom.max.post(f"webhooks/{webhook}/test/").status == 201
        if "decisions" in route:
            newsroom.decision(settling)
    newsroom.nothing_happens()
    return at


def affiliate(newsroom: Newsroom, at: str, number: int) -> None:
    """One more affiliation of the actor of the address."""
    harbour = newsroom.actor(f"Harbour {number}", kind="organisation")
    assert newsroom.ann.post(at, {"organisation": harbour, "kind": "member"}).status == 201


def add_webhook(newsroom: Newsroom) -> str:
    """One more webhook, at an address that needs no look-up."""
    hook = {"url": "https://93.184.215.14/hook", "events": ["release.ready"]}
    return str(newsroom.max.post("corpora/lake/webhooks/", hook).data["id"])


def merge_topics(newsroom: Newsroom, number: int) -> None:
    """One more merge."""
    loser, winner = newsroom.topic(f"Old topic {number}"), newsroom.topic(f"Topic {number}")
    merge = {"into": winner, "reason": "One."}
    assert newsroom.rae.post(f"topics/{loser}/merge/", merge, version=1).status == 201


@dataclass(frozen=True)
class Place:
    """Where a list gets its next row."""

    newsroom: Newsroom
    article: UUID
    row: UUID
    claim: str
    number: int


def relate(it: Place) -> None:
    """One more relation of the claim."""
    end = it.newsroom.ann.post(f"sets/{it.row}/spans/", span(51, 52 + it.number)).data["id"]
    link = {"type": "about", "source": it.claim, "target": end}
    it.newsroom.ann.post(f"sets/{it.row}/relations/", link)


#: How a list gets one more row; those that are not here have theirs from what stands around them.
FILLS: dict[str, Callable[[Place], object]] = {
    "tokens/": lambda it: Caller.with_session(it.newsroom.user("max")).post(
        "tokens/", {"name": "t", "scopes": ["read"]}
    ),
    "corpora/": lambda it: it.newsroom.ada.post("corpora/", {"slug": f"c{it.number}", "name": "C"}),
    "corpora/<slug:slug>/articles/": lambda it: it.newsroom.article(),
    "corpora/<slug:slug>/sets/": lambda it: it.newsroom.set(),
    "corpora/<slug:slug>/spans/": lambda it: it.newsroom.ann.post(
        f"sets/{it.row}/spans/", span(51, 52 + it.number)
    ),
    "sets/<uuid:pk>/spans/": lambda it: it.newsroom.ann.post(
        f"sets/{it.row}/spans/", span(51, 52 + it.number)
    ),
    "corpora/<slug:slug>/actors/": lambda it: it.newsroom.actor(f"A{it.number}"),
    # each looks like all before it, the less the longer it is
    "corpora/<slug:slug>/duplicates/": lambda it: it.newsroom.actor("Waterways of Ardenia" + "s" * it.number),
    "corpora/<slug:slug>/merges/": lambda it: merge_topics(it.newsroom, it.number),
    "corpora/<slug:slug>/positions/": lambda it: approve_position(
        it.newsroom, it.newsroom.actor("Lorn"), it.newsroom.proposition("A lock")
    ),
    "corpora/<slug:slug>/searches/": lambda it: it.newsroom.max.post(
        "corpora/lake/searches/", {"name": f"S{it.number}", "query": "toll"}
    ),
    "corpora/<slug:slug>/topics/": lambda it: it.newsroom.topic(f"T{it.number}"),
    "corpora/<slug:slug>/propositions/": lambda it: it.newsroom.proposition(f"P{it.number}", accepted=False),
    "corpora/<slug:slug>/carry-items/": lambda it: make_carry_item(it.newsroom),
    "corpora/<slug:slug>/stories/": lambda it: [it.newsroom.article(f"Event {it.number}.") for _ in range(2)],
    "articles/<uuid:pk>/revisions/": lambda it: it.newsroom.max.post(
        f"articles/{it.article}/revisions/", {"text": f"Text {it.number}.", "reason": "So."}
    ),
    "articles/<uuid:pk>/sets/": lambda it: it.newsroom.set(
        OWNERS[it.number], Article.objects.select_related("corpus").get(pk=it.article)
    ),
    "articles/<uuid:pk>/history/": lambda it: it.newsroom.max.post(
        f"articles/{it.article}/{'include' if it.number % 2 else 'exclude'}/", {"reason": "So."}
    ),
    "corpora/<slug:slug>/stuck/": lambda it: it.newsroom.set(),
    "corpora/<slug:slug>/invitations/": lambda it: it.newsroom.max.post(
        "corpora/lake/invitations/", {"role": "viewer"}
    ),
    "corpora/<slug:slug>/webhooks/": lambda it: add_webhook(it.newsroom),
    "corpora/<slug:slug>/feeds/": lambda it: Caller.with_session(it.newsroom.user("max")).post(
        "corpora/lake/feeds/", {"type": "quotes"}
    ),
    "corpora/<slug:slug>/releases/": lambda it: it.newsroom.max.post(
        "corpora/lake/releases/", {"formats": ["jsonl"], "sets": "none"}
    ),
    "notifications/": lambda it: it.newsroom.ada.post(
        f"articles/{it.newsroom.article().pk}/sets/", {"owner": "max"}
    ),
    "sets/<uuid:pk>/comments/": lambda it: it.newsroom.ann.post(f"sets/{it.row}/comments/", {"text": "So?"}),
    "sets/<uuid:pk>/history/": lambda it: it.newsroom.ann.post(f"sets/{it.row}/comments/", {"text": "So?"}),
    "sets/<uuid:pk>/relations/": relate,
}


def caller_of(newsroom: Newsroom, route: str) -> Caller:
    if route in BY_SESSION:
        return Caller.with_session(newsroom.user("max"))
    return newsroom.ada if route == "corpora/" else newsroom.max


@pytest.mark.parametrize("route", PAGED)
def test_pages_hang_together(newsroom: Newsroom, route: str) -> None:
    """Forward page by page and back again: every row once, in order, and the same pages on both ways."""
    at = address(newsroom, route, 5)
    caller = caller_of(newsroom, route)
    whole = caller.get(at, page_size=500).data
    assert (whole["next"], whole["previous"]) == (None, None)
    expected = ids(whole["results"])
    assert len(expected) >= 5
    if route != "corpora/<slug:slug>/members/":  # which are in the order of ids that they do not show
        assert expected == sorted(expected)
    pages, reply = [], caller.get(at, page_size=2)
    assert reply.data["previous"] is None
    while True:
        pages.append(reply.data)
        if reply.data["next"] is None:
            break
        reply = caller.raw("GET", reply.data["next"])
    assert [id for page in pages for id in ids(page["results"])] == expected
    assert {len(page["results"]) for page in pages[:-1]} == {2}
    for earlier, page in zip(reversed(pages[:-1]), reversed(pages[1:]), strict=True):
        back = caller.raw("GET", page["previous"]).data
        assert ids(back["results"]) == ids(earlier["results"])
        forth = caller.raw("GET", back["next"]).data
        assert ids(forth["results"]) == ids(page["results"])
    first = caller.raw("GET", pages[1]["previous"]).data
    assert first["previous"] is None


#: Of the wrong parameters each list gets some in turn, since one parser refuses them; all in the slow lane.
WRONG_SIZES = ("0", "501", "-1", "x", "2.0", "", "1e1", " 2", "٢", "99999999999999999999")
WRONG_QUERIES = (
    "nonsense=1", "page=2", "limit=5", "offset=5", "ordering=id", "format=json", "page_size=1&page_size=1",
)  # fmt: skip


def dealt(values: Sequence[str], turn: int | None) -> Sequence[str]:
    """Two of the values in turn, or all."""
    return values if turn is None else [values[(turn + step) % len(values)] for step in (0, 1)]


@pytest.mark.parametrize(
    ("route", "turn"),
    [
        *(pytest.param(route, turn, id=route) for turn, route in enumerate(PAGED)),
        *(pytest.param(route, None, id=f"{route}-all", marks=pytest.mark.slow) for route in PAGED),
    ],
)
def test_parameters_of_pages(newsroom: Newsroom, route: str, turn: int | None) -> None:
    at, other = address(newsroom, route, 3), "corpora/" if route != "corpora/" else "corpora/lake/members/"
    caller = caller_of(newsroom, route)
    for value in dealt(WRONG_SIZES, turn):
        reply = caller.get(at, page_size=value)
        assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["page_size"]), value
    for size in ("1", "500"):
        assert caller.get(at, page_size=size).status == 200
    own = caller.get(at, page_size=1).data["next"].split("cursor=")[1]
    elsewhere = (newsroom.max if route == "tokens/" else caller).get(other, page_size=1).data["next"]
    cursors = ["x", "", "null", "A" * 1999, f"{own}x", own[:-1], own[1:], own.swapcase()]
    cursors += [elsewhere.split("cursor=")[1]] if elsewhere else []
    for cursor in dealt(cursors, turn):
        reply = caller.raw("GET", f"{at}?cursor={cursor}")
        assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["cursor"]), cursor
    assert caller.raw("GET", f"{at}?cursor={own}&page_size=3").status == 200
    for query in dealt(WRONG_QUERIES, turn):
        reply = caller.raw("GET", f"{at}?{query}")
        assert reply.refusal == (400, "invalid"), query
        assert len(reply.data["errors"]) == 1


def test_a_cursor_belongs_to_its_filters(newsroom: Newsroom) -> None:
    for number in range(4):
        newsroom.article(source="Courier" if number % 2 else "Herald")
    page = newsroom.vic.get("corpora/lake/articles/", page_size=1, source="Courier").data
    cursor = page["next"].split("cursor=")[1].split("&")[0]
    assert "source=Courier" in page["next"]
    for query in (f"cursor={cursor}", f"cursor={cursor}&source=Herald"):
        assert newsroom.vic.raw("GET", f"corpora/lake/articles/?{query}").refusal == (400, "invalid")
    assert newsroom.vic.raw("GET", f"corpora/lake/articles/?cursor={cursor}&source=Courier").status == 200
    assert newsroom.sam.raw("GET", f"corpora/sea/articles/?cursor={cursor}&source=Courier").refusal == (
        400,
        "invalid",
    )


def test_rows_that_come_and_go_shift_nothing(newsroom: Newsroom) -> None:
    rows = [str(newsroom.article().pk) for _ in range(6)]
    first = newsroom.max.get("corpora/lake/articles/", page_size=3).data
    assert ids(first["results"]) == rows[:3]
    newsroom.max.delete(f"articles/{rows[0]}/", 1)
    newsroom.max.delete(f"articles/{rows[3]}/", 1)
    new = str(newsroom.article().pk)
    second = newsroom.max.raw("GET", first["next"]).data
    assert ids(second["results"]) == [*rows[4:], new]
    assert ids(newsroom.max.raw("GET", second["previous"]).data["results"]) == rows[1:3]


def test_filters_of_articles(newsroom: Newsroom) -> None:
    day = "2026-03-0{}T00:00:00Z"
    made = [
        newsroom.article(
            title=f"Title {number}",
            source=("Courier", "Herald")[number % 2],
            language=("en", "de")[number % 2],
            story_key=("toll", "lock")[number // 2],
            external_id=f"a{number}",
        )
        for number in range(4)
    ]
    for number, article in enumerate(made):
        newsroom.max.patch(f"articles/{article.pk}/", {"published_at": day.format(number + 1)}, 1)
    pks = [str(article.pk) for article in made]
    cases: list[tuple[dict[str, str], list[int]]] = [
        ({}, [0, 1, 2, 3]),
        ({"source": "Courier"}, [0, 2]),
        ({"source": "courier"}, []),
        ({"language": "de"}, [1, 3]),
        ({"story_key": "lock"}, [2, 3]),
        ({"external_id": "a2"}, [2]),
        ({"status": "unassigned"}, [0, 1, 2, 3]),
        ({"status": "done"}, []),
        ({"published_after": day.format(2)}, [1, 2, 3]),
        ({"published_before": day.format(2)}, [0]),
        ({"published_after": day.format(2), "published_before": day.format(4)}, [1, 2]),
        ({"published_after": "2026-03-02T01:00:00+01:00"}, [1, 2, 3]),
        ({"published_after": "2026-03-02T00:00:00.000001Z"}, [2, 3]),
        ({"source": "Courier", "story_key": "lock"}, [2]),
        ({"actor": new_id()}, []),
        ({"search": "TITLE 3"}, [3]),
        ({"search": "herald"}, [1, 3]),
        ({"search": "A1"}, [1]),
    ]
    for query, expected in cases:
        assert ids(newsroom.vic.all("corpora/lake/articles/", **query)) == [
            pks[number] for number in expected
        ], query
    for query in (
        {"status": "open"}, {"published_after": "2026-03-01"}, {"published_after": "yesterday"},
        {"language": "x" * 36}, {"search": "x" * 256}, {"actor": "{" + new_id() + "}"}, {"actor": "x"},
        {"published_before": ""},
    ):  # fmt: skip
        reply = newsroom.vic.get("corpora/lake/articles/", **query)
        assert (reply.refusal, reply.pointers) == ((400, "invalid"), list(query)), query


SEARCHES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "İstanbul Boğazı": (
        ("istanbul".replace("i", "i\u0307", 1), "İSTANBUL", "boğaz", "BOĞAZ"),
        ("ISTANBULX",),
    ),
    "Straße nach Weißensee": (("strasse", "STRASSE", "straße", "weiss", "ẞ"), ("strase",)),
    "Ὀδυσσεύς ΣΊΣΥΦΟΣ": (
        ("ὀδυσσεύσ", "σίσυφος", "σισυφος", "ΣΊΣΥΦΟΣ", "ΣΥΦ", "ς", "sisyfos"),
        ("odysseusx",),
    ),
    "100%_ready \\ [a]": (("100%", "%_r", "\\ [", "[A]", "%"), ("100_", "1%y", "r__dy")),
    "Ærø ŒUVRE ﬁne": (("ærø", "œuvre", "FINE", "fi", "oeuvre", "AERO"), ("oevre",)),
    "Дом ПРАВИТЕЛЬСТВА": (("дом правительства", "ДОМ", "dom"), ("dim",)),
    "née Ré": (("NÉE", "ré", "ne\u0301e", "nee"), ("neee", "\u0301")),
    'O\'Neil "quoted"; --': (("o'neil", '"QUOTED"', "; --"), ("o''neil",)),
}


def test_search_knows_no_case_in_any_script(newsroom: Newsroom) -> None:
    """Folded in Python, so that both engines find the same."""
    made = {title: str(newsroom.article(title=title).pk) for title in SEARCHES}
    for title, (hits, misses) in SEARCHES.items():
        for typed in hits:
            assert made[title] in ids(newsroom.vic.all("corpora/lake/articles/", search=typed)), (
                title,
                typed,
            )
        for typed in misses:
            assert made[title] not in ids(newsroom.vic.all("corpora/lake/articles/", search=typed)), (
                title,
                typed,
            )
    assert len(newsroom.vic.all("corpora/lake/articles/", search="")) == len(made)


def test_search_looks_into_title_external_id_author_and_source(newsroom: Newsroom) -> None:
    fields = {"title": "Lock", "external_id": "x-17", "author": "Ed Itor", "source": "Courier"}
    article = newsroom.article("Nothing of it.", corpus=newsroom.lake, **fields)
    for typed in fields.values():
        assert ids(newsroom.vic.all("corpora/lake/articles/", search=typed.upper())) == [str(article.pk)]
    assert newsroom.vic.all("corpora/lake/articles/", search="Nothing") == []
    newsroom.max.patch(f"articles/{article.pk}/", {"title": "Bridge"}, 1)
    assert newsroom.vic.all("corpora/lake/articles/", search="lock") == []
    assert len(newsroom.vic.all("corpora/lake/articles/", search="bridge")) == 1


def test_filters_of_sets_and_spans(newsroom: Newsroom) -> None:
    opened, gold = newsroom.set("ann"), newsroom.approved("ben")
    actor, issue = newsroom.actor(), newsroom.proposition()
    linked = newsroom.ann.post(f"sets/{opened.pk}/spans/", span(actor=actor)).data["id"]
    stand = newsroom.ann.post(f"sets/{opened.pk}/spans/", span(70, 96, "position", proposition=issue)).data[
        "id"
    ]
    plain = str(gold.spans.get().pk)
    for query, expected in (
        ({"state": "open"}, [opened]), ({"state": "approved"}, [gold]), ({"owner": "ann"}, [opened]),
        ({"owner": "nobody"}, []), ({"reviewer": "rae"}, [gold]), ({"article": str(gold.article_id)}, [gold]),
        ({"kind": "annotation"}, [opened, gold]), ({"kind": "adjudication"}, []),
        ({"round": "calibration"}, []), ({"owner": "ben", "state": "open"}, []),
    ):  # fmt: skip
        assert ids(newsroom.rae.all("corpora/lake/sets/", **query)) == [str(row.pk) for row in expected], (
            query
        )
    for query, found in (
        ({"label": "position"}, [stand]), ({"actor": actor}, [linked]), ({"proposition": issue}, [stand]),
        ({"state": "approved"}, [plain]), ({"article": str(opened.article_id)}, [linked, stand]),
        ({"article": new_id()}, []),
    ):  # fmt: skip
        assert sorted(ids(newsroom.rae.all("corpora/lake/spans/", **query))) == sorted(found), query
    for query in ({"actor": actor}, {"proposition": issue}):
        assert ids(newsroom.rae.all("corpora/lake/articles/", **query)) == [str(opened.article_id)]
        assert newsroom.ben.all("corpora/lake/articles/", **query) == []  # he does not see ann's set
    for path, query in (
        ("sets", {"state": "done"}),
        ("sets", {"kind": "gold"}),
        ("spans", {"label": "place"}),
    ):
        assert newsroom.rae.get(f"corpora/lake/{path}/", **query).refusal == (400, "invalid")
    topic = newsroom.topic()
    assert (
        newsroom.ann.post("corpora/lake/propositions/", {"text": "B", "kind": "issue", "topic": topic}).status
        == 201
    )
    assert [each["text"] for each in newsroom.vic.all("corpora/lake/propositions/", topic=topic)] == ["B"]
    assert [each["id"] for each in newsroom.vic.all("corpora/lake/propositions/", status="accepted")] == [
        issue
    ]


@pytest.mark.parametrize("path", ["me/", "corpora/lake/", "corpora/lake/stats/"])
def test_parameters_where_there_are_none(newsroom: Newsroom, path: str) -> None:
    for query in ("x=1", "=", "page_size=2", "format=json"):
        assert newsroom.max.raw("GET", f"{path}?{query}").refusal == (400, "invalid")
