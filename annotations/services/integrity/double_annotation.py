"""Double annotation: adjudications with their sources and decisions, and frozen agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotations.enums import DecisionChoice, DecisionState, DifferenceKind, Round, SetKind, State
from annotations.metrics.agreement import AgreementCounts
from annotations.models import AnnotationSet, Article, Decision, FrozenAgreement, Source, Span, SpanSource
from annotations.models.bulk import batched
from annotations.services.double_annotation.decisions import SIDE_BY_CHOICE
from annotations.services.integrity.checks import (
    ROWS_AT_ONCE,
    SETS_AT_ONCE,
    Check,
    CheckResult,
    CheckScope,
    stream_batches,
    stream_rows,
)

#: The states of an adjudication in which every decision is resolved.
_RESOLVED_STATES = (State.SUBMITTED, State.IN_REVIEW, State.APPROVED)
_ACCEPTING_CHOICES = (DecisionChoice.TAKE_A, DecisionChoice.TAKE_B, DecisionChoice.TAKE)


def _check_sources(scope: CheckScope, result: CheckResult) -> None:
    """Check that only adjudications have sources: independent production sets of the same revision."""
    rows = scope.select(Source.objects.select_related("set", "source"), "set__corpus_id")
    for row in stream_rows(rows):
        result.add_row(row.pk, _source_fault(row.set, row.source))


def _source_fault(row: AnnotationSet, source: AnnotationSet) -> str | None:
    if row.kind != SetKind.ADJUDICATION:
        return "Something else than an adjudication has a source."
    if source.kind != SetKind.ANNOTATION or source.round != Round.PRODUCTION:
        return "The source of the adjudication is not an independent production set."
    if source.revision_id != row.revision_id:
        return "The source of the adjudication is on another text."
    return None


def _check_span_sources(scope: CheckScope, result: CheckResult) -> None:
    """Check that the sources of a span are spans of the sources of its set."""
    known = Source.objects.filter(set_id=OuterRef("span__set_id"), source_id=OuterRef("source__set_id"))
    rows = scope.select(SpanSource.objects.annotate(known=Exists(known)), "span__set__corpus_id")
    for pk, is_known in rows.values_list("pk", "known"):
        fault = "The span was taken from a set that its adjudication does not settle."
        result.add_row(pk, None if is_known else fault)


def _check_decisions(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(Decision.objects.select_related("set", "span"), "set__corpus_id")
    for batch in stream_batches(rows):
        sources = _sources_of({row.set_id for row in batch})
        for row in batch:
            result.add_row(row.pk, _decision_fault(row, sources.get(row.set_id, ())))


def _sources_of(ids: Iterable[UUID]) -> Mapping[UUID, Sequence[str]]:
    """Return the ids of the sources of adjudications as text, in their order."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = Source.objects.filter(set__in=list(ids)).order_by("position")
    for set_id, source_id in rows.values_list("set_id", "source_id"):
        found[set_id].append(str(source_id))
    return found


def _decision_fault(row: Decision, sources: Sequence[str]) -> str | None:
    span: Span | None = row.span
    is_accepting = row.choice in _ACCEPTING_CHOICES
    rows: tuple[tuple[bool, str], ...] = (
        (
            [side["set"] for side in row.sides] != list(sources),
            "The sides of the decision are not the sources of its set.",
        ),
        (
            row.state == DecisionState.OPEN and row.set.state in _RESOLVED_STATES,
            f"The decision is open, and its set is {row.set.state}.",
        ),
        (span is not None and span.set_id != row.set_id, "What came of the decision is in another set."),
        (
            span is not None and row.state == DecisionState.OPEN,
            "Something came of an open decision.",
        ),
        (
            is_accepting != (row.taken is not None),
            "The choice and the side that was taken disagree.",
        ),
        (
            row.taken is not None and row.taken >= len(row.sides),
            "The decision took a side that it does not have.",
        ),
        (
            row.choice in SIDE_BY_CHOICE and row.taken != SIDE_BY_CHOICE[DecisionChoice(row.choice)],
            "The decision took another side than its letter says.",
        ),
        ((row.kind == DifferenceKind.RELATION) != (row.ends is not None), "The decision lacks its ends."),
    )
    return next((sentence for fits, sentence in rows if fits), None)


def _check_agreement(scope: CheckScope, result: CheckResult) -> None:
    """Check that frozen agreement can be read, that both users have submitted, and that none is missing."""
    first, second = _submitted_by("first"), _submitted_by("second")
    rows = FrozenAgreement.objects.annotate(one=Exists(first), other=Exists(second))
    for row in stream_rows(scope.select(rows, "corpus_id")):
        result.add_row(row.pk, _agreement_fault(row))
    _check_compared(scope, result)


def _submitted_by(person: str) -> QuerySet[AnnotationSet]:
    return AnnotationSet.objects.filter(
        article=OuterRef("article"),
        round=OuterRef("round"),
        owner=OuterRef(person),
        submitted_at__isnull=False,
    )


def _agreement_fault(row: FrozenAgreement) -> str | None:
    if not getattr(row, "one", True) or not getattr(row, "other", True):
        return "The agreement is of somebody who has no submitted set on the article in that round."
    try:
        counts = AgreementCounts.from_json(row.counts)
    except (KeyError, TypeError, ValueError):
        return "The counts of the agreement cannot be read."
    return (
        None if counts.articles == 1 else f"The agreement counts {counts.articles} articles instead of one."
    )


def _check_compared(scope: CheckScope, result: CheckResult) -> None:
    """Check that any two independent sets that may be seen were compared before they could be seen."""
    seen = AnnotationSet.objects.filter(_INDEPENDENT, article=OuterRef("pk"))
    rows = scope.select(Article.objects.filter(Exists(seen)), "corpus_id").values_list("pk", flat=True)
    for batch in batched(rows.iterator(chunk_size=ROWS_AT_ONCE), SETS_AT_ONCE):
        compared = {
            (article_id, round_, frozenset(pair))
            for article_id, round_, *pair in FrozenAgreement.objects.filter(
                article__in=batch, kind=SetKind.ANNOTATION
            ).values_list("article_id", "round", "first_id", "second_id")
        }
        for (article_id, round_, _), people in _independent_owners(batch).items():
            pairs = combinations(sorted(people), 2)
            missing = [pair for pair in pairs if (article_id, round_, frozenset(pair)) not in compared]
            fault = f"Two people have submitted a set ({round_}), and their agreement was not frozen."
            result.add_row(article_id, fault if missing else None)


#: The sets whose agreement ``freeze_at_submission`` freezes.
_INDEPENDENT = (
    Q(kind=SetKind.ANNOTATION, state=State.SUBMITTED, blind=False)
    & (Q(based_on__isnull=True) | Q(based_on__owner=F("owner")))
    & (Q(round=Round.CALIBRATION) | Q(article__annotators__gt=1))
)


def _independent_owners(article_ids: Sequence[UUID]) -> Mapping[tuple[UUID, str, UUID], set[int]]:
    """Return the owners of independent sets by article, round and text."""
    found: dict[tuple[UUID, str, UUID], set[int]] = defaultdict(set)
    rows = AnnotationSet.objects.filter(_INDEPENDENT, article__in=article_ids).order_by("article_id", "round")
    for article_id, round_, revision_id, owner_id in rows.values_list(
        "article_id", "round", "revision_id", "owner_id"
    ):
        found[article_id, round_, revision_id].add(owner_id)
    return found


CHECKS = (
    Check("sources", "An adjudication settles independent sets on its own text.", _check_sources),
    Check("taken", "What an adjudication took came out of one of its sources.", _check_span_sources),
    Check(
        "decisions",
        "Decisions fit their sources, and none is open in what was handed over.",
        _check_decisions,
    ),
    Check(
        "agreement",
        "Agreement is frozen for any two who handed in independent sets, can be read, and is of no others.",
        _check_agreement,
    ),
)
