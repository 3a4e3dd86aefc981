"""The same nasty records for every format: what texts, names and metadata may hold at worst."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from annotations.formats import records
from annotations.formats.base import Names

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
TEXT = (
    f"\ufeffArdenia {FAMILY} said “the lock, it leaks”.\r\n\r\n"
    'مرحبا\u202e x\u202c e\u0301\u2028\ttab \\ "q" =1+1\r\ud7ff'
)
TIME = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
ACTOR, ISSUE = "01a0e708-0e60-7a71-a142-309ee3fa39bd", "01a0e714-dfa0-7b04-8855-e0f9f65dac8c"
NAMES = Names(
    {ACTOR: "=Ardenia, “the, state”\u200d"}, {ISSUE: "The lock\u2019s toll; “now”."}, {ISSUE: "@Lock"}
)


def id_of(number: int) -> str:
    """An id, the same for the same number."""
    return f"01a0f138-64c0-7f26-b2d0-{number:012x}"


def span(number: int, label: str, words: str, text: str = TEXT, **fields: Any) -> records.Span:
    """A span on the first occurrence of the words."""
    start = text.index(words)
    values: dict[str, Any] = {"attributes": "{}", "actor": None, "proposition": None, **fields}
    return records.Span(
        id_of(number), id_of(1), label, start, start + len(words), words, values["attributes"],
        values["actor"], values["proposition"], "human", 1,
    )  # fmt: skip


def relation(number: int, type_: str, source: int, target: int) -> records.Relation:
    """A relation between two spans by their numbers."""
    return records.Relation(id_of(number), id_of(1), type_, id_of(source), id_of(target), 1)


def article(**fields: Any) -> records.Article:
    """An article with two revisions and one approved set with everything in it."""
    spans = [
        span(10, "actor", "Ardenia", actor=ACTOR, attributes='{"mention_type":"name"}'),
        span(11, "actor", FAMILY),
        span(
            12,
            "position",
            "the lock, it leaks",
            proposition=ISSUE,
            attributes='{"attribution": "named", "stance": "oppose", "basis": "stated"}',
        ),
        span(13, "claim", '"q" =1+1'),
        span(14, "position", "=1+1"),
    ]
    comment = records.Comment(
        id_of(30), id_of(1), id_of(13), None, "rae", "Sure?\r\n\tIt says “=1”.", True,
        '{"end": 3, "attributes": {"mode": "mixed"}}', "ann", TIME, TIME, 2,
    )  # fmt: skip
    rows = records.AnnotationSet(
        id_of(1), id_of(0), id_of(3), "ann", "rae", "annotation", "production", "approved", 7, 1, None, None,
        TIME, TIME, TIME, spans,
        [relation(20, "held_by", 12, 10), relation(21, "held_by", 12, 11), relation(22, "made_by", 13, 10)],
        [comment],
    )  # fmt: skip
    values: dict[str, Any] = {
        "id": id_of(0),
        "corpus": "lake",
        "external_id": "=cmd|' /C calc'!A0",
        "title": "\u202eTitle, “quoted”",
        "source": "+Courier",
        "author": "",
        "url": "https://lakeside.example/a?b=c#d",
        "language": "tg-Cyrl",
        "published_at": TIME,
        "story_key": "",
        "metadata": '{"z": 1, "a": "\\u2028=1", "ä": null, "b": true}',
        "annotators": 1,
        "priority": -3,
        "excluded_reason": "",
        "created_at": TIME,
        "revisions": [revision(2, 1, "An older text."), revision(3, 2, TEXT)],
        "sets": [rows],
        **fields,
    }
    return records.Article(**values)


def revision(number: int, version: int, text: str) -> records.Revision:
    """A version of a text."""
    return records.Revision(id_of(number), version, text, hashlib.sha256(text.encode()).hexdigest(), "")
