"""The tasks of a file of Label Studio: elements of JSON, or rows of its CSV and TSV, as JSON_MIN has them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

from annotations.formats.archive.zip_reader import PrefixedStream, read_start
from annotations.formats.core.csv_stream import MisfitRowError, pair_cells, read_rows
from annotations.formats.core.interfaces import Readable
from annotations.formats.core.json_stream import JsonElement, read_elements
from annotations.formats.core.term_mapping import fold_term
from annotations.text.strictjson import StrictJSONError, loads

_HEAD = 4_096
#: A column that every table of Label Studio has, and no other.
_SIGN = "annotationid"


def read_tasks(stream: Readable) -> Iterator[JsonElement]:
    """Yield the tasks."""
    head = read_start(stream, _HEAD)
    whole = PrefixedStream(head, stream)
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()
    is_table = first[:1] not in (b"[", b"{") and _SIGN in fold_term(
        first.split(b"\n", 1)[0].decode("utf-8", errors="replace")
    )
    return _read_table(whole) if is_table else read_elements(whole, ("tasks",))


def _read_table(stream: Readable) -> Iterator[JsonElement]:
    header: list[str] = []
    for row in read_rows(stream):
        if row.code:
            yield JsonElement(row.number, None, row.code, row.message)
        elif not header:
            header = [cell.strip() for cell in row.cells]
        else:
            try:
                cells = pair_cells(header, row.cells)
            except MisfitRowError as misfit:
                yield JsonElement(row.number, None, "syntax", str(misfit))
                continue
            yield JsonElement(row.number, _task_of(cells))


def _task_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the task of a row, whose regions and further values are JSON in their cells."""
    return {name: _value_of(cell) for name, cell in cells.items() if cell}


def _value_of(cell: str) -> Any:
    if not cell.startswith(("[{", "{")) and cell != "[]":
        return cell
    try:
        return loads(cell)
    except StrictJSONError:
        return cell
