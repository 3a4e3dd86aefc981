"""Marking: offsets, quotes, snapping, lists that go in as a whole, links and relations."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import AnnotationSet, Span
from tests.newsroom import Caller, Newsroom, Reply, new_id, span

#: A family of emoji, a flag, an accent as a mark of its own, a letter beyond the first plane.
WIDE = "Zoë 👩‍👩‍👧 e\u0301t 🇩🇪 𝔘 end."


def put(newsroom: Newsroom, row: AnnotationSet, body: Any, **parameters: Any) -> Reply:
    return newsroom.ann.post(f"sets/{row.pk}/spans/", body, **parameters)


def test_what_is_out_of_the_text(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article("One two."))
    for start, end, code in (
        (0, 9, "out-of-bounds"), (-1, 3, "out-of-bounds"), (8, 9, "out-of-bounds"),
        (99, 100, "out-of-bounds"), (0, 4_000_000, "out-of-bounds"), (3, 3, "empty-span"),
        (5, 2, "empty-span"), (0, 0, "empty-span"),
    ):  # fmt: skip
        reply = put(newsroom, row, span(start, end))
        assert reply.refusal == (422, code), (start, end, reply)
        assert reply.pointers in (["/end"], ["/start"])
    assert put(newsroom, row, span(0, 8)).data["quote"] == "One two."
    assert Span.objects.count() == 1


def test_a_wrong_quote_is_told_with_what_stands_there(newsroom: Newsroom) -> None:
    row = newsroom.set()
    reply = put(newsroom, row, span(60, 69, quote="Ada Verdi"))
    assert reply.refusal == (422, "quote-mismatch")
    assert (reply.data["actual"], reply.pointers) == ("Ada Verde", ["/quote"])
    reply = put(newsroom, row, [span(0, 3), span(61, 70, quote="Ada Verde")])
    assert (reply.data["actual"], reply.pointers) == ("da Verde ", ["/1/quote"])
    assert "from 60 to 69" in reply.data["detail"]
    assert Span.objects.count() == 0
    for quote in ("", "ada verde", "Ada\u00a0Verde", "Ada Verde "):
        assert put(newsroom, row, span(60, 69, quote=quote)).refusal == (422, "quote-mismatch")


def test_a_list_goes_in_as_a_whole_or_not_at_all(newsroom: Newsroom) -> None:
    row = newsroom.set()
    good = [span(0, 3), span(4, 11), span(12, 18)]
    bad: list[tuple[dict[str, Any], tuple[int, str], str]] = [
        (span(60, 999), (422, "out-of-bounds"), "/3/end"),
        (span(60, 69, quote="x"), (422, "quote-mismatch"), "/3/quote"),
        (span(60, 69, actor=new_id()), (422, "not-in-corpus"), "/3/actor"),
        (span(4, 11), (409, "duplicate"), "/3"),
        ({"label": "actor", "start": 1}, (400, "invalid"), "/3/end"),
        (span(60, 69, label="place"), (400, "invalid"), "/3/label"),
    ]
    for each, refusal, pointer in bad:
        reply = put(newsroom, row, [*good, each])
        assert (reply.refusal, reply.pointers) == (refusal, [pointer]), reply
    twice = new_id()
    reply = put(newsroom, row, [span(0, 3, id=twice), span(4, 11, id=twice)])
    assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["/1/id"])
    assert (Span.objects.count(), newsroom.fresh(row).version) == (0, 1)
    reply = put(newsroom, row, good)
    assert [each["start"] for each in reply.data] == [0, 4, 12]
    assert (reply.status, reply.set_version) == (201, 2)
    assert "Location" not in reply.headers
    assert put(newsroom, row, []).refusal == (400, "invalid")


def test_a_list_that_is_there_already(newsroom: Newsroom) -> None:
    row = newsroom.set()
    sent = [span(12, 18, id=new_id()), span(0, 3, id=new_id())]
    first = put(newsroom, row, sent)
    again = put(newsroom, row, sent)
    assert (again.status, again.data, again.set_version) == (200, first.data, 2)
    more = put(newsroom, row, [sent[1], span(4, 11), sent[0]])
    assert (more.status, more.set_version) == (201, 3)
    assert [each["start"] for each in more.data] == [0, 4, 12]
    assert Span.objects.count() == 3
    newsroom.ann.move(row.pk, "submit")
    assert put(newsroom, row, sent).status == 200
    assert put(newsroom, row, [*sent, span(19, 25)]).refusal == (409, "closed-set")


def test_equal_spans(newsroom: Newsroom) -> None:
    row = newsroom.set()
    issues = [newsroom.proposition("A toll"), newsroom.proposition("A ban")]
    first = put(newsroom, row, span(60, 69))
    reply = put(newsroom, row, span(60, 69))
    assert reply.refusal == (409, "duplicate")
    assert first.data["id"] in reply.data["detail"]
    assert put(newsroom, row, span(60, 69, "claim")).status == 201
    # one stretch takes a stand on two issues, once each
    for issue in (*issues, None):
        assert put(newsroom, row, span(60, 69, "position", proposition=issue)).status == 201
        assert put(newsroom, row, span(60, 69, "position", proposition=issue)).refusal == (409, "duplicate")
    at = f"spans/{put(newsroom, row, span(70, 80)).data['id']}/"
    assert newsroom.ann.patch(at, {"start": 60, "end": 69}, 1).refusal == (409, "duplicate")


def test_snapping(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article("„Nein“, sagt e\u0301r (laut) — ja!"))
    cases = {(0, 7): "Nein", (5, 15): "sagt e\u0301", (15, 24): "r (laut", (6, 8): None}
    for (start, end), quote in cases.items():
        reply = put(newsroom, row, span(start, end), snap="true")
        if quote is None:
            assert reply.refusal == (422, "snap-empty")
            continue
        assert reply.data["quote"] == quote
        again = put(newsroom, row, {**span(reply.data["start"], reply.data["end"], "claim")}, snap="true")
        assert again.data["quote"] == quote
    # the quote is compared with what was sent, before it is snapped
    assert put(newsroom, row, span(25, 29, quote="ja"), snap="true").refusal == (422, "quote-mismatch")
    assert put(newsroom, row, span(25, 29, quote=" ja!"), snap="true").data["quote"] == "ja"
    assert put(newsroom, row, span(0, 1), snap="false").status == 201


def test_offsets_of_browsers(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article(WIDE))
    for start, end in ((0, 3), (4, 9), (10, 12), (14, 16), (17, 18), (19, 22)):
        begin = len(WIDE[:start].encode("utf-16-le")) // 2
        finish = len(WIDE[:end].encode("utf-16-le")) // 2
        reply = put(newsroom, row, span(begin, finish, quote=WIDE[start:end]), offsets="utf16")
        assert (reply.data["start"], reply.data["end"], reply.data["quote"]) == (start, end, WIDE[start:end])
    inside = put(newsroom, row, span(4, 5, "claim"), offsets="utf16")
    assert (inside.refusal, inside.pointers) == ((422, "out-of-bounds"), ["/end"])
    assert put(newsroom, row, span(0, len(WIDE) + 9, "claim"), offsets="utf16").refusal == (
        422,
        "out-of-bounds",
    )
    units = len(WIDE.encode("utf-16-le")) // 2
    assert put(newsroom, row, span(0, units, "claim"), offsets="utf16").data["quote"] == WIDE
    assert put(newsroom, row, span(4, 5, "claim"), offsets="codepoint").data["quote"] == "👩"
    assert put(newsroom, row, span(0, 1), offsets="byte").refusal == (400, "invalid")


def test_changing_a_span(newsroom: Newsroom) -> None:
    row, actor = newsroom.set(), newsroom.actor()
    made = put(newsroom, row, span(60, 69, attributes={"mention_type": "name"}, actor=actor)).data
    at = f"spans/{made['id']}/"
    moved = newsroom.ann.patch(at, {"end": 63}, 1)
    assert (moved.data["quote"], moved.data["actor"]) == ("Ada", actor)
    assert newsroom.ann.patch(at, {"end": 69, "quote": "Ada"}, 2).refusal == (422, "quote-mismatch")
    assert newsroom.ann.patch(at, {"quote": "Verde"}, 2).refusal == (422, "quote-mismatch")
    assert newsroom.ann.patch(at, {"start": 64, "end": 69, "quote": "Verde"}, 2).data["quote"] == "Verde"
    # attributes are replaced whole
    assert newsroom.ann.patch(at, {"attributes": {"role_text": "poet"}}, 3).data["attributes"] == {
        "role_text": "poet"
    }
    # a label that does not take what is stored
    reply = newsroom.ann.patch(at, {"label": "claim"}, 4)
    assert reply.refusal == (400, "invalid")
    assert newsroom.ann.patch(at, {"label": "claim", "attributes": {}}, 4).refusal == (400, "invalid")
    assert (
        newsroom.ann.patch(at, {"label": "claim", "attributes": {}, "actor": None}, 4).data["label"]
        == "claim"
    )
    for body in (
        {"id": new_id()},
        {"set": str(row.pk)},
        {"origin": "import"},
        {"version": 9},
        {"start": None},
    ):
        assert newsroom.ann.patch(at, body, 5).refusal == (400, "invalid"), body
    counts = newsroom.ann.get("corpora/lake/stats/").data["spans"]["by_label"]
    assert counts == {"actor": 0, "claim": 1, "position": 0}


def test_a_relation_holds_the_labels_of_its_ends(newsroom: Newsroom) -> None:
    row = newsroom.set()
    source, target = (put(newsroom, row, body).data["id"] for body in (span(4, 50, "claim"), span()))
    link = {"type": "made_by", "source": source, "target": target}
    made = newsroom.ann.post(f"sets/{row.pk}/relations/", link).data["id"]
    reply = newsroom.ann.patch(f"spans/{source}/", {"label": "position"}, 1)
    assert (reply.refusal, reply.pointers) == ((422, "relation-ends"), ["/label"])
    assert newsroom.ann.delete(f"relations/{made}/", 1).status == 204
    assert newsroom.ann.patch(f"spans/{source}/", {"label": "position"}, 1).status == 200


def test_relations(newsroom: Newsroom) -> None:
    row, other = newsroom.set(), newsroom.set()
    claim, actor, position = (
        put(newsroom, row, body).data["id"]
        for body in (span(4, 50, "claim"), span(), span(70, 96, "position"))
    )
    elsewhere = put(newsroom, other, span()).data["id"]
    at = f"sets/{row.pk}/relations/"
    bad = [
        ({"type": "made_by", "source": claim, "target": claim}, ""),
        ({"type": "made_by", "source": actor, "target": claim}, ""),
        ({"type": "held_by", "source": claim, "target": actor}, ""),
        ({"type": "supports", "source": claim, "target": position}, ""),
        ({"type": "supports", "source": claim, "target": claim}, ""),
        ({"type": "made_by", "source": claim, "target": elsewhere}, "/target"),
        ({"type": "made_by", "source": new_id(), "target": actor}, "/source"),
    ]
    for body, pointer in bad:
        reply = newsroom.ann.post(at, body)
        assert (reply.refusal, reply.pointers) == ((422, "relation-ends"), [pointer]), body
    good = [
        {"type": "made_by", "source": claim, "target": actor},
        {"type": "held_by", "source": position, "target": actor},
        {"type": "opposes", "source": position, "target": claim},
    ]
    assert newsroom.ann.post(at, [*good, bad[0][0]]).refusal == (422, "relation-ends")
    reply = newsroom.ann.post(at, good)
    assert [(each["type"], each["source"], each["target"]) for each in reply.data] == [
        tuple(each.values()) for each in good
    ]
    assert newsroom.ann.post(at, good[0]).refusal == (409, "duplicate")
    # a span takes its relations with it, and the trail says so
    newsroom.ann.delete(f"spans/{actor}/", 1)
    assert [each["type"] for each in newsroom.ann.all(at)] == ["opposes"]
    told = newsroom.ann.all(f"sets/{row.pk}/history/")[-1]
    assert told["action"] == "span_deleted"
    assert {each["type"] for each in told["data"]["before"]["relations"]} == {"made_by", "held_by"}


@pytest.mark.parametrize("state", ["submitted", "in_review", "approved"])
def test_a_closed_set_changes_no_more(newsroom: Newsroom, state: str) -> None:
    row = getattr(newsroom, state)()
    marked = row.spans.get()
    replies = [
        put(newsroom, row, span(0, 3)),
        put(newsroom, row, [span(0, 3)]),
        newsroom.ann.patch(f"spans/{marked.pk}/", {"end": 64}, 1),
        newsroom.ann.delete(f"spans/{marked.pk}/", 1),
    ]
    for reply in replies:
        assert reply.refusal == (409, "closed-set")
        assert reply.data["state"] == row.state
    assert [each["quote"] for each in newsroom.ann.all(f"sets/{row.pk}/spans/")] == ["Ada Verde"]


def test_links_lead_into_the_own_corpus(newsroom: Newsroom) -> None:
    row = newsroom.set()
    foreign = {
        "actor": newsroom.sam.post("corpora/sea/actors/", {"name": "Lorn", "kind": "state"}).data["id"],
        "proposition": newsroom.sam.post("corpora/sea/propositions/", {"text": "A", "kind": "issue"}).data[
            "id"
        ],
        "topic": newsroom.sam.post("corpora/sea/topics/", {"name": "Fish"}).data["id"],
    }
    bodies = {
        "actor": (newsroom.ann, f"sets/{row.pk}/spans/", span()),
        "proposition": (newsroom.ann, f"sets/{row.pk}/spans/", span(label="position")),
        "parent": (newsroom.ann, "corpora/lake/actors/", {"name": "A", "kind": "person"}),
        "topic": (newsroom.ann, "corpora/lake/propositions/", {"text": "A", "kind": "issue"}),
    }
    for name, (caller, at, body) in bodies.items():
        replies = []
        for id in (foreign["actor" if name == "parent" else name], new_id()):
            reply = caller.post(at, {**body, name: id})
            assert (reply.refusal, reply.pointers) == ((422, "not-in-corpus"), [f"/{name}"])
            replies.append(reply.content.replace(id.encode(), b"id"))
        assert replies[0] == replies[1]


def test_many_spans_and_one_more(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article("ab " * 1001))
    many = [span(3 * i, 3 * i + 2) for i in range(1001)]
    reply = put(newsroom, row, many)
    assert reply.refusal == (400, "invalid")
    assert reply.data["errors"][0]["code"] == "too-long"
    assert Span.objects.count() == 0
    reply = put(newsroom, row, many[:1000])
    assert (reply.status, len(reply.data), reply.set_version) == (201, 1000, 2)


def test_only_the_owner_marks(newsroom: Newsroom) -> None:
    row = newsroom.set()
    marked = put(newsroom, row, span()).data["id"]
    for who in ("rae", "max", "ada"):
        caller: Caller = newsroom[who]
        assert caller.post(f"sets/{row.pk}/spans/", span(0, 3)).refusal == (403, "role")
        assert caller.patch(f"spans/{marked}/", {"end": 63}, 1).refusal == (403, "role")
        assert caller.delete(f"spans/{marked}/", 1).refusal == (403, "role")
