"""Changing and deleting many spans with one request: all or none, one version, the usual events."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.enums import Scope
from annotations.models import AnnotationSet, Comment, Event, Relation, Span
from tests.newsroom import Caller, Newsroom, Reply, new_id, span

NAME = {"mention_type": "name"}


def put(newsroom: Newsroom, row: AnnotationSet, body: Any, version: int | None = None) -> Reply:
    """Send the body at the version that the set has now, or at the one given."""
    version = newsroom.fresh(row).version if version is None else version
    return newsroom.ann.post(f"sets/{row.pk}/spans/bulk/", body, version=version)


@pytest.fixture
def row(newsroom: Newsroom) -> AnnotationSet:
    """A set of ann's with three actors, at version 2."""
    found = newsroom.set()
    sent = [span(0, 3), span(4, 11), span(12, 18, attributes=NAME)]
    assert newsroom.ann.post(f"sets/{found.pk}/spans/", sent).status == 201
    return found


def ids_of(row: AnnotationSet) -> list[str]:
    return [str(pk) for pk in Span.objects.filter(set=row).order_by("start").values_list("pk", flat=True)]


def trail(row: AnnotationSet, *actions: str) -> list[Event]:
    found = Event.objects.filter(set_id=row.pk).order_by("seq")
    return list(found.filter(action__in=actions) if actions else found)


def actions(row: AnnotationSet, after: int) -> list[str]:
    return [event.action for event in trail(row)][after:]


def test_many_are_deleted_with_what_hangs_on_them(newsroom: Newsroom, row: AnnotationSet) -> None:
    claim = newsroom.ann.post(f"sets/{row.pk}/spans/", span(20, 40, label="claim")).data["id"]
    first, second, third, _ = ids_of(row)
    links = [{"type": "made_by", "source": claim, "target": one} for one in (first, second)]
    assert newsroom.ann.post(f"sets/{row.pk}/relations/", links).status == 201
    newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": "So?", "span": first})
    before, version = len(actions(row, 0)), newsroom.fresh(row).version
    reply = put(newsroom, row, {"ids": [first, claim], "delete": True})
    assert (reply.status, reply.data, reply.set_version) == (200, [], version + 1)
    assert actions(row, before) == ["span_deleted", "span_deleted"]
    told = [event.data["before"] for event in trail(row, "span_deleted")]
    # as if one went after the other: the relation between the two goes with the first
    assert [(one["id"], [link["target"] for link in one["relations"]]) for one in told] == [
        (first, [first]),
        (claim, [second]),
    ]
    assert ids_of(row) == [second, third]
    assert (Relation.objects.count(), Comment.objects.get().span_id) == (0, None)
    assert newsroom.fresh(row).span_counts == {"actor": 2}


def test_a_label_brings_attributes_that_fit_or_is_refused_at_its_rows(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    ids = ids_of(row)
    reply = put(newsroom, row, {"ids": ids, "label": "claim"})
    assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["/ids/2"])
    assert "mention_type" in reply.data["errors"][0]["detail"]
    alone = newsroom.ann.patch(f"spans/{ids[2]}/", {"label": "claim"}, version=1)
    assert alone.refusal == (400, "invalid"), "the same rule"
    assert newsroom.fresh(row).version == 2
    reply = put(newsroom, row, {"ids": ids, "label": "claim", "attributes": {"claim_type": "demand"}})
    assert (reply.status, reply.set_version) == (200, 3)
    assert [(one["id"], one["version"]) for one in reply.data] == [(id, 2) for id in ids]
    assert [(one["label"], one["attributes"]) for one in reply.data] == [
        ("claim", {"claim_type": "demand"})
    ] * 3
    assert newsroom.fresh(row).span_counts == {"claim": 3}
    change = trail(row, "span_changed")[0].data
    assert (change["before"]["label"], change["after"]["label"]) == ("actor", "claim")


def test_links_and_single_attributes(newsroom: Newsroom, row: AnnotationSet) -> None:
    ids, lorn = ids_of(row), newsroom.actor("Lorn")
    described = {"mention_type": "description"}
    reply = put(newsroom, row, {"ids": ids, "actor": lorn, "set_attributes": described})
    assert [(one["actor"], one["attributes"]) for one in reply.data] == [(lorn, described)] * 3
    other = [{"ids": ids[:2], "actor": None}, {"ids": ids[2:], "set_attributes": {"mention_type": None}}]
    reply = put(newsroom, row, other)
    assert [(one["actor"], one["attributes"]) for one in reply.data] == [
        (None, described),
        (None, described),
        (lorn, {}),
    ]
    reply = put(newsroom, row, {"ids": ids, "actor": new_id()})
    assert (reply.refusal, reply.pointers) == ((422, "not-in-corpus"), ["/actor"])
    sea = {"name": "Sealand", "kind": "state"}
    foreign = newsroom.sam.post(f"corpora/{newsroom.sea.slug}/actors/", sea).data["id"]
    reply = put(newsroom, row, [{"ids": ids[:1], "actor": None}, {"ids": ids[1:], "actor": foreign}])
    assert (reply.refusal, reply.pointers) == ((422, "not-in-corpus"), ["/1/actor"])
    assert newsroom.fresh(row).version == 4


def test_all_or_none_and_where_it_fails(newsroom: Newsroom, row: AnnotationSet) -> None:
    first, second, third = ids_of(row)
    claim = newsroom.ann.post(f"sets/{row.pk}/spans/", span(0, 3, label="claim")).data["id"]
    link = {"type": "made_by", "source": claim, "target": second}
    assert newsroom.ann.post(f"sets/{row.pk}/relations/", link).status == 201
    elsewhere = newsroom.set("ann", newsroom.article("Somewhere else."))
    foreign = newsroom.ann.post(f"sets/{elsewhere.pk}/spans/", span(0, 9)).data["id"]
    away = {"ids": [third], "delete": True}
    both: dict[str, Any] = {"attributes": {}, "set_attributes": {}}
    cases: list[tuple[Any, tuple[int, str], str]] = [
        ([away, {"ids": [first, new_id()], "delete": True}], (422, "not-in-corpus"), "/1/ids/1"),
        ([away, {"ids": [foreign], "delete": True}], (422, "not-in-corpus"), "/1/ids/0"),
        ([away, {"ids": [first], "label": "claim"}], (409, "duplicate"), "/1/ids/0"),
        ([away, {"ids": [first, second], "label": "position"}], (422, "relation-ends"), "/1/ids/1"),
        ([away, {"ids": [claim], "actor": newsroom.actor("Lorn")}], (400, "invalid"), "/1/ids/0"),
        ([away, {"ids": [first], "set_attributes": {"mood": "sad"}}], (400, "invalid"), "/1/ids/0"),
        ([away, {"ids": [first, first], "delete": True}], (400, "invalid"), "/1/ids/1"),
        ([away, {"ids": [third], "label": "claim"}], (400, "invalid"), "/1/ids/0"),
        ([away, {"ids": [first]}], (400, "invalid"), "/1"),
        ([away, {"ids": [first], "delete": True, "label": "claim"}], (400, "invalid"), "/1"),
        ([away, {"ids": [first], "delete": False}], (400, "invalid"), "/1"),
        ([away, {"ids": [], "delete": True}], (400, "invalid"), "/1/ids"),
        ([away, {"ids": ["x"], "delete": True}], (400, "invalid"), "/1/ids/0"),
        ([away, {"ids": first, "delete": True}], (400, "invalid"), "/1/ids"),
        ([away, {"ids": [first], "start": 1}], (400, "invalid"), "/1/start"),
        ([away, {"ids": [first], "label": "place"}], (400, "invalid"), "/1/label"),
        (
            [away, {"ids": [first], **both}],
            (400, "invalid"),
            "/1/set_attributes",
        ),
        ([], (400, "invalid"), ""),
    ]
    before, version = actions(row, 0), newsroom.fresh(row).version
    for body, refusal, pointer in cases:
        reply = put(newsroom, row, body)
        assert (reply.refusal, reply.pointers) == (refusal, [pointer]), (body, reply)
    too_many = [{"ids": [new_id() for _ in range(501)], "delete": True} for _ in range(2)]
    reply = put(newsroom, row, too_many)
    assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["/1/ids/499"])
    reply = put(newsroom, row, {"ids": [new_id() for _ in range(1_001)], "delete": True})
    assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["/ids"])
    assert (actions(row, 0), newsroom.fresh(row).version, len(ids_of(row))) == (before, version, 4)


def test_spans_move_into_places_that_become_free(newsroom: Newsroom, row: AnnotationSet) -> None:
    first = ids_of(row)[0]
    claim = newsroom.ann.post(f"sets/{row.pk}/spans/", span(0, 3, label="claim")).data["id"]
    swap = [{"ids": [first], "label": "claim"}, {"ids": [claim], "label": "actor"}]
    assert put(newsroom, row, swap).refusal == (409, "duplicate"), "one after the other"
    moved = put(newsroom, row, [{"ids": [claim], "label": "position"}, {"ids": [first], "label": "claim"}])
    assert [one["label"] for one in moved.data] == ["position", "claim"]
    over = put(newsroom, row, [{"ids": [first], "label": "actor"}, {"ids": [claim], "delete": True}])
    assert ([one["label"] for one in over.data], len(ids_of(row))) == (["actor"], 3)


def test_versions_and_repeats(newsroom: Newsroom, row: AnnotationSet) -> None:
    first, second, third = ids_of(row)
    address, body = f"sets/{row.pk}/spans/bulk/", {"ids": [first], "set_attributes": {"mention_type": "name"}}
    assert newsroom.ann.post(address, body).refusal == (428, "precondition-required")
    reply = put(newsroom, row, body, version=1)
    assert (reply.refusal, reply.data["version"]) == ((412, "stale"), 2)
    done = put(newsroom, row, body, version=2)
    again = put(newsroom, row, body, version=2)
    assert (again.status, again.data, again.set_version) == (200, done.data, 3)
    # of several, one that is so already gets no event and no version
    events = len(actions(row, 0))
    more = put(newsroom, row, {**body, "ids": [first, second]}, version=3)
    assert [one["version"] for one in more.data] == [2, 2]
    assert (actions(row, events), more.set_version) == (["span_changed"], 4)
    gone = [{"ids": [second, third], "delete": True}, body]
    first_time = put(newsroom, row, gone, version=4)
    repeat = put(newsroom, row, gone, version=4)
    assert (repeat.status, repeat.data, repeat.set_version) == (200, first_time.data, 5)
    # what was never here is no repeat, nor is a change of what is gone
    assert put(newsroom, row, {"ids": [new_id()], "delete": True}, version=4).refusal == (412, "stale")
    assert put(newsroom, row, {"ids": [second], "actor": None}, version=5).refusal == (422, "not-in-corpus")
    assert newsroom.fresh(row).version == 5


def test_a_closed_set_and_a_blind_one(newsroom: Newsroom, row: AnnotationSet) -> None:
    body = {"ids": ids_of(row), "delete": True}
    newsroom.ann.post(f"sets/{row.pk}/submit/", {}, version=2)
    assert put(newsroom, row, body).refusal == (409, "closed-set")
    doubled = newsroom.article("One two.", annotators=2)
    mine, other = newsroom.set("ann", doubled), newsroom.set("ben", doubled)
    theirs = newsroom.ben.post(f"sets/{other.pk}/spans/", span(0, 3)).data["id"]
    address = f"sets/{other.pk}/spans/bulk/"
    assert newsroom.ann.post(address, {"ids": [theirs], "delete": True}, version=2).status == 404
    # an id of a set that one may not see is as unknown as one of nothing
    for id in (theirs, new_id()):
        reply = newsroom.ann.post(f"sets/{mine.pk}/spans/bulk/", {"ids": [id], "delete": True}, version=1)
        assert reply.refusal == (422, "not-in-corpus")
    token = Caller(newsroom.user("ann"), [Scope.READ, Scope.REVIEW, Scope.MANAGE, Scope.INGEST])
    assert token.post(f"sets/{mine.pk}/spans/bulk/", {}, version=1).refusal == (403, "scope")


def test_the_queries_do_not_grow_with_the_spans(newsroom: Newsroom) -> None:
    lorn = newsroom.actor("Lorn")

    def cost(many: int) -> list[int]:
        row = newsroom.set(article=newsroom.article("a b " * many))
        sent = [span(4 * index, 4 * index + 3) for index in range(many)]
        ids = [one["id"] for one in newsroom.ann.post(f"sets/{row.pk}/spans/", sent).data]
        bodies = [
            {"ids": ids, "actor": lorn},
            {"ids": ids, "label": "claim", "actor": None, "attributes": {"claim_type": "demand"}},
            [{"ids": [id], "set_attributes": {"claim_type": "prediction"}} for id in ids],
            {"ids": ids, "delete": True},
        ]
        found = []
        for body in bodies:
            with CaptureQueriesContext(connection) as captured:
                assert put(newsroom, row, body).status == 200
            found.append(len(captured.captured_queries))
        return found

    few, many = cost(3), cost(60)
    assert few == many
