"""Downloads of the pages that count statements: tables for people, networks for programs, pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header

from annotations.admin.knowledge.drawings import NetworkDrawing
from annotations.formats import FORMATS
from annotations.formats.core.graph_files import GRAPH_LINES, Graph, GraphNode
from annotations.formats.writers.tables import defuse_formula
from annotations.models import Corpus
from annotations.services.knowledge.matrix import Matrix
from annotations.services.knowledge.networks import StatementNetwork
from annotations.services.knowledge.outgoing import OutgoingCounts
from annotations.services.knowledge.quoted import Quoted
from annotations.text.parsing import round_figure

MATRIX_COLUMNS = (
    "actor_id", "actor", "actor_kind", "proposition_id", "proposition", "topic", "window", "support",
    "oppose", "mixed", "undecided", "score", "last_stance", "last_day",
)  # fmt: skip
QUOTED_COLUMNS = (
    "key", "name", "statements", "direct_share", "articles", "share", "first_day", "last_day",
)  # fmt: skip
EDGE_COLUMNS = ("source_id", "source", "target_id", "target", "weight", "positive", "negative")
_PLACES = 4


def matrix_csv(corpus: Corpus, matrix: Matrix) -> HttpResponse:
    """Return the cells of a matrix as a table."""
    gate = OutgoingCounts(corpus)
    matrix = gate.matrix(matrix)
    rows = {row.id: row for row in matrix.rows}
    columns = {column.id: column for column in matrix.columns}
    return table_response(
        gate.file_name("matrix"),
        MATRIX_COLUMNS,
        (
            (
                cell.actor, rows[cell.actor].name, rows[cell.actor].kind, cell.issue,
                columns[cell.issue].text, columns[cell.issue].topic, cell.window, cell.support,
                cell.oppose, cell.mixed, cell.undecided, _figure(cell.score), cell.last_stance, cell.last,
            )
            for cell in matrix.cells
        ),
    )  # fmt: skip


def quoted_csv(corpus: Corpus, quoted: Quoted) -> HttpResponse:
    """Return who is quoted as a table."""
    gate = OutgoingCounts(corpus)
    return table_response(
        gate.file_name("quoted"),
        QUOTED_COLUMNS,
        (
            row._replace(direct_share=_figure(row.direct_share), share=_figure(row.share))
            for row in gate.quoted(quoted).rows
        ),
    )


def edges_csv(corpus: Corpus, network: StatementNetwork) -> HttpResponse:
    """Return the edges of a network as a table."""
    gate = OutgoingCounts(corpus)
    network = gate.network(network)
    names = {node.id: node.name for node in network.nodes}
    return table_response(
        gate.file_name("network"),
        EDGE_COLUMNS,
        (
            (
                edge.source, names[edge.source], edge.target, names[edge.target], _figure(edge.weight),
                edge.positive, edge.negative,
            )
            for edge in network.edges
        ),
    )  # fmt: skip


def network_file(corpus: Corpus, network: StatementNetwork, format: str) -> HttpResponse:
    """Return a network as GraphML or GEXF."""
    gate = OutgoingCounts(corpus)
    network = gate.network(network)
    nodes = [
        GraphNode(str(node.id), node.name, node.kind, node.type, node.qid, node.activity)
        for node in network.nodes
    ]
    lines = GRAPH_LINES[format](Graph(nodes, network.edges, str(network.request.aggregation)))
    row = FORMATS[format]
    return _attachment(
        "\n".join(lines) + "\n", row.media_type, f"{gate.file_name('network')}.{row.extension}"
    )


def network_picture(
    corpus: Corpus, network: StatementNetwork, draw: Callable[[StatementNetwork], NetworkDrawing]
) -> HttpResponse:
    """Return the picture of a network as a file that needs no style sheet."""
    gate = OutgoingCounts(corpus)
    drawing = draw(gate.network(network))
    picture = render_to_string(
        "admin/annotations/knowledge/network.svg", {"drawing": drawing, "standalone": True}
    )
    return _attachment(picture, "image/svg+xml", f"{gate.file_name('network')}.svg")


def _figure(value: float | None) -> Any:
    return None if value is None else round_figure(value, _PLACES)


def table_response(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table that spreadsheets open as it is."""
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(columns)
    table.writerows([defuse_formula(value) for value in row] for row in rows)
    return _attachment("\ufeff" + buffer.getvalue(), "text/csv; charset=utf-8", f"{name}.csv")


def _attachment(content: str, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
