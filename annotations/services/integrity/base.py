"""What a check is made of: the rows it looks at, and what it has to say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from annotations.models import Corpus

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

#: So many findings of a check are kept; the rest is counted, so that a broken database of any size
#: can be examined in constant memory.
MOST_KEPT = 100
#: Rows that are fetched at once, and sets whose content is held at once.
ROWS, SETS, TEXTS = 2000, 100, 10


class Finding(NamedTuple):
    """One row that breaks a promise, and in what way."""

    id: str
    sentence: str


@dataclass
class Tally:
    """What one check has seen so far. ``found`` counts all findings, ``findings`` keeps the first."""

    examined: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def see(self, id: object, fault: str | None) -> None:
        """Count one row, and its fault if it has one."""
        self.examined += 1
        if fault is not None:
            self.found += 1
            if len(self.findings) < MOST_KEPT:
                self.findings.append(Finding(str(id), fault))

    def pass_by(self, number: int) -> None:
        """Count rows that the database itself found to be right."""
        self.examined += number


@dataclass(frozen=True)
class Scope:
    """One corpus, or all of them."""

    corpus: Corpus | None

    def of(self, rows: QuerySet[Row], path: str) -> QuerySet[Row]:
        """The rows of the scope in the order of their keys; ``path`` leads to the corpus."""
        if self.corpus is not None:
            rows = rows.filter(**{path: self.corpus.pk})
        return rows.order_by("pk")


@dataclass(frozen=True)
class Check:
    """One invariant: its name, what it proves in one sentence, and the function that looks."""

    name: str
    proves: str
    look: Callable[[Scope, Tally], None]


def batches(rows: Iterable[Item], size: int = SETS) -> Iterator[list[Item]]:
    """The rows in lists of at most ``size``."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def streamed(rows: QuerySet[Row], size: int = ROWS) -> Iterator[Row]:
    """The rows one by one, so that a table of any size takes the memory of one chunk."""
    return rows.iterator(chunk_size=size)
