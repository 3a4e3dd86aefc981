"""The same awkward records for every format: what texts, names and metadata may hold at worst."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from annotations.formats.core import records
from annotations.formats.core.interfaces import RegistryNames

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
TEXT = (
    f"\ufeffArdenia {FAMILY} said “the lock, it leaks”.\r\n\r\n"
    'مرحبا\u202e x\u202c e\u0301\u2028\ttab \\ "q" =1+1\r\ud7ff'
)
TIME = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
ACTOR, ISSUE = "01a0e708-0e60-7a71-a142-309ee3fa39bd", "01a0e714-dfa0-7b04-8855-e0f9f65dac8c"
NAMES = RegistryNames(
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
        id_of(30), id_of(1), id_of(13), None, None, None, None, "rae", "Sure?\r\n\tIt says “=1”.", True,
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


LINES = "Ardenia \n and Lorn\r\n object: no. Lorn \u20ac\U0001f6a7 waits."


def crowded() -> records.Article:
    """An article that no format but our own carries whole: marks over marks, breaks and blanks, four sets."""
    spans = [
        span(110, "actor", "Ardenia", LINES, actor=ACTOR),
        span(
            111, "actor", "rdeni", LINES, attributes='{"mention_type":"name","role_text":"the \u2019state;"}'
        ),
        span(112, "claim", "Ardenia \n and Lorn", LINES, attributes='{"statement_date":"2025-03"}'),
        span(113, "claim", "\n", LINES),
        span(114, "position", "Lorn\r\n", LINES, proposition=ISSUE, attributes='{"stance":"mixed"}'),
        span(115, "position", "object", LINES, proposition=ISSUE, attributes='{"stance":"undecided"}'),
        span(116, "actor", "\U0001f6a7", LINES, actor=ACTOR),
        span(117, "claim", "no", LINES, proposition=ISSUE),
    ]
    links = [
        relation(120, "made_by", 113, 110),
        relation(121, "held_by", 114, 110),
        relation(122, "about", 114, 116),
        relation(123, "supports", 112, 117),
        relation(124, "held_by", 115, 116),
    ]
    said = records.Comment(
        id_of(130), id_of(101), None, None, None, None, None, "rae", "Well?", False, None, None, None, TIME, 1
    )
    missing = said._replace(
        id=id_of(131), start=0, end=2, quote=LINES[:2], suggestion='{"label": "claim", "attributes": {}}'
    )
    gone = said._replace(id=id_of(132), quote="of an “older” text\r\n", parent=id_of(131))
    first = records.AnnotationSet(
        id_of(101), id_of(100), id_of(104), "ann", "rae", "annotation", "production", "approved", 7, 1, None,
        None, TIME, TIME, TIME, [row._replace(set=id_of(101)) for row in spans],
        [row._replace(set=id_of(101)) for row in links], [said, missing, gone],
    )  # fmt: skip
    other = span(141, "actor", "Lorn", LINES)._replace(set=id_of(140))
    second = first._replace(
        id=id_of(140), owner="ben", reviewer=None, state="open", approved_at=None, spans=[other],
        relations=[], comments=[],
    )  # fmt: skip
    older = second._replace(id=id_of(150), owner="cid", revision=id_of(103), state="open", spans=[])
    return article(
        id=id_of(100), external_id=None, title="", metadata="{}", language="",
        revisions=[revision(103, 1, "An older text."), revision(104, 2, LINES)],
        sets=[second, first, older],
    )  # fmt: skip


_ASCRIBED = '{"stance": "support", "basis": "ascribed"}'


def endless() -> records.Article:
    """An article with a mark that no cell of a spreadsheet holds, and a relation of it."""
    text = "🚧" * 16_384
    marks = [
        span(210, "position", text, text, proposition=ISSUE, attributes='{"stance": "oppose"}'),
        span(211, "actor", "🚧", text, actor=ACTOR),
        span(213, "position", "🚧🚧", text, proposition=ISSUE, attributes=_ASCRIBED),
        span(214, "position", "🚧🚧🚧", text, proposition=ISSUE),
    ]
    row = article().sets[0]._replace(
        id=id_of(201), article=id_of(200), revision=id_of(203), spans=marks,
        relations=[relation(2 + held, "held_by", held, 211) for held in (210, 213, 214)], comments=[],
    )  # fmt: skip
    return article(id=id_of(200), metadata="{}", revisions=[revision(203, 1, text)], sets=[row])


def repeated() -> records.Article:
    """An article whose position another copy of its text stands for."""
    return article(copies={(id_of(12), ACTOR): None})


def one_word() -> records.Article:
    """An article whose only word no cell of a spreadsheet holds."""
    return article(id=id_of(220), metadata="{}", revisions=[revision(223, 1, "x" * 40_000)], sets=[])


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """An archive as anybody makes one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
