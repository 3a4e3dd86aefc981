"""A tie: what two nodes of a network say on what they share, each number with its statements."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from annotations.admin.knowledge.frame import KnowledgeFrame, open_frame
from annotations.admin.knowledge.matrix import cell_sign, row_name
from annotations.metrics.discourse.matrix import Cell
from annotations.metrics.discourse.networks import Mode
from annotations.services.knowledge.grammar import POSITIONS_ONLY
from annotations.services.knowledge.matrix import Matrix, build_matrix

TEMPLATE = "admin/annotations/knowledge/tie.html"


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the shared issues of two actors, or the shared actors of two issues."""
    frame = open_frame(request, pk, site, "tie", **POSITIONS_ONLY)
    matrix = build_matrix(frame.corpus, replace(frame.request, rows=None, columns=None, time="none"))
    is_of_issues = request.GET.get("mode") == Mode.ISSUES
    names = _names(matrix, is_of_issues=is_of_issues)
    pair = [request.GET.get("one", ""), request.GET.get("other", "")]
    if not all(id in names for id in pair):
        raise Http404
    cells = {_key(cell, is_of_issues=is_of_issues): cell for cell in matrix.cells}
    others = _names(matrix, is_of_issues=not is_of_issues)
    rows = [
        _row(frame, matrix, others[shared], cells[pair[0], shared], cells[pair[1], shared])
        for shared in others
        if all((id, shared) in cells for id in pair)
    ]
    context = frame.context(
        gettext("What links two"),
        (),
        pair=[names[id] for id in pair],
        rows=rows,
        agreed=sum(row["agreed"] for row in rows),
        opposed=sum(row["opposed"] for row in rows),
        is_of_issues=is_of_issues,
    )
    return TemplateResponse(request, TEMPLATE, context)


def _names(matrix: Matrix, *, is_of_issues: bool) -> dict[str, str]:
    if is_of_issues:
        return {str(column.id): column.text for column in matrix.columns}
    return {str(row.id): row_name(row) for row in matrix.rows}


def _key(cell: Cell, *, is_of_issues: bool) -> tuple[str, str]:
    ends = str(cell.actor), str(cell.issue)
    return (ends[1], ends[0]) if is_of_issues else ends


def _row(frame: KnowledgeFrame, matrix: Matrix, name: str, one: Cell, other: Cell) -> dict[str, Any]:
    """Return what two cells add to the weights of a tie; a mixed statement is on both sides."""
    support, oppose = one.support + one.mixed, one.oppose + one.mixed
    other_support, other_oppose = other.support + other.mixed, other.oppose + other.mixed
    return {
        "name": name,
        "sides": [
            {"cell": cell, "sign": cell_sign(cell), "url": frame.url("statements", matrix.cell_request(cell))}
            for cell in (one, other)
        ],
        "agreed": support * other_support + oppose * other_oppose,
        "opposed": support * other_oppose + oppose * other_support,
    }
