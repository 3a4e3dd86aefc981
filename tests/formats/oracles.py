"""Independent readers of other tools' formats: written from their descriptions, sharing no code with ours.

Each answers the marks of a file by article: label, words, and whatever else the format tells.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

Mark = tuple[str, str]
"""A label and the words that it is on."""


def files(data: bytes) -> dict[str, bytes]:
    """The entries of an archive."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def brat(data: bytes) -> dict[str, tuple[list[Mark], list[str]]]:
    """By the grammar of the standoff page: marks whose words are checked, and the other lines."""
    found: dict[str, tuple[list[Mark], list[str]]] = {}
    entries = files(data)
    for name, raw in entries.items():
        if not name.endswith(".ann"):
            continue
        text = entries[name.replace(".ann", ".txt")].decode()
        marks, others, seen = [], [], set()
        for line in raw.decode().splitlines():  # as codecs.open splits lines, which is what brat uses
            columns = line.split("\t")
            assert columns[0] not in seen or columns[0] == "*", line
            seen.add(columns[0])
            if line[0] == "T":
                assert len(columns) == 3, line
                label, where = columns[1].split(" ", 1)
                pieces = [tuple(map(int, piece.split(" "))) for piece in where.split(";")]
                assert columns[2] == " ".join(text[start:end] for start, end in pieces)
                marks.append((label, text[pieces[0][0] : pieces[-1][1]]))
            else:
                targets = re.findall(r"(?<=[ :])T\d+", columns[1])
                assert targets, line
                assert seen.issuperset(targets), line
                others.append(line)
        found[name] = marks, others
    return found


def conll(data: bytes) -> dict[str, list[list[tuple[str, str]]]]:
    """Documents of tokens and tags by layer; tags begin with B after O and at the start of a sentence."""
    found: dict[str, list[list[tuple[str, str]]]] = {}
    for name, raw in files(data).items():
        if not name.endswith(".conll"):
            continue
        documents: list[list[tuple[str, str]]] = []
        before = "O"
        for line in raw.decode().split("\n"):
            if not line:
                before = "O"
                continue
            token, _, _, tag = line.split(" ")
            if token == "-DOCSTART-":
                documents.append([])
                continue
            assert tag == "O" or tag[:2] in ("B-", "I-")
            assert tag[:2] != "I-" or before[2:] == tag[2:], line
            documents[-1].append((token, tag))
            before = tag
        found[name] = documents
    return found


def webanno(table: bytes, text: bytes) -> tuple[list[Mark], list[tuple[str, str, str]]]:
    """Marks by the numbers in the cells of the first layer, relations by those of their ends."""
    units = text.decode().encode("utf-16-le")
    head, *rest = table.decode().split("\n\n\n")
    layers = re.findall(r"^#T_(SP|RL)=([^|\n]+)((?:\|[^|\n]*)*)$", head, re.MULTILINE)
    assert head.startswith("#FORMAT=WebAnno TSV 3.3\n")
    width = sum(layer[2].count("|") for layer in layers)
    places: dict[str, list[tuple[int, int]]] = {}
    labels: dict[str, str] = {}
    relations = []
    for line in "\n".join(rest).split("\n"):
        if not line or line.startswith("#Text="):
            continue
        unit, where, token, *cells = line.split("\t")
        assert re.fullmatch(r"\d+-\d+(\.\d+)?", unit)
        assert cells.pop() == ""
        assert len(cells) == width
        start, end = map(int, where.split("-"))
        assert units[2 * start : 2 * end].decode("utf-16-le") == token
        if cells[0] != "_":
            for cell in cells[0].split("|"):
                value, number = re.fullmatch(r"(.+)\[(\d+)\]", cell).groups()  # type: ignore[union-attr]
                labels[number] = value
                places.setdefault(number, []).append((start, end))
        if cells[-1] != "_":
            for type_, ends in zip(cells[-2].split("|"), cells[-1].split("|"), strict=True):
                source, target = re.fullmatch(r"[\d.-]+\[(\d+)_(\d+)\]", ends).groups()  # type: ignore[union-attr]
                relations.append((type_.replace("\\_", "_"), source, target))
    marks = []
    for number, found in places.items():
        raw = units[2 * min(found)[0] : 2 * max(end for _, end in found)]
        marks.append((labels[number], raw.decode("utf-16-le")))
    return marks, [(type_, labels[a], labels[b]) for type_, a, b in relations]


def lines(data: bytes) -> list[Any]:
    """Documents, one a line."""
    return [json.loads(line) for line in data.decode().split("\n") if line]
