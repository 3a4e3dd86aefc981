"""Every resource has exactly the fields of the contract, in its order, and null for what is empty."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.newsroom import TEXT, Caller, Newsroom, Reply, new_id, span

PROVES = False  # the data of these tests is proved by others

SHAPES: dict[str, str] = {
    "corpus": "id slug name description guideline guideline_version depth annotators_per_article "
    "same_label_overlap double_share most_open carry_approval archived my_role version",
    "member": "username role version",
    "token": "id name scopes expires_at created_at",
    "new token": "id name scopes expires_at created_at token",
    "me": "username name scopes memberships",
    "article": "id corpus external_id title source author url language published_at story_key story metadata "
    "status annotators priority excluded_reason rights revision version created_at",
    "revision": "id number sha256 length",
    "set": "id article revision owner reviewer kind round state version guideline_version based_on imported "
    "due_at created_at submitted_at approved_at approved_by",
    "span": "id set label start end quote attributes actor proposition origin version",
    "relation": "id type source target version",
    "comment": "id span start end quote parent author text blocking suggestion resolved_by resolved_at "
    "created_at version",
    "problem": "code span relation blocking detail",
    "event": "seq action user time set article external_id data",
    "actor": "id name kind qid parent note aliases merged_into confidential version",
    "alias": "text language kind",
    "topic": "id name merged_into version",
    "proposition": "id topic text kind status merged_into version",
    "page": "next previous results",
    "queue": "set reason",
}
TIME = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z\Z")


def has_shape(found: dict[str, Any], name: str, *more: str) -> None:
    assert list(found) == [*SHAPES[name].split(), *more]
    for key, value in found.items():
        assert value != "" or key == "quote", key
        if key.endswith("_at") and value is not None:
            assert TIME.match(value), (key, value)


def is_created(reply: Reply, at: str, version: int | None = 1) -> Any:
    assert reply.status == 201, reply
    assert reply.headers["Location"] == f"http://testserver/api/v1/{at.format(**reply.data)}"
    assert reply.headers.get("ETag") == (None if version is None else f'"{version}"')
    return reply.data


def same_everywhere(caller: Caller, found: dict[str, Any], detail: str, listed: str = "") -> None:
    """What a POST answers is what the detail and the list show."""
    got = caller.get(detail)
    assert (got.status, got.data) == (200, found)
    if "version" in found:
        assert got.version == found["version"]
    if listed:
        page = caller.get(listed)
        has_shape(page.data, "page")
        assert found in page.data["results"]


def test_corpora(newsroom: Newsroom) -> None:
    found = is_created(newsroom.ada.post("corpora/", {"slug": "river", "name": "River"}), "corpora/river/")
    has_shape(found, "corpus")
    assert {key: found[key] for key in list(found)[1:] if key != "guideline"} == {
        "slug": "river",
        "name": "River",
        "description": None,
        "guideline_version": 1,
        "depth": "spans",
        "annotators_per_article": 1,
        "same_label_overlap": False,
        "double_share": 5,
        "carry_approval": "review",
        "most_open": None,
        "archived": False,
        "my_role": "manager",
        "version": 1,
    }
    assert "B1" in found["guideline"]
    same_everywhere(newsroom.ada, found, "corpora/river/", "corpora/")
    emptied = newsroom.ada.patch("corpora/river/", {"guideline": None}, 1)
    assert (emptied.data["guideline"], emptied.data["guideline_version"]) == (None, 2)
    assert newsroom.ada.get("corpora/river/").data == emptied.data


@pytest.mark.parametrize("sent", [None, ""])
def test_a_corpus_without_a_guideline_gets_that_of_the_product(newsroom: Newsroom, sent: str | None) -> None:
    body = {"slug": "river", "name": "River", "guideline": sent, "id": new_id()}
    reply = newsroom.ada.post("corpora/", body)
    assert reply.data["guideline"] == newsroom.max.get("corpora/lake/").data["guideline"]
    assert newsroom.ada.post("corpora/", body).status == 200


def test_members(newsroom: Newsroom) -> None:
    reply = newsroom.max.post("corpora/lake/members/", {"username": "sam", "role": "viewer"})
    has_shape(is_created(reply, "corpora/lake/members/sam/"), "member")
    members = newsroom.vic.all("corpora/lake/members/")
    assert reply.data in members
    assert {member["username"]: member["role"] for member in members}["rae"] == "reviewer"


def test_tokens_and_me(newsroom: Newsroom) -> None:
    caller = Caller.with_session(newsroom.user("ann"))
    sent = {"name": "mine", "scopes": ["annotate", "read"], "expires_at": "2100-01-01T01:00:00+01:00"}
    reply = caller.post("tokens/", sent)
    found = is_created(reply, "tokens/{id}/", version=None)
    has_shape(found, "new token")
    assert (found["scopes"], found["expires_at"]) == (["read", "annotate"], "2100-01-01T00:00:00Z")
    del found["token"]
    same_everywhere(caller, found, f"tokens/{found['id']}/", "tokens/")
    me = caller.get("me/").data
    has_shape(me, "me")
    assert me == {
        "username": "ann",
        "name": None,
        "scopes": None,
        "memberships": [{"corpus": "lake", "role": "annotator"}],
    }
    with_token = Caller()
    reply = with_token.raw(
        "GET", "me/", headers={"Authorization": f"Bearer {caller.post('tokens/', sent).data['token']}"}
    )
    assert reply.data == {**me, "scopes": ["read", "annotate"]}
    assert newsroom.sam.get("me/").data["memberships"] == [{"corpus": "sea", "role": "manager"}]


def test_a_bare_article(newsroom: Newsroom) -> None:
    found = is_created(newsroom.max.post("corpora/lake/articles/", {"text": TEXT}), "articles/{id}/")
    has_shape(found, "article")
    has_shape(found["revision"], "revision")
    empty = ("external_id", "title", "source", "author", "url", "language", "published_at", "story_key")
    assert {found[name] for name in empty} == {None}
    assert found["excluded_reason"] is None
    assert (found["metadata"], found["status"], found["annotators"]) == ({}, "unassigned", 1)
    assert (found["corpus"], found["revision"]["number"], found["revision"]["length"]) == (
        "lake",
        1,
        len(TEXT),
    )
    same_everywhere(newsroom.max, found, f"articles/{found['id']}/", "corpora/lake/articles/")
    # whether there is a second annotator is told to managers only
    for who in ("ann", "rae", "vic"):
        same_everywhere(
            newsroom[who], {**found, "annotators": None}, f"articles/{found['id']}/", "corpora/lake/articles/"
        )


def test_a_full_article(newsroom: Newsroom) -> None:
    sent = {
        "id": new_id(),
        "external_id": "a-1",
        "title": " Two  spaces ",
        "source": "Lakeside Courier",
        "author": "Ed Itor",
        "url": "https://example.org/a?b=1#c",
        "language": "tg-Cyrl",
        "published_at": "2026-03-01T12:00:00.5+05:00",
        "story_key": "toll",
        "metadata": {"b": 1, "a": "x", "c": True, "d": None},
        "annotators": 2,
        "text": TEXT,
    }
    found = is_created(newsroom.max.post("corpora/lake/articles/", sent), "articles/{id}/")
    expected = {**sent, "published_at": "2026-03-01T07:00:00.500000Z"}
    assert {name: found[name] for name in sent if name != "text"} == {
        name: value for name, value in expected.items() if name != "text"
    }
    same_everywhere(newsroom.max, found, f"articles/{found['id']}/", "corpora/lake/articles/")
    revisions = newsroom.vic.all(f"articles/{found['id']}/revisions/")
    assert [{key: each[key] for key in SHAPES["revision"].split()} for each in revisions] == [
        found["revision"]
    ]


def test_a_revision(newsroom: Newsroom) -> None:
    article = newsroom.article()
    reply = newsroom.max.post(f"articles/{article.pk}/revisions/", {"text": "New.", "reason": "Old."})
    assert reply.status == 201
    assert list(reply.data)[:4] == SHAPES["revision"].split()
    assert reply.data["number"] == 2
    assert newsroom.vic.get(f"articles/{article.pk}/").data["revision"]["id"] == reply.data["id"]
    assert newsroom.vic.raw("GET", reply.headers["Location"]).content == b"New."
    assert newsroom.vic.get(f"articles/{article.pk}/text/", revision=1).content == TEXT.encode()
    assert newsroom.vic.get(f"articles/{article.pk}/text/").content == b"New."


def test_sets(newsroom: Newsroom) -> None:
    article = newsroom.article()
    sent = {"owner": "ann", "due_at": "2026-12-24T00:00:00Z"}
    found = is_created(newsroom.max.post(f"articles/{article.pk}/sets/", sent), "sets/{id}/")
    has_shape(found, "set")
    assert {key: value for key, value in found.items() if key not in ("id", "created_at")} == {
        "article": str(article.pk),
        "revision": str(article.revision_id),
        "owner": "ann",
        "reviewer": None,
        "kind": "annotation",
        "round": "production",
        "state": "open",
        "version": 1,
        "guideline_version": 1,
        "based_on": None,
        "imported": False,
        "due_at": "2026-12-24T00:00:00Z",
        "submitted_at": None,
        "approved_at": None,
        "approved_by": None,
    }
    for listed in (f"articles/{article.pk}/sets/", "corpora/lake/sets/"):
        assert newsroom.ann.all(listed) == [found]
    detail = newsroom.ann.get(f"sets/{found['id']}/")
    has_shape(detail.data, "set", "spans", "relations", "comments", "allowed")
    has_shape(detail.data["article"], "article")
    has_shape(detail.data["revision"] | {}, "revision", "text")
    assert detail.data["revision"]["text"] == TEXT
    assert (detail.version, detail.data["allowed"]) == (1, ["submit", "withdraw"])
    assert {**detail.data, "article": found["article"], "revision": found["revision"]} == {
        **found,
        "spans": [],
        "relations": [],
        "comments": [],
        "allowed": ["submit", "withdraw"],
    }
    assert newsroom.max.get(f"sets/{found['id']}/").data["article"]["annotators"] == 1
    assert detail.data["article"]["annotators"] is None


def test_without_an_owner_work_is_assigned_to_the_caller(newsroom: Newsroom) -> None:
    reply = newsroom.max.post(f"articles/{newsroom.article().pk}/sets/")
    assert (reply.status, reply.data["owner"]) == (201, "max")


def test_what_is_in_a_set(newsroom: Newsroom) -> None:
    row, actor = newsroom.set(), newsroom.actor()
    at = f"sets/{row.pk}"
    mention = newsroom.ann.post(f"{at}/spans/", span(60, 69, actor=actor, quote="Ada Verde"))
    made = is_created(mention, "spans/{id}/")
    assert mention.set_version == 2
    has_shape(made, "span")
    assert made == {
        "id": made["id"], "set": str(row.pk), "label": "actor", "start": 60, "end": 69, "quote": "Ada Verde",
        "attributes": {}, "actor": actor, "proposition": None, "origin": "human", "version": 1,
    }  # fmt: skip
    attributes = {"attribution": "named", "claim_type": "demand", "mode": "direct"}
    claim = newsroom.ann.post(f"{at}/spans/", span(0, 50, "claim", attributes=attributes)).data
    # in the order of the scheme, whatever the order that was sent
    assert list(claim["attributes"]) == ["claim_type", "mode", "attribution"]
    relation = newsroom.ann.post(
        f"{at}/relations/", {"type": "made_by", "source": claim["id"], "target": made["id"]}
    )
    has_shape(is_created(relation, "relations/{id}/"), "relation")
    assert relation.set_version == 4
    comment = newsroom.rae.post(f"{at}/comments/", {"text": "Sure?", "span": made["id"]})
    has_shape(is_created(comment, "comments/{id}/"), "comment")
    assert (comment.data["author"], comment.data["blocking"], comment.data["resolved_by"]) == (
        "rae",
        False,
        None,
    )
    answer = newsroom.ann.post(f"{at}/comments/", {"text": "Yes.", "parent": comment.data["id"]}).data
    for kind, rows in (
        ("spans", [made, claim]),
        ("relations", [relation.data]),
        ("comments", [comment.data, answer]),
    ):
        for each in rows:
            same_everywhere(newsroom.ann, each, f"{kind}/{each['id']}/", f"{at}/{kind}/")
        assert newsroom.ann.all(f"{at}/{kind}/") == sorted(rows, key=lambda each: each["id"])
    detail = newsroom.ann.get(f"{at}/").data
    assert detail["spans"] == [claim, made]  # by start, end, id
    assert (detail["relations"], detail["comments"]) == ([relation.data], [comment.data, answer])
    assert newsroom.ann.all("corpora/lake/spans/") == [made, claim]


def test_the_order_of_spans_in_a_set(newsroom: Newsroom) -> None:
    row = newsroom.set()
    places = [(60, 69, "actor"), (4, 11, "actor"), (4, 8, "claim"), (4, 8, "actor"), (60, 69, "position")]
    ids = [newsroom.ann.post(f"sets/{row.pk}/spans/", span(*place)).data["id"] for place in places]
    shown = [each["id"] for each in newsroom.ann.get(f"sets/{row.pk}/").data["spans"]]
    assert shown == [ids[2], ids[3], ids[1], ids[0], ids[4]]
    assert [each["id"] for each in newsroom.ann.all(f"sets/{row.pk}/spans/")] == ids


def test_problems(newsroom: Newsroom) -> None:
    row = newsroom.set()
    bad = newsroom.ann.post(f"sets/{row.pk}/spans/", span(59, 69)).data
    reply = newsroom.ann.get(f"sets/{row.pk}/problems/")
    assert list(reply.data) == ["version", "problems"]
    assert (reply.data["version"], reply.version) == (2, 2)
    for problem in reply.data["problems"]:
        has_shape(problem, "problem")
        assert problem["span"] == bad["id"]
        assert problem["detail"].endswith(".")
    assert {(each["code"], each["blocking"]) for each in reply.data["problems"]} == {
        ("B1", True),
        ("A5", False),
        ("A6", False),
    }


def test_events(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    history = newsroom.ann.all(f"sets/{row.pk}/history/")
    assert [event["action"] for event in history] == ["created", "span_added", "submit"]
    for event in history:
        has_shape(event, "event")
        assert list(event["data"]) == ["before", "after"]
        assert TIME.match(event["time"])
        assert (event["set"], event["article"]) == (str(row.pk), str(row.article_id))
    assert [event["user"] for event in history] == ["max", "ann", "ann"]
    assert [event["seq"] for event in history] == sorted(event["seq"] for event in history)
    everything = newsroom.max.all("corpora/lake/events/")
    assert [event for event in everything if event["set"] == str(row.pk)] == history
    assert everything[0]["action"] == "corpus_created"
    assert newsroom.max.all("corpora/lake/events/", after=history[-1]["seq"]) == []
    assert newsroom.max.all("corpora/lake/events/", after=history[0]["seq"], page_size=1) == history[1:]


def test_stats(newsroom: Newsroom) -> None:
    newsroom.submitted()
    newsroom.set("ben")
    newsroom.article()
    reply = newsroom.max.get("corpora/lake/stats/")
    assert list(reply.data) == ["articles", "sets", "spans", "progress"]
    assert reply.data["progress"] is None, "it takes longer than the rest, and is told to those who ask"
    asked = newsroom.max.get("corpora/lake/stats/", progress="true").data
    assert asked == {**reply.data, "progress": newsroom.max.get("corpora/lake/progress/").data}
    assert newsroom.rae.get("corpora/lake/stats/", progress="true").data["progress"] is None
    assert reply.data["articles"]["total"] == 3
    assert {key: value for key, value in reply.data["articles"]["by_status"].items() if value} == {
        "ready_for_review": 1,
        "annotating": 1,
        "unassigned": 1,
    }
    assert (reply.data["sets"]["total"], reply.data["sets"]["by_state"]["submitted"]) == (2, 1)
    assert reply.data["spans"] == {"total": 1, "by_label": {"actor": 1, "claim": 0, "position": 0}}
    # of what the caller sees
    assert newsroom.ann.get("corpora/lake/stats/").data["sets"]["total"] == 1
    assert newsroom.ben.get("corpora/lake/stats/").data["spans"]["total"] == 0
    assert newsroom.vic.get("corpora/lake/stats/").data["sets"]["total"] == 0


def test_changes_of_problems(newsroom: Newsroom) -> None:
    """Whoever shows the state of an earlier answer gets what differs from it, and no more."""
    row = newsroom.set()
    bad = newsroom.ann.post(f"sets/{row.pk}/spans/", span(59, 69)).data
    path = f"sets/{row.pk}/problems/changes/"
    first = newsroom.ann.get(path).data
    assert list(first) == ["version", "state", "bucket_count", "buckets", "problems"]
    assert first["buckets"] is None
    assert first["problems"] == newsroom.ann.get(f"sets/{row.pk}/problems/").data["problems"]
    same = newsroom.ann.get(path, since=first["state"]).data
    assert (same["buckets"], same["problems"], same["state"]) == ([], [], first["state"])
    newsroom.ann.delete(f"spans/{bad['id']}/", version=1)
    gone = newsroom.ann.get(path, since=first["state"]).data
    assert gone["buckets"] == [int(bad["id"][-4:], 16) % gone["bucket_count"]]
    assert gone["problems"] == []
    for state in ("", "x", "ä", "AAAA", first["state"][:-4], "=" * 256):
        reply = newsroom.ann.get(path, since=state)
        assert (reply.status, reply.data["errors"][0]["parameter"]) == (400, "since")
