"""The first page: what waits for somebody, and the button that hands out the next piece."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from annotations.models import AnnotationSet, Article, Corpus, Membership, Notification, Role
from annotations.models.ids import uuid7
from annotations.services.core import articles, corpora
from tests.admin.conftest import TwoNewsrooms, page
from tests.factories import make_article, make_corpus, make_set, make_span, move

START = "/admin/"


def box(newsrooms: TwoNewsrooms, name: str) -> dict[str, list[str]]:
    """The lists of the box: the articles under each heading."""
    work = newsrooms.client(name).get(START).context["work"]
    return {
        str(each.title): [str(getattr(task.row, "article", task.row)) for task in each.tasks]
        for each in work.lists
    }


def take(newsrooms: TwoNewsrooms, name: str, corpus: Any, task: str) -> Any:
    """Press the button."""
    return newsrooms.client(name).post(reverse("admin:take"), {"corpus": str(corpus.pk), "task": task})


def test_each_sees_the_work_that_waits_for_them(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    assert box(newsrooms, "ann") == {"In progress": ["kiwi-article"]}
    assert box(newsrooms, "rae") == {}
    move(newsrooms.ann, row, "submit")
    assert box(newsrooms, "ann") == {"Waiting for others": ["kiwi-article"]}
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
    move(newsrooms.ann, newsrooms.a[AnnotationSet], "submit")
    move(newsrooms.rae, newsrooms.a[AnnotationSet], "start_review")
    move(newsrooms.rae, newsrooms.a[AnnotationSet], "approve")
    sentences = {
        "tom": b"Ask a manager to add you",
        "vic": b"You can read everything that is approved",
        "max": b"Welcome. Read the guideline first",
        "ann": b"Nothing is begun. Take a new piece of work",
    }
    for name, sentence in sentences.items():
        body = newsrooms.client(name).get(START).content
        assert [each for each in sentences.values() if each in body] == [sentence], name
    assert b"<button" not in newsrooms.client("vic").get(START).content.split(b'class="my-work"')[1]
    assert (
        page(Corpus, "change", newsrooms.a.corpus.pk).encode() in newsrooms.client("max").get(START).content
    )


def test_whoever_may_found_a_corpus_and_has_none_is_led_there(newsrooms: TwoNewsrooms) -> None:
    address = page(Corpus, "add").encode()
    assert address not in newsrooms.client("tom").get(START).content
    newsrooms.tom.user_permissions.add(Permission.objects.get(codename="add_corpus"))
    assert address in newsrooms.client("tom").get(START).content


def test_the_tables_are_a_menu_of_managers_and_administrators(newsrooms: TwoNewsrooms) -> None:
    for name in ("tom", "vic", "ann", "rae", "max", "sue"):
        answer = newsrooms.client(name).get(START)
        assert answer.status_code == 200
        assert (b"All tables" in answer.content) == (name in ("max", "sue")), name
        assert b"Access tokens" in answer.content, "which everybody makes for themselves"
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
    Membership.objects.create(corpus=newsrooms.b.corpus, user=newsrooms.ann, role=Role.REVIEWER)
    move(newsrooms.b[AnnotationSet].owner, newsrooms.b[AnnotationSet], "submit")
    client = newsrooms.client("ann")
    body = client.get(START).content.decode()
    for side, name in ((newsrooms.a, "in-progress"), (newsrooms.b, "waiting")):
        url = f"{page(AnnotationSet, 'workbench', side[AnnotationSet].pk)}?list={name}"
        assert url in body
        assert client.get(url).status_code == 200


def days_from_now(days: int) -> datetime:
    """The middle of the day that is so many days away."""
    return timezone.localtime().replace(hour=12, minute=0) + timedelta(days=days)


def test_what_is_over_comes_first_and_says_so(newsrooms: TwoNewsrooms) -> None:
    rows = [newsrooms.a[AnnotationSet]]
    rows += [make_set(make_article(newsrooms.a.corpus, title=f"due {n}"), newsrooms.ann) for n in range(4)]
    for row, days in zip(rows, (1, None, -1, 40, -1234), strict=True):
        due = None if days is None else days_from_now(days)
        AnnotationSet.objects.filter(pk=row.pk).update(due_at=due)
    answer = newsrooms.client("ann").get(START)
    (tasks,) = (each.tasks for each in answer.context["work"].lists)
    assert [task.row.pk for task in tasks] == [rows[n].pk for n in (4, 2, 0, 3, 1)]
    words = [(task.due.text, task.due.is_over) if task.due else None for task in tasks]
    far = f"due {date_format(days_from_now(40))}"
    assert words == [
        ("1,234 days over", True),
        ("1 day over", True),
        ("due tomorrow", False),
        (far, False),
        None,
    ]
    assert '<span class="due over">1 day over</span>' in answer.content.decode()


def test_a_long_list_says_how_long_it_is_and_leads_to_all_of_it(newsrooms: TwoNewsrooms) -> None:
    for number in range(60):
        make_set(make_article(newsrooms.a.corpus, title=f"piece {number:02}"), newsrooms.ann)
    client = newsrooms.client("ann")
    answer = client.get(START)
    (tasks,) = (each.tasks for each in answer.context["work"].lists)
    assert len(tasks) == 20
    url = reverse("admin:work_list", args=("in-progress",))
    assert f'<a class="all" href="{url}">all 61</a>' in answer.content.decode()
    pages = [client.get(url, {"p": number}).context["list"].tasks for number in (1, 2)]
    assert [len(each) for each in pages] == [50, 11]
    assert pages[0][:20] == tasks
    assert len({task.row.pk for each in pages for task in each}) == 61
    assert client.get(reverse("admin:work_list", args=("nothing",))).status_code == 404
    for name in ("vic", "sam", "rae", "max"):
        assert "piece" not in newsrooms.client(name).get(url).content.decode(), "each sees their own list"


def go_on(newsrooms: TwoNewsrooms, name: str, client: Client | None = None) -> AnnotationSet | None:
    """The set of the large entry."""
    held = (client or newsrooms.client(name)).get(START).context["work"].go_on
    return held.row if held else None


def test_the_large_entry_is_what_was_open_last(newsrooms: TwoNewsrooms) -> None:
    first = newsrooms.a[AnnotationSet]
    second, third = (make_set(make_article(newsrooms.a.corpus), newsrooms.ann) for _ in range(2))
    client = newsrooms.client("ann")
    AnnotationSet.objects.filter(pk=third.pk).update(due_at=days_from_now(-3))
    make_span(second)
    assert go_on(newsrooms, "ann") == second, "nothing was opened since the sign-in: what was changed last"
    client.get(page(AnnotationSet, "workbench", first.pk))
    assert go_on(newsrooms, "ann", client) == first
    assert client.get(START).content.decode().count("Go on:") == 1, (
        "what to go on with is one set of a corpus"
    )
    client.get(page(AnnotationSet, "workbench", third.pk))
    assert go_on(newsrooms, "ann", client) == third
    move(newsrooms.ann, newsrooms.a[AnnotationSet], "submit")
    move(newsrooms.ann, third, "submit")
    client.get(page(AnnotationSet, "workbench", third.pk))
    assert go_on(newsrooms, "ann", client) == second, "what is closed is nothing to go on with"
    assert go_on(newsrooms, "rae") is None
    move(newsrooms.rae, first, "start_review")
    answer = newsrooms.client("rae").get(START).content.decode()
    assert "Go on with the review: <bdi>kiwi-article</bdi>" in answer
    assert go_on(newsrooms, "rae") == first


def take_new(newsrooms: TwoNewsrooms, name: str, task: str, id: uuid.UUID | None = None) -> Any:
    """Press the button that takes something new."""
    sent = {"corpus": str(newsrooms.a.corpus.pk), "task": task, "another": "1", "new_id": str(id or uuid7())}
    return newsrooms.client(name).post(reverse("admin:take"), sent)


def test_a_new_article_is_new_up_to_what_the_corpus_allows(newsrooms: TwoNewsrooms) -> None:
    Corpus.objects.filter(pk=newsrooms.a.corpus.pk).update(most_open=3)
    for _ in range(3):
        make_article(newsrooms.a.corpus)
    held = AnnotationSet.objects.filter(owner=newsrooms.ann)
    assert "Take a new article" in newsrooms.client("ann").get(START).content.decode()
    twice = uuid7()
    answers = {take_new(newsrooms, "ann", "annotate", twice)["Location"] for _ in range(2)}
    assert (len(answers), held.count()) == (1, 2), "a form that was sent twice takes one"
    take_new(newsrooms, "ann", "annotate")
    assert held.count() == 3
    body = newsrooms.client("ann").get(START).content.decode()
    assert "Take a new article" not in body
    assert "You hold 3 open sets, and this corpus hands out at most 3; submit one first." in body
    assert take_new(newsrooms, "ann", "annotate")["Location"] == START
    assert held.count() == 3


def test_a_new_review_is_new(newsrooms: TwoNewsrooms) -> None:
    second = make_set(make_article(newsrooms.a.corpus), newsrooms.ann)
    for row in (newsrooms.a[AnnotationSet], second):
        move(newsrooms.ann, row, "submit")
    mine = AnnotationSet.objects.filter(reviewer=newsrooms.rae, state="in_review")
    for number in (1, 2):
        body = newsrooms.client("rae").get(START).content.decode()
        assert "Take a new review" in body
        sent = re.search(r'name="new_id" value="([^"]+)">\s*<input[^>]+>\s*<button[^>]+value="review"', body)
        assert sent is not None
        answers = {take_new(newsrooms, "rae", "review", uuid.UUID(sent[1]))["Location"] for _ in range(2)}
        assert (len(answers), mine.count()) == (1, number), "a form that was sent twice takes one"
    assert take_new(newsrooms, "rae", "review")["Location"] == START, "and there is no third"
    assert take_new(newsrooms, "rae", "review", uuid.uuid4()).status_code == 302
    wrong = {"corpus": str(newsrooms.a.corpus.pk), "task": "annotate", "new_id": "x"}
    assert newsrooms.client("rae").post(reverse("admin:take"), wrong).status_code == 400


def test_what_was_finished_today_is_counted(newsrooms: TwoNewsrooms) -> None:
    row, other = newsrooms.a[AnnotationSet], make_set(make_article(newsrooms.a.corpus), newsrooms.ann)
    for each in (row, other):
        move(newsrooms.ann, each, "submit")
        move(newsrooms.rae, each, "start_review")
    move(newsrooms.rae, row, "return", comment="Look again.")
    move(newsrooms.ann, row, "submit")
    move(newsrooms.rae, other, "approve")
    said = {name: newsrooms.client(name).get(START).context["work"].finished_today for name in ("ann", "rae")}
    assert said == {"ann": ["2 articles submitted"], "rae": ["2 reviews decided"]}
    move(newsrooms.ann, row, "recall")
    yesterday = timezone.now() - timedelta(days=1)
    AnnotationSet.objects.filter(pk=other.pk).update(submitted_at=yesterday, approved_at=yesterday)
    Notification.objects.update(created_at=yesterday)
    for name in ("ann", "rae"):
        assert not newsrooms.client(name).get(START).context["work"].finished_today


def test_differences_wait_for_whoever_may_settle_them(newsrooms: TwoNewsrooms) -> None:
    article = make_article(newsrooms.a.corpus, annotators=2, title="Two views")
    corpora.add_member(newsrooms.max, newsrooms.a.corpus.pk, newsrooms.ben, Role.REVIEWER)
    for by in (newsrooms.ann, newsrooms.ben):
        move(by, make_set(article, by), "submit")
    assert box(newsrooms, "rae") == box(newsrooms, "max") == {"To adjudicate": ["Two views"]}
    assert "To adjudicate" not in box(newsrooms, "ben"), "nobody settles their own differences"
    assert "Two views" not in newsrooms.client("vic").get(START).content.decode()
    url, sent = reverse("admin:settle", args=(article.pk,)), {"new_id": str(uuid7())}
    statuses = {name: newsrooms.client(name).post(url, sent).status_code for name in ("vic", "ann", "sam")}
    assert statuses == {"vic": 403, "ann": 403, "sam": 404}
    assert newsrooms.client("ben").post(url, sent)["Location"] == START
    assert newsrooms.client("rae").post(url, {"new_id": "x"}).status_code == 400
    places = {newsrooms.client("rae").post(url, sent)["Location"] for _ in range(2)}
    row = AnnotationSet.objects.get(article=article, kind="adjudication")
    assert places == {page(AnnotationSet, "workbench", row.pk)}
    assert "Go on settling:" in newsrooms.client("rae").get(START).content.decode()


def test_the_first_page_shows_nobody_what_is_blind_or_of_others(newsrooms: TwoNewsrooms) -> None:
    article = make_article(newsrooms.a.corpus, annotators=2, title="Twice told")
    corpora.add_member(newsrooms.max, newsrooms.a.corpus.pk, newsrooms.ben, Role.ANNOTATOR)
    row = make_set(article, newsrooms.ann)
    make_set(article, newsrooms.ben)
    move(newsrooms.ann, row, "submit")
    assert box(newsrooms, "ann")["Waiting for others"] == ["Twice told"]
    assert box(newsrooms, "ben") == {"In progress": ["Twice told"]}
    for name in ("rae", "max", "vic", "sam", "sue"):
        assert "Twice told" not in newsrooms.client(name).get(START).content.decode()
        for which in ("returned", "in-progress", "reviewing", "waiting", "others", "adjudication"):
            body = newsrooms.client(name).get(reverse("admin:work_list", args=(which,))).content.decode()
            assert "Twice told" not in body, (name, which)


def test_a_list_leads_on_from_any_place_of_it(newsrooms: TwoNewsrooms) -> None:
    rows = [newsrooms.a[AnnotationSet]]
    rows += [make_set(make_article(newsrooms.a.corpus), newsrooms.ann) for _ in range(3)]
    for row, days in zip(rows, (None, 2, -1, None), strict=True):
        AnnotationSet.objects.filter(pk=row.pk).update(due_at=days and days_from_now(days))
    ordered = [rows[n] for n in (2, 1, 0, 3)]
    client = newsrooms.client("ann")

    def beside(row: AnnotationSet, step: str) -> str:
        url = str(client.get(reverse("admin:work_step", args=("in-progress", step, row.pk)))["Location"])
        return url.removesuffix("?list=in-progress")

    whole = reverse("admin:work_list", args=("in-progress",))
    urls = [page(AnnotationSet, "workbench", row.pk) for row in ordered]
    assert [beside(row, "next") for row in ordered] == [*urls[1:], whole]
    assert [beside(row, "previous") for row in ordered] == [whole, *urls[:-1]]
    move(newsrooms.ann, ordered[1], "submit")
    assert beside(ordered[1], "next") == urls[2], "what has just left the list keeps its place"
    assert beside(ordered[1], "previous") == urls[0]
    assert beside(ordered[2], "previous") == urls[0]


def test_a_list_in_an_address_is_checked_and_made_for_whoever_asks(newsrooms: TwoNewsrooms) -> None:
    rows = [newsrooms.a[AnnotationSet], make_set(make_article(newsrooms.a.corpus), newsrooms.ann)]
    bench = page(AnnotationSet, "workbench", rows[0].pk)

    def way(name: str, which: str) -> Any:
        return newsrooms.client(name).get(bench, {"list": which}).context["workbench"]["next"]["list"]

    assert way("ann", "in-progress")["next"] == reverse(
        "admin:work_step", args=("in-progress", "next", rows[0].pk)
    )
    assert (way("rae", "in-progress")["previous"], way("rae", "in-progress")["next"]) == (None, None)
    for sent in ("", "x", "adjudication", "IN-PROGRESS", "\x00", "in-progress'--"):
        assert way("ann", sent) is None
    for which, step, pk, status in (
        ("x", "next", rows[0].pk, 400),
        ("in-progress", "x", rows[0].pk, 400),
        ("in-progress", "next", uuid.uuid4(), 404),
        ("in-progress", "next", newsrooms.b[AnnotationSet].pk, 404),
    ):
        assert (
            newsrooms.client("ann").get(reverse("admin:work_step", args=(which, step, pk))).status_code
            == status
        )
    answer = newsrooms.client("rae").get(reverse("admin:work_step", args=("in-progress", "next", rows[0].pk)))
    assert answer["Location"] == reverse("admin:work_list", args=("in-progress",))


def test_the_workbench_leads_home_and_to_the_corpus(newsrooms: TwoNewsrooms) -> None:
    body = (
        newsrooms.client("ann").get(page(AnnotationSet, "workbench", newsrooms.a[AnnotationSet].pk)).content
    )
    crumbs = body.split(b'class="breadcrumbs"')[1].split(b"</div>")[0].decode()
    assert START in crumbs
    assert reverse("admin:annotations_corpus_overview", args=(newsrooms.a.corpus.pk,)) in crumbs
    assert page(AnnotationSet, "changelist") + '"' not in crumbs
