"""The span that a decision about an item makes: a new one, or the one that says the same already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from annotations.exceptions import DuplicateError
from annotations.messages import join_list, message, term
from annotations.models import Actor, CarryItem, Comment, Proposition, Relation, Span
from annotations.scheme import check_relation
from annotations.services.core import relations, spans
from annotations.services.core.sets import SetEdit
from annotations.services.core.text_ranges import OffsetResolver, text_of

#: How a link of a relation is kept: its type, whether the item is the source, the old id of the other end,
#: and the span of the other end in the new set.
Link = dict[str, Any]


def mark_words(edit: SetEdit, item: CarryItem, start: int, end: int, quote: str | None) -> None:
    """Mark the words of an item anew, with the relations and the comments that wait for them.

    A mark of the same words that says what the item says is taken as its span: somebody has set it by hand
    in the meantime, or another item led to it.
    """
    draft = _build_draft(item, start, end, quote)
    item.span = _find_standing(edit, draft) or spans.insert_spans(edit, [draft])[0]
    waiting = Comment.objects.filter(set=edit.row, pk__in=item.comments, span__isnull=True)
    waiting.update(span=item.span, version=F("version") + 1)
    _restore_relations(edit, item.relations, item.span, _find_others(item))


def move_span(edit: SetEdit, item: CarryItem, start: int, end: int, quote: str | None) -> None:
    """Let the span of a touched item mark other words; a mark there that says the same takes its place."""
    moved = item.span
    if moved is None:
        return
    if _is_shared(item):
        mark_words(edit, item, start, end, quote)
        return
    draft = _build_draft(moved, start, end, quote)
    standing = _find_standing(edit, draft, but=moved)
    if standing is None:
        spans.rewrite_span(edit, moved, {"start": start, "end": end, "quote": quote})
    else:
        _unite(edit, moved, standing)
        item.span = standing


def drop_span(edit: SetEdit, item: CarryItem) -> None:
    """Delete the span of a touched item, unless another item was decided to be this mark."""
    if item.span is not None and not _is_shared(item):
        spans.remove_span(edit, item.span)
    item.span = None


def _build_draft(values: CarryItem | Span, start: int, end: int, quote: str | None) -> spans.SpanDraft:
    """Return a draft that says of some words what an item or a span says."""
    return spans.SpanDraft(
        label=values.label,
        start=start,
        end=end,
        quote=quote,
        attributes=values.attributes,
        actor_id=values.actor_id,
        proposition_id=values.proposition_id,
    )


def _is_shared(item: CarryItem) -> bool:
    """Return whether the span of an item is what was decided of another one, too."""
    others = CarryItem.objects.filter(set=item.set_id, span=item.span_id).exclude(pk=item.pk)
    return others.exclude(decision="").exists()


def _find_standing(edit: SetEdit, draft: spans.SpanDraft, but: Span | None = None) -> Span | None:
    """Return a span of the set that marks what a draft marks and says all that it says.

    Raise ``DuplicateError`` if the one that a new span would repeat says something else.
    """
    found = OffsetResolver(text_of(edit.row)).resolve(draft)
    here = Span.objects.filter(set=edit.row, label=draft.label, start=found.start, end=found.end)
    here = here.exclude(pk=but.pk) if but else here
    rows = list(here.select_related("actor", "proposition").order_by("pk"))
    rows.sort(key=lambda span: span.proposition_id != draft.proposition_id)
    if not rows:
        return None
    links = _canonical_links([draft, *rows])
    differing = [list(_differences(draft, span, links)) for span in rows]
    for span, differences in zip(rows, differing, strict=True):
        if not differences:
            return span
    if rows[0].proposition_id == draft.proposition_id:
        raise _conflict_error(draft, rows[0], differing[0])
    return None


def _canonical_links(rows: Iterable[spans.SpanDraft | Span]) -> dict[UUID | None, UUID]:
    """Return the entries that the actors and propositions of rows stand for."""
    rows = list(rows)
    found: dict[UUID | None, UUID] = {}
    for model, ids in (
        (Actor, {row.actor_id for row in rows}),
        (Proposition, {row.proposition_id for row in rows}),
    ):
        wanted = [id for id in ids if id is not None]
        if len(wanted) > 1:
            found |= dict(model.objects.filter(pk__in=wanted).values_list("pk", "canonical"))
    return found


def _differences(draft: spans.SpanDraft, span: Span, links: dict[UUID | None, UUID]) -> Iterator[str]:
    """Yield the names of the values of a draft that a span has not; what it says beyond them is none."""
    for name, value in draft.attributes.items():
        if span.attributes.get(name) != value:
            yield term("attribute", name)
    for name, ours, theirs in (
        ("actor", draft.actor_id, span.actor_id),
        ("proposition", draft.proposition_id, span.proposition_id),
    ):
        if ours is not None and links.get(ours, ours) != links.get(theirs, theirs):
            yield term("field", name)


def _conflict_error(draft: spans.SpanDraft, span: Span, differences: list[str]) -> DuplicateError:
    return DuplicateError(
        message(
            "These words are marked as {label} already, under the id {id}, and the two marks differ in: "
            "{names}. If the one that stands there is right, drop this one; otherwise change that one first, "
            "then decide again.",
            label=term("label", draft.label),
            id=span.pk,
            names=join_list(differences),
        ),
        span=str(span.pk),
    )


def _unite(edit: SetEdit, gone: Span, stays: Span) -> None:
    """Delete a span in favour of one that says the same; its relations and comments go on with that one."""
    links: list[Link] = []
    others: dict[str, Span] = {}
    rows = Relation.objects.filter(Q(source=gone) | Q(target=gone)).select_related("source", "target")
    for relation in rows.order_by("pk"):
        is_source = relation.source_id == gone.pk
        other = relation.target if is_source else relation.source
        others[str(other.pk)] = other
        links.append({"type": relation.type, "is_source": is_source, "span": str(other.pk)})
    Comment.objects.filter(set=edit.row, span=gone).update(span=stays, version=F("version") + 1)
    _rename_waiting_links(gone, stays)
    spans.remove_span(edit, gone)
    _restore_relations(edit, links, stays, others)


def _rename_waiting_links(gone: Span, stays: Span) -> None:
    """Let relations that wait for other items end at the span that stays."""
    changed = []
    for item in CarryItem.objects.open().filter(set=gone.set_id).exclude(relations=[]):
        named = [link for link in item.relations if link["span"] == str(gone.pk)]
        for link in named:
            link["span"] = str(stays.pk)
        if named:
            changed.append(item)
    CarryItem.objects.bulk_update(changed, ["relations"])


def _restore_relations(edit: SetEdit, links: Iterable[Link], span: Span, others: dict[str, Span]) -> None:
    """Add the relations whose other end stands in the set; the others wait for their own item."""
    here = set(Relation.objects.filter(set=edit.row).values_list("type", "source_id", "target_id"))
    drafts = []
    for link in links:
        other = others.get(link["span"] or link["old"])
        if other is None:
            continue
        source, target = (span, other) if link["is_source"] else (other, span)
        is_same, key = source.pk == target.pk, (link["type"], source.pk, target.pk)
        # Labels may have changed in the meantime.
        if key not in here and not check_relation(
            link["type"], source.label, target.label, is_same_span=is_same
        ):
            here.add(key)
            drafts.append(
                relations.RelationDraft(type=link["type"], source_id=source.pk, target_id=target.pk)
            )
    relations.insert_relations(edit, drafts)


def _find_others(item: CarryItem) -> dict[str, Span]:
    """Return the spans of the set that the relations of an item name, by the ids that they name."""
    named = [link["span"] for link in item.relations if link["span"]]
    old = [link["old"] for link in item.relations if not link["span"]]
    found = {str(span.pk): span for span in Span.objects.filter(set=item.set_id, pk__in=named)}
    settled = CarryItem.objects.filter(set=item.set_id, old_span__in=old).select_related("span")
    return found | {str(each.old_span): each.span for each in settled if each.span is not None}
