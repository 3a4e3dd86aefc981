"""Zip archives whose bytes depend on their content only: all entries have the same date and rights.

``zipfile`` writes the headers and the directory. Content is compressed before its header is written,
so nothing is written twice, and files that grow side by side wait on the disk, compressed.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from annotations.formats.archive.zip_reader import open_scratch_file

# Texts become a sixth larger than at the usual level, in a sixth of the time.
_LEVEL = 1
_CHUNK = 1024 * 1024
_UNIX = 3  # the system that an archive claims to come from, wherever it is made
_RIGHTS = 0o644 << 16
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold


class CompressedStream:
    """A file of an archive that is written in pieces and waits, compressed, on the disk."""

    def __init__(self) -> None:
        self.size = self.crc = 0
        self._new_compressor = _new_compressor()
        self._file = open_scratch_file()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        self._file.write(self._new_compressor.compress(data))

    def finish(self) -> tuple[int, Iterator[bytes]]:
        """Return the length of the compressed bytes, and the bytes themselves in chunks."""
        self._file.write(self._new_compressor.flush())
        length = self._file.tell()
        self._file.seek(0)
        return length, _chunks(self._file)

    def close(self) -> None:
        """Delete what was written."""
        self._file.close()


class ZipWriter:
    """A writer of zip archives into a seekable file, one entry after the other."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._directory = _Directory()
        self._zip = zipfile.ZipFile(out, "w")
        self._zip.filelist = self._directory

    def add(self, name: str, data: bytes) -> None:
        """Add a whole entry."""
        packer = _new_compressor()
        compressed = packer.compress(data) + packer.flush()
        self._append(_Entry(name, len(data), zlib.crc32(data), len(compressed)), [compressed])

    def add_stream(self, name: str, stream: CompressedStream) -> None:
        """Add a stream as an entry, and close it."""
        length, chunks = stream.finish()
        self._append(_Entry(name, stream.size, stream.crc, length), chunks)
        stream.close()

    def add_file(self, name: str, file: IO[bytes]) -> None:
        """Add the rest of a file as an entry."""
        stream = CompressedStream()
        for chunk in _chunks(file):
            stream.write(chunk)
        self.add_stream(name, stream)

    def add_stored(self, name: str, file: IO[bytes]) -> None:
        """Add the rest of a file as an entry that is not compressed, because the file is."""
        start, crc = file.tell(), 0
        for chunk in _chunks(file):
            crc = zlib.crc32(chunk, crc)
        size = file.tell() - start
        file.seek(start)
        self._append(_Entry(name, size, crc, size, zipfile.ZIP_STORED), _chunks(file))

    def close(self) -> None:
        """Write the directory; the file stays open."""
        self._zip.close()
        self._directory.close()

    def abandon(self) -> None:
        """Let go of the archive without writing its directory."""
        self._zip.fp = None  # else zipfile writes it when the object is deleted
        self._directory.close()

    def _append(self, entry: _Entry, compressed: Iterable[bytes]) -> None:
        entry = entry._replace(offset=self._out.tell())
        self._out.write(entry.info().FileHeader())
        self._out.writelines(compressed)
        self._directory.add(entry)
        self._zip.start_dir = self._out.tell()  # where the directory will stand


class _Entry(NamedTuple):
    """A line of the directory: the fields in which entries differ."""

    name: str
    size: int
    crc: int
    compressed_size: int
    method: int = zipfile.ZIP_DEFLATED
    offset: int = 0

    def info(self) -> zipfile.ZipInfo:
        """Return the entry as ``zipfile`` knows it."""
        info = zipfile.ZipInfo(self.name, _DATE)
        info.create_system, info.external_attr = _UNIX, _RIGHTS
        info.file_size, info.CRC, info.compress_size = self.size, self.crc, self.compressed_size
        info.compress_type, info.header_offset = self.method, self.offset
        return info


class _Directory(list[zipfile.ZipInfo]):
    """The entries of an archive, kept on the disk: in memory, 100,000 take 37 MB.

    ``zipfile`` needs their number, and iterates over them when it writes the directory.
    """

    def __init__(self) -> None:
        super().__init__()
        self._file = open_scratch_file()
        self._count = 0

    def add(self, entry: _Entry) -> None:
        """Append an entry."""
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._file.seek(0)
        for line in self._file:
            yield _Entry(*json.loads(line)).info()

    def close(self) -> None:
        """Delete the entries."""
        self._file.close()


def _new_compressor() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
