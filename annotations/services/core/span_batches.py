"""Changing and deleting many spans of a set as one write: all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from annotations.exceptions import FieldError, InvalidInputError, NotInCorpusError, error_at
from annotations.messages import message
from annotations.models import AnnotationSet, Event, Span, bulk
from annotations.permissions import Permission
from annotations.scheme import check_attributes, check_links, order_attributes
from annotations.services.core import events, spans
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import SetEdit, edit_set
from annotations.services.core.span_values import SpanValues

#: How many spans one request may change.
MAX_SPANS = 1_000
#: The columns that it may change.
_COLUMNS = ("label", "attributes", "actor_id", "proposition_id", "version")


@dataclass(frozen=True, kw_only=True)
class SpanBatch:
    """Spans that get the same change, as the client sent it; ``pointer`` is its JSON pointer in the request.

    ``columns`` are columns of ``SpanValues`` with their new values, ``attributes`` are set one by one, where
    None takes one away. With ``delete`` there is neither.
    """

    ids: Sequence[UUID]
    delete: bool = False
    columns: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    pointer: str = ""

    @property
    def places(self) -> Iterator[tuple[str, UUID]]:
        """The ids with their JSON pointers."""
        return ((f"{self.pointer}/ids/{index}", id) for index, id in enumerate(self.ids))

    def values_of(self, span: Span) -> SpanValues:
        """Return the content that a stored span gets."""
        columns = {**SpanValues.from_row(span).columns(), **self.columns}
        values = {**columns["attributes"], **self.attributes}
        gone = {name for name, value in self.attributes.items() if value is None}
        columns["attributes"] = order_attributes({k: v for k, v in values.items() if k not in gone})
        return SpanValues(**columns)


@dataclass(frozen=True)
class _ChangedSpan:
    """A stored span with its new content, and where it stands in the request."""

    pointer: str
    span: Span
    values: SpanValues
    batch: SpanBatch

    @property
    def changes(self) -> bool:
        """Whether the new content differs from the stored one."""
        return self.values.differs_from(SpanValues.from_row(self.span))


def change_spans(
    by: User, set_id: UUID, batches: Sequence[SpanBatch], *, version: int
) -> tuple[list[Span], int]:
    """Change and delete spans; return those that stay, in the order of the request, and the set's version.

    If everything is as it was asked for already, that is a repeat, whatever the version.
    """
    _require_once(batches)
    with edit_set(by, set_id, Permission.EDIT_CONTENT) as edit:
        ids = [id for batch in batches for id in batch.ids]
        stored = {span.pk: span for span in Span.objects.filter(set=edit.row, pk__in=ids)}
        changed = [
            _ChangedSpan(pointer, stored[id], batch.values_of(stored[id]), batch)
            for batch in batches
            if not batch.delete
            for pointer, id in batch.places
            if id in stored
        ]
        _require_fit(changed)
        missing = [place for batch in batches for place in batch.places if place[1] not in stored]
        deleted = [stored[id] for batch in batches if batch.delete for id in batch.ids if id in stored]
        rest = [each for each in changed if each.changes]
        if not deleted and not rest and _are_deleted(edit.row, batches, missing):
            return [each.span for each in changed], edit.row.version
        require_current_version("set", edit.row.version, version)
        edit.require_editable()
        _require_found(missing)
        if deleted:
            spans.remove_spans(edit, deleted)
        if rest:
            _rewrite(edit, rest)
    return [each.span for each in changed], edit.row.version


def _require_once(batches: Iterable[SpanBatch]) -> None:
    """Raise ``InvalidInputError`` for too many ids, or for one that stands twice."""
    seen: set[UUID] = set()
    for batch in batches:
        for pointer, id in batch.places:
            if id in seen:
                with error_at(pointer):
                    raise InvalidInputError(
                        message("The id {id} stands twice in the request; name each span once.", id=id)
                    )
            seen.add(id)
            if len(seen) > MAX_SPANS:
                with error_at(pointer):
                    raise InvalidInputError(
                        message("The request names more than {most} spans; send it in parts.", most=MAX_SPANS)
                    )


def _require_fit(changed: Iterable[_ChangedSpan]) -> None:
    """Raise ``InvalidInputError`` with all spans whose new label, attributes and links do not go together."""
    errors = [
        FieldError(code=error.code, detail=error.detail, pointer=each.pointer)
        for each in changed
        for error in (
            check_attributes(each.values.label, each.values.attributes)
            or check_links(
                each.values.label,
                has_actor=each.values.actor_id is not None,
                has_proposition=each.values.proposition_id is not None,
            )
        )
    ]
    if errors:
        raise InvalidInputError(
            message("The change does not fit all of these marks; send those that it fits, or more of it."),
            errors=errors,
        )


def _are_deleted(
    row: AnnotationSet, batches: Iterable[SpanBatch], missing: Sequence[tuple[str, UUID]]
) -> bool:
    """Return whether all that is missing was to be deleted, and was deleted from this set."""
    wanted = {id for batch in batches if batch.delete for id in batch.ids}
    gone = {str(id) for _, id in missing}
    if not gone:
        return True
    if any(id not in wanted for _, id in missing):
        return False
    trail = Event.objects.filter(set_id=row.pk, action=events.SPAN_DELETED, data__before__id__in=sorted(gone))
    return {event.data["before"]["id"] for event in trail} == gone


def _require_found(missing: Iterable[tuple[str, UUID]]) -> None:
    for pointer, id in missing:
        with error_at(pointer):
            raise NotInCorpusError(message("The set has no span with the id {id}.", id=id))


def _rewrite(edit: SetEdit, changed: Sequence[_ChangedSpan]) -> None:
    """Store the new content of spans, with their counts and events."""
    before = [events.span_payload(each.span) for each in changed]
    edit.adjust_counts([each.span.label for each in changed], -1)
    for each in changed:
        each.values.write_to(each.span)
        each.span.version += 1
    places = [(each.pointer, each.span) for each in changed]
    spans.require_new(edit.row, places)
    spans.require_registered(edit.row, [_link_draft(each) for each in changed])
    spans.require_relations({span.pk: (pointer, span) for pointer, span in places})
    edit.adjust_counts([each.span.label for each in changed], +1)
    bulk.update_objects([each.span for each in changed], _COLUMNS)
    for payload, each in zip(before, changed, strict=True):
        edit.record(events.SPAN_CHANGED, before=payload, after=events.span_payload(each.span))


def _link_draft(each: _ChangedSpan) -> spans.SpanDraft:
    """Return the links of a span as those of a draft, whose errors are about the change that was sent."""
    return spans.SpanDraft(**each.values.columns(), pointer=each.batch.pointer)
