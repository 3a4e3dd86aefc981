"""A corpus of nasty files, by format: what is taken, what is told by row, what is counted with ids."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from annotations.formats import FORMATS
from annotations.formats.core.interfaces import ParsedRecord, StandoffAnnotations
from annotations.formats.core.records import Article
from annotations.formats.core.term_mapping import TermMapping
from tests.formats import edge_cases
from tests.formats.edge_cases import zipped
from tests.formats.essence import faults, losses, marks, read, read_one
from tests.formats.test_formats import written

TEXT = "Ardenia opposes the lock."
BOM = "\ufeff"
ACTOR_TSV = "#FORMAT=WebAnno TSV 3.3\n#T_SP=x.actor|f\n\n#Text=Ardenia\n1-1\t0-7\tArdenia\t*\t\n"


def article_of(line: ParsedRecord) -> Article:
    assert isinstance(line.record, Article), line.errors
    return line.record


def ids(line: ParsedRecord) -> dict[str, list[str]]:
    return {what: list(found) for what, found in line.losses}


def task(data: dict[str, Any], *results: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps(
        [{"id": 1, "data": data, "annotations": [{"id": 1, "result": results, **fields}]}]
    ).encode()


def region(start: int, end: int, label: str = "actor", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"r{start}",
        "type": "labels",
        "value": {"start": start, "end": end, "labels": [label]},
        **fields,
    }


class TestOtherTexts:
    """A mark on another text or object is never placed on this one."""

    DATA = {"title": "Ardenia and the lock", "text": "On Monday Ardenia opposed the lock."}

    @pytest.mark.parametrize(
        ("data", "here", "elsewhere"),
        [
            (DATA, "text", "title"),
            ({"text": DATA["text"], "audio": "/a.mp3"}, "txt", "audio"),
            ({"text": DATA["text"]}, "text", "other"),
            ({"Text": DATA["text"], "title": "x"}, "text", "title"),
        ],
    )
    def test_in_label_studio(self, data: dict[str, str], here: str, elsewhere: str) -> None:
        sent = task(data, region(0, 7, to_name=elsewhere), region(10, 17, to_name=here))
        (line,) = read("labelstudio", sent)
        assert marks(article_of(line)) == [("actor", "Ardenia", "{}")]
        assert ids(line) == {f"regions of another text or object, {elsewhere}": ["1/r0"]}

    def test_of_two_names_the_one_that_fits(self) -> None:
        fits = region(10, 17, to_name="body")
        fits["value"]["text"] = "Ardenia"
        other = region(0, 7, to_name="head")
        other["value"]["text"] = "Ardenia"
        (line,) = read("labelstudio", task({"text": self.DATA["text"]}, other, fits))
        assert [mark[1] for mark in marks(article_of(line))] == ["Ardenia"]

    def test_in_web_annotations(self) -> None:
        def target(source: str, start: int) -> dict[str, Any]:
            selector = {"type": "TextPositionSelector", "start": start, "end": start + 7}
            return {"source": source, "selector": selector}

        body = {"type": "TextualBody", "value": "actor"}
        sent = {"id": "x", "body": body, "target": [target("a1", 0), target("a2", 8)]}
        (line,) = read("webannotation", json.dumps(sent).encode())
        assert isinstance(line.record, StandoffAnnotations)
        done = line.record.read_with_text(TEXT)
        assert marks(article_of(done)) == [("actor", "Ardenia", "{}")]
        assert losses(done) == {"targets on other sources": 1}

    @pytest.mark.parametrize(
        "data",
        [
            {"image": "/data/upload/7/lock.png"}, {"audio": "https://lakeside.example/a.mp3"},
            {"pdf": "lock.pdf"}, {"body": "A text that may be one."},
            {"text": "/data/upload/7/lock.txt"}, {"text": "s3://lake/lock.txt"}, {"text": "lock.png"},
        ],
    )  # fmt: skip
    def test_a_task_without_a_text_is_refused(self, data: dict[str, str]) -> None:
        (line,) = read("labelstudio", task(data))
        assert faults(line) == [("required", "/data")]
        if "text" in data:
            (line,) = read("doccano", json.dumps({**data, "label": []}).encode())
            assert faults(line) == [("required", "/text")]


class TestHeaders:
    """Nothing is stored behind a header that is refused."""

    @pytest.mark.parametrize(
        "header",
        [
            '{"type": "header", "format": "standpoint/1", "corpus": {"name": "x"}, "offset_unit": "utf16"}',
            '{"type": "header", "format": "standpoint/2", "corpus": {"name": "x"}}',
            '{"type": "Header", "offset_unit": "utf16"}', '{"offset_unit": "utf16"}',
            '{"type": "header", "offset_unit": "utf16", "offset_unit": "codepoint"}',
            BOM + '{"type": "header", "format": "standpoint/1", "offset_unit": "utf16"}',
        ],
    )  # fmt: skip
    def test_in_our_own_format(self, header: str) -> None:
        line = json.dumps(
            {"text": "\U0001f600\U0001f600 Ardenia", "spans": [{"label": "actor", "start": 5, "end": 10}]}
        )
        (only,) = read("jsonl", f"{header}\n{line}\n".encode())
        assert only.record is None

    def test_a_broken_line_that_is_no_header_fails_alone(self) -> None:
        assert [bool(line.record) for line in read("jsonl", b'nope\n{"text": "a"}\n')] == [False, True]

    @pytest.mark.parametrize("version", ["2", "3.4", "4.0", ""])
    def test_in_webanno(self, version: str) -> None:
        (line,) = read("webannotsv", f"#FORMAT=WebAnno TSV {version}\n\n1-1\t0-1\ta\t_\t\n".encode())
        assert faults(line) == [("syntax", "/1")]


class TestFields:
    """A named field that does not fit is kept as metadata, and counted with the id of its article."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("published_at", "10.03.2024"), ("published_at", "2024-02-30"), ("published_at", "05/01/2020"),
            ("published_at", "2024-03-10T25:00"), ("title", "A headline\non two lines"),
            ("url", "lakeside.example/a"), ("url", "http://a b"), ("source", "x" * 201), ("Title", "a\tb"),
            ("story_key", "k" * 300), ("language", "German"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("format", ["csv", "labelstudio", "doccano"])
    def test_in_every_table(self, format: str, name: str, value: str) -> None:
        row = {"text": TEXT, name: value}
        (line,) = read(format, FILES[format](row))
        where = {"csv": "a1", "labelstudio": "1", "doccano": "a1"}[format]
        assert ids(line) == {f"field {name}": [where]}
        assert json.loads(article_of(line).metadata) == {name: value}

    @pytest.mark.parametrize(
        "value", ["2024-03-10", "2024-03-10 12:30", "2024-03-10T12:30:00+02:00", "2024-03-10T12:30:00.5Z"]
    )
    def test_times_that_are_understood(self, value: str) -> None:
        (line,) = read("csv", FILES["csv"]({"text": TEXT, "published_at": value}))
        assert str(article_of(line).published_at).startswith("2024-03-10")
        assert not line.losses

    def test_in_pages_and_news(self) -> None:
        item = {
            "uri": "urn:1",
            "body_text": TEXT,
            "language": "German",
            "versioncreated": "yesterday",
            "url": "x",
        }
        (line,) = read("ninjs", json.dumps(item).encode())
        assert set(losses(line)) == {"field language", "field published_at", "field url"}
        post = WXR.format("<p>A text.</p>").replace(
            "<wp:post_id>", "<pubDate>yesterday</pubDate><wp:post_id>"
        )
        (line,) = read("wordpress", post.encode())
        assert ids(line) == {"field published_at": ["1"]}

    @pytest.mark.parametrize(
        "header", ["External_ID,Title,Text", "EXTERNAL ID,TITLE,TEXT", "external-id,title,text"]
    )
    def test_headers_in_capitals(self, header: str) -> None:
        (line,) = read("csv", f"{header}\na1,T,{TEXT}\n".encode())
        article = article_of(line)
        assert (article.external_id, article.title, article.revisions[0].text) == ("a1", "T", TEXT)

    def test_a_second_column_of_the_same_letters_is_metadata(self) -> None:
        (line,) = read("csv", f"text,Text\n{TEXT},other\n".encode())
        assert article_of(line).metadata == '{"Text": "other"}'

    def test_losses_name_words_whole_and_their_article(self) -> None:
        label = "Label" * 30
        (line,) = read("brat", zipped({"a.txt": TEXT, "a.ann": f"T1\t{label} 0 7\tArdenia\n"}))
        assert ids(line) == {f"label {label}": ["a/T1"]}
        assert len(TermMapping.parse(",".join(f"actor:{n:04}{'x' * 90}" for n in range(190))).pairs) == 190


def csv_of(row: dict[str, str]) -> bytes:
    cells = ['"' + value.replace('"', '""') + '"' for value in row.values()]
    return f"external_id,{','.join(row)}\na1,{','.join(cells)}\n".encode()


FILES: dict[str, Callable[[dict[str, str]], bytes]] = {
    "csv": csv_of,
    "labelstudio": task,
    "doccano": lambda row: json.dumps({"id": "a1", **row}).encode(),
}
WXR = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>T</title>'
    "<content:encoded><![CDATA[{}]]></content:encoded><wp:post_id>1</wp:post_id>"
    "<wp:post_type>post</wp:post_type></item></channel></rss>"
)


class TestFolders:
    """However an archive was packed, its names mean the same."""

    FILES = {"a1.txt": TEXT, "a1.ann": "T1\tactor 0 7\tArdenia\n"}

    @pytest.mark.parametrize("folder", ["", "lake/", "x/y/"])
    @pytest.mark.parametrize("system", [(), ("__MACOSX/lake/._a1.txt",), (".DS_Store", "._a1.ann")])
    def test_a_common_folder_and_system_files_are_no_part_of_names(
        self, folder: str, system: tuple[str, ...]
    ) -> None:
        files = {f"{folder}{name}": data for name, data in self.FILES.items()} | dict.fromkeys(system, "x")
        (line,) = read("brat", zipped(files))
        assert (article_of(line).external_id, line.losses) == ("a1", [])
        assert marks(article_of(line)) == [("actor", "Ardenia", "{}")]

    @pytest.mark.parametrize("format", ["brat", "conll", "webannotsv", "casjson", "text"])
    def test_our_own_archives_keep_titles_and_ids(self, format: str) -> None:
        sent = edge_cases.article()
        whole = zipfile.ZipFile(io.BytesIO(written(FORMATS[format], sent)[0]))
        packed = zipped({f"lake/{name}": whole.read(name) for name in whole.namelist()} | {"__MACOSX/x": "x"})
        (line,) = read(format, packed)
        assert (article_of(line).external_id, article_of(line).title) == (sent.external_id, sent.title)

    @pytest.mark.parametrize(
        ("format", "files"),
        [
            ("brat", {"a.TXT": TEXT, "a.ANN": "T1\tactor 0 7\tArdenia\n"}),
            ("brat", {"a.txt": TEXT, "a.A1": "T1\tactor 0 7\tArdenia\n"}),
            ("conll", {"a.CONLL": "Ardenia\tB-actor\nopposes\tO\n"}),
            ("doccano", {"ann.JSONL": json.dumps({"id": "a", "text": TEXT, "label": [[0, 7, "actor"]]})}),
            ("webannotsv", {"a.TSV": ACTOR_TSV}),
        ],
    )  # fmt: skip
    def test_endings_in_capitals(self, format: str, files: dict[str, str]) -> None:
        (line,) = read(format, zipped(files))
        assert marks(article_of(line))[0][:2] == ("actor", "Ardenia")

    def test_texts_with_endings_in_capitals(self) -> None:
        assert [line.external_id for line in read("text", zipped({"A.TXT": "One."}))] == ["A"]


TSV = "#FORMAT=WebAnno TSV 3.3\n#T_SP=custom.Span|label\n\n\n#Text=Ardenia\n1-1\t0-7\tArdenia\tactor\t\n"


class TestByteOrderMarks:
    """Passed over at the top of files and entries; a text keeps its own, and that is told."""

    @pytest.mark.parametrize(
        ("format", "data"),
        [
            ("jsonl", json.dumps({"text": TEXT, "spans": [{"label": "actor", "start": 0, "end": 7}]})),
            ("doccano", json.dumps({"text": TEXT, "label": [[0, 7, "actor"]]})),
            ("labelstudio", task({"text": TEXT}, region(0, 7)).decode()),
            ("conll", "Ardenia\tB-actor\nsaid\tO\n"),
            ("webannotsv", TSV),
        ],
    )
    def test_of_files_and_of_entries(self, format: str, data: str) -> None:
        (line,) = read(format, (BOM + data).encode())
        assert marks(article_of(line))[0][:2] == ("actor", "Ardenia")
        assert not article_of(line).revisions[0].text.startswith(BOM)
        ending = {"doccano": "jsonl", "conll": "conll", "webannotsv": "tsv"}.get(format)
        if ending:
            (line,) = read(format, zipped({f"a.{ending}": BOM + data}))
            assert marks(article_of(line))[0][:2] == ("actor", "Ardenia")

    def test_of_marks_beside_a_text(self) -> None:
        (line,) = read("brat", zipped({"a.txt": TEXT, "a.ann": f"{BOM}T1\tactor 0 7\tArdenia\n"}))
        assert marks(article_of(line)) == [("actor", "Ardenia", "{}")]

    @pytest.mark.parametrize("start", [0, 1])
    def test_of_a_text_it_stays_and_is_told(self, start: int) -> None:
        """Whether the tool has counted it is proven by the words of the marks."""
        ann = f"T1\tactor {start} {start + 7}\tArdenia\n"
        (line,) = read("brat", zipped({"b.txt": BOM + TEXT, "b.ann": ann}))
        article = article_of(line)
        assert article.revisions[0].text == BOM + TEXT
        assert (article.sets[0].spans[0].start, marks(article)[0][1]) == (1, "Ardenia")
        assert ids(line) == {"byte order marks, kept in the text": ["b"]}
        for data in (zipped({"b.txt": BOM + TEXT}), (BOM + TEXT).encode()):
            (line,) = read("text", data, **({} if data[:2] == b"PK" else {"external_id": "b"}))
            assert article_of(line).revisions[0].text == BOM + TEXT
            assert ids(line) == {"byte order marks, kept in the text": ["b"]}


class TestBratLines:
    """Pieces in any order, and roles that join."""

    def test_pieces_are_compared_in_the_order_of_the_file(self) -> None:
        text = "“The lock leaks,” said Ardenia. “It is old.”"
        files = {"z.txt": text, "z.ann": "T1\tclaim 32 44;0 17\t“It is old.” “The lock leaks,”\n"}
        (line,) = read("brat", zipped(files))
        assert faults(line) == [("discontinuous", "/z.ann/1")]
        (line,) = read("brat", zipped(files), hull=True)
        assert (marks(article_of(line))[0][1], losses(line)) == (text, {"discontinuous": 1})

    ATTRIBUTION = {
        "x.txt": "Ardenia said the lock leaks.",
        "x.ann": "T1\tSource 0 7\tArdenia\nT2\tCue 8 12\tsaid\nT3\tContent 13 28\tthe lock leaks.\n"
        "T4\tAttribution 8 12\tsaid\nE1\tAttribution:T4 Source:T1 Cue:T2 Content:T3\n",
    }  # fmt: skip

    @pytest.mark.parametrize("ours", ["made_by", "made by", "Made by"])
    def test_roles_are_joined_by_a_mapping(self, ours: str) -> None:
        names = TermMapping.parse(f"actor:Source,claim:Content,{ours}:Content>Source")
        (line,) = read("brat", zipped(self.ATTRIBUTION), names=names)
        article = article_of(line)
        (relation,) = article.sets[0].relations
        quotes = {span.id: span.quote for span in article.sets[0].spans}
        assert (relation.type, quotes[relation.source], quotes[relation.target]) == (
            "made_by", "the lock leaks.", "Ardenia",
        )  # fmt: skip

    def test_the_loss_says_why(self) -> None:
        names = TermMapping.parse("actor:Source,claim:Content,made_by:Source")
        (line,) = read("brat", zipped(self.ATTRIBUTION), names=names)
        said = [what for what in losses(line) if what.startswith("relation")]
        assert any("trigger Attribution is no mark here" in what for what in said)
        assert all("made_by:Content>Source" in what for what in said)


class TestControls:
    """Refused with the way to take them, or replaced, and counted."""

    @pytest.mark.parametrize("control", ["\x0c", "\x85", "\x1f", "\x7f"])
    @pytest.mark.parametrize(
        "format", ["text", "jsonl", "csv", "brat", "labelstudio", "doccano", "conll", "wordpress"]
    )
    def test_in_every_format(self, format: str, control: str) -> None:
        text = f"Ardenia{control}said."
        spans = [{"label": "actor", "start": 0, "end": 8, "quote": text[:8]}]
        data: bytes = {
            "text": text.encode(),
            "jsonl": json.dumps({"external_id": "a", "text": text, "spans": spans}).encode(),
            "csv": f"external_id,text\na,{text}\n".encode(),
            "brat": zipped({"a.txt": text, "a.ann": f"T1\tactor 0 8\t{text[:8]}\n"}),
            "labelstudio": task({"text": text, "external_id": "a"}, region(0, 8)),
            "doccano": json.dumps({"id": "a", "text": text, "label": [[0, 8, "actor"]]}).encode(),
            "conll": zipped({"a.conll": f"{text}\tB-actor\nno\tO\n"}),
            "wordpress": WXR.format(text).replace("<wp:post_id>1", "<wp:post_id>a").encode(),
        }[format]
        if format == "wordpress" and control < " ":
            return  # XML knows no such character
        options = {"external_id": "a"} if format == "text" else {}
        if control != "\x0c" or format != "wordpress":
            (line,) = read(format, data, **options)
            assert line.record is None
            if format != "jsonl":
                assert "controls=replace" in line.errors[0].detail
        (line,) = read(format, data, **options, controls="replace")
        article = article_of(line)
        assert article.revisions[0].text.startswith("Ardenia said.")
        assert ids(line)["controls"][:1] == ["a"]
        assert all(row.spans for row in article.sets)


@pytest.mark.parametrize("mark", ["<br />\n", "<br>\r\n", "<br/> \n", "<BR>"])
def test_a_break_and_its_line_end_are_one(mark: str) -> None:
    article = read_one("wordpress", WXR.format(f"<p>The dam{mark}leaks.</p>").encode())
    assert article.revisions[0].text == "The dam\nleaks."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a < b & c &lt; d &#99999999999; &amp;", "a < b & c < d \ufffd &"),
        ('<a title="x > y">A</a><p title=it\'s>B<p>C', "A\n\nB\n\nC"),
        ("One<!-- no -->two<!-- never closed", "Onetwo<!-- never closed"),
        ("A<script>if (a < b) '<p>'</script>B<STYLE>x</STYLE>C", "ABC"),
        ('A <a x="', 'A <a x="'),
    ],
)
def test_html_as_people_write_it(html: str, text: str) -> None:
    assert read_one("wordpress", WXR.format(html).encode()).revisions[0].text == text
