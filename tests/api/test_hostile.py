"""What attackers send: names of columns, fields that are not theirs, bodies and texts that break things."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps

from annotations.api.operations import OperationTables, RequestBodySpec
from annotations.api.urls import urlpatterns
from annotations.models import Actor, AnnotationSet, Article, Comment, Event
from tests.api.matrix import ROWS, address, filled, stored_version
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


# --- S18: hostile text, field by field ----------------------------------------------------

#: What the value is, and whether a line (name), a title, prose and an article take it.
HOSTILE: dict[str, tuple[str, bool, bool, bool, bool]] = {
    "NUL": ("a\x00b", False, False, False, False),
    "C0": ("a\x07b", False, False, False, False),
    "escape": ("a\x1b[31mb", False, False, False, False),
    "C1": ("a\x9bb", False, False, False, False),
    "U+0085": ("a\x85b", False, False, False, False),
    "delete": ("a\x7fb", False, False, False, False),
    "LF": ("a\nb", False, False, True, True),
    "CRLF": ("a\r\nb", False, False, True, True),
    "lone CR": ("a\rb", False, False, True, True),
    "tab": ("a\tb", False, False, True, True),
    "U+2028": ("a\u2028b", False, False, True, True),
    "U+2029": ("a\u2029b", False, False, True, True),
    "RTL override": ("a\u202eb\u202c", False, True, True, True),
    "isolates": ("a\u2066b\u2069", False, True, True, True),
    "BOM": ("\ufeffa\ufeffb", True, True, True, True),
    "no character": ("a\ufffeb\uffff", True, True, True, True),
    "joiners": ("a\u200d\u200cb", True, True, True, True),
    "NFC": ("\u00e9", True, True, True, True),
    "NFD": ("e\u0301", True, True, True, True),
    "ligature": ("﷽", True, True, True, True),
    "emoji": ("👩‍👩‍👧‍👦🇩🇪", True, True, True, True),
    "private use": ("a\ue000\U0010fffd", True, True, True, True),
    "unassigned": ("a\u0378\U000e1000", True, True, True, True),
    "tags": ("a\U000e0041", True, True, True, True),
    "homoglyphs": ("аctоr", True, True, True, True),
    "marks": ("a" + "\u0301" * 150, True, True, True, True),
    "markup": ("<img src=x onerror=alert(1)>", True, True, True, True),
    "formula": ("=HYPERLINK(1)", True, True, True, True),
    "template": ("{{ 7*7 }} %s %(x)s {0}", True, True, True, True),
    "SQL": ("'; DROP TABLE x; --", True, True, True, True),
    "path": ("../../../etc/passwd", True, True, True, True),
    "space": ("  a  ", True, True, True, True),
    "no break": ("\u00a0a\u3000", True, True, True, True),
}
LINE, TITLE, PROSE, ARTICLE = range(1, 5)

#: Who sends it, where, in what, and which kind of field it is.
STRINGS: dict[str, tuple[str, str, str, dict[str, Any], str, int]] = {
    "article text": ("max", "POST", ARTICLES, {}, "text", ARTICLE),
    "article title": ("max", "POST", ARTICLES, {"text": "a"}, "title", TITLE),
    "article source": ("max", "POST", ARTICLES, {"text": "a"}, "source", TITLE),
    "article author": ("max", "POST", ARTICLES, {"text": "a"}, "author", TITLE),
    "article story": ("max", "POST", ARTICLES, {"text": "a"}, "story_key", LINE),
    "article external id": ("max", "POST", ARTICLES, {"text": "a"}, "external_id", LINE),
    "comment": ("ann", "POST", "sets/{open}/comments/", {}, "text", PROSE),
    "actor": ("ann", "POST", "corpora/lake/actors/", {"kind": "state"}, "name", LINE),
    "actor note": ("ann", "POST", "corpora/lake/actors/", {"kind": "state", "name": "a"}, "note", PROSE),
    "topic": ("rae", "POST", "corpora/lake/topics/", {}, "name", LINE),
    "proposition": ("ann", "POST", "corpora/lake/propositions/", {"kind": "issue"}, "text", LINE),
    "corpus name": ("max", "PATCH", "corpora/lake/", {}, "name", LINE),
    "description": ("max", "PATCH", "corpora/lake/", {}, "description", PROSE),
    "guideline": ("max", "PATCH", "corpora/lake/", {}, "guideline", PROSE),
}


#: What tells the kinds of fields apart.
TELLING = frozenset({"NUL", "LF", "RTL override"})


def values_for(field: str) -> Iterator[tuple[str, tuple[str, bool, bool, bool, bool]]]:
    """Yield what a field is sent: what tells its kind, and its part of what all fields of the kind share."""
    kind = STRINGS[field][-1]
    same = [name for name, row in STRINGS.items() if row[-1] == kind]
    for number, (what, row) in enumerate(HOSTILE.items()):
        if what in TELLING or same[number % len(same)] == field:
            yield what, row


@pytest.mark.parametrize("field", STRINGS)
def test_s18_hostile_text(newsroom: Newsroom, things: Resources, field: str) -> None:
    """Taken and given back to the character, or refused with its place; the same on both engines."""
    who, method, path, body, name, kind = STRINGS[field]
    at = path.format_map(things)
    for what, row in values_for(field):
        value, fits = str(row[0]), bool(row[kind])
        version = newsroom.max.get(at).version if method == "PATCH" else None
        reply = newsroom[who].call(method, at, {**body, name: value}, version=version)
        refused = 422 if kind == ARTICLE else 400
        assert reply.status == ((201 if method == "POST" else 200) if fits else refused), (field, what, reply)
        if not fits:
            assert reply.pointers == [f"/{name}"]
        elif kind != ARTICLE:
            assert reply.data[name] == value, what


@pytest.mark.parametrize("place", ["metadata value", "metadata key", "role", "alias", "quote"])
def test_s18_hostile_text_inside_of_objects(newsroom: Newsroom, things: Resources, place: str) -> None:
    for start, (what, (value, line, _, prose, _)) in enumerate(HOSTILE.items(), 1):
        cases: dict[str, tuple[str, str, dict[str, Any], bool]] = {
            "metadata value": ("max", ARTICLES, {"text": "a", "metadata": {"k": value}}, prose),
            "metadata key": (
                "max",
                ARTICLES,
                {"text": "a", "metadata": {value: 1}},
                line and len(value) <= 100,
            ),
            "role": (
                "ann",
                f"sets/{things['open']}/spans/",
                span(start, 90, attributes={"role_text": value}),
                line,
            ),
            "alias": (
                "ann",
                "corpora/lake/actors/",
                {"name": "a", "kind": "state", "aliases": [{"text": value}]},
                line,
            ),
            "quote": ("ann", f"sets/{things['open']}/spans/", span(0, 3, quote=value), False),
        }
        who, at, body, fits = cases[place]
        reply = newsroom[who].post(at, body)
        assert reply.status in ((201,) if fits else (400, 422)), (place, what, reply)
        if fits and place == "role":
            assert reply.data["attributes"]["role_text"] == value
        if fits and place == "metadata key":
            assert newsroom.vic.get(f"articles/{reply.data['id']}/").data["metadata"] == {value: 1}


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
