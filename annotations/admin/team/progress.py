"""The progress of a team for managers, in charts and in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import labels, plots
from annotations.admin.access import current_user
from annotations.admin.team import pages, progress_pictures
from annotations.admin.team.article_progress import article_progress
from annotations.enums import EDITABLE, State
from annotations.models import AnnotationSet, Corpus, Role
from annotations.permissions import Permission
from annotations.services.team import pace, progress, set_times, stale_work
from annotations.services.team.progress import DEFAULT_DAYS
from annotations.text.parsing import round_figure

TEMPLATE = "admin/annotations/team/progress.html"
#: How many stale sets the page lists; the API has all.
MAX_STALE_SHOWN = 50
#: The choices of the period in days, and of the days without an event after which a set is stale.
PERIOD_CHOICES = (7, 30, 90, 365)
STALE_DAYS_CHOICES = (3, 7, 14, 30)

THROUGHPUT_ACTIONS = {
    "created": gettext_lazy("started"),
    "submit": gettext_lazy("submitted"),
    "return": gettext_lazy("returned"),
    "approve": gettext_lazy("approved"),
}
MEASURES = {"iou_f1": "IoU F1", "token_kappa": gettext_lazy("token κ"), "alpha_u": "αᵤ"}


@dataclass(frozen=True)
class BlockedWork:
    """Work that cannot go on, with its articles."""

    detail: str
    who: str | None
    count: int
    articles: list[pages.ArticleLink]


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render everything on one page, in a number of queries that does not grow."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_PROGRESS)
    days = _choice(request.GET.get("days"), PERIOD_CHOICES, DEFAULT_DAYS)
    quiet = _choice(request.GET.get("quiet"), STALE_DAYS_CHOICES, stale_work.DEFAULT_DAYS)
    report = progress.corpus_progress(current_user(request), corpus, days)
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Team"),
        days=days,
        spans=PERIOD_CHOICES,
        quiet=quiet,
        quiets=STALE_DAYS_CHOICES,
        **_pace(current_user(request), corpus, days, report["articles"]["by_status"]),
        moves=THROUGHPUT_ACTIONS,
        waiting=_waiting(report["waiting"]),
        people=_people(report["people"]),
        blocked=_blocked(request, report["blocked"]),
        stuck=_stuck(request, corpus, quiet),
        editable=[str(state) for state in EDITABLE],
        **_throughput(report["throughput"]),
        **_agreement(report["agreement"]),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _choice(value: str | None, choices: Sequence[int], default: int) -> int:
    return next((number for number in choices if str(number) == value), default)


def _pace(by: User, corpus: Corpus, days: int, by_status: Mapping[str, int]) -> dict[str, Any]:
    """Return what is done, the forecast of the end, and the work of each person."""
    dates = set_times.last_days(days)
    found = article_progress(corpus, by_status)
    done = pace.count_done_by_day(by, corpus)
    forecast = pace.forecast_end(done, found.left, dates)
    people = pace.people_pace(by, corpus, dates)
    return {
        "progress": found,
        "done_over_time": progress_pictures.make_done_over_time(done, found.to_do, dates, forecast),
        "people_over_time": progress_pictures.make_people_over_time(people, dates),
    }


def _throughput(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts_by_day = [
        (date.fromisoformat(day["day"]), {name: day[name] for name in THROUGHPUT_ACTIONS}) for day in days
    ]
    return {
        "chart": plots.make_bar_plot(counts_by_day, list(THROUGHPUT_ACTIONS)),
        "chart_title": _throughput_title(counts_by_day),
        "busy": [
            (day, list(counts.values())) for day, counts in reversed(counts_by_day) if any(counts.values())
        ],
    }


def _throughput_title(counts_by_day: Sequence[tuple[date, Mapping[str, int]]]) -> str:
    totals = (
        f"{labels.format_number(sum(counts[name] for _, counts in counts_by_day))} {label}"
        for name, label in THROUGHPUT_ACTIONS.items()
    )
    return f"{gettext('Sets per day:')} {', '.join(totals)}"


def _agreement(weeks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rows_by_day = [(date.fromisoformat(week["week"]), week) for week in weeks]
    rows = [
        (
            day,
            week["pairs"],
            [
                (
                    None if week[name] is None else labels.format_figure(week[name]),
                    labels.missing_value_reason(week["reasons"].get(name, "")),
                )
                for name in MEASURES
            ],
        )
        for day, week in rows_by_day
    ]
    series = {name: [(day, week[name]) for day, week in rows_by_day] for name in MEASURES}
    names = {name: str(label) for name, label in MEASURES.items()}
    return {"measures": MEASURES, "weeks": rows, "over_time": plots.make_line_plot(series, names=names)}


def _waiting(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    # Whole hours as in the text: less than an hour draws no bar.
    longest = max((int(row["longest_hours"] or 0) for row in rows), default=0)
    return [
        {
            **row,
            "label": labels.enum_label(State, row["state"]),
            "median": _format_hours(row["median_hours"]),
            "longest": _format_hours(row["longest_hours"]),
            "bar": plots.bar_width(int(row["median_hours"] or 0), longest),
            "tail": plots.bar_width(int(row["longest_hours"] or 0), longest),
        }
        for row in rows
    ]


def _format_hours(hours: float | None) -> str:
    """Return hours below two days, then days."""
    if hours is None:
        return "–"
    if hours < 1:
        return gettext("under an hour")
    days, rest = divmod(int(round_figure(hours, 0)), 24)
    return gettext("%(n)s h") % {"n": days * 24 + rest} if days < 2 else gettext("%(n)s days") % {"n": days}


def _people(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    states = (State.OPEN, State.RETURNED, State.SUBMITTED, State.IN_REVIEW, State.APPROVED)
    return [
        {
            **row,
            "role": labels.enum_label(Role, row["role"]),
            "numbers": [row[str(state)] for state in states],
        }
        for row in rows
    ]


def _blocked(request: HttpRequest, rows: Sequence[Mapping[str, Any]]) -> list[BlockedWork]:
    names = pages.article_links(request, (id for row in rows for id in row["articles"]))
    return [
        BlockedWork(
            row["detail"], row["who"], row["count"], [names[id] for id in row["articles"] if id in names]
        )
        for row in rows
    ]


def _stuck(request: HttpRequest, corpus: Corpus, days: int) -> list[AnnotationSet]:
    return stale_work.find_stalest_sets(current_user(request), corpus, days, MAX_STALE_SHOWN)
