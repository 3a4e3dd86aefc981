"""Every format over the same awkward records, and what the table says of them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from annotations.formats import FORMATS, Dialect, Format
from annotations.formats.core.interfaces import Losses, Writer
from annotations.formats.core.records import Actor, Alias, Article, Corpus, Proposition, Topic
from annotations.formats.readers.jsonl import read_jsonl
from annotations.formats.writers.tables import POSITION_COLUMNS, QUOTE_COLUMNS, defuse_formula
from annotations.scheme import ATTRIBUTES
from tests.formats import edge_cases
from tests.formats.edge_cases import ACTOR, FAMILY, ISSUE, NAMES, TEXT, id_of

HEADER = Corpus(id_of(99), "lake", "The lake", "", "Mark.\r\n", 3, "statements", 1, False, False)
ENTRIES = (
    Actor(ACTOR, "Ardenia", "state", "Q1", None, "", [Alias("A", "", "abbreviation")], None, []),
    Topic(id_of(40), "Lock", None),
    Proposition(ISSUE, id_of(40), "The toll.", "issue", "accepted", None),
)
WRITERS = [row for row in FORMATS.values() if row.writer is not None and not row.required_package]


def written(row: Format, *articles: Article, dialect: Dialect = Dialect.MACHINE) -> tuple[bytes, Writer]:
    """What a format makes of these articles."""
    assert row.writer is not None
    out = io.BytesIO()
    writer = row.writer(out, dialect=dialect)
    writer.question = f"said OR {'x' * 200}"
    writer.write_corpus(HEADER)
    for entry in ENTRIES:
        writer.write_entry(entry)
    for article in articles:
        writer.write_article(article, NAMES)
    writer.close()
    return out.getvalue(), writer


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def losses(writer: Writer) -> dict[str, int]:
    return {loss["what"]: loss["count"] for loss in writer.losses.as_list()}


#: What a writer may be asked for without an optional package.
PLAIN = [
    (row, dialect)
    for row in WRITERS
    for dialect in dict.fromkeys((Dialect.MACHINE, Dialect.SPREADSHEET, *row.dialects))
    if dialect != Dialect.DOCBIN
]
EVERYTHING = (edge_cases.article(), edge_cases.crowded())
WITH_LOSSES = (edge_cases.endless(), edge_cases.repeated(), edge_cases.one_word())


@pytest.mark.parametrize(("row", "dialect"), PLAIN, ids=lambda value: getattr(value, "name", value))
class TestConformance:
    """What every writer promises."""

    def test_it_makes_the_same_bytes_again(self, row: Format, dialect: Dialect) -> None:
        first = written(row, *EVERYTHING, dialect=dialect)[0]
        assert first == written(row, *EVERYTHING, dialect=dialect)[0]

    def test_it_tells_no_loss_that_the_table_does_not_explain(self, row: Format, dialect: Dialect) -> None:
        _, writer = written(row, *EVERYTHING, dialect=dialect)
        assert set(losses(writer)) <= set(row.loss_descriptions)

    def test_it_loses_nothing_where_there_is_nothing(self, row: Format, dialect: Dialect) -> None:
        bare = edge_cases.article(sets=[], revisions=[edge_cases.revision(3, 1, TEXT)], metadata="{}")
        assert not losses(written(row, bare, dialect=dialect)[1])

    def test_it_writes_an_empty_corpus(self, row: Format, dialect: Dialect) -> None:
        data, writer = written(row, dialect=dialect)
        assert data or row.media_type == "application/x-ndjson"  # lines, and perhaps there is none
        assert not len(writer.losses)

    def test_names_in_an_archive_are_ours(self, row: Format, dialect: Dialect) -> None:
        evil = edge_cases.article(external_id="../../../etc/passwd", title="../../../etc/passwd")
        data, _ = written(row, evil, dialect=dialect)
        if row.extension == "zip":
            names = zipfile.ZipFile(io.BytesIO(data)).namelist()
            assert all(re.fullmatch(r"(?:[a-z0-9-]+/)*[A-Za-z0-9-]+\.[a-z]+", name) for name in names), names
            assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", WRITERS, ids=lambda row: row.name)
def test_every_loss_of_the_table_can_happen(row: Format) -> None:
    found = {
        what
        for dialect in (Dialect.MACHINE, *row.dialects)
        if dialect != Dialect.DOCBIN
        for what in losses(written(row, *EVERYTHING, *WITH_LOSSES, dialect=dialect)[1])
    }
    assert found == set(row.loss_descriptions)


def test_jsonl_says_everything_in_the_order_of_the_contract() -> None:
    data, writer = written(FORMATS["jsonl"], edge_cases.article())
    lines = data.split(b"\n")
    assert lines.pop() == b""
    records = [json.loads(line) for line in lines]
    assert [record["type"] for record in records] == ["header", "actor", "topic", "proposition", "article"]
    # the encoder of Python agrees about every separator and escape
    assert lines == [json.dumps(record, ensure_ascii=False).encode() for record in records]
    article = records[-1]
    assert list(article) == [
        "type", "id", "corpus", "external_id", "title", "source", "author", "url", "language", "published_at",
        "story_key", "metadata", "annotators", "priority", "excluded_reason", "revision", "created_at",
        "revisions", "sets",
    ]  # fmt: skip
    assert article["author"] is None
    assert list(article["metadata"]) == ["a", "b", "z", "ä"]
    assert article["published_at"] == "2026-03-01T12:00:00.000005Z"
    assert article["revisions"][1]["text"] == TEXT
    assert article["revision"]["length"] == len(TEXT)
    (row,) = article["sets"]
    assert list(row["spans"][2]["attributes"]) == ["stance", "basis", "attribution"]
    assert list(row["spans"][0]) == [
        "id", "set", "label", "start", "end", "quote", "attributes", "actor", "proposition", "origin",
        "version",
    ]  # fmt: skip
    assert list(row["relations"][0]) == ["id", "type", "source", "target", "version"]
    assert row["comments"][0]["blocking"] is True
    assert records[0]["corpus"]["description"] is None
    assert records[1]["aliases"] == [{"text": "A", "language": None, "kind": "abbreviation"}]
    assert writer.records == 5


def test_jsonl_reads_what_it_wrote() -> None:
    data, _ = written(FORMATS["jsonl"], edge_cases.article())
    lines = list(read_jsonl(io.BytesIO(data)))
    assert [line.errors for line in lines] == [[]] * 5
    header, actor, topic, proposition, article = (line.record for line in lines)
    assert header == HEADER
    assert (actor, topic, proposition) == ENTRIES
    assert isinstance(article, Article)
    again, _ = written(FORMATS["jsonl"], article)
    assert again.split(b"\n")[-2] == data.split(b"\n")[-2]


def test_text_is_a_file_for_each_article_under_a_name_of_ours() -> None:
    evil = edge_cases.article(external_id="../../../etc/passwd")
    data, writer = written(FORMATS["text"], evil)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.namelist() == [f"{evil.id}.txt", "index.csv"]
    assert archive.read(f"{evil.id}.txt") == TEXT.encode()
    (row,) = table(archive.read("index.csv"))
    assert row["external_id"] == "../../../etc/passwd"
    assert row["length"] == str(len(TEXT))
    assert losses(writer) == {"metadata": 1, "revisions": 1, "spans": 5, "relations": 3, "comments": 1}


def test_quotes_has_a_row_for_each_span() -> None:
    data, writer = written(FORMATS["quotes"], edge_cases.article())
    rows = table(data)
    assert list(rows[0]) == [*QUOTE_COLUMNS]
    assert QUOTE_COLUMNS[-len(ATTRIBUTES) :] == tuple(ATTRIBUTES)
    assert [row["quote"] for row in rows] == [span.quote for span in edge_cases.article().sets[0].spans]
    assert rows[0]["actor"] == NAMES.actors[ACTOR]
    assert rows[0]["revision"] == "2"
    assert (rows[2]["stance"], rows[2]["proposition"], rows[2]["actor_id"]) == (
        "oppose",
        NAMES.propositions[ISSUE],
        "",
    )
    assert losses(writer) == {"relations": 3, "comments": 1}
    assert b"\r\n" in data
    assert not data.startswith(b"\xef\xbb\xbf")


def test_positions_has_a_row_for_each_position_and_holder() -> None:
    data, writer = written(FORMATS["positions"], edge_cases.article())
    first, second = table(data)
    assert list(first) == [*POSITION_COLUMNS]
    assert (first["holder_id"], first["topic"], first["stance"]) == (ACTOR, "@Lock", "oppose")
    assert (second["quote"], second["holder_id"], second["holder"]) == ("=1+1", "", "")
    assert losses(writer) == {
        "unlinked-holders": 1, "spans": 1, "relations": 1, "comments": 1, "attributes": 1,
    }  # fmt: skip


CELLS = [
    *("=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", '"=1"', "'=1", "“=1”"),
    *(" =1", "\u00a0=1", "«=1", "\ttab", "\rcr"),
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_that_would_run_is_defused(cell: str) -> None:
    assert defuse_formula(cell) == f"'{cell}"


#: What a spreadsheet shows as another number, a date or a truth value.
CHANGED = [
    *(
        "0012345",
        "12345678901234567890",
        "1234567890123456",
        "1E5",
        "12e-3",
        "1.10",
        "1,000",
        "007",
        "00",
        "50%",
    ),
    *(
        "2026-03-01",
        "2025-03",
        "1-2",
        "3/4",
        "1.5.",
        "12:30",
        "5:30 pm",
        "1 Mar",
        "MAR1",
        "Sept 2",
        "1. März",
    ),
    *("TRUE", "false", "Wahr", " 012", "$5", "(12)"),
]


@pytest.mark.parametrize("cell", CHANGED)
def test_a_cell_that_would_change_is_kept_as_text(cell: str) -> None:
    assert defuse_formula(cell) == f"'{cell}"


OTHERS = ["plain", "1=1", "", None, 12, "“said”", "e=mc²", "—=", "Ａ", "0", "123456789012345", "3 Aprikosen"]


@pytest.mark.parametrize(
    "cell", [*OTHERS, "2026-01-01T10:00:00Z", "May", "truth", "1st", "a-1", "01a0f138-64c0"]
)
def test_other_cells_stay_as_they_are(cell: Any) -> None:
    assert defuse_formula(cell) == cell


@pytest.mark.parametrize("name", ["quotes", "positions", "relations"])
def test_a_spreadsheet_finds_no_formula(name: str) -> None:
    data, _ = written(FORMATS[name], edge_cases.article(), dialect=Dialect.SPREADSHEET)
    assert data.startswith("\ufeff".encode())
    workbook = openpyxl.Workbook()
    sheet = workbook.create_sheet()
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        sheet.append([cell.replace("\u2028", " ") for cell in row])
    assert [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    # the same cells do run where nobody took care, so that this test can fail
    machine, _ = written(FORMATS[name], edge_cases.article())
    for row in csv.reader(io.StringIO(machine.decode(), newline="")):
        sheet.append([cell.replace("\u2028", " ") for cell in row])
    assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_external_ids_keep_their_digits_in_a_spreadsheet() -> None:
    known = {"0012345": "'0012345", "12345678901234567890": "'12345678901234567890", "12345": "12345"}
    for sent, shown in known.items():
        article = edge_cases.article(external_id=sent)
        for name in ("quotes", "positions", "relations"):
            people, _ = written(FORMATS[name], article, dialect=Dialect.SPREADSHEET)
            assert {row["external_id"] for row in table(people.removeprefix(b"\xef\xbb\xbf"))} == {shown}
            machine, _ = written(FORMATS[name], article)
            assert {row["external_id"] for row in table(machine)} == {sent}


@pytest.mark.parametrize(("name", "id"), [("quotes", 210), ("positions", 210), ("relations", 212)])
def test_a_cell_that_a_spreadsheet_cuts_is_a_loss(name: str, id: int) -> None:
    """16,384 characters of two units each are one more than it holds."""
    _, writer = written(FORMATS[name], edge_cases.endless(), dialect=Dialect.SPREADSHEET)
    (loss,) = [loss for loss in writer.losses.as_list() if loss["what"] == "cells"]
    assert (loss["count"], loss["ids"]) == (1, [id_of(id)])
    assert "cells" not in losses(written(FORMATS[name], edge_cases.endless())[1])


def test_relations_name_both_ends() -> None:
    data, writer = written(FORMATS["relations"], edge_cases.article())
    first, *rest = table(data)
    assert len(rest) == 2
    assert (first["type"], first["source_label"], first["target_label"]) == ("held_by", "position", "actor")
    assert first["target_actor"] == NAMES.actors[ACTOR]
    assert first["source_proposition"] == NAMES.propositions[ISSUE]
    spans = {row["span_id"]: row for row in table(written(FORMATS["quotes"], edge_cases.article())[0])}
    for row in (first, *rest):
        for end in ("source", "target"):
            span = spans[row[f"{end}_id"]]
            assert (row[f"{end}_quote"], row[f"{end}_start"]) == (span["quote"], span["start"])
    assert losses(writer) == {"spans": 1, "attributes": 2, "comments": 1}


def test_losses_count_all_and_name_the_first() -> None:
    found = Losses()
    found.add("spans", [str(number) for number in range(80)])
    found.add("spans", [str(number) for number in range(80, 180)])
    found.add("sets", [""])
    found.add("none", [])
    spans, sets = found.as_list()
    assert (spans["count"], len(spans["ids"]), spans["ids"][-1]) == (180, 100, "99")
    assert sets == {"what": "sets", "count": 1, "ids": []}
    assert len(found) == 181


def test_a_family_is_one_quote() -> None:
    data, _ = written(FORMATS["quotes"], edge_cases.article())
    assert FAMILY in [row["quote"] for row in table(data)]
