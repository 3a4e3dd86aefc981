"""Plain text: an article is a file, and a file is an article.

Out, a zip with one file for each article, exactly as it is stored, under a name of ours, and a table
that says which is which. In, the bytes of one file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

from annotations.exceptions import StandpointError
from annotations.formats import values
from annotations.formats.base import Dialect, Line, Names, Readable, Writer
from annotations.formats.fields import Faults, Field, read_object
from annotations.formats.records import Article, Revision
from annotations.text.gate import MAX_TEXT, check_text, decode
from annotations.text.values import shown_time

#: What the text of one file may measure in UTF-8.
MAX_BYTES = 4 * MAX_TEXT

_COLUMNS = (
    "file", "article_id", "external_id", "title", "source", "author", "url", "language", "published_at",
    "story_key", "revision", "sha256", "length",
)  # fmt: skip
# A zip names a time for each file, and the same content has to be the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class TextWriter(Writer):
    """Writes the current text of each article."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self._index = io.StringIO()
        self._table = csv.writer(self._index)
        self._table.writerow(_COLUMNS)

    def article(self, article: Article, names: Names) -> None:  # noqa: ARG002
        """The article as a file of its own."""
        current = article.revisions[-1]
        name = f"{article.id}.txt"
        self._add(name, current.text.encode())
        published = "" if article.published_at is None else shown_time(article.published_at)
        self._table.writerow(
            (
                name, article.id, article.external_id, article.title, article.source, article.author,
                article.url, article.language, published, article.story_key, current.number,
                current.sha256, len(current.text),
            )
        )  # fmt: skip
        self.records += 1
        losses = self.losses
        losses.add("metadata", [article.id] if article.metadata != "{}" else [])
        losses.add("revisions", [row.id for row in article.revisions[:-1]])
        for row in article.sets:
            losses.add("spans", [span[0] for span in row.spans])
            losses.add("relations", [relation[0] for relation in row.relations])
            losses.add("comments", [comment[0] for comment in row.comments])

    def close(self) -> None:
        """The table of contents, and the end of the zip."""
        self._add("index.csv", self._index.getvalue().encode())
        self._zip.close()

    def _add(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(name, _NO_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        entry.create_system = 3  # Unix, wherever it runs
        self._zip.writestr(entry, data)


_FIELDS = {
    "external_id": Field(values.line("external id", 255, required=True)),
    "title": Field(values.title("title", 500), ""),
}


def read_text(stream: Readable, *, external_id: str | None = None, title: str = "") -> Iterator[Line]:
    """The one article of a file, under a name that was chosen for it."""
    faults = Faults()
    raw = stream.read(MAX_BYTES + 1)
    sent = {"external_id": external_id, "title": title or None}
    named = read_object(sent, _FIELDS, faults, "") or {}
    if not raw:
        return
    text = ""
    try:
        if len(raw) > MAX_BYTES:
            faults.say("too-large", "", f"The file has more than {MAX_BYTES:,} bytes.")
        else:
            text = decode(raw)
            check_text(text)
    except StandpointError as error:
        faults.refused(error, "")
    if faults:
        yield Line(1, None, faults, external_id)
        return
    revision = Revision("", 1, text, hashlib.sha256(raw).hexdigest(), "")
    article = Article(
        "", "", named["external_id"], named["title"], "", "", "", "", None, "", "{}", None, 0, "", None,
        [revision], [], frozenset(name for name, value in sent.items() if value is not None),
    )  # fmt: skip
    yield Line(1, article, [], external_id)
