"""Adding, updating and deleting the spans of a set.

Offsets are half-open and count code points. Every write checks the quote against the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from annotations import limits
from annotations.exceptions import (
    Duplicate,
    FieldError,
    Invalid,
    NotInCorpus,
    RelationEnds,
    StandpointError,
    located,
)
from annotations.models import Actor, AnnotationSet, Proposition, Relation, Revision, Span, bulk, uuid7
from annotations.models.prepared import Prepared
from annotations.permissions import Permission
from annotations.says import says, word
from annotations.scheme import check_attributes, check_relation, ordered
from annotations.services import events
from annotations.services.constraints import meaning, repeatable
from annotations.services.refusals import id_taken, require_version
from annotations.services.sets import Work, writing
from annotations.text.edges import snap
from annotations.text.offsets import OffsetMap
from annotations.text.ranges import Range, check_quote
from annotations.visibility import Lookup

SpanKey = tuple[str, int, int, UUID | None]


@dataclass(frozen=True, kw_only=True)
class SpanDraft:
    """A span as the client sent it. ``at`` is the JSON pointer of the draft in the request."""

    label: str
    start: int
    end: int
    quote: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    actor_id: UUID | None = None
    proposition_id: UUID | None = None
    id: UUID | None = None
    at: str = ""


@dataclass
class Ruler:
    """Turns the offsets of a request into checked ranges of one text."""

    text: str
    utf16: bool = False
    snaps: bool = False

    @cached_property
    def units(self) -> OffsetMap:
        """The map from UTF-16 offsets to code points, made once for all spans of a request."""
        return OffsetMap(self.text)

    def range(self, draft: SpanDraft) -> Range:
        """Return the checked range of a draft: in bounds, equal to its quote, snapped if asked for."""
        start, end = draft.start, draft.end
        if self.utf16:
            with located(f"{draft.at}/start"):
                start = self.units.from_utf16(start)
            with located(f"{draft.at}/end"):
                end = self.units.from_utf16(end)
        with located(f"{draft.at}/end" if end > len(self.text) or end <= start else f"{draft.at}/start"):
            found = Range.checked(start, end, len(self.text))
        if draft.quote is not None:
            with located(f"{draft.at}/quote"):
                check_quote(self.text, found, draft.quote)
        if self.snaps:
            with located(f"{draft.at}/start"):
                return snap(self.text, found)
        return found


@dataclass(frozen=True)
class Added:
    """The spans of a POST in the order of the request, whether any is new, and the version of the set."""

    spans: list[Span]
    created: bool
    version: int


@repeatable
def add(
    by: User, set_id: UUID, drafts: Sequence[SpanDraft], *, utf16: bool = False, snaps: bool = False
) -> Added:
    """Add spans to a set, all or none. A draft whose id is stored with the same content is a repeat."""
    with writing(by, set_id, Permission.EDIT_CONTENT) as edit:
        stored = _stored(drafts)
        new_drafts = [draft for draft in drafts if draft.id not in stored]
        resolver = Ruler(_text_of(edit.row), utf16, snaps)
        for draft in drafts:
            if draft.id in stored:
                _require_same(edit.row, stored[draft.id], draft, resolver)
        if new_drafts:
            edit.require_editable()
        spans = {
            id(draft): span
            for draft, span in zip(new_drafts, _insert(edit, new_drafts, resolver), strict=True)
        }
        result = [stored[draft.id] if draft.id in stored else spans[id(draft)] for draft in drafts]
    return Added(result, bool(new_drafts), edit.row.version)


def _stored(drafts: Sequence[SpanDraft]) -> dict[UUID | None, Span]:
    ids = [draft.id for draft in drafts if draft.id]
    if len(set(ids)) < len(ids):
        counts = Counter(ids)
        repeated = next(id for id in ids if counts[id] > 1)
        twice = [draft for draft in drafts if draft.id == repeated][1]
        with located(f"{twice.at}/id"):
            raise Invalid(
                says("The id {id} stands twice in the request; give each span its own.", id=twice.id)
            )
    return {span.pk: span for span in Span.objects.filter(pk__in=ids)} if ids else {}


_TEXT_QUERY = Prepared(lambda pk: Revision.objects.only("text").filter(pk=pk), UUID)


def _text_of(row: AnnotationSet) -> str:
    return _TEXT_QUERY(row.revision_id)[0].text


def _require_same(row: AnnotationSet, stored: Span, draft: SpanDraft, resolver: Ruler) -> None:
    """Raise ``IdTakenError`` if the id of a draft belongs to anything but an equal span of this set."""
    with located(f"{draft.at}/id"):
        if stored.set_id != row.pk:
            raise id_taken(draft.id)
        try:
            found = resolver.range(draft)
        except StandpointError:
            raise id_taken(draft.id) from None
        same = (stored.label, stored.start, stored.end, stored.attributes) == (
            draft.label,
            found.start,
            found.end,
            ordered(draft.attributes),
        ) and (stored.actor_id, stored.proposition_id) == (draft.actor_id, draft.proposition_id)
        if not same:
            raise id_taken(draft.id)


def _require_short(ranges: Sequence[tuple[str, Range]]) -> None:
    """Raise ``InvalidInputError`` for a span that is too long, or for spans that are too long together."""
    for at, found in ranges:
        detail = limits.span_error(found.length)
        if detail is not None:
            raise Invalid(detail, errors=[FieldError(code="too-long", detail=detail, pointer=f"{at}/end")])
    total = sum(found.length for _, found in ranges)
    detail = limits.quotes_error(total, limits.MAX_QUOTES_PER_REQUEST)
    if detail is not None:
        raise Invalid(detail, errors=[FieldError(code="too-long", detail=detail, pointer="")])


def _insert(edit: Work, drafts: Sequence[SpanDraft], resolver: Ruler) -> list[Span]:
    """Check drafts and store them as spans, with their counts and events."""
    if not drafts:
        return []
    ranges = [resolver.range(draft) for draft in drafts]
    _require_short([(draft.at, found) for draft, found in zip(drafts, ranges, strict=True)])
    spans = []
    for draft, found in zip(drafts, ranges, strict=True):
        spans.append(
            Span(
                id=draft.id or uuid7(),
                set=edit.row,
                label=draft.label,
                start=found.start,
                end=found.end,
                quote=found.quote(resolver.text),
                attributes=ordered(draft.attributes),
                actor_id=draft.actor_id,
                proposition_id=draft.proposition_id,
            )
        )
    _require_new(edit.row, [(draft.at, span) for draft, span in zip(drafts, spans, strict=True)])
    _require_registered(edit.row, [(d.at, d.actor_id, d.proposition_id) for d in drafts])
    with meaning({}):
        bulk.create(spans)
    edit.count([span.label for span in spans], +1)
    for span in spans:
        edit.tell(events.SPAN_ADDED, after=events.span_payload(span))
    return spans


def make(edit: Work, drafts: Sequence[SpanDraft]) -> list[Span]:
    """Store new spans within an edit that has checked that they may be added."""
    return _insert(edit, drafts, Ruler(_text_of(edit.row)))


def _require_registered(row: AnnotationSet, links: Sequence[tuple[str, UUID | None, UUID | None]]) -> None:
    """Raise ``NotInCorpusError`` for a link to an actor or a proposition of another corpus."""
    for model, name, place in ((Actor, "actor", 1), (Proposition, "proposition", 2)):
        wanted = {id for link in links if isinstance(id := link[place], UUID)}
        if not wanted:
            continue
        here = set(model.objects.filter(corpus_id=row.corpus_id, pk__in=wanted).values_list("pk", flat=True))
        for link in links:
            if link[place] in wanted - here:
                with located(f"{link[0]}/{name}"):
                    raise NotInCorpus(
                        says(
                            "There is no {name} with the id {id} in this corpus.",
                            name=word("model", name),
                            id=link[place],
                        )
                    )


def _span_key(span: Span) -> SpanKey:
    return (span.label, span.start, span.end, span.proposition_id)


_SPANS_STARTING_BETWEEN_QUERY = Prepared(
    lambda set_id, first, last: Span.objects.only("label", "start", "end", "proposition_id").filter(
        set_id=set_id, start__gte=first, start__lte=last
    ),
    UUID,
    int,
    int,
)


def _require_new(row: AnnotationSet, spans: Sequence[tuple[str, Span]]) -> None:
    """Raise ``DuplicateError`` for a second span of the same label, range and proposition in one set."""
    starts = [span.start for _, span in spans]
    neighbours = _SPANS_STARTING_BETWEEN_QUERY(row.pk, min(starts), max(starts))
    ours = {span.pk for _, span in spans}
    ids_by_key: dict[SpanKey, UUID] = {_span_key(span): span.pk for span in neighbours if span.pk not in ours}
    for at, span in spans:
        if _span_key(span) in ids_by_key:
            with located(at):
                raise Duplicate(
                    says(
                        "The set has this {label} at {start} to {end} already, under the id {id}.",
                        label=word("label", span.label),
                        start=span.start,
                        end=span.end,
                        id=ids_by_key[_span_key(span)],
                    )
                )
        ids_by_key[_span_key(span)] = span.pk


_SPAN_QUERY: Lookup[Span] = Lookup(Span.objects.all)


def change(
    by: User, seen: Span, changes: Mapping[str, Any], *, version: int, snaps: bool = False
) -> tuple[Span, int]:
    """Update the given fields of a span; return it and the version of its set.

    ``changes`` holds label, start, end, quote, attributes (replaced whole), actor_id or proposition_id.
    If they change nothing, the stored span is returned, whatever the version.
    """
    with writing(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        span = _SPAN_QUERY(by, seen.pk).row
        if all(_current_values(span)[name] == value for name, value in changes.items()):
            return span, edit.row.version
        require_version("span", span.version, version)
        edit.require_editable()
        rewrite(edit, span, changes, snaps=snaps)
    return span, edit.row.version


def rewrite(edit: Work, span: Span, changes: Mapping[str, Any], *, snaps: bool = False) -> None:
    """Store changed fields of a span within an edit that has checked that it may be changed."""
    before = events.span_payload(span)
    draft = _changed_draft(span, changes)
    resolver = Ruler(_text_of(edit.row), snaps=snaps)
    found = resolver.range(draft)
    if (found.start, found.end) != (span.start, span.end):
        _require_short([("", found)])
    _require_attributes(draft)
    edit.count([span.label], -1)
    span.label, span.start, span.end = draft.label, found.start, found.end
    span.quote, span.attributes = found.quote(resolver.text), ordered(draft.attributes)
    span.actor_id, span.proposition_id = draft.actor_id, draft.proposition_id
    span.version += 1
    _require_new(edit.row, [("", span)])
    _require_registered(edit.row, [("", draft.actor_id, draft.proposition_id)])
    _require_relations(span)
    edit.count([span.label], +1)
    span.save(force_update=True)
    edit.tell(events.SPAN_CHANGED, before=before, after=events.span_payload(span))


def _current_values(span: Span) -> dict[str, Any]:
    return {
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "quote": span.quote,
        "attributes": span.attributes,
        "actor_id": span.actor_id,
        "proposition_id": span.proposition_id,
    }


def _changed_draft(span: Span, changes: Mapping[str, Any]) -> SpanDraft:
    """Return the span with its changes as a draft; the old quote is checked only if the range stays."""
    fields = {**_current_values(span), **changes}
    if "quote" not in changes and ("start" in changes or "end" in changes):
        fields["quote"] = None
    return SpanDraft(**fields)


def _require_attributes(draft: SpanDraft) -> None:
    """Raise ``InvalidInputError`` if the attributes do not fit the label."""
    errors = check_attributes(draft.label, draft.attributes)
    if errors:
        raise Invalid(says("The attributes do not fit the label {label}.", label=draft.label), errors=errors)


def _require_relations(span: Span) -> None:
    """Raise ``RelationEndsError`` if a relation of the span does not allow its label."""
    for relation in (
        Relation.objects.filter(source=span) | Relation.objects.filter(target=span)
    ).select_related("source", "target"):
        ends = [span if end.pk == span.pk else end for end in (relation.source, relation.target)]
        sentence = check_relation(relation.type, ends[0].label, ends[1].label, same=False)
        if sentence:
            with located("/label"):
                raise RelationEnds(
                    says("{sentence} Delete the relation {id} first.", sentence=sentence, id=relation.pk)
                )


def delete(by: User, seen: Span, *, version: int) -> int:
    """Delete a span and its relations but not its comments; return the version of its set."""
    with writing(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        span = _SPAN_QUERY(by, seen.pk).row
        require_version("span", span.version, version)
        edit.require_editable()
        remove(edit, span)
    return edit.row.version


def remove(edit: Work, span: Span) -> None:
    """Delete a span within an edit that has checked that it may be deleted."""
    relations = [
        events.relation_facts(relation)
        for relation in Relation.objects.filter(source=span) | Relation.objects.filter(target=span)
    ]
    edit.count([span.label], -1)
    edit.tell(events.SPAN_DELETED, before={**events.span_payload(span), "relations": relations})
    span.delete()
