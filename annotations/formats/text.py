"""The reader and writer of plain text: an article is a file.

An export is a zip with a file for each article, exactly as it is stored, named by the article's id, and
a table of contents. An import is one file, or such a zip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits
from annotations.exceptions import StandpointError
from annotations.formats import values
from annotations.formats.archive import Archive, Prefixed, is_archive, peek
from annotations.formats.archive_writer import ArchiveWriter
from annotations.formats.base import Example, Format, Line, Loss, Names, Part, Readable
from annotations.formats.drafts import Draft, refused
from annotations.formats.fields import Faults, Field, read_object
from annotations.formats.records import Article, Revision
from annotations.formats.selection import INDEX, read_index
from annotations.formats.translation import Translation
from annotations.text.gate import MAX_TEXT, check_text, decode, excerpt

#: The largest size of a text in UTF-8, in bytes.
MAX_BYTES = 4 * MAX_TEXT
_MAX_INDEX = 64 * 1024 * 1024


class TextWriter(ArchiveWriter):
    """A writer of the current text of each article."""

    def article(self, article: Article, names: Names) -> None:  # noqa: ARG002
        """Write the text as a file."""
        current = article.revisions[-1]
        name = f"{article.id}.txt"
        self.add(name, current.text)
        self.add_to_index(name, article, current)
        self.records += 1
        losses = self.losses
        losses.add("metadata", [article.id] if article.metadata != "{}" else [])
        losses.add("revisions", [row.id for row in article.revisions[:-1]])
        for row in article.sets:
            losses.add("spans", [span[0] for span in row.spans])
            losses.add("relations", [relation[0] for relation in row.relations])
            losses.add("comments", [comment[0] for comment in row.comments])


_FIELDS = {
    "external_id": Field(values.line("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": Field(values.title("title", limits.MAX_TITLE), ""),
}


def read_text(stream: Readable, *, external_id: str | None = None, title: str = "") -> Iterator[Line]:
    """Yield the one article of a file, under the name that the caller chose; or those of a zip of texts."""
    head = peek(stream, 4)
    whole = Prefixed(head, stream)
    if is_archive(head):
        yield from _texts(Archive(whole))
        return
    faults = Faults()
    raw = whole.read(MAX_BYTES + 1)
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


def _texts(archive: Archive) -> Iterator[Line]:
    """Yield the texts of an archive; our index, or else the file name, gives the external id."""
    try:
        has_index = INDEX in archive and archive.size(INDEX) <= _MAX_INDEX
        index = read_index(archive.read(INDEX)) if has_index else {}
        names = [name for name in archive.names if name.endswith(".txt") and not name.startswith("__MACOSX/")]
        others = [name for name in archive.names if name not in set(names) and name != INDEX]
        losses: list[Loss] = [("files", [excerpt(name, 255) for name in others])] if others else []
        for number, name in enumerate(names, 1):
            yield _article(archive, name, number, index.get(name, {}))._replace(losses=losses)
            losses = []
        if not names:
            yield refused(1, "required", "There is no text (.txt) in the archive.")
    finally:
        archive.close()


def _article(archive: Archive, name: str, number: int, about: Mapping[str, Any]) -> Line:
    stem = name.removesuffix(".txt")
    if archive.size(name) > MAX_BYTES:
        return refused(number, "too-large", f"The text has more than {MAX_BYTES:,} bytes.", f"/{name}", stem)
    draft = Draft(number, Translation())
    try:
        draft.text = decode(archive.read(name))
    except StandpointError as error:
        return refused(number, error.code, error.detail, f"/{name}", stem)
    draft.fields({"external_id": stem})
    draft.values.update(about)
    return draft.line()


ROW = Format(
    name="text",
    title="Plain text, one file for each article",
    media_type="application/zip",
    extension="zip",
    writer=TextWriter,
    reader=read_text,
    parts=frozenset({Part.SPANS, Part.RELATIONS, Part.COMMENTS, Part.TEXTS}),
    options=frozenset({"external_id", "title"}),
    endings=(".txt",),
    link_label="Texts",
    cannot={
        "metadata": "articles with metadata beyond the columns of the index",
        "revisions": "older versions of a text",
        "spans": "marked ranges",
        "relations": "links between marked ranges",
        "comments": "remarks",
    },
    leaves_out="the registry, and who worked on what",
    notes=(
        "Read: one text (UTF-8), or a zip of `.txt` files, whose names without the ending are external ids.",
    ),
    example=Example({"a1.txt": "Ardenia opposes the lock.\n"}, "unzip -l lake.zip"),
)
