"""Plots of a team as SVG: computes places and sizes, as in ``charts``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annotations.admin.charts import Bar, ChartLabel, format_chart_day
from annotations.admin.labels import format_figure

#: The height of a plot without its dates, the room on the left for the scale, and the whole width.
PLOT_HEIGHT, LEFT_MARGIN, PLOT_WIDTH = 140, 34, 720
TOP_MARGIN = 10
#: Room on the right, so that the last date is whole.
RIGHT_MARGIN = 20
#: About how many dates stand below a plot.
MAX_DATES = 8
#: The width of the longest bar of a table.
MAX_BAR_WIDTH = 100


@dataclass(frozen=True)
class Plot:
    """A drawing with a scale on the left and dates below."""

    width: int
    height: int
    left: int
    base: int
    scale: list[ChartLabel]
    dates: list[ChartLabel]


@dataclass(frozen=True)
class BarPlot(Plot):
    """A plot with bars for each day, one of each kind."""

    bars: list[Bar]


@dataclass(frozen=True)
class PlotLine:
    """One measure over time: the segments between gaps, and every point of it."""

    name: str
    segments: list[str]
    points: list[tuple[int, int]]


@dataclass(frozen=True)
class LinePlot(Plot):
    """A plot with lines, each of another measure."""

    lines: list[PlotLine]


def make_bar_plot(days: Sequence[tuple[date, Mapping[str, int]]], kinds: Sequence[str]) -> BarPlot:
    """Return the plot of bars side by side for each day, on a scale that holds the highest."""
    top = max([number for _, counts in days for number in counts.values()] + [1])
    slot = (PLOT_WIDTH - LEFT_MARGIN - RIGHT_MARGIN) / max(len(days), 1)
    thick = max(int(slot * 0.85 / len(kinds)), 1)
    bars = [
        Bar(
            kind,
            LEFT_MARGIN + int(index * slot) + offset * thick,
            TOP_MARGIN + PLOT_HEIGHT - height,
            thick if thick < 3 else thick - 1,
            height,
        )
        for index, (_, counts) in enumerate(days)
        for offset, kind in enumerate(kinds)
        if (height := _height(counts.get(kind, 0) / top))
    ]
    places = [(LEFT_MARGIN + int(index * slot + slot / 2), day) for index, (day, _) in enumerate(days)]
    return BarPlot(
        PLOT_WIDTH,
        PLOT_HEIGHT + 34,
        LEFT_MARGIN,
        TOP_MARGIN + PLOT_HEIGHT,
        [
            ChartLabel(LEFT_MARGIN - 6, TOP_MARGIN + 4, str(top)),
            ChartLabel(LEFT_MARGIN - 6, TOP_MARGIN + PLOT_HEIGHT + 4, "0"),
        ],
        _dates(places),
        bars,
    )


def _height(part: float) -> int:
    return max(round(part * PLOT_HEIGHT), 2) if part else 0


def make_line_plot(series: Mapping[str, Sequence[tuple[date, float | None]]]) -> LinePlot:
    """Return the plot of lines between 0 and 1, or from the lowest value below 0; None is a gap."""
    values = [value for points in series.values() for _, value in points if value is not None]
    low = min([0.0, *values])
    days = sorted({day for points in series.values() for day, _ in points})
    step = (PLOT_WIDTH - LEFT_MARGIN - RIGHT_MARGIN - 10) / max(len(days) - 1, 1)
    x_of = {day: LEFT_MARGIN + 10 + round(index * step) for index, day in enumerate(days)}

    def y_of(value: float) -> int:
        return TOP_MARGIN + round((1 - (value - low) / (1 - low)) * PLOT_HEIGHT)

    lines = []
    for name, points in series.items():
        runs: list[list[tuple[int, int]]] = [[]]
        for day, value in points:
            if value is None:
                runs.append([])
            else:
                runs[-1].append((x_of[day], y_of(value)))
        segments = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
        lines.append(PlotLine(name, segments, [point for run in runs for point in run]))
    scale = [ChartLabel(LEFT_MARGIN - 6, y_of(1) + 4, "1"), ChartLabel(LEFT_MARGIN - 6, y_of(0) + 4, "0")]
    if low < 0:
        scale.append(ChartLabel(LEFT_MARGIN - 6, y_of(low) + 4, format_figure(low, 1)))
    return LinePlot(
        PLOT_WIDTH,
        PLOT_HEIGHT + 34,
        LEFT_MARGIN,
        y_of(0),
        scale,
        _dates([(x_of[day], day) for day in days]),
        lines,
    )


def _dates(places: Sequence[tuple[int, date]]) -> list[ChartLabel]:
    every = max(-(-len(places) // MAX_DATES), 1)
    return [
        ChartLabel(x, TOP_MARGIN + PLOT_HEIGHT + 18, format_chart_day(day))
        for index, (x, day) in enumerate(places)
        if (len(places) - 1 - index) % every == 0
    ]


@dataclass(frozen=True)
class TimelineBar:
    """A period of a timeline, with its words above it; an open end has no edge."""

    x: int
    y: int
    width: int
    text: str
    opens: bool
    ends: bool


@dataclass(frozen=True)
class TimelinePlot:
    """A drawing of periods, one a line, with years below."""

    width: int
    height: int
    base: int
    bars: list[TimelineBar]
    dates: list[ChartLabel]


#: The height of a line of a timeline: its words, and the bar below them.
TIMELINE_LINE = 34


def make_timeline(periods: Sequence[tuple[str, date, date]], today: date) -> TimelinePlot:
    """Return the plot of periods; an open end reaches the edge, a day of today is always on it."""
    known = [day for _, first, last in periods for day in (first, last) if day not in (date.min, date.max)]
    low, high = min([*known, today]).year, max([*known, today]).year + 1
    scale = (PLOT_WIDTH - RIGHT_MARGIN) / (date(min(high, date.max.year), 1, 1) - date(low, 1, 1)).days

    def x_of(day: date) -> int:
        return min(max(round((day - date(low, 1, 1)).days * scale), 0), PLOT_WIDTH - RIGHT_MARGIN)

    bars = [
        TimelineBar(
            x_of(first), TOP_MARGIN + place * TIMELINE_LINE, max(x_of(last) - x_of(first), 3), text,
            first == date.min, last == date.max,
        )
        for place, (text, first, last) in enumerate(periods)
    ]  # fmt: skip
    base = TOP_MARGIN + len(periods) * TIMELINE_LINE
    step = -(-(high - low) // MAX_DATES)
    dates = [
        ChartLabel(x_of(date(year, 1, 1)), base + 18, str(year))
        for year in range(low, min(high, date.max.year) + 1, step)
    ]
    return TimelinePlot(PLOT_WIDTH, base + 28, base, bars, dates)


def bar_width(number: float, most: float) -> int:
    """Return the width of a bar in a table, out of ``LONGEST``; a value above 0 is at least 1 wide."""
    return max(round(number * MAX_BAR_WIDTH / most), 1) if number and most else 0
