"""What a plain service of this stack gets wrong: each trap of the list by its number.

T1 to T4 need several processes and are in ``test_concurrency`` and ``test_concurrent_engines``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from itertools import cycle
from typing import TypeVar

from annotations.models import Article
from tests.api import test_concurrency, test_concurrent_engines
from tests.api.matrix import address, stored_version
from tests.api.matrix_rows import ROWS
from tests.api.resources import Resources
from tests.api.test_query_counts import BY_SESSION, LISTS
from tests.newsroom import JSON, Caller, Newsroom, Reply, span

T = TypeVar("T")

ARTICLES = "corpora/lake/articles/"


def test_every_trap_has_its_test() -> None:
    names = {*globals(), *vars(test_concurrency), *vars(test_concurrent_engines)}
    numbers = {int(found[1]) for name in names if (found := re.match(r"test_t(\d+)_", name))}
    assert numbers == set(range(1, 14))


Target = tuple[Caller, str, str, int | None]


def takes_json(newsroom: Newsroom, things: Resources) -> Iterator[Target]:
    """Every address that takes a JSON body, with somebody who may write there."""
    for key, row in ROWS.items():
        if row.body is None or row.session or "/imports/" in key:
            continue
        who = next(iter(row.scopes))
        version = stored_version(row, things) if row.version else None
        yield newsroom[who], key.split()[0], address(key, things), version


def deal(targets: Iterator[Target], bodies: list[T]) -> Iterator[tuple[Target, T]]:
    """Give each address one of the bodies in turn: one parser refuses them, and each address has it."""
    dealt = list(zip(targets, cycle(bodies), strict=False))
    assert len(dealt) > 2 * len(bodies), "each body goes to some addresses"
    yield from dealt


def raw(target: Target, body: bytes, kind: str = JSON) -> Reply:
    caller, method, at, version = target
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return caller.raw(method, at, body, kind, headers=headers)


def test_t5_json_that_is_too_deep(newsroom: Newsroom, things: Resources) -> None:
    starts = (b"[", b'{"a":', b'{"metadata":')
    bodies = [start * depth for depth in (450, 1_000) for start in starts]
    bodies += [b"[" * depth + b"]" * depth for depth in (450, 1_000)]
    bodies += [b'{"metadata":' * 450 + b"1" + b"}" * 450, b"[" * 100_000]
    for target, body in deal(takes_json(newsroom, things), bodies):
        assert raw(target, body).refusal == (400, "invalid"), (target[1:], body[:10], len(body))


LONE = ("\\ud800", "\\udfff", "\\udc00\\ud800", "a\\ud83d")


def test_t6_half_a_surrogate_pair(newsroom: Newsroom, things: Resources) -> None:
    row, actor = things["open"], things["actor"]
    for half in LONE:
        bodies = [
            (newsroom.max, "POST", ARTICLES, f'{{"text": "a", "metadata": {{"k": "{half}"}}}}'),
            (newsroom.max, "POST", ARTICLES, f'{{"text": "a", "metadata": {{"{half}": 1}}}}'),
            (newsroom.max, "POST", ARTICLES, f'{{"text": "a", "title": "{half}"}}'),
            (newsroom.max, "POST", ARTICLES, f'{{"text": "{half}"}}'),
            (newsroom.max, "POST", ARTICLES, f'{{"text": "a", "{half}": 1}}'),
            (newsroom.ann, "POST", f"sets/{row}/spans/", f'{{"label": "{half}", "start": 0, "end": 3}}'),
            (
                newsroom.ann,
                "POST",
                f"sets/{row}/spans/",
                f'{{"label": "actor", "start": 0, "end": 3, "quote": "{half}"}}',
            ),
            *(
                (
                    newsroom.ann,
                    "POST",
                    f"sets/{row}/spans/",
                    f'{{"label": "actor", "start": 0, "end": 3, "attributes": {a}}}',
                )
                for a in (f'{{"role_text": "{half}"}}', f'{{"{half}": "x"}}', f'{{"mention_type": "{half}"}}')
            ),
            (newsroom.ann, "POST", f"sets/{row}/comments/", f'{{"text": "{half}"}}'),
            (newsroom.ann, "PATCH", f"actors/{actor}/", f'{{"aliases": [{{"text": "{half}"}}]}}'),
            (newsroom.ann, "POST", "corpora/lake/queue/", f'{{"task": "{half}"}}'),
            (newsroom.max, "POST", "corpora/lake/members/", f'{{"username": "{half}", "role": "viewer"}}'),
        ]
        for caller, method, at, body in bodies:
            reply = raw((caller, method, at, 1 if method == "PATCH" else None), body.encode())
            assert reply.status in (400, 422), (body, reply)
            reply.content.decode()  # and the refusal can be written
            assert reply.code in ("invalid", "text-not-allowed", "quote-mismatch")


def test_t7_nul(newsroom: Newsroom, things: Resources) -> None:
    row = things["open"]
    for caller, at, body in (
        (newsroom.max, ARTICLES, {"text": "a", "metadata": {"k": "a\x00"}}),
        (newsroom.max, ARTICLES, {"text": "a", "metadata": {"a\x00": "k"}}),
        (newsroom.max, ARTICLES, {"text": "a", "source": "\x00"}),
        (newsroom.max, ARTICLES, {"text": "a\x00"}),
        (newsroom.ann, f"sets/{row}/spans/", span(0, 3, attributes={"role_text": "\x00"})),
        (newsroom.ann, f"sets/{row}/spans/", span(0, 3, quote="\x00")),
        (newsroom.ann, f"sets/{row}/comments/", {"text": "a\x00b"}),
        (newsroom.ann, "corpora/lake/actors/", {"name": "a\x00", "kind": "state"}),
        (newsroom.ann, "corpora/lake/actors/", {"name": "a", "kind": "state", "aliases": [{"text": "\x00"}]}),
        (newsroom.rae, "corpora/lake/topics/", {"name": "\x00"}),
        (newsroom.max, f"articles/{things['article']}/exclude/", {"reason": "\x00"}),
    ):
        reply = caller.post(at, body)
        assert reply.status in (400, 422), (body, reply)
    queries = cycle(("search=%00", "q=%00", "cursor=%00", "x%00=1", "page_size=%00", "%00", "status=%00"))
    for path, (at, _) in LISTS.items():
        caller = newsroom.max if path not in BY_SESSION else Caller.with_session(newsroom.user("max"))
        full = at.format(
            revised=things["article"],
            shared=things["article"],
            full=things["open"],
            settling=things["adjudication"],
            busy=things["actor"],
            webhook=things["webhook"],
        )
        full = full.replace("?q=a", "")
        # parameters are read in one place
        who, query = newsroom.ann if full.startswith(f"sets/{row}") else caller, next(queries)
        assert who.raw("GET", f"{full}?{query}").refusal == (400, "invalid"), (full, query)
    for at in (
        "corpora/la%00ke/",
        "corpora/lake/members/%00/",
        "articles/%00/",
        "%00",
        "corpora/%00/articles/?search=%00",
    ):
        for method in ("GET", "PATCH", "DELETE"):
            assert newsroom.max.raw(method, at, b"{}").refusal == (404, "not-found"), at


def test_t8_bodies_that_are_too_large(newsroom: Newsroom) -> None:
    megabyte = 2**20
    padded = b'{"name": "Fish"}'.ljust(4 * megabyte)
    assert newsroom.rae.raw("POST", "corpora/lake/topics/", padded).status == 201
    reply = newsroom.rae.raw("POST", "corpora/lake/topics/", padded + b" ")
    assert reply.refusal == (413, "too-large")
    assert reply.data["limit"] == 4 * megabyte
    article = json.dumps({"text": "a" * 1_900_000}).encode()
    assert newsroom.max.raw("POST", ARTICLES, article.ljust(32 * megabyte)).status == 201
    assert newsroom.max.raw("POST", ARTICLES, article.ljust(32 * megabyte + 1)).refusal == (413, "too-large")
    # a length that is only said is believed before anything is read
    said = newsroom.max.raw("POST", ARTICLES, b"{}", CONTENT_LENGTH=str(33 * megabyte))
    assert said.refusal == (413, "too-large")
    assert newsroom.max.raw("POST", "corpora/lake/imports/", b"x", CONTENT_LENGTH=str(2**31 + 1)).refusal == (
        413,
        "too-large",
    )


def test_t9_json_that_everybody_reads_differently(newsroom: Newsroom, things: Resources) -> None:
    bodies = [
        b'{"a": 1e999}',
        b'{"a": -1e999}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"text": "a", "text": "b"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"a": "\xff"}',
    ]
    charsets = ("utf-7", "utf-16", "latin-1", "base64", "x" * 50)
    sent = [(body, JSON) for body in bodies]
    sent += [(b"{}", f"{JSON}; charset={charset}") for charset in charsets]
    for target, (body, kind) in deal(takes_json(newsroom, things), sent):
        assert raw(target, body, kind).refusal == (400, "invalid"), (target[1:], body, kind)


URLS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//evil",
    "/x",
    "http:",
    "http://",
    "https:///x",
    "ftp://example.org/",
    "file:///etc/passwd",
    " https://example.org/",
    "https://example.org/a b",
    "https://exa\nmple.org/",
    "https://ann@example.org/",
    "https://\u202eexample.org/",
    "https:\\\\example.org",
    "http://[::1",
    "https://example.org:99999/",
    "x" * 2_001,
]


def test_t10_addresses_that_run(newsroom: Newsroom) -> None:
    article = newsroom.article()
    for url in URLS:
        assert newsroom.max.post(ARTICLES, {"text": "a", "url": url}).refusal == (400, "invalid"), url
        reply = newsroom.max.patch(f"articles/{article.pk}/", {"url": url}, 1)
        assert reply.refusal == (400, "invalid"), url
    lines = [
        json.dumps({"external_id": str(number), "text": "a", "url": url}) for number, url in enumerate(URLS)
    ]
    sent = "\n".join([*lines, '{"external_id": "good", "text": "a", "url": "https://example.org/"}']).encode()
    reply = newsroom.max.raw("POST", "corpora/lake/imports/", sent, "application/x-ndjson")
    assert (reply.data["created"], reply.data["failed"]) == (1, len(URLS)), reply
    assert {each["pointer"] for each in reply.data["errors"]} == {"/url"}
    assert list(Article.objects.exclude(url="").values_list("url", flat=True)) == ["https://example.org/"]


def test_t11_what_does_not_fit_into_a_column(newsroom: Newsroom, things: Resources) -> None:
    """One engine would store it and the other fail; here both refuse."""
    row = things["open"]
    huge = (2**31, 2**31 - 1, 2**63 - 1, 2**63, 10**400)
    for number in (*huge, *(-each for each in huge)):
        for caller, at, body in (
            (newsroom.ann, f"sets/{row}/spans/", span(number, 5)),
            (newsroom.ann, f"sets/{row}/spans/", span(0, number)),
            (newsroom.max, ARTICLES, {"text": "a", "annotators": number}),
            (newsroom.max, ARTICLES, {"text": "a", "metadata": {"n": number}}),
            (newsroom.ada, "corpora/", {"slug": "x", "name": "X", "annotators_per_article": number}),
        ):
            reply = caller.post(at, body)
            fits = "metadata" in body and abs(number) < 2**53
            assert reply.status in ((201,) if fits else (400, 422)), (body, reply)
        for query in (f"page_size={number}", f"after={number}"):
            reply = newsroom.max.raw("GET", f"corpora/lake/events/?{query}")
            assert reply.status in (200, 400), (query, reply)
        assert newsroom.max.raw("GET", f"articles/{things['article']}/text/?revision={number}").status in (
            400,
            404,
        )
        tag = newsroom.ann.patch(f"spans/{things['span']}/", {"end": 2}, number)
        assert tag.status in (400, 412), (number, tag)
    for field, longest in (
        ("title", 500),
        ("source", 200),
        ("author", 500),
        ("external_id", 255),
        ("story_key", 255),
        ("language", 35),
    ):
        wide = "a" if field == "language" else "𝔘"
        assert newsroom.max.post(ARTICLES, {"text": "a", field: wide * (longest + 1)}).refusal == (
            400,
            "invalid",
        ), field
        if field != "language":
            assert newsroom.max.post(ARTICLES, {"text": "a", field: wide * longest}).status == 201, field
    assert (
        newsroom.max.post(ARTICLES, {"text": "a", "url": "https://example.org/" + "a" * 1_980}).status == 201
    )
    # a compatibility form folds to eighteen characters
    for name in ("ﷺ" * 300, "ẞ" * 300, "ΐ" * 300, "𝔘" * 300):
        sent = {"name": name, "kind": "person", "aliases": [{"text": name}]}
        made = newsroom.ann.post("corpora/lake/actors/", sent)
        assert (made.status, made.data["name"]) == (201, name)
        assert newsroom.ann.get("corpora/lake/actors/suggest/", q=name).data[0]["id"] == made.data["id"]
    assert newsroom.ann.post("corpora/lake/propositions/", {"text": "𝔘" * 500, "kind": "issue"}).status == 201
    assert newsroom.rae.post("corpora/lake/topics/", {"name": "𝔘" * 200}).status == 201


def test_t12_no_pattern_of_a_user_reaches_the_database(newsroom: Newsroom) -> None:
    newsroom.article(title="a" * 400)
    newsroom.article(title="(a+)+$")
    newsroom.actor("(a+)+$")
    began = time.process_time()
    for typed in ("^(a+)+$", "(a|a)*b", "[", "\\", "%" * 200, "_" * 200, "a%" * 100, "(?i)a", "*", "'; --"):
        for path, name in ((ARTICLES, "search"), ("corpora/lake/actors/suggest/", "q")):
            assert newsroom.vic.get(path, **{name: typed}).status == 200, typed
    assert time.process_time() - began < 20
    assert len(newsroom.vic.all(ARTICLES, search="(a+)+$")) == 1
    assert len(newsroom.vic.get("corpora/lake/actors/suggest/", q="(A+)+$").data) == 1
    for name in ("search__regex", "title__iregex", "q__regex", "status__regex"):
        assert newsroom.vic.get(ARTICLES, **{name: "a"}).refusal == (400, "invalid")


def test_t13_numbers_that_the_engines_store_differently(newsroom: Newsroom) -> None:
    for number in (b"1e22", b"1E3", b"1.0", b"-0.0", b"0.1", b"1e-5"):
        body = b'{"text": "a", "metadata": {"n": ' + number + b"}}"
        reply = newsroom.max.raw("POST", ARTICLES, body)
        assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["/metadata/n"]), number
    whole = {"zero": 0, "most": 2**53 - 1, "least": 1 - 2**53, "true": True, "none": None, "text": "1e22"}
    found = newsroom.max.post(ARTICLES, {"text": "a", "metadata": whole}).data
    assert newsroom.vic.get(f"articles/{found['id']}/").data["metadata"] == whole
    assert list(found["metadata"]) == sorted(whole)
    assert list(newsroom.vic.get(f"articles/{found['id']}/").data["metadata"]) == sorted(whole)
