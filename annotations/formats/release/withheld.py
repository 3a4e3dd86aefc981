"""Files that say where marks are and what they quote, and not the texts around them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from annotations.formats import dna, tables
from annotations.formats.base import Dialect, Names, Writer
from annotations.formats.canonical import dumps
from annotations.formats.jsonl import JsonlWriter
from annotations.formats.records import Article, Corpus, Entry


class TextlessWriter(Writer):
    """JSON lines in which every text is null; length and checksum tell whoever has the text that it is it."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._buffer = io.BytesIO()
        self._lines = JsonlWriter(self._buffer, dialect=dialect)
        self.losses = self._lines.losses

    def corpus(self, corpus: Corpus) -> None:
        """The header."""
        self._lines.corpus(corpus)
        self._pass_on(self._buffer.getvalue())

    def entry(self, entry: Entry) -> None:
        """A line of the registry."""
        self._lines.entry(entry)
        self._pass_on(self._buffer.getvalue())

    def article(self, article: Article, names: Names) -> None:
        """An article of which the texts are left out."""
        bare = [revision._replace(text="") for revision in article.revisions]
        self._lines.article(article._replace(revisions=bare), names)
        line = json.loads(self._buffer.getvalue())
        line["revision"]["length"] = len(article.revisions[-1].text)
        for shown, revision in zip(line["revisions"], article.revisions, strict=True):
            shown["text"] = None
            shown["length"] = len(revision.text)
        self._pass_on(f"{dumps(line)}\n".encode())

    def _pass_on(self, data: bytes) -> None:
        self.out.write(data)
        self.records += 1
        self._buffer.seek(0)
        self._buffer.truncate()


#: How formats are written where texts are withheld; those that are missing hold whole texts.
WITHOUT_TEXT: Mapping[str, type[Writer]] = {
    "jsonl": TextlessWriter,
    **{
        row.name: row.writer
        for row in (tables.QUOTES_ROW, tables.POSITIONS_ROW, dna.ROW)
        if row.writer is not None
    },
}
