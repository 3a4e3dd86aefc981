"""The reader of WebAnno TSV: layers by the header, spans by the numbers in the cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from annotations.exceptions import StandpointError
from annotations.formats.archive.folder import Folder
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core.article_content import INDEX_FILE
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading, decode_file, reading
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.text import MAX_TEXT_BYTES
from annotations.messages import join_choices
from annotations.text.gate import excerpt
from annotations.text.offsets import OffsetMap

FORMAT_LINE = "#FORMAT=WebAnno TSV "
VERSIONS = ("3.1", "3.2", "3.3")
MOST_COLUMNS = 500
#: Features with the id of an entry of the registry.
LINK_FEATURES = ("actor", "proposition")
MAX_TABLE_BYTES = 256 * 1024 * 1024

#: Features that may hold the label of a span, the likelier first.
_LABELS = ("label", "value", "identifier")
_TYPES = ("type", "value", "label")
_STACK = re.compile(r"(?:[^|\\]|\\.)+", re.DOTALL)
#: A value whose special characters are escaped, and the number of its span.
_NUMBERED = re.compile(r"((?:[^\\\[]|\\.)*+)\[([0-9]{1,9})\]", re.DOTALL)
#: The same where a tool has not escaped a bracket.
_LOOSE = re.compile(r"((?:[^\\]|\\.)*)\[([0-9]{1,9})\]", re.DOTALL)
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}
_ROW = re.compile(r"([0-9]+-[0-9]+(?:\.[0-9]+)?)\t([0-9]{1,9})-([0-9]{1,9})\t([^\t]*)(?:\t(.*))?")
_REFERENCE = re.compile(r"([0-9]+-[0-9]+(?:\.[0-9]+)?)(?:\[([0-9]{1,9})_([0-9]{1,9})\])?")


def split_number(cell: str) -> tuple[str, str | None]:
    """Return the escaped value of a cell, and the number of its span; None where it has none."""
    if not cell.endswith("]"):
        return cell, None
    found = _NUMBERED.fullmatch(cell) or _LOOSE.fullmatch(cell)
    return (found[1], found[2]) if found else (cell, None)


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), value)


_HEADERS = frozenset(f"{FORMAT_LINE}{version}" for version in VERSIONS)


class LayerColumns(NamedTuple):
    """The columns of one annotation layer."""

    kind: str
    name: str
    features: list[str]
    first: int


class TokenRow(NamedTuple):
    """A token, or a part of one, with its range in UTF-16 code units."""

    number: int
    unit: str
    begin: int
    end: int
    words: str
    cells: list[str]


def read_webannotsv(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each table, or for each text with several tables."""
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    how = reading(names, hull, controls)
    if not is_archive(head):
        yield _read_table(whole, ForeignDocument(1, how))
        return
    archive = Folder(whole)
    try:
        yield from _read_archive(archive, how)
    finally:
        archive.close()


def _read_table(stream: Readable, draft: ForeignDocument) -> ParsedRecord:
    """Return the article of a single table."""
    chunks: list[bytes] = []
    size = 0
    while size <= MAX_TABLE_BYTES and (chunk := stream.read(1024 * 1024)):
        chunks.append(chunk)
        size += len(chunk)
    try:
        if size > MAX_TABLE_BYTES:
            return rejected_record(1, "too-large", f"The table has more than {MAX_TABLE_BYTES:,} bytes.")
        _TableReader(draft, decode_file(b"".join(chunks)), "").add("")
    except StandpointError as error:
        return rejected_record(1, error.code, error.detail)
    return draft.build_record()


def _read_archive(archive: Folder, how: Reading) -> Iterator[ParsedRecord]:
    """Yield an article for each group of tables with one name and one text in several folders."""
    index, lost = archive.read_index()
    groups: dict[tuple[str, str], list[str]] = {}
    for name in archive.names:
        stem, _, ending = name.rpartition(".")
        if name == INDEX_FILE:
            continue
        if ending == "tsv":
            base, text = stem.rpartition("/")[2], f"{stem}.txt"
            first = groups.get((base, ""), [None])[0]
            same = (
                first and text in archive and f"{first}.txt" in archive and archive.same(text, f"{first}.txt")
            )
            groups.setdefault((base, "" if first is None or same else name), []).append(stem)
        elif ending != "txt" or f"{stem}.tsv" not in archive:
            lost.append(shown(name))
    for number, stems in enumerate(groups.values(), 1):
        line = _read_article(archive, stems, ForeignDocument(number, how), index)
        yield line._replace(losses=[*line.losses, ("files", lost)]) if lost else line
        lost = []
    if not groups:
        yield rejected_record(1, "required", "There is no table (.tsv) in the archive.")


def _read_article(
    archive: Folder, stems: list[str], draft: ForeignDocument, index: Mapping[str, Mapping[str, Any]]
) -> ParsedRecord:
    stem = stems[0]
    text = f"{stem}.txt"
    try:
        if text in archive:
            if archive.size(text) > MAX_TEXT_BYTES:
                return rejected_record(draft.number, "too-large", "The text is too long.", f"/{text}", stem)
            draft.text, marked = archive.read_text(text)
            if marked and text not in index:
                draft.record_loss("byte order marks, kept in the text")
        name = stem if len(stems) == 1 else stem.rpartition("/")[2]
        draft.set_fields({"external_id": name})
        about = index.get(text)
        if about is not None:
            draft.values.pop("external_id", None)
            draft.values.update(about)
        for one in stems:
            table = f"{one}.tsv"
            if archive.size(table) > MAX_TABLE_BYTES:
                draft.record_error(
                    "too-large", f"/{table}", f"The table has more than {MAX_TABLE_BYTES:,} bytes."
                )
                continue
            _TableReader(draft, archive.read_file(table), f"/{table}").add(one.rpartition("/")[0])
    except StandpointError as error:
        return rejected_record(draft.number, error.code, error.detail, f"/{stem}.tsv", stem)
    return draft.build_record()


class _TableReader:
    """A table that becomes a set."""

    def __init__(self, draft: ForeignDocument, content: str, place: str) -> None:
        self.draft = draft
        self.content = draft.clean(content)
        self.place = place
        self.layers: list[LayerColumns] = []
        self.rows: list[TokenRow] = []
        #: The text of each sentence, with the number of its first row.
        self.texts: list[tuple[int, list[str]]] = []
        #: Span ids by layer and number, or by layer, unit and level of the stack.
        self.keys: dict[tuple[Any, ...], str] = {}
        self.at: dict[tuple[str, str], str] = {}

    def add(self, owner: str) -> None:
        """Add the spans and relations of the table as a set."""
        if not self._parse_table():
            return
        if not self.draft.text:
            self._join_sentences()
        annotation_layer = self.draft.add_layer(owner)
        places = self._row_ranges()
        if places is None:
            return
        for layer in self.layers:
            if layer.kind == "#T_SP":
                self._add_spans(annotation_layer, layer, places)
        for layer in self.layers:
            if layer.kind == "#T_RL":
                self._add_relations(annotation_layer, layer)
            elif layer.kind == "#T_CH":
                met = [row for row in self.rows if _cell(row, layer.first) != "_"]
                for row in met:
                    self.draft.record_loss("chains", row.unit)

    def _row_ranges(self) -> list[tuple[int, int]] | None:
        """Return the ranges of the rows in the text; None for the table of another text."""
        offsets = OffsetMap(self.draft.text)
        places: list[tuple[int, int]] = []
        for row in self.rows:
            try:
                start, end = offsets.from_utf16(row.begin), offsets.from_utf16(row.end)
            except StandpointError as error:
                self.draft.record_error(error.code, f"{self.place}/{row.number}", error.detail)
                return None
            if self.draft.text[start:end] != row.words:
                detail = f"The text from {row.begin} to {row.end} is not “{excerpt(row.words)}”."
                self.draft.record_error("quote-mismatch", f"{self.place}/{row.number}", detail)
                return None
            places.append((start, end))
        return places

    def _parse_table(self) -> bool:
        lines = self.content.split("\n")
        if lines[0].rstrip("\r ") not in _HEADERS:
            detail = (
                f"The first line of a table is {FORMAT_LINE}3.3 (or {join_choices(VERSIONS[:-1])});"
                " this is something else, and other versions count in other ways."
                " Export it again as WebAnno TSV 3.3."
            )
            self.draft.record_error("syntax", self.place or "/1", detail)
            return False
        width = 0
        texts: list[str] = []
        for number, raw in enumerate(lines[1:], 2):
            line = raw.rstrip("\r")
            if line.startswith(("#T_SP=", "#T_RL=", "#T_CH=")):
                kind, _, rest = line.partition("=")
                name, *features = rest.split("|")
                features = [feature for feature in features if feature] or [""]
                self.layers.append(LayerColumns(kind, name.rpartition(".")[2], features, width))
                width += len(features)
                if width > MOST_COLUMNS:
                    detail = f"The header names more than {MOST_COLUMNS} columns."
                    self.draft.record_error("too-large", f"{self.place}/{number}", detail)
                    return False
            elif line.startswith("#Text="):
                if self.texts and self.texts[-1][0] == len(self.rows):
                    texts.append(_unescaped(line[6:]))
                else:
                    texts = [_unescaped(line[6:])]
                    self.texts.append((len(self.rows), texts))
            elif found := _ROW.fullmatch(line):
                unit, begin, end, words, cells = found.groups()
                row = TokenRow(number, unit, int(begin), int(end), words, (cells or "").split("\t"))
                self.rows.append(row)
            elif line and not line.startswith("#"):
                detail = f"“{excerpt(line)}” is no row of a table; it takes number, offsets, token and cells."
                self.draft.record_error("syntax", f"{self.place}/{number}", detail)
                return False
        return True

    def _join_sentences(self) -> None:
        """Set the text to the sentences; the table does not hold what is between them."""
        parts: list[str] = []
        at = 0
        for first, lines in self.texts:
            row = self.rows[first] if first < len(self.rows) else None
            text = "\n".join(lines)
            if row is None:
                continue
            before = max(0, text.find(row.words))
            gap = row.begin - _utf16_length(text[:before]) - at
            if gap > 10_000:
                break  # a wrong number; the check of the offsets reports it
            parts.append("\n" * max(0, gap))
            parts.append(text)
            at += max(0, gap) + _utf16_length(text)
        self.draft.text = "".join(parts)

    def _add_spans(
        self, annotation_layer: AnnotationLayer, layer: LayerColumns, places: list[tuple[int, int]]
    ) -> None:
        """Add the spans; cells with one number, or in one row, are one span."""
        found: dict[str, tuple[list[tuple[int, int]], list[str | None], TokenRow]] = {}
        for row, place in zip(self.rows, places, strict=True):
            if _cell(row, layer.first) == "_":
                continue
            stacks = [_STACK.findall(_cell(row, layer.first + at)) for at in range(len(layer.features))]
            for level in range(len(stacks[0])):
                cells = [stack[level] if level < len(stack) else "*" for stack in stacks]
                read = [split_number(cell) for cell in cells]
                number = next((found for _, found in read if found), None)
                key = (layer.name, number) if number else (layer.name, row.unit, level)
                id = self.keys.setdefault(key, f"{layer.name}-{number or f'{row.unit}/{level}'}")
                self.at.setdefault((layer.name, row.unit), id)
                values = [None if value in ("*", "_") else _unescaped(value) for value, _ in read]
                known = found.setdefault(id, ([], values, row))
                known[0].append(place)
        for id, (fragments, values, row) in found.items():
            pairs = zip(layer.features, values, strict=True)
            said = {name: value for name, value in pairs if value and name}
            self._add_span(annotation_layer, layer, id, fragments=fragments, said=said, row=row)

    def _add_span(
        self,
        annotation_layer: AnnotationLayer,
        layer: LayerColumns,
        id: str,
        *,
        fragments: list[tuple[int, int]],
        said: dict[str, str],
        row: TokenRow,
    ) -> None:
        label = self._known_term(said, _LABELS, layer.name, self.draft.names.find_label)
        # fragments, because a part of a token has a row of its own, after that of the token
        span = annotation_layer.add_fragments(id, label, fragments, f"{self.place}/{row.number}")
        if span is None:
            return
        for name, value in said.items():
            if name in LINK_FEATURES:
                span[name] = value
            elif value != label:
                annotation_layer.set_attribute(id, name, value)

    def _known_term(self, said: Mapping[str, str], names: tuple[str, ...], layer: str, translate: Any) -> str:
        """Return the first name of a span or relation that is known here, or else its first name."""
        words = [*(said[name] for name in names if name in said), layer]
        return next((word for word in words if translate(word) is not None), words[0])

    def _add_relations(self, annotation_layer: AnnotationLayer, layer: LayerColumns) -> None:
        base = next((name[3:] for name in layer.features if name.startswith("BT_")), "")
        base = base.rpartition(".")[2]
        reference = next((at for at, name in enumerate(layer.features) if name.startswith("BT_")), None)
        for row in self.rows:
            if reference is None or _cell(row, layer.first + reference) in ("_", ""):
                continue
            columns = [_STACK.findall(_cell(row, layer.first + at)) for at in range(len(layer.features))]
            for level, cell in enumerate(columns[reference]):
                said = {
                    name: _unescaped(split_number(column[level])[0])
                    for name, column in zip(layer.features, columns, strict=True)
                    if level < len(column) and column[level] != "*" and not name.startswith("BT_")
                }
                type_ = self._known_term(said, _TYPES, layer.name, self.draft.names.find_relation)
                self._add_relation(annotation_layer, row, base, cell, type_)

    def _add_relation(
        self, annotation_layer: AnnotationLayer, row: TokenRow, base: str, cell: str, type_: str
    ) -> None:
        place = f"{self.place}/{row.number}"
        found = _REFERENCE.fullmatch(cell)
        if found is None:
            detail = f"“{excerpt(cell)}” is no place where a relation begins, such as 1-3[1_2]."
            self.draft.record_error("syntax", place, detail)
            return
        unit, source, target = found.groups()
        ends = [self._span_id(base, unit, source), self._span_id(base, row.unit, target)]
        annotation_layer.add_relation(f"{row.unit}/{cell}", type_, ends[0], ends[1], place)

    def _span_id(self, layer: str, unit: str, number: str | None) -> str:
        """Return the span of a number, or the one in a unit; or a name that no span has."""
        if number and number != "0":
            return self.keys.get((layer, number), f"{layer}[{number}]")
        return self.at.get((layer, unit), f"{layer} at {unit}")


def _cell(row: TokenRow, at: int) -> str:
    return row.cells[at] if at < len(row.cells) and row.cells[at] else "_"


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
