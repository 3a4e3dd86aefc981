"""The reader of CoNLL: documents of tokens and tags, with offsets in archives of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from annotations.exceptions import StandpointError
from annotations.formats.archive.zip_reader import CheckedArchive, PrefixedStream, is_archive, read_start
from annotations.formats.core.article_content import INDEX_FILE, read_index
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.text import MAX_TEXT_BYTES
from annotations.text.gate import MAX_TEXT, decode_text, excerpt

DOCUMENT_START = "-DOCSTART-"
OFFSETS_FILE = "offsets.tsv"
MAX_LINE_BYTES = 64 * 1024
_MAX_INDEX = 64 * 1024 * 1024

_TAG = re.compile(r"([BIESULM])-(\S+)")
_PLACE = re.compile(r"([0-9]{1,9})\t([0-9]{1,9})")
_ENDINGS = (".conll", ".iob", ".iob2", ".bio", ".txt", ".tsv", ".train", ".dev", ".test")


class TokenLine(NamedTuple):
    """A line of columns, or without columns between two sentences."""

    number: int
    columns: list[str]


class TokenDocument(NamedTuple):
    """The lines between two document starts; or the fault that ends the file."""

    head: str
    rows: list[TokenLine]
    fault: tuple[str, str, int] | None = None


def read_conll(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False
) -> Iterator[ParsedRecord]:
    """Yield an article for each document."""
    del hull  # marks of tokens are in one piece
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    words = names or TermMapping()
    if not is_archive(head):
        yield from _read_foreign_file(whole, words, "")
        return
    archive = CheckedArchive(whole)
    try:
        if OFFSETS_FILE in archive:
            yield from _read_own_archive(archive, words)
        else:
            yield from _read_foreign_archive(archive, words)
    finally:
        archive.close()


def _read_documents(stream: Readable, *, empty: bool = False) -> Iterator[TokenDocument]:
    """Yield the documents of a file, with one in memory. ``empty`` ones count in files of our own."""
    head, size, number = "", 0, 0
    rows: list[TokenLine] = []
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        try:
            line = decode_text(raw).rstrip("\r\n")
        except StandpointError as error:
            yield TokenDocument(head, rows, (error.code, error.detail, number))
            return
        size += len(line) + 1
        if len(raw) > MAX_LINE_BYTES or size > 20 * MAX_TEXT:
            message = "A line or a document is too long; documents begin with a line -DOCSTART-."
            yield TokenDocument(head, rows, ("too-large", message, number))
            return
        if line.startswith(DOCUMENT_START):
            if any(row.columns for row in rows) or (empty and head):
                yield TokenDocument(head, rows)
            head, rows, size = line, [], 0
        else:
            rows.append(TokenLine(number, line.split()))
    if any(row.columns for row in rows) or (empty and head):
        yield TokenDocument(head, rows)


def _read_foreign_file(
    stream: Readable, names: TermMapping, stem: str, start: int = 0
) -> Iterator[ParsedRecord]:
    """Yield the articles of a file of another tool."""
    for count, document in enumerate(_read_documents(stream), 1):
        number = start + count
        if document.fault is not None:
            code, message, line = document.fault
            yield rejected_record(number, code, message, f"/{stem}/{line}" if stem else f"/{line}")
            continue
        draft = ForeignDocument(number, names)
        places = _join_tokens(draft, document)
        if stem:
            draft.set_fields({"external_id": stem if count == 1 else f"{stem}-{count}"})
        _TagConverter(draft, draft.add_layer(), f"/{stem}" if stem else "").add(document, places)
        yield draft.build_record()


def _join_tokens(draft: ForeignDocument, document: TokenDocument) -> list[tuple[int, int]]:
    """Set the text to the tokens, with spaces between them and a line for each sentence."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at, gap = 0, ""
    for row in document.rows:
        if row.columns:
            word = row.columns[0]
            parts += [gap, word]
            at += len(gap)
            places.append((at, at + len(word)))
            at += len(word)
            gap = " "
        elif parts:
            gap = "\n"
    draft.text = "".join(parts)
    return places


def _read_foreign_archive(archive: CheckedArchive, names: TermMapping) -> Iterator[ParsedRecord]:
    """Yield the articles of an archive of another tool."""
    number = 0
    lost = [name for name in archive.names if not name.endswith(_ENDINGS)]
    for name in archive.names:
        if name.endswith(_ENDINGS) and not name.startswith("__MACOSX/"):
            with archive.open(name) as file:
                for line in _read_foreign_file(file, names, name.rpartition(".")[0], number):
                    number = line.number
                    yield line._replace(losses=[*line.losses, ("files", lost)]) if lost else line
                    lost = []
    if not number:
        yield rejected_record(1, "required", "There is no CoNLL file in the archive.")


def _read_own_archive(archive: CheckedArchive, names: TermMapping) -> Iterator[ParsedRecord]:
    """Yield the articles of our own archive, whose layers and offsets agree line by line."""
    has_index = INDEX_FILE in archive and archive.size(INDEX_FILE) <= _MAX_INDEX
    index = read_index(archive.read(INDEX_FILE)) if has_index else {}
    layers = [name for name in archive.names if name.endswith(".conll")]
    files = [archive.open(name) for name in (OFFSETS_FILE, *layers)]
    try:
        together = zip_longest(*(_read_documents(file, empty=True) for file in files))
        for number, (offsets, *tagged) in enumerate(together, 1):
            draft = ForeignDocument(number, names)
            broken = next((one.fault for one in (offsets, *tagged) if one and one.fault), None)
            if broken is not None or offsets is None or None in tagged:
                message = broken[1] if broken else "The layers and the offsets differ in their documents."
                yield rejected_record(number, broken[0] if broken else "syntax", message)
                return
            yield _read_with_offsets(archive, index, draft, offsets, dict(zip(layers, tagged, strict=True)))
    finally:
        for file in files:
            file.close()


def _read_with_offsets(
    archive: CheckedArchive,
    index: Mapping[str, Mapping[str, Any]],
    draft: ForeignDocument,
    offsets: TokenDocument,
    tagged: Mapping[str, TokenDocument],
) -> ParsedRecord:
    """Return the article of a document with offsets."""
    id = offsets.head.partition("\t")[2]
    name = f"texts/{id}.txt"
    if name not in archive or archive.size(name) > MAX_TEXT_BYTES:
        return rejected_record(
            draft.number, "required", f"The archive has no {excerpt(name)} of a fitting size."
        )
    try:
        draft.text = decode_text(archive.read(name))
    except StandpointError as error:
        return rejected_record(draft.number, error.code, error.detail, f"/{name}")
    draft.set_fields({"external_id": id})
    draft.values.update(index.get(name, {}))
    if index.get(name) is not None and "external_id" not in index[name]:
        del draft.values["external_id"]
    places = [
        (int(row.columns[0]), int(row.columns[1]))
        for row in offsets.rows
        if len(row.columns) == 2 and _PLACE.fullmatch("\t".join(row.columns))
    ]
    annotation_layer = draft.add_layer()
    for layer, document in tagged.items():
        words = [row.columns[0] for row in document.rows if row.columns]
        if words != [draft.text[start:end] for start, end in places]:
            message = "The tokens are not what the text has at their offsets."
            draft.record_error("quote-mismatch", f"/{layer}", message)
            continue
        _TagConverter(draft, annotation_layer, f"/{layer}").add(document, places)
    return draft.build_record()


class _TagConverter:
    """The conversion of tags to spans: a run of tags is one span."""

    def __init__(self, draft: ForeignDocument, annotation_layer: AnnotationLayer, place: str) -> None:
        self.document = draft
        self.layer = annotation_layer
        self.place = place
        self._open_span: tuple[str, int, int, int] | None = None

    def add(self, document: TokenDocument, places: list[tuple[int, int]]) -> None:
        """Convert all rows of a document."""
        at = 0
        for row in document.rows:
            if not row.columns:
                self._end_span()
                continue
            start, end = places[at]
            at += 1
            self._convert_tag(row, start, end)
        self._end_span()

    def _convert_tag(self, row: TokenLine, start: int, end: int) -> None:
        tag = row.columns[-1] if len(row.columns) > 1 else ""
        found = _TAG.fullmatch(tag)
        if found is None:
            self._end_span()
            if tag not in ("O", "_"):
                message = f"“{excerpt(tag)}” is no tag such as O, B-name or I-name in the last column."
                self.document.record_error("syntax", f"{self.place}/{row.number}", message)
            return
        kind, label = found.groups()
        if kind in "BSU" or self._open_span is None or self._open_span[0] != label:
            self._end_span()
            self._open_span = (label, start, end, row.number)
        else:
            self._open_span = (label, self._open_span[1], end, self._open_span[3])
        if kind in "ESUL":
            self._end_span()

    def _end_span(self) -> None:
        if self._open_span is not None:
            label, start, end, number = self._open_span
            self.layer.add_span("", label, start, end, f"{self.place}/{number}")
            self._open_span = None
