"""What a correction did, or would do, as the person who makes it may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q

from annotations.enums import LIVE, ApprovalBasis, Round, State
from annotations.models import AnnotationSet, CarryItem, CarryOver, Revision, Span
from annotations.services.correction.contents import SetContent
from annotations.services.correction.set_plans import SetPlan, SpanPlan, plan_spans
from annotations.text.align import CarryStatus, Mapping
from annotations.visibility import visible, visible_with_content

#: How many items a report lists; the list of items has all.
MAX_ITEMS = 100


@dataclass(frozen=True, kw_only=True)
class CarriedSet:
    """One set of a report; what is marked in it stays hidden where the set is blind (``counts`` is None)."""

    from_set: UUID
    to_set: UUID | None
    owner: str
    state: str
    counts: dict[str, int] | None
    approved_by_equivalence: bool


@dataclass
class CarryReport:
    """The sets that went on, how many spans of each status they have, and the first spans to look at."""

    sets: list[CarriedSet] = field(default_factory=list)
    items: list[CarryItem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def approved_by_equivalence(self) -> int:
        """How many sets stay approved."""
        return sum(row.approved_by_equivalence for row in self.sets)

    def count(self) -> CarryReport:
        """Count the spans of the sets that may be seen."""
        total: Counter[str] = Counter()
        for row in self.sets:
            total.update(row.counts or {})
        self.counts = {str(status): total[status] for status in CarryStatus}
        del self.items[MAX_ITEMS:]
        return self


def _readable(by: User, ids: Iterable[UUID]) -> set[UUID]:
    rows = AnnotationSet.objects.filter(pk__in=list(ids))
    return set(visible_with_content(by, rows).values_list("pk", flat=True))


def report_plans(by: User, plans: Sequence[SetPlan]) -> CarryReport:
    """Return the report of what plans would do to sets."""
    report, readable = CarryReport(), _readable(by, [plan.row.pk for plan in plans])
    for plan in plans:
        row, is_readable = plan.row, plan.row.pk in readable
        report.sets.append(
            CarriedSet(
                from_set=row.pk,
                to_set=None,
                owner=row.owner.get_username(),
                state=State.APPROVED if plan.is_equivalent else State.OPEN,
                counts=plan.counts if is_readable else None,
                approved_by_equivalence=plan.is_equivalent,
            )
        )
        if is_readable:
            report.items += [_preview_item(plan, each) for each in plan.spans if each.needs_look]
    return report.count()


def _preview_item(plan: SetPlan, each: SpanPlan) -> CarryItem:
    """Return an item that is not stored, and has no id."""
    place, span = each.proposal, each.span
    return CarryItem(
        id=None,
        set=plan.row,
        status=each.status,
        old_span=each.id,
        label=span.label,
        start=span.start,
        end=span.end,
        quote=span.quote,
        proposal_start=place.start if place else None,
        proposal_end=place.end if place else None,
        proposal_quote=place.quote(plan.texts.new) if place else "",
        attributes=span.attributes,
        actor_id=span.actor_id,
        proposition_id=span.proposition_id,
        span_id=span.pk if isinstance(span, Span) and each.is_carried else None,
    )


def report_carries(by: User, carries: Sequence[CarryOver]) -> CarryReport:
    """Return the report of what corrections did to sets."""
    report, readable = CarryReport(), _readable(by, [carry.to_set_id for carry in carries])
    for carry in carries:
        row = carry.to_set
        report.sets.append(
            CarriedSet(
                from_set=carry.from_set_id,
                to_set=row.pk,
                owner=row.owner.get_username(),
                state=row.state,
                counts=carry.counts if row.pk in readable else None,
                approved_by_equivalence=row.approved_by == ApprovalBasis.EQUIVALENCE,
            )
        )
    shown = CarryItem.objects.filter(carry__in=[carry.pk for carry in carries]).select_related("set", "by")
    report.items = list(visible(by, shown).order_by("pk")[:MAX_ITEMS])
    return report.count()


def find_differences(by: User, old: Revision, new: Revision, texts: Mapping) -> list[CarryItem]:
    """Return the spans of one revision that another one touches, of the sets that ``by`` may read.

    Where a set was carried over from the one to the other, they are its items with what was decided; for any
    other pair they are what carrying directly says, as a preview. What only waits since an earlier correction
    is no span of the old text.
    """
    own = Span.objects.filter(set=OuterRef("carry__from_set"), pk=OuterRef("old_span"))
    items = CarryItem.objects.filter(Exists(own), carry__from_revision=old, carry__to_revision=new)
    found = list(visible(by, items.select_related("set", "by")))
    sets = AnnotationSet.objects.filter(article=old.article_id, revision=old, round=Round.PRODUCTION)
    carries = CarryOver.objects.filter(from_set=OuterRef("pk"))
    sets = sets.filter(Q(state__in=[*LIVE, State.APPROVED]) | Exists(carries))
    sets = sets.exclude(Exists(carries.filter(to_revision=new)))
    rows = {row.pk: row for row in visible_with_content(by, sets)}
    contents = {id: SetContent(old.text) for id in rows}
    for span in Span.objects.filter(set__in=list(rows)).order_by("start", "end", "pk"):
        contents[span.set_id].spans.append(span)
    for id, content in contents.items():
        plan = SetPlan(rows[id], content, texts, plan_spans(content, texts))
        found += [_preview_item(plan, each) for each in plan.spans if each.needs_look]
    return sorted(found, key=lambda item: (item.start, item.end, str(item.old_span)))
