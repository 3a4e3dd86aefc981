"""Changes of mind: cards that say who said what before, and what after."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.knowledge.frame import KnowledgeFrame, open_frame
from annotations.admin.knowledge.matrix import row_name
from annotations.admin.knowledge.statements import describe_statement
from annotations.exceptions import TooManyCellsError
from annotations.metrics.discourse.changes import ChangeKind
from annotations.services.knowledge.changes import FoundChange, find_stance_changes
from annotations.services.knowledge.grammar import POSITIONS_ONLY
from annotations.translation import translate_message

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
    try:
        found = list(find_stance_changes(frame.corpus, frame.request).changes)
    except TooManyCellsError as error:
        messages.error(request, translate_message(error))
        found = []
    found.sort(key=lambda each: (each.after["day"], each.after["id"]), reverse=True)
    paginator = Paginator(found, PER_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = frame.context(
        gettext("Changes of mind"),
        FIELDS,
        cards=[_card(frame, each) for each in shown],
        total=paginator.count,
        page=shown,
        page_query=query.urlencode(),
    )
    return TemplateResponse(request, TEMPLATE, context)


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
