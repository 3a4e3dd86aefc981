"""Articles, tables and archives of other systems: what becomes of each thing in them, and what is told."""

from __future__ import annotations

import json

import pytest

from annotations.exceptions import InvalidInputError
from annotations.formats import FORMATS
from annotations.formats.core.interfaces import StandoffAnnotations
from annotations.formats.core.records import Article
from annotations.formats.core.term_mapping import TermMapping
from tests.formats.edge_cases import zipped
from tests.formats.essence import faults, losses, marks, read, read_one

TEXT = "Ardenia says no. Lorn waits."
WXR = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<item><title>A picture</title><wp:post_id>1</wp:post_id><wp:post_type>attachment</wp:post_type></item>
<item><title>The &amp; lock</title><link>https://lakeside.example/lock</link><dc:creator>mira</dc:creator>
<content:encoded><![CDATA[<p>Ardenia says <b>no</b>.</p>[gallery ids="1"]
<ul><li>One [sic]</li><li>Two<br>lines</li></ul><script>evil()</script>]]></content:encoded>
<wp:post_id>7</wp:post_id><wp:post_date_gmt>2026-03-01 12:00:00</wp:post_date_gmt>
<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>
<category domain="post_tag" nicename="x">Water</category>
<category domain="category" nicename="y">News</category>
<wp:comment><wp:comment_content>Hm</wp:comment_content></wp:comment></item>
<item><title>Old</title><content:encoded><![CDATA[One.\nStill one.\n\nTwo.]]></content:encoded>
<wp:post_id>8</wp:post_id><wp:post_type>page</wp:post_type></item></channel></rss>
"""
NINJS = {
    "uri": "urn:newsml:x:1", "headline": "The lock", "language": "en",
    "versioncreated": "2026-03-01T12:00:00Z", "body_xhtml": "<p>Ardenia says no.</p><p>Lorn waits.</p>",
    "urgency": 3, "subject": [{"name": "Water"}],
}  # fmt: skip
CSV = 'id;body;rubric;published_at\r\na1;"Ardenia says ""no"";\nLorn waits.";News;2026-03-01\r\n'
DNA = (
    '"statement_id";"time";"person";"organization";"concept";"agreement";"start_position";"stop_position";'
    '"text";"coder";"document_id";"mood"\n'
    '1;2026-03-01 00:00:00;"";"Ardenia";"The lock.";0;8;15;"says no";"ann";a1;"bad"\n'
    '1;2026-03-01 00:00:00;"Mira";"Lorn";"The lock.";1;8;15;"says no";"ann";a1;""\n'
)
#: A file of each format that only reads.
SAMPLES = {
    "ninjs": json.dumps([NINJS]).encode(),
    "wordpress": WXR.encode(),
    "csv": b"external_id,title,text\na1,The lock,Ardenia says no.\n",
    **{
        name: next(iter(row.example.files.values())).encode()
        for name, row in FORMATS.items()
        if name in ("prodigy", "conllu", "tei") and row.example
    },
}


def test_dna_becomes_entries_and_marks() -> None:
    *entries, waiting = read("dna", DNA.encode())
    assert [getattr(line.record, "name", getattr(line.record, "text", "")) for line in entries] == [
        "Ardenia", "Lorn", "Mira", "The lock.",
    ]  # fmt: skip
    assert isinstance(waiting.record, StandoffAnnotations)
    line = waiting.record.read_with_text(TEXT)
    assert isinstance(line.record, Article)
    assert [mark[:2] for mark in marks(line.record)] == [("position", "says no"), ("actor", "Ardenia")]
    assert '"stance": "mixed"' in marks(line.record)[0][2]
    assert [row.type for row in line.record.sets[0].relations] == ["held_by"]
    assert losses(line) == {"variable mood": 1, "holders": 1}  # Mira does not stand in the text


def test_dna_needs_its_columns() -> None:
    (line,) = read("dna", b"a;b\n1;2\n")
    assert faults(line) == [("required", "")]


def test_a_table_of_articles() -> None:
    names = TermMapping.parse("external_id:id,text:body")
    article = read_one("csv", CSV.encode("utf-8-sig"), names=names)
    assert article.revisions[0].text == 'Ardenia says "no";\nLorn waits.'
    assert (article.external_id, article.metadata) == ("a1", '{"rubric": "News"}')
    assert article.published_at is not None


def test_rows_fail_alone() -> None:
    lines = read("csv", b"external_id\ttext\na\tone\nb\nc\t\nd\tfour\n")
    assert [faults(line) for line in lines] == [[], [("syntax", "")], [("text-not-allowed", "/text")], []]
    assert faults(read("csv", b"title,body\na,b\n")[0]) == [("required", "")]


def test_a_table_of_a_spreadsheet() -> None:
    """It states its delimiter, and has empty columns beside it, which are nothing."""
    first, second, third = read(
        "csv", b"sep=;\r\ntitle;text;;\r\nA, B;one;;;\r\nC;two;;x\r\nD;three;;;;y\r\n"
    )
    assert isinstance(first.record, Article)
    assert isinstance(second.record, Article)
    assert (first.record.title, first.number, losses(first)) == ("A, B", 3, {})
    assert (second.record.title, losses(second)) == ("C", {"cells of columns without a name": 1})
    assert faults(third) == [("syntax", "")]


def test_ninjs() -> None:
    (line,) = read("ninjs", json.dumps({"_items": [NINJS]}).encode())
    assert isinstance(line.record, Article)
    assert line.record.revisions[0].text == "Ardenia says no.\n\nLorn waits."
    assert (line.record.external_id, line.record.title) == ("urn:newsml:x:1", "The lock")
    assert line.record.metadata == '{"urgency": 3}'
    assert losses(line) == {"field subject": 1}


def test_wordpress() -> None:
    first, second = read("wordpress", WXR.encode())
    assert isinstance(first.record, Article)
    assert isinstance(second.record, Article)
    assert first.record.revisions[0].text == "Ardenia says no.\n\nOne [sic]\n\nTwo\nlines"
    assert (first.record.external_id, first.record.title, first.record.author) == ("7", "The & lock", "mira")
    assert json.loads(first.record.metadata) == {
        "status": "publish", "type": "post", "categories": "News", "tags": "Water",
    }  # fmt: skip
    assert losses(first) == {"items": 1, "shortcodes": 1, "comments": 1}
    assert second.record.revisions[0].text == "One.\nStill one.\n\nTwo."


@pytest.mark.parametrize(
    "declaration",
    ['<!DOCTYPE rss [<!ENTITY a "aaaa">]>', '<!DOCTYPE rss SYSTEM "file:///etc/passwd">', "<!DOCTYPE html>"],
)
def test_wordpress_declares_nothing(declaration: str) -> None:
    (line,) = read("wordpress", f"{declaration}<rss><channel/></rss>".encode())
    assert faults(line) == [("syntax", "")]
    assert "document type" in line.errors[0].detail


def test_text_takes_an_archive() -> None:
    lines = read("text", zipped({"a/b.txt": "One.", "c.txt": "Two.", "d.doc": "x"}))
    assert [line.external_id for line in lines] == ["a/b", "c"]
    assert losses(lines[0]) == {"files": 1}


@pytest.mark.parametrize("encoding", ["TF-8", "hex", "utf-7"])
def test_xml_in_an_unknown_encoding_is_refused(encoding: str) -> None:
    (line,) = read("wordpress", WXR.replace("UTF-8", encoding).encode())
    assert [fault.code for fault in line.errors] == ["syntax"]


@pytest.mark.parametrize(
    "written",
    [
        "claim",
        "claim:",
        ":x",
        "claims:x",
        "stance.no:x",
        "mood.x:y",
        "claim:a,actor:a",
        "text:a,text:b",
        "a" * 2001,
    ],
)
def test_a_translation_that_says_nothing_is_refused(written: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        TermMapping.parse(written)
    assert refusal.value.errors[0].parameter == "map"


def test_a_translation_takes_commas_and_colons() -> None:
    names = TermMapping.parse(r"claim:Says\, that,actor=Person: name, text : body ")
    assert names.find_label("Says, that") == "claim"
    assert names.find_label("Person: name") == "actor"
    assert names.file_field("text") == "body"
    assert names.find_label("CLAIM") == "claim"
    assert names.find_label("Place") is None


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.is_readable])
def test_the_example_of_the_page_is_read(name: str) -> None:
    """What the reference shows is a file of the format."""
    example = FORMATS[name].example
    assert example is not None
    files = dict(example.files)
    whole = len(files) > 1 or name == "conll"
    data = zipped(files) if whole else next(iter(files.values())).encode()
    found = read(name, data)
    assert found
    assert [line.errors for line in found] == [[]] * len(found)
