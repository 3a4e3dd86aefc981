"""Zip archives that come in, checked before anything of them is used; ``zip_writer`` writes them.

The directory is checked first; then every file is decompressed once, and the result thrown away. Any
oddity refuses the whole archive with a sentence. No file is ever written under a name from an archive.
"""

from __future__ import annotations

import re
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, NoReturn

from annotations.exceptions import FieldError, InvalidInputError
from annotations.formats.core.interfaces import Readable
from annotations.text.gate import excerpt

MAX_ENTRIES = 100_000
MAX_UNPACKED_BYTES = 2 * 1024**3
"""The largest uncompressed size of all entries together."""
MAX_COMPRESSION_RATIO = 200
"""The highest compression ratio of an entry of more than a megabyte; texts reach about ten."""
MAX_NAME = 1_024
MAX_NAME_SEGMENT = 255

# An export of CoNLL writes six such files at once, a release dozens.
_MEMORY_SIZE = 128 * 1024
_CHUNK = 1024 * 1024
_MAX_DIRECTORY = 64 * 1024 * 1024
END_RECORD = struct.Struct("<4s4H2LH")
END_RECORD_64 = struct.Struct("<4sQ2H2L4Q")
END_LOCATOR_64 = struct.Struct("<4sLQL")
_LOCAL_HEADER = 30
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x2041
UTF8_FLAG = 0x800
_FILE_TYPES = {0: False, 0o100000: False, 0o040000: True}
"""The types of file (from the Unix mode) that an entry may have, and whether they are folders."""
_BAD_NAME = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z]:|(?:^|/)\.\.?(?:/|$)|//")
_MAGIC = b"PK"


def open_scratch_file() -> IO[bytes]:
    """Return a temporary file without a name; small content stays in memory."""
    return tempfile.SpooledTemporaryFile(max_size=_MEMORY_SIZE)


def read_start(stream: Readable, size: int) -> bytes:
    """Return the first bytes of a stream."""
    found = b""
    while len(found) < size and (chunk := stream.read(size - len(found))):
        found += chunk
    return found


def is_archive(head: bytes) -> bool:
    """Return whether a file with these first bytes is a zip; no text begins like that."""
    return len(head) >= 4 and head[:2] == _MAGIC and head[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08")


class PrefixedStream:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes."""
        if not self._head:
            return self._stream.read(size)
        given = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(given) :]
        rest = size - len(given) if size >= 0 else -1
        return given + self._stream.read(rest) if rest else given

    def readline(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes of one line."""
        if not self._head:
            return self._stream.readline(size)
        end = self._head.find(b"\n") + 1
        if end or 0 <= size <= len(self._head):
            return self.read(min(end or size, size) if size >= 0 else end)
        given, self._head = self._head, b""
        return given + self._stream.readline(-1 if size < 0 else size - len(given))


class CheckedArchive:
    """A checked archive; ``names`` are those of its files, without folders."""

    def __init__(self, stream: Readable) -> None:
        self._file = open_scratch_file()
        try:
            while chunk := stream.read(_CHUNK):
                self._file.write(chunk)
            self._zip = _open_zip(self._file)
            self._entries = {entry.filename: entry for entry in _checked_entries(self._zip)}
            self._check_content()
        except BaseException:
            self._file.close()
            raise

    @property
    def names(self) -> list[str]:
        """Return the names of the files, in the order of the archive."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def size(self, name: str) -> int:
        """Return the uncompressed size of a file, in bytes."""
        return self._entries[name].file_size

    def is_same_file(self, one: str, other: str) -> bool:
        """Return whether two files have the same size and checksum."""
        a, b = self._entries[one], self._entries[other]
        return (a.file_size, a.CRC) == (b.file_size, b.CRC)

    def read(self, name: str) -> bytes:
        """Return the content of a file; ask for its ``size`` first."""
        return self._zip.read(self._entries[name])

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading in pieces."""
        return self._zip.open(self._entries[name])

    def close(self) -> None:
        """Delete the temporary copy of the archive."""
        self._zip.close()
        self._file.close()

    def _check_content(self) -> None:
        """Decompress every file once, and refuse an archive whose directory says something else."""
        for entry in self._entries.values():
            left = entry.file_size
            try:
                with self._zip.open(entry) as file:
                    while chunk := file.read(_CHUNK):
                        left -= len(chunk)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
                left = -1
            except RuntimeError:  # how zipfile speaks of encryption
                _raise_refusal(
                    f"“{excerpt(entry.filename)}” is encrypted; unpack it, and pack it without a password."
                )
            if left:
                _raise_refusal(f"“{excerpt(entry.filename)}” is damaged; pack the files again.")


def _raise_refusal(message: str) -> NoReturn:
    detail = f"The archive is refused: {message}"
    raise InvalidInputError(detail, errors=[FieldError(code="archive", detail=detail, pointer="")])


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    _check_directory(file)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, struct.error):
        _raise_refusal("it is damaged or no zip archive; pack the files again.")


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a directory that is too long, before ``zipfile`` reads it."""
    length = file.seek(0, 2)
    start = max(0, length - 65_536 - END_RECORD.size - END_LOCATOR_64.size)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_RECORD.size:
        _raise_refusal("its end is missing, so it is damaged or no zip archive; pack the files again.")
    _, _, _, _, entries, size, _, _ = END_RECORD.unpack_from(tail, at)
    locator = at - END_LOCATOR_64.size
    if locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
        place = END_LOCATOR_64.unpack_from(tail, locator)[2]
        file.seek(min(place, length))
        raw = file.read(END_RECORD_64.size)
        if len(raw) < END_RECORD_64.size:
            _raise_refusal("it is damaged; pack the files again.")
        _, _, _, _, _, _, _, entries, size, _ = END_RECORD_64.unpack(raw)
    if entries > MAX_ENTRIES or size > _MAX_DIRECTORY:
        _raise_refusal(f"it has more than {MAX_ENTRIES:,} entries; send several archives.")


def _checked_entries(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the files of an archive whose whole directory passes all checks."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        _raise_refusal(f"it has more than {MAX_ENTRIES:,} entries; send several archives.")
    seen: set[str] = set()
    for entry in entries:
        for check in _CHECKS:
            check(entry)
        key = unicodedata.normalize("NFC", entry.filename.rstrip("/")).casefold()
        if key in seen:
            _raise_refusal(
                f"“{excerpt(entry.filename)}” stands in it twice, or under names that differ by case or"
                " accents only; rename one of them."
            )
        seen.add(key)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        _raise_refusal(f"it unpacks to more than {MAX_UNPACKED_BYTES // 1024**3} GB; send several archives.")
    _check_overlap(archive, entries)
    for entry in entries:
        if not entry.is_dir():
            yield entry


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    if not name or _BAD_NAME.search(name) or name != entry.filename:
        _raise_refusal(
            f"“{excerpt(name)}” is no plain name below a folder; it takes names without .., backslashes,"
            " drive letters and a slash in front."
        )
    raw = name.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_NAME or any(len(part) > MAX_NAME_SEGMENT for part in raw.split(b"/")):
        _raise_refusal(
            f"the name “{excerpt(name)}” is too long; a part of it has at most {MAX_NAME_SEGMENT} bytes."
        )


def _check_kind(entry: zipfile.ZipInfo) -> None:
    kind = (entry.external_attr >> 16) & 0o170000
    if kind not in _FILE_TYPES or (_FILE_TYPES[kind] and not entry.is_dir()):
        _raise_refusal(f"“{excerpt(entry.filename)}” is a link or a device; it takes plain files only.")
    if entry.filename.casefold().endswith((".zip", ".jar", ".tar", ".gz", ".7z", ".rar", ".bz2", ".xz")):
        _raise_refusal(f"“{excerpt(entry.filename)}” is an archive inside the archive; unpack it first.")


def _check_packing(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        _raise_refusal(
            f"“{excerpt(entry.filename)}” is encrypted; unpack it, and pack it without a password."
        )
    if entry.compress_type not in _PLAIN_METHODS:
        _raise_refusal(
            f"“{excerpt(entry.filename)}” is packed in a rare way; pack it as plain zip (deflate)."
        )


def _check_size(entry: zipfile.ZipInfo) -> None:
    if entry.file_size > _CHUNK and entry.file_size > MAX_COMPRESSION_RATIO * max(1, entry.compress_size):
        _raise_refusal(
            f"“{excerpt(entry.filename)}” unpacks to {entry.file_size / max(1, entry.compress_size):,.0f}"
            " times its size, as no text does."
        )


_CHECKS: tuple[Callable[[zipfile.ZipInfo], None], ...] = (
    _check_name, _check_kind, _check_packing, _check_size,
)  # fmt: skip


def _check_overlap(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes, by which a few kilobytes could decompress to terabytes."""
    end = archive.start_dir
    for entry in sorted(entries, key=lambda row: row.header_offset, reverse=True):
        # without this flag, each character of the name is one byte
        name = len(entry.orig_filename.encode() if entry.flag_bits & UTF8_FLAG else entry.orig_filename)
        if entry.header_offset < 0 or entry.header_offset + _LOCAL_HEADER + name + entry.compress_size > end:
            _raise_refusal(f"“{excerpt(entry.filename)}” lies over another entry; pack the files again.")
        end = entry.header_offset
