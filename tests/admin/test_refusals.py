"""A refused form says what is true, about what, and keeps what was filled in."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from annotations.models import AnnotationSet, Article
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.team_work import grow, url
from tests.factories import make_article, make_set


def checked(body: str) -> set[str]:
    """The values of the ticked boxes."""
    return {
        re.search(r'value="([^"]*)"', box).group(1)  # type: ignore[union-attr]
        for box in re.findall(r"<input[^>]*checked[^>]*>", body)
        if 'value="' in box
    }


@pytest.mark.parametrize("where", ["hand_out", "calibration"])
def test_nobody_ticked_is_what_is_told_and_the_ticks_stay(newsrooms: TwoNewsrooms, where: str) -> None:
    corpus = grow(newsrooms)
    articles = [make_article(corpus, title=f"kiwi-{number}") for number in range(3)]
    sent = {
        "bulk_action": "assign" if where == "hand_out" else "start",
        "article": [str(articles[0].pk), str(articles[2].pk)],
        "due_at_0": "2026-12-01",
        "due_at_1": "12:00:00",
        "strategy": "least_loaded",
        "priority": "7",
    }
    before = AnnotationSet.objects.count()
    answer = newsrooms.client("max").post(url(newsrooms, where), sent)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert ("Tick at least one person" in body) is (where == "hand_out")
    assert "had this article" not in body
    assert checked(body) == {str(articles[0].pk), str(articles[2].pk)}
    assert 'value="2026-12-01"' in body
    assert AnnotationSet.objects.count() == before
    if where == "hand_out":
        assert re.search(r'value="least_loaded"[^>]*selected', body)


def test_a_refusal_names_the_article_and_keeps_the_people(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    free, taken = (
        make_article(corpus, title="kiwi-free"),
        make_article(corpus, title="kiwi-taken", annotators=2),
    )
    make_set(taken, newsrooms.ann)
    sent = {"bulk_action": "assign", "article": [str(free.pk), str(taken.pk)], "owners": ["ann"]}
    body = newsrooms.client("max").post(url(newsrooms, "hand_out"), sent).content.decode()
    assert "The article “kiwi-taken” went to ann already in this round" in body
    assert checked(body) == {str(free.pk), str(taken.pk), "ann"}


def test_an_action_that_is_refused_keeps_its_reason_once(newsrooms: TwoNewsrooms) -> None:
    client, row = newsrooms.client("max"), newsrooms.a[AnnotationSet]
    act = reverse("admin:annotations_annotationset_withdraw", args=(row.pk,))
    change = page(AnnotationSet, "change", row.pk)
    client.post(act, {"seen": "999999", "reason": "Nobody has time for it."})
    body = client.get(change).content.decode()
    assert "Nobody has time for it." in body
    row.refresh_from_db()
    assert f'name="seen" value="{row.version}"' in body
    assert "999999" not in body.split("messagelist")[-1].split("</ul>")[-1]
    assert "Nobody has time for it." not in client.get(change).content.decode()
    article = newsrooms.a[Article]
    act = reverse("admin:annotations_article_exclude", args=(article.pk,))
    client.post(act, {"seen": "999999", "reason": "A copy of another."})
    assert "A copy of another." in client.get(page(Article, "change", article.pk)).content.decode()


def test_the_api_refuses_an_empty_list_of_people_by_its_name(newsrooms: TwoNewsrooms) -> None:
    article = make_article(newsrooms.a.corpus)
    answer = newsrooms.client("max").post(
        "/api/v1/corpora/kiwi/assignments/",
        {"articles": [str(article.pk)], "owners": []},
        "application/json",
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/owners"
