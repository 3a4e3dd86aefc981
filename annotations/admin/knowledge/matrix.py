"""The matrix: who stands where, with the number behind each cell and its course over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext, pgettext

from annotations.admin import labels
from annotations.admin.knowledge import downloads, drawings
from annotations.admin.knowledge.account import describe_left_out
from annotations.admin.knowledge.frame import KnowledgeFrame, open_frame
from annotations.exceptions import AnswerTooLargeError
from annotations.metrics.discourse.matrix import Cell
from annotations.models import ActorKind, Corpus
from annotations.services.knowledge.grammar import MATRIX_DEFAULTS, StatementRequest
from annotations.services.knowledge.matrix import Matrix, MatrixColumn, MatrixRow, build_matrix
from annotations.services.knowledge.positions import count_by_end
from annotations.services.knowledge.queries import LEFT_OUT
from annotations.translation import translate_message

TEMPLATE = "admin/annotations/knowledge/matrix.html"
FIELDS = (
    "from", "to", "source", "topic", "basis", "dedup", "dedup_key", "copies", "rollup_actor", "rollup_issue",
    "order", "min_statements", "rows", "columns", "time",
)  # fmt: skip
#: How many rows and columns the page shows unless the address says so.
SHOWN_ROWS, SHOWN_COLUMNS = 40, 12
#: The window of sparklines, by the most years that it is used for.
_AUTOMATIC_WINDOWS = ((0.5, "week"), (3, "month"), (8, "quarter"))


@dataclass(frozen=True)
class ShownCell:
    """A cell of the page: its sign and number, how strong its tint is, its words and its address.

    ``score`` has its sign and is read out; ``amount`` stands beside the sign.
    """

    sign: str
    score: str
    amount: str
    tint: str
    number: int
    description: str
    url: str
    spark: Sequence[drawings.SparkBar]


@dataclass(frozen=True)
class ShownHead:
    """The head of a row or column, with the address of its statements."""

    name: str
    note: str
    url: str
    number: int


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the matrix, or its cells as CSV."""
    is_download = request.GET.get("format") == "csv"
    defaults = MATRIX_DEFAULTS if is_download else {"rows": SHOWN_ROWS, "columns": SHOWN_COLUMNS}
    frame = open_frame(request, pk, site, "positions", **{**MATRIX_DEFAULTS, **defaults})
    time = frame.request.time if is_download else "none"
    matrix = _build(frame, replace(frame.request, goes_out=is_download, time=time))
    if is_download and matrix is not None:
        return downloads.matrix_csv(frame.corpus, matrix)
    shown = {} if matrix is None else _shown(frame, matrix)
    context = frame.context(gettext("Positions"), FIELDS, matrix=matrix, **shown)
    return TemplateResponse(request, TEMPLATE, context)


def _build(frame: KnowledgeFrame, request: StatementRequest) -> Matrix | None:
    try:
        return build_matrix(frame.corpus, request)
    except AnswerTooLargeError as error:
        messages.error(frame.http_request, translate_message(error))
        return None


def _shown(frame: KnowledgeFrame, matrix: Matrix) -> dict[str, Any]:
    """Return what the template shows of a matrix."""
    cells = {(cell.actor, cell.issue): cell for cell in matrix.cells}
    sparks = _sparklines(frame.corpus, frame.request, matrix)
    # a list has also what the columns that are shown do not hold
    numbers = {end: count_by_end(frame.corpus, matrix.request, end) for end in ("row", "column")}
    listing = matrix.request.listing

    def cell_url(cell: Cell) -> str:
        return frame.url("statements", matrix.cell_request(cell))

    columns = [
        ShownHead(
            column.text,
            column.topic if column.kind != "topic" else "",
            frame.url("statements", listing(column=str(column.id))),
            numbers["column"][str(column.id)],
        )
        for column in matrix.columns
    ]
    rows = [
        (
            ShownHead(
                row_name(row),
                _row_note(row),
                frame.url("statements", listing(row=str(row.id))),
                numbers["row"][str(row.id)],
            ),
            [
                _cell(row, column, cells.get((row.id, column.id)), sparks, cell_url)
                for column in matrix.columns
            ],
        )
        for row in matrix.rows
    ]
    return {
        "rows": rows,
        "heads": columns,
        "csv_url": frame.url("positions", frame.request, format="csv"),
        "summary": _summary(matrix),
    }


def row_name(row: MatrixRow) -> str:
    """Return the name of a row; a kind in the language of the reader."""
    return labels.enum_label(ActorKind, row.kind) if row.id == row.kind else row.name


def _row_note(row: MatrixRow) -> str:
    return "" if row.id == row.kind else labels.enum_label(ActorKind, row.kind)


def _cell(
    row: MatrixRow,
    column: MatrixColumn,
    cell: Cell | None,
    sparks: Mapping[tuple[Any, Any], Sequence[drawings.SparkBar]],
    url_of: Callable[[Cell], str],
) -> ShownCell | None:
    if cell is None:
        return None
    amount = "" if cell.score is None else labels.format_figure(abs(cell.score))
    return ShownCell(
        cell_sign(cell),
        f"−{amount}" if cell.score and cell.score < 0 else amount,
        amount,
        _tint(cell.score),
        cell.salience,
        _description(row_name(row), column.text, cell),
        url_of(cell),
        sparks.get((cell.actor, cell.issue), ()),
    )


def cell_sign(cell: Cell) -> str:
    """Return ＋, − or ± for the side that prevails, or ? where nobody took one."""
    if cell.score is None:
        return "?"
    return "＋" if cell.score > 0 else "−" if cell.score < 0 else "±"


def _tint(score: float | None) -> str:
    """Return the class of the background: for or against, much or some."""
    if not score:
        return "even"
    side = "for" if score > 0 else "against"
    return f"{side}-much" if abs(score) > 0.5 else f"{side}-some"


def _description(row: str, column: str, cell: Cell) -> str:
    return f"{row} · {column}: {describe_counts(cell)}"


def describe_counts(cell: Cell) -> str:
    """Return how often each stance stands behind a cell."""
    return ", ".join(
        f"{pgettext('stance', stance)} {number}"
        for stance in ("support", "oppose", "mixed", "undecided")
        if (number := getattr(cell, stance))
    )


def _sparklines(
    corpus: Corpus, request: StatementRequest, matrix: Matrix
) -> dict[tuple[Any, Any], Sequence[drawings.SparkBar]]:
    """Return the sparklines of the cells, over windows of time that suit the range."""
    days = [day for cell in matrix.cells for day in (cell.first, cell.last) if day is not None]
    if not days:
        return {}
    years = (max(days) - min(days)).days / 365
    period = request.time
    if period in ("none", "day"):
        period = next((name for most, name in _AUTOMATIC_WINDOWS if years <= most), "year")
    try:
        timed = build_matrix(corpus, replace(request, time=period))
    except AnswerTooLargeError:
        return {}
    places = {window.name: place for place, window in enumerate(timed.windows)}
    scores: dict[tuple[Any, Any], list[float | None]] = {}
    for cell in timed.cells:
        line = scores.setdefault((cell.actor, cell.issue), [None] * len(places))
        line[places[cell.window]] = cell.score
    return {key: drawings.make_sparkline(line) for key, line in scores.items()}


def _summary(matrix: Matrix) -> list[str]:
    """Return sentences about what is counted, and what was left out and why."""
    counted = matrix.counted
    sentences = [
        ngettext(
            "%(used)s of %(all)s statement is counted here.",
            "%(used)s of %(all)s statements are counted here.",
            counted.statements,
        )
        % {"used": labels.format_number(counted.used), "all": labels.format_number(counted.statements)}
    ]
    left_out = sum(getattr(counted, name) for name in LEFT_OUT)
    sentences.append(describe_left_out(counted, cut_off=counted.statements - counted.used - left_out))
    size = {
        "rows": labels.format_number(len(matrix.rows)),
        "columns": labels.format_number(len(matrix.columns)),
    }
    sentences.append(gettext("Rows: %(rows)s; columns: %(columns)s.") % size)
    return [sentence for sentence in sentences if sentence]
