"""Prodigy, CoNLL-U, UIMA CAS JSON, TEI and databases of DNA: what is read, and what is counted or told."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from annotations.formats import FORMATS
from annotations.formats.core.interfaces import ParsedRecord
from annotations.formats.core.records import Actor, Article, Proposition
from annotations.formats.core.term_mapping import TermMapping
from tests.formats import edge_cases
from tests.formats.edge_cases import zipped
from tests.formats.essence import again, essence, faults, losses, marks, read, read_one

TEXT = "Ardenia opposes the lock."


def article_of(line: ParsedRecord) -> Article:
    assert isinstance(line.record, Article), line.errors
    return line.record


def lines_of(*rows: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


class TestProdigy:
    SPAN: dict[str, Any] = {"start": 0, "end": 7, "label": "ORG", "token_start": 0, "token_end": 0}
    NAMES = TermMapping.parse("actor:ORG")

    def task(self, **fields: Any) -> dict[str, Any]:
        return {"text": TEXT, "_input_hash": 1, "spans": [self.SPAN], "answer": "accept", **fields}

    def test_sessions_are_sets_and_refusals_are_counted(self) -> None:
        tasks = [
            self.task(_session_id="lake-ann"), self.task(_session_id="lake-ben", spans=[]),
            self.task(answer="reject"), self.task(answer="ignore"),
            self.task(_session_id="lake-cid", score=0.5, label="NEWS"),
        ]  # fmt: skip
        (line,) = read("prodigy", lines_of(*tasks), names=self.NAMES)
        article = article_of(line)
        assert [(row.owner, len(row.spans)) for row in article.sets] == [
            ("lake-ann", 1), ("lake-ben", 0), ("lake-cid", 1),
        ]  # fmt: skip
        assert losses(line) == {
            "answers reject": 1, "answers ignore": 1, "scores": 1, "labels of a whole text": 1,
        }  # fmt: skip
        assert article.external_id == "1"

    def test_scores_without_an_answer_are_suggestions(self) -> None:
        span = {**self.SPAN, "source": "en_core"}
        task = {"text": TEXT, "spans": [span], "score": 0.25, "meta": {"desk": "News"}}
        article = read_one("prodigy", lines_of(task), names=self.NAMES)
        (one,) = article.suggestions
        assert (article.sets, one.model, one.score, one.spans[0].quote) == ([], "en_core", 0.25, "Ardenia")
        assert article.metadata == '{"desk": "News"}'

    @pytest.mark.parametrize(
        "ends", [{"head": 1, "child": 0}, {"head_span": {"start": 8, "end": 24}, "child": 0}]
    )
    def test_relations(self, ends: dict[str, Any]) -> None:
        position = {"start": 8, "end": 24, "label": "position", "token_start": 1, "token_end": 3}
        task = self.task(
            spans=[self.SPAN, position],
            tokens=[{"id": i} for i in range(4)],
            relations=[{**ends, "label": "held_by"}],
        )
        article = read_one("prodigy", lines_of(task), names=self.NAMES)
        assert [row.type for row in article.sets[0].relations] == ["held_by"]

    def test_lines_fail_alone(self) -> None:
        rows = lines_of({"image": "a.png"}, {"text": "a.png"}, self.task(spans=[{"start": 0.5}]))
        found = read("prodigy", rows + b"\nnope\n[]\n")
        assert sorted(code for line in found for code, _ in faults(line)) == [
            "required", "required", "syntax", "type", "type",
        ]  # fmt: skip


CONLLU = """\
# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC
# newdoc id = a1
# sent_id = 1
# text = Vámonos al mar.
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\t_\t_\t_\t_\t_\t_\tNER=O
2\tnos\t_\t_\t_\t_\t_\t_\t_\tNER=B-actor
3\tal\t_\t_\t_\t_\t_\t_\t_\tNER=O
4\tmar\t_\tNOUN\t_\t_\t_\t_\t_\tNER=B-claim|SpaceAfter=No
4.1\tx\t_\t_\t_\t_\t_\t_\t_\t_
5\t.\t_\t_\t_\t_\t_\t_\t_\tNER=O

# a remark
1\t10 000\t_\t_\t_\t_\t_\t_\t_\tNER=B-claim

# newdoc
1\tNo\t_\t_\t_\t_\t_\t_\t_\t_
"""


class TestConllU:
    def test_words_contractions_and_spaces(self) -> None:
        first, second = read("conllu", CONLLU.encode())
        article = article_of(first)
        assert (article.external_id, article.revisions[0].text) == ("a1", "Vámonos al mar.\n10 000")
        assert [mark[:2] for mark in marks(article)] == [
            ("actor", "Vámonos"), ("claim", "mar"), ("claim", "10 000"),
        ]  # fmt: skip
        assert losses(first) == {"empty nodes": 1, "column LEMMA": 1, "column UPOS": 1, "comments": 1}
        assert article_of(second).revisions[0].text == "No"

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("1 Ardenia _\n", "syntax"),
            ("x\tArdenia\n", "syntax"),
            ("# global.columns = A B\n1\tx\n", "required"),
        ],
    )
    def test_what_is_none_is_told(self, raw: str, code: str) -> None:
        (line,) = read("conllu", raw.encode())
        assert faults(line)[0][0] == code

    def test_a_column_of_tags(self) -> None:
        raw = "# global.columns = ID FORM NE\n1\tArdenia\tB-actor\n2\tsaid\tO\n"
        assert marks(read_one("conllu", raw.encode(), tag="3"))[0][:2] == ("actor", "Ardenia")


def cas(*structures: dict[str, Any], **fields: Any) -> bytes:
    sofa = {
        "%ID": 1,
        "%TYPE": "uima.cas.Sofa",
        "sofaID": "_InitialView",
        "sofaString": "\U0001f6a7 Ardenia says no.",
    }
    return json.dumps(
        {"%TYPES": {}, "%FEATURE_STRUCTURES": [sofa, *structures], "%VIEWS": {}, **fields}
    ).encode()


def mark(id: int, type_: str, begin: int, end: int, **fields: Any) -> dict[str, Any]:
    return {"%ID": id, "%TYPE": type_, "@sofa": 1, "begin": begin, "end": end, **fields}


class TestCasJson:
    def test_our_own_files_come_back(self) -> None:
        article = edge_cases.article()
        assert essence(again("casjson", article)) == essence(article)
        assert [len(row.spans) for row in again("casjson", edge_cases.crowded()).sets] == [8, 1]

    def test_files_of_others(self) -> None:
        other = {
            "%ID": 9,
            "%TYPE": "uima.cas.Sofa",
            "sofaID": "other",
            "sofaString": "Something else entirely.",
        }
        data = cas(
            other,
            mark(2, "custom.Actor", 3, 10, mention_type="name"),
            mark(3, "custom.Span", 11, 15, value="claim"),
            mark(4, "custom.Actor", 3, 10) | {"@sofa": 9},
            mark(5, "de.Token", 3, 10),
            mark(6, "custom.Place", 3, 10),
            {
                "%ID": 7,
                "%TYPE": "custom.made_by",
                "@Dependent": 3,
                "@Governor": 2,
                "begin": 3,
                "end": 10,
                "@sofa": 1,
            },
            {"%ID": 8, "%TYPE": "custom.Odd"},
        )
        (line,) = read("casjson", data)
        article = article_of(line)
        assert [one[:2] for one in marks(article)] == [("actor", "Ardenia"), ("claim", "says")]
        assert [row.type for row in article.sets[0].relations] == ["made_by"]
        assert losses(line) == {"annotations of another view": 1, "label Place": 1, "type Odd": 1}

    def test_the_unit_may_be_declared(self) -> None:
        header = {"%HEADER": {"%OFFSET_ENCODING": "UTF-32"}}
        (line,) = read("casjson", cas(mark(2, "x.Actor", 2, 9), **header))
        assert marks(article_of(line))[0][1] == "Ardenia"
        (line,) = read("casjson", cas(**{"%HEADER": {"%OFFSET_ENCODING": "bytes"}}))
        assert faults(line) == [("choice", "/%HEADER")]

    @pytest.mark.parametrize("raw", [b"[]", b"{", b'{"%FEATURE_STRUCTURES": []}', b"\xff"])
    def test_what_is_none_is_told(self, raw: bytes) -> None:
        (line,) = read("casjson", raw)
        assert line.errors


TEI = """<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="a1"><teiHeader><fileDesc>
<titleStmt><title>The <hi>lock</hi></title><author>Mira</author></titleStmt>
<publicationStmt><date when="2026-03-01">March</date></publicationStmt></fileDesc>
<profileDesc><langUsage><language ident="en">English</language></langUsage></profileDesc></teiHeader>
<text><body><head>The lock</head>
<p xml:id="p1"><persName xml:id="m1" type="actor">Ardenia</persName>
says <choice><sic xml:id="w1">noo</sic><corr>no</corr></choice>.<note>Really?</note></p>
<lg><l>One <placeName>Lorn</placeName></l><l>two</l></lg></body></text>
<standOff><spanGrp type="claim" resp="#ann"><span xml:id="c1" target="#w1"/>
<span target="#string-range(p1,8,4)" ana="#position"/><span target="#zz">actor</span></spanGrp>
<spanGrp><span target="#p1" type="rumour"/></spanGrp>
<linkGrp type="made_by" resp="#ann"><link target="#c1 #m1"/></linkGrp></standOff></TEI>"""


class TestTei:
    def test_marks_in_the_text_and_beside_it(self) -> None:
        whole = TEI.replace('<span target="#zz">actor</span>', "").replace(
            'xml:id="m1" type="actor"', 'xml:id="m1" type="actor" resp="ann"'
        )
        (line,) = read("tei", whole.encode())
        article = article_of(line)
        assert article.revisions[0].text == "The lock\n\nArdenia says noo.\n\nOne Lorn\ntwo"
        assert (article.external_id, article.title, article.author, article.language) == (
            "a1",
            "lock",
            "Mira",
            "en",
        )
        (only,) = article.sets
        assert (only.owner, [(span.label, span.quote) for span in only.spans]) == (
            "ann", [("actor", "Ardenia"), ("claim", "noo"), ("position", "says")],
        )  # fmt: skip
        assert [row.type for row in only.relations] == ["made_by"]
        assert losses(line) == {"notes": 1, "corrections": 1, "element placeName": 1, "label rumour": 1}

    def test_a_mark_that_points_to_nothing(self) -> None:
        (line,) = read("tei", TEI.encode())
        assert ("relation-ends", "/12") in faults(line)

    @pytest.mark.parametrize("name", ["tei", "wordpress"])
    @pytest.mark.parametrize(
        ("raw", "says"),
        [
            ('<!DOCTYPE TEI [<!ENTITY a "aaaa">]><TEI/>', "document type"),
            ('<!DOCTYPE TEI SYSTEM "file:///etc/passwd"><TEI/>', "document type"),
            ("<GateDocument version='3'/>", "GATE"),
            ('<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>', "XMI"),
            ("<TEI>", "not XML"), ("<a>" * 100, "nested"),
        ],
    )  # fmt: skip
    def test_other_xml_is_refused_by_name(self, name: str, raw: str, says: str) -> None:
        (line,) = read(name, raw.encode())
        assert says in line.errors[0].detail

    def test_an_archive(self) -> None:
        document = TEI.replace(' xml:id="a1"', "").replace('<span target="#zz">actor</span>', "")
        lines = read("tei", zipped({"x/a.XML": document, "x/b.xml": "<TEI/>", "x/c.png": "x"}))
        assert lines[0].external_id == "a"
        assert losses(lines[0])["files"] == 1


SCHEMA = {
    2: "CREATE TABLE ATTRIBUTES (ID INTEGER, VariableId INTEGER, Value TEXT);"
    "CREATE TABLE DATASHORTTEXT (ID INTEGER, StatementId INTEGER, VariableId INTEGER, Value INTEGER);",
    3: "CREATE TABLE ENTITIES (ID INTEGER, VariableId INTEGER, Value TEXT);"
    "CREATE TABLE DATASHORTTEXT (ID INTEGER, StatementId INTEGER, VariableId INTEGER, Entity INTEGER);",
}


def database(folder: Path, version: int) -> bytes:
    path = folder / "lake.dna"
    made = sqlite3.connect(path)
    made.executescript(SCHEMA[version])
    made.executescript(
        "CREATE TABLE CODERS (ID INTEGER, Name TEXT, Password TEXT);"
        "INSERT INTO CODERS VALUES (1, 'ann', 'secret');"
        "CREATE TABLE DOCUMENTS (ID INTEGER, Title TEXT, Text TEXT, Coder INTEGER, Author TEXT, Source TEXT,"
        " Section TEXT, Notes TEXT, Type TEXT, Date INTEGER);"
        "CREATE TABLE VARIABLES (ID INTEGER, Variable TEXT, DataType TEXT, StatementTypeId INTEGER);"
        "CREATE TABLE STATEMENTS (ID INTEGER, StatementTypeId INTEGER, DocumentId INTEGER, Start INTEGER,"
        " Stop INTEGER, Coder INTEGER);"
        "CREATE TABLE DATABOOLEAN (ID INTEGER, StatementId INTEGER, VariableId INTEGER, Value INTEGER);"
        "CREATE TABLE DATALONGTEXT (ID INTEGER, StatementId INTEGER, VariableId INTEGER, Value TEXT);"
    )
    made.execute(
        "INSERT INTO DOCUMENTS VALUES (7, 'The lock', ?, 1, 'Mira', 'Courier', 'p. 2', '', '', 1772366400)",
        [TEXT],
    )
    names = ("person", "organization", "concept", "agreement", "note")
    made.executemany("INSERT INTO VARIABLES VALUES (?, ?, '', 1)", list(enumerate(names, 1)))
    made.executemany("INSERT INTO STATEMENTS VALUES (?, 1, 7, ?, ?, 1)", [(1, 8, 24), (2, 0, 7)])
    insert = {2: "INSERT INTO ATTRIBUTES VALUES (?, ?, ?)", 3: "INSERT INTO ENTITIES VALUES (?, ?, ?)"}[
        version
    ]
    made.executemany(insert, [(1, 2, "Ardenia"), (2, 3, "The lock."), (3, 1, "Lorn")])
    made.executemany("INSERT INTO DATASHORTTEXT VALUES (?, 1, ?, ?)", [(1, 2, 1), (2, 3, 2)])
    made.execute("INSERT INTO DATABOOLEAN VALUES (1, 1, 4, 0)")
    made.execute("INSERT INTO DATALONGTEXT VALUES (1, 1, 5, 'Hm.')")
    made.commit()
    made.close()
    return path.read_bytes()


class TestDnaDatabase:
    @pytest.mark.parametrize("version", [2, 3])
    def test_texts_statements_and_entities_without_passwords(self, tmp_path: Path, version: int) -> None:
        *entries, line = read("dna", database(tmp_path, version))
        assert [one.record.name for one in entries if isinstance(one.record, Actor)] == ["Ardenia", "Lorn"]
        assert [one.record.text for one in entries if isinstance(one.record, Proposition)] == ["The lock."]
        article = article_of(line)
        assert (article.external_id, article.title, article.source) == ("7", "The lock", "Courier")
        assert str(article.published_at) == "2026-03-01 12:00:00+00:00"
        assert [one[:2] for one in marks(article)] == [("position", "opposes the lock"), ("actor", "Ardenia")]
        assert '"oppose"' in marks(article)[0][2]
        assert losses(line) == {"statements without a concept and an agreement": 1, "variable note": 1}
        assert "secret" not in repr((entries, line))

    def test_other_databases_are_told(self, tmp_path: Path) -> None:
        made = sqlite3.connect(tmp_path / "x.db")
        made.execute("CREATE TABLE t (x)")
        made.commit()
        made.close()
        (line,) = read("dna", (tmp_path / "x.db").read_bytes())
        assert "event list" in line.errors[0].detail
        (line,) = read("dna", database(tmp_path, 3)[:5_000] + b"x" * 9_000)
        assert line.errors

    def test_a_view_reads_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "lake.dna"
        path.write_bytes(database(tmp_path, 3))
        made = sqlite3.connect(path)
        made.executescript(
            "DROP TABLE DATALONGTEXT; CREATE VIEW DATALONGTEXT AS SELECT 1 AS ID, 1 AS StatementId,"
            " 5 AS VariableId, Password AS Value FROM CODERS;"
        )
        made.commit()
        made.close()
        assert "secret" not in repr(read("dna", path.read_bytes()))


def test_every_reader_has_an_example_that_it_reads() -> None:
    for name in ("prodigy", "conllu", "tei"):
        example = FORMATS[name].example
        assert example
        for data in example.files.values():
            (line,) = read(name, data.encode())
            assert marks(article_of(line))[0][:2] == ("actor", "Ardenia")
