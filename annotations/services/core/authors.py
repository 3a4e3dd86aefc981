"""The authors of a set, who may not decide on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from annotations.enums import Round, SetKind, State
from annotations.models import AnnotationSet, Event, Source
from annotations.services.core import events


def author_ids(row: AnnotationSet) -> frozenset[int]:
    """Return the user ids of everyone whose work is in a set or in a set that it goes back to.

    A set goes back to the set that it is based on and, in an adjudication, to its sources: an accepted
    side is the work of its annotator.
    """
    return author_ids_by_set([row])[row.pk]


def author_ids_by_set(rows: Collection[AnnotationSet]) -> Mapping[UUID, frozenset[int]]:
    """Return the authors of each of these sets, in a number of queries that does not grow with them."""
    user_ids: dict[UUID, set[int]] = {row.pk: set() for row in rows}
    seen: dict[UUID, set[UUID]] = {row.pk: set() for row in rows}
    pending = {row.pk: {row.pk} for row in rows}
    while any(pending.values()):
        links = _Links.load(set().union(*pending.values()))
        for row in rows:
            seen[row.pk] |= pending[row.pk]
            earlier: set[UUID] = set()
            for id in pending[row.pk]:
                user_ids[row.pk] |= links.authors[id]
                earlier |= links.bases[id]
            # Only adjudications have sources.
            if row.kind == SetKind.ADJUDICATION:
                earlier.update(*(links.sources[id] for id in pending[row.pk]))
                if row.imported and not earlier:
                    earlier |= _possible_sources({links.revisions[id] for id in pending[row.pk]})
            pending[row.pk] = earlier - seen[row.pk]
    return {pk: frozenset(ids) for pk, ids in user_ids.items()}


@dataclass(frozen=True)
class _Links:
    """Who worked on each of some sets, and to which sets and text each goes back."""

    authors: defaultdict[UUID, set[int]] = field(default_factory=lambda: defaultdict(set))
    bases: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    sources: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    revisions: dict[UUID, UUID] = field(default_factory=dict)

    @classmethod
    def load(cls, ids: Collection[UUID]) -> _Links:
        """Load the links of sets in three queries, two where none is an adjudication."""
        links = cls()
        changed = Event.objects.filter(
            set_id__in=ids, action__in=events.CONTENT_ACTIONS, user_id__isnull=False
        )
        for set_id, user_id in changed.order_by().values_list("set_id", "user_id").distinct():
            if set_id is not None and user_id is not None:
                links.authors[set_id].add(user_id)
        rows = AnnotationSet.objects.filter(pk__in=ids).order_by()
        adjudications = []
        for pk, owner_id, based_on_id, revision_id, kind in rows.values_list(
            "pk", "owner_id", "based_on_id", "revision_id", "kind"
        ):
            links.authors[pk].add(owner_id)
            links.revisions[pk] = revision_id
            if based_on_id is not None:
                links.bases[pk].add(based_on_id)
            if kind == SetKind.ADJUDICATION:
                adjudications.append(pk)
        if adjudications:
            found = Source.objects.filter(set__in=adjudications).order_by()
            for set_id, source_id in found.values_list("set_id", "source_id"):
                links.sources[set_id].add(source_id)
        return links


def _possible_sources(revision_ids: Collection[UUID]) -> set[UUID]:
    """Return all independent sets on the texts of restored adjudications, as their possible sources.

    A file does not name the sources of an adjudication.
    """
    rows = AnnotationSet.objects.filter(
        revision__in=revision_ids, kind=SetKind.ANNOTATION, round=Round.PRODUCTION
    )
    return set(rows.exclude(state=State.WITHDRAWN).order_by().values_list("pk", flat=True))
