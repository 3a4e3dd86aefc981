"""Affiliations over time: which of them hold on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Protocol, TypeVar

from annotations.messages import message
from annotations.scheme.statements import span_of_date
from annotations.text.parsing import parse_partial_date

#: What an actor can be to an organisation.
AFFILIATION_KINDS = ("member", "leads", "speaks_for", "works_for", "part_of")


class DatedPeriod(Protocol):
    """What has a beginning and an end as partial dates, "" where it is open."""

    @property
    def since(self) -> str:
        """The first day, month or year."""

    @property
    def until(self) -> str:
        """The last day, month or year, included."""


PeriodT = TypeVar("PeriodT", bound=DatedPeriod)


class DayRange(NamedTuple):
    """The days from ``first`` to ``last``, both included; None where the range is open.

    What has no date itself lies in a range only if it is open at both ends.
    """

    first: date | None = None
    last: date | None = None

    def shared(self, other: DayRange) -> DayRange | None:
        """Return the days that lie in both ranges; None if there are none."""
        first = max(filter(None, (self.first, other.first)), default=None)
        last = min(filter(None, (self.last, other.last)), default=None)
        return None if first is not None and last is not None and last < first else DayRange(first, last)

    def holds(self, other: DayRange) -> bool:
        """Return whether all that lies in the other range lies in this one."""
        return self.shared(other) == other


ALWAYS = DayRange()


def day_range(period: DatedPeriod) -> DayRange:
    """Return the days of a period."""
    return DayRange(first_day(period) if period.since else None, last_day(period) if period.until else None)


def affiliations_at(affiliations: Iterable[PeriodT], day: date) -> list[PeriodT]:
    """Return the affiliations that hold on a day; one without dates always holds.

    A year or a month counts from its first day as a beginning, and to its last day as an end.
    """
    return [row for row in affiliations if first_day(row) <= day <= last_day(row)]


def first_day(period: DatedPeriod) -> date:
    """Return the first day of a period, the first of all where its beginning is open."""
    return span_of_date(period.since)[0] if period.since else date.min


def last_day(period: DatedPeriod) -> date:
    """Return the last day of a period, the last of all where its end is open."""
    return span_of_date(period.until)[1] if period.until else date.max


def check_period(since: str, until: str) -> None:
    """Raise ``ValueError`` unless both are partial dates or "", and the end is not before the beginning."""
    for written in filter(None, (since, until)):
        parse_partial_date(written)
    if since and until and span_of_date(until)[1] < span_of_date(since)[0]:
        raise ValueError(
            message(
                "It ends in {until}, before it begins in {since}; mend one of them.", until=until, since=since
            )
        )
