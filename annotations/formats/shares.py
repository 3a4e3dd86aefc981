"""Archives that are written in shares: what is made of some articles, wherever, goes behind the rest.

A writer of this kind makes its files itself, article by article, or joins what another of its kind has
made of a share of the articles. Where shares end decides how an archive is packed; who made them does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import IO, Any, ClassVar, NamedTuple

from annotations.formats.archive import scratch
from annotations.formats.base import Dialect, Losses, Names, Writer
from annotations.formats.packing import Gathered, Growing, Packed, ZipOut, packed, packed_text
from annotations.formats.records import Article
from annotations.formats.selection import INDEX, INDEX_HEAD, Index

Entries = list[tuple[str, Packed]]
Pieces = dict[str, list[Packed]]


class Share(NamedTuple):
    """The files of some articles, what they add to the files of all, and what was counted in them."""

    entries: Entries
    grown: Pieces
    rows: bytes
    losses: Losses
    records: int


class ArchiveWriter(Writer):
    """Base of the writers of zip archives with files for each article, a table of them, and files of all.

    ``out`` is None where only ``share`` is called.
    """

    #: Whether the archive has a table of contents.
    has_index: ClassVar[bool] = True
    #: Whether nothing is held back beyond the end of a share.
    in_shares = True

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self.zip = ZipOut(out)
        self.index = Index()
        #: The files of all articles, in the order in which they come into the archive.
        self.grown: dict[str, Growing] = {}
        self._entries: Entries = []
        self._gathered: dict[str, Gathered] = {}

    def compose(self, article: Article, names: Names) -> None:
        """Make the files of an article by ``add``, and write what it adds to ``grown`` and ``index``."""
        raise NotImplementedError

    def add(self, name: str, data: bytes) -> None:
        """A file of an article."""
        self._entries.append((name, packed(data)))

    def add_text(self, name: str, text: str) -> None:
        """A text as a file, which other writers may add as well."""
        self._entries.append((name, packed_text(text)))

    def article(self, article: Article, names: Names) -> None:
        """Make the files of an article, and put them into the archive."""
        self.compose(article, names)
        self._put(*self._taken())

    def share(self, articles: Iterable[Article], names: Names) -> Share:
        """Make the files of these articles, to be joined by the writer of the archive."""
        for article in articles:
            self.compose(article, names)
        made = Share(*self._taken(rest=True), self.losses, self.records)
        self.losses, self.records = Losses(), 0
        return made

    def join(self, share: Share) -> None:
        """Put a share into the archive."""
        self._put(share.entries, share.grown, share.rows)
        self.losses.join(share.losses)
        self.records += share.records

    def close(self) -> None:
        """What is left, the files of all, the table of contents, and the end of the archive."""
        self._put(*self._taken(rest=True))
        for name, file in self._gathered.items():
            self.zip.take(name, file)
        if self.has_index:
            self._rows.seek(0)
            self.zip.copy(INDEX, self._rows)
        self._rows.close()
        self.zip.close()

    def abandon(self) -> None:
        """Let go of what was to come into the archive."""
        self.zip.abandon()
        self._rows.close()
        for file in self._gathered.values():
            file.close()

    @cached_property
    def _rows(self) -> IO[bytes]:
        """The table of contents, so far."""
        file = scratch()
        file.write(INDEX_HEAD)
        return file

    def _taken(self, *, rest: bool = False) -> tuple[Entries, Pieces, bytes]:
        """What is packed, and was not taken yet."""
        entries, self._entries = self._entries, []
        grown = {name: file.pieces(rest=rest) for name, file in self.grown.items()}
        return entries, grown, self.index.drained()

    def _put(self, entries: Entries, grown: Pieces, rows: bytes) -> None:
        for name, entry in entries:
            self.zip.put(name, entry)
        for name, pieces in grown.items():
            if name not in self._gathered:
                self._gathered[name] = Gathered()
            self._gathered[name].append(pieces)
        self._rows.write(rows)
