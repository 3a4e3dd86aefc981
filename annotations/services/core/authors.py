"""The authors of a set, who may not decide on it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from annotations.enums import Round, SetKind, State
from annotations.models import AnnotationSet, Event, Source
from annotations.services.core import events


def author_ids(row: AnnotationSet) -> frozenset[int]:
    """Return the user ids of everyone whose work is in a set or in a set that it goes back to.

    A set goes back to the set that it is based on and, in an adjudication, to its sources: an accepted
    side is the work of its annotator.
    """
    user_ids: set[int] = set()
    seen: set[UUID] = set()
    pending = {row.pk}
    while pending:
        seen |= pending
        changed = Event.objects.filter(
            set_id__in=pending, action__in=events.CONTENT_ACTIONS, user_id__isnull=False
        )
        user_ids.update(id for id in changed.order_by().values_list("user_id", flat=True).distinct() if id)
        sets = list(AnnotationSet.objects.filter(pk__in=pending))
        earlier: set[UUID] = set()
        for current in sets:
            user_ids.add(current.owner_id)
            if current.based_on_id is not None:
                earlier.add(current.based_on_id)
        # Only adjudications have sources.
        if row.kind == SetKind.ADJUDICATION:
            earlier.update(Source.objects.filter(set__in=pending).values_list("source_id", flat=True))
            if row.imported and not earlier:
                earlier.update(_possible_sources(sets))
        pending = earlier - seen
    return frozenset(user_ids)


def _possible_sources(adjudications: Iterable[AnnotationSet]) -> set[UUID]:
    """Return all independent sets on the texts of restored adjudications, as their possible sources.

    A file does not name the sources of an adjudication.
    """
    rows = AnnotationSet.objects.filter(
        revision__in={row.revision_id for row in adjudications},
        kind=SetKind.ANNOTATION,
        round=Round.PRODUCTION,
    )
    return set(rows.exclude(state=State.WITHDRAWN).order_by().values_list("pk", flat=True))
