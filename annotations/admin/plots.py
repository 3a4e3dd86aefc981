"""Plots of a team as SVG: numbers in, places in a drawing out, as in ``charts``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annotations.admin.charts import Bar, Label, day_name

#: The height of a plot, its room on the left for the scale, and the width of a whole one.
HEIGHT, LEFT, WIDTH = 140, 34, 720
TOP = 10
#: Room on the right, so that the last date is whole.
EDGE = 20
#: About so many dates stand below.
DATES = 8
#: What the longest bar of a table is wide.
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
    """Bars for each day, one of each kind."""

    bars: list[Bar]


@dataclass(frozen=True)
class Line:
    """One measure over time: the pieces between gaps, and every point of it."""

    name: str
    pieces: list[str]
    points: list[tuple[int, int]]


@dataclass(frozen=True)
class Series(Plot):
    """Lines, each of another measure."""

    lines: list[Line]


def of_counts(days: Sequence[tuple[date, Mapping[str, int]]], kinds: Sequence[str]) -> Counts:
    """Bars side by side for each day, on a scale that holds the highest."""
    top = max([number for _, counts in days for number in counts.values()] + [1])
    slot = (WIDTH - LEFT - EDGE) / max(len(days), 1)
    thick = max(int(slot * 0.85 / len(kinds)), 1)
    bars = [
        Bar(
            kind,
            LEFT + int(place * slot) + offset * thick,
            TOP + HEIGHT - height,
            thick if thick < 3 else thick - 1,
            height,
        )
        for place, (_, counts) in enumerate(days)
        for offset, kind in enumerate(kinds)
        if (height := _height(counts.get(kind, 0) / top))
    ]
    places = [(LEFT + int(place * slot + slot / 2), day) for place, (day, _) in enumerate(days)]
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
    """Lines between 0 and 1, or from the lowest value where one is below 0; None is a gap."""
    values = [value for points in series.values() for _, value in points if value is not None]
    low = min([0.0, *values])
    days = sorted({day for points in series.values() for day, _ in points})
    step = (WIDTH - LEFT - EDGE - 10) / max(len(days) - 1, 1)
    across = {day: LEFT + 10 + round(place * step) for place, day in enumerate(days)}

    def down(value: float) -> int:
        return TOP + round((1 - (value - low) / (1 - low)) * HEIGHT)

    lines = []
    for name, points in series.items():
        runs: list[list[tuple[int, int]]] = [[]]
        for day, value in points:
            if value is None:
                runs.append([])
            else:
                runs[-1].append((across[day], down(value)))
        pieces = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
        lines.append(Line(name, pieces, [point for run in runs for point in run]))
    scale = [Label(LEFT - 6, down(1) + 4, "1"), Label(LEFT - 6, down(0) + 4, "0")]
    if low < 0:
        scale.append(Label(LEFT - 6, down(low) + 4, f"{low:.1f}"))
    return Series(
        WIDTH, HEIGHT + 34, LEFT, down(0), scale, _dates([(across[day], day) for day in days]), lines
    )


def _dates(places: Sequence[tuple[int, date]]) -> list[Label]:
    every = max(-(-len(places) // DATES), 1)
    return [
        Label(x, TOP + HEIGHT + 18, day_name(day))
        for place, (x, day) in enumerate(places)
        if (len(places) - 1 - place) % every == 0
    ]


def share(number: float, most: float) -> int:
    """The width of a bar in a table, of ``LONGEST``; what exists can be seen."""
    return max(round(number * LONGEST / most), 1) if number and most else 0
