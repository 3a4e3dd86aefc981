"""The reader of plain text: one file, or a zip of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits
from annotations.exceptions import FieldError, StandpointError
from annotations.formats import values
from annotations.formats.archive import Prefixed, is_archive, peek
from annotations.formats.base import Line, Loss, Readable
from annotations.formats.drafts import Draft, refused, shown
from annotations.formats.fields import Faults, Field, read_object
from annotations.formats.folder import Folder
from annotations.formats.foreign import BYTE_ORDER_MARK, Reading, find_controls, reading, replace_controls
from annotations.formats.records import Article, Revision
from annotations.formats.selection import INDEX, read_index
from annotations.text.gate import MAX_TEXT, check_text, decode

#: The largest size of a text in UTF-8, in bytes.
MAX_BYTES = 4 * MAX_TEXT
_MAX_INDEX = 64 * 1024 * 1024


_FIELDS = {
    "external_id": Field(values.line("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": Field(values.title("title", limits.MAX_TITLE), ""),
}


def read_text(
    stream: Readable, *, external_id: str | None = None, title: str = "", controls: str = ""
) -> Iterator[Line]:
    """Yield the one article of a file, under the name that the caller chose; or those of a zip of texts."""
    head = peek(stream, 4)
    whole = Prefixed(head, stream)
    if is_archive(head):
        yield from _read_archive(Folder(whole), reading(None, controls=controls))
        return
    faults = Faults()
    raw = whole.read(MAX_BYTES + 1)
    sent = {"external_id": external_id, "title": title or None}
    named = read_object(sent, _FIELDS, faults, "") or {}
    if not raw:
        return
    text, replaced = "", 0
    try:
        if len(raw) > MAX_BYTES:
            faults.say("too-large", "", f"The file has more than {MAX_BYTES:,} bytes.")
        else:
            text = decode(raw)
            text, replaced = replace_controls(text) if controls == "replace" else (text, 0)
            check_text(text)
    except StandpointError as error:
        faults.refused(error, "")
        if find_controls(text):
            says = f"{error.detail} An import with controls=replace puts a space for each, and counts them."
            faults[-1] = FieldError(code=error.code, detail=says, pointer="")
    if faults:
        yield Line(1, None, faults, external_id)
        return
    revision = Revision("", 1, text, hashlib.sha256(text.encode()).hexdigest(), "")
    losses: list[Loss] = [("controls", [external_id or ""] * replaced)] if replaced else []
    if text.startswith(BYTE_ORDER_MARK):
        losses.append(("byte order marks, kept in the text", [external_id or ""]))
    article = Article(
        "", "", named["external_id"], named["title"], "", "", "", "", None, "", "{}", None, 0, "", None,
        [revision], [], frozenset(name for name, value in sent.items() if value is not None),
    )  # fmt: skip
    yield Line(1, article, [], external_id, losses)


def _read_archive(folder: Folder, how: Reading) -> Iterator[Line]:
    """Yield the texts of an archive; our index, or else the file name, gives the external id."""
    try:
        has_index = INDEX in folder and folder.size(INDEX) <= _MAX_INDEX
        index = read_index(folder.read(INDEX)) if has_index else {}
        names = [name for name in folder.names if name.endswith(".txt")]
        others = [name for name in folder.names if not name.endswith(".txt") and name != INDEX]
        losses: list[Loss] = [("files", [shown(name) for name in others])] if others else []
        for number, name in enumerate(names, 1):
            line = _read_article(folder, name, Draft(number, how), index.get(name))
            yield line._replace(losses=[*losses, *line.losses])
            losses = []
        if not names:
            yield refused(1, "required", "There is no text (.txt) in the archive.")
    finally:
        folder.close()


def _read_article(folder: Folder, name: str, draft: Draft, about: Mapping[str, Any] | None) -> Line:
    stem = name.removesuffix(".txt")
    number = draft.number
    if folder.size(name) > MAX_BYTES:
        return refused(number, "too-large", f"The text has more than {MAX_BYTES:,} bytes.", f"/{name}", stem)
    try:
        draft.text, marked = folder.read_text(name)
    except StandpointError as error:
        return refused(number, error.code, error.detail, f"/{name}", stem)
    if marked and about is None:
        draft.lost("byte order marks, kept in the text")
    draft.fields({"external_id": stem})
    draft.values.update(about or {})
    return draft.line()
