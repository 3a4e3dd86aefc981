"""The columns of a table of tokens: which one holds the words, which one the tags, and which are not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from annotations.exceptions import FieldError, InvalidInputError

TAG = re.compile(r"([BIESULM])-(\S+)")
UNTAGGED = ("O", "_")
MOST_COLUMNS = 100
#: What tools write into a cell that has no value.
EMPTY = frozenset(("", "_", "-", "*", "O", "-X-"))
_SAMPLE = 2_000
#: With fewer rows, equal cells say nothing about a column.
_FEW = 4


class Row(NamedTuple):
    """A line of columns, or without columns between two sentences."""

    number: int
    columns: list[str]
    has_tabs: bool = False


class Columns(NamedTuple):
    """The columns of words and tags, counted from 0, and those of running numbers; None is not known yet."""

    token: int | None = None
    tag: int | None = None
    numbers: frozenset[int] = frozenset()

    def unread(self, width: int) -> list[int]:
        """Return the columns of rows of a width that are not read."""
        read = {self.token, width - 1 if self.tag is None else self.tag, *self.numbers}
        return [at for at in range(width) if at not in read]


def split_columns(line: str) -> tuple[list[str], bool]:
    """Return the cells of a line, none for a blank one, and whether tabs divide it.

    Where there is a tab, tabs alone divide, because a word may hold a space. No other white space does.
    """
    if "\t" not in line:
        cells = line.split(" ")
        return [cell for cell in cells if cell] if "" in cells else cells, False
    cells = line.split("\t")
    if " " in line:
        cells = [cell.strip(" ") for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells, True


def parse_column(parameter: str, value: str) -> int | None:
    """Return the column that a parameter names, counted from 0; None without one."""
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 4 and 1 <= int(value) <= MOST_COLUMNS):
        detail = f"It takes the number of a column, from 1 to {MOST_COLUMNS}."
        fault = FieldError(code="value", detail=detail, parameter=parameter)
        raise InvalidInputError(f"The parameter {parameter}: {detail}", errors=[fault])
    return int(value) - 1


def find_columns(rows: Sequence[Row], asked: Columns) -> Columns | str:
    """Return the columns of a document, or a sentence that says why they cannot be told."""
    sentences = _sentences(rows)
    sample = [row.columns for sentence in sentences for row in sentence]
    width = min(map(len, sample), default=0)
    numbers = frozenset(at for at in range(width) if _counts(sentences, at))
    tag = asked.tag
    if tag is None:
        tags = [at for at in range(width) if at != asked.token and _holds_tags(sample, at)]
        tag = tags[-1] if tags and tags[-1] != width - 1 else None
    token = asked.token
    if token is None:
        constant = {at for at in range(width) if width > 2 and _is_constant(sample, at)}
        last = width - 1 if tag is None else tag
        free = [at for at in range(width) if at not in numbers | constant and at != last]
        if not free and width > 1:
            column = "first column counts the rows" if 0 in numbers else "columns hold one value in each row"
            return (
                f"The {column}, and no other column is one of words beside the tags; say which columns hold"
                " the words and the tags, such as token=2 and tag=4."
            )
        token = free[0] if free else 0
    return Columns(token, tag, numbers)


def lasting(found: Columns, rows: Sequence[Row], asked: Columns) -> Columns:
    """Return what later documents of the file need not look for again."""
    enough = sum(1 for row in rows if row.columns) >= _FEW
    token = found.token if enough else asked.token
    numbers = found.numbers if enough else asked.numbers
    return Columns(token, asked.tag if found.tag is None else found.tag, numbers)


def tag_of(columns: Columns, row: Row) -> str | None:
    """Return the tag of a row: the cell of its column, or the last one; None where there is none."""
    at = columns.tag if columns.tag is not None else len(row.columns) - 1
    if at == columns.token or at >= len(row.columns):
        return None
    return row.columns[at]


def _sentences(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the first rows by sentence."""
    found: list[list[Row]] = [[]]
    for row in rows[:_SAMPLE]:
        if row.columns:
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return [sentence for sentence in found if sentence]


def _counts(sentences: Sequence[Sequence[Row]], at: int) -> bool:
    """Return whether a column counts the rows, of each sentence or of all."""
    total = 0
    expected: int | None = None
    for sentence in sentences:
        for place, row in enumerate(sentence):
            cell = row.columns[at]
            if not (cell.isascii() and cell.isdigit() and len(cell) < 10):
                return False
            number = int(cell)
            if expected is None or place == 0:
                if number not in (0, 1, expected):
                    return False
            elif number != expected:
                return False
            expected = number + 1
            total += 1
    return total > 1


def _is_constant(sample: Sequence[Sequence[str]], at: int) -> bool:
    return len(sample) >= _FEW and len({cells[at] for cells in sample}) == 1


def _holds_tags(sample: Sequence[Sequence[str]], at: int) -> bool:
    cells = {row[at] for row in sample}
    tags = [cell for cell in cells if TAG.fullmatch(cell)]
    return bool(tags) and len(tags) == len(cells - set(UNTAGGED))
