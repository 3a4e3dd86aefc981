"""The leak search: every file of a release, unpacked to its texts, and the names that stand in it.

It trusts no writer: archives in archives, packed and binary files are opened, and what is left is read as
text, so that a name is found wherever a reader would find it.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from annotations.formats.core.optional_packages import load_optional_module
from annotations.text.masking import NameMatcher

#: Archives in archives are opened so deep.
_MAX_DEPTH = 5
_ZIP, _GZIP, _PARQUET = b"PK", b"\x1f\x8b", b"PAR1"
#: By which name the writer of our tables signs at the end of a file, and how near to it.
_OUR_TABLES, _FOOT = b"standpoint", 100
_READ = 64 * 1024
_GZIP_WINDOW = 31  # with the head of a gzip file
#: What zlib packs begins with its kind and level.
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class Leak(NamedTuple):
    """A name that stands in a file; files in archives have the path of both, and ``owner`` is whose it is."""

    file: str
    owner: str
    words: str
    times: int


def find_leaks(file: str, data: bytes, names: NameMatcher) -> list[Leak]:
    """Return the names in the data of a file, in its own name and in all that is packed in it."""
    found: Counter[tuple[str, str, str]] = Counter()
    for inner, text in unpack_texts(file, data):
        for place in names.find(text):
            found[inner, place.owner, " ".join(text[place.start : place.end].split())] += 1
    return [Leak(*leak, number) for leak, number in sorted(found.items())]


def unpack_texts(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the texts in a file: its name, its content, and those of the files that are packed in it."""
    yield name, name
    unpack = next((unpack for start, unpack in _UNPACKERS if data.startswith(start)), None)
    if unpack is None or depth >= _MAX_DEPTH:
        yield name, _as_text(data)
        return
    for inner, content in unpack(data):
        yield from unpack_texts(f"{name}/{inner}" if inner else name, content, depth + 1)


def _as_text(data: bytes) -> str:
    """Return data as text; JSON is read, so that no escape hides a letter and keys are texts, too."""
    text = data.decode("utf-8", "replace")
    return "\n".join(_read_json(line) for line in text.split("\n")) if text[:1] in ("{", "[") else text


def _read_json(line: str) -> str:
    if "\\" not in line:
        return line
    try:
        return json.dumps(json.loads(line), ensure_ascii=False)
    except ValueError:
        return line


def _unpack_zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            yield entry.filename, archive.read(entry)
            yield entry.filename, entry.comment + b"\n" + entry.extra
        yield "", archive.comment


def _unpack_gzip(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "", gzip.decompress(data)


def _unpack_zlib(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "", zlib.decompress(data)


def _unpack_parquet(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what a table holds; ours have gzipped pages, which need no package to be read."""
    if _OUR_TABLES in data[-_FOOT:]:
        yield from (("", page) for page in _unpack_pages(data))
        yield "", data[len(_PARQUET) :]  # the names of columns, the smallest and the largest values
        return
    parquet: Any = load_optional_module("pyarrow", "pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(data))
    for batch in table.to_batches(max_chunksize=1_000):
        yield "", json.dumps(batch.to_pylist(), ensure_ascii=False, default=str).encode()
    yield "", json.dumps(str(table.schema)).encode()


def _unpack_pages(data: bytes) -> Iterator[bytes]:
    """Yield the gzip files that stand in some data."""
    view, at = memoryview(data), data.find(_GZIP)
    while at >= 0:
        unpacker, page, end = zlib.decompressobj(_GZIP_WINDOW), [], at
        try:
            while end < len(data) and not unpacker.eof:
                page.append(unpacker.decompress(view[end : end + _READ]))
                end += _READ
        except zlib.error:
            page = []
        if unpacker.eof:
            yield b"".join(page)
        at = data.find(_GZIP, at + len(_GZIP))


_UNPACKERS: tuple[tuple[bytes, Callable[[bytes], Iterator[tuple[str, bytes]]]], ...] = (
    (_ZIP, _unpack_zip),
    (_GZIP, _unpack_gzip),
    (_PARQUET, _unpack_parquet),
    *((start, _unpack_zlib) for start in _ZLIB),
)
