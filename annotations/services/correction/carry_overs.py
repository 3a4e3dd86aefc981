"""Storing what becomes of the sets of an article whose text was corrected."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.enums import EDITABLE, ApprovalBasis, NotificationKind, Round, SetKind, State
from annotations.models import (
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Comment,
    Relation,
    Span,
    bulk,
    uuid7,
)
from annotations.services.core import notifications
from annotations.services.core.sets import create_set, raise_version
from annotations.services.core.span_values import SpanValues
from annotations.services.correction.set_plans import SetPlan
from annotations.services.review.transitions import digest_content, make_system_transition
from annotations.text import align
from annotations.text.ranges import Range


def store_plans(by: User | None, article: Article, plans: Sequence[SetPlan], reason: str) -> list[CarryOver]:
    """Make the sets of the plans on the current revision of a locked article; the caller refreshes it."""
    return [_store_plan(by, article, plan, reason) for plan in plans]


def _store_plan(by: User | None, article: Article, plan: SetPlan, reason: str) -> CarryOver:
    old, now = plan.row, timezone.now()
    is_gold = old.state == State.APPROVED
    new = create_set(
        by,
        article,
        old.owner,
        round_=Round(old.round),
        kind=SetKind(old.kind),
        due_at=now if is_gold and not plan.is_equivalent else old.due_at,
        based_on=old,
        reason=reason,
        refresh=False,
    )
    carry = CarryOver.objects.create(
        id=uuid7(),
        article=article,
        from_revision_id=old.revision_id,
        to_revision_id=article.revision_id,
        from_set=old,
        to_set=new,
        counts=plan.counts,
        digest=plan.texts.digest,
        by=by,
        at=now,
    )
    copies = _copy_spans(plan, new)
    comments = _copy_comments(plan, new, copies)
    _create_items(plan, carry, copies, comments)
    if plan.is_equivalent:
        _approve(by, plan, new)
    elif old.state in EDITABLE:
        make_system_transition(by, old, "carry_over", successor=str(new.pk), digest=_digest_of(plan))
    if by is not None and not plan.is_equivalent:
        notifications.notify_owners(NotificationKind.ASSIGNED, [new], by)
    return carry


def _digest_of(plan: SetPlan) -> str:
    """Return what ``set_digest`` would of the old set, whose content is at hand."""
    content = plan.content
    return digest_content(sorted(content.spans, key=attrgetter("pk")), content.relations)


def _copy_spans(plan: SetPlan, new: AnnotationSet) -> dict[UUID, Span]:
    """Store the carried spans and the relations between them; return the new spans by the old ids."""
    copies: dict[UUID, Span] = {}
    for each in plan.spans:
        place = each.carried.place
        if each.is_carried and place is not None and isinstance(each.span, Span):
            values = SpanValues.from_row(each.span).columns()
            values |= {"start": place.start, "end": place.end}
            copies[each.id] = Span(set=new, origin=each.span.origin, **values)
    bulk.create_objects(list(copies.values()))
    bulk.create_objects(
        [
            Relation(set=new, type=link.type, source=copies[link.source_id], target=copies[link.target_id])
            for link in plan.content.relations
            if link.source_id in copies and link.target_id in copies
        ]
    )
    counts: dict[str, int] = {}
    for span in copies.values():
        counts[span.label] = counts.get(span.label, 0) + 1
    raise_version(new, span_counts=dict(sorted(counts.items())))
    return copies


def _copy_comments(plan: SetPlan, new: AnnotationSet, copies: dict[UUID, Span]) -> dict[UUID, Comment]:
    """Store the discussion again; return the new comments by the old ids."""
    rows = plan.content.comments
    places = _carry_places(plan)
    made = {
        row.pk: Comment(
            id=uuid7(),
            set=new,
            span=copies.get(row.span_id) if row.span_id else None,
            start=places[row.pk].start if row.pk in places else None,
            end=places[row.pk].end if row.pk in places else None,
            quote=row.quote,
            author_id=row.author_id,
            text=row.text,
            blocking=row.blocking,
            suggestion=_carry_suggestion(row, is_placed=row.span_id in copies or row.pk in places),
            resolved_by_id=row.resolved_by_id,
            resolved_at=row.resolved_at,
            created_at=row.created_at,
        )
        for row in rows
    }
    for row in rows:
        made[row.pk].parent = made.get(row.parent_id) if row.parent_id else None
    bulk.create_objects(list(made.values()))
    return made


def _carry_places(plan: SetPlan) -> dict[UUID, Range]:
    """Return where the words of comments stand in the new text, unless they are gone."""
    rows = [
        (row.pk, Range(row.start, row.end))
        for row in plan.content.comments
        if row.start is not None and row.end is not None
    ]
    carried = align.carry(plan.texts, [where for _, where in rows]) if rows else []
    return {
        pk: each.place
        for (pk, _), each in zip(rows, carried, strict=True)
        if each.place is not None and each.status in align.CARRIED
    }


def _carry_suggestion(row: Comment, *, is_placed: bool) -> dict[str, Any] | None:
    """Return what a comment proposes, unless its place is gone or it names words of the old text."""
    suggestion: dict[str, Any] | None = row.suggestion
    if suggestion is None or not is_placed or {"start", "end", "quote"} & suggestion.keys():
        return None
    return suggestion


def _create_items(
    plan: SetPlan, carry: CarryOver, copies: dict[UUID, Span], comments: dict[UUID, Comment]
) -> None:
    waiting = [each for each in plan.spans if each.needs_look]
    if not waiting:
        return
    links = _waiting_links(plan, copies)
    by_span: dict[UUID, list[str]] = {}
    for comment in plan.content.comments:
        if comment.span_id is not None and comment.span_id not in copies:
            by_span.setdefault(comment.span_id, []).append(str(comments[comment.pk].pk))
    items = []
    for each in waiting:
        place, older = each.proposal, each.span if isinstance(each.span, CarryItem) else None
        item = CarryItem(
            id=uuid7(), carry=carry, set_id=carry.to_set_id, status=each.status, old_span=each.id
        )
        for name in _CONTENT:
            setattr(item, name, getattr(each.span, name))
        item.span = copies.get(each.id)
        item.relations = links.get(each.id, [])
        item.comments = by_span.get(each.id, [])
        if older is not None:
            item.relations = _carried_links(older, copies)
            item.comments = [str(comments[UUID(id)].pk) for id in older.comments]
        if place is not None:
            item.proposal_start, item.proposal_end = place.start, place.end
            item.proposal_quote = place.quote(plan.texts.new)
        items.append(item)
    bulk.create_objects(items)


#: The columns that an item repeats of its span.
_CONTENT = ("label", "start", "end", "quote", "attributes", "actor_id", "proposition_id")


def _waiting_links(plan: SetPlan, copies: dict[UUID, Span]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the relations that could not follow, by each of their ends that was not carried."""
    links: dict[UUID, list[dict[str, Any]]] = {}
    for relation in plan.content.relations:
        ends = relation.source_id, relation.target_id
        for index, end in enumerate(ends):
            other = ends[1 - index]
            if end not in copies:
                links.setdefault(end, []).append(_link(relation.type, index == 0, other, copies.get(other)))
    return links


def _carried_links(item: CarryItem, copies: dict[UUID, Span]) -> list[dict[str, Any]]:
    """Return the relations of an item that waited already, with the spans of the new set."""
    links = []
    for link in item.relations:
        other = UUID(link["span"] or link["old"])
        links.append(_link(link["type"], link["is_source"], other, copies.get(other)))
    return links


def _link(type_: str, is_source: bool, old: UUID, span: Span | None) -> dict[str, Any]:
    """Return a relation as an item keeps it: the other end by its old id, and its span in the new set."""
    return {"type": type_, "is_source": is_source, "old": str(old), "span": span and str(span.pk)}


def _approve(by: User | None, plan: SetPlan, new: AnnotationSet) -> None:
    """Approve the new set with the reviewer of the old one, which it supersedes."""
    old = plan.row
    make_system_transition(by, old, "supersede", successor=str(new.pk))
    make_system_transition(
        by,
        new,
        "approve_by_equivalence",
        columns={
            "reviewer": old.reviewer,
            "review_started_at": old.review_started_at,
            "submitted_at": old.submitted_at,
            "guideline_version": old.guideline_version,
            "approved_at": timezone.now(),
            "approved_by": ApprovalBasis.EQUIVALENCE,
        },
        mapping=plan.texts.digest,
        equivalent_to=str(old.pk),
    )
