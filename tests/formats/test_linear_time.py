# ruff: noqa: E501 - each hostile file is a row
"""Every reader takes linear time.

Each row is a hostile file: what a matcher, a search or a list that is gone through again and again would
take quadratic, cubic or exponential time for. Sizes are such that a quadratic reader takes seconds.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from annotations.formats import FORMATS
from annotations.formats.core.html_text import html_to_text
from annotations.formats.core.interfaces import StandoffAnnotations
from tests.timing import SCALE, require_linear_time

WXR = (
    '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><wp:post_id>1</wp:post_id>{}'
    "<content:encoded><![CDATA[{}]]></content:encoded></item></channel></rss>"
)


def archive(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def brat(ann: str) -> bytes:
    return archive({"a.txt": "Ardenia says no.", "a.ann": ann})


def lines(row: str, n: int) -> str:
    return "".join(row.format(i=i, j=i + 1) for i in range(n))


def task(results: list[dict[str, Any]]) -> bytes:
    return json.dumps([{"data": {"text": "Ardenia"}, "annotations": [{"result": results}]}]).encode()


def comment(i: int) -> dict[str, Any]:
    return {"id": f"c{i}", "author": "ann", "text": "x", "parent": f"c{i - 1}" if i else None}


def own(**fields: Any) -> bytes:
    return json.dumps({"text": "Ardenia", **fields}).encode()


def quotes(n: int) -> bytes:
    selector = [{"type": "TextQuoteSelector", "exact": f"w{i} "} for i in range(n)]
    body = {"type": "TextualBody", "value": "actor"}
    text = "".join(f"w{i} " for i in range(n))
    described = {"type": "TextualBody", "format": "text/plain", "value": text}
    marks = [
        {"id": f"m{i}", "body": body, "target": {"source": "a", "selector": one}}
        for i, one in enumerate(selector)
    ]
    whole = {"motivation": "describing", "body": described, "target": {"id": "a"}}
    return json.dumps([whole, *marks]).encode()


TSV = "#FORMAT=WebAnno TSV 3.3\n#T_SP=x.actor|f\n\n#Text={text}\n{rows}"
DNA = "concept;agreement;start_position;stop_position;document_id;organization\n"

#: Name of the format, the hostile file of size n, and n.
HOSTILE: dict[str, tuple[str, Callable[[int], bytes], int]] = {
    "brat event": ("brat", lambda n: brat("E1\tX:T1" + " a:b:c" * n), 1333),
    "brat event digits": ("brat", lambda n: brat(f"T1\tactor 0 7\tArdenia\nE1\tX:T1 a{'1' * n}b:T1"), 1333),
    "brat relation": ("brat", lambda n: brat("R1\tx " + ":a" * n + " " + ":b" * n), 1333),
    "brat relation blanks": ("brat", lambda n: brat("R1\tx a:b" + " " * n + "x"), 2666),
    "brat attribute": ("brat", lambda n: brat("A1\tx T1 " + "a " * n + "\x0b"), 2666),
    "brat note": ("brat", lambda n: brat("#1\t" + "a " * n), 2666),
    "brat pieces": ("brat", lambda n: brat("T1\tactor " + "0 7;" * n + "x"), 2666),
    "brat joined roles": ("brat", lambda n: brat("T1\tactor 0 7\tArdenia\nE1\tactor:T1" + " A:T1 B:T1" * n), 333),
    "brat texts": ("brat", lambda n: archive({f"t{i}.txt": "x" for i in range(n)}), 333),
    "texts": ("text", lambda n: archive({f"t{i}.txt": "x" for i in range(n)}), 1_200),
    "texts and others": ("text", lambda n: archive({f"t{i}.{'txt' if i % 2 else 'x'}": "x" for i in range(n)}), 1_200),
    "conll files": ("conll", lambda n: archive({f"t{i}.conll": "x O\n" for i in range(n)}), 266),
    "conll columns": ("conll", lambda n: b"x\t" * n + b"O\n", 2666),
    "conll sentences": ("conll", lambda n: b"x O\n\n" * n, 1000),
    "conll tags": ("conll", lambda n: b"x B-actor\ny B-Place\n" * n, 666),
    "webanno tables": ("webannotsv", lambda n: archive({f"t{i}.tsv": "#FORMAT=WebAnno TSV 3.3\n" for i in range(n)}), 266),
    "webanno stack": ("webannotsv", lambda n: TSV.format(text="a", rows=f"1-1\t0-1\ta\t{'b|' * n}\t\n").encode(), 666),
    "webanno escapes": ("webannotsv", lambda n: TSV.format(text="a", rows="1-1\t0-1\ta\t" + "\\" * n + "[1]\n").encode(), 2666),
    "webanno brackets": ("webannotsv", lambda n: TSV.format(text="a", rows="1-1\t0-1\ta\t" + "[1]" * n + "\n").encode(), 2666),
    "webanno layers": (
        "webannotsv",
        lambda n: ("#FORMAT=WebAnno TSV 3.3\n" + "#T_SP=x.actor|f\n" * n
                   + "#Text=a\n" + "1-1\t0-1\ta\t_\t\n" * n).encode(),
        1333,
    ),
    "wordpress tags": ("wordpress", lambda n: WXR.format("", '<a x="' * n).encode(), 2666),
    "wordpress comments": ("wordpress", lambda n: WXR.format("", "<!--" * n).encode(), 2666),
    "wordpress codes": ("wordpress", lambda n: WXR.format("", "[a x=" * n).encode(), 2666),
    "wordpress fields": ("wordpress", lambda n: WXR.format(lines("<x{i}/>", n), "x").encode(), 1333),
    "csv columns": ("csv", lambda n: ("text," + ",".join(f"c{i}" for i in range(n)) + "\nx" + ",y" * n).encode(), 2666),
    "csv quotes": ("csv", lambda n: b'text\n"' + b'""' * n + b'"', 6666),
    "ninjs html": ("ninjs", lambda n: json.dumps({"uri": "a", "body_html": '<a x="' * n}).encode(), 2666),
    "label studio regions": (
        "labelstudio",
        lambda n: task([{"id": f"r{i}", "type": "labels", "value": {"start": 0, "end": 7, "labels": ["actor"]}} for i in range(n)]),
        666,
    ),
    "label studio relations": (
        "labelstudio",
        lambda n: task([{"id": "r", "type": "labels", "value": {"start": 0, "end": 7, "labels": ["actor"]}}]
                       + [{"type": "relation", "from_id": "r", "to_id": "r", "labels": ["about"]}] * n),
        666,
    ),
    "label studio places": (
        "labelstudio",
        lambda n: task([{"to_name": f"t{i}", "type": "labels", "value": {"start": 0, "end": 7, "labels": ["actor"], "text": "x"}} for i in range(n)]),
        333,
    ),
    "doccano labels": ("doccano", lambda n: json.dumps({"text": "Ardenia", "label": [[0, 7, "actor"]] * n}).encode(), 1000),
    "web annotation quotes": ("webannotation", quotes, 500),
    "dna names": (
        "dna",
        lambda n: (DNA + lines("c;1;0;7;a;o{i}\n", n)).encode(),
        333,
    ),
    "jsonl comments": ("jsonl", lambda n: own(sets=[{"comments": [comment(i) for i in reversed(range(n))]}]), 500),
    "jsonl revisions": (
        "jsonl",
        lambda n: json.dumps({"revisions": [{"id": f"r{i}", "number": i + 1, "text": "x"} for i in range(n)],
                              "sets": [{"revision": f"r{i}"} for i in range(n)]}).encode(),
        333,
    ),
    "jsonl spans": ("jsonl", lambda n: own(spans=[{"id": f"s{i}", "label": "actor", "start": 0, "end": 7} for i in range(n)]), 1000),
    "prodigy tasks": ("prodigy", lambda n: b'{"text": "a", "spans": [{"start": 0, "end": 1, "label": "actor"}]}\n' * n, 500),
    "conllu tags": ("conllu", lambda n: lines("{j}\tx\t_\t_\t_\t_\t_\t_\t_\tNER=B-actor\n", n).encode(), 1_000),
    "conllu keys": ("conllu", lambda n: ("1\tx\t_\t_\t_\t_\t_\t_\t_\t" + lines("k{i}=O|", n)).encode(), 2_000),
    "cas views": (
        "casjson",
        lambda n: json.dumps({"%FEATURE_STRUCTURES": [{"%TYPE": "uima.cas.Sofa", "%ID": i, "sofaString": "Ardenia"} for i in range(n)]}).encode(),
        2_000,
    ),
    "cas annotations": (
        "casjson",
        lambda n: json.dumps({"%FEATURE_STRUCTURES": [{"%TYPE": "uima.cas.Sofa", "%ID": 1, "sofaString": "Ardenia"}]
                              + [{"%ID": i, "%TYPE": "x.Actor", "@sofa": 1, "begin": 0, "end": 7} for i in range(n)]}).encode(),
        1_000,
    ),
    "tei elements": ("tei", lambda n: ("<TEI><text>" + "<p><hi>x</hi> </p>" * n + "</text></TEI>").encode(), 1_000),
    "tei pointers": ("tei", lambda n: ("<TEI><text>x</text><spanGrp><span type='actor' target='" + "string-range(" * n + "'/></spanGrp></TEI>").encode(), 4_000),
    "json elements": ("labelstudio", lambda n: b"[" + b"[" * n, 6666),
    "json strings": ("labelstudio", lambda n: b'[{"a": "' + b"\\" * n, 6666),
}  # fmt: skip


def read(name: str, data: bytes) -> None:
    """Read a file, with its marks on a text of its own size."""
    for line in FORMATS[name].reader(io.BytesIO(data)):  # type: ignore[misc]
        if isinstance(line.record, StandoffAnnotations):
            line.record.read_with_text("Ardenia " * (len(data) // 16))


def check(name: str, hostile: Callable[[int], bytes], n: int) -> None:
    require_linear_time(partial(read, name, hostile(n // 2)), partial(read, name, hostile(n // 2 * SCALE)))


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_linear_time(name: str) -> None:
    format, hostile, n = HOSTILE[name]
    check(format, hostile, n)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_large_hostile_files(name: str) -> None:
    format, hostile, n = HOSTILE[name]
    check(format, hostile, 10 * n)


@pytest.mark.slow
def test_html_is_read_once() -> None:
    hostile = '<a x="' * 1_000
    require_linear_time(partial(html_to_text, hostile), partial(html_to_text, hostile * SCALE))
