"""Plots over time as SVG: computes places and sizes, as in ``charts``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from annotations.admin.charts import Bar, ChartLabel, format_chart_day, format_chart_month
from annotations.admin.labels import format_figure

#: The height of a plot without its dates, the room on the left for the scale, and the whole width.
PLOT_HEIGHT, LEFT_MARGIN, PLOT_WIDTH = 140, 42, 720
TOP_MARGIN = 10
#: Room on the right, so that the last date is whole; with names at the ends of lines, room for them.
RIGHT_MARGIN, NAMES_MARGIN = 20, 132
#: About how many dates stand below a plot.
MAX_DATES = 8
#: Dates are months with their year where a plot shows more days than this.
MAX_DAYS_WITHOUT_YEAR = 200
#: The width of the longest bar of a table.
MAX_BAR_WIDTH = 100
#: A line has marks at its points up to so many of them.
MAX_MARKED_POINTS = 40
#: The least distance of two names at the ends of lines, and how many letters of one are shown.
NAME_HEIGHT, MAX_NAME = 13, 18
#: How many lines are told apart by colour, dashes and marks.
LINE_STYLES = 8
#: The marks of points, around a place: circle, square, triangle, diamond.
_MARKS = (
    "m-3.5,0a3.5,3.5 0 1 0 7,0a3.5,3.5 0 1 0 -7,0z",
    "m-3,-3h6v6h-6z",
    "m0,-4l4,7h-8z",
    "m0,-4.5l4.5,4.5l-4.5,4.5l-4.5,-4.5z",
)

Series = Sequence[tuple[date, float | None]]
Point = tuple[int, int]


@dataclass(frozen=True)
class PlotLine:
    """One line over time: the segments between gaps, every point of it, and the name at its end."""

    name: str
    style: int
    segments: list[str]
    points: list[Point]
    end: ChartLabel | None = None

    @property
    def marks(self) -> str:
        """The path of the marks at its points; a line of many has one at its end."""
        shape = _MARKS[self.style % len(_MARKS)]
        points = self.points if len(self.points) <= MAX_MARKED_POINTS else self.points[-1:]
        return "".join(f"M{x},{y}{shape}" for x, y in points)


@dataclass(frozen=True)
class Plot:
    """A drawing with a scale on the left and dates below: bars, lines, and areas behind them."""

    width: int
    height: int
    left: int
    right: int
    base: int
    scale: list[ChartLabel]
    dates: list[ChartLabel]
    bars: list[Bar] = field(default_factory=list)
    lines: list[PlotLine] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Axes:
    """The places of days and values."""

    first: date
    last: date
    top: float
    low: float = 0
    margin: int = RIGHT_MARGIN

    @property
    def right(self) -> int:
        """The right edge of the drawing."""
        return PLOT_WIDTH - self.margin

    def x_of(self, day: date) -> int:
        """Return the place of a day; the last is at the right edge."""
        room = self.right - LEFT_MARGIN - 20
        return (
            LEFT_MARGIN + 10 + round((day - self.first).days * room / max((self.last - self.first).days, 1))
        )

    def y_of(self, value: float) -> int:
        """Return the place of a value."""
        return TOP_MARGIN + round((1 - (value - self.low) / (self.top - self.low)) * PLOT_HEIGHT)

    def tick(self, value: float, places: int = 0) -> ChartLabel:
        """Return the number of the scale at a value."""
        return ChartLabel(LEFT_MARGIN - 6, self.y_of(value) + 4, format_figure(value, places, trimmed=True))

    def dates(self, days: Sequence[date]) -> list[ChartLabel]:
        """Return the dates below the drawing."""
        return _dates([(self.x_of(day), day) for day in days])


def make_bar_plot(days: Sequence[tuple[date, Mapping[str, int]]], kinds: Sequence[str]) -> Plot:
    """Return the plot of bars side by side for each day, on a scale that holds the highest."""
    top = max([number for _, counts in days for number in counts.values()] + [1])
    right = PLOT_WIDTH - RIGHT_MARGIN
    slot = (right - LEFT_MARGIN) / max(len(days), 1)
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
    axes = Axes(date.min, date.max, top)
    return replace(_plot(axes, [axes.tick(top), axes.tick(0)], _dates(places)), bars=bars)


def _plot(axes: Axes, scale: list[ChartLabel], dates: list[ChartLabel]) -> Plot:
    """Return an empty plot."""
    base = axes.y_of(max(axes.low, 0))
    return Plot(PLOT_WIDTH, PLOT_HEIGHT + 34, LEFT_MARGIN, axes.right, base, scale, dates)


def _height(part: float) -> int:
    return max(round(part * PLOT_HEIGHT), 2) if part else 0


def make_line_plot(
    series: Mapping[str, Series], *, top: float = 1, names: Mapping[str, str] | None = None
) -> Plot:
    """Return the plot of lines from 0, or from the lowest value below 0, to ``top``; None is a gap.

    Lines are told apart in their order. ``names`` stand at their ends.
    """
    values = [value for points in series.values() for _, value in points if value is not None]
    days = sorted({day for points in series.values() for day, _ in points}) or [date.min]
    margin = NAMES_MARGIN if names else RIGHT_MARGIN
    axes = Axes(days[0], days[-1], top, min([0.0, *values]), margin)
    scale = [axes.tick(top), axes.tick(0)]
    if axes.low < 0:
        scale.append(axes.tick(axes.low, 1))
    lines = [draw_line(axes, name, style, points) for style, (name, points) in enumerate(series.items())]
    return replace(_plot(axes, scale, axes.dates(days)), lines=place_names(lines, names or {}))


def draw_line(axes: Axes, name: str, style: int, points: Series) -> PlotLine:
    """Return a line that is broken where a value is missing."""
    runs: list[list[Point]] = [[]]
    for day, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((axes.x_of(day), axes.y_of(value)))
    segments = [join_points(run) for run in runs if len(run) > 1]
    return PlotLine(name, style, segments, [point for run in runs for point in run])


def join_points(points: Iterable[Point]) -> str:
    """Return points as SVG has them."""
    return " ".join(f"{x},{y}" for x, y in points)


def place_names(lines: Sequence[PlotLine], names: Mapping[str, str]) -> list[PlotLine]:
    """Return the lines with their names at their ends, moved apart where they would cover one another."""
    named = sorted(
        (line for line in lines if line.points and line.name in names), key=lambda line: line.points[-1][1]
    )
    heights: list[int] = []
    for line in named:
        heights.append(max(line.points[-1][1] + 4, heights[-1] + NAME_HEIGHT if heights else 0))
    lowest = TOP_MARGIN + PLOT_HEIGHT + 4
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], lowest)
        lowest = heights[place] - NAME_HEIGHT
    ends = {
        line.name: ChartLabel(line.points[-1][0] + 8, height, shorten_name(names[line.name]))
        for line, height in zip(named, heights, strict=True)
    }
    return [replace(line, end=ends.get(line.name)) for line in lines]


def shorten_name(name: str) -> str:
    """Return a name that fits beside a picture; the table has it whole."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _dates(places: Sequence[tuple[int, date]]) -> list[ChartLabel]:
    every = max(-(-len(places) // MAX_DATES), 1)
    is_long = len(places) > 1 and (places[-1][1] - places[0][1]).days > MAX_DAYS_WITHOUT_YEAR
    format_day = format_chart_month if is_long else format_chart_day
    return [
        ChartLabel(x, TOP_MARGIN + PLOT_HEIGHT + 18, format_day(day))
        for index, (x, day) in enumerate(places)
        if (len(places) - 1 - index) % every == 0
    ]


def nice_top(value: float) -> int:
    """Return a round number that holds a value: 1, 2, 3, 4, 5, 6, 8, 10, 20, 30 …"""
    step = 1
    while step * 10 < value:
        step *= 10
    return next(step * part for part in (1, 2, 3, 4, 5, 6, 8, 10) if step * part >= value)


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
