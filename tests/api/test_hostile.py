"""What attackers send: names of columns, fields that are not theirs, bodies and texts that break things."""

from __future__ import annotations

import io
import json
import time
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from django.apps import apps

from annotations.api.operations import OperationTables, RequestBodySpec
from annotations.api.urls import urlpatterns
from annotations.models import Actor, AnnotationSet, Article, Comment, Event
from tests.api.matrix import address, filled, stored_version
from tests.api.matrix_rows import ROWS
from tests.api.resources import Resources
from tests.api.test_query_counts import BY_SESSION, LISTS
from tests.newsroom import Caller, Newsroom, new_id, span
from tests.text.test_strictjson import SYNTAX

PROVES = False  # the data of these tests is proved by others

ARTICLES = "corpora/lake/articles/"


# --- S4: no name of a column leaks through a parameter ------------------------------------

LEAKS = [
    "created_by__password__startswith",
    "owner__password__startswith",
    "owner__password",
    "author__password__regex",
    "assignee__auth_token__key__regex",
    "corpus__members__email__icontains",
    "corpus__memberships__user__email",
    "history__user__is_superuser",
    "owner__is_superuser",
    "_connector",
    "_negated",
    "__class__",
    "pk__in",
    "id__gt",
    "search_key__contains",
    "corpus",
    "corpus_id",
    "blind",
    "set__blind",
    "set__owner__username",
    "ordering",
    "order_by",
    "fields",
    "values",
    "include",
    "expand",
    "format",
    "version",
    "limit",
    "offset",
    "page",
    'a"b',
    "a.b",
    "a'b",
    "a;b",
    "owner[]",
    "owner__username",
    "state__in",
    "or",
    "filter",
    "query",
    "\u202e",
    "x" * 1000,
]


def test_s4_unknown_parameters_are_all_alike(newsroom: Newsroom, things: Resources) -> None:
    def asked(caller: Caller, at: str, value: str, *names: str) -> set[tuple[int, str, str]]:
        required = {"q": "toll"} if at.endswith("/search/") else {}
        reply = caller.raw("GET", f"{at}?{urlencode({**required, **dict.fromkeys(names, value)})}")
        faults = reply.data["errors"]
        assert [fault["parameter"] for fault in faults] == list(names)
        return {(reply.status, fault["code"], fault["detail"]) for fault in faults}

    for route, (path, _) in LISTS.items():
        whole = path.format(
            revised=things["article"],
            shared=things["article"],
            full=things["open"],
            settling=things["adjudication"],
            busy=things["actor"],
            webhook=things["webhook"],
        )
        at = whole.split("?")[0]
        caller = newsroom.max if route not in BY_SESSION else Caller.with_session(newsroom.user("max"))
        known = caller.get(at, nonsense="1").data["errors"][0]["detail"]
        if at.endswith("suggest/"):
            continue
        nonsense = asked(caller, at, "1", "nonsense")
        assert {status for status, _, _ in nonsense} == {400}
        unknown = [name for name in LEAKS if not (f" {name}," in known or known.endswith(f" {name}."))]
        # also the value decides nothing: whoever asks twice learns no more
        for value in ("1", "md5$"):
            assert asked(caller, at, value, *unknown) == nonsense, (at, value)


# --- S11: mass assignment -----------------------------------------------------------------

PRIVILEGED = (
    "id",
    "pk",
    "corpus",
    "corpus_id",
    "status",
    "state",
    "version",
    "created_by",
    "approved_by",
    "approved_at",
    "role",
    "is_staff",
    "is_superuser",
    "deleted_at",
    "owner",
    "owner_id",
    "reviewer",
    "user",
    "user_id",
    "password",
    "blind",
    "imported",
    "search_key",
    "folded_name",
    "digest",
    "sha256",
    "length",
    "span_counts",
    "origin",
    "merged_into",
    "guideline_version",
    "based_on",
    "_state",
    "__class__",
    "my_role",
)


def test_s11_nothing_is_written_that_is_not_asked_for(newsroom: Newsroom, things: Resources) -> None:
    columns = {
        field.name
        for model in apps.get_app_config("annotations").get_models()
        for field in model._meta.fields
    }
    views: dict[str, type[OperationTables]] = {
        str(each.pattern): getattr(each.callback, "view_class", OperationTables) for each in urlpatterns
    }
    things.whole()
    told = Event.objects.count()
    # as many as a refusal names: of the columns of all models each address gets some, in turn
    others = sorted(columns - set(PRIVILEGED))
    dealt = cycle(others[start : start + 20] for start in range(0, len(others), 20))
    for key, row in ROWS.items():
        method, route = key.split()
        declared = views[route].request_bodies.get(method)
        shape = declared.content if isinstance(declared, RequestBodySpec) else declared
        if row.body is None or shape is None:
            continue
        taken = {name for name, field in shape().fields.items() if not field.read_only}
        caller = (
            Caller.with_session(newsroom.user("max")) if row.session else newsroom[next(iter(row.scopes))]
        )
        version = stored_version(row, things) if row.version else None
        body = filled(row.body, things)
        for some in (PRIVILEGED[:20], PRIVILEGED[20:], next(dealt)):
            names = sorted(set(some) - taken)
            sent = {**body, **dict.fromkeys(names)}
            reply = caller.call(method, address(key, things), sent, version=version)
            assert reply.refusal == (400, "invalid"), (key, names, reply)
            assert sorted(reply.pointers) == [f"/{name}" for name in names], key
            assert {error["code"] for error in reply.data["errors"]} <= {"unknown-field", "read-only"}
    assert Event.objects.count() == told


# --- S17: JSON -----------------------------------------------------------------------------


def test_s17_what_is_no_json(newsroom: Newsroom) -> None:
    for body in SYNTAX:
        if body.strip():
            assert newsroom.rae.raw("POST", "corpora/lake/topics/", body).refusal == (400, "invalid"), body


def test_s17_json_that_is_large_in_one_way(newsroom: Newsroom, things: Resources) -> None:
    row = things["open"]
    many: list[tuple[Caller, str, bytes, tuple[int, ...]]] = [
        (newsroom.max, ARTICLES, json.dumps({f"k{i}": i for i in range(100_000)}).encode(), (400,)),
        (
            newsroom.max,
            ARTICLES,
            json.dumps({"text": "a", "metadata": {f"k{i}": i for i in range(100_000)}}).encode(),
            (413,),
        ),
        (newsroom.max, ARTICLES, b'{"text": "a", "annotators": ' + b"9" * 5_000 + b"}", (400,)),
        (newsroom.max, ARTICLES, b'{"text": "' + b"a" * 10_000_000 + b'"}', (422,)),
        (newsroom.ann, f"sets/{row}/spans/", b"[" + b"{}," * 300_000 + b"{}]", (413,)),
        (newsroom.ann, f"sets/{row}/spans/", b"[" + b"1," * 1_000_000 + b"1]", (413,)),
        (newsroom.ann, f"sets/{row}/spans/", json.dumps([{"x" * 50: 1}] * 1_000).encode(), (400,)),
        (newsroom.ann, f"sets/{row}/comments/", b'{"text": "' + b"a" * 3_000_000 + b'"}', (400,)),
    ]
    for caller, at, body, statuses in many:
        began = time.process_time()
        reply = caller.raw("POST", at, body)
        assert reply.status in statuses, (at, body[:50], reply)
        assert len(reply.content) < 1_000_000
        assert time.process_time() - began < 10, body[:50]


def test_s17_a_length_that_lies(newsroom: Newsroom) -> None:
    at, body = "corpora/lake/topics/", b'{"name": "Fish"}'
    for length in ("999", "1000000"):
        extra: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(body)}
        assert newsroom.rae.raw("POST", at, body, **extra).refusal == (400, "invalid"), length
    for length in ("x", "-5", "1.5", "1e3", "٣"):
        assert newsroom.rae.raw("POST", at, body, CONTENT_LENGTH=length).refusal == (400, "invalid"), length
    for value in ("chunked", "gzip, chunked", "identity"):
        reply = newsroom.rae.raw("POST", at, body, headers={"Transfer-Encoding": value})
        assert reply.refusal == (411, "length-required"), value
    assert newsroom.rae.raw("POST", at, body).status == 201


# --- S18: addresses and headers ----------------------------------------------------------


def test_s18_strange_addresses_and_headers(newsroom: Newsroom) -> None:
    for at in (
        "corpora/%ff/",
        "corpora/lake%2f..%2fsea/",
        "corpora/LAKE/",
        "corpora/lake./",
        "corpora//lake/",
        "corpora/" + "a" * 5_000 + "/",
        "corpora/lake/members/" + "a" * 151 + "/",
        "corpora/lake/members/%F0%9F%91%A9/",
        "articles/" + "0" * 36 + "/",
        "articles/01930000-0000-7000-8000-00000000DEAD/",
        "corpora/%E2%80%AElake/",
        "corpora/lake;x/",
        "corpora/ lake/",
    ):
        for method in ("GET", "PATCH", "DELETE"):
            assert newsroom.max.raw(method, at, b"{}").refusal == (404, "not-found"), (method, at)
    for headers in (
        {"Accept": "\udcff"},
        {"Accept": "a" * 10_000},
        {"Accept-Language": "x," * 5_000},
        {"Cookie": "sessionid=\x01; =;;"},
        {"X-Request-ID": "a\r\nSet-Cookie: x"},
        {"Content-Type": ";;=\x00"},
        {"If-None-Match": '"1"'},
        {"Range": "bytes=0-1"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Origin": "null"},
        {"If-Modified-Since": "x"},
        {"Expect": "100-continue"},
    ):
        reply = newsroom.max.raw("GET", "corpora/lake/", headers=headers)
        assert reply.status == 200, (headers, reply)
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert "\n" not in reply.headers["X-Request-ID"]
    for host in ("evil.example", "localhost:x", "a b", "localhost@evil", ""):
        reply = newsroom.max.raw("GET", "corpora/lake/", SERVER_NAME=host or "-", HTTP_HOST=host)
        assert reply.refusal == (400, "host") or (not host and reply.status in (200, 400)), (host, reply)


def test_nothing_that_was_refused_left_a_row(newsroom: Newsroom) -> None:
    """A list whose last item is refused, an article whose text is, a comment at no place."""
    row = newsroom.set()
    before = [model.objects.count() for model in (Article, AnnotationSet, Actor, Comment, Event)]
    newsroom.ann.post(f"sets/{row.pk}/spans/", [span(0, 3), span(0, 3)])
    newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": "So?", "parent": new_id()})
    newsroom.ann.post(
        "corpora/lake/actors/", {"name": "a", "kind": "state", "aliases": [{"text": "b"}, {"text": "b"}]}
    )
    newsroom.ann.post("corpora/lake/actors/", {"name": "a", "kind": "state", "parent": new_id()})
    newsroom.max.post(ARTICLES, {"text": "a", "external_id": "x", "title": "\x00"})
    newsroom.max.post(ARTICLES, {"text": "\x00", "external_id": "x"})
    assert [model.objects.count() for model in (Article, AnnotationSet, Actor, Comment, Event)] == before
    assert newsroom.fresh(row).version == 1
