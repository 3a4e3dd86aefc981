"""Small charts as SVG: computes places and sizes; the templates draw, the style sheet colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext

from annotations.services.team.corpus_counts import DailyCounts

#: The height of the bars, the width of one day, and the width of a bar.
BAR_AREA_HEIGHT, DAY_WIDTH, BAR_WIDTH = 120, 20, 8
#: The left edge of the first day, with room for the numbers of the scale.
LEFT_MARGIN = 28
#: A date stands below every so many days.
DAYS_PER_DATE = 7
#: The length of a divided bar, and the least width of a part, so that it can be seen.
DIVIDED_BAR_LENGTH, MIN_PART_LENGTH = 1000, 6


@dataclass(frozen=True)
class Bar:
    """A rectangle of one kind."""

    kind: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class ChartLabel:
    """A text at a place."""

    x: int
    y: int
    text: str


@dataclass(frozen=True)
class DayChart:
    """Pairs of bars for each day."""

    width: int
    height: int
    left: int
    base: int
    bars: list[Bar]
    scale: list[ChartLabel]
    dates: list[ChartLabel]


def make_day_chart(days: Sequence[DailyCounts]) -> DayChart:
    """Return the chart of sets submitted and approved on each day, on a scale that holds the highest."""
    top = max([day.submitted for day in days] + [day.approved for day in days] + [1])
    bars: list[Bar] = []
    dates: list[ChartLabel] = []
    for index, day in enumerate(days):
        x = LEFT_MARGIN + index * DAY_WIDTH
        for offset, (kind, number) in enumerate((("submitted", day.submitted), ("approved", day.approved))):
            height = _scaled(number, top, BAR_AREA_HEIGHT)
            if height:
                bars.append(
                    Bar(
                        kind, x + 2 + offset * BAR_WIDTH, 10 + BAR_AREA_HEIGHT - height, BAR_WIDTH - 1, height
                    )
                )
        if (len(days) - 1 - index) % DAYS_PER_DATE == 0:
            dates.append(ChartLabel(x + DAY_WIDTH // 2, BAR_AREA_HEIGHT + 28, format_chart_day(day.date)))
    scale = [
        ChartLabel(LEFT_MARGIN - 6, 14, str(top)),
        ChartLabel(LEFT_MARGIN - 6, BAR_AREA_HEIGHT + 13, "0"),
    ]
    return DayChart(
        LEFT_MARGIN + len(days) * DAY_WIDTH + DAY_WIDTH // 2,
        BAR_AREA_HEIGHT + 34,
        LEFT_MARGIN,
        BAR_AREA_HEIGHT + 10,
        bars,
        scale,
        dates,
    )


def make_divided_bar(counts: Mapping[str, int]) -> list[Bar]:
    """Return one bar that is divided in proportion to the counts, in their order."""
    total = sum(counts.values())
    bars: list[Bar] = []
    x = 0
    for kind, number in counts.items():
        width = max(_scaled(number, total, DIVIDED_BAR_LENGTH), MIN_PART_LENGTH) if number else 0
        if width:
            bars.append(Bar(kind, x, 0, width, 1))
        x += width
    return bars


def format_chart_day(day: date) -> str:
    """Return a day in Django's date format for charts: Mar 4."""
    return date_format(day, pgettext("day of a chart", "M j"))


def _scaled(number: int, total: int, length: int) -> int:
    return round(number * length / total) if total else 0
