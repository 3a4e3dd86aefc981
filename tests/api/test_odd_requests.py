"""Every operation of the OpenAPI document with requests that no client should send.

The bodies come from the document's own schemas, with one value at a time made odd; the headers and the
parameters from lists. Always the same ones; ``slow`` has more of them. None is a fault of ours, each refusal
is a problem document in whole sentences, and what is refused leaves nothing behind.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tests.api.matrix import address, filled, stored_version
from tests.api.matrix_rows import ROWS
from tests.api.resources import Resources
from tests.api.test_contract import path_of
from tests.newsroom import Caller, Newsroom, Reply

PROVES = False  # the data of these tests is proved by others

MISSING = "01930000-0000-7000-8000-00000000dead"
DEEP = 100
#: Values of every type that the next field may not take; as they stand in JSON.
VALUES = (
    "null", "true", "0", "-1", "1.0", "1e999", "-0", "9" * 30, "2147483648", "9223372036854775808", '""',
    '" "', '"\\u0000"', '"a\\ud800b"', '"\\udc00"', '"\\ufeff"', '"\\u202e"', '"1"', '"x\\ny"', "[]", "{}",
    "[null]", "[[]]", '["a", "a"]', "[1, 1]", '[{"a": 1}]', '{"a": {"a": 1}}', f'"{MISSING}"', '"{id}"',
    f'"{"a" * 5_000}"', f'"{"é" * 600}"', "[" * DEEP + "]" * DEEP, '"2024-02-30"', '"9999-12-31T23:59:59Z"',
    '"0000-00-00"', '"2024-01-01T00:00:00+99:00"', '"javascript:alert(1)"', '["\\u0000"]', '{"\\u0000": 1}',
    '{"\\ud800": "\\ud800"}', '"٣"', '"%s"',
)  # fmt: skip
#: Whole bodies.
BODIES = (
    b"", b" ", b"null", b"true", b"0", b'"a"', b"[]", b"[[]]", b"[{}]", b"[null]", b"{}", b"{", b"}", b"[1,]",
    b'{"a": 1, "a": 2}', b'{"": 1}', b'{"\\u0000": 1}', b'{"\\ud800": 1}', b"\xff", b"\xef\xbb\xbf{}",
    b"\x00", b"{} {}", b"NaN", b'{"a": NaN}', b"[" * 5_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b"[" * 99 + b"]" * 99, b"1" * 5_000, b'{"id": "%s"}' % MISSING.encode(), b'{"version": 1}',
    "{\u2028}".encode(),
)  # fmt: skip
KINDS = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "*/*",
    "application/json; charset=utf-7", "application/json; charset=latin-1", "application/merge-patch+json",
    "application/json;;", "application/JSON", "application/json; charset=UTF-8", "\xff",
)  # fmt: skip
VERSIONS = (
    "", "1", '""', '"a"', '"-1"', '"0"', '"01"', '"1", "2"', "*", 'W/"1"', 'w/"1"', '"1" ', f'"{"9" * 30}"',
    '"1.0"', '"9223372036854775808"', '"\x00"', "\xff", '"²"', '"٣"',
)  # fmt: skip
PARAMETERS = (
    "", "\x00", "a\ud800", "-1", "0", "1", "1e9", "9" * 30, "²", "٣", "null", "true", "x" * 5_000, MISSING,
    "2024-02-30", "2024-01-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59Z", "0000-01-01", "[]", "{}",
    "'", '"', "%", "é", "\u202e", ",", "a,b", "..", "10000-01-01", "2024-W01", "2024-13",
)  # fmt: skip
SENTENCE = re.compile(r"^[^a-z\s{\[(<].*[.…?!”)]$|^[a-z_]+ ", re.DOTALL)


class OddRequest(NamedTuple):
    """A request that is odd in one way."""

    query: str = ""
    body: bytes | None = None
    kind: str = "application/json"
    version: str | None = None
    method: str = ""


def resolve(document: Any, schema: Any) -> Any:
    """A schema, with its reference followed."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_schema(document: Any, operation: Any) -> Any:
    """The schema of the body, or nothing."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = resolve(document, content.get("schema", {}))
    for variant in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found = resolve(document, variant)
        if "properties" in found:
            return found
    return schema


def odd_bodies(document: Any, schema: Any, base: Any) -> Iterator[bytes]:
    """Bodies of the schema in which one value is odd, there twice, or missing, to two levels down."""
    yield from BODIES
    if not isinstance(base, dict):
        return
    known = schema.get("properties", {})
    fields = {**known, **{name: {} for name in base if name not in known}}
    for name, field in fields.items():
        rest = {key: value for key, value in base.items() if key != name}
        lead = json.dumps(rest)[:-1] + (", " if rest else "")
        yield json.dumps(rest).encode()
        for value in VALUES:
            yield f"{lead}{json.dumps(name)}: {value}}}".encode()
        yield f"{lead}{json.dumps(name)}: {json.dumps(base.get(name))}, {json.dumps(name)}: 1}}".encode()
        for inner in nested_fields(document, field):
            for value in VALUES:
                for shape in ('{{"{}": {}}}', '[{{"{}": {}}}]'):
                    yield f"{lead}{json.dumps(name)}: {shape.format(inner, value)}}}".encode()


def nested_fields(document: Any, field: Any) -> list[str]:
    """The names in an object, or in the objects of a list."""
    for schema in (field, field.get("items", {}), *field.get("allOf", ()), *field.get("oneOf", ())):
        found = resolve(document, schema).get("properties")
        if found:
            return list(found)
    return []


def odd_queries(operation: Any) -> Iterator[str]:
    """Query strings: each parameter odd, twice, and some that nobody knows."""
    known = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    names = [each["name"] for each in known]
    for name in (*names, "cursor", "page_size", "format", "unknown", "", "\x00"):
        for value in PARAMETERS:
            yield f"{quote(name, errors='surrogatepass')}={quote(value, errors='surrogatepass')}"
        yield f"{quote(name)}=1&{quote(name)}=2"
        yield f"{quote(name)}"
        yield f"{quote(name)}=%ff"
    for each in known:
        for value in each["schema"].get("enum", ()):
            yield f"{each['name']}={value}"
            yield f"{each['name']}={str(value).upper()}"
    yield "&" * 2_000
    yield "&".join(f"{name}=1" for name in names)


def odd_requests(document: Any, key: str, things: Resources) -> list[OddRequest]:
    """All odd requests of an operation."""
    method, route = key.split()
    operation = document["paths"][path_of(route)][method.lower()]
    base = filled(ROWS[key].body, things)
    whole = None if base is None else json.dumps(base).encode()
    found = [OddRequest(query=query, body=whole) for query in odd_queries(operation)]
    found += [OddRequest(body=whole, method=each) for each in ("HEAD", "OPTIONS", "PUT", "TRACE", "query")]
    if method != "GET":
        bodies = odd_bodies(document, body_schema(document, operation), base if base is not None else {})
        found += [OddRequest(body=each) for each in bodies]
        found += [OddRequest(body=whole or b"{}", kind=each) for each in KINDS]
        found += [OddRequest(body=whole, version=each) for each in VERSIONS]
    return found


def stored_counts() -> tuple[Any, ...]:
    """How many rows each table has, and the sum of their versions, in one query."""
    parts = []
    for model in apps.get_app_config("annotations").get_models():
        table = connection.ops.quote_name(model._meta.db_table)
        has_version = any(field.name == "version" for field in model._meta.fields)
        parts.append(f"SELECT COUNT(*), {'SUM(version)' if has_version else '0'} FROM {table}")  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return tuple(cursor.fetchall())


def fault_of(reply: Reply) -> str:
    """What is wrong with an answer, or nothing."""
    if reply.status >= 500:
        return "a fault of ours"
    if reply.status < 400:
        return ""
    if not reply.content:
        return ""  # of HEAD
    if reply.headers["Content-Type"] != "application/problem+json":
        return "no problem document"
    said = [reply.data["detail"], *(error["detail"] for error in reply.data["errors"])]
    broken = [each for each in said if not SENTENCE.match(each)]
    return f"no whole sentence: {broken}" if broken or reply.code == "" else ""


def send(caller: Caller, key: str, things: Resources, odd: OddRequest) -> Reply:
    """Send a request; what it writes is taken back by the caller of this."""
    row, at = ROWS[key], address(key, things)
    if odd.query:
        at = f"{at.partition('?')[0]}?{odd.query}"
    headers = {}
    if odd.version is not None:
        headers["If-Match"] = odd.version
    elif row.version:
        headers["If-Match"] = f'"{stored_version(row, things)}"'
    return caller.raw(odd.method or key.split(maxsplit=1)[0], at, odd.body or b"", odd.kind, headers=headers)


def faults(newsroom: Newsroom, document: Any, key: str, most: int) -> list[str]:
    """Ask for an operation oddly, at most so often, and return what was wrong."""
    things, row = Resources(newsroom, newsroom.lake, "max", "ann", "rae"), ROWS[key]
    whole = address(key, things), filled(row.body, things)  # made before anything is counted
    assert whole
    who = next(iter(row.scopes), "max")
    caller = Caller.with_session(newsroom.user(who)) if row.session else newsroom[who]
    requests = odd_requests(document, key, things)
    if len(requests) > most:
        requests = random.Random(key).sample(requests, most)
    found, before = [], stored_counts()
    for odd in requests:
        savepoint = transaction.savepoint()
        try:
            reply = send(caller, key, things, odd)
            fault = fault_of(reply)
            if not fault and reply.status >= 400 and stored_counts() != before:
                fault = "something was stored"
            seen = repr(reply)[:300]
        except Exception as error:
            fault, seen = f"{type(error).__name__}: {error}"[:300], ""
        transaction.savepoint_rollback(savepoint)
        if fault:
            short = OddRequest(odd.query[:200], odd.body and odd.body[:200], *odd[2:])
            found.append(f"{fault} | {short} | {seen}")
    return found


@pytest.fixture(scope="module")
def document() -> Any:
    """The OpenAPI document."""
    return Client().get("/api/v1/schema/").json()


@pytest.mark.parametrize("key", ROWS)
def test_an_odd_request_is_refused_in_whole_sentences(newsroom: Newsroom, document: Any, key: str) -> None:
    assert faults(newsroom, document, key, 4) == []


@pytest.mark.slow
@pytest.mark.parametrize("key", ROWS)
def test_many_odd_requests_are_refused_in_whole_sentences(
    newsroom: Newsroom, document: Any, key: str
) -> None:
    assert faults(newsroom, document, key, 500) == []
