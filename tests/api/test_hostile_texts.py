"""Hostile text, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.resources import Resources
from tests.newsroom import Newsroom, span

PROVES = False  # the data of these tests is proved by others
ARTICLES = "corpora/lake/articles/"


#: What the value is, and whether a line (name), a title, prose and an article take it.
HOSTILE: dict[str, tuple[str, bool, bool, bool, bool]] = {
    "NUL": ("a\x00b", False, False, False, False),
    "C0": ("a\x07b", False, False, False, False),
    "escape": ("a\x1b[31mb", False, False, False, False),
    "C1": ("a\x9bb", False, False, False, False),
    "U+0085": ("a\x85b", False, False, False, False),
    "delete": ("a\x7fb", False, False, False, False),
    "LF": ("a\nb", False, False, True, True),
    "CRLF": ("a\r\nb", False, False, True, True),
    "lone CR": ("a\rb", False, False, True, True),
    "tab": ("a\tb", False, False, True, True),
    "U+2028": ("a\u2028b", False, False, True, True),
    "U+2029": ("a\u2029b", False, False, True, True),
    "RTL override": ("a\u202eb\u202c", False, True, True, True),
    "isolates": ("a\u2066b\u2069", False, True, True, True),
    "BOM": ("\ufeffa\ufeffb", True, True, True, True),
    "no character": ("a\ufffeb\uffff", True, True, True, True),
    "joiners": ("a\u200d\u200cb", True, True, True, True),
    "NFC": ("\u00e9", True, True, True, True),
    "NFD": ("e\u0301", True, True, True, True),
    "ligature": ("﷽", True, True, True, True),
    "emoji": ("👩‍👩‍👧‍👦🇩🇪", True, True, True, True),
    "private use": ("a\ue000\U0010fffd", True, True, True, True),
    "unassigned": ("a\u0378\U000e1000", True, True, True, True),
    "tags": ("a\U000e0041", True, True, True, True),
    "homoglyphs": ("аctоr", True, True, True, True),
    "marks": ("a" + "\u0301" * 150, True, True, True, True),
    "markup": ("<img src=x onerror=alert(1)>", True, True, True, True),
    "formula": ("=HYPERLINK(1)", True, True, True, True),
    "template": ("{{ 7*7 }} %s %(x)s {0}", True, True, True, True),
    "SQL": ("'; DROP TABLE x; --", True, True, True, True),
    "path": ("../../../etc/passwd", True, True, True, True),
    "space": ("  a  ", True, True, True, True),
    "no break": ("\u00a0a\u3000", True, True, True, True),
}
LINE, TITLE, PROSE, ARTICLE = range(1, 5)

#: Who sends it, where, in what, and which kind of field it is.
STRINGS: dict[str, tuple[str, str, str, dict[str, Any], str, int]] = {
    "article text": ("max", "POST", ARTICLES, {}, "text", ARTICLE),
    "article title": ("max", "POST", ARTICLES, {"text": "a"}, "title", TITLE),
    "article source": ("max", "POST", ARTICLES, {"text": "a"}, "source", TITLE),
    "article author": ("max", "POST", ARTICLES, {"text": "a"}, "author", TITLE),
    "article story": ("max", "POST", ARTICLES, {"text": "a"}, "story_key", LINE),
    "article external id": ("max", "POST", ARTICLES, {"text": "a"}, "external_id", LINE),
    "comment": ("ann", "POST", "sets/{open}/comments/", {}, "text", PROSE),
    "actor": ("ann", "POST", "corpora/lake/actors/", {"kind": "state"}, "name", LINE),
    "actor note": ("ann", "POST", "corpora/lake/actors/", {"kind": "state", "name": "a"}, "note", PROSE),
    "topic": ("rae", "POST", "corpora/lake/topics/", {}, "name", LINE),
    "proposition": ("ann", "POST", "corpora/lake/propositions/", {"kind": "issue"}, "text", LINE),
    "corpus name": ("max", "PATCH", "corpora/lake/", {}, "name", LINE),
    "description": ("max", "PATCH", "corpora/lake/", {}, "description", PROSE),
    "guideline": ("max", "PATCH", "corpora/lake/", {}, "guideline", PROSE),
}


#: What tells the kinds of fields apart.
TELLING = frozenset({"NUL", "LF", "RTL override"})


def values_for(field: str) -> Iterator[tuple[str, tuple[str, bool, bool, bool, bool]]]:
    """Yield what a field is sent: what tells its kind, and its part of what all fields of the kind share."""
    kind = STRINGS[field][-1]
    same = [name for name, row in STRINGS.items() if row[-1] == kind]
    for number, (what, row) in enumerate(HOSTILE.items()):
        if what in TELLING or same[number % len(same)] == field:
            yield what, row


@pytest.mark.parametrize("field", STRINGS)
def test_s18_hostile_text(newsroom: Newsroom, things: Resources, field: str) -> None:
    """Taken and given back to the character, or refused with its place; the same on both engines."""
    who, method, path, body, name, kind = STRINGS[field]
    at = path.format_map(things)
    for what, row in values_for(field):
        value, fits = str(row[0]), bool(row[kind])
        version = newsroom.max.get(at).version if method == "PATCH" else None
        reply = newsroom[who].call(method, at, {**body, name: value}, version=version)
        refused = 422 if kind == ARTICLE else 400
        assert reply.status == ((201 if method == "POST" else 200) if fits else refused), (field, what, reply)
        if not fits:
            assert reply.pointers == [f"/{name}"]
        elif kind != ARTICLE:
            assert reply.data[name] == value, what


@pytest.mark.parametrize("place", ["metadata value", "metadata key", "role", "alias", "quote"])
def test_s18_hostile_text_inside_of_objects(newsroom: Newsroom, things: Resources, place: str) -> None:
    for start, (what, (value, line, _, prose, _)) in enumerate(HOSTILE.items(), 1):
        cases: dict[str, tuple[str, str, dict[str, Any], bool]] = {
            "metadata value": ("max", ARTICLES, {"text": "a", "metadata": {"k": value}}, prose),
            "metadata key": (
                "max",
                ARTICLES,
                {"text": "a", "metadata": {value: 1}},
                line and len(value) <= 100,
            ),
            "role": (
                "ann",
                f"sets/{things['open']}/spans/",
                span(start, 90, attributes={"role_text": value}),
                line,
            ),
            "alias": (
                "ann",
                "corpora/lake/actors/",
                {"name": "a", "kind": "state", "aliases": [{"text": value}]},
                line,
            ),
            "quote": ("ann", f"sets/{things['open']}/spans/", span(0, 3, quote=value), False),
        }
        who, at, body, fits = cases[place]
        reply = newsroom[who].post(at, body)
        assert reply.status in ((201,) if fits else (400, 422)), (place, what, reply)
        if fits and place == "role":
            assert reply.data["attributes"]["role_text"] == value
        if fits and place == "metadata key":
            assert newsroom.vic.get(f"articles/{reply.data['id']}/").data["metadata"] == {value: 1}
