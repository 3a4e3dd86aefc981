"""Who may do what at every address: one table, and no address without its rows.

Each row says for one route and method what each person is answered, and which scopes a token needs.
A route or method that is missing here fails the test, and so does a row that no route has.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from django.test import Client

from annotations.enums import Scope
from annotations.models import Corpus, Role
from annotations.services.core import corpora
from tests import factories
from tests.api.matrix import address, ask, present, routes
from tests.api.matrix_rows import MISSING, OPEN_TO_ALL, ROWS, UNARCHIVED
from tests.api.resources import NAMES, Resources
from tests.newsroom import API, PERSONAS, Caller, Newsroom, Reply
from tests.speed import shared_rows

PROVES = False  # the data of these tests is proved by others

FEED, EMBED = "GET corpora/<slug:slug>/feed/", "GET quotes/<uuid:pk>/embed.html"
KEPT = frozenset({FEED, EMBED})
#: What has files.
WITH_FILES = frozenset({"release", "file", "job", "export"})


def make_things(newsroom: Newsroom) -> Resources:
    """Make everything in ``lake`` but files, which no rolled back transaction brings back."""
    factories.make_user("newcomer")
    found = Resources(newsroom, newsroom.lake, "max", "ann", "rae")
    assert all(found[name] for name in NAMES if name not in WITH_FILES)
    empty = Corpus.objects.get(slug=found["empty"])
    for name in ("ann", "ben", "rae", "vic"):
        role = Role(newsroom.lake.memberships.get(user=newsroom.user(name)).role)
        corpora.add_member(newsroom.user("max"), empty.pk, newsroom.user(name), role)
    return found


@pytest.fixture(scope="module")
def stored_things(stored_newsroom: Newsroom, django_db_blocker: Any) -> Iterator[Resources]:
    """Everything in ``lake``, for all tests of this module."""
    yield from shared_rows(django_db_blocker, lambda: make_things(stored_newsroom))


@pytest.fixture
def things(newsroom: Newsroom, stored_things: Resources) -> Resources:
    """Everything in ``lake``."""
    return copy.deepcopy(stored_things).whole()


def test_every_method_of_every_route_has_its_row() -> None:
    found = {f"{method} {route}" for route, methods in routes().items() for method in methods}
    assert found - set(ROWS) == set(), "say in ROWS who may do this"
    assert set(ROWS) - found == set(), "these rows are of no route"


def one_of_each(key: str, turn: int) -> dict[str, str]:
    """For each answer of a row one of those who get it, beginning with another person at each turn."""
    pairs = list(zip(PERSONAS, ROWS[key].statuses.split(), strict=True))
    first = turn % len(pairs)
    return {expected: who for who, expected in (*pairs[first:], *pairs[:first])}


#: Whether everybody asks, or one of those who are answered the same: who that is, is decided in one place.
IN_FULL = pytest.mark.parametrize(
    "in_full", [pytest.param(False, id="in-turn"), pytest.param(True, id="in-full", marks=pytest.mark.slow)]
)


@IN_FULL
def test_every_status_is_as_the_table_says(newsroom: Newsroom, things: Resources, in_full: bool) -> None:
    wrong = []
    for turn, key in enumerate(present()):
        chosen = set(PERSONAS if in_full else one_of_each(key, turn).values())
        headed = key.startswith("GET") and not ROWS[key].session
        for who, expected in zip(PERSONAS, ROWS[key].statuses.split(), strict=True):
            if who not in chosen:
                continue
            reply = ask(newsroom[who], key, things)
            if str(reply.status) != expected:
                wrong.append(f"{who}: {key} is {reply.status}, not {expected}: {reply.content[:300]!r}")
                continue
            if reply.status >= 400:
                assert reply.code in ("role", "not-found", "unauthenticated", "scope"), reply
                if reply.status == 403:
                    assert reply.code == ("scope" if ROWS[key].session else "role"), (who, key, reply)
            check_headers(key, reply)
            if headed and reply.status < 300:
                check_head(newsroom[who], address(key, things), reply)
                headed = False
    assert wrong == []


def check_headers(key: str, reply: Reply) -> None:
    """No answer is kept by a cache or runs as a page."""
    assert reply.headers["X-Request-ID"], key
    assert reply.headers["X-Content-Type-Options"] == "nosniff", key
    policy = reply.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy, key
    # readers of feeds ask whether something changed, and the page of a quote is a page
    is_kept = key in KEPT and reply.status < 300
    assert ("no-store" in reply.headers["Cache-Control"]) != is_kept, key
    assert "sandbox" in policy or (key == EMBED and is_kept), key


def check_head(caller: Caller, at: str, got: Reply) -> None:
    """HEAD is GET without content."""
    head = caller.raw("HEAD", at)
    assert (head.status, head.content) == (got.status, b""), at
    assert head.headers.get("ETag") == got.headers.get("ETag"), at


@IN_FULL
def test_what_is_of_others_does_not_exist(newsroom: Newsroom, things: Resources, in_full: bool) -> None:
    """A thing of a corpus that one is not a member of gets the very answer of no thing at all."""
    ed, joe = factories.make_user("ed"), factories.make_user("joe")
    corpora.add_member(newsroom.user("sam"), newsroom.sea.pk, ed, Role.ANNOTATOR)
    corpora.add_member(newsroom.user("sam"), newsroom.sea.pk, joe, Role.REVIEWER)
    newsroom.callers |= {"ed": Caller(ed), "joe": Caller(joe)}
    foreign = Resources(newsroom, newsroom.sea, "sam", "ed", "joe").whole()
    nothing = dict.fromkeys(NAMES, MISSING) | {"corpus": "nowhere", "empty": "nowhere"}
    for turn, key in enumerate(present()):
        if not ROWS[key].at or ROWS[key].session:
            continue
        for who in ("ann", "max") if in_full else (("ann", "max")[turn % 2],):
            # each part of the address in turn, with the others as they are
            for place in range(len(ROWS[key].at)):
                name = ROWS[key].at[place]
                if name == "number":  # it counts within an article, and is no thing of a corpus
                    continue
                replies = [
                    ask(newsroom[who], key, {**things, name: other[name]}, version=1)
                    for other in (foreign, nothing)
                ]
                assert [reply.status for reply in replies] == [404, 404], (who, key, name, replies)
                assert replies[0].content == replies[1].content, (who, key)
                assert str(replies[0].headers.get("Allow")) == str(replies[1].headers.get("Allow"))


@IN_FULL
def test_every_scope_is_as_the_table_says(newsroom: Newsroom, things: Resources, in_full: bool) -> None:
    let_in_somewhere = {who for key in present() for who in ROWS[key].scopes}
    callers = {
        (who, scope): Caller(newsroom.user(who), [scope]) for who in let_in_somewhere for scope in Scope
    }
    for turn, key in enumerate(present()):
        for who, needed in ROWS[key].scopes.items():
            others = [scope for scope in Scope if scope not in needed.split()]
            chosen = Scope if in_full else (*needed.split()[:1], *others[turn % max(1, len(others)) :][:1])
            for scope in map(Scope, chosen):
                reply = ask(callers[who, scope], key, things)
                let_in = reply.status < 300
                assert let_in == (scope in needed.split()), (key, who, scope, reply)
                if not let_in:
                    assert reply.refusal == (403, "scope"), (key, who, scope, reply)
                    assert reply.data["needed"]


def test_no_write_takes_a_token_that_reads() -> None:
    writing = {key for key in ROWS if not key.startswith("GET")}
    reading = {key for key in writing for needed in ROWS[key].scopes.values() if "read" in needed.split()}
    assert reading == {
        # it writes a file for its caller, and nothing of the corpus: what export/ does, done later
        "POST corpora/<slug:slug>/exports/",
        # a question with more external ids than an address holds
        "POST corpora/<slug:slug>/articles/status/",
    }


def test_no_token_makes_a_manager(newsroom: Newsroom) -> None:
    at = "corpora/lake/"
    ways: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("POST", f"{at}invitations/", {}),
        ("POST", f"{at}members/", {"username": "sam"}),
        ("PATCH", f"{at}members/rae/", {}),
    )
    session = Caller.with_session(newsroom.user("max"))
    for method, path, body in ways:
        sent = {**body, "role": "manager"}
        for who in ("max", "ada"):
            reply = newsroom[who].call(method, path, sent, version=1)
            assert (reply.refusal, reply.data["needed"]) == ((403, "scope"), []), (path, reply)
            assert "sign in" in reply.data["detail"]
        assert session.call(method, path, sent, version=1).status in (200, 201), path
    others = {"members/": {"username": "clerk"}, "invitations/": {}}
    factories.make_user("clerk")
    for path, body in others.items():
        assert newsroom.max.post(f"{at}{path}", {**body, "role": "reviewer"}).status == 201, path
    assert newsroom.max.patch(f"{at}members/ann/", {"role": "reviewer"}, 1).status == 200


def test_tokens_are_made_and_shown_in_sessions_only(newsroom: Newsroom) -> None:
    for who in PERSONAS[:-1]:
        caller = Caller.with_session(newsroom.user(who))
        assert caller.get("tokens/").status == 200
        made = caller.post("tokens/", {"name": "mine", "scopes": ["read"]})
        assert made.status == 201
        own = f"tokens/{made.data['id']}/"
        assert caller.get(own).status == 200
        other = Caller.with_session(newsroom.user("max" if who != "max" else "ada"))
        assert other.get(own).content == other.get(f"tokens/{MISSING}/").content
        assert other.get(own).status == other.delete(own).status == 404
        assert caller.delete(own).status == 204
        assert caller.get(own).status == 404


def test_a_session_may_do_what_its_person_may(newsroom: Newsroom, things: Resources) -> None:
    callers = {who: Caller.with_session(newsroom.user(who)) for who in ("ann", "rae", "max")}
    for key in present():
        if ROWS[key].session:
            continue
        statuses = dict(zip(PERSONAS, ROWS[key].statuses.split(), strict=True))
        # for each answer one of those who get it: what tokens get is asked of everybody
        for expected, who in {statuses[who]: who for who in callers}.items():
            # a browser sends no token of forms when it reads
            callers[who].client.handler.enforce_csrf_checks = key.startswith("GET")
            assert str(ask(callers[who], key, things).status) == expected, (who, key)


def test_a_session_writes_nothing_without_its_csrf_token(newsroom: Newsroom, things: Resources) -> None:
    caller = Caller(enforce_csrf_checks=True)
    caller.client.force_login(newsroom.user("max"))
    for key in present():
        if not key.startswith("GET"):
            assert ask(caller, key, things).refusal == (403, "csrf"), key


def test_other_methods_are_refused_everywhere(newsroom: Newsroom, things: Resources) -> None:
    known = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
    caller = Caller.with_session(newsroom.user("max"))
    for route, methods in routes().items():
        key = next(key for key in ROWS if key.split()[1] == route)
        at = address(key, things).split("?", 1)[0]
        for method in set(known) - methods:
            reply = caller.raw(method, at)
            assert reply.refusal == (405, "method-not-allowed"), (method, route, reply)
            assert set(reply.headers["Allow"].split(", ")) >= methods, (method, route)
        options = caller.raw("OPTIONS", at)
        assert (options.status, options.content) == (204, b"")
        assert set(options.headers["Allow"].split(", ")) >= methods


def test_what_is_open_to_all(db: None) -> None:
    for at in (*(f"{API}{each}" for each in OPEN_TO_ALL), "/healthz", "/readyz"):
        assert Client().get(at).status_code == 200, at


def test_unknown_addresses(newsroom: Newsroom) -> None:
    known = newsroom.max.get(f"sets/{MISSING}/").content
    for who in PERSONAS:
        for at in ("nothing/", "nothing", "sets/5/", "sets/x/spans/", "sets/x", "releases/", "sets//"):
            for method in ("GET", "POST", "DELETE"):
                reply = newsroom[who].raw(method, at)
                assert reply.refusal == (404, "not-found"), (who, at, reply)
                assert reply.content == known


def test_an_address_without_its_last_slash_says_so(newsroom: Newsroom, things: Resources) -> None:
    known = newsroom.max.get(f"sets/{MISSING}/").data
    said, methods = set(), cycle(("GET", "HEAD", "POST", "OPTIONS"))
    for key in present():
        at, _, query = address(key, things).partition("?")
        if not at.endswith("/"):
            continue  # the file of a release has a name
        # one view answers whatever no other does: of each address one method is asked
        for who, method in (("max", "GET"), ("anonymous", next(methods))):
            reply = newsroom[who].raw(method, f"{at.removesuffix('/')}?{query}")
            assert reply.status == 404, (method, at, reply)
            if method != "HEAD":
                assert {**reply.data, "detail": known["detail"]} == known
                said.add(reply.data["detail"])
    assert len(said) == 1, "and nothing of what is stored"
    assert "“/”" in said.pop()


@IN_FULL
def test_an_archived_corpus_is_seen_as_before_and_written_by_nobody(
    newsroom: Newsroom, things: Resources, in_full: bool
) -> None:
    Corpus.objects.filter(slug__in=("lake", "empty-lake")).update(archived=True)
    for turn, key in enumerate(present()):
        each = ROWS[key]
        if key in UNARCHIVED or each.session:
            continue
        chosen = set(PERSONAS if in_full else one_of_each(key, turn).values())
        for who, expected in zip(PERSONAS, each.statuses.split(), strict=True):
            writes = expected < "300" and not key.startswith("GET")
            if expected == "401" or who not in chosen:
                continue
            reply = ask(newsroom[who], key, things)
            if writes:
                assert reply.refusal == (409, "not-allowed-now"), (who, key, reply)
                assert (reply.data["state"], reply.data["allowed"]) == ("archived", [])
            else:
                assert str(reply.status) == expected, (who, key, reply)
