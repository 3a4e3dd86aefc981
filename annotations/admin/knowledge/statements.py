"""Statements with their quotes, the newest first: what stands behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, pgettext

from annotations.addresses import api_url
from annotations.admin.knowledge import drawings
from annotations.admin.knowledge.frame import KnowledgeFrame, article_url, open_frame, span_url
from annotations.admin.knowledge.matrix import row_name
from annotations.models import ActorKind
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.matrix import load_columns, load_rows
from annotations.services.knowledge.positions import list_statements
from annotations.text.parsing import parse_uuid

TEMPLATE = "admin/annotations/knowledge/statements.html"
FIELDS = ("from", "to", "source", "topic", "kind", "stance", "basis", "dedup", "dedup_key", "copies")
PER_PAGE = 50
#: A plot with more dots would be a smear.
MAX_DOTS = 400


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the statements of an address; of one actor on one issue also as dots over time."""
    frame = open_frame(request, pk, site, "statements")
    rows = list_statements(frame.corpus, frame.request).order_by(F("day_last").desc(nulls_last=True), "-pk")
    paginator = Paginator(rows, PER_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    actor, issue = heads(frame.request)
    plot = None
    if actor and issue and paginator.count <= MAX_DOTS:
        plot = drawings.make_stance_plot([_dot(row) for row in rows], stance_labels())
    context = frame.context(
        gettext("Statements"),
        FIELDS,
        statements=[
            {**describe_statement(row), "embed": embed_code(request, row["span_id"])} for row in shown
        ],
        total=paginator.count,
        page=shown,
        page_query=_page_query(frame),
        actor=actor,
        issue=issue,
        window=frame.request.window,
        plot=plot,
    )
    return TemplateResponse(request, TEMPLATE, context)


def heads(request: StatementRequest) -> tuple[str, str]:
    """Return the names of the row and of the column that a request names, "" where it names none."""
    actor = _key(request.row or request.actor)
    issue = _key(request.column or request.proposition)
    rows = load_rows([actor], replace(request, rollup_actor=_ROLLUPS[type(actor)])) if actor else {}
    columns = load_columns([issue], request) if isinstance(issue, UUID) else {}
    return next(map(row_name, rows.values()), ""), next((column.text for column in columns.values()), "")


#: A row that is no id can only be a kind of actors.
_ROLLUPS: Mapping[type, str] = {UUID: "none", str: "kind"}


def _key(sent: str | UUID | None) -> UUID | str | None:
    """Return the id that an address names, or a kind of actors; None for anything else."""
    if isinstance(sent, UUID) or sent is None:
        return sent
    try:
        return parse_uuid(sent)
    except ValueError:
        return sent if sent in set(ActorKind) else None


def stance_labels() -> Mapping[str, str]:
    """Return the names of the lanes of a plot."""
    return {lane: pgettext("stance", lane) for lane in drawings.LANES}


def _dot(row: Mapping[str, Any]) -> dict[str, Any]:
    title = f"{row['day']}: {row['quote'][:200]}"
    return {**row, "title": title, "url": f"#statement-{row['id']}"}


def describe_statement(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement as templates show it: its addresses, and its date as exact as it is known."""
    return {
        **row,
        "span_url": span_url(row["set_id"], row["span_id"]),
        "article_url": article_url(row["article_key"]),
        "date": format_days(row),
        "stance_label": pgettext("stance", row["stance"]) if row["stance"] else "",
    }


def embed_code(request: HttpRequest, span: UUID) -> str:
    """Return the markup with which another page shows a quote; "" where none may."""
    if not settings.EMBED_ANCESTORS:
        return ""
    url = request.build_absolute_uri(api_url(f"quotes/{span}/embed.html"))
    return f'<iframe src="{url}" title="{gettext("Quote")}" width="100%" height="220"></iframe>'


def format_days(row: Mapping[str, Any]) -> str:
    """Return the day of a statement: a year, a month or a day."""
    first, last = row["day"], row["day_last"]
    if first is None:
        return ""
    if first == last:
        return str(first.isoformat())
    return f"{first:%Y}" if (first.month, last.month) == (1, 12) else f"{first:%Y-%m}"


def _page_query(frame: KnowledgeFrame) -> str:
    query = frame.http_request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
