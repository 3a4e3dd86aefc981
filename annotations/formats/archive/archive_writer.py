"""The base of all writers of zip archives: files of single articles, files of all, a table of contents."""

from __future__ import annotations

import csv
from typing import IO, ClassVar

from annotations.formats.archive.zip_writer import CompressedStream, ZipWriter
from annotations.formats.core.article_content import INDEX_COLUMNS, INDEX_FILE, build_index_row
from annotations.formats.core.interfaces import Dialect, Writer
from annotations.formats.core.records import Article, Revision


class _Utf8File:
    """The file that a CSV writer writes to, of which it needs one method."""

    def __init__(self, stream: CompressedStream) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Append text."""
        self._stream.write(text.encode())


class ArchiveWriter(Writer):
    """A writer of zip archives.

    ``add`` writes a file into the archive at once. A file that grows with every article is a stream, and
    comes into the archive at the end.
    """

    #: Whether the archive has a table that says which file is which article.
    has_index: ClassVar[bool] = True

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._zip = ZipWriter(out)
        self._streams: dict[str, CompressedStream] = {}
        if self.has_index:
            self._index = CompressedStream()
            self._index_table = csv.writer(_Utf8File(self._index))
            self._index_table.writerow(INDEX_COLUMNS)

    def add(self, name: str, text: str) -> None:
        """Add a text as a file."""
        self.add_bytes(name, text.encode())

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a file."""
        self._zip.add(name, data)

    def add_stored(self, name: str, file: IO[bytes]) -> None:
        """Add a file that is compressed already."""
        self._zip.add_stored(name, file)

    def add_to_index(self, name: str, article: Article, revision: Revision) -> None:
        """Add a file to the table of contents."""
        self._index_table.writerow(build_index_row(name, article, revision))

    def open_stream(self, name: str) -> CompressedStream:
        """Create a file that grows with every article; streams come into the archive in this order."""
        self._streams[name] = CompressedStream()
        return self._streams[name]

    def close(self) -> None:
        """Add the streams and the table of contents, and end the archive."""
        if self.has_index:
            self._streams[INDEX_FILE] = self._index
        for name, stream in self._streams.items():
            self._zip.add_stream(name, stream)
        self._zip.close()

    def abandon(self) -> None:
        """Close all files without ending the archive."""
        self._zip.abandon()
        for stream in self._streams.values():
            stream.close()
        if self.has_index:
            self._index.close()
