"""What a correction will do to each set of an article, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from annotations.enums import EDITABLE, LIVE, CarryApproval, DecisionState, Round, SetKind, State
from annotations.exceptions import NotAllowedNowError
from annotations.messages import message, term
from annotations.models import (
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Decision,
    Revision,
    Span,
)
from annotations.services.core.sets import locked_sets
from annotations.text.align import CARRIED, SILENT, CarriedSpan, CarryStatus, Mapping, carry, mapping
from annotations.text.ranges import Range


@dataclass(frozen=True)
class SpanPlan:
    """A span of a set, and what becomes of it; ``item`` is an older one that still waits for a decision."""

    id: UUID
    span: Span | CarryItem
    carried: CarriedSpan

    @property
    def status(self) -> CarryStatus:
        """What becomes of the span."""
        return self.carried.status

    @property
    def needs_look(self) -> bool:
        """Whether somebody has to look at it."""
        return self.status not in SILENT

    @property
    def is_carried(self) -> bool:
        """Whether it stands in the new text."""
        return isinstance(self.span, Span) and self.status in CARRIED

    @property
    def proposal(self) -> Range | None:
        """The range that is proposed for a span that was not carried."""
        return None if self.is_carried else self.carried.place


@dataclass(frozen=True)
class SetPlan:
    """What becomes of one set."""

    row: AnnotationSet
    texts: Mapping
    spans: Sequence[SpanPlan]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many spans have each status."""
        counted = Counter(plan.status for plan in self.spans)
        return {str(status): counted[status] for status in CarryStatus}

    @property
    def is_equivalent(self) -> bool:
        """Whether the approval of the set holds for the new text without a review."""
        return (
            self.row.state == State.APPROVED
            and self.row.corpus.carry_approval == CarryApproval.WHEN_UNTOUCHED
            and not any(plan.needs_look for plan in self.spans)
        )


def plan_sets(article: Article, text: str, *, lock: bool = True) -> list[SetPlan]:
    """Return what the text would do to the sets of a locked article; raise while one is under review.

    Calibrations stay on their text, which all who took part have read. A gold set whose work already goes
    on in a live one stays gold, and no second one is made.
    """
    rows = _concerned_sets(article, lock=lock)
    live = [row for row in rows if row.state in EDITABLE]
    texts: dict[UUID, Mapping] = {}
    plans = []
    for row in rows:
        if row.revision_id not in texts:
            old = Revision.objects.values_list("text", flat=True).get(pk=row.revision_id)
            texts[row.revision_id] = mapping(old, text)
        plan = SetPlan(row, texts[row.revision_id], _plan_spans(row, texts[row.revision_id]))
        if row.state in EDITABLE or plan.is_equivalent or not live:
            plans.append(plan)
    return plans


def count_carried(carries: Iterable[SetPlan | CarryOver]) -> Counter[str]:
    """Return how many spans of each status several sets have together."""
    total: Counter[str] = Counter()
    for each in carries:
        total.update(each.counts)
    return total


def require_replaceable(article: Article) -> None:
    """Raise ``NotAllowedNowError`` while the text of an article may not be replaced under its sets."""
    _concerned_sets(article, lock=False)


def _concerned_sets(article: Article, *, lock: bool) -> list[AnnotationSet]:
    """Return the sets that a correction concerns; raise while one of them is under review."""
    sets = locked_sets() if lock else AnnotationSet.objects.select_related("corpus")
    rows = sets.filter(article=article, round=Round.PRODUCTION, state__in=[*LIVE, State.APPROVED])
    concerned = list(rows.select_related("owner", "reviewer").order_by("pk"))
    for row in concerned:
        if row.state not in EDITABLE and row.state != State.APPROVED:
            raise _under_review_error(row)
        if (
            row.kind == SetKind.ADJUDICATION
            and row.state in EDITABLE
            and Decision.objects.filter(set=row, state=DecisionState.OPEN).exists()
        ):
            raise _busy_error(
                row,
                message(
                    "{person} is settling the differences of this article; let that be finished or "
                    "withdrawn, then correct the text.",
                    person=row.owner.get_username(),
                ),
            )
    return concerned


def _under_review_error(row: AnnotationSet) -> NotAllowedNowError:
    holder = row.reviewer if row.state == State.IN_REVIEW and row.reviewer else row.owner
    return _busy_error(
        row,
        message(
            "A set of this article is {state} ({person}), and its text stays until that is decided; a "
            "manager can recall what is only submitted, with recall=true.",
            state=term("State", str(row.state).replace("_", " ")),
            person=holder.get_username(),
        ),
    )


def _busy_error(row: AnnotationSet, detail: str) -> NotAllowedNowError:
    return NotAllowedNowError(
        detail,
        state=row.state,
        allowed=[],
        set=str(row.pk),
        owner=row.owner.get_username(),
        reviewer=row.reviewer.get_username() if row.reviewer else None,
    )


def _plan_spans(row: AnnotationSet, texts: Mapping) -> list[SpanPlan]:
    """Return the plans of the spans, then of the items that still wait for a decision."""
    spans = list(Span.objects.filter(set=row))
    ranges = [Range(span.start, span.end) for span in spans]
    plans = [
        SpanPlan(span.pk, span, carried) for span, carried in zip(spans, carry(texts, ranges), strict=True)
    ]
    items = CarryItem.objects.open().filter(set=row)
    touched = {item.span_id for item in items if item.status == CarryStatus.TOUCHED}
    plans = [_keep_touched(plan) if plan.id in touched else plan for plan in plans]
    waiting = [item for item in items if item.status != CarryStatus.TOUCHED]
    return [*plans, *(_plan_item(item, texts) for item in waiting)]


def _keep_touched(plan: SpanPlan) -> SpanPlan:
    """Return the plan of a span at which nobody has looked since it was touched: it stays so."""
    if plan.status in SILENT:
        return SpanPlan(plan.id, plan.span, CarriedSpan(CarryStatus.TOUCHED, plan.carried.place))
    return plan


def _plan_item(item: CarryItem, texts: Mapping) -> SpanPlan:
    """Return the plan of an item: its proposal goes along, if it stands in the new text."""
    place = None
    if item.proposal_start is not None and item.proposal_end is not None:
        (carried,) = carry(texts, [Range(item.proposal_start, item.proposal_end)])
        place = carried.place if carried.status in CARRIED else None
    status = CarryStatus(item.status) if place else CarryStatus.LOST
    return SpanPlan(item.old_span, item, CarriedSpan(status, place))
