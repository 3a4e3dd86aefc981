"""The first page: what waits for somebody, and the button that hands out the next piece."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from annotations.models import AnnotationSet, Article, Membership, Role
from annotations.services import articles
from tests.admin.conftest import House, page
from tests.factories import make_article, make_corpus, move

START = "/admin/"


def box(house: House, name: str) -> dict[str, list[str]]:
    """The lists of the box: the articles under each heading."""
    work = house.client(name).get(START).context["work"]
    return {heading: [str(row.article) for row in rows] for heading, rows in work.lists}


def take(house: House, name: str, corpus: Any, task: str) -> Any:
    """Press the button."""
    return house.client(name).post(reverse("admin:take"), {"corpus": str(corpus.pk), "task": task})


def test_each_sees_the_work_that_waits_for_them(house: House) -> None:
    row = house.a[AnnotationSet]
    assert box(house, "ann") == {"In progress": ["kiwi-article"]}
    assert box(house, "rae") == {}
    move(house.ann, row, "submit")
    assert box(house, "ann") == {}
    assert box(house, "rae") == {"Waiting for review": ["kiwi-article"]}
    move(house.rae, row, "start_review")
    assert box(house, "rae") == {"I am reviewing": ["kiwi-article"]}
    move(house.rae, row, "return", comment="Look again.")
    assert box(house, "ann") == {"Returned to me": ["kiwi-article"]}
    assert box(house, "vic") == box(house, "sam") == {}


def test_the_button_takes_work_and_leads_to_the_workbench(house: House) -> None:
    article = make_article(house.a.corpus)
    articles.exclude(house.max, house.a[Article].pk, "so that another comes first")
    answer = take(house, "rae", house.a.corpus, "annotate")
    row = AnnotationSet.objects.get(article=article)
    assert row.owner == house.rae
    bench = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    assert (answer.status_code, answer["Location"]) == (302, bench)
    assert house.client("rae").get(bench).status_code == 200
    assert take(house, "rae", house.a.corpus, "annotate")["Location"] == bench, "asked twice, nothing new"


def test_where_there_is_nothing_to_take_the_reason_is_said(house: House) -> None:
    for task in ("annotate", "review"):
        answer = take(house, "rae", house.a.corpus, task)
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
def test_the_button_gives_nobody_what_is_not_theirs(house: House, name: str, task: str, status: int) -> None:
    before = AnnotationSet.objects.count()
    assert take(house, name, house.a.corpus, task).status_code == status
    assert AnnotationSet.objects.count() == before


def test_the_button_wants_a_corpus_that_exists_and_is_pressed(house: House) -> None:
    client = house.client("max")
    url = reverse("admin:take")
    assert client.get(url).status_code == 405
    for corpus, status in (("", 400), ("x", 400), ("\x00", 400), (str(uuid.uuid4()), 404)):
        assert client.post(url, {"corpus": corpus, "task": "annotate"}).status_code == status


def test_everybody_is_told_what_to_do_next(house: House) -> None:
    sentences = {
        "tom": b"Ask a manager to add you",
        "vic": b"You can read everything that is approved",
        "rae": b"Take the next piece of work below",
        "max": b"Take the next piece of work below",
    }
    for name, sentence in sentences.items():
        assert sentence in house.client(name).get(START).content, name
    assert b"<button" not in house.client("vic").get(START).content.split(b"my-work")[1].split(b"app-")[0]


def test_the_first_page_needs_no_permission_of_django(house: House) -> None:
    for name in ("tom", "vic", "ann"):
        assert not house.people[name].get_all_permissions()
        answer = house.client(name).get(START)
        assert answer.status_code == 200
        assert b"Access tokens" in answer.content
    assert b"Users" not in house.client("max").get(START).content
    assert b"Users" in house.client("sue").get(START).content


def test_an_archived_corpus_hands_out_nothing(house: House) -> None:
    corpus = make_corpus(manager=house.max, archived=True)
    assert str(corpus.pk).encode() not in house.client("max").get(START).content
    answer = take(house, "max", corpus, "annotate")
    assert "archived" in str(list(get_messages(answer.wsgi_request))[-1])


def test_the_tables_stand_in_the_order_of_work(house: House) -> None:
    apps = house.client("sue").get(START).context["app_list"]
    assert [app["app_label"] for app in apps] == ["annotations", "auth"]
    names = [model["object_name"] for model in apps[0]["models"]]
    assert names[:4] == ["Corpus", "Membership", "Article", "AnnotationSet"]


def test_links_of_the_box_lead_where_one_may_go(house: House) -> None:
    Membership.objects.filter(user=house.ben).delete()
    Membership.objects.create(corpus=house.b.corpus, user=house.ann, role=Role.REVIEWER)
    move(house.b[AnnotationSet].owner, house.b[AnnotationSet], "submit")
    body = house.client("ann").get(START).content
    for side in (house.a, house.b):
        assert page(AnnotationSet, "change", side[AnnotationSet].pk).encode() in body or side is house.a
