"""What a line may hold: every fault is found, named and placed, and nothing else is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import limits
from annotations.formats.core import record_parser, registry_parser, value_checks
from annotations.formats.core.object_reader import MAX_FIELD_ERRORS, FieldErrors
from annotations.formats.core.records import Article
from annotations.formats.core.set_parser import read_spans
from annotations.formats.readers.jsonl import MAX_LINE_BYTES, read_jsonl
from annotations.formats.readers.text import read_text
from annotations.models import (
    Actor,
    ActorKind,
    Alias,
    AliasKind,
    Corpus,
    EntryKind,
    Proposition,
    PropositionStatus,
    Topic,
)
from annotations.models import (
    Article as ArticleModel,
)
from annotations.text.parsing import MAX_LANGUAGE, MAX_URL
from tests.text.strategies import texts_with_range

TEXT = "Ardenia said the lock leaks. 🛶 Lorn is against it."
SPANS = [
    {"id": "s1", "label": "actor", "start": 0, "end": 7},
    {"id": "s2", "label": "claim", "start": 13, "end": 27, "quote": "the lock leaks"},
]
Change = Callable[[dict[str, Any]], Any]


def line(**changes: Any) -> dict[str, Any]:
    return {"external_id": "a1", "text": TEXT, **changes}


def faults(value: Any) -> list[tuple[str, str]]:
    """Codes and places of all that is wrong with one line."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    (read,) = read_jsonl(io.BytesIO(raw))
    assert (read.record is None) == bool(read.errors)
    assert all(fault.detail.endswith(".") for fault in read.errors)
    return [(fault.code, fault.pointer or "") for fault in read.errors]


def spans(*changes: dict[str, Any]) -> dict[str, Any]:
    return line(spans=[{**SPANS[0], **change} for change in changes])


def relation(**changes: Any) -> dict[str, Any]:
    return line(spans=SPANS, relations=[{"type": "made_by", "source": "s2", "target": "s1", **changes}])


def marked(**changes: Any) -> dict[str, Any]:
    return line(sets=[{"owner": "ann", "spans": SPANS, **changes}])


def comment(**changes: Any) -> dict[str, Any]:
    return marked(comments=[{"id": "c1", "author": "rae", "text": "Sure?", **changes}])


def actor(**changes: Any) -> dict[str, Any]:
    return {"type": "actor", "id": "x", "name": "Ardenia", "kind": "state", **changes}


WRONG: list[tuple[Any, str, str]] = [
    (b"nonsense", "syntax", ""),
    (b'{"text": "x", "text": "y"}', "duplicate-key", ""),
    (b'{"text": "\xff"}', "encoding", ""),
    (b'{"text": NaN}', "syntax", ""),
    (b'{"text": "x", "metadata": {"a": 1e999}}', "number", ""),
    (b"[" * 100 + b"]" * 100, "too-deep", ""),
    ([1], "type", ""),
    ("text", "type", ""),
    ({"type": "banana"}, "choice", "/type"),
    ({"type": ["article"]}, "choice", "/type"),
    ({}, "required", "/text"),
    (line(text=None), "required", "/text"),
    (line(text=5), "type", "/text"),
    (line(text=""), "text-not-allowed", "/text"),
    (line(text="a\u0000b"), "text-not-allowed", "/text"),
    (line(text="a\ud800b"), "text-not-allowed", "/text"),
    (line(text="a\u000bb"), "text-not-allowed", "/text"),
    (line(more=1), "unknown-field", "/more"),
    (line(status="open"), "unknown-field", "/status"),
    (line(external_id=""), "characters", "/external_id"),
    (line(external_id=5), "type", "/external_id"),
    (line(external_id="x" * 256), "too-long", "/external_id"),
    (line(external_id="a\u202eb"), "characters", "/external_id"),
    (line(title="a\nb"), "characters", "/title"),
    (line(title="x" * 501), "too-long", "/title"),
    (line(url="javascript:alert(1)"), "format", "/url"),
    (line(url=" https://a.example"), "format", "/url"),
    (line(language="x y"), "format", "/language"),
    (line(published_at="2026-03-01"), "format", "/published_at"),
    (line(published_at="2026-02-30T00:00:00Z"), "format", "/published_at"),
    (line(published_at=0), "type", "/published_at"),
    (line(annotators=0), "too-small", "/annotators"),
    (line(annotators=True), "type", "/annotators"),
    (line(annotators=2**40), "too-large", "/annotators"),
    (line(metadata=[]), "type", "/metadata"),
    (line(metadata={"a": {}}), "type", "/metadata/a"),
    (line(metadata={"a": 1.5}), "type", "/metadata/a"),
    (line(metadata={"a": 2**53}), "too-large", "/metadata/a"),
    (line(metadata={"a": "x\u0000"}), "characters", "/metadata/a"),
    (line(metadata={"a/b": "x" * 2001}), "too-long", "/metadata/a~1b"),
    (line(metadata={"": 1}), "characters", "/metadata/"),
    (line(metadata={"k" * 101: 1}), "too-long", f"/metadata/{'k' * 100}"),
    (line(metadata={str(n): n for n in range(51)}), "too-long", "/metadata"),
    (line(revisions=[]), "required", "/revisions"),
    (line(revisions={}), "type", "/revisions"),
    (line(revisions=[{"text": "other"}]), "invalid", "/text"),
    (line(revisions=[{"text": TEXT, "sha256": "0" * 64}]), "invalid", "/revisions/0/sha256"),
    (line(revisions=[{"text": TEXT, "sha256": "no"}]), "format", "/revisions/0/sha256"),
    (
        line(revisions=[{"text": "x", "number": 2}, {"text": TEXT, "number": 1}]),
        "invalid",
        "/revisions/1/number",
    ),
    (line(revisions=[{"id": "r", "text": "x"}, {"id": "r", "text": TEXT}]), "duplicate", "/revisions/1/id"),
    (line(revision={"number": 2}), "invalid", "/revision/number"),
    (line(revision={"length": 3}), "invalid", "/revision/length"),
    (line(spans={}), "type", "/spans"),
    (line(spans=[5]), "type", "/spans/0"),
    (spans({"start": -1}), "out-of-bounds", "/spans/0/start"),
    (spans({"end": 1000}), "out-of-bounds", "/spans/0/end"),
    (spans({"end": 0}), "empty-span", "/spans/0/end"),
    (spans({"start": "0"}), "type", "/spans/0/start"),
    (spans({"start": 0.0}), "type", "/spans/0/start"),
    (spans({"start": True}), "type", "/spans/0/start"),
    (spans({"start": 2**60}), "too-large", "/spans/0/start"),
    (spans({"start": None}), "null", "/spans/0/start"),
    (spans({"quote": "ardenia"}), "quote-mismatch", "/spans/0/quote"),
    (spans({"quote": 5}), "type", "/spans/0/quote"),
    (spans({"label": "ACTOR"}), "choice", "/spans/0/label"),
    (spans({"label": []}), "type", "/spans/0/label"),
    (spans({"more": 1}), "unknown-field", "/spans/0/more"),
    (spans({"attributes": []}), "wrong-type", "/spans/0/attributes"),
    (spans({"attributes": {"stance": "oppose"}}), "not-for-label", "/spans/0/attributes/stance"),
    (spans({"attributes": {"mention_type": "x"}}), "unknown-value", "/spans/0/attributes/mention_type"),
    (spans({"attributes": {"mention_type": None}}), "wrong-type", "/spans/0/attributes/mention_type"),
    (spans({"attributes": {"role_text": "a\nb"}}), "text-not-allowed", "/spans/0/attributes/role_text"),
    (spans({"proposition": "p"}), "not-for-label", "/spans/0/proposition"),
    (spans({"actor": ""}), "characters", "/spans/0/actor"),
    (spans({"actor": 5}), "type", "/spans/0/actor"),
    (spans({"origin": "robot"}), "choice", "/spans/0/origin"),
    (spans({"version": 0}), "too-small", "/spans/0/version"),
    (spans({"version": 2**31}), "too-large", "/spans/0/version"),
    (spans({"id": "a\u0000"}), "characters", "/spans/0/id"),
    (spans({}, {"id": "s3"}), "duplicate", "/spans/1"),
    (spans({}, {"start": 1}), "duplicate", "/spans/1/id"),
    (relation(source="s9"), "relation-ends", "/relations/0/source"),
    (relation(source="s1", target="s2"), "relation-ends", "/relations/0"),
    (relation(target="s2"), "relation-ends", "/relations/0"),
    (relation(type="likes"), "choice", "/relations/0/type"),
    (relation(source=None), "null", "/relations/0/source"),
    (relation(extra=1), "unknown-field", "/relations/0/extra"),
    (
        line(relations=[{"type": "made_by", "source": "a", "target": "b"}]),
        "relation-ends",
        "/relations/0/source",
    ),
    (line(spans=SPANS, sets=[]), "invalid", "/spans"),
    (marked(state="finished"), "choice", "/sets/0/state"),
    (marked(round="third"), "choice", "/sets/0/round"),
    (marked(reviewer="ann"), "four-eyes", "/sets/0/reviewer"),
    (marked(owner="a b"), "format", "/sets/0/owner"),
    (marked(revision="r9"), "not-in-corpus", "/sets/0/revision"),
    (marked(imported=True), "unknown-field", "/sets/0/imported"),
    (line(id="a", sets=[{"article": "b"}]), "not-in-corpus", "/sets/0/article"),
    (line(sets=[{"id": "x"}, {"id": "x"}]), "duplicate", "/sets"),
    (line(sets=[{"id": "x", "spans": [{**SPANS[0], "set": "y"}]}]), "not-in-corpus", "/sets/0/spans/0/set"),
    (comment(author=None), "null", "/sets/0/comments/0/author"),
    (comment(text=" "), "empty", "/sets/0/comments/0/text"),
    (comment(text="x" * (limits.MAX_PROSE + 1)), "too-long", "/sets/0/comments/0/text"),
    (comment(blocking="yes"), "type", "/sets/0/comments/0/blocking"),
    (comment(span="s9"), "not-in-corpus", "/sets/0/comments/0/span"),
    (comment(start=0), "required", "/sets/0/comments/0/end"),
    (comment(end=3), "required", "/sets/0/comments/0/start"),
    (comment(start=0, end=900), "out-of-bounds", "/sets/0/comments/0/end"),
    (comment(start=3, end=3), "empty-span", "/sets/0/comments/0/end"),
    (comment(start=0, end=3, quote="xyz"), "quote-mismatch", "/sets/0/comments/0/quote"),
    (comment(start="0", end=3), "type", "/sets/0/comments/0/start"),
    (comment(start=0, end=3, span="s1"), "one-place", "/sets/0/comments/0/start"),
    (comment(quote="gone", span="s1"), "one-place", "/sets/0/comments/0/quote"),
    (comment(quote="x" * (limits.MAX_SPAN + 1)), "too-long", "/sets/0/comments/0/quote"),
    (
        comment(start=0, end=3, suggestion={"attributes": {}}),
        "required",
        "/sets/0/comments/0/suggestion/label",
    ),
    (
        comment(start=0, end=3, suggestion={"label": "actor", "end": 4}),
        "one-place",
        "/sets/0/comments/0/suggestion/end",
    ),
    (comment(parent="c9"), "not-in-corpus", "/sets/0/comments"),
    (comment(parent="c1"), "not-in-corpus", "/sets/0/comments"),
    (comment(resolved_by="ann"), "required", "/sets/0/comments/0/resolved_at"),
    (actor(kind="ghost"), "choice", "/kind"),
    (actor(name=" "), "characters", "/name"),
    (actor(qid="42"), "format", "/qid"),
    (actor(aliases=[{"text": "A"}, {"text": "A", "language": None}]), "duplicate", "/aliases"),
    (actor(aliases=[{"text": str(n)} for n in range(201)]), "too-long", "/aliases"),
    (actor(id=None), "null", "/id"),
    ({"type": "topic", "id": "t"}, "required", "/name"),
    ({"type": "proposition", "id": "p", "text": "x", "kind": "idea"}, "choice", "/kind"),
    ({"type": "header", "format": "standpoint/2", "corpus": {}}, "choice", "/format"),
    (
        {"type": "header", "format": "standpoint/1", "corpus": {"name": "x", "slug": "A B"}},
        "format",
        "/corpus/slug",
    ),
    (
        {"type": "header", "format": "standpoint/1", "corpus": {"name": "x"}, "offset_unit": "utf16"},
        "choice",
        "/offset_unit",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "pointer"), WRONG)
def test_a_fault_is_named_and_placed(value: Any, code: str, pointer: str) -> None:
    assert (code, pointer) in faults(value)


RIGHT: list[Any] = [
    line(),
    {"text": TEXT},
    line(type="article", spans=SPANS, relations=None),
    line(spans=[], relations=[]),
    line(text="\r\n"),
    line(text="\ufeff" + TEXT),
    line(title="\u202eabc", author=None, url="https://a.example/x", published_at="2026-03-01T12:00:00+05:30"),
    line(metadata={"a": None, "b": True, "c": -3, "d": "x\ny"}),
    line(text=None, revisions=[{"text": "x"}, {"text": TEXT, "reason": "typo"}]),
    line(revisions=[{"text": TEXT}], revision={"number": 1, "length": len(TEXT), "sha256": None}),
    spans({"quote": None, "attributes": None, "set": "any"}),
    spans({"attributes": {"role_text": "minister"}, "actor": "any id at all"}),
    spans({"id": "01A0E708-0E60-7A71-A142-309EE3FA39BD"}),
    spans({}, {"id": None, "end": 3}),
    relation(),
    relation(id="r1", version=3),
    marked(reviewer="rae", state="approved"),
    comment(span="s1"),
    comment(start=0, end=3),
    comment(start=0, end=3, quote=TEXT[:3], suggestion={"label": "actor"}),
    comment(quote="words of an older text"),
    actor(aliases=[{"text": "A"}, {"text": "A", "language": "en"}], merged_into="y"),
    {"type": "topic", "id": "t", "name": "Lock"},
    {"type": "header", "format": "standpoint/1", "corpus": {"name": "x"}},
]


@pytest.mark.parametrize("value", RIGHT)
def test_what_is_right_passes(value: Any) -> None:
    assert faults(value) == []


def test_all_faults_of_a_line_are_told_at_once() -> None:
    found = faults(line(url="x", title=5, spans=[{**SPANS[0], "end": 900}, {**SPANS[1], "quote": "no"}]))
    assert {pointer for _, pointer in found} == {"/url", "/title", "/spans/0/end", "/spans/1/quote"}


def test_a_million_faults_are_not_a_million_sentences() -> None:
    found = faults(line(spans=[{"label": "x"}] * 1000))
    assert len(found) == MAX_FIELD_ERRORS


def test_a_quote_in_other_offsets_tells_where_it_stands() -> None:
    quote = "Lorn"
    right = TEXT.index(quote)
    (read,) = read_jsonl(
        io.BytesIO(json.dumps(spans({"start": right + 1, "end": right + 5, "quote": quote})).encode())
    )
    assert f"stands from {right} to {right + 4}" in read.errors[0].detail


def test_ids_are_the_same_however_a_uuid_is_written() -> None:
    upper = "01A0E708-0E60-7A71-A142-309EE3FA39BD"
    sent = line(
        spans=[{**SPANS[0], "id": upper}, SPANS[1]],
        relations=[{"type": "made_by", "source": "s2", "target": upper}],
    )
    (read,) = read_jsonl(io.BytesIO(json.dumps(sent).encode()))
    assert isinstance(read.record, Article)
    assert read.record.sets[0].relations[0].target == upper.lower() == read.record.sets[0].spans[0].id


def test_lines_are_counted_whatever_is_in_them() -> None:
    good = json.dumps(line()).encode()
    data = good + b"\r\n\n  \n" + b"x" * (MAX_LINE_BYTES + 5) + b"\n" + good
    read = list(read_jsonl(io.BytesIO(data)))
    assert [(one.number, [fault.code for fault in one.errors]) for one in read] == [
        (1, []),
        (4, ["too-large"]),
        (5, []),
    ]


@pytest.mark.parametrize(
    ("raw", "code"), [(b"\xff\xfe", "text-not-allowed"), (b"a\x00b", "text-not-allowed")]
)
def test_a_text_file_passes_the_gate(raw: bytes, code: str) -> None:
    (read,) = read_text(io.BytesIO(raw), external_id="x")
    assert [fault.code for fault in read.errors] == [code]


def test_a_text_file_is_taken_to_the_byte() -> None:
    raw = "\ufeffone\r\ntwo \u2028 e\u0301 ".encode()
    (read,) = read_text(io.BytesIO(raw), external_id="x", title="T")
    assert isinstance(read.record, Article)
    assert read.record.revisions[-1].text.encode() == raw
    assert (read.record.external_id, read.record.title) == ("x", "T")


def test_a_name_of_a_text_file_is_checked_too() -> None:
    (read,) = read_text(io.BytesIO(b"x"), external_id="a\nb")
    assert [(fault.code, fault.pointer) for fault in read.errors] == [("characters", "/external_id")]


@given(texts_with_range())
def test_every_range_of_every_text_is_taken_with_its_quote(case: tuple[str, int, int]) -> None:
    text, start, end = case
    sent = [{"label": "actor", "start": start, "end": end, "quote": text[start:end]}]
    found = FieldErrors()
    (span,) = read_spans(sent, text, "", found, "/spans")
    assert (span.quote, list(found)) == (text[start:end], [])


@given(texts_with_range(), st.text(max_size=5))
def test_no_wrong_quote_is_taken(case: tuple[str, int, int], quote: str) -> None:
    text, start, end = case
    found = FieldErrors()
    sent = [{"label": "actor", "start": start, "end": end, "quote": quote}]
    assert bool(read_spans(sent, text, "", found, "")) == (quote == text[start:end])


LINES = ("external_id", "title", "source", "author", "story_key")


def longest(model: Any, name: str) -> int:
    return int(model._meta.get_field(name).max_length)


@pytest.mark.parametrize(
    ("words", "table"),
    [
        (registry_parser.ACTOR_KINDS, ActorKind),
        (registry_parser.ALIAS_KINDS, AliasKind),
        (registry_parser.PROPOSITION_STATUSES, PropositionStatus),
        (registry_parser.MERGE_KINDS, EntryKind),
    ],
)
def test_the_words_are_those_of_the_tables(words: tuple[str, ...], table: type[StrEnum]) -> None:
    assert words == tuple(str(word) for word in table)


@pytest.mark.parametrize(
    ("model", "name", "field"),
    [
        *((ArticleModel, name, record_parser.ARTICLE_FIELDS[name]) for name in LINES),
        (Corpus, "name", record_parser._CORPUS["name"]),
        (Actor, "name", registry_parser._ACTOR["name"]),
        (Alias, "text", registry_parser._ALIAS["text"]),
        (Topic, "name", registry_parser._TOPIC["name"]),
        (Proposition, "text", registry_parser._PROPOSITION["text"]),
    ],
)  # fmt: skip
def test_limits_are_those_of_the_columns(model: Any, name: str, field: Any) -> None:
    limit = longest(model, name)
    assert field.check("x" * limit)
    with pytest.raises(value_checks.InvalidValueError):
        field.check("x" * (limit + 1))


def test_other_limits_fit_their_columns() -> None:
    assert longest(ArticleModel, "url") == MAX_URL
    assert longest(ArticleModel, "language") == longest(Alias, "language") == MAX_LANGUAGE
