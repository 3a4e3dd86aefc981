"""The first page: what waits for somebody, and the button that hands out the next piece."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from annotations.models import AnnotationSet, Article, Membership, Role
from annotations.services.core import articles
from tests.admin.conftest import TwoNewsrooms, page
from tests.factories import make_article, make_corpus, move

START = "/admin/"


def box(newsrooms: TwoNewsrooms, name: str) -> dict[str, list[str]]:
    """The lists of the box: the articles under each heading."""
    work = newsrooms.client(name).get(START).context["work"]
    return {heading: [str(task.row.article) for task in tasks] for heading, tasks in work.lists}


def take(newsrooms: TwoNewsrooms, name: str, corpus: Any, task: str) -> Any:
    """Press the button."""
    return newsrooms.client(name).post(reverse("admin:take"), {"corpus": str(corpus.pk), "task": task})


def test_each_sees_the_work_that_waits_for_them(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    assert box(newsrooms, "ann") == {"In progress": ["kiwi-article"]}
    assert box(newsrooms, "rae") == {}
    move(newsrooms.ann, row, "submit")
    assert box(newsrooms, "ann") == {}
    assert box(newsrooms, "rae") == {"Waiting for review": ["kiwi-article"]}
    move(newsrooms.rae, row, "start_review")
    assert box(newsrooms, "rae") == {"I am reviewing": ["kiwi-article"]}
    move(newsrooms.rae, row, "return", comment="Look again.")
    assert box(newsrooms, "ann") == {"Returned to me": ["kiwi-article"]}
    assert box(newsrooms, "vic") == box(newsrooms, "sam") == {}


def test_the_button_takes_work_and_leads_to_the_workbench(newsrooms: TwoNewsrooms) -> None:
    article = make_article(newsrooms.a.corpus)
    articles.exclude_article(newsrooms.max, newsrooms.a[Article].pk, "so that another comes first")
    answer = take(newsrooms, "rae", newsrooms.a.corpus, "annotate")
    row = AnnotationSet.objects.get(article=article)
    assert row.owner == newsrooms.rae
    bench = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    assert (answer.status_code, answer["Location"]) == (302, bench)
    assert newsrooms.client("rae").get(bench).status_code == 200
    assert take(newsrooms, "rae", newsrooms.a.corpus, "annotate")["Location"] == bench, (
        "asked twice, nothing new"
    )


def test_where_there_is_nothing_to_take_the_reason_is_said(newsrooms: TwoNewsrooms) -> None:
    for task in ("annotate", "review"):
        answer = take(newsrooms, "rae", newsrooms.a.corpus, task)
        assert answer["Location"] == START
        assert str(list(get_messages(answer.wsgi_request))[-1]).endswith(".")


@pytest.mark.parametrize(
    ("name", "task", "status"),
    [
        ("vic", "annotate", 403),
        ("ann", "review", 403),
        ("sam", "annotate", 404),
        ("tom", "annotate", 404),
        ("max", "conquer", 400),
        ("max", "", 400),
    ],
)
def test_the_button_gives_nobody_what_is_not_theirs(
    newsrooms: TwoNewsrooms, name: str, task: str, status: int
) -> None:
    before = AnnotationSet.objects.count()
    assert take(newsrooms, name, newsrooms.a.corpus, task).status_code == status
    assert AnnotationSet.objects.count() == before


def test_the_button_wants_a_corpus_that_exists_and_is_pressed(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    url = reverse("admin:take")
    assert client.get(url).status_code == 405
    for corpus, status in (("", 400), ("x", 400), ("\x00", 400), (str(uuid.uuid4()), 404)):
        assert client.post(url, {"corpus": corpus, "task": "annotate"}).status_code == status


def test_everybody_is_told_what_to_do_next(newsrooms: TwoNewsrooms) -> None:
    sentences = {
        "tom": b"Ask a manager to add you",
        "vic": b"You can read everything that is approved",
        "rae": b"Take the next piece of work below",
        "max": b"Take the next piece of work below",
    }
    for name, sentence in sentences.items():
        assert sentence in newsrooms.client(name).get(START).content, name
    assert b"<button" not in newsrooms.client("vic").get(START).content.split(b"my-work")[1].split(b"app-")[0]


def test_the_first_page_needs_no_permission_of_django(newsrooms: TwoNewsrooms) -> None:
    for name in ("tom", "vic", "ann"):
        assert not newsrooms.people[name].get_all_permissions()
        answer = newsrooms.client(name).get(START)
        assert answer.status_code == 200
        assert b"Access tokens" in answer.content
    assert b"Users" not in newsrooms.client("max").get(START).content
    assert b"Users" in newsrooms.client("sue").get(START).content


def test_an_archived_corpus_hands_out_nothing(newsrooms: TwoNewsrooms) -> None:
    corpus = make_corpus(manager=newsrooms.max, archived=True)
    assert str(corpus.pk).encode() not in newsrooms.client("max").get(START).content
    answer = take(newsrooms, "max", corpus, "annotate")
    assert "archived" in str(list(get_messages(answer.wsgi_request))[-1])


def test_the_tables_stand_in_the_order_of_work(newsrooms: TwoNewsrooms) -> None:
    apps = newsrooms.client("sue").get(START).context["app_list"]
    assert [app["app_label"] for app in apps] == ["annotations", "auth"]
    names = [model["object_name"] for model in apps[0]["models"]]
    assert names[:4] == ["Corpus", "Membership", "Article", "AnnotationSet"]


def test_links_of_the_box_lead_where_one_may_go(newsrooms: TwoNewsrooms) -> None:
    Membership.objects.filter(user=newsrooms.ben).delete()
    Membership.objects.create(corpus=newsrooms.b.corpus, user=newsrooms.ann, role=Role.REVIEWER)
    move(newsrooms.b[AnnotationSet].owner, newsrooms.b[AnnotationSet], "submit")
    body = newsrooms.client("ann").get(START).content
    for side in (newsrooms.a, newsrooms.b):
        assert page(AnnotationSet, "change", side[AnnotationSet].pk).encode() in body or side is newsrooms.a
