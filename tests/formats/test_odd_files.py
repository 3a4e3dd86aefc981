"""Odd but legal files, as tools, agencies and spreadsheets write them: nothing is guessed or goes untold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotations.formats.core.foreign_values import normalize_time
from annotations.formats.core.interfaces import ParsedRecord, StandoffAnnotations
from annotations.formats.core.records import Article
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.detection import detect_content
from tests.formats.edge_cases import zipped
from tests.formats.essence import faults, losses, read, read_one

TEXT = "Ardenia opposes the lock."
UNREAD = "\t_" * 7
NAMES = TermMapping.parse("actor:ORG")
REGION = {"start": 0, "end": 7, "text": "Ardenia", "labels": ["ORG"]}
INDEX = (
    "file,article_id,external_id,title,source,author,url,language,published_at,story_key,revision,sha256,"
    "length\ntexts/a1.txt,,E1,The lock,,,,,,,1,,1\n"
)


def article_of(line: ParsedRecord) -> Article:
    assert isinstance(line.record, Article), line.errors
    return line.record


def marks(line: ParsedRecord) -> list[tuple[str, str]]:
    """Label and words of each span of all sets."""
    return [(span.label, span.quote) for row in article_of(line).sets for span in row.spans]


def standing_on(line: ParsedRecord, text: str) -> ParsedRecord:
    """The marks of a file that holds no text, on this one."""
    assert isinstance(line.record, StandoffAnnotations), line.errors
    return line.record.read_with_text(text)


class TestLines:
    @pytest.mark.parametrize(
        ("format", "raw"),
        [
            ("conll", "Ardenia B-ORG\ropposes O\r"),
            (
                "conllu",
                "1\tArdenia\t_\t_\t_\t_\t_\t_\t_\tNER=B-ORG\r2\topposes\t_\t_\t_\t_\t_\t_\t_\tNER=O\r",
            ),
        ],
    )
    def test_a_carriage_return_alone_ends_no_line(self, format: str, raw: str) -> None:
        (line,) = read(format, raw.encode(), names=NAMES)
        assert line.record is None
        assert "carriage return" in line.errors[0].detail

    @pytest.mark.parametrize(
        ("format", "one", "other"),
        [
            (
                "conll",
                "\ufeff-DOCSTART- -X- O\n\nArdenia X B-ORG\n",
                "\ufeff-DOCSTART- -X- O\n\nBor X B-ORG\n",
            ),
            (
                "conllu",
                "\ufeff# newdoc id = a\n1\tArdenia\t_\t_\t_\t_\t_\t_\t_\tNER=B-ORG\n\n",
                "\ufeff# newdoc id = b\n1\tBor\t_\t_\t_\t_\t_\t_\t_\tNER=B-ORG\n",
            ),
        ],
    )
    def test_files_put_together_have_several_marks_of_byte_order(
        self, format: str, one: str, other: str
    ) -> None:
        found = read(format, f"{one}{other}".encode(), names=NAMES)
        assert [[quote for _, quote in marks(line)] for line in found] == [["Ardenia"], ["Bor"]]

    def test_a_tag_on_a_contraction(self) -> None:
        raw = (
            "1-2\tArdenia's\t_\t_\t_\t_\t_\t_\t_\tNE=B-ORG\n1\tArdenia\t_\t_\t_\t_\t_\t_\t_\t_\n"
            "2\t's\t_\t_\t_\t_\t_\t_\t_\t_\n3\tx\t_\t_\t_\t_\t_\t_\t_\tNE=O\n"
        )
        (line,) = read("conllu", raw.encode(), names=NAMES)
        assert marks(line) == [("actor", "Ardenia's")]


class TestLabelStudio:
    def row(self, **fields: Any) -> dict[str, Any]:
        return {"id": 5, "text": TEXT, "label": [REGION], "annotator": 1, "annotation_id": 11, **fields}

    def test_rows_of_one_task_are_sets_of_one_article(self) -> None:
        rows = [self.row(), self.row(annotator=2, annotation_id=12, label=[], topic="B"), self.row(id=6)]
        first, second = read("labelstudio", json.dumps(rows).encode(), names=NAMES)
        assert [(row.owner, len(row.spans)) for row in article_of(first).sets] == [("1", 1), ("2", 0)]
        assert losses(first) == {"field topic": 1}
        assert second.external_id == "6"

    @pytest.mark.parametrize("mark", [",", "\t"])
    def test_its_tables(self, mark: str) -> None:
        cell = '"' + json.dumps([REGION]).replace('"', '""') + '"'
        rows = [
            ["annotation_id", "annotator", "id", "label", "lead_time", "text"],
            ["11", "1", "5", cell, "1.5", TEXT],
            ["12", "2", "5", "[]", "1.5", TEXT],
            ["13", "1", "6", "[]", "1.5", "[sic] is no JSON"],
        ]
        raw = "\n".join(mark.join(row) for row in rows).encode()
        assert detect_content(raw) == "labelstudio"
        first, second = read("labelstudio", raw, names=NAMES)
        assert (first.external_id, marks(first)) == ("5", [("actor", "Ardenia")])
        assert article_of(second).revisions[0].text == "[sic] is no JSON"

    def test_completions_are_annotations(self) -> None:
        result = [{"id": "a", "type": "labels", "from_name": "label", "to_name": "text", "value": REGION}]
        task = {"id": 5, "data": {"text": TEXT}, "completions": [{"id": 1, "result": result}]}
        (line,) = read("labelstudio", json.dumps([task]).encode(), names=NAMES)
        assert marks(line) == [("actor", "Ardenia")]

    def test_what_the_file_only_numbers_is_counted(self) -> None:
        task = {"id": 5, "data": {"text": TEXT}, "annotations": [11], "predictions": [3, 4]}
        (line,) = read("labelstudio", json.dumps([task]).encode())
        what = "of which the file has only the id"
        assert losses(line) == {f"annotations {what}": 1, f"predictions {what}": 2}


def test_labels_of_doccano_that_are_no_list() -> None:
    rows = [{"text": TEXT, "label": "news"}, {"text": TEXT, "label": {"a": 1}}]
    word, wrong = read("doccano", "\n".join(map(json.dumps, rows)).encode())
    assert losses(word) == {"labels of a whole text": 1}
    assert faults(wrong) == [("type", "/label")]


@pytest.mark.parametrize("answer", ["REJECT", "maybe", 7])
def test_only_what_is_accepted_in_prodigy_is_taken(answer: object) -> None:
    task = {"text": TEXT, "spans": [{"start": 0, "end": 7, "label": "ORG"}], "answer": answer}
    (line,) = read("prodigy", json.dumps(task).encode(), names=NAMES)
    assert (marks(line), losses(line)) == ([], {f"answers {answer}": 1})


class TestNews:
    def test_nothing_of_an_item_goes_untold(self) -> None:
        item = {
            "uri": "u1", "headline": "H", "title": "T", "body_text": TEXT, "genre": "",
            "firstcreated": "2026-03-01T12:00:00Z", "versioncreated": "2026-03-02T12:00:00Z",
            "altids": [{"role": "desk", "value": "7"}],
        }  # fmt: skip
        (line,) = read("ninjs", json.dumps(item).encode())
        article = read_one("ninjs", json.dumps(item).encode())
        kept = {"title": "T", "versioncreated": "2026-03-02T12:00:00Z", "genre": ""}
        assert (article.title, json.loads(article.metadata)) == ("H", kept)
        assert losses(line) == {"field altids": 1}

    @pytest.mark.parametrize("first", [0, 1])
    def test_the_main_body_is_the_text(self, first: int) -> None:
        bodies = [
            {"role": "main", "contentType": "text/html", "value": f"<p>{TEXT}</p>"},
            {"role": "summary", "contentType": "text/plain", "value": "In short"},
        ]
        item = {"uri": "u1", "bodies": [bodies[first], bodies[1 - first]]}
        (line,) = read("ninjs", json.dumps(item).encode())
        assert article_of(line).revisions[0].text == TEXT
        assert losses(line) == {"field bodies": 1}

    @pytest.mark.parametrize("format", ["tei", "wordpress"])
    @pytest.mark.parametrize("root", ["newsItem", "nitf"])
    def test_other_formats_of_agencies_are_refused_by_name(self, format: str, root: str) -> None:
        (line,) = read(format, f"<{root}/>".encode())
        assert "ninjs" in line.errors[0].detail

    def test_a_draft_of_wordpress_has_no_time(self) -> None:
        raw = (
            '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>'
            "<pubDate>Mon, 30 Nov -0001 00:00:00 +0000</pubDate><content:encoded>x</content:encoded>"
            "<wp:post_id>1</wp:post_id><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt>"
            "</item></channel></rss>"
        )
        assert read_one("wordpress", raw.encode()).published_at is None


class TestTables:
    def test_of_two_columns_that_differ_by_case_none_is_lost(self) -> None:
        article = read_one("csv", b"text,Title,title\nx,A,B\n")
        assert (article.title, json.loads(article.metadata)) == ("B", {"Title": "A"})

    @pytest.mark.parametrize(
        "raw", ["\ufeffsep=;\r\nexternal_id;text\r\na;b\r\n", "sep=,\nexternal_id,text\na,b\n"]
    )
    def test_a_delimiter_that_is_stated_hides_no_table(self, raw: str) -> None:
        assert detect_content(raw.encode()) == "csv"

    def test_whole_hours_of_an_offset(self) -> None:
        assert normalize_time("2026-03-01 12:00:00+01") == "2026-03-01T12:00:00+01:00"

    @pytest.mark.parametrize("mark", [",", "\t", ";"])
    def test_an_event_list_that_was_stored_again(self, mark: str) -> None:
        header = "Statement_ID;Organization;Concept;Agreement;Start_Position;Stop_Position;Document_ID"
        raw = f"{header}\n1;Ardenia;C;1;0;7;d1\n".replace(";", mark).encode()
        assert detect_content(raw) == "dna"
        line = read("dna", raw)[-1]
        assert [label for label, _ in marks(standing_on(line, TEXT))] == ["position", "actor"]

    def test_the_wrong_agreement_is_the_one_that_is_named(self) -> None:
        rows = "concept;agreement;start_position;stop_position;document_id\nC;1;0;7;d1\nC;maybe;0;7;d1\n"
        line = standing_on(read("dna", rows.encode())[-1], TEXT)
        assert [(fault.pointer, "“maybe”" in fault.detail) for fault in line.errors] == [("/3", True)]


class TestArchives:
    @pytest.mark.parametrize(
        "files",
        [
            {"out/index.csv": INDEX, "out/texts/a1.txt": "A", "README.md": "x"},
            {"out/INDEX.CSV": INDEX, "out/texts/a1.TXT": "A"},
            {"out/index.csv": INDEX.replace(",", ";"), "out/texts/a1.txt": "A"},
        ],
        ids=["beside another file", "in capitals", "stored by a spreadsheet"],
    )
    def test_our_own_keep_titles_and_ids(self, files: dict[str, str]) -> None:
        article = read_one("text", zipped(files))
        assert (article.external_id, article.title) == ("E1", "The lock")

    @pytest.mark.parametrize("format", ["text", "brat"])
    def test_another_table_of_contents_is_counted(self, format: str) -> None:
        files = {"x/index.csv": "a,b\n", "x/a1.txt": "A", "x/a1.ann": ""}
        (line,) = read(format, zipped(files))
        assert losses(line)["files"] == (2 if format == "text" else 1)
        assert line.external_id == "a1"

    def test_each_file_of_tei_counts_from_one(self) -> None:
        whole = "<TEI><text><body><p>x</p></body></text></TEI>"
        found = read("tei", zipped({"a.xml": whole, "b.xml": f"<teiCorpus>{whole}{whole}</teiCorpus>"}))
        assert [line.external_id for line in found] == ["a", "b", "b-2"]


@pytest.mark.parametrize(
    "header", ['{"Type": "Header", "Offset_Unit": "utf16"}', '{"offset-unit": "utf16"}', '{"OffsetUnit": 16}']
)
def test_a_refused_header_in_other_letters_ends_the_file(header: str) -> None:
    (line,) = read("jsonl", f'{header}\n{{"external_id": "a1", "text": "x"}}\n'.encode())
    assert line.record is None
    assert "header" in line.errors[-1].detail


class TestPlaces:
    """A mark is where its file says, or nowhere."""

    def tei(self, body: str, target: str) -> bytes:
        return (
            f"<TEI><text><body>{body}</body></text><standOff><spanGrp>"
            f'<span type="actor" target="{target}"/></spanGrp></standOff></TEI>'
        ).encode()

    @pytest.mark.parametrize(
        ("body", "target", "quote"),
        [
            ('<p xml:id="p1">Lo, Ardenia  opposes</p>', "string-range(p1,4,7)", "Ardenia"),
            ('<p xml:id="p1">Lo, <hi>Ardenia</hi>\nopposes</p>', "string-range(p1,4,15)", "Ardenia opposes"),
            ('<p xml:id="p1">\n  Ardenia</p>', "string-range(p1,0,7)", ""),
            ('<p xml:id="p1">Lo  Ardenia</p>', "string-range(p1,3,7)", ""),
            ('<p xml:id="p1">Lo<note>x</note> Ardenia</p>', "string-range(p1,3,7)", ""),
            ('<div xml:id="d1"><p>Ab</p><p>Cd</p></div>', "string-range(d1,2,2)", ""),
            ('<p xml:id="p1">Ardenia</p>', "string-range(p1,0,70)", ""),
        ],
    )
    def test_string_ranges_that_blanks_make_uncertain_are_refused(
        self, body: str, target: str, quote: str
    ) -> None:
        (line,) = read("tei", self.tei(body, target))
        if quote:
            assert marks(line) == [("actor", quote)]
        else:
            assert [fault.code for fault in line.errors] == ["relation-ends"]

    def test_a_part_of_a_selection_is_not_the_whole_of_it(self) -> None:
        selector = {
            "type": "TextPositionSelector", "start": 0, "end": 15,
            "refinedBy": {"type": "TextQuoteSelector", "exact": "opposes"},
        }  # fmt: skip
        mark = {"id": "m1", "body": {"value": "actor"}, "target": {"source": "a1", "selector": selector}}
        (line,) = read("webannotation", json.dumps(mark).encode())
        found = standing_on(line, TEXT)
        assert (marks(found), losses(found)) == ([], {"selectors": 1})

    def test_structures_by_their_number(self) -> None:
        cas = {
            "%FEATURE_STRUCTURES": {
                "1": {"%TYPE": "uima.cas.Sofa", "sofaID": "_InitialView", "sofaString": TEXT},
                "2": {"%TYPE": "custom.Span", "@sofa": 1, "begin": 0, "end": 7, "label": "ORG"},
            }
        }
        (line,) = read("casjson", json.dumps(cas).encode(), names=NAMES)
        assert marks(line) == [("actor", "Ardenia")]

    def test_pieces_behind_a_mark_of_byte_order(self) -> None:
        files = {"a.txt": f"\ufeff{TEXT}", "a.ann": "T1\tORG 0 7;8 15\tArdenia opposes\n"}
        (line,) = read("brat", zipped(files), names=NAMES)
        assert marks(line) == [("actor", "Ardenia opposes")]


def test_columns_that_are_stated_are_a_sign() -> None:
    assert detect_content(b"# global.columns = ID FORM NE\n1\tArdenia\tB-ORG\n") == "conllu"
