"""The page of progress: what one may see, drawn and in numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.admin import charts
from annotations.models import AnnotationSet, Article
from annotations.services import comments, stats
from annotations.services.stats import Day
from tests.admin.conftest import House, page
from tests.admin.test_queries import FEW, add, queries
from tests.factories import make_article, make_set, move

QUERIES = 12


def url(house: House) -> str:
    """The overview of corpus a."""
    return reverse("admin:annotations_corpus_overview", args=(house.a.corpus.pk,))


@pytest.mark.parametrize(
    ("name", "status"), [("max", 200), ("rae", 200), ("ann", 200), ("vic", 200), ("sam", 404), ("tom", 404)]
)
def test_members_alone_see_it(house: House, name: str, status: int) -> None:
    assert house.client(name).get(url(house)).status_code == status


def test_the_work_of_each_day_is_counted_through_the_gate(house: House, approved: AnnotationSet) -> None:
    today = timezone.localdate()
    for name in ("max", "vic"):
        days = house.client(name).get(url(house)).context["busy"]
        assert days == [Day(today, 1, 1)]
    waiting = make_set(make_article(house.a.corpus), house.ann)
    move(house.ann, waiting, "submit")
    assert stats.per_day(house.max, house.a.corpus)[-1] == Day(today, 2, 1)
    assert stats.per_day(house.vic, house.a.corpus)[-1] == Day(today, 1, 1), "viewers see what is approved"
    AnnotationSet.objects.update(submitted_at=timezone.now() - timedelta(days=40))
    assert stats.per_day(house.max, house.a.corpus)[-1].submitted == 0
    assert len(stats.per_day(house.max, house.a.corpus)) == 30


def test_the_drawing_says_in_words_what_it_shows(house: House, approved: AnnotationSet) -> None:
    body = house.client("max").get(url(house)).content.decode()
    assert 'role="img"' in body
    assert "1 submitted, 1 approved</title>" in body
    assert "Articles by status: 1 done</title>" in body
    listed = page(Article, "changelist")
    assert f"{listed}?corpus__id__exact={house.a.corpus.pk}&amp;status__exact=done" in body
    empty = reverse("admin:annotations_corpus_overview", args=(house.b.corpus.pk,))
    assert "Nothing was submitted or approved." in house.client("sam").get(empty).content.decode()


def test_its_queries_are_pinned_and_do_not_grow(house: House) -> None:
    client = house.client("max")
    few = queries(client, url(house))
    add(house, FEW)
    assert queries(client, url(house)) == few == QUERIES


def test_charts_hold_every_number() -> None:
    days = [Day(date(2026, 1, 1) + timedelta(days=n), n, n // 2) for n in range(30)]
    chart = charts.of_days(days)
    assert max(bar.height for bar in chart.bars) == charts.HEIGHT
    assert all(0 < bar.x < chart.width and bar.y >= 10 for bar in chart.bars)
    assert chart.dates[-1].text == "Jan 30"
    assert charts.of_days([]).bars == []
    parts = charts.of_parts({"done": 999, "excluded": 1, "annotating": 0})
    assert [bar.kind for bar in parts] == ["done", "excluded"]
    assert parts[1].width >= charts.LEAST
    assert charts.of_parts({}) == []


def test_a_return_is_told_with_its_comments(house: House) -> None:
    row = house.a[AnnotationSet]
    move(house.ann, row, "submit")
    move(house.rae, row, "start_review")
    comments.add(house.rae, row.pk, comments.CommentDraft(text="Why?", blocking=True))
    move(house.rae, row, "return", comment="Look again.")
    body = house.client("ann").get(page(AnnotationSet, "change", row.pk)).content.decode()
    assert "returned it for changes: 2 comments" in body
    assert "marked" not in body.split("told-heading")[2]
    start = house.client("ann").get("/admin/").content.decode()
    assert "3 open comments" in start, "two of rae's, and ann's own"
