"""Adding, updating and deleting the spans of a set.

Offsets are half-open and count code points. Every write checks the quote against the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS
from django.db.models.deletion import Collector

from annotations.exceptions import (
    DuplicateError,
    InvalidInputError,
    NotInCorpusError,
    RelationEndsError,
    StandpointError,
    error_at,
)
from annotations.messages import message, term
from annotations.models import Actor, AnnotationSet, Proposition, Relation, Span, bulk, uuid7
from annotations.models.compiled import CompiledQuery
from annotations.permissions import Permission
from annotations.scheme import check_attributes, check_relation
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.drafts import find_stored
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import SetEdit, edit_set
from annotations.services.core.span_values import SpanFields, SpanValues
from annotations.services.core.text_ranges import OffsetResolver, require_short, text_of
from annotations.visibility import VisibleRowQuery

SpanKey = tuple[str, int, int, UUID | None]


@dataclass(frozen=True, kw_only=True)
class SpanDraft(SpanFields):
    """A span as the client sent it. ``pointer`` is its JSON pointer in the request."""

    quote: str | None = None
    id: UUID | None = None
    pointer: str = ""


@dataclass(frozen=True)
class AddedSpans:
    """The spans of a POST in the order of the request, whether any is new, and the version of the set."""

    spans: list[Span]
    created: bool
    version: int


@retry_on_conflict
def add_spans(
    by: User, set_id: UUID, drafts: Sequence[SpanDraft], *, utf16: bool = False, snap_edges: bool = False
) -> AddedSpans:
    """Add spans to a set, all or none. A draft whose id is stored with the same content is a repeat."""
    with (
        translate_integrity_errors({}),  # of what is stored when the edit ends
        edit_set(by, set_id, Permission.EDIT_CONTENT, with_text=True) as edit,
    ):
        stored = _find_stored(drafts)
        new_drafts = [draft for draft in drafts if draft.id not in stored]
        resolver = OffsetResolver(edit.row.revision.text, utf16, snap_edges)
        for draft in drafts:
            if draft.id in stored:
                _require_same(edit.row, stored[draft.id], draft, resolver)
        if new_drafts:
            edit.require_editable()
        edit.new_spans = _make_spans(edit, new_drafts, resolver)
        spans = {id(draft): span for draft, span in zip(new_drafts, edit.new_spans, strict=True)}
        result = [stored[draft.id] if draft.id in stored else spans[id(draft)] for draft in drafts]
    return AddedSpans(result, bool(new_drafts), edit.row.version)


def _find_stored(drafts: Sequence[SpanDraft]) -> dict[UUID | None, Span]:
    return find_stored(
        Span,
        drafts,
        lambda pk: message("The id {id} stands twice in the request; give each span its own.", id=pk),
    )


def _require_same(row: AnnotationSet, stored: Span, draft: SpanDraft, resolver: OffsetResolver) -> None:
    """Raise ``IdTakenError`` if the id of a draft belongs to anything but an equal span of this set."""
    with error_at(f"{draft.pointer}/id"):
        if stored.set_id != row.pk:
            raise id_taken_error(draft.id)
        try:
            found = resolver.resolve(draft)
        except StandpointError:
            raise id_taken_error(draft.id) from None
        if draft.with_range(found, resolver.text).differs_from(SpanValues.from_row(stored)):
            raise id_taken_error(draft.id)


def _make_spans(edit: SetEdit, drafts: Sequence[SpanDraft], resolver: OffsetResolver) -> list[Span]:
    """Check drafts and make spans of them, which the caller stores, with their counts and events."""
    if not drafts:
        return []
    ranges = [resolver.resolve(draft) for draft in drafts]
    require_short([(draft.pointer, found) for draft, found in zip(drafts, ranges, strict=True)])
    spans = [
        Span(id=draft.id or uuid7(), set=edit.row, **draft.with_range(found, resolver.text).columns())
        for draft, found in zip(drafts, ranges, strict=True)
    ]
    require_new(edit.row, [(draft.pointer, span) for draft, span in zip(drafts, spans, strict=True)])
    require_registered(edit.row, drafts)
    edit.adjust_counts([span.label for span in spans], +1)
    for span in spans:
        edit.record(events.SPAN_ADDED, after=events.span_payload(span))
    return spans


def insert_spans(edit: SetEdit, drafts: Sequence[SpanDraft]) -> list[Span]:
    """Store new spans at once, within an edit that has checked that they may be added."""
    spans = _make_spans(edit, drafts, OffsetResolver(text_of(edit.row)))
    with translate_integrity_errors({}):
        bulk.create_objects(spans)
    return spans


def require_registered(row: AnnotationSet, drafts: Sequence[SpanDraft]) -> None:
    """Raise ``NotInCorpusError`` for a link to an actor or a proposition of another corpus."""
    for model, name in ((Actor, "actor"), (Proposition, "proposition")):
        links = [(draft, draft.columns()[f"{name}_id"]) for draft in drafts]
        wanted = {id for _, id in links if id is not None}
        if not wanted:
            continue
        here = set(model.objects.filter(corpus_id=row.corpus_id, pk__in=wanted).values_list("pk", flat=True))
        for draft, id in links:
            if id in wanted - here:
                with error_at(f"{draft.pointer}/{name}"):
                    raise NotInCorpusError(
                        message(
                            "There is no {name} with the id {id} in this corpus.",
                            name=term("model", name),
                            id=id,
                        )
                    )


def _span_key(span: Span) -> SpanKey:
    return (span.label, span.start, span.end, span.proposition_id)


_SPANS_STARTING_BETWEEN_QUERY = CompiledQuery(
    lambda set_id, first, last: Span.objects.only("label", "start", "end", "proposition_id").filter(
        set_id=set_id, start__gte=first, start__lte=last
    ),
    UUID,
    int,
    int,
)


def require_new(row: AnnotationSet, spans: Sequence[tuple[str, Span]]) -> None:
    """Raise ``DuplicateError`` for a second span of the same label, range and proposition in one set.

    Stored spans take their new place one after the other, as they are going to be written.
    """
    starts = [span.start for _, span in spans]
    neighbours = _SPANS_STARTING_BETWEEN_QUERY(row.pk, min(starts), max(starts))
    keys_by_id: dict[UUID, SpanKey] = {span.pk: _span_key(span) for span in neighbours}
    ids_by_key: dict[SpanKey, UUID] = {key: pk for pk, key in keys_by_id.items()}
    for at, span in spans:
        if span.pk in keys_by_id:
            del ids_by_key[keys_by_id[span.pk]]
        if _span_key(span) in ids_by_key:
            with error_at(at):
                raise DuplicateError(
                    message(
                        "The set has this {label} at {start} to {end} already, under the id {id}.",
                        label=term("label", span.label),
                        start=span.start,
                        end=span.end,
                        id=ids_by_key[_span_key(span)],
                    )
                )
        ids_by_key[_span_key(span)] = span.pk


_SPAN_QUERY: VisibleRowQuery[Span] = VisibleRowQuery(Span.objects.all)


def update_span(
    by: User, seen: Span, changes: Mapping[str, Any], *, version: int, snap_edges: bool = False
) -> tuple[Span, int]:
    """Update the given fields of a span; return it and the version of its set.

    ``changes`` are columns of ``SpanValues`` with their new values; attributes are replaced whole.
    If they change nothing, the stored span is returned, whatever the version.
    """
    with edit_set(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        span = _SPAN_QUERY(by, seen.pk).row
        stored = SpanValues.from_row(span).columns()
        if all(stored[name] == value for name, value in changes.items()):
            return span, edit.row.version
        require_current_version("span", span.version, version)
        edit.require_editable()
        rewrite_span(edit, span, changes, snap_edges=snap_edges)
    return span, edit.row.version


def rewrite_span(edit: SetEdit, span: Span, changes: Mapping[str, Any], *, snap_edges: bool = False) -> None:
    """Store changed fields of a span within an edit that has checked that it may be changed."""
    before = events.span_payload(span)
    draft = _changed_draft(span, changes)
    resolver = OffsetResolver(text_of(edit.row), snap_edges=snap_edges)
    found = resolver.resolve(draft)
    if (found.start, found.end) != (span.start, span.end):
        require_short([("", found)])
    _require_attributes(draft)
    edit.adjust_counts([span.label], -1)
    draft.with_range(found, resolver.text).write_to(span)
    span.version += 1
    require_new(edit.row, [("", span)])
    require_registered(edit.row, [draft])
    require_relations({span.pk: ("/label", span)})
    edit.adjust_counts([span.label], +1)
    span.save(force_update=True)
    edit.record(events.SPAN_CHANGED, before=before, after=events.span_payload(span))


def _changed_draft(span: Span, changes: Mapping[str, Any]) -> SpanDraft:
    """Return the span with its changes as a draft; the old quote is checked only if the range stays."""
    fields = {**SpanValues.from_row(span).columns(), **changes}
    if "quote" not in changes and ("start" in changes or "end" in changes):
        fields["quote"] = None
    return SpanDraft(**fields)


def _require_attributes(draft: SpanDraft) -> None:
    """Raise ``InvalidInputError`` if the attributes do not fit the label."""
    errors = check_attributes(draft.label, draft.attributes)
    if errors:
        raise InvalidInputError(
            message("The attributes do not fit the label {label}.", label=draft.label), errors=errors
        )


def require_relations(spans: Mapping[UUID, tuple[str, Span]]) -> None:
    """Raise ``RelationEndsError`` if a relation of spans, by their ids, does not allow their labels."""
    relations = Relation.objects.filter(source__in=spans) | Relation.objects.filter(target__in=spans)
    for relation in relations.select_related("source", "target"):
        stored = (relation.source, relation.target)
        source, target = (spans[end.pk][1] if end.pk in spans else end for end in stored)
        sentence = check_relation(relation.type, source.label, target.label, is_same_span=False)
        if sentence:
            at = next(spans[end.pk][0] for end in stored if end.pk in spans)
            with error_at(at):
                raise RelationEndsError(
                    message("{sentence} Delete the relation {id} first.", sentence=sentence, id=relation.pk)
                )


def delete_span(by: User, seen: Span, *, version: int) -> int:
    """Delete a span and its relations but not its comments; return the version of its set."""
    with edit_set(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        span = _SPAN_QUERY(by, seen.pk).row
        require_current_version("span", span.version, version)
        edit.require_editable()
        remove_span(edit, span)
    return edit.row.version


def remove_span(edit: SetEdit, span: Span) -> None:
    """Delete a span within an edit that has checked that it may be deleted."""
    remove_spans(edit, [span])


def remove_spans(edit: SetEdit, spans: Sequence[Span]) -> None:
    """Delete spans as if one went after the other: a relation between two goes with the first."""
    ids = [span.pk for span in spans]
    relations = Relation.objects.filter(source__in=ids) | Relation.objects.filter(target__in=ids)
    left: dict[UUID, list[Relation]] = {pk: [] for pk in ids}
    for relation in relations:
        for end in (relation.source_id, relation.target_id):
            left.get(end, []).append(relation)
    seen: set[UUID] = set()
    for span in spans:
        here = [relation for relation in left[span.pk] if relation.pk not in seen]
        seen.update(relation.pk for relation in here)
        payloads = [events.relation_payload(relation) for relation in here]
        edit.record(events.SPAN_DELETED, before={**events.span_payload(span), "relations": payloads})
    edit.adjust_counts([span.label for span in spans], -1)
    collector = Collector(using=DEFAULT_DB_ALIAS)
    collector.collect(list(spans))  # rows that are loaded; a queryset would load them again
    collector.delete()
