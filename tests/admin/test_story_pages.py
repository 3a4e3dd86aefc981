"""The pages of stories: who sees them, what they show of copies, and that their buttons judge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotations.models import Article, Story, StoryMember
from tests.admin.test_queries import queries
from tests.newsroom import Newsroom
from tests.press import Press


@pytest.fixture
def articles(newsroom: Newsroom) -> list[Article]:
    User.objects.update(is_staff=True)
    text = Press().text(102)
    texts = (text, f"{text}\n\nSomething <b>else</b> is here.", text[: len(text) * 3 // 4])
    return [
        newsroom.article(text, title=f"Title {n}", published_at=datetime(2024, 5, n, tzinfo=UTC))
        for n, text in enumerate(texts, start=1)
    ]


def signed_in(newsroom: Newsroom, name: str) -> Client:
    client = Client()
    client.force_login(newsroom.user(name))
    return client


def list_url(newsroom: Newsroom) -> str:
    return reverse("admin:annotations_corpus_stories", args=(newsroom.lake.pk,))


def story_url(newsroom: Newsroom) -> str:
    return reverse("admin:annotations_corpus_story", args=(newsroom.lake.pk, Story.objects.get().pk))


def body(client: Client, url: str) -> str:
    reply = client.get(url)
    assert reply.status_code == 200, url
    return reply.content.decode()


def judge(client: Client, newsroom: Newsroom, article: Article, verdict: str, **more: Any) -> str:
    """Press a button; returns what the page says then."""
    values = {"article": article.pk, "verdict": verdict, "seen": Story.objects.get().version, **more}
    return client.post(story_url(newsroom), values, follow=True).content.decode()


def test_members_see_stories_and_strangers_find_nothing(newsroom: Newsroom, articles: list[Article]) -> None:
    reader = signed_in(newsroom, "vic")
    assert "Title 1" in body(reader, list_url(newsroom))
    shown = body(reader, story_url(newsroom))
    assert "Something &lt;b&gt;else&lt;/b&gt; is here." in shown
    assert "99 %" in shown or "100 %" in shown
    assert 'name="verdict"' not in shown
    for url in (list_url(newsroom), story_url(newsroom)):
        assert signed_in(newsroom, "sam").get(url).status_code == 404
    elsewhere = reverse("admin:annotations_corpus_story", args=(newsroom.lake.pk, newsroom.lake.pk))
    assert reader.get(elsewhere).status_code == 404


def test_viewers_judge_nothing(newsroom: Newsroom, articles: list[Article]) -> None:
    assert "you have to be reviewer" in judge(signed_in(newsroom, "ann"), newsroom, articles[1], "apart")
    assert not StoryMember.objects.filter(state="apart").exists()


def test_the_buttons_judge(newsroom: Newsroom, articles: list[Article]) -> None:
    rae = signed_in(newsroom, "rae")
    shown = body(rae, story_url(newsroom))
    assert shown.count('data-key="1"') == shown.count('data-key="2"') == 1
    assert "counts as a copy" in judge(rae, newsroom, articles[1], "same")
    assert "text of its own" in judge(rae, newsroom, articles[2], "apart")
    assert "leads the story now" in judge(rae, newsroom, articles[1], "lead")
    states = dict(StoryMember.objects.values_list("article__title", "state"))
    assert states == {"Title 1": "confirmed", "Title 2": "confirmed", "Title 3": "apart"}
    assert Story.objects.get().lead == articles[1]
    assert "decide with both in view" in judge(rae, newsroom, articles[0], "apart", seen=1)
    assert "does not name an article" in judge(rae, newsroom, articles[0], "unknown")
    assert "Title 2" in body(rae, list_url(newsroom))
    assert "Title 2" not in body(rae, f"{list_url(newsroom)}?size=1")


def test_the_page_of_an_article_shows_its_story(newsroom: Newsroom, articles: list[Article]) -> None:
    rae = signed_in(newsroom, "rae")
    at = reverse("admin:annotations_article_change", args=(articles[1].pk,))
    shown = body(rae, at)
    assert story_url(newsroom) in shown
    assert "Something &lt;b&gt;else&lt;/b&gt; is here." in shown
    lead = body(rae, reverse("admin:annotations_article_change", args=(articles[0].pk,)))
    assert "this article leads it" in lead
    assert 'name="verdict"' not in lead
    reply = rae.post(
        story_url(newsroom),
        {"article": articles[1].pk, "verdict": "same", "seen": 1, "from_article": "1"},
    )
    assert reply.headers["Location"] == at
    alone = newsroom.article("A text of its own.")
    assert "story-heading" not in body(rae, reverse("admin:annotations_article_change", args=(alone.pk,)))


def test_pages_cost_the_same_however_many_copies(newsroom: Newsroom, articles: list[Article]) -> None:
    rae = signed_in(newsroom, "rae")
    urls = (list_url(newsroom), story_url(newsroom))
    few = [queries(rae, url) for url in urls]
    for _ in range(4):
        newsroom.article(articles[0].revision.text)
    assert [queries(rae, url) for url in urls] == few
