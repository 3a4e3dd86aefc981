"""What a correction will do to each set of an article, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Contents
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.contrib.auth.models import User

from annotations.enums import EDITABLE, LIVE, CarryApproval, DecisionState, Round, SetKind, State
from annotations.exceptions import NotAllowedNowError
from annotations.messages import message, term
from annotations.models import AnnotationSet, CarryItem, CarryOver, Decision, Span
from annotations.services.core.sets import locked_sets
from annotations.services.correction.contents import SetContent
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
    content: SetContent
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


def plan_sets(
    rows: Sequence[AnnotationSet], contents: Contents[UUID, SetContent], text: str
) -> list[SetPlan]:
    """Return what the text would do to the sets that it concerns.

    A gold set whose work already goes on in a live one stays gold, and no second one is made.
    """
    live = [row for row in rows if row.state in EDITABLE]
    texts: dict[UUID, Mapping] = {}
    plans = []
    for row in rows:
        content = contents[row.pk]
        if row.revision_id not in texts:
            texts[row.revision_id] = mapping(content.text, text)
        plan = SetPlan(row, content, texts[row.revision_id], plan_spans(content, texts[row.revision_id]))
        if row.state in EDITABLE or plan.is_equivalent or not live:
            plans.append(plan)
    return plans


def count_carried(by: User | None, carries: Iterable[SetPlan | CarryOver]) -> Counter[str]:
    """Return how many spans of each status several sets have together; of those that ``by`` may read.

    None is the system, which sees everything. Whoever may correct a text sees all sets but blind ones.
    """
    total: Counter[str] = Counter()
    for each in carries:
        row = each.to_set if isinstance(each, CarryOver) else each.row
        if by is None or not row.blind or row.owner_id == by.pk:
            total.update(each.counts)
    return total


def load_concerned_sets(articles: Collection[UUID], *, lock: bool) -> dict[UUID, list[AnnotationSet]]:
    """Return the sets that corrections of locked articles concern, by article.

    Calibrations stay on their text, which all who took part have read.
    """
    sets = locked_sets() if lock else AnnotationSet.objects.select_related("corpus")
    rows = sets.filter(article__in=articles, round=Round.PRODUCTION, state__in=[*LIVE, State.APPROVED])
    found: dict[UUID, list[AnnotationSet]] = {id: [] for id in articles}
    for row in rows.select_related("owner", "reviewer").order_by("pk"):
        found[row.article_id].append(row)
    return found


def require_replaceable(rows: Iterable[AnnotationSet]) -> None:
    """Raise ``NotAllowedNowError`` while the text may not be replaced under the sets that it concerns.

    Whoever settles differences comes first: what they settle is submitted, and cannot be recalled.
    """
    rows = list(rows)
    for row in rows:
        if row.kind == SetKind.ADJUDICATION and row.state in EDITABLE and _has_open_decisions(row):
            raise _busy_error(
                row,
                message(
                    "{person} is settling the differences of this article; let that be finished or "
                    "withdrawn, then correct the text.",
                    person=row.owner.get_username(),
                ),
            )
    for row in rows:
        if row.state not in EDITABLE and row.state != State.APPROVED:
            raise _under_review_error(row)


def _has_open_decisions(row: AnnotationSet) -> bool:
    return Decision.objects.filter(set=row, state=DecisionState.OPEN).exists()


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


def plan_spans(content: SetContent, texts: Mapping) -> list[SpanPlan]:
    """Return the plans of the spans, then of the items that still wait for a decision."""
    spans, items = content.spans, content.items
    ranges = [Range(span.start, span.end) for span in spans]
    plans = [
        SpanPlan(span.pk, span, carried) for span, carried in zip(spans, carry(texts, ranges), strict=True)
    ]
    touched = {item.span_id for item in items if item.status == CarryStatus.TOUCHED}
    plans = [_keep_touched(plan) if plan.id in touched else plan for plan in plans]
    waiting = [item for item in items if item.status != CarryStatus.TOUCHED]
    return [*plans, *_plan_items(waiting, content, texts)]


def _keep_touched(plan: SpanPlan) -> SpanPlan:
    """Return the plan of a span at which nobody has looked since it was touched: it stays so."""
    if plan.status in SILENT:
        return SpanPlan(plan.id, plan.span, CarriedSpan(CarryStatus.TOUCHED, plan.carried.place))
    return plan


def _plan_items(items: Sequence[CarryItem], content: SetContent, texts: Mapping) -> list[SpanPlan]:
    """Return the plans of items: a proposal goes along, if it stands in the new text.

    Otherwise the text in which the span stood says what is proposed, so that words which come back are found.
    """
    proposed = {
        item.pk: Range(item.proposal_start, item.proposal_end)
        for item in items
        if item.proposal_start is not None and item.proposal_end is not None
    }
    carried = dict(zip(proposed, carry(texts, list(proposed.values())), strict=True)) if proposed else {}
    direct = _carry_directly(items, content.origins, texts.new)
    plans = []
    for item in items:
        found = carried.get(item.pk)
        plan = direct.get(item.pk, CarriedSpan(CarryStatus.LOST, None))
        if plan.status in CARRIED:
            plan = CarriedSpan(CarryStatus.UNCERTAIN, plan.place)
        elif found is not None and found.status in CARRIED:
            plan = CarriedSpan(CarryStatus(item.status), found.place)
        plans.append(SpanPlan(item.old_span, item, plan))
    return plans


def _carry_directly(
    items: Sequence[CarryItem], origins: Contents[UUID, str], text: str
) -> dict[UUID, CarriedSpan]:
    """Return what becomes of the spans of items from the texts in which they stood, by items."""
    by_text: dict[str, list[CarryItem]] = {}
    for item in items:
        origin = origins.get(item.old_span)
        if origin is not None and origin[item.start : item.end] == item.quote:
            by_text.setdefault(origin, []).append(item)
    found: dict[UUID, CarriedSpan] = {}
    for origin, group in by_text.items():
        ranges = [Range(item.start, item.end) for item in group]
        carried = carry(mapping(origin, text), ranges)
        found |= {item.pk: each for item, each in zip(group, carried, strict=True)}
    return found
