"""The writers of what approved work says, counted: the matrix as CSV, and networks as GraphML and GEXF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, ClassVar

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core.graph_files import GRAPH_LINES, Graph, GraphNode
from annotations.formats.core.interfaces import Dialect, Example, Format, RecordSection, RegistryNames, Writer
from annotations.formats.core.records import Actor, Article, Proposition, RegistryEntry, Topic
from annotations.formats.core.statement_tallies import TALLY_LOSSES, TallyCounter
from annotations.formats.writers.tables import defuse_formula
from annotations.metrics.discourse.matrix import build_cells
from annotations.metrics.discourse.networks import Aggregation, Mode, build_network
from annotations.metrics.discourse.tallies import Tally
from annotations.text.parsing import round_figure

MATRIX_COLUMNS = (
    "actor_id", "actor", "actor_kind", "proposition_id", "proposition", "topic", "support", "oppose",
    "mixed", "undecided", "score", "last_stance", "last_day",
)  # fmt: skip


class _Registry:
    """The entries of an export, by which counts are named."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.issues: dict[str, Proposition] = {}
        self.topics: dict[str, str] = {}

    def add(self, entry: RegistryEntry) -> None:
        """Remember an entry."""
        if isinstance(entry, Actor):
            self.actors[entry.id] = entry
        elif isinstance(entry, Proposition):
            self.issues[entry.id] = entry
        elif isinstance(entry, Topic):
            self.topics[entry.id] = entry.name


class MatrixWriter(ArchiveWriter):
    """A writer of the cells of the matrix: a file over all time, and one for each year."""

    has_index: ClassVar[bool] = False

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._registry = _Registry()
        self._counter = TallyCounter(self.losses, sided=False)

    def write_entry(self, entry: RegistryEntry) -> None:
        """Remember an entry."""
        self._registry.add(entry)

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Count the positions of an article."""
        self._counter.add(article)

    def close(self) -> None:
        """Write the files and end the archive."""
        tallies = self._counter.tallies()
        self.records = self._counter.statements
        self.add("matrix.csv", self._render(tally._replace(window="") for tally in tallies))
        for year in sorted({tally.window for tally in tallies} - {""}):
            self.add(f"matrix-{year}.csv", self._render(row for row in tallies if row.window == year))
        super().close()

    def _render(self, tallies: Iterable[Tally]) -> str:
        buffer = io.StringIO()
        table = csv.writer(buffer)
        for_people = self.dialect == Dialect.SPREADSHEET
        table.writerow(MATRIX_COLUMNS)
        for cell in build_cells(tallies):
            row = self._row(cell)
            table.writerow([defuse_formula(value) for value in row] if for_people else row)
        return ("\ufeff" if for_people else "") + buffer.getvalue()

    def _row(self, cell: Any) -> Sequence[Any]:
        actor, issue = self._registry.actors[cell.actor], self._registry.issues[cell.issue]
        return (
            actor.id, actor.name, actor.kind, issue.id, issue.text,
            self._registry.topics.get(issue.topic or "", ""), cell.support, cell.oppose, cell.mixed,
            cell.undecided, "" if cell.score is None else round_figure(cell.score, 4),
            cell.last_stance or "", cell.last or "",
        )  # fmt: skip


class NetworkWriter(Writer):
    """The base of writers of networks."""

    kind: ClassVar[str]
    #: The mode and the aggregation of each dialect.
    networks: ClassVar[Mapping[Dialect, tuple[Mode, Aggregation]]] = {
        Dialect.MACHINE: (Mode.BIPARTITE, Aggregation.SUBTRACT),
        Dialect.CONGRUENCE: (Mode.ACTORS, Aggregation.CONGRUENCE),
        Dialect.CONFLICT: (Mode.ACTORS, Aggregation.CONFLICT),
    }

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._registry = _Registry()
        self._counter = TallyCounter(self.losses, sided=True)

    def write_entry(self, entry: RegistryEntry) -> None:
        """Remember an entry."""
        self._registry.add(entry)

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Count the positions of an article."""
        self._counter.add(article)

    def close(self) -> None:
        """Write the network."""
        mode, aggregation = self.networks.get(self.dialect, self.networks[Dialect.MACHINE])
        tallies = (tally._replace(window="") for tally in self._counter.tallies())
        network = build_network(build_cells(tallies), mode, aggregation, isolates=True, days=True)
        nodes = [self._node(id, kind, activity) for id, kind, activity in network.nodes]
        self.records = self._counter.statements
        for line in GRAPH_LINES[self.kind](Graph(nodes, network.edges, str(aggregation))):
            self.out.write(f"{line}\n".encode())

    def _node(self, id: str, kind: str, activity: int) -> GraphNode:
        if kind == "issue":
            issue = self._registry.issues[id]
            return GraphNode(id, issue.text, kind, issue.kind, "", activity)
        actor = self._registry.actors[id]
        return GraphNode(id, actor.name, kind, actor.kind, actor.qid, activity)


class GraphmlWriter(NetworkWriter):
    """A writer of GraphML."""

    kind = "graphml"


class GexfWriter(NetworkWriter):
    """A writer of GEXF."""

    kind = "gexf"


_SECTIONS = frozenset(
    {
        RecordSection.SPANS,
        RecordSection.RELATIONS,
        RecordSection.COMMENTS,
        RecordSection.REGISTRY,
        RecordSection.COPIES,
    }
)
_OMISSIONS = "texts, quotes, articles, and who marked what: they are counts"
_COPIES_NOTE = (
    "What copies of one text say alike counts in one of them, as with `copies=one` in `matrix/` and"
    " `network/`; there is no file in which it counts in all."
)
_NETWORK_NOTES = (
    _COPIES_NOTE,
    (
        "`machine` is the network of actors and issues, with the number of supporting minus opposing"
        " statements as weight; `congruence` and `conflict` are networks of actors, weighted by how often"
        " they take the same side or opposite sides, by the formulas of Discourse Network Analyzer. A mixed"
        " position is on both sides."
    ),
)

MATRIX_FORMAT = Format(
    name="matrix",
    title="Matrix of actors and issues: a table with a row for each cell, over all time and by year",
    media_type="application/zip",
    extension="zip",
    writer=MatrixWriter,
    without_text=MatrixWriter,
    sections=_SECTIONS,
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET),
    loss_descriptions={**TALLY_LOSSES, "undecided": "positions without a stance"},
    link_label="Matrix, as tables",
    omissions=_OMISSIONS,
    notes=(
        _COPIES_NOTE,
        (
            "`score` is (support - oppose) / (support + oppose + mixed), empty where nobody took a side. A"
            " position without a day, or whose date may be of two years, is in `matrix.csv` only."
        ),
    ),
    example=Example(
        {"matrix.csv": f"{','.join(MATRIX_COLUMNS)}\n"},
        (
            "python -c \"import pandas; print(pandas.read_csv('matrix.csv')"
            ".pivot(index='actor', columns='proposition', values='score'))\""
        ),
    ),
)
GRAPHML_FORMAT = Format(
    name="graphml",
    title="Network as GraphML",
    media_type="application/graphml+xml",
    extension="graphml",
    writer=GraphmlWriter,
    without_text=GraphmlWriter,
    sections=_SECTIONS,
    dialects=tuple(NetworkWriter.networks),
    loss_descriptions=TALLY_LOSSES,
    link_label="Network, as GraphML",
    omissions=_OMISSIONS,
    notes=_NETWORK_NOTES,
    example=Example({}, "python -c \"import networkx; print(networkx.read_graphml('lake.graphml'))\""),
)
GEXF_FORMAT = Format(
    name="gexf",
    title="Network as GEXF, with times",
    media_type="application/gexf+xml",
    extension="gexf",
    writer=GexfWriter,
    without_text=GexfWriter,
    sections=_SECTIONS,
    dialects=tuple(NetworkWriter.networks),
    loss_descriptions=TALLY_LOSSES,
    omissions=_OMISSIONS,
    notes=(
        *_NETWORK_NOTES,
        (
            "An edge between two actors begins when the second of them has spoken on an issue that they"
            " share, and ends with the last statement."
        ),
    ),
    example=Example({}, "python -c \"import networkx; print(networkx.read_gexf('lake.gexf'))\""),
)
