"""The reader of JSONL, the reference format ``standpoint/1``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.record_parser import read_record
from annotations.text import strictjson
from annotations.text.gate import excerpt

MAX_LINE_BYTES = 32 * 1024 * 1024
"""The longest line of an import, in bytes."""


class JsonLine(NamedTuple):
    """The JSON of one line; or a code and a sentence that say why it cannot be read."""

    number: int
    value: Any
    code: str = ""
    message: str = ""


def read_json_lines(stream: Readable) -> Iterator[JsonLine]:
    """Yield the JSON of each line that is not empty."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            _skip_line(stream, raw)
            yield JsonLine(number, None, "too-large", f"The line has more than {MAX_LINE_BYTES:,} bytes.")
        elif not raw.isspace():
            yield _parse_line(number, raw)


def _parse_line(number: int, raw: bytes) -> JsonLine:
    try:
        return JsonLine(number, strictjson.loads(raw.rstrip(b"\r\n")))
    except strictjson.StrictJSONError as error:
        # the report has the number of the line
        message = error.detail.replace(" at line 1, column", " at column")
        return JsonLine(number, None, error.kind, message)


def _skip_line(stream: Readable, raw: bytes) -> None:
    """Read to the end of a line, and drop it."""
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(1024 * 1024)


def read_jsonl(stream: Readable) -> Iterator[ParsedRecord]:
    """Yield the record of each line that is not empty."""
    for document in read_json_lines(stream):
        number, value = document.number, document.value
        faults = FieldErrors()
        if document.code:
            faults.record(document.code, "", document.message)
        record = None if document.code else read_record(value, faults)
        external_id = value.get("external_id") if type(value) is dict else None
        yield ParsedRecord(
            number, record, faults, excerpt(external_id, 255) if type(external_id) is str else None
        )
