"""The writer of Parquet: four related tables, for statistics.

pyarrow writes them in row groups, so memory holds at most one group of each table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from annotations.formats.archive.zip_reader import open_scratch_file
from annotations.formats.archive.zip_writer import ZipWriter
from annotations.formats.core.article_content import COMMENTS_LOSS
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    Dialect,
    Example,
    Format,
    RecordSection,
    RegistryNames,
    Writer,
)
from annotations.formats.core.json_text import canonical_metadata, dump_json
from annotations.formats.core.optional_packages import load_optional_module
from annotations.formats.core.records import Actor, Article, Corpus, Proposition, RegistryEntry, Topic
from annotations.scheme import ATTRIBUTES

MAX_GROUP_WEIGHT = 20_000
"""The weight of a row group; a row weighs 1, and more with a long text."""

#: The tables and their columns, with the types of pyarrow.
TABLES: Mapping[str, Mapping[str, str]] = {
    "documents": {
        "id": "string", "external_id": "string", "revision": "int32", "current": "bool_", "title": "string",
        "source": "string", "author": "string", "url": "string", "language": "string",
        "published_at": "timestamp", "story_key": "string", "metadata": "string", "sha256": "string",
        "text": "large_string",
    },
    "spans": {
        "id": "string", "document_id": "string", "revision": "int32", "set_id": "string", "owner": "string",
        "state": "string", "label": "string", "start": "int32", "end": "int32", "quote": "string",
        "actor_id": "string", "proposition_id": "string", "origin": "string",
        **dict.fromkeys(ATTRIBUTES, "string"),
    },
    "relations": {
        "id": "string", "document_id": "string", "set_id": "string", "type": "string", "source": "string",
        "target": "string",
    },
    "registry": {
        "id": "string", "type": "string", "name": "string", "kind": "string", "qid": "string",
        "parent_id": "string", "status": "string", "merged_into": "string", "note": "string",
        "aliases": "string",
    },
}  # fmt: skip


class _Table:
    """A table that is written in row groups."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._arrow, parquet = (
            load_optional_module("pyarrow"),
            load_optional_module("pyarrow", "pyarrow.parquet"),
        )
        kinds = {name: self._arrow_type(kind) for name, kind in columns.items()}
        self._schema = self._arrow.schema(list(kinds.items()))
        self.file: IO[bytes] = open_scratch_file()
        self._writer = parquet.ParquetWriter(self.file, self._schema, compression="snappy")
        self._rows: list[tuple[Any, ...]] = []
        self._weight = 0

    def _arrow_type(self, kind: str) -> Any:
        return self._arrow.timestamp("us", tz="UTC") if kind == "timestamp" else getattr(self._arrow, kind)()

    def add(self, row: tuple[Any, ...], weight: int = 1) -> None:
        """Add a row in the order of the columns; a row with a long text weighs more."""
        self._rows.append(row)
        self._weight += weight
        if self._weight >= MAX_GROUP_WEIGHT:
            self._flush()

    def _flush(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        arrays = [
            self._arrow.array(column, kind.type) for column, kind in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()
        self._weight = 0

    def close(self) -> None:
        """Write the remaining rows, and rewind the file."""
        if self._rows:
            self._flush()
        self._writer.close()
        self.file.seek(0)

    def abandon(self) -> None:
        """Delete the file."""
        self.file.close()


class ParquetWriter(Writer):
    """A writer of all tables side by side, which are packed at the end."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._tables = {name: _Table(columns) for name, columns in TABLES.items()}
        self._zip = ZipWriter(out)

    def write_corpus(self, corpus: Corpus) -> None:
        """Write a description of the tables beside them."""
        about = {"corpus": corpus.slug, "name": corpus.name, "offset_unit": "codepoint"}
        self._zip.add("corpus.json", (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode())

    def write_entry(self, entry: RegistryEntry) -> None:
        """Add a row of the registry."""
        add = self._tables["registry"].add
        if isinstance(entry, Actor):
            aliases = dump_json([alias._asdict() for alias in entry.aliases])
            add(
                (
                    entry.id, "actor", entry.name, entry.kind, entry.qid or None, entry.parent, None,
                    entry.merged_into, entry.note or None, aliases,
                )
            )  # fmt: skip
        elif isinstance(entry, Topic):
            add((entry.id, "topic", entry.name, *[None] * 4, entry.merged_into, None, None))
        elif isinstance(entry, Proposition):
            add(
                (
                    entry.id, "proposition", entry.text, entry.kind, None, entry.topic, entry.status,
                    entry.merged_into, None, None,
                )
            )  # fmt: skip

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Add the rows of texts, spans and relations."""
        a = article
        numbers = {row.id: row.number for row in a.revisions}
        for row in a.revisions:
            self._tables["documents"].add(
                (
                    a.id, a.external_id, row.number, row is a.revisions[-1], a.title, a.source, a.author,
                    a.url, a.language, a.published_at, a.story_key, canonical_metadata(a.metadata),
                    row.sha256, row.text,
                ),
                1 + len(row.text) // 200,
            )  # fmt: skip
        add, link = self._tables["spans"].add, self._tables["relations"].add
        for of in a.sets:
            first = (a.id, numbers.get(of.revision), of.id, of.owner, of.state)
            for id, _, label, start, end, quote, attributes, actor, proposition, origin, _ in of.spans:
                said = json.loads(attributes) if attributes != "{}" else {}
                values = map(said.get, ATTRIBUTES)
                add((id, *first, label, start, end, quote, actor, proposition, origin, *values))
            for id, _, type_, source, target, _ in of.relations:
                link((id, a.id, of.id, type_, source, target))
            self.losses.add("comments", [said.id for said in of.comments])
        self.records += 1

    def abandon(self) -> None:
        """Close the tables and the archive."""
        self._zip.abandon()
        for table in self._tables.values():
            table.abandon()

    def close(self) -> None:
        """Pack the tables."""
        for name, table in self._tables.items():
            table.close()
            self._zip.add_file(f"{name}.parquet", table.file)
            table.file.close()
        self._zip.close()


FORMAT = Format(
    name="parquet",
    title="Parquet: tables of documents, spans, relations and the registry",
    media_type="application/zip",
    extension="zip",
    writer=ParquetWriter,
    sections=ANNOTATED_TEXTS | {RecordSection.REGISTRY},
    required_package="pyarrow",
    loss_descriptions={
        "comments": COMMENTS_LOSS,
    },
    omissions="articles' states, and reviewers and times of sets",
    notes=(
        (
            "`documents` has a row for each version of a text (`current` is the one that"
            " counts), `spans` one for"
            " each mark with a column for each attribute. Offsets are code points."
        ),
        "Needs the package pyarrow (`requirements-parquet.txt`).",
    ),
    example=Example(
        {f"{name}.parquet": f"({', '.join(columns)})" for name, columns in TABLES.items()},
        "python -c \"import pandas; print(pandas.read_parquet('spans.parquet').label.value_counts())\"",
    ),
)
