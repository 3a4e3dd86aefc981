"""The reader of plain text: one file, or a zip of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits
from annotations.exceptions import StandpointError
from annotations.formats import values
from annotations.formats.archive import Archive, Prefixed, is_archive, peek
from annotations.formats.base import Line, Loss, Readable
from annotations.formats.drafts import Draft, refused
from annotations.formats.fields import Faults, Field, read_object
from annotations.formats.records import Article, Revision
from annotations.formats.selection import INDEX, read_index
from annotations.formats.translation import Translation
from annotations.text.gate import MAX_TEXT, check_text, decode, excerpt

#: The largest size of a text in UTF-8, in bytes.
MAX_BYTES = 4 * MAX_TEXT
_MAX_INDEX = 64 * 1024 * 1024


_FIELDS = {
    "external_id": Field(values.line("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": Field(values.title("title", limits.MAX_TITLE), ""),
}


def read_text(stream: Readable, *, external_id: str | None = None, title: str = "") -> Iterator[Line]:
    """Yield the one article of a file, under the name that the caller chose; or those of a zip of texts."""
    head = peek(stream, 4)
    whole = Prefixed(head, stream)
    if is_archive(head):
        yield from _read_archive(Archive(whole))
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


def _read_archive(archive: Archive) -> Iterator[Line]:
    """Yield the texts of an archive; our index, or else the file name, gives the external id."""
    try:
        has_index = INDEX in archive and archive.size(INDEX) <= _MAX_INDEX
        index = read_index(archive.read(INDEX)) if has_index else {}
        names = [name for name in archive.names if name.endswith(".txt") and not name.startswith("__MACOSX/")]
        others = [name for name in archive.names if name not in set(names) and name != INDEX]
        losses: list[Loss] = [("files", [excerpt(name, 255) for name in others])] if others else []
        for number, name in enumerate(names, 1):
            yield _read_article(archive, name, number, index.get(name, {}))._replace(losses=losses)
            losses = []
        if not names:
            yield refused(1, "required", "There is no text (.txt) in the archive.")
    finally:
        archive.close()


def _read_article(archive: Archive, name: str, number: int, about: Mapping[str, Any]) -> Line:
    stem = name.removesuffix(".txt")
    if archive.size(name) > MAX_BYTES:
        return refused(number, "too-large", f"The text has more than {MAX_BYTES:,} bytes.", f"/{name}", stem)
    document = Draft(number, Translation())
    try:
        document.text = decode(archive.read(name))
    except StandpointError as error:
        return refused(number, error.code, error.detail, f"/{name}", stem)
    document.fields({"external_id": stem})
    document.values.update(about)
    return document.line()
