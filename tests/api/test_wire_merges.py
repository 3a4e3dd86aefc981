"""Merges from outside: what they move, what they refuse, what they show beforehand, and their undoing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotations.models import Actor, AnnotationSet, Event, Merge, Proposition
from annotations.services.integrity import run_checks
from tests import factories
from tests.newsroom import Newsroom, Reply, new_id

KINDS = ("actor", "topic", "proposition")
ALIAS = {"text": "A. V.", "language": "en", "kind": "abbreviation"}


def entry(newsroom: Newsroom, kind: str, name: str) -> str:
    """An entry of this kind."""
    makers: dict[str, Any] = {
        "actor": newsroom.actor,
        "topic": newsroom.topic,
        "proposition": newsroom.proposition,
    }
    return str(makers[kind](name))


def merge(
    newsroom: Newsroom, loser: str, into: str, kind: str = "actor", *, by: str = "rae", **sent: Any
) -> Reply:
    """The merge of an entry, from its version of now."""
    path = f"{kind}s/{loser}/"
    version = newsroom.vic.get(path).version
    return newsroom[by].post(f"{path}merge/", {"into": into, "reason": "One.", **sent}, version=version)


def preview(newsroom: Newsroom, loser: str, into: str, kind: str = "actor") -> dict[str, Any]:
    """What the merge would change."""
    reply = newsroom.rae.call("POST", f"{kind}s/{loser}/merge/?preview=true", {"into": into})
    assert reply.status == 200, reply
    return dict(reply.data)


def undo(newsroom: Newsroom, merge_id: str, by: str = "rae") -> Reply:
    """The undoing of a merge."""
    return newsroom[by].post(f"merges/{merge_id}/undo/", {"reason": "Two."})


def names(newsroom: Newsroom, actor: str) -> list[str]:
    """The aliases of an actor."""
    return [alias["text"] for alias in newsroom.vic.get(f"actors/{actor}/").data["aliases"]]


def codes(reply: Reply) -> list[str]:
    """What stands in the way."""
    return [found["code"] for found in reply.data["conflicts"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_merge_is_made_listed_and_taken_back(newsroom: Newsroom, kind: str) -> None:
    loser, winner = entry(newsroom, kind, "One"), entry(newsroom, kind, "Other")
    reply = merge(newsroom, loser, winner, kind)
    assert reply.status == 201
    made = reply.data
    assert list(made) == [
        "id", "kind", "loser", "winner", "reason", "by", "at", "moved", "undone_by", "undone_at",
        "undone_reason",
    ]  # fmt: skip
    assert (made["kind"], made["loser"], made["winner"]) == (kind, loser, winner)
    assert (made["reason"], made["by"], made["undone_at"]) == ("One.", "rae", None)
    assert reply.headers["Location"].endswith(f"/api/v1/merges/{made['id']}/")
    assert newsroom.vic.get(f"merges/{made['id']}/").data == made
    assert newsroom.vic.all("corpora/lake/merges/") == [made]
    assert newsroom.vic.all("corpora/lake/merges/", winner=winner, kind=kind) == [made]
    assert newsroom.vic.all("corpora/lake/merges/", loser=winner) == []
    listed = f"corpora/lake/{kind}s/"
    assert [row["id"] for row in newsroom.vic.all(listed)] == [winner]
    assert newsroom.vic.all(listed, canonical="true") == newsroom.vic.all(listed)
    assert {row["id"] for row in newsroom.vic.all(listed, canonical="false")} == {loser, winner}
    assert newsroom.vic.get(f"{kind}s/{loser}/").data["merged_into"] == winner
    undone = undo(newsroom, made["id"])
    assert undone.status == 200
    assert (undone.data["undone_by"], undone.data["undone_reason"]) == ("rae", "Two.")
    assert undo(newsroom, made["id"]).data == undone.data, "a repeat changes nothing"
    assert undo(newsroom, made["id"], "max").refusal == (409, "undo-conflict")
    assert {row["id"] for row in newsroom.vic.all(listed)} == {loser, winner}
    assert newsroom.vic.get(f"{kind}s/{loser}/").data["merged_into"] is None
    told = Event.objects.filter(action__in=(f"{kind}_merged", f"{kind}_unmerged")).order_by("seq")
    assert [(e.action, e.data["after"]["into"], e.data["after"]["reason"]) for e in told] == [
        (f"{kind}_merged", winner, "One."), (f"{kind}_unmerged", winner, "Two.")
    ]  # fmt: skip
    assert run_checks().found == 0


def test_aliases_and_children_move_and_equal_aliases_stay(newsroom: Newsroom) -> None:
    loser = newsroom.actor("Ada V.", aliases=[ALIAS, {"text": "the poet"}])
    winner = newsroom.actor("Ada Verde", aliases=[{"text": "the poet", "kind": "title"}])
    child = newsroom.actor("Press office", parent=loser)
    before = [newsroom.vic.get(f"actors/{id}/").data for id in (loser, winner, child)]
    expected = preview(newsroom, loser, winner)["aliases"]
    moved = merge(newsroom, loser, winner).data
    assert names(newsroom, winner) == ["A. V.", "the poet", "Ada V."], "in the order in which they were made"
    assert names(newsroom, loser) == ["the poet"]
    assert moved["moved"]["aliases"] == expected == [
        ALIAS, {"text": "Ada V.", "language": None, "kind": "name"}
    ]  # fmt: skip
    assert [alias["text"] for alias in moved["moved"]["stayed"]] == ["the poet"]
    assert moved["moved"]["children"] == [child]
    changed = newsroom.vic.get(f"actors/{child}/")
    assert (changed.data["parent"], changed.version) == (winner, 2)
    assert newsroom.vic.get("corpora/lake/actors/suggest/", q="Ada V.").data[0]["id"] == winner
    assert undo(newsroom, moved["id"]).status == 200
    after = [newsroom.vic.get(f"actors/{id}/").data for id in (loser, winner, child)]
    assert [{**row, "version": 0} for row in after] == [{**row, "version": 0} for row in before]


def test_two_people_of_one_name_can_be_merged_and_the_name_is_no_alias(newsroom: Newsroom) -> None:
    one, other = newsroom.actor("Ada Verde", note="Poet"), newsroom.actor("Ada Verde", note="Judge")
    assert preview(newsroom, one, other)["aliases"] == []
    made = merge(newsroom, one, other).data
    assert names(newsroom, other) == []
    assert undo(newsroom, made["id"]).status == 200


def test_propositions_move_with_their_topic(newsroom: Newsroom) -> None:
    loser, winner = newsroom.topic("Water"), newsroom.topic("Waters")
    issue = newsroom.proposition(topic=loser)
    made = merge(newsroom, loser, winner, "topic").data
    assert newsroom.vic.get(f"propositions/{issue}/").data["topic"] == winner
    for asked in (loser, winner):
        found = newsroom.vic.all("corpora/lake/propositions/", topic=asked)
        assert [row["id"] for row in found] == [issue]
    assert undo(newsroom, made["id"]).status == 200
    assert newsroom.vic.get(f"propositions/{issue}/").data["topic"] == loser


def test_refusals(newsroom: Newsroom) -> None:
    a, b, c = (newsroom.actor(name) for name in ("A A", "B B", "C C"))
    part = newsroom.actor("Part", parent=a)
    inner = newsroom.actor("Inner", parent=part)
    assert codes(merge(newsroom, a, a)) == ["itself"]
    assert codes(merge(newsroom, a, inner)) == ["parents"], "a cycle of parents"
    assert preview(newsroom, a, inner)["conflicts"][0]["code"] == "parents"
    assert merge(newsroom, inner, a).status == 201
    assert merge(newsroom, b, c).status == 201
    again = merge(newsroom, b, a)
    assert again.refusal == (409, "merge-conflict")
    assert codes(again) == ["already-merged"]
    assert codes(merge(newsroom, a, b)) == ["winner-merged"]
    assert merge(newsroom, a, new_id()).refusal == (422, "not-in-corpus")
    foreign = factories.make_corpus("other", manager=newsroom.user("rae"))
    sent = {"name": "X", "kind": "person"}
    stranger = newsroom.rae.post(f"corpora/{foreign.slug}/actors/", sent).data["id"]
    reply = merge(newsroom, a, stranger)
    assert (reply.refusal, reply.pointers) == ((422, "not-in-corpus"), ["/into"])
    issue = newsroom.proposition("A toll")
    assertion = newsroom.proposition("It rains", kind="assertion")
    assert codes(merge(newsroom, issue, assertion, "proposition")) == ["kinds-differ"]
    proposed = newsroom.proposition("A new toll", accepted=False)
    assert codes(merge(newsroom, issue, proposed, "proposition")) == ["only-proposed"]


def test_what_a_request_needs(newsroom: Newsroom) -> None:
    loser, winner = newsroom.actor("A A"), newsroom.actor("B B")
    path, sent = f"actors/{loser}/merge/", {"into": winner, "reason": "One."}
    assert newsroom.rae.post(path, sent).refusal == (428, "precondition-required")
    assert newsroom.rae.post(path, sent, version=7).refusal == (412, "stale")
    assert newsroom.rae.post(path, {"into": winner}, version=1).pointers == ["/reason"]
    assert newsroom.rae.post(path, {**sent, "reason": " "}, version=1).status == 400
    assert newsroom.rae.post(path, {**sent, "into": "b"}, version=1).pointers == ["/into"]
    assert newsroom.rae.call("POST", f"{path}?preview=yes", sent, version=1).status == 400
    assert newsroom.rae.call("POST", f"{path}?preview=true", sent, version=7).refusal == (412, "stale")
    assert newsroom.ann.call("POST", f"{path}?preview=true", sent, version=1).refusal == (403, "role")
    assert Merge.objects.count() == 0
    assert undo(newsroom, new_id()).status == 404


def test_a_repeat_with_an_id_answers_what_is_stored(newsroom: Newsroom) -> None:
    loser, winner, id = newsroom.actor("A A"), newsroom.actor("B B"), new_id()
    sent = {"id": id, "into": winner, "reason": "One."}
    first = newsroom.rae.post(f"actors/{loser}/merge/", sent, version=1)
    again = newsroom.rae.post(f"actors/{loser}/merge/", sent, version=1)
    assert (first.status, again.status, again.data) == (201, 200, first.data)
    other = newsroom.rae.post(f"actors/{loser}/merge/", {**sent, "reason": "Other."}, version=1)
    assert other.refusal == (409, "id-taken")
    assert newsroom.max.post(f"actors/{loser}/merge/", sent, version=1).refusal == (409, "id-taken")
    assert newsroom.rae.post(f"actors/{loser}/merge/", {**sent, "id": new_id()}, version=1).status == 412


def test_a_merged_entry_is_changed_no_more(newsroom: Newsroom) -> None:
    for kind, change in (("actor", {"note": "x"}), ("topic", {"name": "x"}), ("proposition", {"text": "x"})):
        loser, winner = entry(newsroom, kind, "One"), entry(newsroom, kind, "Other")
        merge(newsroom, loser, winner, kind)
        reply = newsroom.rae.patch(f"{kind}s/{loser}/", change, version=2 if kind != "proposition" else 3)
        assert reply.refusal == (409, "merge-conflict")
        assert winner in reply.data["detail"]


def test_merges_are_undone_in_any_order(newsroom: Newsroom) -> None:
    a = newsroom.actor("A A", aliases=[{"text": "a1"}, {"text": "shared"}])
    b = newsroom.actor("B B", aliases=[{"text": "b1"}])
    c = newsroom.actor("C C", aliases=[{"text": "shared"}])
    child = newsroom.actor("Child", parent=a)
    before = [newsroom.vic.get(f"actors/{id}/").data for id in (a, b, c, child)]
    first, second = merge(newsroom, a, b).data, merge(newsroom, b, c).data
    assert Actor.objects.get(pk=a).canonical_id == Actor.objects.get(pk=c).pk
    assert sorted(names(newsroom, c)) == ["A A", "B B", "a1", "b1", "shared"]
    assert undo(newsroom, first["id"]).status == 200, "its winner was merged itself"
    assert names(newsroom, a) == ["a1", "shared"]
    assert sorted(names(newsroom, c)) == ["B B", "b1", "shared"]
    assert newsroom.vic.get(f"actors/{child}/").data["parent"] == a
    assert run_checks().found == 0
    assert undo(newsroom, second["id"]).status == 200
    after = [newsroom.vic.get(f"actors/{id}/").data for id in (a, b, c, child)]
    assert [{**row, "version": 0} for row in after] == [{**row, "version": 0} for row in before]


def test_what_was_merged_again_elsewhere_stays_there(newsroom: Newsroom) -> None:
    z, a, b = newsroom.actor("Z Z", aliases=[{"text": "z1"}]), newsroom.actor("A A"), newsroom.actor("B B")
    first, second = merge(newsroom, z, a).data, merge(newsroom, a, b).data
    undo(newsroom, first["id"])
    merge(newsroom, z, b)
    assert undo(newsroom, second["id"]).status == 200
    assert (names(newsroom, a), names(newsroom, b)) == ([], ["z1", "Z Z"])


@pytest.mark.parametrize("left", [[], [{"text": "A. V.", "language": "en", "kind": "title"}]])
def test_an_alias_that_was_deleted_or_changed_stops_the_undoing(
    newsroom: Newsroom, left: list[dict[str, str]]
) -> None:
    loser, winner = newsroom.actor("Ada V.", aliases=[ALIAS]), newsroom.actor("Ada Verde")
    made = merge(newsroom, loser, winner).data
    kept = [{"text": "Ada V.", "language": None, "kind": "name"}]
    version = newsroom.vic.get(f"actors/{winner}/").version
    assert newsroom.ann.patch(f"actors/{winner}/", {"aliases": [*left, *kept]}, version=version).status == 200
    reply = undo(newsroom, made["id"])
    assert reply.refusal == (409, "undo-conflict")
    assert codes(reply) == ["alias"]
    assert "A. V." in reply.data["conflicts"][0]["detail"]
    assert newsroom.vic.get(f"actors/{loser}/").data["merged_into"] == winner, "nothing was written"
    newsroom.ann.patch(f"actors/{winner}/", {"aliases": [ALIAS, *kept]}, version=version + 1)
    assert undo(newsroom, made["id"]).status == 200


def test_parents_that_were_set_since_stop_an_undoing_that_would_close_a_circle(newsroom: Newsroom) -> None:
    parent = newsroom.actor("Parent")
    loser, winner = newsroom.actor("Loser", parent=parent), newsroom.actor("Winner")
    child = newsroom.actor("Child", parent=loser)
    made = merge(newsroom, loser, winner).data
    assert newsroom.ann.patch(f"actors/{parent}/", {"parent": child}, version=1).status == 200
    assert codes(undo(newsroom, made["id"])) == ["parents"]
    # and while the merge stands, its winner is no part of what is a part of the loser
    reply = newsroom.ann.patch(f"actors/{winner}/", {"parent": parent}, version=2)
    assert (reply.status, reply.pointers) == (400, ["/parent"])


def test_a_merge_touches_no_set_and_the_review_goes_on(newsroom: Newsroom) -> None:
    loser, winner = newsroom.actor("A A"), newsroom.actor("B B")
    row = newsroom.set()
    span = factories.make_span(row, actor_id=Actor.objects.get(pk=loser).pk)
    newsroom.moved(row, "ann", "submit")
    newsroom.moved(row, "rae", "start_review")
    before = newsroom.rae.get(f"sets/{row.pk}/").data
    assert merge(newsroom, loser, winner).status == 201
    assert newsroom.rae.get(f"sets/{row.pk}/").data == before
    assert newsroom.rae.get(f"spans/{span.pk}/").data["actor"] == loser
    assert newsroom.moved(row, "rae", "approve").state == "approved"
    assert run_checks().found == 0


def test_a_proposed_proposition_merged_into_an_accepted_one_can_be_approved(newsroom: Newsroom) -> None:
    proposed, accepted = newsroom.proposition("A toll", accepted=False), newsroom.proposition("A new toll")
    row = newsroom.set()
    factories.make_span(
        row, "claim", 70, 96, proposition_id=Proposition.objects.get(pk=proposed).pk, attributes={}
    )  # fmt: skip
    newsroom.moved(row, "ann", "submit")
    newsroom.moved(row, "rae", "start_review")
    assert newsroom.rae.move(row.pk, "approve").status == 409
    assert merge(newsroom, proposed, accepted, "proposition").status == 201
    assert newsroom.rae.move(row.pk, "approve").status == 200


def merged_lines(a1: str, a2: str, p1: str, p2: str) -> list[dict[str, Any]]:
    """A file in which the second actor and proposition are merged, and linked to by spans."""
    article, row = new_id(), new_id()
    return [
        {"type": "actor", "id": a1, "name": "Ada Verde", "kind": "person"},
        {"type": "actor", "id": a2, "name": "A. Verde", "kind": "person", "merged_into": a1},
        {"type": "proposition", "id": p1, "text": "A toll", "kind": "issue", "status": "accepted"},
        {"type": "proposition", "id": p2, "text": "Tolls", "kind": "issue", "merged_into": p1},
        {
            "id": article, "external_id": "e1", "text": factories.TEXT,
            "sets": [
                {
                    "id": row, "owner": "ann", "state": "approved",
                    "spans": [
                        {"id": "s1", "label": "actor", "start": 60, "end": 69, "actor": a2},
                        {
                            "id": "s2", "label": "position", "start": 70, "end": 96, "proposition": p2,
                            "attributes": {"stance": "oppose", "basis": "stated", "attribution": "named"},
                        },
                    ],
                    "relations": [{"id": "r1", "type": "held_by", "source": "s2", "target": "s1"}],
                }
            ],
        },
    ]  # fmt: skip


def test_imported_merges_are_resolved_everywhere(newsroom: Newsroom) -> None:
    """A file that calls a2 merged into a1, with a span that is linked to a2: all of them say a1."""
    a1, a2, p1, p2 = (new_id() for _ in range(4))
    lines = merged_lines(a1, a2, p1, p2)
    body = "\n".join(map(json.dumps, lines)).encode()
    report = newsroom.max.raw("POST", "corpora/lake/imports/?state=submitted", body, "application/x-ndjson")
    assert (report.status, report.data["failed"]) == (200, 0), report
    for link, canonical, merged in (("actor", a1, a2), ("proposition", p1, p2)):
        for asked in (canonical, merged):
            found = newsroom.rae.all("corpora/lake/spans/", **{link: asked})
            assert [span[link] for span in found] == [canonical]
            assert len(newsroom.rae.all("corpora/lake/articles/", **{link: asked})) == 1
    imported = AnnotationSet.objects.get()
    listed = newsroom.rae.all(f"sets/{imported.pk}/spans/")
    assert {span["actor"] for span in listed} - {None} == {a1}
    assert newsroom.rae.get(f"actors/{a2}/usage/").data["spans"] == 1
    assert newsroom.rae.get(f"actors/{a1}/usage/").data["spans"] == 1
    for format in ("quotes", "positions", "dna", "webannotation", "huggingface", "relations"):
        reply = newsroom.rae.get("corpora/lake/export/", format=format, sets="submitted")
        text = reply.content.decode(errors="replace")
        assert [word for word in (a2, p2, "A. Verde", "Tolls") if word in text] == [], format
    raw = newsroom.rae.get("corpora/lake/export/", format="jsonl", sets="submitted").content.decode()
    records = [json.loads(line) for line in raw.splitlines()]
    assert records[-1]["sets"][0]["spans"][0]["actor"] == a2
    merges = newsroom.vic.all("corpora/lake/merges/")
    found = [(m["kind"], m["loser"], m["winner"], m["by"], m["reason"]) for m in merges]
    assert found == [("actor", a2, a1, "max", None), ("proposition", p2, p1, "max", None)]
    kinds = [record["type"] for record in records]
    assert kinds == ["header", *["actor"] * 2, *["proposition"] * 2, "article"], "entries say it all"
    assert undo(newsroom, merges[0]["id"]).status == 200
    assert newsroom.rae.all("corpora/lake/spans/", actor=a1) == []
    assert run_checks().found == 0


def test_of_two_merges_of_one_version_the_second_is_stale(newsroom: Newsroom) -> None:
    loser, one, other = (newsroom.actor(name) for name in ("A A", "B B", "C C"))
    replies: list[Reply] = []
    for into in (one, other):
        sent = {"into": into, "reason": "One."}
        replies.append(newsroom.rae.post(f"actors/{loser}/merge/", sent, version=1))
    assert [reply.status for reply in replies] == [201, 412]
    assert replies[1].data["version"] == 2


def test_an_archived_corpus_merges_nothing(newsroom: Newsroom) -> None:
    loser, winner = newsroom.actor("A A"), newsroom.actor("B B")
    made = merge(newsroom, newsroom.actor("C C"), winner).data
    version = newsroom.max.get("corpora/lake/").version
    newsroom.max.patch("corpora/lake/", {"archived": True}, version=version)
    assert merge(newsroom, loser, winner).refusal == (409, "not-allowed-now")
    assert undo(newsroom, made["id"]).refusal == (409, "not-allowed-now")


def test_a_corpus_with_merges_can_be_deleted(newsroom: Newsroom) -> None:
    for kind in KINDS:
        merge(newsroom, entry(newsroom, kind, "One"), entry(newsroom, kind, "Other"), kind)
    version = newsroom.max.get("corpora/lake/").version
    assert newsroom.max.delete("corpora/lake/", version).status == 204
    assert not Merge.objects.exists()
