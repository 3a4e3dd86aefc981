"""Agreement that a transition freezes: counted once, before the annotators can discuss it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from annotations.enums import Round, SetKind, State
from annotations.metrics.agreement import SetData, count_agreement
from annotations.models import AnnotationSet, FrozenAgreement, Relation, Span, uuid7
from annotations.scheme import RelationData, SpanData
from annotations.services.core.span_values import COMPARED_COLUMNS


def freeze_at_submission(row: AnnotationSet, at: datetime | None = None) -> None:
    """Freeze the agreement on an article if this was the last of its independent sets.

    Later comments, withdrawals and submissions change nothing. A set that continues another annotator's
    work is not independent and is not compared. Call it after ``refresh_status``, which stores whether
    the sets are still blind. ``at`` is the time of the submission if it was not now.
    """
    article, round_ = row.article, Round(row.round)
    single = round_ == Round.PRODUCTION and article.annotators == 1
    if row.kind != SetKind.ANNOTATION or single:
        return
    independent = AnnotationSet.objects.filter(
        Q(based_on__isnull=True) | Q(based_on__owner=F("owner")),
        article=article,
        revision_id=row.revision_id,
        kind=SetKind.ANNOTATION,
        round=round_,
        state=State.SUBMITTED,
        blind=False,
    )
    rows = sorted(independent.select_related("owner", "revision"), key=lambda row: row.owner.get_username())
    if len(rows) > 1:
        _freeze(row, SetKind.ANNOTATION, rows, at)


def freeze_at_withdrawal(row: AnnotationSet) -> None:
    """Freeze the agreement of the others if the set that went was the last one that was still open."""
    if row.kind != SetKind.ANNOTATION:
        return
    others = AnnotationSet.objects.filter(
        article=row.article_id, kind=SetKind.ANNOTATION, round=row.round, state=State.SUBMITTED, blind=False
    )
    last = others.select_related("article").order_by("-submitted_at", "pk").first()
    if last is not None:
        freeze_at_submission(last)


def freeze_at_approval(row: AnnotationSet) -> None:
    """Freeze the agreement of each source with the adjudication that was approved."""
    if row.kind != SetKind.ADJUDICATION:
        return
    sources = AnnotationSet.objects.filter(adjudications__set=row, revision_id=row.revision_id)
    for source in sources.select_related("owner", "revision"):
        _freeze(row, SetKind.ADJUDICATION, [source, row])


def _freeze(
    row: AnnotationSet, kind: SetKind, rows: Sequence[AnnotationSet], at: datetime | None = None
) -> None:
    """Store the counts of each pair that has none yet."""
    owners = [each.owner for each in rows]
    known = set(
        FrozenAgreement.objects.filter(article=row.article_id, round=row.round, kind=kind).values_list(
            "first_id", "second_id"
        )
    )
    data_by_set = load_set_data([each.pk for each in rows])
    # Names that sort as the rows do, so that "first" and "second" mean what they say.
    names = {f"{place:04}": data_by_set[each.pk] for place, each in enumerate(rows)}
    counted = count_agreement(rows[0].revision.text, names)
    pairs = ((owners[int(pair.first)], owners[int(pair.second)], counts) for pair, counts in counted.items())
    FrozenAgreement.objects.bulk_create(
        FrozenAgreement(
            id=uuid7(),
            corpus_id=row.corpus_id,
            article_id=row.article_id,
            round=row.round,
            kind=kind,
            first=first,
            second=second,
            annotators=len(rows),
            counts=counts.to_json(),
            guideline_version=row.guideline_version,
            frozen_at=at or timezone.now(),
        )
        for first, second, counts in pairs
        if first.pk != second.pk and (first.pk, second.pk) not in known
    )


def load_set_data(ids: Sequence[UUID]) -> dict[UUID, SetData]:
    """Return the spans and relations of sets, linked to the canonical actors and propositions."""
    # Plain tuples: objects would take half of the time of a submission.
    rows = Span.objects.filter(set__in=ids).order_by().values_list("set_id", *COMPARED_COLUMNS)
    spans_by_set: dict[UUID, list[SpanData]] = {id: [] for id in ids}
    relations_by_set: dict[UUID, list[RelationData]] = {id: [] for id in ids}
    for set_id, *values in rows:
        spans_by_set[set_id].append(SpanData(*values))
    relations = Relation.objects.filter(set__in=ids).order_by()
    columns = ("set_id", "pk", "type", "source_id", "target_id")
    for set_id, id, type_, source, target in relations.values_list(*columns):
        relations_by_set[set_id].append(RelationData(id, type_, source, target))
    return {id: SetData(spans_by_set[id], relations_by_set[id]) for id in ids}
