"""What the pictures of agreement need beside the report: intervals, and F1 over time, from the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from annotations.metrics.agreement import (
    ALL,
    AgreementCounts,
    ConfidenceInterval,
    LabelCounts,
    RatioSums,
    f1_interval,
)


class Period(StrEnum):
    """How long a point of a line over time stands for."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


#: Up to how many days between the first and the last comparison each period is used.
_MOST_DAYS = {Period.WEEK: 26 * 7, Period.MONTH: 3 * 366}
_FIRST_DAY: Mapping[Period, Callable[[date], date]] = {
    Period.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Period.MONTH: lambda day: day.replace(day=1),
    Period.YEAR: lambda day: day.replace(month=1, day=1),
}


@dataclass(frozen=True)
class SeriesPoint:
    """One period: how many pairs were compared in it, and the pooled IoU F1 of each label."""

    first_day: date
    pairs: int
    values: dict[str, float | None]


@dataclass
class AgreementSeries:
    """Sums that are collected while the rows of a report are streamed; they hold no articles."""

    _sums: dict[str, RatioSums] = field(default_factory=lambda: defaultdict(RatioSums))
    _days: dict[date, dict[str, list[int]]] = field(default_factory=dict)
    _pairs: dict[date, int] = field(default_factory=lambda: defaultdict(int))

    def add_article(self, rows: Iterable[tuple[datetime, AgreementCounts]]) -> None:
        """Add the pairs of one article, each with the moment at which it was frozen."""
        article: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for frozen_at, counts in rows:
            day = timezone.localdate(frozen_at)
            self._pairs[day] += 1
            of_day = self._days.setdefault(day, defaultdict(lambda: [0, 0]))
            for label, row in counts.labels.items():
                for name in (label, ALL):
                    _add(article[name], row)
                    _add(of_day[name], row)
        for name, (agreed, marks) in article.items():
            self._sums[name] = self._sums[name].with_article(agreed, marks)

    def intervals(self) -> dict[str, ConfidenceInterval | None]:
        """Return the interval of the IoU F1 of each label, and of all."""
        return {name: f1_interval(sums) for name, sums in self._sums.items()}

    def over_time(self, labels: Sequence[str]) -> tuple[Period, list[SeriesPoint]]:
        """Return the F1 of each week, or of longer periods where there are more than 26 weeks."""
        days = sorted(self._days)
        lasted = (days[-1] - days[0]).days if days else 0
        period = next((name for name, most in _MOST_DAYS.items() if lasted <= most), Period.YEAR)
        sums: dict[date, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        pairs: dict[date, int] = defaultdict(int)
        for day in days:
            first = _FIRST_DAY[period](day)
            pairs[first] += self._pairs[day]
            for label, (agreed, marks) in self._days[day].items():
                sums[first][label][0] += agreed
                sums[first][label][1] += marks
        points = [
            SeriesPoint(first, pairs[first], {label: _ratio(sums[first][label]) for label in labels})
            for first in pairs
        ]
        return period, points


def _add(sums: list[int], row: LabelCounts) -> None:
    sums[0] += 2 * row.iou
    sums[1] += row.first + row.second


def _ratio(sums: Sequence[int]) -> float | None:
    return sums[0] / sums[1] if sums[1] else None
