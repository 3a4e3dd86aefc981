"""The reader of DNA's event lists: spans and relations for articles that are stored already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from annotations.exceptions import StandpointError
from annotations.formats.archive.spool import Spool
from annotations.formats.archive.zip_reader import PrefixedStream, read_start
from annotations.formats.core.csv_stream import MisfitRowError, pair_cells, read_rows
from annotations.formats.core.file_kinds import SQLITE
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading, find_key, reading
from annotations.formats.core.interfaces import ParsedRecord, Readable, StandoffAnnotations
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.quote_search import QuoteFinder
from annotations.formats.core.record_parser import read_record
from annotations.formats.core.term_mapping import TermMapping, fold_term
from annotations.formats.readers.dna_database import read_database
from annotations.text.gate import excerpt
from annotations.text.offsets import OffsetMap

DNA_COLUMNS = (
    "statement_id", "time", "person", "organization", "concept", "agreement", "start_position",
    "stop_position", "text", "coder", "document_id", "document_title", "document_author", "document_source",
    "document_section", "document_type",
)  # fmt: skip

_REQUIRED_COLUMNS = ("concept", "agreement", "start_position", "stop_position", "document_id")
_NUMBER = re.compile(r"[0-9]{1,9}")
#: Both sides, in the words of DNA and of R.
_SIDES = {
    "1": "support",
    "0": "oppose",
    "true": "support",
    "false": "oppose",
    "yes": "support",
    "no": "oppose",
}
_EMPTY_VALUES = ("", "na")
# Characters that DNA replaces in a text.
_DNA_REPLACEMENTS = str.maketrans({";": ",", '"': "'", "\n": " ", "\r": " ", "\u2028": " ", "\u2029": " "})
_COLUMNS = {fold_term(name): name for name in DNA_COLUMNS}
#: The number of names in a file; a file with more is no event list.
MAX_NAMES = 100_000


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row, with its cells by column name."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        value = self.cells.get(name, "").strip()
        return "" if value.casefold() in _EMPTY_VALUES else value


def read_dna(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield the entries of the registry, then the annotations of each document."""
    how = reading(names, hull, controls)
    head = read_start(stream, len(SQLITE))
    stream = PrefixedStream(head, stream)
    if head == SQLITE:
        yield from read_database(stream, how, _registry_entry, _add_statements)
        return
    column = how.names.file_field("external_id")
    gathered = _EventList(column if column != "external_id" else "document_id")
    try:
        yield from gathered.read(stream)
        yield from gathered.entries()
        for key, found in gathered.by_document:
            statements = [StatementRow(number, cells) for number, cells in found]
            yield _standoff_annotations(key, statements, how, gathered.unknown)
    finally:
        gathered.close()


class _EventList:
    """All rows by document, and the names in them."""

    def __init__(self, column: str) -> None:
        self.column = column
        self.by_document = Spool()
        self.header: list[str] = []
        #: The first row and the organisations of each name, by its kind and itself.
        self.names: dict[tuple[str, str], tuple[int, set[str]]] = {}

    @property
    def unknown(self) -> list[str]:
        """Return the variables that DNA does not define."""
        return [name for name in self.header if name not in DNA_COLUMNS and name != self.column]

    def read(self, stream: Readable) -> Iterator[ParsedRecord]:
        """Store the rows; yield those that cannot be stored."""
        for row in read_rows(stream):
            if row.code:
                yield rejected_record(row.number, row.code, row.message)
            elif not self.header:
                self.header = [_COLUMNS.get(fold_term(cell), cell.strip()) for cell in row.cells]
                self.column = find_key(dict.fromkeys(self.header), self.column)
                wanted = dict.fromkeys((*_REQUIRED_COLUMNS, self.column))
                missing = [name for name in wanted if name not in self.header]
                if missing:
                    detail = f"This is no event list: it has no column {', '.join(missing)}."
                    yield rejected_record(row.number, "required", detail)
                    return
            else:
                try:
                    cells = pair_cells(self.header, row.cells)
                except MisfitRowError as misfit:
                    yield rejected_record(row.number, "syntax", str(misfit))
                    continue
                self._collect_names(StatementRow(row.number, cells))
                self.by_document.add(cells[self.column].strip(), [row.number, cells])

    def _collect_names(self, row: StatementRow) -> None:
        for kind in ("organization", "person", "concept"):
            if row[kind] and len(self.names) < MAX_NAMES:
                _, belongs = self.names.setdefault((kind, row[kind]), (row.number, set()))
                if kind == "person" and row["organization"]:
                    belongs.add(row["organization"])

    def entries(self) -> Iterator[ParsedRecord]:
        """Yield the registry: organisations, persons with their only organisation, and issues."""
        for kind in ("organization", "person", "concept"):
            for (of, name), (number, belongs) in self.names.items():
                if of == kind:
                    faults = FieldErrors()
                    record = read_record(_registry_entry(kind, name, belongs), faults)
                    yield ParsedRecord(number, record, faults)

    def close(self) -> None:
        """Delete the stored rows."""
        self.by_document.close()


def registry_entry_id(kind: str, name: str) -> str:
    """Return an id that is the same for the same name, so that a file can be imported again."""
    return f"dna-{kind}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _registry_entry(kind: str, name: str, belongs: set[str]) -> dict[str, Any]:
    id = registry_entry_id(kind, name)
    if kind == "concept":
        return {"type": "proposition", "id": id, "text": name, "kind": "issue"}
    parent = registry_entry_id("organization", next(iter(belongs))) if len(belongs) == 1 else None
    word = "person" if kind == "person" else "organisation"
    return {"type": "actor", "id": id, "name": name, "kind": word, "parent": parent}


def _standoff_annotations(
    key: str, statements: list[StatementRow], how: Reading, unknown: list[str]
) -> ParsedRecord:
    number = statements[0].number
    if not key:
        return rejected_record(number, "required", "The row names no document.")

    def on(text: str) -> ParsedRecord:
        draft = ForeignDocument(number, how, text=text, where=key)
        for name in unknown:
            if any(row[name] for row in statements):
                draft.record_loss(f"variable {shown(name)}")
        _DocumentConverter(draft, statements).add()
        return draft.build_record()

    return ParsedRecord(number, StandoffAnnotations(key, on), [], excerpt(key, 255))


def _add_statements(draft: ForeignDocument, found: list[tuple[int, dict[str, str]]]) -> None:
    """Add the statements of a document in a database."""
    _DocumentConverter(draft, [StatementRow(number, cells) for number, cells in found]).add()


class _DocumentConverter:
    """The statements on one text."""

    def __init__(self, draft: ForeignDocument, statements: list[StatementRow]) -> None:
        self.draft = draft
        self.statements = statements
        self.layer: AnnotationLayer = draft.add_layer()
        self.finder = QuoteFinder(draft.text)
        self.offsets = OffsetMap(draft.text)
        self.actors: dict[tuple[str, int], str] = {}

    def add(self) -> None:
        """Add a position for each range, issue and side; rows of one statement differ in their holders."""
        together: dict[tuple[str, ...], list[StatementRow]] = {}
        for row in self.statements:
            place = (row["start_position"], row["stop_position"], row["concept"], row["coder"])
            together.setdefault((row["statement_id"], *place), []).append(row)
        for count, found in enumerate(together.values()):
            self._add_position(f"p{count}", found)

    def _add_position(self, id: str, found: list[StatementRow]) -> None:
        row = found[0]
        place = f"/{row.number}"
        where = self._parse_range(row, place)
        if where is None:
            return
        start, end = where
        said = self.draft.text[start:end]
        if (
            row["text"]
            and row["text"].translate(_DNA_REPLACEMENTS) != said.translate(_DNA_REPLACEMENTS).strip()
        ):
            detail = f"The text reads “{excerpt(said)}” there, not “{excerpt(row['text'])}”."
            self.draft.record_error("quote-mismatch", place, detail)
            return
        link = {"proposition": registry_entry_id("concept", row["concept"])} if row["concept"] else {}
        span = self.layer.add_span(id, "position", start, end, place, **link)
        sides = set()
        for one in found:
            side = _SIDES.get(one["agreement"].casefold())
            if side is None:
                detail = f"“{excerpt(one['agreement'])}” is no agreement; it takes 1 or 0."
                self.draft.record_error("choice", f"/{one.number}", detail)
                return
            sides.add(side)
        if span is None:
            return
        self.layer.set_attribute(id, "stance", "mixed" if len(sides) > 1 else sides.pop())
        date = row["time"][:10]
        if date:
            self.layer.set_attribute(id, "statement_date", date)
        for one in found:
            self._add_holder(id, start, one)

    def _parse_range(self, row: StatementRow, place: str) -> tuple[int, int] | None:
        sent = row["start_position"], row["stop_position"]
        if not all(_NUMBER.fullmatch(one) for one in sent):
            detail = "A statement has two whole numbers for its start and stop position."
            self.draft.record_error("type", place, detail)
            return None
        try:
            start, end = (self.offsets.from_utf16(int(one)) for one in sent)
        except StandpointError as error:
            self.draft.record_error(error.code, place, error.detail)
            return None
        return start, end

    def _add_holder(self, position: str, near: int, row: StatementRow) -> None:
        """Add the mention of the holder that is nearest; count a holder without a mention."""
        kind, name = ("person", row["person"]) if row["person"] else ("organization", row["organization"])
        at = self.finder.nearest(name, near)
        if at is None:
            self.draft.record_loss("holders", row["statement_id"])
            return
        id = self.actors.get((name, at))
        if id is None:
            id = self.actors[name, at] = f"a{len(self.actors)}"
            link = registry_entry_id(kind, name)
            self.layer.add_span(id, "actor", at, at + len(name), f"/{row.number}", actor=link)
            self.layer.set_attribute(id, "mention_type", "name")
        self.layer.add_relation(f"{position}-{id}", "held_by", position, id, f"/{row.number}")
