"""Who belongs to whom, step by step, and on which days: parts, affiliates, and those of theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.models import Actor, Affiliation
from annotations.scheme.affiliations import ALWAYS, DayRange, day_range

#: The kind of affiliation that makes an organisation a part of another one, as a parent does without dates.
PART_OF = "part_of"

Ranges = Mapping[UUID, Collection[DayRange]]
#: From which actor a step leads to which, and on which days.
Step = tuple[UUID, UUID, DayRange]


def load_wholes(actor: UUID) -> Ranges:
    """Return the days on which an actor is a part of others, step by step, and of itself, which is always."""
    return _load_ranges(actor, _steps_up)


def load_bodies(actor: UUID) -> Ranges:
    """Return the days on which others belong to an actor, step by step, and itself, which does always.

    Affiliates that nobody else belongs to are not among them: they are as many as there are people, so that
    a query had better find them by their affiliations.
    """
    return _load_ranges(actor, _steps_down)


def _load_ranges(actor: UUID, steps: Callable[[Collection[UUID]], Iterator[Step]]) -> Ranges:
    """Return on which days canonical actors are reached from one; circles end where they add nothing."""
    roots = Actor.objects.filter(pk=actor).order_by().values_list("canonical_id", flat=True)
    found: dict[UUID, list[DayRange]] = {}
    level = {root: [ALWAYS] for root in roots}
    while level:
        for id, ranges in level.items():
            found.setdefault(id, []).extend(ranges)
        reached: dict[UUID, list[DayRange]] = {}
        for source, target, days in steps(level):
            for before in level[source]:
                shared = before.shared(days)
                known = (*found.get(target, ()), *reached.get(target, ()))
                if shared is not None and not any(range.holds(shared) for range in known):
                    reached.setdefault(target, []).append(shared)
        level = reached
    return found


def _steps_up(ids: Collection[UUID]) -> Iterator[Step]:
    rows = Actor.objects.filter(pk__in=ids, parent__isnull=False).order_by()
    for id, parent in rows.values_list("pk", "parent__canonical_id"):
        yield id, parent, ALWAYS
    for row in _links(Affiliation.objects.filter(kind=PART_OF, actor__canonical__in=ids)):
        yield row.actor.canonical_id, row.organisation.canonical_id, day_range(row)


def _steps_down(ids: Collection[UUID]) -> Iterator[Step]:
    parts = Actor.objects.filter(parent__canonical__in=ids, merged_into__isnull=True).order_by()
    for id, parent in parts.values_list("pk", "parent__canonical_id"):
        yield parent, id, ALWAYS
    has_parts = Exists(Actor.objects.filter(parent__canonical=OuterRef("actor__canonical_id")).order_by())
    affiliates = Affiliation.objects.filter(organisation__canonical=OuterRef("actor__canonical_id"))
    of_others = Q(has_parts) | Q(Exists(affiliates.order_by()))
    for row in _links(Affiliation.objects.filter(of_others, organisation__canonical__in=ids)):
        yield row.organisation.canonical_id, row.actor.canonical_id, day_range(row)


def _links(rows: QuerySet[Affiliation]) -> QuerySet[Affiliation]:
    ends = ("actor__canonical", "organisation__canonical")
    return rows.order_by().select_related("actor", "organisation").only("since", "until", *ends)
