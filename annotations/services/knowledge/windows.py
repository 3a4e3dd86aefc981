"""Windows of time: years, quarters, months, ISO weeks and days, by the day on which they begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import DateField
from django.db.models.functions import TruncDay, TruncMonth, TruncQuarter, TruncWeek, TruncYear


class Window(NamedTuple):
    """A window of time by its name: from ``start`` to the day before ``end``, None after the last year."""

    name: str
    start: date
    end: date | None


@dataclass(frozen=True)
class Period:
    """A length of time: how databases find its first day, and how it is written and read."""

    truncate: Callable[..., Any]
    name: Callable[[date], str]
    parse: Callable[..., date]
    pattern: re.Pattern[str]
    days: int

    def window(self, start: date) -> Window:
        """Return the window that begins on a day."""
        try:
            # a day of the next window, since no window is longer than this
            later = start + timedelta(days=self.days)
        except OverflowError:
            return Window(self.name(start), start, None)
        return Window(self.name(start), start, self.parse(*self._numbers(self.name(later))))

    def start_of(self, name: str) -> date | None:
        """Return the first day of a window by its name; None if there is no such window."""
        if not self.pattern.fullmatch(name):
            return None
        try:
            return self.parse(*self._numbers(name))
        except ValueError:
            return None

    def _numbers(self, name: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", name)]

    def first_day(self, field: str) -> Any:
        """Return the expression for the first day of the window of a column."""
        return self.truncate(field, output_field=DateField())


def _week_name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


#: The lengths of windows, the longest first. Names: 2024, 2024-Q1, 2024-05, 2024-W01, 2024-05-07.
PERIODS: Mapping[str, Period] = {
    "year": Period(
        TruncYear, lambda day: f"{day.year:04}", lambda year: date(year, 1, 1), re.compile(r"[0-9]{4}"), 366
    ),
    "quarter": Period(
        TruncQuarter,
        lambda day: f"{day.year:04}-Q{(day.month + 2) // 3}",
        lambda year, quarter: date(year, 3 * quarter - 2, 1),
        re.compile(r"[0-9]{4}-Q[1-4]"),
        92,
    ),
    "month": Period(
        TruncMonth,
        lambda day: f"{day.year:04}-{day.month:02}",
        lambda year, month: date(year, month, 1),
        re.compile(r"[0-9]{4}-[0-9]{2}"),
        31,
    ),
    "week": Period(
        TruncWeek,
        _week_name,
        lambda year, week: date.fromisocalendar(year, week, 1),
        re.compile(r"[0-9]{4}-W[0-9]{2}"),
        7,
    ),
    "day": Period(TruncDay, date.isoformat, date, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), 1),
}
