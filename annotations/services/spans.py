"""Marking: add, change and delete the spans of a set.

Offsets are code points, half-open. What the text says at them is checked at every write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from annotations.exceptions import (
    Duplicate,
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

Key = tuple[str, int, int, UUID | None]


@dataclass(frozen=True, kw_only=True)
class SpanDraft:
    """A span as it was sent. ``at`` is the JSON pointer of the draft in the request."""

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
    """How offsets of a request become ranges of one text."""

    text: str
    utf16: bool = False
    snaps: bool = False

    @cached_property
    def units(self) -> OffsetMap:
        """The text measured in UTF-16 once, for all spans of a request."""
        return OffsetMap(self.text)

    def range(self, draft: SpanDraft) -> Range:
        """The range that a draft means, checked against the text, then snapped where asked for."""
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
    """What a POST left behind: the spans in the order of the request, and whether any is new."""

    spans: list[Span]
    created: bool
    version: int


@repeatable
def add(
    by: User, set_id: UUID, drafts: Sequence[SpanDraft], *, utf16: bool = False, snaps: bool = False
) -> Added:
    """Add spans to a set, all or none. Drafts whose id is stored with the same content are repeats."""
    with writing(by, set_id, Permission.EDIT_CONTENT) as work:
        known = _stored(drafts)
        fresh = [draft for draft in drafts if draft.id not in known]
        ruler = Ruler(_text(work.row), utf16, snaps)
        for draft in drafts:
            if draft.id in known:
                _require_same(work.row, known[draft.id], draft, ruler)
        if fresh:
            work.require_editable()
        spans = {id(draft): span for draft, span in zip(fresh, _make(work, fresh, ruler), strict=True)}
        result = [known[draft.id] if draft.id in known else spans[id(draft)] for draft in drafts]
    return Added(result, bool(fresh), work.row.version)


def _stored(drafts: Sequence[SpanDraft]) -> dict[UUID | None, Span]:
    ids = [draft.id for draft in drafts if draft.id]
    if len(set(ids)) < len(ids):
        twice = next(draft for i, draft in enumerate(drafts) if draft.id and draft.id in ids[:i])
        with located(f"{twice.at}/id"):
            raise Invalid(
                says("The id {id} stands twice in the request; give each span its own.", id=twice.id)
            )
    return {span.pk: span for span in Span.objects.filter(pk__in=ids)} if ids else {}


_REVISION = Prepared(lambda pk: Revision.objects.only("text").filter(pk=pk), UUID)


def _text(row: AnnotationSet) -> str:
    return _REVISION(row.revision_id)[0].text


def _require_same(row: AnnotationSet, stored: Span, draft: SpanDraft, ruler: Ruler) -> None:
    """Refuse a draft whose id belongs to something else than exactly this span."""
    with located(f"{draft.at}/id"):
        if stored.set_id != row.pk:
            raise id_taken(draft.id)
        try:
            found = ruler.range(draft)
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


def _make(work: Work, drafts: Sequence[SpanDraft], ruler: Ruler) -> list[Span]:
    """Check drafts and store them as spans, with counts and events."""
    if not drafts:
        return []
    spans = []
    for draft in drafts:
        found = ruler.range(draft)
        spans.append(
            Span(
                id=draft.id or uuid7(),
                set=work.row,
                label=draft.label,
                start=found.start,
                end=found.end,
                quote=found.quote(ruler.text),
                attributes=ordered(draft.attributes),
                actor_id=draft.actor_id,
                proposition_id=draft.proposition_id,
            )
        )
    _require_new(work.row, [(draft.at, span) for draft, span in zip(drafts, spans, strict=True)])
    _require_registered(work.row, [(d.at, d.actor_id, d.proposition_id) for d in drafts])
    with meaning({}):
        bulk.create(spans)
    work.count([span.label for span in spans], +1)
    for span in spans:
        work.tell(events.SPAN_ADDED, after=events.span_facts(span))
    return spans


def make(work: Work, drafts: Sequence[SpanDraft]) -> list[Span]:
    """Store new spans within a write that has checked that they may be added."""
    return _make(work, drafts, Ruler(_text(work.row)))


def _require_registered(row: AnnotationSet, links: Sequence[tuple[str, UUID | None, UUID | None]]) -> None:
    """Refuse links to actors and propositions that are not in the set's corpus."""
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


def _key(span: Span) -> Key:
    return (span.label, span.start, span.end, span.proposition_id)


_BETWEEN = Prepared(
    lambda set_id, first, last: Span.objects.only("label", "start", "end", "proposition_id").filter(
        set_id=set_id, start__gte=first, start__lte=last
    ),
    UUID,
    int,
    int,
)


def _require_new(row: AnnotationSet, spans: Sequence[tuple[str, Span]]) -> None:
    """Refuse a second span of the same label, range and proposition in one set."""
    starts = [span.start for _, span in spans]
    near = _BETWEEN(row.pk, min(starts), max(starts))
    ours = {span.pk for _, span in spans}
    taken: dict[Key, UUID] = {_key(span): span.pk for span in near if span.pk not in ours}
    for at, span in spans:
        if _key(span) in taken:
            with located(at):
                raise Duplicate(
                    says(
                        "The set has this {label} at {start} to {end} already, under the id {id}.",
                        label=word("label", span.label),
                        start=span.start,
                        end=span.end,
                        id=taken[_key(span)],
                    )
                )
        taken[_key(span)] = span.pk


_SPAN: Lookup[Span] = Lookup(Span.objects.all)


def change(
    by: User, seen: Span, changes: Mapping[str, Any], *, version: int, snaps: bool = False
) -> tuple[Span, int]:
    """Change the named fields of a span; answers it and the version of its set.

    ``changes`` holds label, start, end, quote, attributes (whole), actor_id or proposition_id. A
    change that leaves everything as it is answers what is stored, whatever the version.
    """
    with writing(by, seen.set_id, Permission.EDIT_CONTENT) as work:
        span = _SPAN(by, seen.pk)
        if all(_current(span)[name] == value for name, value in changes.items()):
            return span, work.row.version
        require_version("span", span.version, version)
        work.require_editable()
        rewrite(work, span, changes, snaps=snaps)
    return span, work.row.version


def rewrite(work: Work, span: Span, changes: Mapping[str, Any], *, snaps: bool = False) -> None:
    """Change a span within a write that has checked that it may be changed."""
    before = events.span_facts(span)
    draft = _patched(span, changes)
    ruler = Ruler(_text(work.row), snaps=snaps)
    found = ruler.range(draft)
    _require_attributes(draft)
    work.count([span.label], -1)
    span.label, span.start, span.end = draft.label, found.start, found.end
    span.quote, span.attributes = found.quote(ruler.text), ordered(draft.attributes)
    span.actor_id, span.proposition_id = draft.actor_id, draft.proposition_id
    span.version += 1
    _require_new(work.row, [("", span)])
    _require_registered(work.row, [("", draft.actor_id, draft.proposition_id)])
    _require_relations(span)
    work.count([span.label], +1)
    span.save(force_update=True)
    work.tell(events.SPAN_CHANGED, before=before, after=events.span_facts(span))


def _current(span: Span) -> dict[str, Any]:
    return {
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "quote": span.quote,
        "attributes": span.attributes,
        "actor_id": span.actor_id,
        "proposition_id": span.proposition_id,
    }


def _patched(span: Span, changes: Mapping[str, Any]) -> SpanDraft:
    """The span with its changes; the old quote binds only where the range stays."""
    fields = {**_current(span), **changes}
    if "quote" not in changes and ("start" in changes or "end" in changes):
        fields["quote"] = None
    return SpanDraft(**fields)


def _require_attributes(draft: SpanDraft) -> None:
    """Refuse a new label that the stored attributes do not fit."""
    errors = check_attributes(draft.label, draft.attributes)
    if errors:
        raise Invalid(says("The attributes do not fit the label {label}.", label=draft.label), errors=errors)


def _require_relations(span: Span) -> None:
    """Refuse a new label that the relations of the span do not allow."""
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
    """Delete a span and its relations; its comments stay. Answers the version of its set."""
    with writing(by, seen.set_id, Permission.EDIT_CONTENT) as work:
        span = _SPAN(by, seen.pk)
        require_version("span", span.version, version)
        work.require_editable()
        remove(work, span)
    return work.row.version


def remove(work: Work, span: Span) -> None:
    """Delete a span within a write that has checked that it may be deleted."""
    relations = [
        events.relation_facts(relation)
        for relation in Relation.objects.filter(source=span) | Relation.objects.filter(target=span)
    ]
    work.count([span.label], -1)
    work.tell(events.SPAN_DELETED, before={**events.span_facts(span), "relations": relations})
    span.delete()
