"""What a correction would do, in words: the marks by what becomes of them, the sets, and the gold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

from annotations.admin.access import current_user
from annotations.admin.correction.markup import render_chunks
from annotations.admin.correction.passages import Fold, lay_out
from annotations.admin.labels import enum_label, format_number, span_label
from annotations.admin.scoped_admin import change_url
from annotations.enums import ApprovalBasis, CarryApproval, State
from annotations.models import AnnotationSet, Article, CarryItem
from annotations.services.correction.reports import CarriedSet, CarryReport
from annotations.text.align import SILENT, CarryStatus, mapping
from annotations.visibility import visible

#: What becomes of marks, one sentence for each kind; those that need nobody are counted together.
KEPT = "kept"
SENTENCES: Mapping[str, Any] = {
    KEPT: ngettext_lazy(
        "%(n)s mark stays: its words and its sentence are the same.",
        "%(n)s marks stay: their words and their sentences are the same.",
        "n",
    ),
    CarryStatus.TOUCHED: ngettext_lazy(
        "%(n)s mark stays, but its sentence has changed; its owner has to look at it.",
        "%(n)s marks stay, but their sentences have changed; their owners have to look at them.",
        "n",
    ),
    CarryStatus.UNCERTAIN: ngettext_lazy(
        "%(n)s mark is changed in its middle or cut; what is left of its words is proposed.",
        "%(n)s marks are changed in their middle or cut; what is left of their words is proposed.",
        "n",
    ),
    CarryStatus.MOVED: ngettext_lazy(
        "%(n)s mark stands in another place now, which is proposed.",
        "%(n)s marks stand in other places now, which are proposed.",
        "n",
    ),
    CarryStatus.LOST: ngettext_lazy(
        "%(n)s mark has lost its words; nothing is proposed.",
        "%(n)s marks have lost their words; nothing is proposed.",
        "n",
    ),
}
#: What happened to one mark, in a sentence to the person who decides.
STATUS_LABELS: Mapping[str, Any] = {
    CarryStatus.TOUCHED: gettext_lazy("Its sentence has changed"),
    CarryStatus.UNCERTAIN: gettext_lazy("Its words have changed"),
    CarryStatus.MOVED: gettext_lazy("Its words have moved"),
    CarryStatus.LOST: gettext_lazy("Its words are gone"),
}
#: What the approval of a set rests on.
APPROVAL_LABELS = {
    ApprovalBasis.REVIEW: gettext_lazy("a review"),
    ApprovalBasis.EQUIVALENCE: gettext_lazy(
        "approved by equivalence: the text was corrected, and every mark and its sentence are as they were "
        "reviewed"
    ),
}


@dataclass(frozen=True)
class SetOutcome:
    """What becomes of one set; ``marks`` is None where they are hidden."""

    url: str
    owner: str
    state: str
    becomes: str
    marks: list[str] | None


@dataclass(frozen=True)
class ItemOutcome:
    """A mark that needs a look: its words before, and what is proposed."""

    label: str
    status: str
    owner: str
    quote: str
    proposal: str


@dataclass(frozen=True)
class Outcome:
    """All that a page says before anything is stored."""

    changes: int
    rows: list[Any]
    more_changes: int
    counts: list[str]
    gold: str
    sets: list[SetOutcome]
    items: list[ItemOutcome]
    more_items: int


def describe_counts(counts: Mapping[str, int]) -> list[str]:
    """Return a sentence for each kind of outcome that some marks have."""
    numbers = {KEPT: sum(counts.get(status, 0) for status in SILENT), **counts}
    return [
        str(sentence % {"n": numbers[status]})
        for status, sentence in SENTENCES.items()
        if numbers.get(status)
    ]


def describe_outcome(
    request: HttpRequest, article: Article, old: str, new: str, report: CarryReport
) -> Outcome:
    """Return what a correction would do as the page shows it."""
    sets = visible(
        current_user(request), AnnotationSet.objects.filter(pk__in=[row.from_set for row in report.sets])
    )
    rows = {row.pk: row for row in sets.select_related("owner", "revision").defer("revision__text")}
    layout = lay_out(mapping(old, new), [], [])
    waiting = sum(number for status, number in report.counts.items() if status not in SILENT)
    return Outcome(
        changes=layout.total,
        rows=[
            render_chunks(part.inline, has_anchors=False)
            for part in layout.parts
            if not isinstance(part, Fold) and part.has_changes
        ],
        more_changes=layout.total - layout.last,
        counts=describe_counts(report.counts),
        gold=_describe_gold(article, report, rows),
        sets=[_describe_set(row, rows[row.from_set]) for row in report.sets if row.from_set in rows],
        items=list(_describe_items(report.items, rows)),
        more_items=waiting - len(report.items),
    )


def _describe_set(row: CarriedSet, old: AnnotationSet) -> SetOutcome:
    marks = None if row.counts is None else describe_counts(row.counts)
    return SetOutcome(
        url=change_url(AnnotationSet, old.pk),
        owner=row.owner,
        state=enum_label(State, old.state),
        becomes=_describe_becoming(row, old),
        marks=marks,
    )


def _describe_becoming(row: CarriedSet, old: AnnotationSet) -> str:
    if row.approved_by_equivalence:
        return gettext("It stays approved, by equivalence: its marks and their sentences are as they were.")
    if old.state == State.APPROVED:
        sentence = gettext(
            "It stays the gold of revision %(number)s, and its owner gets its marks in a new set, due now."
        )
        return sentence % {"number": old.revision.number}
    if old.state == State.SUBMITTED:
        return gettext("It is recalled, and goes on in a new open set of its owner.")
    return gettext("It goes on in a new open set of its owner, with its relations and comments.")


def _describe_gold(article: Article, report: CarryReport, rows: Mapping[Any, AnnotationSet]) -> str:
    """Return what becomes of the approved set of the article; "" if there is none."""
    if report.approved_by_equivalence:
        return gettext("The approval holds for the new text, by equivalence; nobody has to review it again.")
    if not any(row.state == State.APPROVED for row in rows.values()):
        return ""
    if article.corpus.carry_approval == CarryApproval.WHEN_UNTOUCHED:
        return gettext("The approved set stays with the text before, since marks or sentences of it change.")
    return gettext(
        "The approved set stays with the text before, since this corpus has every correction reviewed."
    )


def _describe_items(items: Sequence[CarryItem], rows: Mapping[Any, AnnotationSet]) -> Iterator[ItemOutcome]:
    for item in items:
        yield ItemOutcome(
            label=span_label(item.label),
            status=str(STATUS_LABELS[item.status]),
            owner=rows[item.set_id].owner.get_username() if item.set_id in rows else "",
            quote=item.quote,
            proposal=item.quote if item.status == CarryStatus.TOUCHED else item.proposal_quote,
        )


def describe_approval(row: AnnotationSet) -> str:
    """Return what the approval of a set rests on."""
    return str(APPROVAL_LABELS[ApprovalBasis(row.approved_by)]) if row.approved_by else "–"


def describe_open_items(number: int) -> str:
    """Return how many marks of a set wait for a look."""
    sentence = ngettext(
        "%(n)s mark to look at after a correction", "%(n)s marks to look at after a correction", number
    )
    return sentence % {"n": format_number(number)}
