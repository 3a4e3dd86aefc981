"""The matrix of actors and issues: who stands where, counted from the table of statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils import timezone

from annotations.exceptions import AnswerTooLargeError, FieldError
from annotations.messages import message
from annotations.metrics.discourse.matrix import Cell, sorted_ids
from annotations.models import Actor, Corpus, Proposition, Topic
from annotations.models.vocabulary import to_words
from annotations.services.core.replica import reads_replica
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.tallies import Counted, count_statements
from annotations.services.knowledge.windows import PERIODS, Window

MAX_CELLS = 100_000


class MatrixRow(NamedTuple):
    """An actor, or a kind of actors, which is its own id and name."""

    id: str
    name: str
    kind: str
    qid: str


class MatrixColumn(NamedTuple):
    """An issue, or a topic with its name as text; ``topic`` is the name of the topic, or ""."""

    id: str
    text: str
    topic: str
    kind: str


@dataclass(frozen=True)
class Matrix:
    """Rows and columns in order, the cells that have a statement, and the windows that have a cell."""

    request: StatementRequest
    rows: Sequence[MatrixRow]
    columns: Sequence[MatrixColumn]
    windows: Sequence[Window]
    cells: Sequence[Cell]
    counted: Counted
    as_of: datetime

    def cell_request(self, cell: Cell) -> StatementRequest:
        """Return the request that lists the statements of a cell."""
        return self.request.listing(row=cell.actor, column=cell.issue, window=cell.window or None)


@reads_replica
def build_matrix(corpus: Corpus, request: StatementRequest) -> Matrix:
    """Return the matrix of a corpus; raise ``AnswerTooLargeError`` if it has more than ``MAX_CELLS`` cells.

    ``counted.used`` are the statements of its cells, without those of rows and columns that were cut off.
    """
    as_of = timezone.now()
    found, counted = count_statements(corpus, request)
    cells = cut_cells(found, request)
    rows = load_rows({cell.actor for cell in cells}, request)
    columns = load_columns({cell.issue for cell in cells}, request)
    row_names = {id: row.name for id, row in rows.items()}
    column_names = {id: column.text for id, column in columns.items()}
    _require_size(cells, request)
    # by all that they have, as they are chosen, and not by what is left of them in a small matrix
    row_order = [id for id in sorted_ids(found, "actor", row_names, request.order) if id in rows]
    column_order = [id for id in sorted_ids(found, "issue", column_names, request.order) if id in columns]
    places = {id: place for place, id in enumerate([*row_order, *column_order])}
    cells.sort(key=lambda cell: (places[cell.actor], places[cell.issue], cell.window))
    counted.used = sum(cell.salience for cell in cells)
    counted.undecided = sum(cell.undecided for cell in cells)
    return Matrix(
        request,
        [rows[id] for id in row_order],
        [columns[id] for id in column_order],
        list_windows((cell.window for cell in cells), request.time),
        cells,
        counted,
        as_of,
    )


def cut_cells(cells: Sequence[Cell], request: StatementRequest) -> list[Cell]:
    """Return the cells of the rows and columns that the request asks for, those with most statements.

    Columns are chosen after the rows and for them, so that a small matrix is not an empty one.
    """
    rows = _largest(cells, attrgetter("actor"), request.rows, request.min_statements)
    of_rows = [cell for cell in cells if cell.actor in rows]
    columns = _largest(of_rows, attrgetter("issue"), request.columns, request.min_statements)
    return [cell for cell in of_rows if cell.issue in columns]


def _largest(cells: Sequence[Cell], id_of: Callable[[Cell], Any], most: int | None, least: int) -> set[Any]:
    totals: dict[Any, int] = {}
    for cell in cells:
        id = id_of(cell)
        totals[id] = totals.get(id, 0) + cell.salience
    fitting = [id for id, total in totals.items() if total >= least]
    fitting.sort(key=lambda entry: (-totals[entry], str(entry)))
    return set(fitting[:most])


def _require_size(cells: Sequence[Cell], request: StatementRequest) -> None:
    if len(cells) <= MAX_CELLS:
        return
    helps = "time" if request.time != "none" else "rows"
    detail = message(
        "The matrix would have {count:,} cells, and at most {most:,} are answered. {advice}",
        count=len(cells),
        most=MAX_CELLS,
        advice=_ADVICE[helps],
    )
    raise AnswerTooLargeError(
        detail, errors=[FieldError(code="too-large", detail=_ADVICE[helps], parameter=helps)]
    )


#: What to do about too many cells, by the parameter that helps.
_ADVICE = {
    "time": message("Choose longer windows with time, or a shorter range with from and to."),
    "rows": message("Choose fewer rows and columns with rows, columns and min_statements."),
}


def list_windows(names: Iterable[str], period: str) -> list[Window]:
    """Return the windows with these names in the order of time; none where time is not divided."""
    if period == "none":
        return []
    row = PERIODS[period]
    starts = {start for name in set(names) if (start := row.start_of(name)) is not None}
    return [row.window(start) for start in sorted(starts)]


def load_rows(ids: Collection[Any], request: StatementRequest) -> dict[str, MatrixRow]:
    """Return the actors of the rows by id as text, or the kinds."""
    if request.rollup_actor == "kind":
        return {kind: MatrixRow(kind, to_words(kind), kind, "") for kind in ids}
    actors = Actor.objects.filter(pk__in=ids).order_by().values_list("pk", "name", "kind", "qid")
    return {str(row[0]): MatrixRow(str(row[0]), *row[1:]) for row in actors}


def load_columns(ids: Collection[Any], request: StatementRequest) -> dict[str, MatrixColumn]:
    """Return the issues of the columns by id as text, and the topics where issues are rolled up."""
    issues = Proposition.objects.filter(pk__in=ids).order_by()
    rows = issues.values_list("pk", "text", "topic__canonical__name", "kind")
    columns = {str(id): MatrixColumn(str(id), text, topic or "", kind) for id, text, topic, kind in rows}
    if request.rollup_issue == "topic":
        topics = Topic.objects.filter(pk__in=ids).order_by().values_list("pk", "name")
        columns.update({str(id): MatrixColumn(str(id), name, name, "topic") for id, name in topics})
    return columns
