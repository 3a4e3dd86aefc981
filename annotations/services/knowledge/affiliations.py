"""Affiliations on the day of a statement, as expressions; ``scheme.affiliations`` says the same in Python."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import CharField, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Length, Substr

from annotations.models import Actor, Affiliation
from annotations.models.ordering import text_order

#: An organisation that is part of another one is so whatever the day.
PART_OF = "part_of"


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


def with_parts(actor: UUID) -> set[UUID]:
    """Return the canonical entry of an actor and, step by step, its parts."""
    found: set[UUID] = set()
    level = canonical_ids([actor])
    while level:
        found |= level
        parts = Actor.objects.filter(parent__canonical__in=level, merged_into__isnull=True)
        linked = Affiliation.objects.filter(kind=PART_OF, organisation__canonical__in=level)
        level = {
            *parts.order_by().values_list("canonical_id", flat=True),
            *linked.order_by().values_list("actor__canonical_id", flat=True),
        } - found
    return found


def canonical_ids(ids: Collection[UUID]) -> set[UUID]:
    """Return what these actors stand for."""
    return set(Actor.objects.filter(pk__in=ids).order_by().values_list("canonical_id", flat=True))
