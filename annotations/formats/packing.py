"""Zip archives on the way out: the same content is the same bytes, with no times, rights or tools in it.

Packing is a third of an export. A thread packs what grows by half megabytes, while the next articles are
put together, since zlib lets go of the interpreter; for less it would wait longer for the interpreter
than it saves. Sizes are known before an entry is written, so nothing is written twice, and ``out`` is
never asked where it stands.
"""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from annotations.formats.archive import END, END_64, LOCATOR, UTF8, scratch

# Texts become a sixth larger than by the usual level, in a sixth of the time.
_LEVEL = 1
_CHUNK = 1024 * 1024
#: So much of an entry that grows is packed at once.
_PIECE = 512 * 1024

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


class Growing:
    """An entry that is written bit by bit while others are: packed at once, kept on the disk.

    ``numbers`` says that it is digits above all, which packs by the frequency of its bytes as small as
    by what repeats, in two thirds of the time.
    """

    def __init__(self, pool: ThreadPoolExecutor, *, numbers: bool = False) -> None:
        strategy = zlib.Z_HUFFMAN_ONLY if numbers else zlib.Z_DEFAULT_STRATEGY
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, strategy=strategy)
        self._pool = pool
        self._parts: list[bytes] = []
        self._held = 0
        self._packing: Future[bytes] | None = None
        self.file = scratch()
        self.close = self.file.close
        self.size = self.crc = 0

    def write(self, data: bytes) -> None:
        """What comes next."""
        self._parts.append(data)
        self._held += len(data)
        if self._held >= _PIECE:
            self._pack()

    def _pack(self) -> None:
        data = b"".join(self._parts)
        self._parts, self._held = [], 0
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        self._settle()
        self._packing = self._pool.submit(self._packer.compress, data)

    def _settle(self) -> None:
        if self._packing is not None:
            self.file.write(self._packing.result())

    def finish(self) -> None:
        """Nothing comes any more; the file then stands at its end."""
        self._pack()
        self._settle()
        self.file.write(self._packer.flush())


class ZipOut:
    """Writes entries one after the other."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._at = 0
        self._count = 0
        self._directory = bytearray()
        self._pool = ThreadPoolExecutor(1, "zip")

    def add(self, name: str, data: bytes) -> None:
        """A whole entry."""
        packed = zlib.compress(data, _LEVEL, -zlib.MAX_WBITS)
        self._begin(name, len(data), zlib.crc32(data), len(packed))
        self._put(packed)

    def growing(self, *, numbers: bool = False) -> Growing:
        """An entry that is put together beside others, and comes into the archive by ``take``."""
        return Growing(self._pool, numbers=numbers)

    def take(self, name: str, entry: Growing) -> None:
        """An entry that has grown; its file is gone then."""
        entry.finish()
        self._begin(name, entry.size, entry.crc, entry.file.tell())
        entry.file.seek(0)
        while chunk := entry.file.read(_CHUNK):
            self._put(chunk)
        entry.close()

    def copy(self, name: str, file: IO[bytes]) -> None:
        """An entry from a file, from where it stands to its end."""
        entry = self.growing()
        while chunk := file.read(_CHUNK):
            entry.write(chunk)
        self.take(name, entry)

    def close(self) -> None:
        """Write the list of contents."""
        self._pool.shutdown()
        start, size, count = self._at, len(self._directory), self._count
        self._put(bytes(self._directory))
        if count >= MOST_16 or start + size >= MOST_32:
            behind = self._at
            version = _UNIX | _VERSION_64, _VERSION_64
            self._put(END_64.pack(b"PK\6\6", END_64.size - 12, *version, 0, 0, count, count, size, start))
            self._put(LOCATOR.pack(b"PK\6\7", 0, behind, 1))
        count = count if count < MOST_16 else _MARK_16
        size, start = (value if value < MOST_32 else _MARK_32 for value in (size, start))
        self._put(END.pack(b"PK\5\6", 0, 0, count, count, size, start, 0))

    def _begin(self, name: str, size: int, crc: int, packed: int) -> None:
        """What stands before an entry, and the line of it in the list of contents."""
        at, raw = self._at, name.encode()
        sizes = [size, packed] if max(size, packed) >= MOST_32 else []
        place = [at] if at >= MOST_32 else []
        version = _VERSION_64 if sizes or place else _VERSION
        shown = (_MARK_32, _MARK_32) if sizes else (packed, size)
        flags = 0 if name.isascii() else UTF8
        shared = version, flags, zlib.DEFLATED, *_NO_TIME, crc, *shown, len(raw)
        long = _long(sizes)
        self._put(_LOCAL.pack(b"PK\3\4", *shared, len(long)) + raw + long)
        long = _long(sizes + place)
        rest = len(long), 0, 0, 0, _RIGHTS, _MARK_32 if place else at
        self._directory += _CENTRAL.pack(b"PK\1\2", _UNIX | version, *shared, *rest) + raw + long
        self._count += 1

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def _long(values: list[int]) -> bytes:
    """The field for numbers of more than 32 bits."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""
