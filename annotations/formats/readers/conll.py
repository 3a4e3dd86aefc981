"""The reader of CoNLL: documents of tokens and tags, with offsets in archives of our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

from annotations.exceptions import FieldError, InvalidInputError, StandpointError
from annotations.formats.archive.folder import Folder
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading, decode_line, reading
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.conll_columns import (
    EMPTY,
    TAG,
    UNTAGGED,
    Columns,
    Row,
    find_columns,
    lasting,
    parse_column,
    split_columns,
    tag_of,
)
from annotations.formats.readers.text import MAX_TEXT_BYTES
from annotations.messages import join_choices
from annotations.text.gate import MAX_TEXT, decode_text, excerpt

DOCUMENT_START = "-DOCSTART-"
OFFSETS_FILE = "offsets.tsv"
MAX_LINE_BYTES = 64 * 1024
#: What divides the documents of a file.
DOCUMENTS = ("docstart", "blank-line")

_PLACE = re.compile(r"([0-9]{1,9})\t([0-9]{1,9})")
_ENDINGS = (".conll", ".iob", ".iob2", ".bio", ".txt", ".tsv", ".train", ".dev", ".test")


# The constructor of a named tuple is Python code.
_new_row: Callable[[tuple[int, list[str], bool]], Row] = partial(tuple.__new__, Row)


class TokenDocument(NamedTuple):
    """The lines of a document; or the fault that ends the file."""

    head: str
    rows: list[Row]
    fault: tuple[str, str, int] | None = None


def read_conll(
    stream: Readable,
    *,
    names: TermMapping | None = None,
    hull: bool = False,
    controls: str = "",
    documents: str = "",
    token: str = "",
    tag: str = "",
) -> Iterator[ParsedRecord]:
    """Yield an article for each document."""
    how = reading(names, hull, controls)
    _check_documents(documents)
    asked = Columns(parse_column("token", token), parse_column("tag", tag))
    return _read_conll(stream, _ForeignReader(how, asked, by_blank_line=documents == DOCUMENTS[1]), how)


def _check_documents(value: str) -> None:
    if value and value not in DOCUMENTS:
        detail = f"It takes {join_choices(DOCUMENTS)}."
        fault = FieldError(code="choice", detail=detail, parameter="documents")
        raise InvalidInputError(f"The parameter documents: {detail}", errors=[fault])


def _read_conll(stream: Readable, foreign: _ForeignReader, how: Reading) -> Iterator[ParsedRecord]:
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    if not is_archive(head):
        yield from foreign.read_file(whole, "")
        return
    folder = Folder(whole)
    try:
        if OFFSETS_FILE in folder:
            yield from _read_own_archive(folder, how)
        else:
            yield from foreign.read_archive(folder)
    finally:
        folder.close()


def _read_documents(
    stream: Readable, *, is_own: bool = False, by_blank_line: bool = False
) -> Iterator[TokenDocument]:
    """Yield the documents of a file, with one in memory. Empty ones count in files of our own."""
    head, size, number = "", 0, 0
    rows: list[Row] = []
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        try:
            line = decode_text(raw).rstrip("\r\n") if is_own else decode_line(raw)
        except StandpointError as error:
            yield TokenDocument(head, rows, (error.code, error.detail, number))
            return
        size += len(line) + 1
        if len(raw) > MAX_LINE_BYTES or size > 20 * MAX_TEXT:
            detail = "A line or a document is too long; documents begin with a line -DOCSTART-."
            yield TokenDocument(head, rows, ("too-large", detail, number))
            return
        columns, has_tabs = split_columns(line)
        if line.startswith(DOCUMENT_START) or (by_blank_line and not columns):
            if any(row.columns for row in rows) or (is_own and head):
                yield TokenDocument(head, rows)
            head, rows, size = line, [], 0
        else:
            rows.append(_new_row((number, columns, has_tabs)))
    if any(row.columns for row in rows) or (is_own and head):
        yield TokenDocument(head, rows)


class _ForeignReader:
    """The reader of files of other tools; what it learns about their columns holds to the end of a file."""

    def __init__(self, how: Reading, asked: Columns, *, by_blank_line: bool) -> None:
        self.how = how
        self.asked = asked
        self.by_blank_line = by_blank_line

    def read_archive(self, folder: Folder) -> Iterator[ParsedRecord]:
        """Yield the articles of an archive."""
        number = 0
        lost = [shown(name) for name in folder.names if not name.endswith(_ENDINGS)]
        for name in folder.names:
            if not name.endswith(_ENDINGS):
                continue
            with folder.open(name) as file:
                for line in self.read_file(file, name.rpartition(".")[0], number):
                    number = line.number
                    yield line._replace(losses=[*line.losses, ("files", lost)]) if lost else line
                    lost = []
        if not number:
            yield rejected_record(1, "required", "There is no CoNLL file in the archive.")

    def read_file(self, stream: Readable, stem: str, start: int = 0) -> Iterator[ParsedRecord]:
        """Yield the articles of a file."""
        known = self.asked
        for count, whole in enumerate(_read_documents(stream, by_blank_line=self.by_blank_line), 1):
            number = start + count
            place = f"/{stem}" if stem else ""
            if whole.fault is not None:
                code, detail, line = whole.fault
                yield rejected_record(number, code, detail, f"{place}/{line}")
                continue
            document, comments = _without_comments(whole)
            columns = find_columns(document.rows, known)
            if isinstance(columns, str):
                yield rejected_record(
                    number, "syntax", columns, f"{place}/{document.rows[0].number}", stem or None
                )
                return
            known = lasting(columns, document.rows, known)
            draft = ForeignDocument(number, self.how)
            if stem:
                draft.set_fields({"external_id": stem if count == 1 else f"{stem}-{count}"})
            for row in comments:
                draft.record_loss("comments", str(row.number))
            yield self._read_document(draft, document, columns, place)

    def _read_document(
        self, draft: ForeignDocument, document: TokenDocument, columns: Columns, place: str
    ) -> ParsedRecord:
        at = columns.token or 0
        unread: dict[int, list[int]] = {}
        for number, cells, _ in document.rows:
            if not cells:
                continue
            width = len(cells)
            if at >= width or not cells[at]:
                detail = f"The row has no word in column {at + 1}."
                draft.record_error("syntax", f"{place}/{number}", detail)
                return draft.build_record()
            if width not in unread:
                unread[width] = columns.unread(width)
            for column in unread[width]:
                if cells[column] not in EMPTY:
                    draft.record_loss(f"column {column + 1}", str(number))
        places = _join_tokens(draft, document, at)
        joined = draft.text.count("\n")
        if joined and not document.head:
            what = "sentences in one article, since no -DOCSTART- divides them (documents=blank-line would)"
            for number in range(joined + 1):
                draft.record_loss(what, f"sentence {number + 1}")
        TagConverter(draft, draft.add_layer(), place, columns).add(document, places)
        return draft.build_record()


def _without_comments(document: TokenDocument) -> tuple[TokenDocument, list[Row]]:
    """Return the document without comments: lines with a “#” that are no row of the table."""
    has_tabs = 2 * sum(row.has_tabs for row in document.rows) > sum(
        bool(row.columns) for row in document.rows
    )
    after = [*document.rows[1:], Row(0, [])]
    comments = [
        row
        for row, next_row in zip(document.rows, after, strict=False)
        if row.columns and _is_comment(row, next_row, is_in_table=row.has_tabs or not has_tabs)
    ]
    numbers = {row.number for row in comments}
    return document._replace(rows=[row for row in document.rows if row.number not in numbers]), comments


def _is_comment(row: Row, next_row: Row, *, is_in_table: bool) -> bool:
    """Return whether a row is a comment; a word may be a “#”, too, but then it has as many cells as the next.

    In a table with tabs a line without one is no row.
    """
    if len(row.columns) < 2 or not row.columns[0].startswith("#"):
        return False
    if not is_in_table:
        return True
    last = row.columns[-1]
    is_tagged = last in UNTAGGED or TAG.fullmatch(last) is not None
    return not is_tagged and (len(row.columns) != len(next_row.columns) or row.has_tabs != next_row.has_tabs)


def _join_tokens(draft: ForeignDocument, document: TokenDocument, column: int) -> list[tuple[int, int]]:
    """Set the text to the tokens, with spaces between them and a line for each sentence."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at, gap = 0, ""
    for row in document.rows:
        if row.columns:
            word = row.columns[column]
            parts += [gap, word]
            at += len(gap)
            places.append((at, at + len(word)))
            at += len(word)
            gap = " "
        elif parts:
            gap = "\n"
    draft.text = "".join(parts)
    return places


def _read_own_archive(archive: Folder, how: Reading) -> Iterator[ParsedRecord]:
    """Yield the articles of our own archive, whose layers and offsets agree line by line."""
    index, _ = archive.read_index()
    layers = [name for name in archive.names if name.endswith(".conll")]
    files = [archive.open(name) for name in (OFFSETS_FILE, *layers)]
    try:
        together = zip_longest(*(_read_documents(file, is_own=True) for file in files))
        for number, (offsets, *tagged) in enumerate(together, 1):
            draft = ForeignDocument(number, how)
            broken = next((one.fault for one in (offsets, *tagged) if one and one.fault), None)
            if broken is not None or offsets is None or None in tagged:
                detail = broken[1] if broken else "The layers and the offsets differ in their documents."
                yield rejected_record(number, broken[0] if broken else "syntax", detail)
                return
            yield _read_with_offsets(archive, index, draft, offsets, dict(zip(layers, tagged, strict=True)))
    finally:
        for file in files:
            file.close()


def _read_with_offsets(
    archive: Folder,
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
        draft.text, _ = archive.read_text(name)
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
        words = [draft.clean(row.columns[0]) for row in document.rows if row.columns]
        if words != [draft.text[start:end] for start, end in places]:
            detail = "The tokens are not what the text has at their offsets."
            draft.record_error("quote-mismatch", f"/{layer}", detail)
            continue
        TagConverter(draft, annotation_layer, f"/{layer}", _OWN_COLUMNS).add(document, places)
    return draft.build_record()


_OWN_COLUMNS = Columns(0, None)


class TagConverter:
    """The conversion of tags to spans: a run of tags is one span."""

    def __init__(
        self, draft: ForeignDocument, annotation_layer: AnnotationLayer, place: str, columns: Columns
    ) -> None:
        self.columns = columns
        self.draft = draft
        self.annotation_layer = annotation_layer
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

    def _convert_tag(self, row: Row, start: int, end: int) -> None:
        tag = tag_of(self.columns, row) or ""
        found = None if tag in UNTAGGED else TAG.fullmatch(tag)
        if found is None:
            self._end_span()
            if tag not in UNTAGGED:
                last = self.columns.tag is None
                where = "the last column" if last else f"column {(self.columns.tag or 0) + 1}"
                detail = (
                    f"“{excerpt(tag)}” is no tag such as O, B-name or I-name in {where}; name the column by"
                    " tag=, such as tag=2."
                )
                self.draft.record_error("syntax", f"{self.place}/{row.number}", detail)
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
            self.annotation_layer.add_span(str(number), label, start, end, f"{self.place}/{number}")
            self._open_span = None
