"""The parts of an integrity check: its scope, its result and its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from annotations.models import Corpus
from annotations.models.bulk import batched

Row = TypeVar("Row", bound=Model)

#: How many findings of a check are kept; the rest is counted, so that a broken database of any size
#: is checked in constant memory.
MAX_FINDINGS = 100
#: How many rows are fetched at once, and of how many sets or revisions the content is held at once.
ROWS_AT_ONCE, SETS_AT_ONCE, TEXTS_AT_ONCE = 2000, 100, 10
#: How many quotes are compared at once; in the order of their sets they are of few texts.
QUOTES_AT_ONCE = 250


class Finding(NamedTuple):
    """One row that violates an invariant, or that deserves a look, and a sentence that says how."""

    id: str
    sentence: str


@dataclass
class CheckResult:
    """The result of one check. ``found`` counts all findings, ``findings`` keeps the first ones.

    ``noticed`` and ``notices`` are the same for what may be as it should: a notice breaks no invariant.
    """

    examined: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)
    noticed: int = 0
    notices: list[Finding] = field(default_factory=list)

    def add_row(self, id: object, fault: str | None) -> None:
        """Count one row, and its finding if it has one."""
        self.examined += 1
        if fault is not None:
            self.found += 1
            if len(self.findings) < MAX_FINDINGS:
                self.findings.append(Finding(str(id), fault))

    def add_notice(self, id: object, sentence: str) -> None:
        """Count one row that breaks nothing, and is told nevertheless."""
        self.noticed += 1
        if len(self.notices) < MAX_FINDINGS:
            self.notices.append(Finding(str(id), sentence))

    def add_examined(self, number: int) -> None:
        """Count rows that a query has found to be sound."""
        self.examined += number


@dataclass(frozen=True)
class CheckScope:
    """The corpus to check, or all of them."""

    corpus: Corpus | None

    def select(self, rows: QuerySet[Row], path: str) -> QuerySet[Row]:
        """Return the rows in the scope by primary key; ``path`` is the lookup of the corpus."""
        if self.corpus is not None:
            rows = rows.filter(**{path: self.corpus.pk})
        return rows.order_by("pk")


@dataclass(frozen=True)
class Check:
    """One check: its name, the invariant in one sentence, and the function that checks it."""

    name: str
    description: str
    run: Callable[[CheckScope, CheckResult], None]


def stream_rows(rows: QuerySet[Row], size: int = ROWS_AT_ONCE) -> Iterator[Row]:
    """Return an iterator over the rows that holds one chunk of them in memory."""
    return rows.iterator(chunk_size=size)


def stream_batches(rows: QuerySet[Row], size: int = SETS_AT_ONCE) -> Iterator[list[Row]]:
    """Return the rows in lists of at most ``size``, streamed."""
    return batched(stream_rows(rows), size)
