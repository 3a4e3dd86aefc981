"""Small charts as SVG: computes places and sizes; the templates draw, the style sheet colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext

from annotations.services.stats import Day

#: The height of the bars, the width of one day, and the width of a bar.
HEIGHT, SLOT, BAR = 120, 20, 8
#: The left edge of the first day, with room for the numbers of the scale.
LEFT = 28
#: A date stands below every so many days.
EVERY = 7
#: The length of a divided bar, and the least width of a part, so that it can be seen.
LENGTH, LEAST = 1000, 6


@dataclass(frozen=True)
class Bar:
    """A rectangle of one kind."""

    kind: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Label:
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
    scale: list[Label]
    dates: list[Label]


def of_days(days: Sequence[Day]) -> DayChart:
    """Return the chart of sets submitted and approved on each day, on a scale that holds the highest."""
    top = max([day.submitted for day in days] + [day.approved for day in days] + [1])
    bars: list[Bar] = []
    dates: list[Label] = []
    for index, day in enumerate(days):
        x = LEFT + index * SLOT
        for offset, (kind, number) in enumerate((("submitted", day.submitted), ("approved", day.approved))):
            height = _scaled(number, top, HEIGHT)
            if height:
                bars.append(Bar(kind, x + 2 + offset * BAR, 10 + HEIGHT - height, BAR - 1, height))
        if (len(days) - 1 - index) % EVERY == 0:
            dates.append(Label(x + SLOT // 2, HEIGHT + 28, day_name(day.date)))
    scale = [Label(LEFT - 6, 14, str(top)), Label(LEFT - 6, HEIGHT + 13, "0")]
    return DayChart(LEFT + len(days) * SLOT + SLOT // 2, HEIGHT + 34, LEFT, HEIGHT + 10, bars, scale, dates)


def of_parts(counts: Mapping[str, int]) -> list[Bar]:
    """Return one bar that is divided in proportion to the counts, in their order."""
    total = sum(counts.values())
    bars: list[Bar] = []
    x = 0
    for kind, number in counts.items():
        width = max(_scaled(number, total, LENGTH), LEAST) if number else 0
        if width:
            bars.append(Bar(kind, x, 0, width, 1))
        x += width
    return bars


def day_name(day: date) -> str:
    """Return a day in Django's date format for charts: Mar 4."""
    return date_format(day, pgettext("day of a chart", "M j"))


def _scaled(number: int, total: int, length: int) -> int:
    return round(number * length / total) if total else 0
