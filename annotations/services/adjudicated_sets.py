"""What a transition does with the sources and the decisions of an adjudication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F

from annotations.exceptions import FourEyes, NotAllowedNow
from annotations.models import AnnotationSet, Decision, Source, Span, SpanSource, uuid7
from annotations.says import says, says_many
from annotations.services import events
from annotations.services.authors import authors
from annotations.services.sets import Work, copy_content, raise_version
from annotations.states import LIVE, DecisionState, Kind


def require_no_source_of(person: User, row: AnnotationSet) -> None:
    """Refuse to let somebody settle their own work, also where they go on with an adjudication."""
    sources = AnnotationSet.objects.filter(adjudications__set=row)
    if is_author_of_any(person, sources):
        raise FourEyes(
            says(
                "{person} is an author of one of the sets that this settles, and nobody "
                "decides on their own work; ask a colleague.",
                person=person.get_username(),
            )
        )


def is_author_of_any(person: User, sources: Iterable[AnnotationSet]) -> bool:
    """Whether somebody's own work is among the sources, so that they cannot settle them."""
    return any(person.pk in authors(source) for source in sources)


def open_decisions(row: AnnotationSet) -> int:
    """How many differences of an adjudication are not settled."""
    return Decision.objects.filter(set=row, state=DecisionState.OPEN).count()


def require_none_open(work: Work) -> None:
    """Refuse the submission of an adjudication with open decisions."""
    number = open_decisions(work.row)
    if number:
        raise NotAllowedNow(
            says_many(
                "{number} decision is still open; settle every difference first.",
                "{number} decisions are still open; settle every difference first.",
                number,
            ),
            **work.now(),
            open_decisions=number,
        )


def copy(old: AnnotationSet, new: AnnotationSet) -> None:
    """Give a set that goes on with ``old`` its content and, of an adjudication, its decisions."""
    twins = copy_content(old, new)
    if old.kind != Kind.ADJUDICATION:
        return
    Source.objects.bulk_create(
        Source(set=new, source_id=source_id, position=position)
        for source_id, position in Source.objects.filter(set=old).values_list("source_id", "position")
    )
    pointers = SpanSource.objects.filter(span__set=old).values_list("span_id", "source_id")
    SpanSource.objects.bulk_create(
        (SpanSource(span=twins[span], source_id=source) for span, source in pointers), batch_size=500
    )
    decisions = list(Decision.objects.filter(set=old).order_by("pk"))
    for decision in decisions:
        decision.pk, decision.set, decision.version = uuid7(), new, 1
        if decision.span_id is not None:
            decision.span = twins[decision.span_id]
        if decision.ends is not None:
            decision.ends = [_twin(twins, end) for end in decision.ends]
    Decision.objects.bulk_create(decisions, batch_size=500)


def _twin(twins: Mapping[UUID, Span], end: str) -> str:
    twin = twins.get(UUID(end))
    return str(twin.pk) if twin else end


def source_changed(by: User | None, source: AnnotationSet, action: str) -> None:
    """Flag the decisions of live adjudications of which a source is no longer what was compared.

    Nothing that was decided changes; who looked at a decision before is told to look again.
    """
    rows = AnnotationSet.objects.select_for_update(of=("self",)).filter(
        sources__source=source, state__in=LIVE
    )
    for row in rows.order_by("pk"):
        flagged = Decision.objects.filter(set=row, source_changed=False).update(
            source_changed=True, version=F("version") + 1
        )
        raise_version(row)
        told = {**events.set_facts(row), "source": str(source.pk), "by": action, "decisions": flagged}
        events.store([events.of_set(events.SOURCE_CHANGED, row, by, after=told)])
