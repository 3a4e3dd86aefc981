"""Affiliations on the day of a statement, as expressions; ``scheme.affiliations`` says the same in Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Length, Substr
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from annotations.models import Affiliation
from annotations.models.ordering import text_order
from annotations.scheme.affiliations import ALWAYS, DayRange
from annotations.services.registry.belonging import load_bodies


class DayText(Func):
    """A day as YYYY-MM-DD, whatever the style of dates of the server."""

    function = "TO_CHAR"
    template = "%(function)s(%(expressions)s, 'YYYY-MM-DD')"
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Return the column: SQLite stores days as such texts."""
        return super().as_sql(compiler, connection, template="CAST(%(expressions)s AS TEXT)", **context)


def with_days_as_text(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Add the columns to statements that ``affiliations_held`` refers to."""
    dated: QuerySet[Any, Any] = rows.annotate(day_text=DayText("day"), day_last_text=DayText("day_last"))
    return dated


def affiliations_held() -> QuerySet[Affiliation]:
    """Return the affiliations of the actor of a statement that held on all its days, the latest first.

    To a statement without a day belong only those without dates. Partial dates are compared as texts: 2024
    comes before each of its days, and an end is compared with as much of a day as it says.
    """
    began = Q(since="") | Q(since__lte=OuterRef("day_text"))
    reached = Cast(Substr(OuterRef("day_last_text"), 1, Length("until")), CharField())
    lasts = Q(until="") | Q(until__gte=reached)
    of_actor = Affiliation.objects.filter(actor__canonical=OuterRef("actor__canonical_id"))
    return of_actor.filter(began & lasts).order_by(text_order("-since"), "pk")


def belongs_to(actor: UUID) -> Q:
    """Return the condition that the actor of a statement belonged to another one on all its days.

    That is the actor itself, its parts and affiliates, and step by step those of theirs. The statements need
    ``with_days_as_text``.
    """
    ids_by_range: dict[DayRange, list[UUID]] = defaultdict(list)
    for id, ranges in load_bodies(actor).items():
        for days in ranges:
            ids_by_range[days].append(id)
    always = ids_by_range.pop(ALWAYS, [])
    held = affiliations_held().order_by()
    if not ids_by_range:
        return Q(actor__canonical__in=always) | Q(Exists(held.filter(organisation__canonical__in=always)))
    bodies = _in_ranges("actor__canonical_id", always, ids_by_range, F)
    above = _in_ranges("organisation__canonical_id", always, ids_by_range, OuterRef)
    return Q(bodies) | Q(Exists(held.filter(above)))


def _in_ranges(
    column: str,
    always: Sequence[UUID],
    ids_by_range: Mapping[DayRange, Sequence[UUID]],
    reference: Callable[[str], Combinable],
) -> Case:
    """Return the condition that a column has one of some ids on all days of a statement.

    It is a CASE, since databases nest OR, and SQLite not a thousand times.
    """
    whens = [When(Q((f"{column}__in", always)), then=Value(True))]
    for days, ids in ids_by_range.items():
        within = Q((f"{column}__in", ids))
        if days.first is not None:
            within &= Q(GreaterThanOrEqual(reference("day"), Value(days.first, output_field=DateField())))
        if days.last is not None:
            within &= Q(LessThanOrEqual(reference("day_last"), Value(days.last, output_field=DateField())))
        whens.append(When(within, then=Value(True)))
    return Case(*whens, default=Value(False), output_field=BooleanField())
