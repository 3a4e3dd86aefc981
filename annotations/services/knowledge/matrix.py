"""The matrix of actors and issues: who stands where, counted from the table of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from annotations.exceptions import TooManyCellsError
from annotations.messages import message
from annotations.metrics.discourse.matrix import Cell, build_cells, merge_cells, sorted_ids
from annotations.metrics.discourse.tallies import Tally
from annotations.models import Actor, Corpus, Proposition, Topic
from annotations.models.vocabulary import to_words
from annotations.services.core.snapshot import read_snapshot
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.tallies import Counted, count_statements
from annotations.services.knowledge.windows import PERIODS, Window

MAX_CELLS = 100_000


class MatrixRow(NamedTuple):
    """An actor, or a kind of actors, which is its own id and name."""

    id: Any
    name: str
    kind: str
    qid: str


class MatrixColumn(NamedTuple):
    """An issue, or a topic with its name as text; ``topic`` is the name of the topic, or "". """

    id: Any
    text: str
    topic: str


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
        return self.request.for_cell(str(cell.actor), str(cell.issue), cell.window or None)


def build_matrix(corpus: Corpus, request: StatementRequest) -> Matrix:
    """Return the matrix of a corpus; raise ``TooManyCellsError`` if it has more than ``MAX_CELLS`` cells.

    ``counted.used`` are the statements of its cells, without those of rows and columns that were cut off.
    """
    as_of = timezone.now()
    tallies, counted = count_statements(corpus, request)
    cells = build_cells(tallies)
    rows = load_rows({cell.actor for cell in cells}, request.rollup_actor)
    columns = load_columns({cell.issue for cell in cells})
    cells, row_ids = _cut(cells, "actor", {id: row.name for id, row in rows.items()}, request, request.rows)
    cells, column_ids = _cut(
        cells, "issue", {id: column.text for id, column in columns.items()}, request, request.columns
    )
    row_ids = [id for id in row_ids if id in {cell.actor for cell in cells}]
    _require_size(cells, request)
    places = {id: place for place, id in enumerate([*row_ids, *column_ids])}
    cells.sort(key=lambda cell: (places[cell.actor], places[cell.issue], cell.window))
    counted.used = sum(cell.salience for cell in cells)
    counted.undecided = sum(cell.undecided for cell in cells)
    return Matrix(
        request,
        [rows[id] for id in row_ids],
        [columns[id] for id in column_ids],
        list_windows((cell.window for cell in cells), request),
        cells,
        counted,
        as_of,
    )
