"""The files of a foreign archive, under names that mean the same however it was packed.

A folder that is common to all files is no part of their names, endings are in small letters, and what
systems put beside the files of people is not there.
"""

from __future__ import annotations

import re
from typing import IO

from annotations.formats.archive.zip_reader import CheckedArchive
from annotations.formats.core.foreign_values import BYTE_ORDER_MARK, decode_file
from annotations.formats.core.interfaces import Readable
from annotations.text.gate import decode_text

_SYSTEM_FILES = re.compile(
    r"__MACOSX/.*|(?:.*/)?(?:\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)", re.IGNORECASE
)


class Folder:
    """A checked archive by the names that readers use."""

    def __init__(self, stream: Readable) -> None:
        self._archive = CheckedArchive(stream)
        real = [name for name in self._archive.names if not _SYSTEM_FILES.fullmatch(name)]
        common = _common_folder(real)
        self._real = {_with_small_ending(name[common:]): name for name in real}
        self.names = list(self._real)

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


def _common_folder(names: list[str]) -> int:
    """Return the length of the folders that all names begin with."""
    if not names:
        return 0
    first, last = min(names), max(names)
    length = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first.rfind("/", 0, length) + 1


def _with_small_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}{dot}{ending.lower()}" if dot and "/" not in ending else name
