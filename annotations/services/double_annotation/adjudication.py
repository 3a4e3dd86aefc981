"""Adjudication: beginning to make one gold set out of several independent sets of an article.

The spans that all sources share are merged at the beginning; every difference becomes a decision, which
``services.decisions`` resolves. The spans of an adjudication are copies that point at their sources, so
that a later change of a source changes no decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.enums import ArticleStatus, DifferenceKind, NotificationKind, Round, SetKind, State
from annotations.exceptions import FourEyesError, NotAllowedNowError, error_at
from annotations.messages import message, term
from annotations.metrics.differences import Comparison, SpanGroup, compare_sides, difference_kind
from annotations.models import (
    AnnotationSet,
    Article,
    Decision,
    Relation,
    Role,
    Source,
    Span,
    SpanSource,
    uuid7,
)
from annotations.permissions import Permission, require_permission
from annotations.scheme import RelationData, SpanData
from annotations.services.core import events, notifications
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import (
    create_set,
    find_user,
    lock_article,
    raise_version,
    require_member,
    require_not_archived,
)
from annotations.services.core.span_values import COMPARED_COLUMNS, SpanValues
from annotations.services.review import adjudicated_sets
from annotations.visibility import get_visible_row

#: The states of an independent set that can be a source.
SOURCE_STATES = (State.SUBMITTED, State.SUPERSEDED)


def adjudication_sources(article: Article) -> list[AnnotationSet]:
    """Return the independent sets of an article that an adjudication would compare, the oldest first."""
    rows = AnnotationSet.objects.filter(
        article=article,
        revision_id=article.revision_id,
        kind=SetKind.ANNOTATION,
        round=Round.PRODUCTION,
        state__in=SOURCE_STATES,
        submitted_at__isnull=False,
    )
    return list(rows.select_related("owner").order_by("pk"))


@transaction.atomic
def begin_adjudication(
    by: User,
    article_id: UUID,
    *,
    owner: str | None = None,
    due_at: datetime | None = None,
    id: UUID | None = None,
) -> tuple[AnnotationSet, bool]:
    """Create the adjudication of an article; return it and whether it is new. The same id is a repeat."""
    require_permission(
        by, Permission.ADJUDICATE, get_visible_row(by, Article.objects.only("pk"), pk=article_id)
    )
    article = lock_article(article_id)
    person = find_user(owner, location="/owner") if owner else by
    stored = AnnotationSet.objects.filter(pk=id).first() if id else None
    if stored is not None:
        same = (stored.article_id, stored.owner_id, stored.kind, stored.due_at)
        if same != (article.pk, person.pk, SetKind.ADJUDICATION, due_at):
            with error_at("/id"):
                raise id_taken_error(id)
        return stored, False
    mine = AnnotationSet.objects.filter(
        article=article, owner=person, kind=SetKind.ANNOTATION, round=Round.PRODUCTION
    )
    sources = adjudication_sources(article)
    if mine.exclude(state=State.WITHDRAWN).exists() or adjudicated_sets.is_author_of_any(person, sources):
        raise FourEyesError(
            message(
                "{person} is an author of one of the sets, and nobody decides on their own "
                "work; ask a colleague.",
                person=person.get_username(),
            )
        )
    require_not_archived(article.corpus)
    _require_ready(article)
    require_member(person, article.corpus, Role.REVIEWER)
    row = create_set(by, article, person, kind=SetKind.ADJUDICATION, due_at=due_at, id=id)
    merge_sources(by, row, sources)
    notifications.notify_owners(NotificationKind.ASSIGNED, [row], by)
    return row, True


def _require_ready(article: Article) -> None:
    if article.status != ArticleStatus.READY_FOR_ADJUDICATION:
        raise NotAllowedNowError(
            message(
                "The article is {status}; an adjudication begins when all its annotators have "
                "submitted, and there is one at a time.",
                status=term("ArticleStatus", str(article.status).replace("_", " ")),
            ),
            state=article.status,
            allowed=[],
        )


def merge_sources(by: User, row: AnnotationSet, sources: Sequence[AnnotationSet]) -> None:
    """Fill a new adjudication: shared spans become its content, every difference a decision."""
    Source.objects.bulk_create(
        Source(set=row, source=source, position=position) for position, source in enumerate(sources)
    )
    sides = _load_sides(sources)
    comparison = compare_sides(sides)
    copies = _merge_spans(row, comparison.agreed)
    links = _merge_relations(row, comparison, copies)
    decisions = [_build_group_decision(row, group, sources, sides) for group in comparison.differing]
    decisions += [
        _build_decision(row, DifferenceKind.RELATION, sources, {}, link.relations, ends=_ends(copies, link))
        for link in comparison.links
    ]
    Decision.objects.bulk_create(decisions, batch_size=500)
    counts: dict[str, int] = {}
    for span in copies.values():
        counts[span.label] = counts.get(span.label, 0) + 1
    raise_version(row, span_counts=dict(sorted(counts.items())))
    payload = {
        **events.set_payload(row),
        "sources": [str(source.pk) for source in sources],
        "spans": len(copies),
        "relations": links,
        "decisions": len(decisions),
    }
    events.store_events([events.build_set_event(events.MERGED, row, by, after=payload)])


Side = tuple[list[SpanData], list[RelationData]]


def _load_sides(sources: Sequence[AnnotationSet]) -> list[Side]:
    """Return the spans and relations of each source, in two queries for all; links are the canonical ones."""
    ids = [source.pk for source in sources]
    sides: dict[UUID, Side] = {id: ([], []) for id in ids}
    spans = Span.objects.filter(set__in=ids).order_by("start", "end", "pk")
    for set_id, *values in spans.values_list("set_id", *COMPARED_COLUMNS):
        sides[set_id][0].append(SpanData(*values))
    relations = Relation.objects.filter(set__in=ids).order_by("pk")
    for link in relations:
        data = RelationData(link.pk, link.type, link.source_id, link.target_id)
        sides[link.set_id][1].append(data)
    return [sides[id] for id in ids]


def _merge_spans(row: AnnotationSet, groups: Sequence[SpanGroup]) -> dict[int, Span]:
    """Create the spans that all sources share, with their sources; return them by ``id()`` of group."""
    copies = {id(group): _build_span(row, next(iter(group.spans.values()))) for group in groups}
    Span.objects.bulk_create(copies.values(), batch_size=500)
    SpanSource.objects.bulk_create(
        (
            SpanSource(span=copies[id(group)], source_id=cast("UUID", mark.id))
            for group in groups
            for mark in group.spans.values()
        ),
        batch_size=500,
    )
    return copies


def _build_span(row: AnnotationSet, mark: SpanData) -> Span:
    return Span(id=uuid7(), set=row, **SpanValues.from_data(mark).columns())


def _merge_relations(row: AnnotationSet, comparison: Comparison, copies: Mapping[int, Span]) -> int:
    links = [
        Relation(set=row, type=type_, source=copies[id(source)], target=copies[id(target)])
        for type_, source, target in comparison.agreed_links
    ]
    Relation.objects.bulk_create(links, batch_size=500)
    return len(links)


def _ends(copies: Mapping[int, Span], link: Any) -> list[str]:
    return [str(copies[id(link.source)].pk), str(copies[id(link.target)].pk)]


def _build_group_decision(
    row: AnnotationSet, group: SpanGroup, sources: Sequence[AnnotationSet], sides: Sequence[Side]
) -> Decision:
    relations = {
        place: tuple(link for link in sides[place][1] if mark.id in (link.source, link.target))
        for place, mark in group.spans.items()
    }
    return _build_decision(row, difference_kind(group, len(sources)), sources, group.spans, relations)


def _build_decision(
    row: AnnotationSet,
    kind: DifferenceKind,
    sources: Sequence[AnnotationSet],
    marks: Mapping[int, SpanData],
    relations: Mapping[int, Sequence[RelationData]],
    *,
    ends: list[str] | None = None,
) -> Decision:
    sides = [
        {
            "set": str(source.pk),
            "owner": source.owner.get_username(),
            "span": SpanValues.from_data(marks[place]).payload(marks[place].id) if place in marks else None,
            "relations": [_relation_side(link) for link in relations.get(place, ())],
        }
        for place, source in enumerate(sources)
    ]
    return Decision(set=row, kind=kind, sides=sides, ends=ends)


def _relation_side(link: RelationData) -> dict[str, str]:
    return {
        "id": str(link.id),
        "type": link.type,
        "source": str(link.source),
        "target": str(link.target),
    }
