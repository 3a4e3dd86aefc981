"""The pictures of progress: the work of each person over time, and what is done, with a forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from django.utils import formats
from django.utils.translation import gettext, ngettext

from annotations.admin import plots
from annotations.admin.labels import format_figure, format_number
from annotations.admin.plots import Axes, Plot
from annotations.services.team.pace import Forecast, PersonPace

#: How many people have a line; the table has all.
MAX_LINES = 8
#: A picture goes on for so many times its days, whenever the end is.
FORECAST_ROOM = 1
#: A table has about so many columns of days.
MAX_COLUMNS = 13


@dataclass(frozen=True)
class PeopleOverTime:
    """Lines of what the busiest have submitted by each day, and a table of everybody."""

    plot: Plot
    shown: int
    people: int
    heads: list[str]
    rows: list[tuple[str, list[str], str, str]]


def make_people_over_time(people: Sequence[PersonPace], days: Sequence[date]) -> PeopleOverTime | None:
    """Return the picture of the people who have submitted something; None if nobody has done anything."""
    if not people:
        return None
    busiest = [row for row in people if row.submitted][:MAX_LINES]
    totals = {f"person-{place}": list(_running(row.submitted, days)) for place, row in enumerate(busiest)}
    top = plots.nice_top(max([values[-1] for values in totals.values()], default=1))
    series = {name: list(zip(days, values, strict=True)) for name, values in totals.items()}
    names = {f"person-{place}": row.username for place, row in enumerate(busiest)}
    periods = split_days(days)
    rows = [
        (
            row.username,
            [_shown(sum(row.submitted[day] for day in period)) for period in periods],
            format_number(row.submitted.total()),
            format_number(row.decided.total()),
        )
        for row in people
    ]
    return PeopleOverTime(
        plots.make_line_plot(series, top=top, names=names),
        len(busiest),
        sum(bool(row.submitted) for row in people),
        [formats.date_format(period[0], "SHORT_DATE_FORMAT") for period in periods],
        rows,
    )


def _running(counts: Counter[date], days: Sequence[date]) -> accumulate[int]:
    return accumulate(counts[day] for day in days)


def _shown(number: int) -> str:
    return format_number(number) if number else "·"


def split_days(days: Sequence[date]) -> list[Sequence[date]]:
    """Return days in periods of one length, of which the last ends with them."""
    length = 1 if len(days) <= MAX_COLUMNS else -(-len(days) // MAX_COLUMNS // 7 or 1) * 7
    first = len(days) % length
    starts = range(first, len(days), length)
    return [days[:first]] * bool(first) + [days[start : start + length] for start in starts]


@dataclass(frozen=True)
class DoneOverTime:
    """A line of what is done and the forecast of the end, as a picture, in a sentence and in a table."""

    plot: Plot
    sentence: str
    rows: list[tuple[date, str, str]]
    forecast_rows: list[tuple[str, str]]


def make_done_over_time(
    done: Counter[date | None], to_do: int, days: Sequence[date], forecast: Forecast | None
) -> DoneOverTime:
    """Return the line of articles done on or before each day; the last of the days is today."""
    total = done.total()
    before = total - sum(done[day] for day in days)
    values = [before + value for value in accumulate(done[day] for day in days)]
    end = forecast.end if forecast else None
    farthest = days[-1] + timedelta(days=len(days) * FORECAST_ROOM)
    last = min(end or farthest, farthest) if forecast else days[-1]
    axes = Axes(days[0], max(last, days[-1]), plots.nice_top(max(to_do, 1)), margin=plots.NAMES_MARGIN)
    names = {"done": gettext("done"), "to-do": gettext("all articles"), "forecast": gettext("forecast")}
    lines = [
        plots.draw_line(axes, "done", 0, list(zip(days, values, strict=True))),
        plots.draw_line(axes, "to-do", 7, [(days[0], to_do), (axes.last, to_do)]),
    ]
    areas = []
    if forecast is not None and axes.last > days[-1]:
        reached = _reach(total, to_do, (axes.last - days[-1]).days)
        lines.append(
            plots.draw_line(axes, "forecast", 2, [(days[-1], total), (axes.last, reached(forecast.pace))])
        )
        areas = _range_of(axes, days[-1], total, to_do, forecast)
    plot = Plot(
        plots.PLOT_WIDTH, plots.PLOT_HEIGHT + 34, plots.LEFT_MARGIN, axes.right, axes.y_of(0),
        [axes.tick(axes.top), axes.tick(0)], axes.dates(_marked_days(axes)),
    )  # fmt: skip
    drawn = replace(plot, lines=plots.place_names(lines, names), areas=areas)
    rows = [
        (period[-1], _shown(sum(done[day] for day in period)), format_number(values[days.index(period[-1])]))
        for period in split_days(days)
    ]
    left = to_do - total
    return DoneOverTime(drawn, forecast_sentence(left, forecast), rows, _forecast_rows(forecast))


def _reach(total: int, to_do: int, days: int) -> Callable[[float], float]:
    return lambda pace: min(total + pace * days, to_do)


def _range_of(axes: Axes, today: date, total: int, to_do: int, forecast: Forecast) -> list[str]:
    """Return the area between the fastest and the slowest pace, as far as it lies below all articles."""
    if forecast.fast is None or forecast.slow is None:
        return []
    room = (axes.last - today).days
    reached = _reach(total, to_do, room)
    points = [(axes.x_of(today), axes.y_of(total))]
    if forecast.early is not None and forecast.early < axes.last:
        points.append((axes.x_of(forecast.early), axes.y_of(to_do)))
    points += [
        (axes.x_of(axes.last), axes.y_of(reached(forecast.fast))),
        (axes.x_of(axes.last), axes.y_of(reached(forecast.slow))),
    ]
    return [plots.join_points(points)]


def _marked_days(axes: Axes) -> list[date]:
    """Return some days of the whole drawing, at even distances."""
    room = (axes.last - axes.first).days
    parts = min(plots.MAX_DATES - 1, max(room, 1))
    return [axes.first + timedelta(days=room * part // parts) for part in range(parts + 1)]


def forecast_sentence(left: int, forecast: Forecast | None) -> str:
    """Return the forecast in words, or why there is none."""
    if not left:
        return gettext("Nothing is left to be done.")
    if forecast is None:
        return gettext(
            "There is no forecast yet: it needs a week since the first article was done, and an article "
            "that was done in the days shown."
        )
    weekly = 7 * forecast.pace
    values = {
        "n": format_number(left),
        "pace": format_figure(weekly, 1 if weekly >= 1 else 2, trimmed=True),
        "end": _format_end(forecast.end),
        "early": _format_end(forecast.early),
        "late": _format_end(forecast.late),
    }
    if forecast.end is None:
        return (
            ngettext(
                "%(n)s article is left; at %(pace)s a week, as in the days shown, it takes more than ten "
                "years.",
                "%(n)s articles are left; at %(pace)s a week, as in the days shown, they take more than ten "
                "years.",
                left,
            )
            % values
        )
    sentence = ngettext(
        "%(n)s article is left; at %(pace)s a week, as in the days shown, it is done about %(end)s.",
        "%(n)s articles are left; at %(pace)s a week, as in the days shown, they are done about %(end)s.",
        left,
    )
    if forecast.late is not None:
        sentence += " " + gettext("Probably between %(early)s and %(late)s.")
    elif forecast.early is not None:
        sentence += " " + gettext("Probably not before %(early)s.")
    return sentence % values


def _format_end(end: date | None) -> str:
    return gettext("in more than ten years") if end is None else formats.date_format(end)


def _forecast_rows(forecast: Forecast | None) -> list[tuple[str, str]]:
    if forecast is None:
        return []
    rows = [(gettext("Forecast of the end"), _format_end(forecast.end))]
    if forecast.early is not None:
        rows.insert(0, (gettext("At the earliest"), _format_end(forecast.early)))
        rows.append((gettext("At the latest"), _format_end(forecast.late)))
    return rows
