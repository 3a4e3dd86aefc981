"""The sources and decisions of an adjudication, as far as transitions need them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F

from annotations.enums import LIVE, DecisionState, SetKind
from annotations.exceptions import FourEyesError, NotAllowedNowError
from annotations.messages import message, plural_message
from annotations.models import AnnotationSet, Decision, Source, Span, SpanSource, uuid7
from annotations.services.core import events
from annotations.services.core.authors import author_ids
from annotations.services.core.sets import SetEdit, copy_content, raise_version


def require_not_source_author(person: User, row: AnnotationSet) -> None:
    """Raise ``FourEyesError`` if a user is an author of a source of an adjudication."""
    sources = AnnotationSet.objects.filter(adjudications__set=row)
    if is_author_of_any(person, sources):
        raise FourEyesError(
            message(
                "{person} is an author of one of the sets that this settles, and nobody "
                "decides on their own work; ask a colleague.",
                person=person.get_username(),
            )
        )


def is_author_of_any(person: User, sources: Iterable[AnnotationSet]) -> bool:
    """Return whether a user is an author of any of the sources, and so may not adjudicate them."""
    return any(person.pk in author_ids(source) for source in sources)


def count_open_decisions(row: AnnotationSet) -> int:
    """Return how many decisions of an adjudication are open."""
    return Decision.objects.filter(set=row, state=DecisionState.OPEN).count()


def require_decisions_resolved(edit: SetEdit) -> None:
    """Raise ``NotAllowedNowError`` if an adjudication has open decisions."""
    number = count_open_decisions(edit.row)
    if number:
        raise NotAllowedNowError(
            plural_message(
                "{number} decision is still open; settle every difference first.",
                "{number} decisions are still open; settle every difference first.",
                number,
            ),
            **edit.refusal_details(),
            open_decisions=number,
        )


def copy_set(old: AnnotationSet, new: AnnotationSet) -> None:
    """Copy the content of ``old`` and, of an adjudication, its sources and decisions."""
    copies = copy_content(old, new)
    if old.kind != SetKind.ADJUDICATION:
        return
    Source.objects.bulk_create(
        Source(set=new, source_id=source_id, position=position)
        for source_id, position in Source.objects.filter(set=old).values_list("source_id", "position")
    )
    pointers = SpanSource.objects.filter(span__set=old).values_list("span_id", "source_id")
    SpanSource.objects.bulk_create(
        (SpanSource(span=copies[span], source_id=source) for span, source in pointers), batch_size=500
    )
    decisions = list(Decision.objects.filter(set=old).order_by("pk"))
    for decision in decisions:
        decision.pk, decision.set, decision.version = uuid7(), new, 1
        if decision.span_id is not None:
            decision.span = copies[decision.span_id]
        if decision.ends is not None:
            decision.ends = [_copied_end(copies, end) for end in decision.ends]
    Decision.objects.bulk_create(decisions, batch_size=500)


def _copied_end(copies: Mapping[UUID, Span], end: str) -> str:
    twin = copies.get(UUID(end))
    return str(twin.pk) if twin else end


def flag_changed_source(by: User | None, source: AnnotationSet, action: str) -> None:
    """Flag the decisions of the live adjudications of a source that has changed since they were made.

    The decisions stay as they are; the flag asks the adjudicator to look at them again.
    """
    rows = AnnotationSet.objects.select_for_update(of=("self",)).filter(
        sources__source=source, state__in=LIVE
    )
    for row in rows.order_by("pk"):
        flagged = Decision.objects.filter(set=row, source_changed=False).update(
            source_changed=True, version=F("version") + 1
        )
        raise_version(row)
        payload = {**events.set_payload(row), "source": str(source.pk), "by": action, "decisions": flagged}
        events.store_events([events.build_set_event(events.SOURCE_CHANGED, row, by, after=payload)])
