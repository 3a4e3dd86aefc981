"""Pictures of agreement, progress and articles: what they hold, for whom, and the table beside each."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from annotations.admin import plots, text_strip
from annotations.admin.team import agreement_pictures, progress_pictures
from annotations.metrics.agreement import AgreementCounts, ConfidenceInterval, LabelCounts
from annotations.models import AnnotationSet, Article, Event
from annotations.services.double_annotation.agreement_series import AgreementSeries, Period
from annotations.services.team import pace
from annotations.services.team.pace import Forecast, PersonPace
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.team_work import doubled, grow, url
from tests.factories import make_article, make_span, move

DAY = date(2026, 3, 2)


def days(number: int) -> list[date]:
    return [DAY + timedelta(days=n) for n in range(number)]


def body_of(newsrooms: TwoNewsrooms, who: str, address: str, **query: str) -> str:
    answer = newsrooms.client(who).get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


# Agreement


def test_bars_have_their_interval_and_german_figures() -> None:
    names = {"actor": "Actor", "claim": "Claim", "all": "all"}
    values = {"actor": 0.889, "claim": None, "all": 0.5}
    intervals = {"actor": ConfidenceInterval(0.7, 0.95)}
    with translation.override("de"):
        bars = agreement_pictures.make_interval_bars(names, values, intervals)
    assert [row.figure.text for row in bars.rows] == ["0,89  (0,70–0,95)", "0,50"]
    first, last = bars.rows
    assert first.low < first.bar.x + first.bar.width < first.high <= bars.width
    assert (first.has_interval, last.has_interval) == (True, False)
    assert [label.text for label in bars.scale] == ["0", "0,25", "0,5", "0,75", "1"]


def pair(one: str, other: str, articles: int, value: float | None) -> dict[str, Any]:
    return {"owners": [one, other], "articles": articles, "labels": {"all": {"iou_f1": value}}}


def test_a_map_of_200_people_shows_the_busiest_20() -> None:
    people = [f"p{number:03}" for number in range(200)]
    pairs = [
        pair(one, other, 200 - at, at / 200) for at, (one, other) in enumerate(itertools.pairwise(people))
    ]
    found = agreement_pictures.make_pair_map(pairs, 10)
    assert found is not None
    assert (found.people, found.left_out) == (20, 180)
    assert max(cell.x for cell in found.cells) < found.width
    assert len({(cell.x, cell.y) for cell in found.cells}) == len(found.cells)
    assert [cell.url for cell in found.cells][:10] == [*(f"#pair-{n}" for n in range(2, 11)), ""]
    assert found.cells[0].title == "p001 · p002: IoU F1 0.01, 199 articles"


def test_two_people_need_no_map_and_a_missing_figure_is_no_zero() -> None:
    assert agreement_pictures.make_pair_map([pair("a", "b", 1, 0.5)], 9) is None
    found = agreement_pictures.make_pair_map([pair("a", "b", 1, None), pair("b", "c", 1, 1.0)], 9)
    assert found is not None
    assert [(cell.text, cell.shade) for cell in found.cells] == [("n/a", None), ("1.00", 4)]


@pytest.mark.parametrize(
    ("lasts", "period", "points"), [(20, Period.WEEK, 3), (400, Period.MONTH, 14), (3_000, Period.YEAR, 9)]
)
def test_a_line_of_years_has_few_points(lasts: int, period: Period, points: int) -> None:
    series = AgreementSeries()
    for number in range(0, lasts + 1, 10):
        counts = AgreementCounts(1, labels={"claim": LabelCounts(first=4, second=4, iou=number % 4)})
        series.add_article([(datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(days=number), counts)])
    found, over_time = series.over_time(["claim", "all"])
    assert (found, len(over_time)) == (period, points)
    assert sum(point.pairs for point in over_time) == len(range(0, lasts + 1, 10))
    picture = agreement_pictures.make_over_time(found, over_time, {"claim": "Claim", "all": "all"})
    assert picture is not None
    assert [line.end and line.end.text for line in picture.plot.lines] == ["Claim", "all"]
    assert len(picture.plot.dates) <= plots.MAX_DATES + 1


def test_the_report_draws_what_its_tables_say(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    for number in range(2):
        doubled(newsrooms, title=f"kiwi-{number}")
    body = body_of(newsrooms, "max", url(newsrooms, "agreement"))
    assert 'role="img" aria-labelledby="bars-title"' in body
    assert "IoU F1 of each label with its 95 % interval" in body
    interval = re.search(r"1\.00  \((0\.\d\d–1\.00)\)", body)
    assert interval is not None
    assert f"<td>{interval[1]}</td>" in body, "the table has the same interval"


def cell_links(body: str) -> list[str]:
    return [
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/agreement-marks/\?[^"]*)"', body)
    ]


def test_a_number_of_the_confusion_leads_to_its_marks(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    article, (mine, _) = doubled(newsrooms, submit=False, title="kiwi-confused")
    position = make_span(mine, "position", 4, 18, attributes={"stance": "oppose"})
    for person in (newsrooms.ann, newsrooms.ben):
        move(person, AnnotationSet.objects.get(article=article, owner=person), "submit")
    links = cell_links(body_of(newsrooms, "rae", url(newsrooms, "agreement")))
    (missed,) = [link for link in links if "first=position" in link and "second=" not in link]
    found = body_of(newsrooms, "rae", missed)
    workbench = page(AnnotationSet, "workbench", mine.pk)
    assert f'<a href="{workbench}#span={position.pk}"><bdi>harbour office</bdi></a>' in found
    assert "kiwi-confused" in found
    assert "<em>nothing</em>" in found
    for link in links:
        assert newsrooms.client("max").get(link).status_code == 200
    assert cell_links(body_of(newsrooms, "ann", url(newsrooms, "agreement"))) == []
    assert newsrooms.client("ann").get(missed).status_code == 403


def test_marks_that_are_hidden_or_gone_are_not_shown(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    _, rows = doubled(newsrooms, title="kiwi-hidden")
    address = f"{url(newsrooms, 'agreement')}".replace("agreement", "agreement-marks")
    shown = body_of(newsrooms, "rae", address, first="claim", second="claim")
    assert "lock will close" in shown
    AnnotationSet.objects.filter(pk=rows[1].pk).update(blind=True)
    hidden = body_of(newsrooms, "rae", address, first="claim", second="claim")
    assert "lock will close" not in hidden
    assert "kiwi-hidden" not in hidden
    assert "1 comparison of this page is not shown" in hidden
    AnnotationSet.objects.filter(pk=rows[1].pk).update(blind=False)
    rows[0].spans.filter(label="claim").delete()
    assert "1 was counted; the marks have changed since." in body_of(
        newsrooms, "rae", address, first="claim", second="claim"
    )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"first": "x"},
        {"attribute": "x", "first": "a"},
        {"attribute": "stance", "second": "\x00"},
        {"first": "²"},
    ],
)
def test_a_cell_that_does_not_exist_is_not_found(newsrooms: TwoNewsrooms, query: dict[str, str]) -> None:
    address = url(newsrooms, "agreement").replace("agreement", "agreement-marks")
    assert newsrooms.client("max").get(address, query).status_code == 404


def test_values_of_attributes_lead_to_their_marks_too(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    doubled(newsrooms)
    links = cell_links(body_of(newsrooms, "max", url(newsrooms, "agreement")))
    (claims,) = [link for link in links if "attribute=claim_type" in link]
    found = body_of(newsrooms, "max", claims)
    assert "the lock will close" in found
    assert "have changed since" not in found


# Progress


def test_the_overview_and_the_page_of_the_team_tell_one_truth(
    newsrooms: TwoNewsrooms, approved: AnnotationSet
) -> None:
    for number in range(3):
        make_article(newsrooms.a.corpus, title=f"more {number}")
    article = make_article(newsrooms.a.corpus)
    Article.objects.filter(pk=article.pk).update(status="excluded", excluded_reason="no news")
    bodies = [body_of(newsrooms, "max", url(newsrooms, name)) for name in ("overview", "team")]
    for body in bodies:
        assert "1 (25 %) of 4 articles are done." in body, "an excluded article is not to be done"
        assert "1 done, 3 unassigned, 1 excluded</title>" in body
    parts = [re.search(r'<svg class="parts".*?</ul>', body, re.DOTALL) for body in bodies]
    assert parts[0]
    assert parts[1]
    assert parts[0][0] == parts[1][0]
    context = newsrooms.client("max").get(url(newsrooms, "team")).context
    assert context["done_over_time"].rows[-1][2] == "1", "the line ends at what is done"


def test_each_person_has_a_line_and_a_row(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    context = newsrooms.client("max").get(url(newsrooms, "team")).context
    found = context["people_over_time"]
    assert [line.end.text for line in found.plot.lines] == ["ann"]
    assert [(row[0], row[2], row[3]) for row in found.rows] == [("ann", "1", "0"), ("rae", "0", "1")]
    Event.objects.filter(action="submit").update(time=timezone.now() - timedelta(days=50))
    later = newsrooms.client("max").get(url(newsrooms, "team")).context["people_over_time"]
    assert [row[0] for row in later.rows] == ["rae"]


def test_work_of_a_file_without_events_is_its_owners(
    newsrooms: TwoNewsrooms, approved: AnnotationSet
) -> None:
    Event.objects.filter(set_id=approved.pk).delete()
    corpus, dates = newsrooms.a.corpus, days_until_today(30)
    found = {row.username: row for row in pace.people_pace(newsrooms.max, corpus, dates)}
    assert found["ann"].submitted.total() == 1
    assert found["rae"].decided.total() == 1
    assert pace.count_done_by_day(newsrooms.max, corpus) == {timezone.localdate(): 1}


def days_until_today(number: int) -> list[date]:
    return [timezone.localdate() - timedelta(days=back) for back in reversed(range(number))]


def test_200_people_have_8_lines_and_names_that_do_not_cover_one_another() -> None:
    shown = days(365)
    people = [
        PersonPace(f"person{number}", Counter(dict.fromkeys(shown[::7], 1 + number // 50)), Counter())
        for number in range(200)
    ]
    found = progress_pictures.make_people_over_time(people, shown)
    assert found is not None
    assert (found.shown, found.people, len(found.rows)) == (8, 200, 200)
    assert len(found.heads) <= progress_pictures.MAX_COLUMNS + 1
    heights = sorted(line.end.y for line in found.plot.lines if line.end)
    assert all(lower - upper >= plots.NAME_HEIGHT for upper, lower in itertools.pairwise(heights))
    assert len({line.style for line in found.plot.lines}) == 8


def test_a_forecast_is_the_pace_with_its_range() -> None:
    shown = days(28)
    steady: Counter[date | None] = Counter(dict.fromkeys(shown, 2))
    found = pace.forecast_end(steady, 20, shown)
    end = shown[-1] + timedelta(days=10)
    assert found == Forecast(2.0, end, end, end, 2.0, 2.0)
    uneven = Counter({None: 5, shown[0]: 14, shown[8]: 2, shown[16]: 30, shown[27]: 4})
    spread = pace.forecast_end(uneven, 100, shown)
    assert spread is not None
    assert spread.early is not None
    assert spread.end is not None
    assert spread.early < spread.end
    assert spread.late is None or spread.end < spread.late


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (Counter(), 5),  # nothing was ever done
        (Counter({DAY: 3}), 0),  # nothing is left
        (Counter({DAY - timedelta(days=90): 3}), 5),  # nothing was done in these days
        (Counter({DAY + timedelta(days=25): 9}), 5),  # three days are no pace
        (Counter({None: 9}), 5),  # nothing tells the day
    ],
)
def test_where_nothing_is_known_nothing_is_foretold(done: Counter[date | None], left: int) -> None:
    assert pace.forecast_end(done, left, days(28)) is None


def test_an_end_out_of_sight_is_said_in_words() -> None:
    slow = pace.forecast_end(Counter({DAY: 1}), 10_000, days(28))
    assert slow is not None
    assert slow.end is None
    picture = progress_pictures.make_done_over_time(Counter({DAY: 1}), 10_001, days(28), slow)
    assert picture.sentence == (
        "10,000 articles are left; at 0.25 a week, as in the days shown, they take more than ten years."
    )
    assert picture.forecast_rows == [("Forecast of the end", "in more than ten years")]
    assert max(label.x for label in picture.plot.dates) <= picture.plot.width
    for line in picture.plot.lines:
        assert all(x <= picture.plot.width for x, _ in line.points)
    with translation.override("de"):
        german = progress_pictures.make_done_over_time(Counter({DAY: 1}), 10_001, days(28), slow)
    assert "10.000" in german.sentence


# Articles


def test_a_strip_shows_what_the_viewer_may_read(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    article, (mine, theirs) = doubled(newsrooms, submit=False)
    move(newsrooms.ann, mine, "submit")
    address = page(Article, "change", article.pk)
    link = page(AnnotationSet, "workbench", mine.pk)
    for who, sees in (("ann", {"ann"}), ("ben", {"ben"}), ("rae", set()), ("max", set()), ("vic", set())):
        strips = newsrooms.client(who).get(address).context["strips"]
        assert {strip.owner for strip in strips} == sees, who
    move(newsrooms.ben, theirs, "submit")
    seen = newsrooms.client("rae").get(address)
    assert {strip.owner for strip in seen.context["strips"]} == {"ann", "ben"}
    span = mine.spans.get(label="actor")
    assert f'<a href="{link}#span={span.pk}" aria-label="Actor: Ada Verde">' in seen.content.decode()
    assert newsrooms.client("vic").get(address).context["strips"] == []


def test_a_strip_keeps_to_the_current_text_and_to_work_that_counts(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    article = Article.objects.select_related("revision").get(pk=row.article_id)
    (strip,) = text_strip.make_strips(newsrooms.ann, article)
    assert (strip.counts, strip.total) == (["1", "1", "0"], 2)
    assert all(strip.left <= bar.x and bar.x + bar.width <= strip.right + 3 for bar in strip.bars)
    AnnotationSet.objects.filter(pk=row.pk).update(state="withdrawn")
    assert text_strip.make_strips(newsrooms.ann, article) == []


def test_a_strip_of_thousands_of_marks_is_counted() -> None:
    spans: list[Any] = [(None, number, "actor", number * 60, number * 60 + 9, "") for number in range(16_666)]
    bars, is_counted = text_strip._bars(DAY, spans, 1_000_000)  # type: ignore[arg-type]
    assert is_counted
    assert len(bars) <= text_strip.TEXT_LENGTH // text_strip.PART_WIDTH + 1
    assert max(bar.height for bar in bars) == text_strip.MARK_HEIGHT
    assert sum(int(bar.title) for bar in bars) == 16_666


def test_every_picture_has_a_name_and_a_table(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    grow(newsrooms)
    for number in range(2):
        doubled(newsrooms, title=f"kiwi-{number}")
    addresses = [url(newsrooms, name) for name in ("overview", "team", "agreement")]
    addresses.append(page(Article, "change", approved.article_id))
    for address in addresses:
        body = body_of(newsrooms, "max", address)
        for drawing in re.findall(r'<svg class="(?:chart|parts)[^>]*>', body):
            name = re.search(r'role="(?:img|group)" aria-labelledby="([^"]+)"', drawing)
            assert name is not None, drawing
            assert re.search(rf'<title id="{name[1]}">\s*\S', body), drawing
        for figure in re.split(r"<figure", body)[1:]:
            assert "<table" in figure, "a table follows each picture"
