"""No refusal speaks in the stock sentences of the framework: each is ours, with its place."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core import validators
from django.utils import translation
from rest_framework import fields, relations, serializers

from annotations.api.operations import OperationTables, RequestBodySpec
from annotations.api.urls import urlpatterns
from tests.api.matrix import address, stored_version
from tests.api.matrix_rows import ROWS, Row
from tests.api.resources import Resources
from tests.newsroom import Caller, Newsroom, Reply

PROVES = False  # the data of these tests is proved by others

#: What stands for the whole body, and for each member of it: each kind of JSON, and what is left out.
ODD: tuple[Any, ...] = (None, [], {}, "x", 1.5, [None], {"x": [1]})
ODDER: tuple[Any, ...] = (
    [[{}]],
    {"x": None},
    "",
    "\x00",
    "\u202e\u0301\U0001f469" * 200,
    True,
    -1,
    10**30,
)


def stock_sentences() -> re.Pattern[str]:
    """The framework's own sentences in the language of the reader, whatever stands in their gaps."""
    found = {
        str(sentence)
        for module in (fields, relations, serializers)
        for _, cls in inspect.getmembers(module, inspect.isclass)
        for sentence in getattr(cls, "default_error_messages", {}).values()
    }
    found |= {
        str(sentence)
        for _, cls in inspect.getmembers(validators, inspect.isclass)
        for sentence in [getattr(cls, "message", "")]
        if sentence
    }
    gaps = re.compile(r"%\\\(\w+\\\)[sd]|\\\{\w+\\\}")
    return re.compile("|".join(sorted(gaps.sub(".*", re.escape(each)) for each in found)))


def shape_of(key: str) -> type[Any] | None:
    """The serializer of the body of an operation."""
    method, route = key.split()
    views: Mapping[str, type[OperationTables]] = {
        str(each.pattern): getattr(each.callback, "view_class", OperationTables) for each in urlpatterns
    }
    declared = views[route].request_bodies.get(method)
    return declared.content if isinstance(declared, RequestBodySpec) else declared


def odd_bodies(shape: type[Any], body: Any, odd_values: tuple[Any, ...]) -> Iterator[Any]:
    """Bodies that are odd as a whole, and those with something odd in every member."""
    names = [name for name, field in shape().fields.items() if not field.read_only]
    for odd in odd_values:
        yield odd
        members = dict.fromkeys(names, odd)
        yield [members] if isinstance(body, list) else members


def writer(newsroom: Newsroom, row: Row) -> Caller:
    """Somebody who may write there."""
    return Caller.with_session(newsroom.user("max")) if row.session else newsroom[next(iter(row.scopes))]


@pytest.fixture
def things(newsroom: Newsroom) -> Resources:
    """Everything in ``lake``."""
    return Resources(newsroom, newsroom.lake, "max", "ann", "rae").whole()


@pytest.mark.parametrize(
    ("language", "odd_values"),
    [
        pytest.param("en", ODD, id="en"),
        pytest.param("en", ODDER, id="en-odder", marks=pytest.mark.slow),
        pytest.param("de", (*ODD, *ODDER), id="de", marks=pytest.mark.slow),
    ],
)
def test_no_refusal_is_a_stock_sentence(
    newsroom: Newsroom, things: Resources, language: str, odd_values: tuple[Any, ...]
) -> None:
    wrong: set[str] = set()
    with translation.override(language):
        stock = stock_sentences()
    for key, row in ROWS.items():
        shape = shape_of(key)
        if row.body is None or shape is None:
            continue
        caller = writer(newsroom, row)
        caller.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        version = stored_version(row, things) if row.version else None
        for body in odd_bodies(shape, row.body, odd_values):
            reply = caller.call(key.split()[0], address(key, things), body, version=version)
            wrong |= {f"{key}: {each}" for each in faults(reply, stock)}
    assert not wrong, "\n".join(sorted(wrong))


def faults(reply: Reply, stock: re.Pattern[str]) -> Iterator[str]:
    """What is not right about a refusal."""
    if reply.status >= 500:
        yield f"{reply.status}"
    if reply.status != 400:
        return
    for error in reply.data["errors"]:
        if stock.fullmatch(error["detail"]):
            yield f"{error['pointer']} {error['detail']}"
        if "pointer" not in error:
            yield f"no place: {error}"


def test_a_list_that_is_too_long_is_refused_before_its_items(newsroom: Newsroom) -> None:
    many = [1] * 50_000
    bodies: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("corpora/lake/calibrations/", "articles", {"owners": ["ann"]}),
        ("corpora/lake/assignments/", "articles", {"owners": ["ann"]}),
        ("corpora/lake/articles/status/", "external_ids", {}),
    )
    for at, name, others in bodies:
        reply = newsroom.max.post(at, {**others, name: many})
        told = [(error["pointer"], error["code"]) for error in reply.data["errors"]]
        assert told == [(f"/{name}", "too-long")], at
        assert "send it in parts" in reply.data["detail"], at
    filters = {f"k{number}": "" for number in range(50_000)}
    reply = newsroom.max.post("corpora/lake/searches/", {"name": "a", "query": "b", "filters": filters})
    assert [(error["pointer"], error["code"]) for error in reply.data["errors"]] == [("/filters", "too-long")]
