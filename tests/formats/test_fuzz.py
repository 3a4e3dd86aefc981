"""Garbage in, sentences out: no reader ever raises anything but a refusal."""

from __future__ import annotations

import io
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.exceptions import InvalidInputError
from annotations.formats import FORMATS
from annotations.formats.core.interfaces import ParsedRecord, StandoffAnnotations
from annotations.formats.core.term_mapping import TermMapping
from annotations.text.gate import json_pointer
from tests.formats import edge_cases
from tests.formats.test_article_readers import SAMPLES
from tests.formats.test_formats import EVERYTHING, written
from tests.formats.test_round_trips import NAMES, sample

READERS = [name for name, row in FORMATS.items() if row.is_readable]
TRANSLATION = TermMapping.parse("actor:Person,claim:Content,made_by:SaidBy,text:body")

# Pieces that mean something to one format or another.
PIECES = st.sampled_from(
    [
        "T1\tactor 0 3\tArd\n", "T1\tactor 0 1;2 3\tA d\n", "R1\tx Arg1:T1 Arg2:T9\n", "E1\tx:T1 y:E1\n",
        '{"text": "Ardenia"', '"label": [[0, 3, "actor"]]', "{", "}", "[", "]", ",", ":", '"', "\\", "\n",
        "\r\n", "\t", "#FORMAT=WebAnno TSV 3.3\n", "#T_SP=a.actor|x\n", "1-1\t0-3\tArd\t*[1]\t\n",
        "#Text=Ard\n",
        "B-actor\n", "Ard -X- _ I-claim\n", "-DOCSTART-\n", "=\xd8", "text,id\n",
        "<rss><channel><item>", "</item></channel></rss>", "<!DOCTYPE a>", "&amp;", "\u2028", "\x00", "1e999",
        '"annotations": [{"result": [{"type": "labels", "value": {"start": -1, "end": 9e9}}]}]', "null", "𝄞",
        '"target": {"source": "a", "selector": {"type": "TextPositionSelector", "start": 0, "end": 1}}',
        "statement_id;concept;agreement;start_position;stop_position;document_id\n", "1;x;1;0;3;a\n",
    ]
)  # fmt: skip
WRITTEN = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map(
    lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
)


def consume(name: str, data: bytes) -> None:
    """Read everything, as an import does."""
    options = {"names": TRANSLATION} if "names" in FORMATS[name].reader_options else {}
    refusal = "."
    try:
        for line in cast("Any", FORMATS[name].reader)(io.BytesIO(data), **options):
            check(line)
            if isinstance(line.record, StandoffAnnotations):
                check(line.record.read_with_text(edge_cases.TEXT))
    except InvalidInputError as error:
        refusal = error.detail
    assert refusal.endswith(".")


def check(line: ParsedRecord) -> None:
    assert (line.record is None) == bool(line.errors), line
    for fault in line.errors:
        assert fault.detail.endswith("."), fault
        assert "\n" not in fault.detail
        (fault.detail + (fault.pointer or "") + (line.external_id or "")).encode()
    for what, ids in line.losses:
        what.encode()
        assert all(type(id) is str for id in ids)


@cache
def real(name: str) -> bytes:
    """A file as it should be."""
    if FORMATS[name].is_writable:
        return written(FORMATS[name], *EVERYTHING)[0]
    return SAMPLES[name]


@pytest.mark.parametrize("name", READERS)
@given(data=st.one_of(st.binary(max_size=200), WRITTEN))
@settings(max_examples=60, deadline=None)
def test_garbage(name: str, data: bytes) -> None:
    consume(name, data)


@pytest.mark.parametrize("name", READERS)
@given(chance=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_that_was_damaged(name: str, chance: st.DataObject) -> None:
    data = bytearray(sample(name) if name in NAMES and chance.draw(st.booleans()) else real(name))
    for _ in range(chance.draw(st.integers(1, 4))):
        start = chance.draw(st.integers(0, max(0, len(data) - 1)))
        length = chance.draw(st.integers(0, 12))
        data[start : start + length] = chance.draw(st.one_of(st.binary(max_size=8), WRITTEN))
    consume(name, bytes(data))


@pytest.mark.parametrize("name", ["brat", "webannotsv", "conll"])
@given(chance=st.data())
@settings(max_examples=40, deadline=None)
def test_a_table_that_was_damaged_in_a_whole_archive(name: str, chance: st.DataObject) -> None:
    files = {
        "brat": {"a.txt": edge_cases.TEXT, "a.ann": "T1\tactor 1 8\tArdenia\nA1\tmention_type T1 name\n"},
        "webannotsv": {"a.txt": edge_cases.TEXT, "a.tsv": sample("webannotsv").decode()},
        "conll": {"a.conll": "-DOCSTART- -X- O O\n\nArd -X- _ B-actor\nb -X- _ I-actor\n"},
    }[name]
    key = chance.draw(st.sampled_from(sorted(files)))
    text = files[key]
    start = chance.draw(st.integers(0, len(text)))
    length = chance.draw(st.integers(0, 12))
    put = chance.draw(WRITTEN)
    damaged = text[:start].encode() + put + text[start + length :].encode()
    consume(name, edge_cases.zipped({**files, key: damaged}))


@given(st.lists(st.text(max_size=3), max_size=4))
def test_a_pointer_can_always_be_shown(parts: list[str]) -> None:
    json_pointer(*parts).encode("utf-8", "surrogatepass")
