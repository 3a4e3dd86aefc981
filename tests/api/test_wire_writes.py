"""Writing by the contract: ids that clients choose, versions, changes of parts, repeats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from annotations.models import Event
from tests.api.resources import Resources
from tests.newsroom import TEXT, Newsroom, new_id, span


@dataclass(frozen=True)
class Maker:
    """How one kind of thing is made: by whom, where, from what, and what makes it another thing."""

    who: str
    at: str
    body: Callable[[Resources], dict[str, Any]]
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


def prepared(newsroom: Newsroom, things: Resources, kind: str) -> tuple[Any, str, dict[str, Any]]:
    maker = MAKERS[kind]
    return newsroom[maker.who], maker.at.format_map(things), maker.body(things)


@makers
def test_the_same_again_is_no_second_one(newsroom: Newsroom, things: Resources, kind: str) -> None:
    caller, at, body = prepared(newsroom, things, kind)
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
def test_another_thing_under_the_same_id(newsroom: Newsroom, things: Resources, kind: str) -> None:
    caller, at, body = prepared(newsroom, things, kind)
    body["id"] = new_id()
    assert caller.post(at, body).status == 201
    reply = caller.post(at, {**body, **MAKERS[kind].other})
    assert reply.refusal == (409, "id-taken")
    assert reply.pointers == ["/id"]


@makers
def test_an_id_that_is_taken_where_one_does_not_see(newsroom: Newsroom, things: Resources, kind: str) -> None:
    """It gets the same words as one that is taken in view, and nothing of the other thing."""
    caller, at, body = prepared(newsroom, things, kind)
    taken = str(newsroom.sea.pk) if kind == "corpora" else foreign_id(newsroom, kind)
    reply = caller.post(at, {**body, "id": taken})
    assert reply.refusal == (409, "id-taken")
    assert reply.data["detail"] == f"The id {taken} is taken by something else; choose another one."
    assert set(reply.data) == {"type", "title", "status", "detail", "code", "errors"}


def foreign_id(newsroom: Newsroom, kind: str) -> str:
    """The id of a thing of this kind in ``sea``."""
    sam = newsroom.sam
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


def version_of(newsroom: Newsroom, at: str) -> int:
    if "/members/" in at:
        return 1
    reply = newsroom.max.get(at)
    assert reply.version == reply.data["version"]
    return int(reply.version)


@changes
def test_a_change_of_what_is_sent(newsroom: Newsroom, things: Resources, kind: str) -> None:
    change = CHANGES[kind]
    caller, at = newsroom[change.who], change.at.format_map(things)
    version = version_of(newsroom, at)
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
def test_a_change_that_changes_nothing(newsroom: Newsroom, things: Resources, kind: str) -> None:
    """200, whatever the version that goes along; only without one it is 428."""
    change = CHANGES[kind]
    caller, at = newsroom[change.who], change.at.format_map(things)
    version = version_of(newsroom, at)
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
def test_a_stale_change(newsroom: Newsroom, things: Resources, kind: str) -> None:
    change = CHANGES[kind]
    caller, at = newsroom[change.who], change.at.format_map(things)
    version = version_of(newsroom, at)
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
def test_if_match(newsroom: Newsroom, things: Resources, kind: str) -> None:
    method, who, path, body = GUARDED[kind]
    caller, at = newsroom[who], path.format_map(things)
    set_id = at.split("/")[1]
    detail = f"sets/{set_id}/" if at.startswith("sets/") else at
    version = version_of(newsroom, detail)
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
def test_deleted_is_gone(newsroom: Newsroom, things: Resources, kind: str) -> None:
    _, who, path, _ = GUARDED[kind]
    caller, at = newsroom[who], path.format_map(things)
    version = version_of(newsroom, at)
    reply = caller.delete(at, version)
    assert (reply.status, reply.content) == (204, b"")
    gone = caller.delete(at, version)
    assert gone.refusal == (404, "not-found")
    if kind in ("delete span", "delete relation"):
        row = newsroom.ann.get(f"sets/{things['open']}/")
        assert reply.set_version == row.version


@pytest.mark.parametrize("kind", ["span", "relation", "comment"])
def test_set_version_goes_up_with_every_write_of_content(
    newsroom: Newsroom, things: Resources, kind: str
) -> None:
    at = f"sets/{things['open']}/"
    body: dict[str, Any] = {
        "span": span(4, 11),
        "relation": {"type": "about", "source": things["claim"], "target": things["span"]},
        "comment": {"text": "So?"},
    }[kind]
    version = newsroom.ann.get(at).version
    made = newsroom.ann.post(f"{at}{kind}s/", body)
    assert (made.set_version, made.version) == (version + 1, 1)
    own = f"{kind}s/{made.data['id']}/"
    if kind == "relation":
        assert newsroom.ann.delete(own, 1).set_version == version + 2
    else:
        change = {"span": {"end": 18}, "comment": {"text": "Oh."}}[kind]
        changed = newsroom.ann.patch(own, change, 1)
        assert (changed.set_version, changed.version) == (version + 2, 2)
        assert newsroom.ann.patch(own, change, 1).set_version == version + 2  # nothing was written
    assert newsroom.ann.get(at).version == version + 2
