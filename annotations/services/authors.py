"""Whose work is in a set, and who therefore may not decide on it."""

from __future__ import annotations

from uuid import UUID

from annotations.models import AnnotationSet, Event, Source
from annotations.services import events
from annotations.states import Kind, Round, State


def authors(row: AnnotationSet) -> frozenset[int]:
    """The user ids of everyone whose work is in a set, through all the sets that it goes back to.

    Those are the sets that it is based on and, of an adjudication, the sets that it settles: who
    takes a side takes somebody's work.
    """
    found: set[int] = set()
    seen: set[UUID] = set()
    todo = {row.pk}
    while todo:
        seen |= todo
        changed = Event.objects.filter(set_id__in=todo, action__in=events.CONTENT, user_id__isnull=False)
        found.update(id for id in changed.order_by().values_list("user_id", flat=True).distinct() if id)
        sets = AnnotationSet.objects.filter(pk__in=todo)
        further: set[UUID] = set()
        for at in sets:
            found.add(at.owner_id)
            if at.based_on_id is not None:
                further.add(at.based_on_id)
        # Only adjudications have sources.
        if row.kind == Kind.ADJUDICATION:
            further.update(Source.objects.filter(set__in=todo).values_list("source_id", flat=True))
            if row.imported and not further:
                further.update(_independent(row))
        todo = further - seen
    return frozenset(found)


def _independent(row: AnnotationSet) -> set[UUID]:
    """All independent sets on the text of a restored adjudication: a file does not say what it settled."""
    rows = AnnotationSet.objects.filter(
        revision=row.revision_id, kind=Kind.ANNOTATION, round=Round.PRODUCTION
    )
    return set(rows.exclude(state=State.WITHDRAWN).order_by().values_list("pk", flat=True))
