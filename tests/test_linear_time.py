"""Every parser of what others send takes linear time.

A row is a reader and a shape: a function that makes a value of about ``n`` characters, chosen to be as bad
as possible for a reader that looks at something twice.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from annotations import limits
from annotations.admin import filters as admin_filters
from annotations.admin import form_fields as forms
from annotations.api import filters, parameters, preconditions
from annotations.api.authentication import TokenAuthentication
from annotations.api.pagination import CursorPage
from annotations.api.parsers import StrictJSONParser
from annotations.exceptions import StandpointError
from annotations.models import Article
from annotations.scheme import check_attributes
from annotations.services.core import notifications
from annotations.text import edges, gate, parsing, strictjson
from annotations.text.names import fold_name
from annotations.text.offsets import OffsetMap
from annotations.text.ranges import Range
from annotations.text.search import term_blocks
from annotations.text.search_query import HitFinder, parse_query
from annotations.text.sentences import Sentences
from annotations.text.tokens import Tokens
from tests.timing import MOST, SCALE, cpu_seconds, measure_growth

# No database is asked, so that once is enough; seconds are compared, which is nothing for a busy machine.
pytestmark = [pytest.mark.sqlite, pytest.mark.slow]

Shape = Callable[[int], str]
Reader = Callable[[str], object]

#: Eight times as much takes a quadratic reader seconds and a linear one some milliseconds.
LENGTH = 10_000
#: gunicorn takes no header and no address that is longer.
LONGEST_HEADER = 8_190


def repeated(unit: str, before: str = "", after: str = "") -> Shape:
    return lambda n: before + unit * (n // len(unit)) + after


SHAPES: Mapping[str, Shape] = {
    unit: repeated(unit, before, after)
    for unit, before, after in (
        ("a", "", ""), (" ", "", "x"), ("\n", "", "x"), (" \n", "", "x"), ("\r\n", "a", "b"), ("@", "", ""),
        ("@a", "", ""), ("a.", "", ""), ("a'", "", ""), ("1,", "", ""), ("-", "a", "\x00"), ("a-", "", "!"),
        (";", "a", ""), (';"', "a", ""), ("%", "", ""), ("&", "", ""), ("=", "", ""), ("&a=", "", ""),
        ("+", "a=", ""), (",", "", ""), ("\u0301", "a", ""), ("a\u0301", "", ""), ("\u200d", "", "a"),
        ("|", "", ""), (" |", "a", ""), (":", "", ""), ("/", "http://", ""), ("~1", "/", ""), ("9", "", ""),
        ("0", "1.", "Z"), ("ﷺ", "", ""), ("漢", "", ""), ("😀", "", ""), ('"', "", ""), ("W/", "", '"1"'),
        ("en;q=0.1,", "", ""), ("[", "", ""), ("{", "", ""),
        ('-"', "", ""), ("title:", "", ""), ("actor:a ", "", ""), ("a OR ", "", ""),
    )
}  # fmt: skip

JSON: Mapping[str, Shape] = {
    "cut strings": repeated('\\"', '[NaN, "'),
    "open strings": repeated('x"', "[NaN"),
    "backslashes": repeated("\\", '["'),
    "late number": repeated('"\\"",', "[", "NaN]"),
    "late key": repeated('{"a":1},', "[", '{"b":1,"b":2}]'),
    "one key": lambda n: "{" + '"a":1,' * (n // 6) + '"a":1}',
    "keys": lambda n: "{" + ",".join(f'"{i}":1' for i in range(n // 8)) + ',"1":2}',
    "digits": repeated("9", "[", "]"),
    "depth": repeated("["),
    "objects": repeated("{},", "[", "{}]"),
    "empty": repeated(" "),
    "lines": repeated("\n", "[", "oops"),
    "bad escape": repeated("\\u0000", '{"', '":1}'),
    "surrogates": repeated("\\ud800", '["', '"]'),
    "commas in strings": repeated('",",', "[", "1]"),
}


def reading(read: Reader, value: str) -> Callable[[], None]:
    """Return the call that reads a value, whether it is refused or not."""

    def once() -> None:
        with suppress(StandpointError, APIException, ValidationError, ValueError):
            read(value)

    return once


def require_linear(read: Reader, shapes: Mapping[str, Shape], length: int = LENGTH) -> None:
    """Fail for the shapes of which eight times as much takes far more than eight times as long."""
    growth = {
        name: measure_growth(reading(read, shape(length)), reading(read, shape(SCALE * length)))
        for name, shape in shapes.items()
    }
    assert not {name: times for name, times in growth.items() if times > MOST}


def body(raw: str) -> object:
    return StrictJSONParser().parse(io.BytesIO(raw.encode("utf-8", "surrogatepass")))


def request(**meta: Any) -> Request:
    return Request(RequestFactory().get("/api/v1/corpora/", **meta))


def header(name: str) -> Callable[[str], Request]:
    return lambda value: request(**{name: value.encode("utf-8").decode("latin-1")})


def query(value: str) -> object:
    sent = value.encode().decode("latin-1")
    return parameters.parse_query(
        request(QUERY_STRING=sent)._request, filters.list_parameters(filters.ARTICLES)
    )


def cursor(value: str) -> object:
    page = CursorPage()
    return page.paginate_queryset(
        Article.objects.none(), Request(RequestFactory().get("/", {"cursor": value}))
    )


HEADERS: Mapping[str, Reader] = {
    "If-Match": lambda value: preconditions.optional_version(header("HTTP_IF_MATCH")(value)),
    "Authorization": lambda value: TokenAuthentication().authenticate(
        header("HTTP_AUTHORIZATION")(f"Bearer {value}")
    ),
    "Cookie": lambda value: header("HTTP_COOKIE")(value).COOKIES,
    "Content-Type": lambda value: StrictJSONParser().parse(io.BytesIO(b"{}"), f"application/json;{value}"),
}

TEXTS: Mapping[str, Reader] = {
    "mentions": notifications.mentioned_usernames,
    "text": gate.check_text,
    "line": lambda value: gate.check_line(value, "name", 10**9, required=True),
    "excerpt": gate.excerpt,
    "pointer": gate.json_pointer,
    "uuid": parsing.parse_uuid,
    "integer": lambda value: parsing.parse_integer(value, 0, 9),
    "time": parsing.parse_timestamp,
    "language": parsing.parse_language_tag,
    "url": parsing.parse_http_url,
    "slug": limits.check_slug,
    "wikidata": limits.check_qid,
    "metadata": lambda value: list(limits.check_metadata({value: value})),
    "attributes": lambda value: check_attributes("claim", {"date": value, "cue": value, value: value}),
    "folded": fold_name,
    "tokens": Tokens,
    "question": parse_query,
    "terms": lambda value: list(term_blocks(value)),
    "hits": HitFinder(parse_query('a OR "a a b" OR 漢漢漢字 OR "1 1"').text_atoms).find,
    "paragraphs": edges.Paragraphs,
    "sentences": lambda value: len(Sentences(value)),
    "snap": lambda value: edges.snap_range(value, Range.from_offsets(0, len(value), len(value))),
    "units": lambda value: OffsetMap(value).from_utf16(len(value)),
    "form of metadata": forms.MetadataField().to_python,
    "form of aliases": forms.AliasesField().to_python,
    "filter of a list": lambda value: admin_filters.is_valid_value("id", value),
    "query": query,
    **{
        f"filter {name}": parameter.parse
        for name, parameter in {**parameters.PAGE, **filters._ARTICLES}.items()
    },
}


@pytest.mark.parametrize("shape", JSON)
def test_json(shape: str) -> None:
    require_linear(strictjson.loads, {shape: JSON[shape]})
    require_linear(body, {shape: JSON[shape]}, 75_000)


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    require_linear(TEXTS[name], SHAPES)


@pytest.mark.parametrize("name", HEADERS)
def test_headers(name: str) -> None:
    """A header has at most 8 kB: there even a reader of Django's that looks twice takes milliseconds."""
    for shape in SHAPES.values():
        assert cpu_seconds(reading(HEADERS[name], shape(LONGEST_HEADER))) < 1


def test_overlaps() -> None:
    def sweep(n: str) -> object:
        return edges.find_overlaps([Range(0, end) for end in range(1, len(n))])

    require_linear(sweep, {"nested": repeated("a")})


MARKDOWN: Mapping[str, Shape] = {
    unit: repeated(unit, before, after)
    for unit, before, after in (
        ("-", "|a|\n", "x"), ("- ", "|a|\n", "x"), (" ", "|a|\n|", "x"), ("|", "|a|\n-", "x"),
        ("| ", "", "x"), (">", "", "x"), ("> ", "", "x"), ("`", "", ""), ("*", "", ""), ("**a", "", ""),
        ("**a\r", "", ""), ("`a", "", ""), ("#", "", ""), (" \u2028", "#", "x"), (" \r", "-", "x"),
        ("- a\n", "", ""), ("a\n", "", ""), ("> a\n", "", ""), ("|a|\n", "", ""), ("|-|\n", "", ""),
        ("\n", "", ""), ("*a **b `c ", "", ""),
    )
}  # fmt: skip

#: Microseconds that no text of a linear reader takes; below them Node.js still compiles.
MARKDOWN_FLOOR = 50_000

SCRIPT = """
import { readFileSync } from "node:fs";
import { parseMarkdown } from %s;
for (const [name, small, large] of JSON.parse(readFileSync(0, "utf8"))) {
  const taken = (text) => {
    const begun = process.cpuUsage().user;
    parseMarkdown(text);
    return process.cpuUsage().user - begun;
  };
  const best = (text) => Math.min(...[1, 2, 3].map(() => taken(text)));
  const isLinear = () => taken(large) < %d || best(large) <= %d * best(small);
  if (!isLinear() && !isLinear() && !isLinear()) console.log(name);
}
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is missing")
def test_the_markdown_of_a_guideline() -> None:
    """The same script that the workbench runs."""
    module = Path(__file__).parents[1] / "annotations/static/annotations/workbench/markdown.js"
    rows = [(name, shape(10_000), shape(SCALE * 10_000)) for name, shape in MARKDOWN.items()]
    script = SCRIPT % (json.dumps(module.as_uri()), MARKDOWN_FLOOR, MOST)
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", script],
        input=json.dumps(rows), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (0, ""), (run.stdout, run.stderr)
