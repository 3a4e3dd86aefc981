"""The page of progress: what one may see, drawn and in numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.admin import charts, plots
from annotations.models import AnnotationSet, Article, Event
from annotations.services.core import comments
from annotations.services.team import corpus_counts
from annotations.services.team.corpus_counts import DailyCounts
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.test_queries import FEW, add, queries
from tests.factories import make_article, make_set, move

QUERIES = 11


def url(newsrooms: TwoNewsrooms) -> str:
    """The overview of corpus a."""
    return reverse("admin:annotations_corpus_overview", args=(newsrooms.a.corpus.pk,))


@pytest.mark.parametrize(
    ("name", "status"), [("max", 200), ("rae", 200), ("ann", 200), ("vic", 200), ("sam", 404), ("tom", 404)]
)
def test_members_alone_see_it(newsrooms: TwoNewsrooms, name: str, status: int) -> None:
    assert newsrooms.client(name).get(url(newsrooms)).status_code == status


def test_the_work_of_each_day_is_counted_through_the_gate(
    newsrooms: TwoNewsrooms, approved: AnnotationSet
) -> None:
    today = timezone.localdate()
    for name in ("max", "vic"):
        days = newsrooms.client(name).get(url(newsrooms)).context["busy"]
        assert days == [DailyCounts(today, 1, 1)]
    waiting = make_set(make_article(newsrooms.a.corpus), newsrooms.ann)
    move(newsrooms.ann, waiting, "submit")
    assert corpus_counts.count_per_day(newsrooms.max, newsrooms.a.corpus)[-1] == DailyCounts(today, 2, 1)
    assert corpus_counts.count_per_day(newsrooms.vic, newsrooms.a.corpus)[-1] == DailyCounts(today, 1, 1), (
        "viewers see what is approved"
    )
    Event.objects.filter(action="submit").update(time=timezone.now() - timedelta(days=40))
    assert corpus_counts.count_per_day(newsrooms.max, newsrooms.a.corpus)[-1].submitted == 0
    assert len(corpus_counts.count_per_day(newsrooms.max, newsrooms.a.corpus)) == 30


def test_the_drawing_says_in_words_what_it_shows(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    body = newsrooms.client("max").get(url(newsrooms)).content.decode()
    assert 'role="img"' in body
    assert "1 submitted, 1 approved</title>" in body
    assert "Articles by status: 1 done</title>" in body
    listed = page(Article, "changelist")
    assert f"{listed}?corpus__id__exact={newsrooms.a.corpus.pk}&amp;status__exact=done" in body
    empty = reverse("admin:annotations_corpus_overview", args=(newsrooms.b.corpus.pk,))
    assert "Nothing was submitted or approved." in newsrooms.client("sam").get(empty).content.decode()


def test_its_queries_are_pinned_and_do_not_grow(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    few = queries(client, url(newsrooms))
    add(newsrooms, FEW)
    assert queries(client, url(newsrooms)) == few == QUERIES


def test_charts_hold_every_number() -> None:
    days = [DailyCounts(date(2026, 1, 1) + timedelta(days=n), n, n // 2) for n in range(30)]
    counts = [(day.date, {"submitted": day.submitted, "approved": day.approved}) for day in days]
    chart = plots.make_bar_plot(counts, ("submitted", "approved"))
    assert max(bar.height for bar in chart.bars) == plots.PLOT_HEIGHT
    assert all(0 < bar.x < chart.width and bar.y >= 10 for bar in chart.bars)
    assert chart.dates[-1].text == "Jan 30"
    assert {bar.pattern for bar in chart.bars if bar.kind == "approved"} == {"hatch"}
    parts = charts.make_divided_bar({"done": 999, "excluded": 1, "annotating": 0})
    assert [bar.kind for bar in parts] == ["done", "excluded"]
    assert parts[1].width >= charts.MIN_PART_LENGTH
    assert charts.make_divided_bar({}) == []


def test_a_return_is_told_with_its_comments(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    move(newsrooms.ann, row, "submit")
    move(newsrooms.rae, row, "start_review")
    comments.add_comment(newsrooms.rae, row.pk, comments.CommentDraft(text="Why?", blocking=True))
    move(newsrooms.rae, row, "return", comment="Look again.")
    body = newsrooms.client("ann").get(page(AnnotationSet, "change", row.pk)).content.decode()
    assert "returned it for changes: 2 comments" in body
    assert "marked" not in body.split("told-heading")[2]
    start = newsrooms.client("ann").get("/admin/").content.decode()
    assert "3 open comments" in start, "two of rae's, and ann's own"
