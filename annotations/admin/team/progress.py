"""How the work of everybody goes, for managers: drawn, and in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import charts, plots, words
from annotations.admin.access import person
from annotations.admin.team import base
from annotations.models import AnnotationSet, Corpus, Role
from annotations.permissions import Permission
from annotations.services import progress, stuck
from annotations.services.progress import DAYS
from annotations.states import EDITABLE, ArticleStatus, State

TEMPLATE = "admin/annotations/team/progress.html"
#: How many stuck sets the page lists; the API has all.
STUCK = 50
#: How far back one may look, and after how many days without anything work counts as stuck.
SPANS = (7, 30, 90, 365)
QUIET = (3, 7, 14, 30)

MOVES = {
    "created": gettext_lazy("started"),
    "submit": gettext_lazy("submitted"),
    "return": gettext_lazy("returned"),
    "approve": gettext_lazy("approved"),
}
MEASURES = {"iou_f1": "IoU F1", "token_kappa": gettext_lazy("token κ"), "alpha_u": "αᵤ"}


@dataclass(frozen=True)
class Blocked:
    """What stops work, with the articles to look at."""

    detail: str
    who: str | None
    count: int
    articles: list[base.Named]


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Everything on one page, in a number of queries that does not grow."""
    corpus = base.corpus_of(request, pk, Permission.VIEW_PROGRESS)
    days = _chosen(request.GET.get("days"), SPANS, DAYS)
    quiet = _chosen(request.GET.get("quiet"), QUIET, stuck.DAYS)
    found = progress.of_corpus(corpus, days)
    context = base.context(
        request,
        site,
        corpus,
        "team",
        gettext("Team"),
        days=days,
        spans=SPANS,
        quiet=quiet,
        quiets=QUIET,
        articles=found["articles"],
        parts=charts.of_parts(found["articles"]["by_status"]),
        statuses=[
            (name, words.value(ArticleStatus, name), number)
            for name, number in found["articles"]["by_status"].items()
            if number
        ],
        moves=MOVES,
        waiting=_waiting(found["waiting"]),
        people=_people(found["people"]),
        blocked=_blocked(request, found["blocked"]),
        stuck=_stuck(request, corpus, quiet),
        editable=[str(state) for state in EDITABLE],
        **_throughput(found["throughput"]),
        **_agreement(found["agreement"]),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _chosen(sent: str | None, known: Sequence[int], otherwise: int) -> int:
    return next((number for number in known if str(number) == sent), otherwise)


def _throughput(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counted = [(date.fromisoformat(day["day"]), {name: day[name] for name in MOVES}) for day in days]
    return {
        "chart": plots.of_counts(counted, list(MOVES)),
        "busy": [(day, list(counts.values())) for day, counts in reversed(counted) if any(counts.values())],
        "totals": [(label, sum(counts[name] for _, counts in counted)) for name, label in MOVES.items()],
    }


def _agreement(weeks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    dated = [(date.fromisoformat(week["week"]), week) for week in weeks]
    rows = [
        (day, week["pairs"], [(week[name], words.reason(week["reasons"].get(name, ""))) for name in MEASURES])
        for day, week in dated
    ]
    series = {name: [(day, week[name]) for day, week in dated] for name in MEASURES}
    return {"measures": MEASURES, "weeks": rows, "over_time": plots.of_series(series)}


def _waiting(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    # whole hours, as in the words: what is under an hour draws nothing
    longest = max((int(row["longest_hours"] or 0) for row in rows), default=0)
    return [
        {
            **row,
            "words": words.value(State, row["state"]),
            "median": _time(row["median_hours"]),
            "longest": _time(row["longest_hours"]),
            "bar": plots.share(int(row["median_hours"] or 0), longest),
            "tail": plots.share(int(row["longest_hours"] or 0), longest),
        }
        for row in rows
    ]


def _time(hours: float | None) -> str:
    """Hours below two days, then days."""
    if hours is None:
        return "–"
    if hours < 1:
        return gettext("under an hour")
    days, rest = divmod(round(hours), 24)
    return gettext("%(n)s h") % {"n": days * 24 + rest} if days < 2 else gettext("%(n)s days") % {"n": days}


def _people(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    shown = (State.OPEN, State.RETURNED, State.SUBMITTED, State.IN_REVIEW, State.APPROVED)
    return [
        {**row, "role": words.value(Role, row["role"]), "numbers": [row[str(state)] for state in shown]}
        for row in rows
    ]


def _blocked(request: HttpRequest, rows: Sequence[Mapping[str, Any]]) -> list[Blocked]:
    names = base.titles(request, (id for row in rows for id in row["articles"]))
    return [
        Blocked(row["detail"], row["who"], row["count"], [names[id] for id in row["articles"] if id in names])
        for row in rows
    ]


def _stuck(request: HttpRequest, corpus: Corpus, days: int) -> list[AnnotationSet]:
    rows: Any = stuck.of_corpus(person(request), corpus, days)
    return list(rows.select_related("article", "owner", "reviewer").order_by("last_at", "pk")[:STUCK])
