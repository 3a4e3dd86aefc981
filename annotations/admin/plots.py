"""Plots of a team as SVG: computes places and sizes, as in ``charts``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annotations.admin.charts import Bar, Label, day_name

#: The height of a plot without its dates, the room on the left for the scale, and the whole width.
HEIGHT, LEFT, WIDTH = 140, 34, 720
TOP = 10
#: Room on the right, so that the last date is whole.
EDGE = 20
#: About how many dates stand below a plot.
DATES = 8
#: The width of the longest bar of a table.
LONGEST = 100


@dataclass(frozen=True)
class Plot:
    """A drawing with a scale on the left and dates below."""

    width: int
    height: int
    left: int
    base: int
    scale: list[Label]
    dates: list[Label]


@dataclass(frozen=True)
class Counts(Plot):
    """A plot with bars for each day, one of each kind."""

    bars: list[Bar]


@dataclass(frozen=True)
class Line:
    """One measure over time: the segments between gaps, and every point of it."""

    name: str
    segments: list[str]
    points: list[tuple[int, int]]


@dataclass(frozen=True)
class Series(Plot):
    """A plot with lines, each of another measure."""

    lines: list[Line]


def of_counts(days: Sequence[tuple[date, Mapping[str, int]]], kinds: Sequence[str]) -> Counts:
    """Return the plot of bars side by side for each day, on a scale that holds the highest."""
    top = max([number for _, counts in days for number in counts.values()] + [1])
    slot = (WIDTH - LEFT - EDGE) / max(len(days), 1)
    thick = max(int(slot * 0.85 / len(kinds)), 1)
    bars = [
        Bar(
            kind,
            LEFT + int(index * slot) + offset * thick,
            TOP + HEIGHT - height,
            thick if thick < 3 else thick - 1,
            height,
        )
        for index, (_, counts) in enumerate(days)
        for offset, kind in enumerate(kinds)
        if (height := _height(counts.get(kind, 0) / top))
    ]
    places = [(LEFT + int(index * slot + slot / 2), day) for index, (day, _) in enumerate(days)]
    return Counts(
        WIDTH,
        HEIGHT + 34,
        LEFT,
        TOP + HEIGHT,
        [Label(LEFT - 6, TOP + 4, str(top)), Label(LEFT - 6, TOP + HEIGHT + 4, "0")],
        _dates(places),
        bars,
    )


def _height(part: float) -> int:
    return max(round(part * HEIGHT), 2) if part else 0


def of_series(series: Mapping[str, Sequence[tuple[date, float | None]]]) -> Series:
    """Return the plot of lines between 0 and 1, or from the lowest value below 0; None is a gap."""
    values = [value for points in series.values() for _, value in points if value is not None]
    low = min([0.0, *values])
    days = sorted({day for points in series.values() for day, _ in points})
    step = (WIDTH - LEFT - EDGE - 10) / max(len(days) - 1, 1)
    x_of = {day: LEFT + 10 + round(index * step) for index, day in enumerate(days)}

    def y_of(value: float) -> int:
        return TOP + round((1 - (value - low) / (1 - low)) * HEIGHT)

    lines = []
    for name, points in series.items():
        runs: list[list[tuple[int, int]]] = [[]]
        for day, value in points:
            if value is None:
                runs.append([])
            else:
                runs[-1].append((x_of[day], y_of(value)))
        segments = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
        lines.append(Line(name, segments, [point for run in runs for point in run]))
    scale = [Label(LEFT - 6, y_of(1) + 4, "1"), Label(LEFT - 6, y_of(0) + 4, "0")]
    if low < 0:
        scale.append(Label(LEFT - 6, y_of(low) + 4, f"{low:.1f}"))
    return Series(WIDTH, HEIGHT + 34, LEFT, y_of(0), scale, _dates([(x_of[day], day) for day in days]), lines)


def _dates(places: Sequence[tuple[int, date]]) -> list[Label]:
    every = max(-(-len(places) // DATES), 1)
    return [
        Label(x, TOP + HEIGHT + 18, day_name(day))
        for index, (x, day) in enumerate(places)
        if (len(places) - 1 - index) % every == 0
    ]


def share(number: float, most: float) -> int:
    """Return the width of a bar in a table, out of ``LONGEST``; a value above 0 is at least 1 wide."""
    return max(round(number * LONGEST / most), 1) if number and most else 0
