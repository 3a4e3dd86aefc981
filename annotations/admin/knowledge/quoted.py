"""Who is quoted: bars by actor, kind, affiliation or source, each with the statements behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import labels
from annotations.admin.knowledge import downloads
from annotations.admin.knowledge.account import describe_left_out
from annotations.admin.knowledge.frame import KnowledgeFrame, open_frame, section_url
from annotations.admin.plots import bar_width
from annotations.models import ActorKind
from annotations.services.knowledge.quoted import KEYS, Quoted, count_quoted

TEMPLATE = "admin/annotations/knowledge/quoted.html"
FIELDS = (
    "from", "to", "source", "topic", "kind", "basis", "dedup", "dedup_key", "copies", "order",
    "min_statements",
)  # fmt: skip
SHOWN_ROWS = 100
KEY_LABELS = {
    "actor": gettext_lazy("Actors"),
    "kind": gettext_lazy("Kinds of actors"),
    "affiliation": gettext_lazy("Affiliations"),
    "source": gettext_lazy("Sources"),
}


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the bars, or the table as CSV."""
    is_download = request.GET.get("format") == "csv"
    frame = open_frame(request, pk, site, "quoted", **({} if is_download else {"rows": SHOWN_ROWS}))
    by = request.GET.get("by", "")
    by = by if by in KEYS else KEYS[0]
    quoted = count_quoted(frame.corpus, replace(frame.request, goes_out=is_download), by)
    if is_download:
        return downloads.quoted_csv(frame.corpus, quoted)
    context = frame.context(
        gettext("Who is quoted"),
        FIELDS,
        by=by,
        keys=[
            (label, section_url(frame.corpus, "quoted", {**frame.request.as_query(), "by": key}), key == by)
            for key, label in KEY_LABELS.items()
        ],
        rows=_rows(frame, quoted),
        concentration=quoted.concentration,
        top_share=_percent(quoted.concentration.top10_share),
        counted=quoted.counted,
        # what is not linked has a sentence of its own
        left_out=describe_left_out(quoted.counted, unlinked=0),
        csv_url=section_url(frame.corpus, "quoted", {**frame.request.as_query(), "by": by, "format": "csv"}),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _rows(frame: KnowledgeFrame, quoted: Quoted) -> list[dict[str, Any]]:
    most = max((row.statements for row in quoted.rows), default=0)
    return [
        {
            "name": _name(quoted, row.key, row.name),
            "number": row.statements,
            "width": bar_width(row.statements, most),
            "direct": _percent(row.direct_share),
            "direct_width": bar_width(row.statements * (row.direct_share or 0), most),
            "share": _percent(row.share),
            "articles": row.articles,
            "first": row.first_day,
            "last": row.last_day,
            "url": frame.url("statements", quoted.row_request(row)),
        }
        for row in quoted.rows
    ]


def _name(quoted: Quoted, key: object, name: str) -> str:
    if quoted.by == "kind":
        return labels.enum_label(ActorKind, str(key))
    return name or gettext("(no source)")


def _percent(share: float | None) -> str:
    return gettext("n/a") if share is None else labels.format_percent(share)
