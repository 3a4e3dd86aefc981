"""The pages of a team: who sees which, what stands on them, and how much they ask the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.admin import plots
from annotations.enums import Round
from annotations.models import AnnotationSet, Article, Event, FrozenAgreement
from annotations.services.core import comments
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.team_work import PAGES, doubled, grow, set_url, settled, url
from tests.admin.test_queries import queries
from tests.factories import make_article, make_set, make_span, move

MANAGERS_ONLY = 403
#: By person: the answers of the pages in the order of ``PAGES``.
SEEN = {
    "max": (200, 200, 200, 200, 200, 200),
    "sue": (200, 200, 200, 200, 200, 200),
    "rae": (403, 403, 403, 200, 403, 200),
    "ann": (403, 403, 403, 200, 403, 403),
    "vic": (403, 403, 403, 403, 403, 403),
    "sam": (404, 404, 404, 404, 404, 404),
    "nia": (302, 302, 302, 302, 302, 302),
}
#: The queries of each page, with work in the corpus.
QUERIES = {
    "team": 29,  # the times of a few sets at work, so that they are not reckoned twice for each
    "hand_out": 10,
    "calibration": 11,
    "agreement": 13,
    "invitations": 9,
    "agreement_marks": 12,
}


@pytest.mark.parametrize("name", SEEN)
def test_each_role_sees_its_pages(newsrooms: TwoNewsrooms, name: str) -> None:
    client = newsrooms.client(name)
    assert tuple(client.get(url(newsrooms, each)).status_code for each in PAGES) == SEEN[name]


def test_the_manager_reads_who_is_blocked_and_how_long_work_waits(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    article, (mine, _) = doubled(newsrooms, submit=False, title="kiwi-waits")
    move(newsrooms.ann, mine, "submit")
    AnnotationSet.objects.filter(pk=newsrooms.a[AnnotationSet].pk).update(
        due_at=timezone.now() - timedelta(1)
    )
    body = newsrooms.client("max").get(url(newsrooms, "team")).content.decode()
    assert "they stay hidden until the other annotators have" in body
    assert reverse("admin:annotations_article_change", args=(article.pk,)) in body
    assert "These sets are open after the day on which they were due." in body
    assert "Sets per day:" in body
    assert "Something happened on all that is under way." in body


def test_stuck_work_is_unassigned_with_one_press(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    Event.objects.filter(set_id=row.pk).update(time=timezone.now() - timedelta(days=9))
    team = url(newsrooms, "team")
    client = newsrooms.client("max")
    assert set_url(row, "unassign") in client.get(team).content.decode()
    assert set_url(row, "unassign") not in client.get(team, {"quiet": "14"}).content.decode()
    row.refresh_from_db()
    answer = client.post(set_url(row, "unassign"), {"seen": row.version, "next": team})
    assert answer["Location"] == team
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert row.spans.exists(), "the work stays"


def test_a_finished_calibration_waits_for_nothing(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    article = make_article(newsrooms.a.corpus)
    for person in (newsrooms.ann, newsrooms.ben):
        row = make_set(article, person, round_=Round.CALIBRATION)
        move(person, row, "submit")
    Event.objects.update(time=timezone.now() - timedelta(days=9))
    context = newsrooms.client("max").get(url(newsrooms, "team")).context
    assert [row["sets"] for row in context["waiting"] if row["state"] == "submitted"] == [0]
    assert article.pk not in {row.article_id for row in context["stuck"]}


def test_the_report_has_every_figure_or_its_reason(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    doubled(newsrooms, title="kiwi-compared")
    body = newsrooms.client("max").get(url(newsrooms, "agreement")).content.decode()
    assert "1 article was compared" in body
    assert "kiwi-compared" in body
    assert "n/a" in body
    assert 'id="note-1"' in body
    assert '<a href="#note-1" aria-label="Reason 1">' in body
    assert "What is taken for what" in body


def test_odd_questions_are_answered_as_if_they_were_not_asked(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    doubled(newsrooms)
    client = newsrooms.client("max")
    for odd in ("x", "0", "-1", "99999999999", "\x00", "²", ""):
        for name in ("round", "kind", "version", "p"):
            assert client.get(url(newsrooms, "agreement"), {name: odd}).status_code == 200
        for name in ("days", "quiet"):
            assert client.get(url(newsrooms, "team"), {name: odd}).status_code == 200
        for name in ("q", "language", "source"):
            assert client.get(url(newsrooms, "hand_out"), {name: odd}).status_code == 200
            assert client.get(url(newsrooms, "calibration"), {name: odd}).status_code == 200


def test_members_see_their_own_calibration_and_nothing_else(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    article = make_article(corpus, title="kiwi-training")
    for person in (newsrooms.ann, newsrooms.ben, newsrooms.tom):
        row = make_set(article, person, round_=Round.CALIBRATION)
        make_span(row)
        move(person, row, "submit")
    doubled(newsrooms, title="kiwi-production")
    mine = newsrooms.client("ann").get(url(newsrooms, "agreement"), {"round": "production"})
    assert {owner for pair in mine.context["pairs"] for owner in pair["owners"]} == {"ann", "ben", "tom"}
    assert all("ann" in pair["owners"] for pair in mine.context["pairs"])
    assert "kiwi-production" not in mine.content.decode()
    everything = newsrooms.client("rae").get(url(newsrooms, "agreement"), {"round": "calibration"})
    assert len(everything.context["pairs"]) == 3


def test_the_small_desk_says_why_nobody_can_review(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    for person in (newsrooms.rae, newsrooms.max):
        person.is_active = False
        person.save()
    body = newsrooms.client("sue").get(set_url(row, "reviewers")).content.decode()
    assert "Nobody in this corpus can review the set" in body
    assert "rae is no longer active." in body
    assert "ann owns the set" in body
    assert "Two annotators, a reviewer or manager who settles their differences" in body
    assert url(newsrooms, "invitations") in body
    assert newsrooms.client("sam").get(set_url(row, "reviewers")).status_code == 404


def test_the_trail_of_an_article_says_whose_set_each_step_is_about(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    row = settled(newsrooms)
    comments.add_comment(newsrooms.tom, row.pk, comments.CommentDraft(text="Why?"))
    body = newsrooms.client("max").get(page(Article, "history", row.article_id)).content.decode()
    assert "merged what the sources have alike" in body
    assert "<bdi>rae</bdi>’s set" in body
    assert newsrooms.client("rae").get(page(Article, "history", row.article_id)).status_code == 403


def test_queries_are_pinned_and_do_not_grow(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    client = newsrooms.client("max")
    for number in range(2):
        doubled(newsrooms, title=f"kiwi-{number}")
        make_set(make_article(newsrooms.a.corpus), newsrooms.ann, round_=Round.CALIBRATION)
    few = {name: queries(client, url(newsrooms, name)) for name in PAGES}
    for number in range(5):
        doubled(newsrooms, title=f"kiwi-more-{number}")
        make_set(make_article(newsrooms.a.corpus), newsrooms.ann, round_=Round.CALIBRATION)
    assert {name: queries(client, url(newsrooms, name)) for name in PAGES} == few == QUERIES


def test_plots_hold_every_number() -> None:
    days = [(date(2026, 1, 1) + timedelta(days=n), {"a": n, "b": 0}) for n in range(30)]
    chart = plots.make_bar_plot(days, ["a", "b"])
    assert max(bar.height for bar in chart.bars) == plots.PLOT_HEIGHT
    assert all(bar.kind == "a" for bar in chart.bars), "nothing is drawn of nothing"
    assert all(bar.x + bar.width <= chart.width for bar in chart.bars)
    assert plots.make_bar_plot([], ["a"]).bars == []
    week = timedelta(days=7)
    first = date(2026, 1, 5)
    series = plots.make_line_plot({"k": [(first, 0.5), (first + week, None), (first + 2 * week, -0.5)]})
    (line,) = series.lines
    assert len(line.points) == 2
    assert line.segments == [], "no line leads over a gap"
    assert max(y for _, y in line.points) == plots.TOP_MARGIN + plots.PLOT_HEIGHT
    assert "−0.5" in [label.text for label in series.scale]
    assert plots.bar_width(0, 0) == 0
    assert plots.bar_width(1, 1000) == 1


def test_nothing_is_compared_where_nothing_was_done(newsrooms: TwoNewsrooms) -> None:
    assert not FrozenAgreement.objects.exists()
    body = newsrooms.client("max").get(url(newsrooms, "agreement")).content.decode()
    assert "Nothing has been compared yet." in body
