"""A Parquet file whose bytes depend on its rows only, for datasets that must come out the same again.

pyarrow's files differ from version to version, and it need not be installed. This writes the plain part
of the format, which every reader knows: one page for each column and row group, without statistics.
Every value and every list may be missing. The levels are those of https://parquet.apache.org: a missing
list has definition level 0, an empty one 1, a missing item 2 and so on.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from struct import pack
from typing import IO, Any, NamedTuple

from annotations.formats.core.typed_columns import Column
from annotations.formats.writers import thrift

MOST_WEIGHT = 16 * 1024 * 1024
"""The size in bytes from which on rows are written as a group."""

_MAGIC = b"PAR1"
_CREATED_BY = "standpoint"
_TYPES = {"int32": 1, "int64": 2, "string": 6}
_LETTERS = {"int32": "i", "int64": "q"}
_OPTIONAL, _REPEATED = 1, 2
_UTF8, _LIST = 0, 3
_PLAIN, _RLE = 0, 3
_GZIP = 2
_GZIP_WINDOW = 31  # zlib writes the head of a gzip file then, without a date
_LEVEL = 6


class _Leaf:
    """A column of plain values, with its levels: how much of its path is there, and where lists begin."""

    def __init__(self, path: Sequence[str], kind: str, depth: int) -> None:
        self.path, self.kind, self.depth = path, kind, depth
        self.is_repeated = len(path) > 1
        self.clear()

    def clear(self) -> None:
        """Begin a new row group."""
        self.repetitions, self.definitions = bytearray(), bytearray()
        self.values: list[Any] = []

    def add(self, value: object, repetition: int = 0) -> None:
        """Add a value whose parents are all there; None is missing."""
        self.repetitions.append(repetition)
        if value is None:
            self.definitions.append(self.depth - 1)
        else:
            self.definitions.append(self.depth)
            self.values.append(value)

    def add_missing(self, definition: int) -> None:
        """Add a list that is missing (0) or empty (1)."""
        self.repetitions.append(0)
        self.definitions.append(definition)

    def page(self) -> bytes:
        """Return the levels and the values."""
        levels = _encode_levels(self.repetitions) if self.is_repeated else b""
        return levels + _encode_levels(self.definitions) + self._encode_values()

    def _encode_values(self) -> bytes:
        if self.kind != "string":
            return pack(f"<{len(self.values)}{_LETTERS[self.kind]}", *self.values)
        encoded = [value.encode() for value in self.values]
        return b"".join([part for data in encoded for part in (pack("<I", len(data)), data)])


class _Chunk(NamedTuple):
    """A column of a row group as it stands in the file."""

    leaf: _Leaf
    offset: int
    values: int
    size: int
    packed: int

    def describe(self) -> thrift.Encoded:
        """Return the description of the chunk for the end of the file."""
        leaf = self.leaf
        about = thrift.struct(
            (
                (1, thrift.i32(_TYPES[leaf.kind])),
                (2, thrift.items([thrift.i32(_PLAIN), thrift.i32(_RLE)])),
                (3, thrift.items([thrift.text(name) for name in leaf.path])),
                (4, thrift.i32(_GZIP)),
                (5, thrift.i64(self.values)),
                (6, thrift.i64(self.size)),
                (7, thrift.i64(self.packed)),
                (9, thrift.i64(self.offset)),
            )
        )
        return thrift.struct(((2, thrift.i64(self.offset)), (3, about)))


class ParquetFile:
    """A writer of rows, which are dictionaries by the names of the columns."""

    def __init__(self, out: IO[bytes], columns: Sequence[Column]) -> None:
        self._out, self._columns = out, columns
        self._leaves = {column.name: list(_leaves(column)) for column in columns}
        self._groups: list[thrift.Encoded] = []
        self._rows = self._group_rows = self._weight = self._offset = 0
        self._write(_MAGIC)

    def add(self, row: Mapping[str, Any], weight: int) -> None:
        """Add a row of about so many bytes."""
        for column in self._columns:
            _add_value(column, self._leaves[column.name], row[column.name])
        self._group_rows += 1
        self._weight += weight
        if self._weight >= MOST_WEIGHT:
            self._flush()

    def close(self) -> None:
        """Write the last rows and the description of the file, which stands at its end."""
        self._flush()
        fields = [
            (1, thrift.i32(1)),
            (2, thrift.items(_describe_schema(self._columns))),
            (3, thrift.i64(self._rows)),
            (4, thrift.items(self._groups) if self._groups else _NO_GROUPS),
            (6, thrift.text(_CREATED_BY)),
        ]
        _, footer = thrift.struct(fields)
        self._write(footer + pack("<I", len(footer)) + _MAGIC)

    def _flush(self) -> None:
        if not self._group_rows:
            return
        chunks = [self._write_chunk(leaf) for leaves in self._leaves.values() for leaf in leaves]
        self._groups.append(
            thrift.struct(
                (
                    (1, thrift.items([chunk.describe() for chunk in chunks])),
                    (2, thrift.i64(sum(chunk.size for chunk in chunks))),
                    (3, thrift.i64(self._group_rows)),
                )
            )
        )
        self._rows += self._group_rows
        self._group_rows = self._weight = 0

    def _write_chunk(self, leaf: _Leaf) -> _Chunk:
        page, values = leaf.page(), len(leaf.definitions)
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        packed = packer.compress(page) + packer.flush()
        ways = [(at, thrift.i32(way)) for at, way in ((2, _PLAIN), (3, _RLE), (4, _RLE))]
        about = thrift.struct([(1, thrift.i32(values)), *ways])
        _, head = thrift.struct(
            ((1, thrift.i32(0)), (2, thrift.i32(len(page))), (3, thrift.i32(len(packed))), (5, about))
        )
        chunk = _Chunk(leaf, self._offset, values, len(head) + len(page), len(head) + len(packed))
        self._write(head + packed)
        leaf.clear()
        return chunk

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._offset += len(data)


#: An empty list of structures.
_NO_GROUPS = (9, b"\x0c")


def _leaves(column: Column) -> Iterable[_Leaf]:
    """Yield the plain columns that hold a column: one, or one for each field of the objects of a list."""
    if column.fields:
        for field in column.fields:
            yield _Leaf((column.name, "list", "element", field.name), field.kind, 4)
    elif column.repeated:
        yield _Leaf((column.name, "list", "element"), column.kind, 3)
    else:
        yield _Leaf((column.name,), column.kind, 1)


def _add_value(column: Column, leaves: Sequence[_Leaf], value: Any) -> None:
    if not column.fields and not column.repeated:
        leaves[0].add(value)
    elif not value:
        for leaf in leaves:
            leaf.add_missing(0 if value is None else 1)
    elif column.fields:
        for field, leaf in zip(column.fields, leaves, strict=True):
            for place, item in enumerate(value):
                leaf.add(item[field.name], place > 0)
    else:
        for place, item in enumerate(value):
            leaves[0].add(item, place > 0)


def _encode_levels(levels: bytes | bytearray) -> bytes:
    """Return levels as runs of one value, with the length of it all before them."""
    counted = [(level, len([*run])) for level, run in groupby(levels)]
    runs = b"".join([thrift.encode_varint(number << 1) + bytes([level]) for level, number in counted])
    return pack("<I", len(runs)) + runs


def _describe_schema(columns: Sequence[Column]) -> list[thrift.Encoded]:
    """Return the tree of columns, the parents before their children."""
    found = [thrift.struct(((4, thrift.text("schema")), (5, thrift.i32(len(columns)))))]
    for column in columns:
        if column.fields or column.repeated:
            found.append(_describe_group(column.name, _OPTIONAL, 1, is_list=True))
            found.append(_describe_group("list", _REPEATED, 1))
        if column.fields:
            found.append(_describe_group("element", _OPTIONAL, len(column.fields)))
            found += [_describe_leaf(field.name, field.kind) for field in column.fields]
        else:
            found.append(_describe_leaf("element" if column.repeated else column.name, column.kind))
    return found


def _describe_group(name: str, repetition: int, children: int, *, is_list: bool = False) -> thrift.Encoded:
    fields = [(3, thrift.i32(repetition)), (4, thrift.text(name)), (5, thrift.i32(children))]
    if is_list:
        fields += [(6, thrift.i32(_LIST)), (10, thrift.struct([(3, thrift.struct([]))]))]
    return thrift.struct(fields)


def _describe_leaf(name: str, kind: str) -> thrift.Encoded:
    fields = [(1, thrift.i32(_TYPES[kind])), (3, thrift.i32(_OPTIONAL)), (4, thrift.text(name))]
    if kind == "string":
        fields += [(6, thrift.i32(_UTF8)), (10, thrift.struct([(1, thrift.struct([]))]))]
    return thrift.struct(fields)
