"""Statements: who is reported to say what, and who stands where, as rows that can be counted.

One function derives them from the spans and relations of a set: a row for each position and holder, and
for each claim and source. The table of statements, the CSV files and the event list of DNA come from it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

#: The relation that leads from a statement to the actor whose it is, by the label of the span.
HOLDER_RELATIONS: Mapping[str, str] = {"position": "held_by", "claim": "made_by"}
STATEMENT_KINDS = tuple(HOLDER_RELATIONS)
ASCRIBER_RELATION = "ascribed_by"

#: The bases that count by themselves, none said among them: what others ascribe to an actor is their claim.
COUNTED_BASES = ("stated", "conduct", "")

#: Where the day of a statement comes from, the best first.
DAY_SOURCES = ("statement", "published", "none")


class StatementSpan(NamedTuple):
    """The fields of a span that statements need; ids of any type that can be compared and hashed."""

    id: Any
    label: str
    attributes: Mapping[str, str]
    actor: Any
    proposition: Any


class Statement(NamedTuple):
    """One position of one holder, or one claim of one source; ``actor`` is None where nobody is linked.

    ``day`` to ``day_last``, both included, is the time that a date of a year or a month spans.
    """

    span: Any
    kind: str
    actor: Any
    proposition: Any
    stance: str
    polarity: str
    basis: str
    mode: str
    attribution: str
    ascribed_by: Any
    day: date | None
    day_last: date | None
    day_source: str


def derive_statements(
    spans: Iterable[StatementSpan], relations: Iterable[tuple[str, Any, Any]], published: datetime | None
) -> Iterator[Statement]:
    """Yield the statements of a set in the order of its spans, the holders of each in that of its relations.

    ``relations`` are (type, source, target). A holder who is mentioned twice counts once.
    """
    listed = list(spans)
    actors = {span.id: span.actor for span in listed}
    linked: dict[tuple[str, Any], list[Any]] = {}
    for type_, source, target in relations:
        if actors.get(target) is not None:
            linked.setdefault((type_, source), []).append(actors[target])
    for span in listed:
        if span.label not in HOLDER_RELATIONS:
            continue
        values = span.attributes
        ascribers = linked.get((ASCRIBER_RELATION, span.id), [None])
        holders = linked.get((HOLDER_RELATIONS[span.label], span.id), [None])
        days = statement_days(values.get("statement_date", ""), published)
        for actor in dict.fromkeys(holders):
            yield Statement(
                span.id, span.label, actor, span.proposition, values.get("stance", ""),
                values.get("polarity", ""), values.get("basis", ""), values.get("mode", ""),
                values.get("attribution", ""), ascribers[0], *days,
            )  # fmt: skip


def statement_days(written: str, published: datetime | None) -> tuple[date | None, date | None, str]:
    """Return the first and the last day that a statement may be of, and where they come from.

    ``written`` is a statement date as YYYY, YYYY-MM or YYYY-MM-DD, or "". Days are those of UTC.
    """
    if written:
        return *span_of_date(written), "statement"
    if published is None:
        return None, None, "none"
    day = published.date()
    return day, day, "published"


def span_of_date(written: str) -> tuple[date, date]:
    """Return the first and the last day of a date that is written as YYYY, YYYY-MM or YYYY-MM-DD."""
    year, month, day = (int(part) for part in (written + "-0-0").split("-")[:3])
    if day:
        return date(year, month, day), date(year, month, day)
    last_month = month or 12
    last_day = calendar.monthrange(year, last_month)[1]
    return date(year, month or 1, 1), date(year, last_month, last_day)
