"""How fast a corpus gets done: articles by day, work by person, and a forecast of the end.

Only numbers and names of people, which managers see of blind sets too, and no content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from statistics import stdev
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, FilteredRelation, Q
from django.db.models.functions import TruncDate

from annotations.enums import ArticleStatus, State
from annotations.models import AnnotationSet, Article, Corpus
from annotations.services.team import set_times
from annotations.visibility import visible

#: A forecast needs so many days since the first article was done.
MIN_FORECAST_DAYS = 7
#: An end that is later than so many days is none.
MAX_FORECAST_DAYS = 3_653
#: So many whole weeks have to be known for a range, and the quantile of the normal distribution for 80 %.
_MIN_WEEKS, _Z = 3, 1.2816

#: What counts as the work of a person: what they hand in, and what they decide on as reviewers.
SUBMITTED, DECIDED = "submit", ("approve", "return")


@dataclass(frozen=True)
class PersonPace:
    """What one person has done on which days."""

    username: str
    submitted: Counter[date]
    decided: Counter[date]


def people_pace(by: User, corpus: Corpus, days: Sequence[date]) -> list[PersonPace]:
    """Return everybody who has submitted or decided in these days, the busiest first, in two queries."""
    sets = visible(by, AnnotationSet.objects.filter(corpus=corpus))
    counts = set_times.count_by_person(sets, days, (SUBMITTED, *DECIDED))
    names = dict(User.objects.filter(pk__in={id for id, _ in counts}).values_list("pk", "username"))
    people = [
        PersonPace(
            name,
            counts.get((id, SUBMITTED), Counter()),
            sum((counts.get((id, action), Counter()) for action in DECIDED), Counter()),
        )
        for id, name in names.items()
    ]
    return sorted(people, key=lambda row: (-row.submitted.total(), -row.decided.total(), row.username))


def count_done_by_day(by: User, corpus: Corpus) -> Counter[date | None]:
    """Return how many of the articles that are done were approved on each day, in one query.

    None counts those of which nothing tells the day.
    """
    articles = visible(by, Article.objects.filter(corpus=corpus, status=ArticleStatus.DONE)).order_by()
    # An article has one approved set at most.
    dated = articles.annotate(gold=FilteredRelation("sets", condition=Q(sets__state=State.APPROVED)))
    rows: Any = dated.values(day=TruncDate("gold__approved_at")).annotate(number=Count("pk"))
    return Counter(dict(rows.values_list("day", "number")))


@dataclass(frozen=True)
class Forecast:
    """The pace in articles a day, and when all are done at it: about, at the earliest, at the latest.

    ``early`` and ``late`` are the ends of an 80 % range of the pace, None where too few weeks are known
    or no end is in sight.
    """

    pace: float
    end: date | None
    early: date | None = None
    late: date | None = None
    fast: float | None = None
    slow: float | None = None


def forecast_end(done: Counter[date | None], left: int, days: Sequence[date]) -> Forecast | None:
    """Return the forecast from the articles that were done on these days, of which the last is today.

    None if fewer than ``MIN_FORECAST_DAYS`` are known or nothing was done in them. The range is made of
    the spread of whole weeks: days differ by the day of the week.
    """
    known = [day for day in done if day is not None]
    if not known or not left:
        return None
    counted = [day for day in days if day >= min(known)]
    total = sum(done[day] for day in counted)
    if len(counted) < MIN_FORECAST_DAYS or not total:
        return None
    today, pace = days[-1], total / len(counted)
    weeks = [
        sum(done[day] for day in counted[at : at + 7]) for at in range(len(counted) % 7, len(counted), 7)
    ]
    if len(weeks) < _MIN_WEEKS:
        return Forecast(pace, _end(today, left, pace))
    reach = _Z * stdev(weeks) / sqrt(len(weeks)) / 7
    fast, slow = pace + reach, max(pace - reach, 0)
    return Forecast(
        pace, _end(today, left, pace), _end(today, left, fast), _end(today, left, slow), fast, slow
    )


def _end(today: date, left: int, pace: float) -> date | None:
    days = ceil(left / pace) if pace else MAX_FORECAST_DAYS + 1
    return today + timedelta(days=days) if days <= MAX_FORECAST_DAYS else None
