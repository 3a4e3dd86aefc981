"""The reader of JSONL, the reference format ``standpoint/1``."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any, NamedTuple

from annotations.formats.archive.zip_reader import PrefixedStream, read_start
from annotations.formats.core.foreign_values import clean_json
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.json_stream import read_elements
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.record_parser import read_record
from annotations.formats.core.term_mapping import fold_term
from annotations.text import strictjson
from annotations.text.gate import excerpt

_HEAD = 4_096
MAX_LINE_BYTES = 32 * 1024 * 1024
"""The longest line of an import, in bytes."""


class JsonLine(NamedTuple):
    """The JSON of one line; or a code and a sentence that say why it cannot be read."""

    number: int
    value: Any
    code: str = ""
    message: str = ""
    #: The beginning of a line that cannot be read.
    head: bytes = b""


def read_json_lines(stream: Readable) -> Iterator[JsonLine]:
    """Yield the JSON of each line that is not empty."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > MAX_LINE_BYTES:
            _skip_line(stream, raw)
            yield JsonLine(number, None, "too-large", f"The line has more than {MAX_LINE_BYTES:,} bytes.")
        elif raw and not raw.isspace():
            yield _parse_line(number, raw)


def read_json_objects(stream: Readable) -> Iterator[JsonLine]:
    """Yield the JSON of each line; or the elements of the list that a file is, counted from 1."""
    head = read_start(stream, _HEAD)
    whole = PrefixedStream(head, stream)
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"["):
        yield from (JsonLine(*element) for element in read_elements(whole))
    else:
        yield from read_json_lines(whole)


def _parse_line(number: int, raw: bytes) -> JsonLine:
    try:
        return JsonLine(number, strictjson.loads(raw.rstrip(b"\r\n")))
    except strictjson.StrictJSONError as error:
        # the report has the number of the line
        detail = error.detail.replace(" at line 1, column", " at column")
        return JsonLine(number, None, error.kind, detail, raw[:_HEAD])


def _skip_line(stream: Readable, raw: bytes) -> None:
    """Read to the end of a line, and drop it."""
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(1024 * 1024)


def read_jsonl(stream: Readable, *, controls: str = "") -> Iterator[ParsedRecord]:
    """Yield the record of each line that is not empty; nothing behind a header that is refused."""
    is_first = True
    for document in read_json_lines(stream):
        number, value = document.number, document.value
        replaced = 0
        if controls == "replace":
            value, replaced = clean_json(value)
        faults = FieldErrors()
        if document.code:
            faults.record(document.code, "", document.message)
        record = None if document.code else read_record(value, faults)
        external_id = value.get("external_id") if type(value) is dict else None
        sent = excerpt(external_id, 255) if type(external_id) is str else None
        losses = [("controls", [sent or f"line {number}"] * replaced)] if replaced else []
        ends = record is None and _is_header(document, is_first=is_first)
        if ends:
            faults.record("invalid", "/type", _UNREADABLE_HEADER)
        yield ParsedRecord(number, record, faults, sent, losses, ends)
        if ends:
            return
        is_first = False


_UNREADABLE_HEADER = (
    "This is the header of the file, and it is refused: nothing behind it is read, since it says how offsets"
    " are counted. Mend it, and import the file again."
)


def _is_header(document: JsonLine, *, is_first: bool) -> bool:
    """Return whether a line that is refused looks like a header, by its type or by what only headers say."""
    value = document.value
    if document.code:
        return is_first and b'"header"' in document.head
    if type(value) is not dict:
        return False
    folded = {fold_term(key): said for key, said in value.items()}
    kind = folded.get("type")
    if type(kind) is str and fold_term(kind) == "header":
        return True
    return not folded.keys() & {"text", "revisions"} and bool(folded.keys() & {"format", "offsetunit"})
