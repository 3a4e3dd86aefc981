"""The files of a foreign archive, under names that mean the same however it was packed.

A folder that is common to all files is no part of their names, nor is that of the table of contents of an
archive of our own. Endings are in small letters, and what systems put beside those of
people is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from annotations.formats.archive.zip_reader import CheckedArchive
from annotations.formats.core.article_content import INDEX_FILE, read_index
from annotations.formats.core.foreign_values import BYTE_ORDER_MARK, decode_file
from annotations.formats.core.interfaces import Readable
from annotations.text.gate import decode_text

_SYSTEM_FILES = re.compile(
    r"__MACOSX/.*|(?:.*/)?(?:\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)", re.IGNORECASE
)
_MAX_INDEX = 64 * 1024 * 1024
_LONGEST_HEADER = 4_096


class Folder:
    """A checked archive by the names that readers use."""

    def __init__(self, stream: Readable) -> None:
        self._archive = CheckedArchive(stream)
        real = [name for name in self._archive.names if not _SYSTEM_FILES.fullmatch(name)]
        root = self._index_folder(real)
        if root is None:
            root = _common_folder(real)
        self._real = {_with_small_ending(name.removeprefix(root)): name for name in real}
        if len(self._real) < len(real):  # a name that stands inside and beside that folder
            self._real = {_with_small_ending(name): name for name in real}
        self.names = list(self._real)

    def _index_folder(self, names: list[str]) -> str | None:
        """Return the folder of the only table of contents of our own, whatever stands beside it."""
        tables = [name for name in names if _base(name).lower() == INDEX_FILE]
        if len(tables) != 1:
            return None
        with self._archive.open(tables[0]) as file:
            is_own = read_index(BytesIO(file.readline(_LONGEST_HEADER))) is not None
        return tables[0].removesuffix(_base(tables[0])) if is_own else None

    def read_index(self) -> tuple[Mapping[str, Mapping[str, Any]], list[str]]:
        """Return the table of contents of our own, by file; and its name where it is another table."""
        if INDEX_FILE not in self or self.size(INDEX_FILE) > _MAX_INDEX:
            return {}, [INDEX_FILE] if INDEX_FILE in self else []
        with self.open(INDEX_FILE) as file:
            found = read_index(file)
        return ({}, [INDEX_FILE]) if found is None else (found, [])

    def __contains__(self, name: str) -> bool:
        return name in self._real

    def size(self, name: str) -> int:
        """Return the uncompressed size of a file, in bytes."""
        return self._archive.size(self._real[name])

    def same(self, one: str, other: str) -> bool:
        """Return whether two files have the same size and checksum."""
        return self._archive.is_same_file(self._real[one], self._real[other])

    def read(self, name: str) -> bytes:
        """Return the content of a file; ask for its ``size`` first."""
        return self._archive.read(self._real[name])

    def read_text(self, name: str) -> tuple[str, bool]:
        """Return the text of an article as it is, and whether it begins with a byte order mark."""
        text = decode_text(self.read(name))
        return text, text.startswith(BYTE_ORDER_MARK)

    def read_file(self, name: str) -> str:
        """Return the content of a file that is no text of an article, without a byte order mark."""
        return decode_file(self.read(name))

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading in pieces."""
        return self._archive.open(self._real[name])

    def close(self) -> None:
        """Delete the temporary copy of the archive."""
        self._archive.close()


def _common_folder(names: list[str]) -> str:
    """Return the folders that all names begin with."""
    if not names:
        return ""
    first, last = min(names), max(names)
    length = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[: first.rfind("/", 0, length) + 1]


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _with_small_ending(name: str) -> str:
    if name.lower() == INDEX_FILE:
        return INDEX_FILE
    stem, dot, ending = name.rpartition(".")
    return f"{stem}{dot}{ending.lower()}" if dot and "/" not in ending else name
