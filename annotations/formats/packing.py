"""Zip archives on the way out: the same content is the same bytes, with no times, rights or tools in it.

Packing is a third of an export, and needs no archive: what is packed can come from another process, and
is laid where it belongs. Sizes are known before an entry is written, so nothing is written twice, and
``out`` is never asked where it stands.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, lru_cache
from typing import IO, Any, NamedTuple

from annotations.formats.archive import END, END_64, LOCATOR, UTF8, scratch
from annotations.formats.crc import crc_of_both

# Texts become a sixth larger than by the usual level, in a sixth of the time.
_LEVEL = 1
_CHUNK = 1024 * 1024
#: So much of an entry that grows is packed at once.
_PIECE = 512 * 1024
# An empty last block, because no piece knows that it is the last.
_END_OF_STREAM = b"\3\0"

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_VERSION, _VERSION_64 = 20, 45
_UNIX = 3 << 8  # wherever it runs
_RIGHTS = 0o644 << 16
# A zip names a time for each file, and the same content has to be the same bytes: 1980-01-01.
_NO_TIME = (0, 1 << 5 | 1)
#: From here on a number stands in a longer field, and in its place this mark.
MOST_32 = _MARK_32 = 0xFFFFFFFF
MOST_16 = _MARK_16 = 0xFFFF


class Packed(NamedTuple):
    """Bytes in the method of zip archives, with the length and the checksum of what they were."""

    size: int
    crc: int
    data: bytes


def packed(data: bytes) -> Packed:
    """A whole entry."""
    return Packed(len(data), zlib.crc32(data), zlib.compress(data, _LEVEL, -zlib.MAX_WBITS))


@lru_cache(maxsize=1)
def packed_text(text: str) -> Packed:
    """A text as a whole entry; several archives of a release have the same."""
    return packed(text.encode())


class Growing:
    """An entry that is written bit by bit, packed in pieces that know nothing of one another.

    ``numbers`` says that it is digits above all, which pack by the frequency of their bytes as small as
    by what repeats, in two thirds of the time.
    """

    def __init__(self, *, numbers: bool = False) -> None:
        self._strategy = zlib.Z_HUFFMAN_ONLY if numbers else zlib.Z_DEFAULT_STRATEGY
        self._parts: list[bytes] = []
        self._held = 0
        self._pieces: list[Packed] = []

    def write(self, data: bytes) -> None:
        """What comes next."""
        self._parts.append(data)
        self._held += len(data)
        if self._held >= _PIECE:
            self._pack()

    def pieces(self, *, rest: bool = False) -> list[Packed]:
        """Those that are packed since the last time; with ``rest`` all that was written."""
        if rest and self._held:
            self._pack()
        pieces, self._pieces = self._pieces, []
        return pieces

    def _pack(self) -> None:
        self._pieces.append(_piece(b"".join(self._parts), self._strategy))
        self._parts, self._held = [], 0


def _piece(data: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> Packed:
    """A part of an entry, not its end."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, strategy=strategy)
    return Packed(len(data), zlib.crc32(data), packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))


class Gathered:
    """The pieces of an entry on the disk, until it comes into the archive."""

    def __init__(self) -> None:
        self.file = scratch()
        self.size = self.crc = 0

    def append(self, pieces: Iterable[Packed]) -> None:
        """What comes next."""
        for size, crc, data in pieces:
            self.size, self.crc = self.size + size, crc_of_both(self.crc, crc, size)
            self.file.write(data)

    def close(self) -> None:
        """Forget all."""
        self.file.close()


class ZipOut:
    """Writes entries one after the other."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._at = 0
        self._count = 0

    @cached_property
    def _directory(self) -> IO[bytes]:
        """The list of contents, which grows with the archive."""
        return scratch()

    def add(self, name: str, data: bytes) -> None:
        """A whole entry."""
        self.put(name, packed(data))

    def put(self, name: str, entry: Packed) -> None:
        """A whole entry that is packed already."""
        self._begin(name, entry.size, entry.crc, len(entry.data))
        self._put(entry.data)

    def take(self, name: str, entry: Gathered) -> None:
        """An entry of pieces; it is forgotten then."""
        entry.file.write(_END_OF_STREAM)
        self._begin(name, entry.size, entry.crc, entry.file.tell())
        entry.file.seek(0)
        self._pour(entry.file)
        entry.close()

    def store(self, name: str, file: IO[bytes]) -> None:
        """An entry from a file that is packed already, from where it stands to its end."""
        start, crc = file.tell(), 0
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
        size = file.tell() - start
        self._begin(name, size, crc, size, zipfile.ZIP_STORED)
        file.seek(start)
        self._pour(file)

    def copy(self, name: str, file: IO[bytes]) -> None:
        """An entry from a file, from where it stands to its end, packed by two threads."""
        entry, coming = Gathered(), deque[Future[Packed]]()
        with ThreadPoolExecutor(2, "packing") as pool:
            while chunk := file.read(_CHUNK):
                coming.append(pool.submit(_piece, chunk))
                if len(coming) > 2:
                    entry.append([coming.popleft().result()])
            entry.append(piece.result() for piece in coming)
        self.take(name, entry)

    def abandon(self) -> None:
        """Forget the list of contents, instead of ``close``."""
        self._directory.close()

    def close(self) -> None:
        """Write the list of contents."""
        start, size, count = self._at, self._directory.tell(), self._count
        self._directory.seek(0)
        self._pour(self._directory)
        self._directory.close()
        if count >= MOST_16 or start + size >= MOST_32:
            behind = self._at
            version = _UNIX | _VERSION_64, _VERSION_64
            self._put(END_64.pack(b"PK\6\6", END_64.size - 12, *version, 0, 0, count, count, size, start))
            self._put(LOCATOR.pack(b"PK\6\7", 0, behind, 1))
        count = count if count < MOST_16 else _MARK_16
        size, start = (value if value < MOST_32 else _MARK_32 for value in (size, start))
        self._put(END.pack(b"PK\5\6", 0, 0, count, count, size, start, 0))

    def _begin(self, name: str, size: int, crc: int, packed: int, method: int = zipfile.ZIP_DEFLATED) -> None:
        """What stands before an entry, and the line of it in the list of contents."""
        at, raw = self._at, name.encode()
        sizes = [size, packed] if max(size, packed) >= MOST_32 else []
        place = [at] if at >= MOST_32 else []
        version = _VERSION_64 if sizes or place else _VERSION
        shown = (_MARK_32, _MARK_32) if sizes else (packed, size)
        flags = 0 if name.isascii() else UTF8
        shared = version, flags, method, *_NO_TIME, crc, *shown, len(raw)
        long = _long(sizes)
        self._put(_LOCAL.pack(b"PK\3\4", *shared, len(long)) + raw + long)
        long = _long(sizes + place)
        rest = len(long), 0, 0, 0, _RIGHTS, _MARK_32 if place else at
        self._directory.write(_CENTRAL.pack(b"PK\1\2", _UNIX | version, *shared, *rest) + raw + long)
        self._count += 1

    def _pour(self, file: IO[bytes]) -> None:
        while chunk := file.read(_CHUNK):
            self._put(chunk)

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def _long(values: list[int]) -> bytes:
    """The field for numbers of more than 32 bits."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""
