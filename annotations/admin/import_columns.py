"""The columns of a table of articles: its first rows, and which column is which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from django.http import QueryDict

from annotations.admin.labels import field_label
from annotations.exceptions import StandpointError
from annotations.formats.core.csv_stream import read_rows
from annotations.formats.core.foreign_values import find_key
from annotations.formats.core.term_mapping import ARTICLE_FIELDS, TermMapping, read_pairs
from annotations.text.gate import excerpt

#: How many rows of a table the page shows, and how much of a cell.
MAX_ROWS_SHOWN, MAX_CELL_SHOWN = 3, 80
#: How the form names the choice of a column.
PREFIX = "column-"


@dataclass(frozen=True)
class ColumnChoice:
    """A field of an article, with the columns to choose from and the one that is chosen."""

    name: str
    label: str
    columns: Sequence[str]
    chosen: str

    @property
    def input_name(self) -> str:
        """The name of the choice in the form."""
        return f"{PREFIX}{self.name}"


@dataclass(frozen=True)
class TablePreview:
    """The first rows of a table, and the choice of a column for each field."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    choices: Sequence[ColumnChoice]


def preview_table(file: IO[bytes], written: str) -> TablePreview | None:
    """Return the beginning of a table, read with the mapping; None where it has no columns."""
    try:
        names = TermMapping.parse(written) if written else TermMapping()
        rows = [row.cells for row in islice(read_rows(file), MAX_ROWS_SHOWN + 1) if not row.code]
    except StandpointError:
        return None
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    header = [cell.strip() for cell in rows[0]]
    columns = dict.fromkeys(header)
    choices = []
    for name in ARTICLE_FIELDS:
        found = find_key(columns, names.file_field(name))
        choices.append(ColumnChoice(name, field_label(name), header, found if found in columns else ""))
    shown = [[excerpt(cell, MAX_CELL_SHOWN) for cell in row] for row in rows[1:]]
    return TablePreview(header, shown, choices)


def mapping_of_columns(sent: QueryDict, written: str) -> str:
    """Return a mapping in which the columns chosen in the form take the place of those written."""
    chosen: Mapping[str, str] = {
        name: column for name in ARTICLE_FIELDS if (column := sent.get(f"{PREFIX}{name}", ""))
    }
    if not chosen:
        return written
    others = [
        (ours, theirs)
        for ours, theirs in (read_pairs(written, "map", "a pair") if written else ())
        if ours not in ARTICLE_FIELDS
    ]
    return ",".join(f"{ours}:{_escape(theirs)}" for ours, theirs in (*others, *chosen.items()))


def _escape(column: str) -> str:
    """Return the name of a column as a mapping writes it."""
    return "".join(f"\\{char}" if char in ",\\" else char for char in column)
