"""Networks of actors and issues, counted from the table of statements, as a whole or window by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from annotations.exceptions import AnswerTooLargeError, FieldError
from annotations.messages import join_list, message
from annotations.metrics.discourse.matrix import Cell
from annotations.metrics.discourse.networks import (
    CHOICES,
    Aggregation,
    Edge,
    Mode,
    Network,
    Node,
    Normalisation,
    build_network,
)
from annotations.models import Corpus
from annotations.services.core.replica import reads_replica
from annotations.services.knowledge.grammar import StatementRequest, parameter_error
from annotations.services.knowledge.matrix import (
    MatrixColumn,
    MatrixRow,
    cut_cells,
    load_columns,
    load_rows,
)
from annotations.services.knowledge.parameters import (
    StatementParameter,
    boolean,
    choice,
    decimal,
    number,
)
from annotations.services.knowledge.tallies import Counted, count_statements

MAX_EDGES = 100_000
MAX_WINDOWS = 100
MAX_DAYS = 36_600

#: The parameters of a network beside the grammar.
NETWORK_PARAMETERS: Mapping[str, StatementParameter] = {
    "mode": choice("What the nodes are.", Mode, name="NetworkMode", default=str(Mode.ACTORS)),
    "aggregation": choice("How sides come into a weight; each mode has its own.", Aggregation),
    "normalisation": choice(
        "By what weights are divided; each mode has its own.", Normalisation, default=str(Normalisation.NONE)
    ),
    "window": number("Build a network for each window of so many days.", 1, MAX_DAYS),
    "step": number("After how many days the next window begins; by default, its length.", 1, MAX_DAYS),
    "isolates": boolean("Also the nodes without an edge."),
    "min_weight": decimal("Leave out edges with a lower weight, apart from its sign."),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NetworkRequest:
    """Which network to build; ``aggregation`` None is the first of the mode."""

    statements: StatementRequest
    mode: Mode = Mode.ACTORS
    aggregation: Aggregation | None = None
    normalisation: Normalisation = Normalisation.NONE
    window: int | None = None
    step: int | None = None
    isolates: bool = False
    min_weight: float = 0

    def as_parameters(self) -> dict[str, Any]:
        """Return all parameters for JSON."""
        own = {name: getattr(self, name) for name in NETWORK_PARAMETERS}
        return {**self.statements.as_parameters(), **own}


class NetworkNode(NamedTuple):
    """An actor or an issue by its name; ``type`` is its kind in the registry."""

    id: Any
    kind: str
    name: str
    type: str
    qid: str
    activity: int


@dataclass(frozen=True)
class StatementNetwork:
    """Nodes and edges. With windows an edge stands once for each window in which it holds, as its days."""

    request: NetworkRequest
    nodes: Sequence[NetworkNode]
    edges: Sequence[Edge]
    counted: Counted
    as_of: datetime


def build_network_request(statements: StatementRequest, values: Mapping[str, Any]) -> NetworkRequest:
    """Return the request of parsed parameters; raise ``InvalidInputError`` for what a mode does not have."""
    mode = Mode(values.get("mode", Mode.ACTORS))
    aggregations, normalisations = CHOICES[mode]
    aggregation = Aggregation(values.get("aggregation", aggregations[0]))
    normalisation = Normalisation(values.get("normalisation", Normalisation.NONE))
    for name, chosen, taken in (
        ("aggregation", aggregation, aggregations),
        ("normalisation", normalisation, normalisations),
    ):
        if chosen not in taken:
            raise parameter_error(
                name,
                message("With the mode {mode} it takes one of {words}.", mode=mode, words=join_list(taken)),
            )
    if "step" in values and "window" not in values:
        raise parameter_error("step", message("It needs the parameter window; send both."))
    more = {name: values[name] for name in ("window", "step", "isolates", "min_weight") if name in values}
    return NetworkRequest(
        statements=statements, mode=mode, aggregation=aggregation, normalisation=normalisation, **more
    )


@reads_replica
def build_statement_network(corpus: Corpus, request: NetworkRequest) -> StatementNetwork:
    """Return the network of a corpus; raise ``AnswerTooLargeError`` if it has too many edges or windows."""
    as_of = timezone.now()
    cells, counted = count_statements(corpus, request.statements)
    cells = cut_cells(cells, request.statements)
    counted.used = sum(cell.salience - cell.undecided for cell in cells)
    network = _build(cells, request)
    nodes, edges = network.nodes, network.edges
    if request.window is not None:
        edges = list(_edges_by_window(corpus, request, cells))
        linked = {id for edge in edges for id in (edge.source, edge.target)}
        every = _build(cells, replace(request, isolates=True)).nodes
        nodes = [node for node in every if request.isolates or node.id in linked]
    _require_size(
        len(edges),
        MAX_EDGES,
        message("edges"),
        "min_weight",
        message("Raise min_weight, or choose fewer rows and columns."),
    )
    return StatementNetwork(request, _name_nodes(nodes, request.statements), edges, counted, as_of)


def _build(cells: Sequence[Cell], request: NetworkRequest) -> Network:
    return build_network(
        cells,
        request.mode,
        request.aggregation,
        request.normalisation,
        isolates=request.isolates,
        min_weight=request.min_weight,
    )


def _edges_by_window(corpus: Corpus, request: NetworkRequest, cells: Sequence[Cell]) -> Iterator[Edge]:
    """Yield the edges of each window, with its days; nodes that were cut off stay away."""
    rows, columns = {cell.actor for cell in cells}, {cell.issue for cell in cells}
    for start, end in _windows(request, cells):
        of_window, _ = count_statements(corpus, replace(request.statements, start=start, end=end))
        shown = [cell for cell in of_window if cell.actor in rows and cell.issue in columns]
        for edge in _build(shown, request).edges:
            yield edge._replace(start=start, end=end - timedelta(days=1))


def _windows(request: NetworkRequest, cells: Sequence[Cell]) -> list[tuple[date, date]]:
    """Return the windows of a range: that of the request, or from the first to the last statement."""
    firsts = [cell.first for cell in cells if cell.first is not None]
    lasts = [cell.last for cell in cells if cell.last is not None]
    if request.window is None or not firsts:
        return []
    start = request.statements.start or min(firsts)
    length, step = request.window, request.step or request.window
    final = request.statements.end.toordinal() if request.statements.end else max(lasts).toordinal() + 1
    count = max(-(-(final - start.toordinal() - length) // step) + 1, 1)
    _require_size(
        count,
        MAX_WINDOWS,
        message("windows"),
        "window",
        message("Choose longer windows or steps, or a shorter range."),
    )
    begins = (start.toordinal() + place * step for place in range(count))
    return [
        (date.fromordinal(begin), date.fromordinal(min(begin + length, final, date.max.toordinal())))
        for begin in begins
    ]


def _require_size(count: int, most: int, what: str, parameter: str, advice: str) -> None:
    if count > most:
        raise AnswerTooLargeError(
            message(
                "The network would have {count:,} {what}, and at most {most:,} are answered. {advice}",
                count=count,
                what=what,
                most=most,
                advice=advice,
            ),
            errors=[FieldError(code="too-large", detail=advice, parameter=parameter)],
        )


def _name_nodes(nodes: Sequence[Node], request: StatementRequest) -> list[NetworkNode]:
    actors = load_rows({node.id for node in nodes if node.kind == "actor"}, request)
    issues = load_columns({node.id for node in nodes if node.kind == "issue"}, request)
    return [_name_node(node, actors, issues) for node in nodes]


def _name_node(
    node: Node, actors: Mapping[Any, MatrixRow], issues: Mapping[Any, MatrixColumn]
) -> NetworkNode:
    if node.kind == "issue":
        issue = issues[node.id]
        return NetworkNode(node.id, node.kind, issue.text, issue.kind, "", node.activity)
    actor = actors[node.id]
    return NetworkNode(node.id, node.kind, actor.name, actor.kind, actor.qid, node.activity)
