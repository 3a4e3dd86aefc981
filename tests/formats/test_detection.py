"""The format of a file is known by its content, whatever its name."""

from __future__ import annotations

import io
import json

import pytest

from annotations.formats import FORMATS
from annotations.formats.detection import detect_format
from tests.formats.edge_cases import zipped

EXAMPLES = [
    (name, file, content)
    for name, row in FORMATS.items()
    if row.is_readable and row.example
    for file, content in row.example.files.items()
    if not file.endswith((".txt", ".ann")) and len(content) > 0
]


@pytest.mark.parametrize(
    ("name", "file", "content"), EXAMPLES, ids=[f"{row[0]} {row[1]}" for row in EXAMPLES]
)
def test_the_example_of_each_format_is_known_alone_and_in_an_archive(
    name: str, file: str, content: str
) -> None:
    assert detect_format(io.BytesIO(content.encode())) == name
    assert detect_format(io.BytesIO(b"\xef\xbb\xbf" + content.encode())) == name
    assert detect_format(io.BytesIO(zipped({"export/x.bin": content}))) == name


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", None),
        (b"Just a text, with commas.", None),
        (b"PK\x03\x04 broken", None),
        (b"\x00\xff\xfe", None),
        (b"{", None),
        (b"[]", None),
        (b"SQLite format 3\x00rest", "dna"),
        (b"nr;Headline;Body\r\n1;A;B\r\n", "csv"),
        (b'"id","text"\n1,"a"\n', "csv"),
        (json.dumps({"text": "a", "label": [[0, 1, "X"]]}).encode() + b"\n", "doccano"),
        (json.dumps({"external_id": "a", "text": "b" * 100_000}).encode(), "jsonl"),
        (b'{"text": "The file of anno.jsonld has \\"predictions\\"."}\n', "jsonl"),
        (b'{"type": "header", "corpus": {"guideline": "' + b"predictions anno.jsonld " * 9_000, "jsonl"),
        (b'{"text": "a", "spans": [], "answer": "accept"}\n', "prodigy"),
        (b'{"text": "a", "metadata": {"annotations": 1}}\n', "jsonl"),
        (b'{\n  "uri": "urn:a",\n  "headlines": [{"value": "A"}]\n}\n', "ninjs"),
        (b"The B-52 flew low.\nIt was a bomber, said C.", None),
        (json.dumps([{"text": "a", "label": [[0, 1, "X"]]}], indent=2).encode(), "doccano"),
        (b'[{"text": "a"}]', None),
        (b"Mira B-actor\nspoke O\n", "conll"),
        (b"Mira\tU-actor\r\nspoke\tO\r\n", "conll"),
    ],
)
def test_content_without_a_sure_sign_is_left_to_people(content: bytes, found: str | None) -> None:
    stream = io.BytesIO(content)
    assert detect_format(stream) == found
    assert stream.tell() == 0


def test_what_systems_put_into_archives_is_passed_over() -> None:
    files = {"__MACOSX/c/._a.txt": "\x00", "c/.DS_Store": "\x00", "c/A.TXT": "One.", "c/A.ANN": ""}
    assert detect_format(io.BytesIO(zipped(files))) == "brat"


def test_a_zip_of_texts_with_marks_beside_them_is_brat() -> None:
    archive = zipped({"a.txt": "One.", "a.ann": "T1\tactor 0 3\tOne\n"})
    assert detect_format(io.BytesIO(archive)) == "brat"
