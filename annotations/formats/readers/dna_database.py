"""The reader of DNA's databases (.dna, which is SQLite): texts, statements and entities, no passwords.

The database is opened read-only from a temporary copy, and an authorizer lets nothing be read but the tables
that are named here; the users of the file are never looked at.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from annotations.formats.archive.spool import Spool
from annotations.formats.core.foreign_document import ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.record_parser import read_record
from annotations.text.parsing import format_timestamp

MAX_FILE = 2 * 1024**3
_CHUNK = 1024 * 1024
_ADVICE = "Export the event list in DNA instead (Export, type of network: event list), and send that."
#: The tables that are read; the others, among them that of the users, are not.
_TABLES = frozenset(
    ("documents", "statements", "statementtypes", "variables", "entities", "attributes", "datashorttext",
     "datalongtext", "databoolean", "datainteger", "sqlite_master")
)  # fmt: skip
_KINDS = ("organization", "person", "concept")
#: Makes a row of an event list of cells: a number of the row, and its cells by column.
Convert = Callable[[ForeignDocument, list[tuple[int, dict[str, str]]]], None]
Entry = Callable[[str, str, set[str]], dict[str, Any]]
Registry = dict[tuple[str, str], set[str]]


def read_database(stream: Readable, how: Reading, entry: Entry, convert: Convert) -> Iterator[ParsedRecord]:
    """Yield the entries of the registry, then an article for each document."""
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as copy:
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_FILE:
                yield rejected_record(
                    1, "too-large", f"The database is larger than {MAX_FILE // 1024**3} GB."
                )
                return
            copy.write(chunk)
        copy.flush()
        database = sqlite3.connect(f"file:{copy.name}?mode=ro&immutable=1", uri=True)
        found = _Database(database, how)
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_authorizer(_authorize)
            yield from found.lines(entry, convert)
        except (sqlite3.Error, UnicodeDecodeError, OverflowError):
            detail = (
                f"This SQLite database is damaged, or of a version of DNA that is not known here. {_ADVICE}"
            )
            yield rejected_record(1, "syntax", detail)
        finally:
            found.close()
            database.close()


def _authorize(action: int, table: str | None, *_: object) -> int:
    """Allow reading the tables that are read here, and nothing else."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and (table or "").lower() in _TABLES:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


class _Database:
    """A database of DNA, version 2 or 3. Each table is gone through once, whatever indexes the file has."""

    def __init__(self, database: sqlite3.Connection, how: Reading) -> None:
        self.database = database
        self.how = how
        self.tables: set[str] = set()
        self.variables: dict[int, str] = {}
        self.cells = Spool()
        self.statements = Spool()

    def close(self) -> None:
        """Delete what was stored on the way."""
        self.cells.close()
        self.statements.close()

    def lines(self, entry: Entry, convert: Convert) -> Iterator[ParsedRecord]:
        """Yield all records."""
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        self.tables = {
            str(name).lower()
            for name, definition in self._rows(sql)
            if not str(definition).upper().startswith("CREATE VIRTUAL")
        }
        if not {"documents", "statements", "variables", "datashorttext"} <= self.tables:
            yield rejected_record(1, "required", f"This is a SQLite database, but none of DNA. {_ADVICE}")
            return
        rows = self._rows("SELECT ID, Variable FROM VARIABLES")
        self.variables = {id: str(name).strip().lower() for id, name in rows}
        entities = self._entities()
        self._load_cells({id: value for id, (_, value) in entities.items()})
        registry = self._load_statements(entities.values())
        yield from _registry(registry, entry)
        number = 0
        documents = self._rows(
            "SELECT ID, Title, Author, Source, Section, Type, Notes, Date, Text FROM DOCUMENTS ORDER BY ID"
        )
        for number, row in enumerate(documents, 1):
            yield self._article(number, row, convert)
        if not number:
            yield rejected_record(1, "required", "The database has no documents.")

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        return iter(self.database.execute(sql))

    def _entities(self) -> dict[int, tuple[str, str]]:
        """Return the kind and the name of each entity; version 2 calls them attributes."""
        table = next((name for name in ("ENTITIES", "ATTRIBUTES") if name.lower() in self.tables), None)
        if table is None:
            return {}
        rows = self._rows(f"SELECT ID, VariableId, Value FROM {table} ORDER BY ID")  # noqa: S608
        return {id: (self.variables.get(of, ""), str(value).strip()) for id, of, value in rows}

    def _load_cells(self, entities: dict[int, str]) -> None:
        """Store the variables of all statements; a short text is the number of an entity, or the words."""
        for table in ("DATASHORTTEXT", "DATALONGTEXT", "DATABOOLEAN", "DATAINTEGER"):
            if table.lower() not in self.tables:
                continue
            names = self.database.execute(f"SELECT * FROM {table} LIMIT 0").description  # noqa: S608
            column = "Entity" if "entity" in {name.lower() for name, *_ in names} else "Value"
            for statement, variable, sent in self._rows(
                f"SELECT StatementId, VariableId, {column} FROM {table}"  # noqa: S608
            ):
                is_link = table == "DATASHORTTEXT" and type(sent) is int
                value = entities.get(sent) if is_link else sent
                if value is not None:
                    name = self.variables.get(variable, f"variable {variable}")
                    self.cells.add(str(statement), [name, str(value).strip()])

    def _load_statements(self, entities: Iterable[tuple[str, str]]) -> Registry:
        """Store the statements by their documents; return the names, and the organisations of persons."""
        found: Registry = {entity: set() for entity in entities if entity[0] in _KINDS and entity[1]}
        for id, document, start, stop, coder in self._rows(
            "SELECT ID, DocumentId, Start, Stop, Coder FROM STATEMENTS ORDER BY ID"
        ):
            cells = dict(self.cells.pop(str(id)))
            for kind in _KINDS:
                if cells.get(kind):
                    found.setdefault((kind, cells[kind]), set())
            if cells.get("person") and cells.get("organization"):
                found["person", cells["person"]].add(cells["organization"])
            cells |= {"statement_id": str(id), "start_position": str(start), "stop_position": str(stop)}
            self.statements.add(str(document), {**cells, "coder": str(coder)})
        return found

    def _article(self, number: int, row: tuple[Any, ...], convert: Convert) -> ParsedRecord:
        id, title, author, source, section, type_, notes, date, text = row
        if type(text) is not str:
            return rejected_record(number, "type", "The document has no text.", "/text", str(id))
        draft = ForeignDocument(number, self.how, text=text)
        draft.set_fields({"external_id": str(id), "title": title, "author": author, "source": source})
        others = {"section": section, "type": type_, "notes": notes}
        draft.set_fields({name: value for name, value in others.items() if value}, known=False)
        if (published := _time(date)) is not None:
            draft.set_fields({"published_at": published})
        found = []
        for cells in self.statements.pop(str(id)):
            statement = cells["statement_id"]
            if "concept" not in cells or "agreement" not in cells:
                draft.record_loss("statements without a concept and an agreement", statement)
                continue
            for name in cells.keys() - _KNOWN:
                draft.record_loss(f"variable {shown(name)}", statement)
            found.append((number, cells))
        if found:
            convert(draft, found)
        return draft.build_record()


def _registry(found: Registry, entry: Entry) -> Iterator[ParsedRecord]:
    """Yield the registry: organisations, persons with their only organisation, and issues."""
    number = 0
    for kind in _KINDS:
        for (of, name), belongs in found.items():
            if of == kind:
                number += 1
                faults = FieldErrors()
                record = read_record(entry(kind, name, belongs), faults)
                yield ParsedRecord(number, record, faults)


_KNOWN = frozenset(
    ("statement_id", "start_position", "stop_position", "coder", "person", "organization", "concept",
     "agreement")
)  # fmt: skip


def _time(date: object) -> str | None:
    """Return the time of a document, which counts seconds, or milliseconds in version 2."""
    if type(date) is not int:
        return None
    seconds = date / 1_000 if abs(date) > 100_000_000_000 else date
    try:
        return format_timestamp(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return str(date)
