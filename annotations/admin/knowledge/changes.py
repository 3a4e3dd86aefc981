"""Changes of mind: cards that say who said what before, and what after."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.knowledge.frame import KnowledgeFrame, open_frame
from annotations.admin.knowledge.matrix import row_name
from annotations.admin.knowledge.statements import describe_statement
from annotations.metrics.discourse.changes import ChangeKind
from annotations.services.knowledge.changes import FoundChange, list_latest_changes
from annotations.services.knowledge.grammar import POSITIONS_ONLY

TEMPLATE = "admin/annotations/knowledge/changes.html"
FIELDS = ("from", "to", "source", "topic", "basis", "rollup_actor", "rollup_issue")
PER_PAGE = 30
KIND_LABELS = {
    ChangeKind.CONTRADICTION: gettext_lazy("Contradiction"),
    ChangeKind.CHANGE: gettext_lazy("Change of mind"),
    ChangeKind.MIXED: gettext_lazy("To or from both sides"),
}


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the changes, the latest first."""
    frame = open_frame(request, pk, site, "changes", **POSITIONS_ONLY)
    cards, shown = _paginate(frame, request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = frame.context(
        gettext("Changes of mind"),
        FIELDS,
        cards=[_card(frame, each) for each in cards],
        total=shown.paginator.count,
        page=shown,
        page_query=query.urlencode(),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _paginate(frame: KnowledgeFrame, wanted: str | None) -> tuple[list[FoundChange], Page[int]]:
    """Return the changes of a page, and the page; one that there is not is the last, as for other lists."""
    number = int(wanted) if wanted and wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    found, total = list_latest_changes(frame.corpus, frame.request, PER_PAGE * max(number - 1, 0), PER_PAGE)
    page = Paginator(range(total), PER_PAGE).get_page(number)
    if page.number != number:
        found, _ = list_latest_changes(frame.corpus, frame.request, page.start_index() - 1, PER_PAGE)
    return found, page


def _card(frame: KnowledgeFrame, found: FoundChange) -> dict[str, Any]:
    listing = frame.request.listing(row=str(found.actor.id), column=str(found.issue.id))
    days = found.change.days
    return {
        "actor": row_name(found.actor),
        "issue": found.issue.text,
        "kind": found.change.kind,
        "label": KIND_LABELS[found.change.kind],
        "days": _tell_days(found.change.kind, days),
        "ends": [
            (gettext("Before") if days else gettext("One side"), describe_statement(found.before)),
            (gettext("After") if days else gettext("Other side"), describe_statement(found.after)),
        ],
        "url": frame.url("statements", listing),
    }


def _tell_days(kind: ChangeKind, days: int) -> str:
    """Return how far apart the ends are; a contradiction over days stands in one article."""
    if not days:
        return gettext("at the same time")
    if kind == ChangeKind.CONTRADICTION:
        told = ngettext("in one article, %(n)s day apart", "in one article, %(n)s days apart", days)
    else:
        told = ngettext("after %(n)s day", "after %(n)s days", days)
    return told % {"n": days}
