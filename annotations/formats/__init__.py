"""The exchange formats: one table, from which API, commands and documentation derive.

Pure: bytes and records in, records and bytes out. A new format is one module and one row.
"""

from __future__ import annotations

from collections.abc import Mapping

from annotations.formats.base import Dialect, Format, Part
from annotations.formats.jsonl import JsonlWriter, read_jsonl
from annotations.formats.tables import PositionsWriter, QuotesWriter
from annotations.formats.text import TextWriter, read_text

__all__ = ["FORMATS", "Dialect", "Format", "Part"]

_MARKS = frozenset({Part.SPANS, Part.RELATIONS, Part.COMMENTS})

FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format(
            name="jsonl",
            title="JSON lines, the reference format",
            media_type="application/x-ndjson",
            extension="jsonl",
            writer=JsonlWriter,
            reader=read_jsonl,
            parts=_MARKS | {Part.REGISTRY, Part.TEXTS},
        ),
        Format(
            name="text",
            title="Plain text, one file for each article",
            media_type="application/zip",
            extension="zip",
            writer=TextWriter,
            reader=read_text,
            parts=_MARKS | {Part.TEXTS},
            cannot={
                "metadata": "articles with metadata beyond the columns of the index",
                "revisions": "older versions of a text",
                "spans": "marked ranges",
                "relations": "links between marked ranges",
                "comments": "remarks",
            },
            leaves_out="the registry, and who worked on what",
        ),
        Format(
            name="quotes",
            title="Quotes: a table with a row for each span",
            media_type="text/csv; charset=utf-8",
            extension="csv",
            writer=QuotesWriter,
            parts=_MARKS | {Part.NAMES},
            dialects=tuple(Dialect),
            cannot={
                "relations": "links between marked ranges",
                "comments": "remarks",
            },
            leaves_out="texts, articles without marks, and metadata beyond its columns",
        ),
        Format(
            name="positions",
            title="Positions: a table with a row for each position and holder",
            media_type="text/csv; charset=utf-8",
            extension="csv",
            writer=PositionsWriter,
            parts=_MARKS | {Part.NAMES},
            dialects=tuple(Dialect),
            cannot={
                "spans": "actors who hold no position, and claims",
                "relations": "links other than held_by",
                "comments": "remarks",
                "attributes": "attributes of positions beyond stance, basis and date",
                "unlinked-holders": "holders who are not linked to the registry, and so have no name",
            },
            leaves_out="texts, articles without positions, and metadata beyond its columns",
        ),
    )
}
