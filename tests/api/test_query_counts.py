"""How many queries an address costs, and that more rows cost no more of them.

A list without its row fails. Only what reads or writes rows is counted: savepoints and locks differ
between the engines and between a test and the service.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations.api.operations import OperationTables
from annotations.api.urls import urlpatterns
from annotations.enums import Scope
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    CarryItem,
    EntryKind,
    FeedType,
    Role,
    Span,
    Webhook,
)
from annotations.services import job_runner, releases
from annotations.services.core import access_tokens, comments, corpora, relations
from annotations.services.correction import revisions
from annotations.services.feeds import addresses
from annotations.services.registry import affiliations, entries, merges
from annotations.services.search import saved
from annotations.services.team import assignments, invitations
from annotations.services.webhooks import deliveries, subscriptions
from annotations.visibility import get_visible_row
from tests import factories
from tests.api.matrix import routes
from tests.newsroom import TEXT, Caller, Newsroom, Reply, span
from tests.statements import approve_position

PROVES = False  # the data of these tests is proved by others

#: Three more rows of each kind show growth as well as thirty.
FEW, MANY = 3, 6
#: Long enough for hashes, none of which another article has.
LONG_TEXT = " ".join(f"word{number}" for number in range(600))
ROWS = (
    "SELECT",
    "(SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "WITH",
    "COPY",
)  # PostgreSQL puts a union into brackets

#: Every list: the route, what fills it, and what a page costs. The token costs the first query.
IS_SQLITE = connection.vendor == "sqlite"
#: The index of words takes two statements on SQLite, and one COPY on PostgreSQL. How common a word is asks a
#: query of SQLite, and of PostgreSQL its estimate, which is not counted.
INDEXING = 2 if IS_SQLITE else 1

#: What only a session sees.
BY_SESSION = ("tokens/", "corpora/<slug:slug>/feeds/")
LISTS: dict[str, tuple[str, int]] = {
    "tokens/": ("tokens/", 3),
    "corpora/": ("corpora/", 2),
    "corpora/<slug:slug>/members/": ("corpora/lake/members/", 3),
    "corpora/<slug:slug>/articles/": ("corpora/lake/articles/", 3),
    "corpora/<slug:slug>/sets/": ("corpora/lake/sets/", 3),
    "corpora/<slug:slug>/spans/": ("corpora/lake/spans/", 3),
    "corpora/<slug:slug>/events/": ("corpora/lake/events/", 4),
    "corpora/<slug:slug>/search/": ("corpora/lake/search/?q=lock&facets=true", 13 if IS_SQLITE else 12),
    "corpora/<slug:slug>/searches/": ("corpora/lake/searches/", 3),
    "corpora/<slug:slug>/webhooks/": ("corpora/lake/webhooks/", 3),
    "webhooks/<uuid:pk>/deliveries/": ("webhooks/{webhook}/deliveries/", 3),
    "corpora/<slug:slug>/merges/": ("corpora/lake/merges/", 3),
    "corpora/<slug:slug>/actors/": ("corpora/lake/actors/", 5),
    "corpora/<slug:slug>/actors/suggest/": ("corpora/lake/actors/suggest/?q=a", 6),
    "corpora/<slug:slug>/duplicates/": ("corpora/lake/duplicates/", 7),
    "actors/<uuid:pk>/affiliations/": ("actors/{busy}/affiliations/", 3),
    "corpora/<slug:slug>/topics/": ("corpora/lake/topics/", 3),
    "corpora/<slug:slug>/propositions/": ("corpora/lake/propositions/", 3),
    "corpora/<slug:slug>/positions/": ("corpora/lake/positions/", 3),
    "corpora/<slug:slug>/stories/": ("corpora/lake/stories/", 3),
    "corpora/<slug:slug>/feeds/": ("corpora/lake/feeds/", 4),
    "corpora/<slug:slug>/releases/": ("corpora/lake/releases/", 4),
    "corpora/<slug:slug>/carry-items/": ("corpora/lake/carry-items/", 3),
    "articles/<uuid:pk>/revisions/": ("articles/{revised}/revisions/", 3),
    "articles/<uuid:pk>/sets/": ("articles/{shared}/sets/", 3),
    "sets/<uuid:pk>/spans/": ("sets/{full}/spans/", 3),
    "sets/<uuid:pk>/relations/": ("sets/{full}/relations/", 3),
    "sets/<uuid:pk>/comments/": ("sets/{full}/comments/", 3),
    "sets/<uuid:pk>/history/": ("sets/{full}/history/", 3),
    "sets/<uuid:pk>/decisions/": ("sets/{settling}/decisions/", 3),
    "articles/<uuid:pk>/history/": ("articles/{revised}/history/", 4),
    "corpora/<slug:slug>/stuck/": ("corpora/lake/stuck/", 3),
    "corpora/<slug:slug>/invitations/": ("corpora/lake/invitations/", 3),
    "notifications/": ("notifications/", 2),
}

#: What people wait for while they work: who, method, address, body, whether a version goes along, queries.
HOT: dict[str, tuple[str, str, str, Any, int]] = {
    "open a set": ("ann", "GET", "sets/{full}/", None, 5),
    "its problems": ("ann", "GET", "sets/{full}/problems/", None, 5),
    "what changed of them": ("ann", "GET", "sets/{full}/problems/changes/", None, 5),
    "what changed in it": ("ann", "GET", "sets/{full}/changes/", None, 3),
    "add a span": ("ann", "POST", "sets/{full}/spans/", span(50, 54), 7),
    "add ten spans": (
        "ann",
        "POST",
        "sets/{full}/spans/",
        [span(5 * i, 5 * i + 9) for i in range(9)],
        7,
    ),
    "add a comment": ("ann", "POST", "sets/{full}/comments/", {"text": "So?"}, 6),
    "change a span": ("ann", "PATCH", "spans/{span}/", {"end": 3}, 10),
    "delete a span": ("ann", "DELETE", "spans/{span}/", None, 13),  # items forget it
    "submit": ("ann", "POST", "sets/{full}/submit/", {}, 17),
    "an article": ("ann", "GET", "articles/{shared}/", None, 2),
    "its text": ("ann", "GET", "articles/{shared}/text/", None, 3),
    "stats": ("max", "GET", "corpora/lake/stats/", None, 5),
    "who am I": ("ann", "GET", "me/", None, 2),
    "take work": ("ben", "POST", "corpora/lake/queue/", {"task": "annotate"}, 19),
    "take a review": ("rae", "POST", "corpora/lake/queue/", {"task": "review"}, 23),
    "store an article": ("max", "POST", "corpora/lake/articles/", {"text": "A b."}, 8 + INDEXING),
    "store a long one": ("max", "POST", "corpora/lake/articles/", {"text": LONG_TEXT}, 9 + INDEXING),
    "the matrix": ("max", "GET", "corpora/lake/matrix/", None, 5),
    "changes of mind": ("max", "GET", "corpora/lake/changes/", None, 5),
    "who is quoted": ("max", "GET", "corpora/lake/quoted/", None, 5),
    "a network": ("max", "GET", "corpora/lake/network/?mode=bipartite", None, 5),
    "a cell's quotes": ("max", "GET", "corpora/lake/positions/?row={speaker}&column={issue}", None, 3),
    "find an actor by a part of its name": ("ann", "GET", "corpora/lake/actors/suggest/?q=orn", None, 8),
    "find an actor by a near spelling": ("ann", "GET", "corpora/lake/actors/suggest/?q=Lorm", None, 6),
    "preview a merge": ("max", "POST", "actors/{busy}/merge/?preview=true", {"into": "{speaker}"}, 16),
    "add an actor": ("ann", "POST", "corpora/lake/actors/", {"name": "Norland", "kind": "state"}, 12),
    "add one like another": ("ann", "POST", "corpora/lake/actors/", {"name": "Lorn", "kind": "state"}, 19),
}


class Crowd:
    """A corpus that grows: a call of ``grow`` adds one row to every list."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.max, self.ann = newsroom.user("max"), newsroom.user("ann")
        self.lake = factories.seen_by(self.max, newsroom.lake)
        self.revised = newsroom.article()
        self.shared = newsroom.article(annotators=100)
        self.full = newsroom.set("ann", newsroom.article("word " * 100))
        self.actor = factories.make_span(self.full, start=0, end=4)
        self.claim = factories.make_span(self.full, "claim", 5, 49)
        self.settling = newsroom.adjudication()
        self.busy, _ = entries.add_actor(self.max, self.lake, {"name": "Busy", "kind": "person"})
        self.speaker, self.issue = newsroom.actor("Lorn"), newsroom.proposition("A lock")
        self.webhook = self.add_webhook()
        self.size = 0

    def add_webhook(self) -> Webhook:
        values = {"url": "https://192.0.9.1/", "events": ["article.added"]}
        return subscriptions.create_webhook(self.max, self.lake, values)[0]

    def grow(self) -> None:
        n = self.size = self.size + 1
        newsroom, by = self.newsroom, self.max
        revisions.add_revision(by, self.revised.pk, f"Text number {n}.", "Newer.")
        make_carry_item(newsroom)
        newsroom.article(f"Copied text number {n}."), newsroom.article(f"Copied text number {n}.")
        factories.make_set(self.shared)
        newsroom.submitted("ben")
        row = newsroom.set("ann")
        factories.make_span(row)
        target = factories.make_span(self.full, start=100 + 5 * n, end=104 + 5 * n)
        link = relations.RelationDraft(type="about", source_id=self.claim.pk, target_id=target.pk)
        relations.add_relations(self.ann, self.full.pk, [link])
        comments.add_comment(self.ann, self.full.pk, comments.CommentDraft(text="So?", span_id=target.pk))
        names = [{"text": f"A {n}"}, {"text": f"The A {n}"}]
        ada, _ = entries.add_actor(by, self.lake, {"name": f"Ada {n}", "kind": "person", "aliases": names})
        busy = get_visible_row(by, Actor.objects.select_related("corpus"), pk=self.busy.pk)
        affiliations.add_affiliation(by, busy, {"organisation_id": ada.pk, "kind": "member"})
        topic = entries.add_topic(by, self.lake, {"name": f"Topic {n}"})[0]
        entries.add_proposition(by, self.lake, {"text": f"Toll {n}", "kind": "issue", "topic_id": topic.pk})
        old = entries.add_topic(by, self.lake, {"name": f"Old topic {n}"})[0]
        merges.merge_entry(by, EntryKind.TOPIC, old.pk, {"into": topic.pk, "reason": "One."}, version=1)
        saved.save_search(by, self.lake, {"name": f"Search {n}", "query": "toll", "filters": {}})
        corpora.add_member(by, newsroom.lake.pk, factories.make_user(), Role.VIEWER)
        corpora.add_member(
            newsroom.user("sam"), factories.make_corpus(manager=newsroom.user("sam")).pk, by, Role.VIEWER
        )
        access_tokens.create_token(by, f"token {n}", [Scope.READ])
        addresses.create_address(by, self.lake, FeedType.QUOTES)
        job_runner.make_release(
            by, newsroom.lake, releases.ReleaseRequest(sets="none", filter={"external_id": "none"})
        )
        newsroom.article()
        for _ in range(2):
            newsroom.article(f"Two papers print text number {n}.")
        approve_position(newsroom, self.speaker, self.issue)
        assignments.assign_article(newsroom.user("ada"), newsroom.article().pk, owner=by)
        invitations.create_invitation(by, self.lake, Role.VIEWER)
        self.add_webhook()
        deliveries.send_test(by, self.webhook.pk)
        self.newsroom.decision(self.settling)
        self.newsroom.nothing_happens()

    def fill(self, body: Any) -> Any:
        """The body with the ids that it names in braces."""
        if not isinstance(body, dict):
            return body
        return {key: self.at(value) if isinstance(value, str) else value for key, value in body.items()}

    def at(self, address: str) -> str:
        return address.format(
            revised=self.revised.pk,
            shared=self.shared.pk,
            full=self.full.pk,
            span=self.actor.pk,
            settling=self.settling.pk,
            busy=self.busy.pk,
            webhook=self.webhook.pk,
            speaker=self.speaker,
            issue=self.issue,
        )


@pytest.fixture
def crowd(newsroom: Newsroom) -> Crowd:
    found = Crowd(newsroom)
    for _ in range(FEW):
        found.grow()
    return found


def make_carry_item(newsroom: Newsroom) -> CarryItem:
    """A mark of ann's whose sentence was corrected."""
    row = newsroom.set("ann")
    factories.make_span(row)
    text = TEXT.replace("is opposed", "never was opposed")
    revisions.add_revision(newsroom.user("max"), row.article_id, text, "Typo.")
    return CarryItem.objects.get(set__based_on=row)


def counted(ask: Callable[[], Reply]) -> tuple[list[str], Reply]:
    """The statements of a request that read or write rows; what it writes is taken back."""
    before = transaction.savepoint()
    with CaptureQueriesContext(connection) as captured:
        reply = ask()
    transaction.savepoint_rollback(before)
    # Django writes "2 times: INSERT …" for an executemany
    statements = [query["sql"].split(" times: ")[-1] for query in captured.captured_queries]
    return [sql for sql in statements if sql.startswith(ROWS) and "pg_advisory" not in sql], reply


def lists() -> set[str]:
    """The routes that answer a list."""
    found = set()
    for each in urlpatterns:
        view: Any = getattr(each.callback, "view_class", None)
        answer = (
            view.responses.get("GET")
            if isinstance(view, type) and issubclass(view, OperationTables)
            else None
        )
        if getattr(answer, "shape", None) in ("page", "own-page", "list"):
            found.add(str(each.pattern))
    return found


def cost_of_lists(crowd: Crowd) -> dict[str, int]:
    found = {}
    session = Caller.with_session(crowd.newsroom.user("max"))
    for route, (address, _) in LISTS.items():
        caller = session if route in BY_SESSION else crowd.newsroom.max
        statements, reply = counted(partial(caller.raw, "GET", crowd.at(address)))
        assert reply.status == 200, (route, reply)
        results = reply.data if isinstance(reply.data, list) else reply.data["results"]
        assert len(results) >= min(crowd.size, 20), (route, len(results))
        for sql in statements:
            # a search shows the words around its hits, and so has to read the texts of its page
            assert '"annotations_revision"."text"' not in sql or "search/" in route, (route, sql)
            assert '"guideline",' not in sql or route == "corpora/", (route, sql)
        found[route] = len(statements)
    return found


def cost_of_work(crowd: Crowd) -> dict[str, int]:
    found = {}
    for name, (who, method, address, body, _) in HOT.items():
        at = crowd.at(address)
        version = None
        if method in ("PATCH", "DELETE"):
            version = Span.objects.get(pk=crowd.actor.pk).version
        elif at.endswith("submit/"):
            version = crowd.newsroom.fresh(crowd.full).version
        caller = crowd.newsroom[who]
        statements, reply = counted(partial(caller.call, method, at, crowd.fill(body), version=version))
        assert reply.status < 300, (name, reply)
        if "queue" in at:
            assert reply.data["set"], (name, reply)
        found[name] = len(statements)
    return found


def test_every_list_has_its_row() -> None:
    assert lists() == set(LISTS)
    assert set(LISTS) <= set(routes())


def test_the_cost_does_not_grow(crowd: Crowd) -> None:
    expected = {name: row[-1] for table in (LISTS, HOT) for name, row in table.items()}
    assert cost_of_lists(crowd) | cost_of_work(crowd) == expected
    while crowd.size < MANY:
        crowd.grow()
    assert cost_of_lists(crowd) | cost_of_work(crowd) == expected


def test_the_last_page_costs_what_the_first_one_costs(newsroom: Newsroom) -> None:
    for _ in range(7):
        newsroom.article()
    first, reply = counted(lambda: newsroom.max.get("corpora/lake/articles/", page_size=2))
    while reply.data["next"]:
        last, reply = counted(partial(newsroom.max.raw, "GET", reply.data["next"]))
        assert len(last) == len(first)
        assert not any("OFFSET" in sql for sql in last)


def test_a_set_of_a_thousand_spans_is_opened_like_a_small_one(newsroom: Newsroom) -> None:
    text = "a b " * 1000
    row = newsroom.set(article=newsroom.article(text))
    newsroom.ann.get("me/")
    small, _ = counted(lambda: newsroom.ann.get(f"sets/{row.pk}/"))
    many = [span(4 * i, 4 * i + 1) for i in range(1000)]
    added, reply = counted(lambda: newsroom.ann.post(f"sets/{row.pk}/spans/", many))
    assert (reply.status, len(reply.data)) == (201, 1000)
    assert len(added) <= 40  # SQLite takes so many values at a time
    newsroom.ann.post(f"sets/{row.pk}/spans/", many)
    large, reply = counted(lambda: newsroom.ann.get(f"sets/{row.pk}/"))
    assert len(reply.data["spans"]) == 1000
    assert len(large) == len(small)
    assert Article.objects.count() == AnnotationSet.objects.count() == 1
