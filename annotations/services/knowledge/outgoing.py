"""The gate of counts that leave as files: sources have numbers for names, what may not leave is not counted.

Pages show members everything; a file of the same page is an export.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from annotations.models import Article, Corpus
from annotations.services.knowledge.matrix import Matrix, MatrixColumn, MatrixRow
from annotations.services.knowledge.networks import NetworkNode, StatementNetwork
from annotations.services.knowledge.quoted import Quoted, QuotedRow
from annotations.services.rights.verdicts import Gate, Purpose, load_gate, open_condition


@dataclass(frozen=True)
class OutgoingCounts:
    """The passage of the counts of a corpus through the gate."""

    corpus: Corpus

    @cached_property
    def _gate(self) -> Gate:
        return load_gate(self.corpus.pk, Purpose.EXPORT)

    @property
    def changes_anything(self) -> bool:
        """Return whether a file differs from its page."""
        articles = Article.objects.filter(corpus=self.corpus)
        return bool(self._gate.protection) or articles.exclude(open_condition(Purpose.EXPORT)).exists()

    def file_name(self, name: str) -> str:
        """Return the name of a file of the corpus."""
        return f"{self._gate.mask_slug(self.corpus.slug)}-{name}"

    def matrix(self, matrix: Matrix) -> Matrix:
        """Return a matrix as it may leave."""
        return replace(
            matrix,
            rows=[self._row(row) for row in matrix.rows],
            columns=[self._column(column) for column in matrix.columns],
            cells=[replace(cell, actor=self._id(cell.actor)) for cell in matrix.cells],
        )

    def network(self, network: StatementNetwork) -> StatementNetwork:
        """Return a network as it may leave."""
        return replace(
            network,
            nodes=[self._node(node) for node in network.nodes],
            edges=[
                edge._replace(source=self._id(edge.source), target=self._id(edge.target))
                for edge in network.edges
            ],
        )

    def quoted(self, quoted: Quoted) -> Quoted:
        """Return who is quoted as it may leave."""
        return replace(quoted, rows=[self._quoted_row(row) for row in quoted.rows])

    def _id(self, id: object) -> Any:
        source = self._gate.sources.get(str(id))
        return source.id if source else id

    def _row(self, row: MatrixRow) -> MatrixRow:
        source = self._gate.sources.get(str(row.id))
        if source:
            return row._replace(id=source.id, name=source.name, qid="")
        return row._replace(name=self._gate.mask_text(row.name))

    def _column(self, column: MatrixColumn) -> MatrixColumn:
        mask = self._gate.mask_text
        return column._replace(text=mask(column.text), topic=mask(column.topic or ""))

    def _node(self, node: NetworkNode) -> NetworkNode:
        source = self._gate.sources.get(str(node.id))
        if source:
            return node._replace(id=source.id, name=source.name, qid="")
        return node._replace(name=self._gate.mask_text(node.name))

    def _quoted_row(self, row: QuotedRow) -> QuotedRow:
        source = self._gate.sources.get(row.key)
        if source:
            return row._replace(key=source.id, name=source.name)
        mask = self._gate.mask_text
        return row._replace(key=mask(row.key), name=mask(row.name))
