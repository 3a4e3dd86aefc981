"""Who sends something else than what is asked for is told, each fault with its place."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import Event
from tests.api.matrix import filled
from tests.api.resources import Resources
from tests.newsroom import TEXT, Newsroom, new_id, span

FIELDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "article": ("max", "corpora/lake/articles/", {"text": TEXT}),
    "corpus": ("ada", "corpora/", {"slug": "river", "name": "River"}),
    "member": ("max", "corpora/lake/members/", {"username": "sam", "role": "viewer"}),
    "set": ("max", "articles/{article}/sets/", {"owner": "ben"}),
    "span": ("ann", "sets/{open}/spans/", span(4, 11)),
    "relation": ("ann", "sets/{open}/relations/", {"type": "about", "source": "{claim}", "target": "{span}"}),
    "comment": ("ann", "sets/{open}/comments/", {"text": "Why?"}),
    "actor": ("ann", "corpora/lake/actors/", {"name": "Lorn", "kind": "state"}),
    "topic": ("rae", "corpora/lake/topics/", {"name": "Fish"}),
    "proposition": ("ann", "corpora/lake/propositions/", {"text": "A ban", "kind": "issue"}),
    "queue": ("ann", "corpora/lake/queue/", {"task": "annotate"}),
    "submit": ("ann", "sets/{open}/submit/", {}),
}

WRONG: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("article", {"annotators": "5"}, {"/annotators": "type"}),
    ("article", {"annotators": 5.0}, {"/annotators": "type"}),
    ("article", {"annotators": True}, {"/annotators": "type"}),
    ("article", {"annotators": 0}, {"/annotators": "too-small"}),
    ("article", {"annotators": 10**18}, {"/annotators": "too-large"}),
    ("article", {"annotators": None}, {"/annotators": "null"}),
    ("article", {"text": 5}, {"/text": "type"}),
    ("article", {"text": None}, {"/text": "null"}),
    ("article", {"title": 5}, {"/title": "type"}),
    ("article", {"title": "a\nb"}, {"/title": "characters"}),
    ("article", {"title": "x" * 501}, {"/title": "too-long"}),
    ("article", {"external_id": ""}, {"/external_id": "empty"}),
    ("article", {"external_id": "x" * 256}, {"/external_id": "too-long"}),
    ("article", {"url": "javascript:alert(1)"}, {"/url": "format"}),
    ("article", {"url": "https://ann:secret@example.org/"}, {"/url": "format"}),
    ("article", {"language": "e"}, {"/language": "format"}),
    ("article", {"published_at": "2026-03-01"}, {"/published_at": "format"}),
    ("article", {"published_at": "2026-03-01T12:00:00"}, {"/published_at": "format"}),
    ("article", {"published_at": 5}, {"/published_at": "type"}),
    ("article", {"metadata": []}, {"/metadata": "type"}),
    ("article", {"metadata": {"a": 1.5}}, {"/metadata/a": "type"}),
    ("article", {"metadata": {"a": {}}}, {"/metadata/a": "type"}),
    ("article", {"metadata": {"a": 2**53}}, {"/metadata/a": "too-large"}),
    ("article", {"metadata": {f"k{i}": 1 for i in range(51)}}, {"/metadata": "too-long"}),
    ("article", {"id": "5"}, {"/id": "format"}),
    ("article", {"id": 5}, {"/id": "type"}),
    ("article", {"id": "{" + new_id() + "}"}, {"/id": "format"}),
    ("article", {"id": new_id().replace("-", "")}, {"/id": "format"}),
    ("article", {"id": f"urn:uuid:{new_id()}"}, {"/id": "format"}),
    ("article", {"id": None}, {"/id": "null"}),
    ("article", {"corpus": "lake"}, {"/corpus": "unknown-field"}),
    ("article", {"a/b~c": 1}, {"/a~1b~0c": "unknown-field"}),
    ("article", {"title": 5, "nonsense": 1}, {"/title": "type", "/nonsense": "unknown-field"}),
    ("corpus", {"slug": "Big Lake"}, {"/slug": "format"}),
    ("corpus", {"slug": "a" * 51}, {"/slug": "format"}),
    ("corpus", {"depth": "deep"}, {"/depth": "choice"}),
    ("corpus", {"archived": "false"}, {"/archived": "type"}),
    ("corpus", {"archived": 0}, {"/archived": "type"}),
    ("corpus", {"my_role": "manager"}, {"/my_role": "read-only"}),
    ("corpus", {"guideline_version": 7}, {"/guideline_version": "read-only"}),
    ("corpus", {"name": " "}, {"/name": "characters"}),
    ("member", {"role": "boss"}, {"/role": "choice"}),
    ("member", {"username": None}, {"/username": "null"}),
    ("set", {"round": "first"}, {"/round": "choice"}),
    ("set", {"state": "approved"}, {"/state": "unknown-field"}),
    ("set", {"due_at": "tomorrow"}, {"/due_at": "format"}),
    ("span", {"start": "4"}, {"/start": "type"}),
    ("span", {"start": 4.0}, {"/start": "type"}),
    ("span", {"start": True}, {"/start": "type"}),
    ("span", {"start": None}, {"/start": "null"}),
    ("span", {"end": 10**18}, {"/end": "too-large"}),
    ("span", {"label": "place"}, {"/label": "choice"}),
    ("span", {"label": 5}, {"/label": "type"}),
    ("span", {"quote": 5}, {"/quote": "type"}),
    ("span", {"actor": "x"}, {"/actor": "format"}),
    ("span", {"proposition": new_id()}, {"/proposition": "not-for-label"}),
    ("span", {"attributes": []}, {"/attributes": "type"}),
    ("span", {"attributes": None}, {"/attributes": "null"}),
    ("span", {"attributes": {"mention_type": "nickname"}}, {"/attributes/mention_type": "unknown-value"}),
    ("span", {"attributes": {"mention_type": None}}, {"/attributes/mention_type": "wrong-type"}),
    ("span", {"attributes": {"stance": "oppose"}}, {"/attributes/stance": "not-for-label"}),
    ("span", {"attributes": {"colour": "red"}}, {"/attributes/colour": "unknown-attribute"}),
    ("span", {"attributes": {"role_text": "a\nb"}}, {"/attributes/role_text": "characters"}),
    ("span", {"origin": "human"}, {"/origin": "unknown-field"}),
    ("span", {"version": 5}, {"/version": "unknown-field"}),
    ("span", {"set": new_id()}, {"/set": "unknown-field"}),
    ("relation", {"type": "likes"}, {"/type": "choice"}),
    ("relation", {"source": None}, {"/source": "null"}),
    ("relation", {"set": new_id()}, {"/set": "unknown-field"}),
    ("comment", {"text": ""}, {"/text": "empty"}),
    ("comment", {"text": " \n"}, {"/text": "characters"}),
    ("comment", {"text": "x" * 10_001}, {"/text": "too-long"}),
    ("comment", {"blocking": "yes"}, {"/blocking": "type"}),
    ("comment", {"author": "rae"}, {"/author": "unknown-field"}),
    ("comment", {"resolved": True}, {"/resolved": "unknown-field"}),
    ("actor", {"kind": "robot"}, {"/kind": "choice"}),
    ("actor", {"qid": "42"}, {"/qid": "format"}),
    ("actor", {"qid": "Q042"}, {"/qid": "format"}),
    ("actor", {"aliases": {}}, {"/aliases": "type"}),
    ("actor", {"aliases": ["A."]}, {"/aliases/0": "type"}),
    ("actor", {"aliases": [{"text": "A."}, {"text": "\u202eA"}]}, {"/aliases/1/text": "characters"}),
    ("actor", {"aliases": [{"text": "A.", "weight": 1}]}, {"/aliases/0/weight": "unknown-field"}),
    ("topic", {"name": None}, {"/name": "null"}),
    ("proposition", {"status": "accepted"}, {"/status": "unknown-field"}),
    ("proposition", {"kind": "question"}, {"/kind": "choice"}),
    ("queue", {"task": "sleep"}, {"/task": "choice"}),
    ("submit", {"state": "approved"}, {"/state": "unknown-field"}),
    ("submit", {"comment": 5}, {"/comment": "type"}),
]


@pytest.mark.parametrize("kind", FIELDS)
def test_what_is_not_asked_for(newsroom: Newsroom, things: Resources, kind: str) -> None:
    who, at, body = FIELDS[kind]
    at, sent = at.format_map(things), filled(body, things)
    told = Event.objects.count()
    version = 1 if kind == "submit" else None
    for change, faults in ((change, faults) for of, change, faults in WRONG if of == kind):
        reply = newsroom[who].post(at, {**sent, **change}, version=version)
        assert reply.refusal == (400, "invalid"), (change, reply)
        assert {error["pointer"]: error["code"] for error in reply.data["errors"]} == faults
    assert Event.objects.count() == told


@pytest.mark.parametrize("kind", FIELDS)
def test_a_body_that_is_missing_or_no_object(newsroom: Newsroom, things: Resources, kind: str) -> None:
    who, at, body = FIELDS[kind]
    at, version = at.format_map(things), 5 if kind == "submit" else None
    for raw in (b"null", b"5", b'"a"', b"[[]]", b"{"):
        headers = {"If-Match": '"5"'} if version else {}
        assert newsroom[who].raw("POST", at, raw, headers=headers).refusal == (400, "invalid"), raw
    if body and kind != "set":  # which has a default for everything
        empty = newsroom[who].raw("POST", at)
        assert empty.refusal == (400, "invalid")
        assert {error["code"] for error in empty.data["errors"]} == {"required"}
