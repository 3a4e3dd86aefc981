"""A strict reader of CSV files, row by row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from annotations.exceptions import StandpointError
from annotations.formats.core.interfaces import Readable
from annotations.text.gate import MAX_TEXT, decode_text

MAX_CELL = 4 * MAX_TEXT
_DELIMITERS = (",", ";", "\t", "|")
#: What spreadsheets write above a table.
STATED_DELIMITER = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
_CHUNK = 4 * 1024 * 1024

# It holds for the whole process; Python's default would refuse an article of 128 KB.
csv.field_size_limit(MAX_CELL)


class TableRow(NamedTuple):
    """A row, with the number of the line on which it ends; or the fault that ends the file."""

    number: int
    cells: list[str]
    code: str = ""
    message: str = ""


class MisfitRowError(ValueError):
    """A row that has not the cells that its header names."""


def pair_cells(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return the cells of a row by the names of their columns.

    Spreadsheets write empty columns without a name beside a table: an empty cell there is nothing, the first
    other one stands below the name "". Raises ``MisfitRowError`` with a sentence.
    """
    count = len(cells)
    while count > len(header) and not cells[count - 1]:
        count -= 1
    if count != len(header):
        raise MisfitRowError(
            f"The row has {count} cells, and the header {len(header)}; put cells with the delimiter into "
            "quotation marks, and write empty cells, too."
        )
    found: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=False):
        if name or cell:
            found.setdefault(name, cell)
    return found


def read_rows(stream: Readable, delimiter: str | None = None) -> Iterator[TableRow]:
    """Yield the rows of a file without empty ones; the first line tells an unknown delimiter."""
    lines = _Lines(stream)
    passed = 0
    try:
        first = next(lines, "")
        if stated := STATED_DELIMITER.fullmatch(first):
            delimiter, passed, first = stated[1], 1, next(lines, "")
    except StandpointError as error:
        yield TableRow(1, [], error.code, error.detail)
        return
    mark = delimiter or max(_DELIMITERS, key=first.count)
    reader = csv.reader(_prepend(first, lines), delimiter=mark, strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"The row cannot be read: {error}; quote cells that hold quotation marks or line ends."
            yield TableRow(passed + reader.line_num, [], "syntax", message)
            return
        except StandpointError as error:
            yield TableRow(passed + reader.line_num + 1, [], error.code, error.detail)
            return
        if cells is None:
            return
        if any(cells):
            yield TableRow(passed + reader.line_num, cells)


def _prepend(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


class _Lines:
    """The decoded lines of a stream, without a byte order mark."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._first = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(_CHUNK)
        # a line is read to its end, because a cut through a character would not be UTF-8
        while raw and len(raw) % _CHUNK == 0 and not raw.endswith(b"\n") and len(raw) <= MAX_CELL:
            more = self._stream.readline(_CHUNK)
            if not more:
                break
            raw += more
        if not raw:
            raise StopIteration
        line = decode_text(raw)
        if self._first:
            self._first = False
            line = line.removeprefix("\ufeff")
        return line
