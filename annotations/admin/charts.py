"""Shapes of pictures as SVG: places and sizes are computed here, templates draw, the style sheet colours.

What a shape means is never told by its colour alone: kinds have patterns and lines have dashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext

#: The size of a divided bar, and the least width of a part, so that it can be seen.
DIVIDED_BAR_LENGTH, DIVIDED_BAR_HEIGHT, MIN_PART_LENGTH = 1000, 18, 6
#: A bar that is narrower than this shows no pattern; its place and the table tell what it is.
MIN_PATTERN_WIDTH = 4

#: The pattern over the colour of a kind; what is not named here is plain.
PATTERNS: Mapping[str, str] = {
    # what was done on a day
    "created": "dots",
    "return": "cross",
    "approve": "hatch",
    "approved": "hatch",
    # the statuses of articles
    "adjudicating": "cross",
    "in_review": "back",
    "ready_for_adjudication": "dots",
    "ready_for_review": "rows",
    "annotating": "hatch",
    "excluded": "grid",
    # labels
    "claim": "hatch",
    "position": "dots",
    "all": "rows",
}


@dataclass(frozen=True)
class Bar:
    """A rectangle of one kind."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    title: str = ""
    url: str = ""

    @property
    def pattern(self) -> str:
        """The pattern that tells the kind where colours do not."""
        return PATTERNS.get(self.kind, "") if self.width >= MIN_PATTERN_WIDTH else ""


@dataclass(frozen=True)
class ChartLabel:
    """A text at a place; ``kind`` says how it is set."""

    x: int
    y: int
    text: str
    kind: str = ""


def make_divided_bar(counts: Mapping[str, int]) -> list[Bar]:
    """Return one bar that is divided in proportion to the counts, in their order."""
    total = sum(counts.values())
    bars: list[Bar] = []
    x = 0
    for kind, number in counts.items():
        width = max(scale_length(number, total, DIVIDED_BAR_LENGTH), MIN_PART_LENGTH) if number else 0
        if width:
            bars.append(Bar(kind, x, 0, width, DIVIDED_BAR_HEIGHT))
        x += width
    return bars


def format_chart_day(day: date) -> str:
    """Return a day in Django's date format for charts: Mar 4."""
    return date_format(day, pgettext("day of a chart", "M j"))


def format_chart_month(day: date) -> str:
    """Return a month in Django's date format for charts: Mar 2026."""
    return date_format(day, pgettext("month of a chart", "M Y"))


def scale_length(number: float, total: float, length: int) -> int:
    """Return the part of a length that a number has of a total."""
    return round(number * length / total) if total else 0
