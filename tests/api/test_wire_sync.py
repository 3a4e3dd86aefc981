"""What a system asks that sent articles: what has changed, what is approved, how far its own ids are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import limits
from annotations.models import AnnotationSet, Event
from tests.newsroom import Newsroom, span

LONG_AGO, NOW = "2001-01-01T00:00:00Z", "2026-03-01T12:00:00Z"


def age(**chosen: Any) -> None:
    """Let events have happened long ago."""
    Event.objects.filter(**chosen).update(time=datetime(2002, 1, 1, tzinfo=UTC))


def ids(rows: list[Any]) -> list[str]:
    return [row["id"] for row in rows]


def test_articles_and_sets_that_changed(newsroom: Newsroom) -> None:
    quiet, touched, marked = newsroom.article(), newsroom.article(), newsroom.article()
    mine, idle = newsroom.set("ann", marked), newsroom.set("ben", quiet)
    age()
    newsroom.max.patch(f"articles/{touched.pk}/", {"title": "New"}, 1)
    newsroom.ann.post(f"sets/{mine.pk}/spans/", span())
    both = [str(touched.pk), str(marked.pk)]
    for who, seen in (("ann", both), ("max", both), ("vic", both[:1]), ("ben", both[:1])):
        assert ids(newsroom[who].all("corpora/lake/articles/", updated_after=NOW)) == seen, who
    assert ids(newsroom.max.all("corpora/lake/sets/", updated_after=NOW)) == [str(mine.pk)]
    assert ids(newsroom.max.all("corpora/lake/sets/", updated_after=LONG_AGO)) == [str(mine.pk), str(idle.pk)]
    assert newsroom.vic.all("corpora/lake/sets/", updated_after=LONG_AGO) == []
    assert len(newsroom.vic.all("corpora/lake/articles/", updated_after=LONG_AGO)) == 3
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for path in ("articles", "sets"):
        assert newsroom.max.all(f"corpora/lake/{path}/", updated_after=later) == []
        for wrong in ("2026-03-01", "yesterday", ""):
            reply = newsroom.max.get(f"corpora/lake/{path}/", updated_after=wrong)
            assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["updated_after"])


def test_nobody_learns_that_an_article_is_annotated_twice(newsroom: Newsroom) -> None:
    article = newsroom.article()
    age()
    Event.objects.filter(article_id=article.pk).update(action="article_doubled", time=datetime.now(UTC))
    assert newsroom.ann.all("corpora/lake/articles/", updated_after=NOW) == []


def test_articles_and_sets_that_were_approved(newsroom: Newsroom) -> None:
    old, new, work = newsroom.approved(), newsroom.approved(), newsroom.submitted()
    AnnotationSet.objects.filter(pk=old.pk).update(approved_at=datetime(2002, 1, 1, tzinfo=UTC))
    assert work.approved_at is None
    for who in ("ann", "rae", "vic"):
        caller = newsroom[who]
        for time, rows in ((LONG_AGO, [old, new]), (NOW, [new])):
            found = caller.all("corpora/lake/articles/", approved_after=time)
            assert ids(found) == [str(row.article_id) for row in rows]
            assert ids(caller.all("corpora/lake/sets/", approved_after=time)) == [str(row.pk) for row in rows]
    reply = newsroom.max.get("corpora/lake/export/", format="jsonl", approved_after=NOW)
    assert reply.content.count(b'"type": "article"') == 1
    assert (
        newsroom.max.post(
            "corpora/lake/releases/", {"formats": ["jsonl"], "approved_after": NOW, "updated_after": LONG_AGO}
        ).data["counts"]["articles"]
        == 1
    )


def test_events_of_one_action_with_the_ids_of_the_sender(newsroom: Newsroom) -> None:
    article = newsroom.article(external_id="cms-7")
    row = newsroom.set("ann", article)
    newsroom.ann.post(f"sets/{row.pk}/spans/", [span(), span(4, 9)])
    found = newsroom.max.all("corpora/lake/events/", action="span_added", page_size=1)
    assert [(event["action"], event["external_id"]) for event in found] == [("span_added", "cms-7")] * 2
    assert newsroom.max.all("corpora/lake/events/", action="approve") == []
    after = found[0]["seq"]
    assert newsroom.max.all("corpora/lake/events/", action="span_added", after=after) == found[1:]
    assert newsroom.max.all("corpora/lake/events/")[0]["external_id"] is None
    for at in (f"sets/{row.pk}/history/", f"articles/{article.pk}/history/"):
        assert {event["external_id"] for event in newsroom.max.all(at)} == {"cms-7"}
    for wrong in ("", "Approve", "nonsense"):
        reply = newsroom.max.get("corpora/lake/events/", action=wrong)
        assert (reply.refusal, reply.pointers) == ((400, "invalid"), ["action"])


AT = "corpora/lake/articles/status/"


def test_how_far_many_articles_are(newsroom: Newsroom) -> None:
    plain = newsroom.article(external_id="a")
    gold = newsroom.approved("ann", newsroom.article(external_id="b"))
    newsroom.article(external_id="c", corpus=newsroom.sea)
    asked = ["z", "b", "a", "c", "b", "B"]
    reply = newsroom.vic.post(AT, {"external_ids": asked})
    assert reply.status == 200
    assert reply.data["unknown"] == ["z", "c", "B"]
    first, second = reply.data["results"]
    assert first == {
        "external_id": "b", "id": str(gold.article_id), "status": "done", "version": first["version"],
        "revision": str(gold.revision_id), "approved_set": str(gold.pk), "approved_at": first["approved_at"],
    }  # fmt: skip
    assert first["approved_at"].endswith("Z")
    assert (second["id"], second["status"], second["approved_set"], second["approved_at"]) == (
        str(plain.pk), "unassigned", None, None,
    )  # fmt: skip
    assert newsroom.sam.post(AT, {"external_ids": ["a"]}).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {}, {"external_ids": []}, {"external_ids": "a"}, {"external_ids": [1]}, {"external_ids": [None]},
        {"external_ids": ["x" * 256]}, {"external_ids": ["a\u0000"]}, {"external_ids": ["a"], "more": 1},
        {"external_ids": [str(number) for number in range(limits.MAX_ARTICLES_PER_REQUEST + 1)]},
    ],
)  # fmt: skip
def test_lists_of_ids_that_are_refused(newsroom: Newsroom, body: dict[str, Any]) -> None:
    assert newsroom.vic.post(AT, body).refusal == (400, "invalid")


def test_many_ids_cost_as_much_as_one(newsroom: Newsroom) -> None:
    counts = []
    newsroom.vic.get("me/")
    for asked in (["a"], [str(number) for number in range(limits.MAX_ARTICLES_PER_REQUEST)]):
        for id in asked[:20]:
            newsroom.article(external_id=f"{id}-{len(asked)}")
        with CaptureQueriesContext(connection) as captured:
            reply = newsroom.vic.post(AT, {"external_ids": [f"{id}-{len(asked)}" for id in asked]})
        assert len(reply.data["results"]) == min(len(asked), 20)
        counts.append(len(captured))
    assert counts[0] == counts[1]
