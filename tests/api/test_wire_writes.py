"""Writing by the contract: ids that clients choose, versions, changes of parts, repeats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from annotations.models import Event
from tests.api.house import TEXT, House, new_id, span
from tests.api.test_matrix import Things, filled


@dataclass(frozen=True)
class Maker:
    """How one kind of thing is made: by whom, where, from what, and what makes it another thing."""

    who: str
    at: str
    body: Callable[[Things], dict[str, Any]]
    other: dict[str, Any]


MAKERS: dict[str, Maker] = {
    "corpora": Maker("ada", "corpora/", lambda _: {"slug": "river", "name": "River"}, {"name": "Sea"}),
    "articles": Maker(
        "max", "corpora/lake/articles/", lambda _: {"text": TEXT, "title": "A"}, {"title": "B"}
    ),
    "article texts": Maker("max", "corpora/lake/articles/", lambda _: {"text": TEXT}, {"text": TEXT + " "}),
    "revisions": Maker(
        "max",
        "articles/{article}/revisions/",
        lambda _: {"text": "New.", "reason": "Old."},
        {"text": "Newer."},
    ),
    "sets": Maker("max", "articles/{article}/sets/", lambda _: {"owner": "ben"}, {"owner": "ann"}),
    "due sets": Maker(
        "max", "articles/{article}/sets/", lambda _: {"owner": "ben"}, {"due_at": "2030-01-01T00:00:00Z"}
    ),
    "spans": Maker("ann", "sets/{open}/spans/", lambda _: span(4, 11), {"end": 18}),
    "span attributes": Maker(
        "ann", "sets/{open}/spans/", lambda _: span(4, 11), {"attributes": {"mention_type": "name"}}
    ),
    "relations": Maker(
        "ann",
        "sets/{open}/relations/",
        lambda t: {"type": "about", "source": t["claim"], "target": t["span"]},
        {"type": "reported_by"},
    ),
    "comments": Maker("ann", "sets/{open}/comments/", lambda _: {"text": "Why?"}, {"text": "How?"}),
    "actors": Maker(
        "ann",
        "corpora/lake/actors/",
        lambda _: {"name": "Lorn", "kind": "state", "aliases": [{"text": "L."}, {"text": "A."}]},
        {"aliases": [{"text": "L."}]},
    ),
    "topics": Maker("rae", "corpora/lake/topics/", lambda _: {"name": "Fish"}, {"name": "Birds"}),
    "propositions": Maker(
        "ann",
        "corpora/lake/propositions/",
        lambda _: {"text": "A ban", "kind": "issue"},
        {"kind": "assertion"},
    ),
}
makers = pytest.mark.parametrize("kind", MAKERS)


@pytest.fixture
def things(house: House) -> Things:
    return Things(house, house.lake, "max", "ann", "rae")


def prepared(house: House, things: Things, kind: str) -> tuple[Any, str, dict[str, Any]]:
    maker = MAKERS[kind]
    return house[maker.who], maker.at.format_map(things), maker.body(things)


@makers
def test_the_same_again_is_no_second_one(house: House, things: Things, kind: str) -> None:
    caller, at, body = prepared(house, things, kind)
    body["id"] = new_id()
    first = caller.post(at, body)
    assert (first.status, first.data["id"]) == (201, body["id"])
    told = Event.objects.count()
    again = caller.post(at, body)
    assert (again.status, again.data) == (200, first.data)
    assert "Location" not in again.headers
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert again.headers.get("Set-Version") == first.headers.get("Set-Version")
    assert Event.objects.count() == told


@makers
def test_another_thing_under_the_same_id(house: House, things: Things, kind: str) -> None:
    caller, at, body = prepared(house, things, kind)
    body["id"] = new_id()
    assert caller.post(at, body).status == 201
    reply = caller.post(at, {**body, **MAKERS[kind].other})
    assert reply.refusal == (409, "id-taken")
    assert reply.pointers == ["/id"]


@makers
def test_an_id_that_is_taken_where_one_does_not_see(house: House, things: Things, kind: str) -> None:
    """It gets the same words as one that is taken in view, and nothing of the other thing."""
    caller, at, body = prepared(house, things, kind)
    taken = str(house.sea.pk) if kind == "corpora" else foreign_id(house, kind)
    reply = caller.post(at, {**body, "id": taken})
    assert reply.refusal == (409, "id-taken")
    assert reply.data["detail"] == f"The id {taken} is taken by something else; choose another one."
    assert set(reply.data) == {"type", "title", "status", "detail", "code", "errors"}


def foreign_id(house: House, kind: str) -> str:
    """The id of a thing of this kind in ``sea``."""
    sam = house.sam
    article = sam.post("corpora/sea/articles/", {"text": TEXT}).data
    row = sam.post(f"articles/{article['id']}/sets/").data["id"]
    ends = [sam.post(f"sets/{row}/spans/", span(*place)).data["id"] for place in ((0, 3), (4, 11, "claim"))]
    link = {"type": "about", "source": ends[1], "target": ends[0]}
    found: dict[str, str] = {
        "articles": article["id"],
        "revisions": article["revision"]["id"],
        "sets": row,
        "spans": ends[0],
        "relations": sam.post(f"sets/{row}/relations/", link).data["id"],
        "comments": sam.post(f"sets/{row}/comments/", {"text": "Why?"}).data["id"],
        "actors": sam.post("corpora/sea/actors/", {"name": "Lorn", "kind": "state"}).data["id"],
        "topics": sam.post("corpora/sea/topics/", {"name": "Fish"}).data["id"],
        "propositions": sam.post("corpora/sea/propositions/", {"text": "A ban", "kind": "issue"}).data["id"],
    }
    return next(
        id
        for name, id in found.items()
        if name.startswith(kind.rsplit(maxsplit=1)[-1][:4]) or kind.startswith(name[:-1])
    )


@dataclass(frozen=True)
class Change:
    """How one kind of thing is changed: by whom, where, with what, and how it is then seen."""

    who: str
    at: str
    body: dict[str, Any]


CHANGES: dict[str, Change] = {
    "corpus": Change("max", "corpora/lake/", {"name": "Big Lake", "same_label_overlap": True}),
    "member": Change("max", "corpora/lake/members/{member}/", {"role": "annotator"}),
    "article": Change("max", "articles/{article}/", {"title": "New", "metadata": {"a": 1}, "source": "S"}),
    "span": Change("ann", "spans/{span}/", {"end": 11, "attributes": {"mention_type": "description"}}),
    "comment": Change("ann", "comments/{comment}/", {"text": "Better.", "resolved": True}),
    "actor": Change("ann", "actors/{actor}/", {"note": "A poet.", "aliases": [{"text": "A."}]}),
    "topic": Change("rae", "topics/{topic}/", {"name": "Rain"}),
    "proposition": Change("rae", "propositions/{proposition}/", {"text": "A bridge", "kind": "assertion"}),
}
changes = pytest.mark.parametrize("kind", CHANGES)


def version_of(house: House, at: str) -> int:
    if "/members/" in at:
        return 1
    reply = house.max.get(at)
    assert reply.version == reply.data["version"]
    return int(reply.version)


@changes
def test_a_change_of_what_is_sent(house: House, things: Things, kind: str) -> None:
    change = CHANGES[kind]
    caller, at = house[change.who], change.at.format_map(things)
    version = version_of(house, at)
    before = None if kind == "member" else caller.get(at).data
    for number, (name, value) in enumerate(change.body.items()):
        reply = caller.patch(at, {name: value}, version + number)
        assert (reply.status, reply.version) == (200, version + number + 1), reply
        if before is not None:
            shown = caller.get(at)
            assert shown.data == reply.data
            changed = {key for key in before if shown.data[key] != before[key]}
            expected = {"resolved": {"resolved_by", "resolved_at"}, "end": {"end", "quote"}}
            assert changed == expected.get(name, {name}) | {"version"}
            before = shown.data


@changes
def test_a_change_that_changes_nothing(house: House, things: Things, kind: str) -> None:
    """200, whatever the version that goes along; only without one it is 428."""
    change = CHANGES[kind]
    caller, at = house[change.who], change.at.format_map(things)
    version = version_of(house, at)
    first = caller.patch(at, change.body, version)
    assert first.status == 200, first
    told = Event.objects.count()
    for body in (change.body, {} if kind != "member" else change.body):
        for seen in (version + 1, version, 999):
            reply = caller.patch(at, body, seen)
            assert (reply.status, reply.data, reply.version) == (200, first.data, version + 1), (
                body,
                seen,
                reply,
            )
        assert caller.patch(at, body).refusal == (428, "precondition-required")
    assert Event.objects.count() == told


@changes
def test_a_stale_change(house: House, things: Things, kind: str) -> None:
    change = CHANGES[kind]
    caller, at = house[change.who], change.at.format_map(things)
    version = version_of(house, at)
    for seen in (version + 1, version - 1, 10**17):
        reply = caller.patch(at, change.body, seen)
        assert reply.refusal == (412, "stale")
        assert reply.data["version"] == version
    assert caller.patch(at, change.body, version).status == 200


GUARDED = {
    **{kind: ("PATCH", change.who, change.at, change.body) for kind, change in CHANGES.items()},
    "delete corpus": ("DELETE", "max", "corpora/{empty}/", None),
    "delete member": ("DELETE", "max", "corpora/lake/members/{member}/", None),
    "delete article": ("DELETE", "max", "articles/{article}/", None),
    "delete span": ("DELETE", "ann", "spans/{span}/", None),
    "delete relation": ("DELETE", "ann", "relations/{relation}/", None),
    "submit": ("POST", "ann", "sets/{open}/submit/", {}),
    "start review": ("POST", "rae", "sets/{submitted}/start-review/", {}),
    "approve": ("POST", "rae", "sets/{in_review}/approve/", {}),
}


@pytest.mark.parametrize("kind", GUARDED)
def test_if_match(house: House, things: Things, kind: str) -> None:
    method, who, path, body = GUARDED[kind]
    caller, at = house[who], path.format_map(things)
    set_id = at.split("/")[1]
    detail = f"sets/{set_id}/" if at.startswith("sets/") else at
    version = version_of(house, detail)
    missing = caller.call(method, at, body)
    assert missing.refusal == (428, "precondition-required")
    wrong = (
        "*", f'"{version}", "7"', f'"{version}","{version}"', str(version), f'"{version}', '""', '"x"', "",
        f'w/"{version}"', f'"-{version}"', f'"{version}.0"', f'" {version}"', '"1000000000000000000000"',
    )  # fmt: skip
    for tag in wrong:
        reply = caller.call(method, at, body, version=tag)
        assert reply.refusal == (400, "invalid"), (tag, reply)
        assert reply.pointers == ["If-Match"]
    assert caller.call(method, at, body, version=version + 1).refusal == (412, "stale")
    weak = caller.call(method, at, body, version=f'W/"{version}"')
    assert weak.status in (200, 204), weak


DELETES = [kind for kind in GUARDED if kind.startswith("delete")]


@pytest.mark.parametrize("kind", DELETES)
def test_deleted_is_gone(house: House, things: Things, kind: str) -> None:
    _, who, path, _ = GUARDED[kind]
    caller, at = house[who], path.format_map(things)
    version = version_of(house, at)
    reply = caller.delete(at, version)
    assert (reply.status, reply.content) == (204, b"")
    gone = caller.delete(at, version)
    assert gone.refusal == (404, "not-found")
    if kind in ("delete span", "delete relation"):
        row = house.ann.get(f"sets/{things['open']}/")
        assert reply.set_version == row.version


@pytest.mark.parametrize("kind", ["span", "relation", "comment"])
def test_set_version_goes_up_with_every_write_of_content(house: House, things: Things, kind: str) -> None:
    at = f"sets/{things['open']}/"
    body: dict[str, Any] = {
        "span": span(4, 11),
        "relation": {"type": "about", "source": things["claim"], "target": things["span"]},
        "comment": {"text": "So?"},
    }[kind]
    version = house.ann.get(at).version
    made = house.ann.post(f"{at}{kind}s/", body)
    assert (made.set_version, made.version) == (version + 1, 1)
    own = f"{kind}s/{made.data['id']}/"
    if kind == "relation":
        assert house.ann.delete(own, 1).set_version == version + 2
    else:
        change = {"span": {"end": 18}, "comment": {"text": "Oh."}}[kind]
        changed = house.ann.patch(own, change, 1)
        assert (changed.set_version, changed.version) == (version + 2, 2)
        assert house.ann.patch(own, change, 1).set_version == version + 2  # nothing was written
    assert house.ann.get(at).version == version + 2


# --- Strictness: who sends something else than what is asked for is told, each fault with its place ---

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
def test_what_is_not_asked_for(house: House, things: Things, kind: str) -> None:
    who, at, body = FIELDS[kind]
    at, sent = at.format_map(things), filled(body, things)
    told = Event.objects.count()
    version = 1 if kind == "submit" else None
    for change, faults in ((change, faults) for of, change, faults in WRONG if of == kind):
        reply = house[who].post(at, {**sent, **change}, version=version)
        assert reply.refusal == (400, "invalid"), (change, reply)
        assert {error["pointer"]: error["code"] for error in reply.data["errors"]} == faults
    assert Event.objects.count() == told


@pytest.mark.parametrize("kind", FIELDS)
def test_a_body_that_is_missing_or_no_object(house: House, things: Things, kind: str) -> None:
    who, at, body = FIELDS[kind]
    at, version = at.format_map(things), 5 if kind == "submit" else None
    for raw in (b"null", b"5", b'"a"', b"[[]]", b"{"):
        headers = {"If-Match": '"5"'} if version else {}
        assert house[who].raw("POST", at, raw, headers=headers).refusal == (400, "invalid"), raw
    if body and kind != "set":  # which has a default for everything
        empty = house[who].raw("POST", at)
        assert empty.refusal == (400, "invalid")
        assert {error["code"] for error in empty.data["errors"]} == {"required"}
