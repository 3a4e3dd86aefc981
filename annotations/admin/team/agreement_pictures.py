"""The pictures of the agreement report: bars with their intervals, pairs of people, lines over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin import plots
from annotations.admin.charts import Bar, ChartLabel, format_chart_month, scale_length
from annotations.admin.labels import LazyText, format_figure, format_number
from annotations.metrics.agreement import ConfidenceInterval
from annotations.services.double_annotation.agreement_series import Period, SeriesPoint

#: The height of a line of bars, the room for the names and for the figures, and the length of F1 = 1.
LINE_HEIGHT, BAR_HEIGHT, NAME_ROOM, BAR_ROOM, FIGURE_ROOM = 30, 14, 130, 420, 170
#: A cell of the map of pairs, and how many people it shows; more could not be read.
CELL_WIDTH, CELL_HEIGHT, MAX_PEOPLE = 36, 24, 20
#: The steps of the shade of a cell.
SHADES = 5

PERIOD_LABELS: Mapping[Period, LazyText] = {
    Period.WEEK: gettext_lazy("Week of"),
    Period.MONTH: gettext_lazy("Month"),
    Period.YEAR: gettext_lazy("Year"),
}


@dataclass(frozen=True)
class IntervalBar:
    """The bar of a label, the ends of its interval, and the figures in words."""

    name: ChartLabel
    bar: Bar
    figure: ChartLabel
    low: int
    high: int
    middle: int

    @property
    def whisker(self) -> str:
        """The line of the interval, with its two ends."""
        return f"M{self.low},{self.middle}m0,-5v10m0,-5H{self.high}m0,-5v10"

    @property
    def has_interval(self) -> bool:
        """Whether the line of the interval is drawn."""
        return self.high > self.low


@dataclass(frozen=True)
class IntervalBars:
    """Bars one below the other, on a scale from 0 to 1."""

    width: int
    height: int
    base: int
    rows: list[IntervalBar]
    scale: list[ChartLabel]


def make_interval_bars(
    names: Mapping[str, str],
    values: Mapping[str, float | None],
    intervals: Mapping[str, ConfidenceInterval | None],
) -> IntervalBars:
    """Return a bar for each label that has a value, in the order of ``names``."""
    rows: list[IntervalBar] = []
    for name, label in names.items():
        value, interval = values.get(name), intervals.get(name)
        if value is None:
            continue
        top = 8 + len(rows) * LINE_HEIGHT
        text = format_figure(value) + (f"  ({format_interval(interval)})" if interval else "")
        low, high = interval or (value, value)
        rows.append(
            IntervalBar(
                ChartLabel(NAME_ROOM - 10, top + 12, plots.shorten_name(label)),
                Bar(name, NAME_ROOM, top, _length(value), BAR_HEIGHT),
                ChartLabel(NAME_ROOM + BAR_ROOM + 12, top + 12, text),
                NAME_ROOM + _length(low),
                NAME_ROOM + _length(high),
                top + BAR_HEIGHT // 2,
            )
        )
    base = 4 + len(rows) * LINE_HEIGHT
    scale = [
        ChartLabel(NAME_ROOM + _length(tick), base + 16, format_figure(tick, trimmed=True))
        for tick in (0, 0.25, 0.5, 0.75, 1)
    ]
    return IntervalBars(NAME_ROOM + BAR_ROOM + FIGURE_ROOM, base + 22, base, rows, scale)


def _length(value: float) -> int:
    return scale_length(value, 1, BAR_ROOM)


def format_interval(interval: ConfidenceInterval) -> str:
    """Return both ends of an interval: 0.74–0.88."""
    return f"{format_figure(interval.low)}–{format_figure(interval.high)}"


@dataclass(frozen=True)
class PairCell:
    """The figure of two people, with the address of their line in the table."""

    x: int
    y: int
    shade: int | None
    text: str
    title: str
    url: str


@dataclass(frozen=True)
class PairMap:
    """A map of pairs: a line and a column for each person, half of it filled."""

    width: int
    height: int
    names: list[ChartLabel]
    heads: list[ChartLabel]
    cells: list[PairCell]
    people: int
    left_out: int
    cell_width: int = CELL_WIDTH - 2
    cell_height: int = CELL_HEIGHT - 2


def make_pair_map(pairs: Sequence[Mapping[str, Any]], listed: int) -> PairMap | None:
    """Return the map of the people with most compared articles; None if there are fewer than three.

    ``pairs`` are in the order of the table on the page, which has the first ``listed`` of them.
    """
    articles: dict[str, int] = {}
    for pair in pairs:
        for owner in pair["owners"]:
            articles[owner] = articles.get(owner, 0) + pair["articles"]
    chosen = sorted(articles, key=lambda owner: (-articles[owner], owner))[:MAX_PEOPLE]
    if len(chosen) < 3:
        return None
    place = {owner: number for number, owner in enumerate(sorted(chosen))}
    cells = []
    for number, pair in enumerate(pairs, start=1):
        one, other = pair["owners"]
        if one in place and other in place:
            row, column = max(place[one], place[other]), min(place[one], place[other])
            url = f"#pair-{number}" if number <= listed else ""
            cells.append(_pair_cell(pair, url, row, column))
    names = [
        ChartLabel(NAME_ROOM - 8, _cell_y(row) + 16, f"{plots.shorten_name(owner)} {row + 1}")
        for owner, row in place.items()
    ]
    heads = [
        ChartLabel(_cell_x(column) + CELL_WIDTH // 2, 14, str(column + 1)) for column in range(len(place) - 1)
    ]
    return PairMap(
        _cell_x(len(place) - 1) + 8, _cell_y(len(place)) + 4, names, heads, cells, len(place),
        len(articles) - len(place),
    )  # fmt: skip


def _cell_x(column: int) -> int:
    return NAME_ROOM + column * CELL_WIDTH


def _cell_y(row: int) -> int:
    return 20 + row * CELL_HEIGHT


def _pair_cell(pair: Mapping[str, Any], url: str, row: int, column: int) -> PairCell:
    value = pair["labels"]["all"]["iou_f1"]
    text = gettext("n/a") if value is None else format_figure(value)
    compared = ngettext("%(n)s article", "%(n)s articles", pair["articles"]) % {
        "n": format_number(pair["articles"])
    }
    return PairCell(
        _cell_x(column),
        _cell_y(row),
        None if value is None else min(int(value * SHADES), SHADES - 1),
        text,
        f"{pair['owners'][0]} · {pair['owners'][1]}: IoU F1 {text}, {compared}",
        url,
    )


@dataclass(frozen=True)
class AgreementOverTime:
    """F1 over time as lines, and the same as a table."""

    plot: plots.Plot
    head: LazyText
    names: list[str]
    rows: list[tuple[str, str, list[str]]]


def make_over_time(
    period: Period, points: Sequence[SeriesPoint], names: Mapping[str, str]
) -> AgreementOverTime | None:
    """Return the picture of a line for each label; None if everything was compared in one period."""
    if len(points) < 2:
        return None
    series = {name: [(point.first_day, point.values[name]) for point in points] for name in names}
    rows = [
        (
            _period_name(period, point),
            format_number(point.pairs),
            [gettext("n/a") if value is None else format_figure(value) for value in point.values.values()],
        )
        for point in points
    ]
    return AgreementOverTime(
        plots.make_line_plot(series, names=names), PERIOD_LABELS[period], list(names.values()), rows
    )


def _period_name(period: Period, point: SeriesPoint) -> str:
    if period == Period.YEAR:
        return str(point.first_day.year)
    if period == Period.MONTH:
        return format_chart_month(point.first_day)
    return formats.date_format(point.first_day)
