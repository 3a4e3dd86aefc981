"""Stories on the wire: what lists and articles show of copies, and how people judge them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import Article, Event, Story, uuid7
from tests.newsroom import Newsroom
from tests.press import Press

ROW = ["id", "corpus", "lead", "title", "lead_chosen", "size", "version"]


@pytest.fixture
def texts() -> list[str]:
    press = Press()
    text = press.text(170)
    lines = text.split("\n\n")
    return [text, "\n\n".join([*lines[:-1], "Something of its own is here."]), press.text(90)]


@pytest.fixture
def copies(newsroom: Newsroom, texts: list[str]) -> list[Article]:
    """A lead, its copy, and a stranger."""
    days = ("2024-05-01", "2024-05-02", "2024-05-03")
    rows = [
        newsroom.max.post(
            "corpora/lake/articles/",
            {"title": f"Article {n}", "text": text, "published_at": f"{day}T09:00:00Z"},
        )
        for n, (text, day) in enumerate(zip(texts, days, strict=True))
    ]
    assert [row.data["story"] and row.data["story"]["role"] for row in rows] == [None, "copy", None]
    return [Article.objects.get(pk=row.data["id"]) for row in rows]


def test_lists_and_articles_show_their_story(newsroom: Newsroom, copies: list[Article]) -> None:
    lead, copy, stranger = copies
    (row,) = newsroom.vic.all("corpora/lake/stories/")
    assert list(row) == ROW
    assert row == {
        "id": row["id"], "corpus": "lake", "lead": str(lead.pk), "title": "Article 0", "lead_chosen": False,
        "size": 2, "version": row["version"],
    }  # fmt: skip
    shown = {article["id"]: article["story"] for article in newsroom.vic.all("corpora/lake/articles/")}
    assert shown[str(lead.pk)] == {"id": row["id"], "role": "lead", "size": 2}
    assert shown[str(copy.pk)] == {"id": row["id"], "role": "copy", "size": 2}
    assert shown[str(stranger.pk)] is None
    for article in (lead, copy, stranger):
        assert newsroom.vic.get(f"articles/{article.pk}/").data["story"] == shown[str(article.pk)]
    patched = newsroom.max.patch(f"articles/{copy.pk}/", {"title": "New"}, copy.version)
    assert patched.data["story"]["role"] == "copy"


def test_filters(newsroom: Newsroom, copies: list[Article]) -> None:
    lead, copy, stranger = (str(row.pk) for row in copies)
    story = str(Story.objects.get().pk)

    def found(**sent: str) -> set[str]:
        return {row["id"] for row in newsroom.vic.all("corpora/lake/articles/", **sent)}

    assert found(story=story) == {lead, copy}
    assert found(copies="leads") == {lead, stranger}
    assert found(copies="leads", story=story) == {lead}
    assert found(story=str(uuid7())) == set()
    assert newsroom.vic.get("corpora/lake/articles/", copies="some").refusal == (400, "invalid")
    assert newsroom.vic.get("corpora/lake/articles/", story="x").refusal == (400, "invalid")
    exported = newsroom.vic.get("corpora/lake/export/", format="jsonl", sets="none", copies="leads")
    assert exported.content.count(b'"type":"article"') + exported.content.count(b'"type": "article"') == 2


def test_a_story_shows_what_differs(newsroom: Newsroom, copies: list[Article], texts: list[str]) -> None:
    reply = newsroom.vic.get(f"stories/{Story.objects.get().pk}/")
    assert list(reply.data) == [*ROW, "members", "members_left_out"]
    lead, copy = reply.data["members"]
    assert (lead["role"], lead["state"], lead["containment"], lead["added"], lead["missing"]) == (
        "lead", "found", 1.0, [], [],
    )  # fmt: skip
    assert (copy["article"], copy["role"], copy["state"]) == (str(copies[1].pk), "copy", "found")
    assert 0.9 < copy["containment"] < 1
    assert copy["added"] == ["Something of its own is here."]
    assert copy["missing"] == [texts[0].split("\n\n")[-1]]
    assert reply.version == reply.data["version"]


def test_stories_of_one_hold_proposals_and_judgements(newsroom: Newsroom, copies: list[Article]) -> None:
    story = Story.objects.get()
    at = f"stories/{story.pk}/"
    assert newsroom.rae.delete(f"{at}members/{copies[1].pk}/").refusal == (428, "precondition-required")
    assert newsroom.rae.delete(f"{at}members/{copies[1].pk}/", 99).refusal == (412, "stale")
    assert newsroom.rae.delete(f"{at}members/{copies[1].pk}/", story.version).status == 204
    assert newsroom.rae.delete(f"{at}members/{copies[1].pk}/", story.version).status == 204  # a repeat
    assert newsroom.vic.all("corpora/lake/stories/") == []
    (row,) = newsroom.vic.all("corpora/lake/stories/", min_size=1)
    assert row["size"] == 1
    assert [member["state"] for member in newsroom.vic.get(at).data["members"]] == ["found", "apart"]
    assert newsroom.vic.get(f"articles/{copies[1].pk}/").data["story"] is None
    assert newsroom.vic.get(f"articles/{copies[0].pk}/").data["story"] is None
    assert newsroom.vic.get("corpora/lake/stories/", min_size=0).status == 400
    back = newsroom.rae.post(f"{at}members/", {"article": str(copies[1].pk)})
    assert (back.status, back.data["state"]) == (201, "confirmed")
    assert back.headers["Location"].endswith(at)
    assert newsroom.rae.post(f"{at}members/", {"article": str(copies[1].pk)}).status == 200
    actions = list(Event.objects.filter(action__startswith="copy_").values_list("action", flat=True))
    assert actions == ["copy_set_apart", "copy_confirmed"]


def test_the_lead_is_chosen(newsroom: Newsroom, copies: list[Article]) -> None:
    at = f"stories/{Story.objects.get().pk}/"
    seen = newsroom.rae.get(at).version
    assert newsroom.rae.patch(at, {"lead": str(copies[1].pk)}).refusal == (428, "precondition-required")
    refused = newsroom.rae.patch(at, {"lead": str(copies[2].pk)}, seen)
    assert refused.refusal == (422, "not-in-corpus")
    assert refused.pointers == ["/lead"]
    reply = newsroom.rae.patch(at, {"lead": str(copies[1].pk)}, seen)
    assert (reply.status, reply.data["lead"], reply.data["lead_chosen"]) == (200, str(copies[1].pk), True)
    assert [member["role"] for member in reply.data["members"]] == ["lead", "copy"]
    again = newsroom.rae.patch(at, {"lead": str(copies[1].pk)}, seen)
    assert (again.status, again.version) == (200, reply.version)
    lead = newsroom.rae.delete(f"{at}members/{copies[1].pk}/", reply.version)
    assert lead.refusal == (409, "not-allowed-now")
    stranger = newsroom.rae.delete(f"{at}members/{copies[2].pk}/", reply.version)
    assert stranger.refusal == (404, "not-found")


def test_only_articles_of_the_corpus_are_copies(newsroom: Newsroom, copies: list[Article]) -> None:
    at = f"stories/{Story.objects.get().pk}/members/"
    foreign = newsroom.article("Elsewhere.", corpus=newsroom.sea, by=newsroom.user("sam"))
    for id in (foreign.pk, uuid7()):
        reply = newsroom.rae.post(at, {"article": str(id)})
        assert reply.refusal == (422, "not-in-corpus")
        assert reply.pointers == ["/article"]
    assert newsroom.rae.post(at, {"article": "x"}).status == 400
    assert newsroom.rae.post(at, {}).status == 400


def test_a_story_costs_the_same_however_many_copies_it_has(
    newsroom: Newsroom, copies: list[Article], texts: list[str]
) -> None:
    at = f"stories/{Story.objects.get().pk}/"
    newsroom.vic.get(at)
    with CaptureQueriesContext(connection) as few:
        newsroom.vic.get(at)
    for _ in range(5):
        newsroom.article(texts[0])
    with CaptureQueriesContext(connection) as many:
        assert len(newsroom.vic.get(at).data["members"]) == 7
    assert len(few) == len(many) == 4
