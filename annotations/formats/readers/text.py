"""The reader of plain text: one file, or a zip of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits
from annotations.exceptions import FieldError, StandpointError
from annotations.formats.archive.folder import Folder
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core import value_checks
from annotations.formats.core.article_content import INDEX_FILE
from annotations.formats.core.foreign_document import ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import (
    BYTE_ORDER_MARK,
    Reading,
    find_controls,
    reading,
    replace_controls,
)
from annotations.formats.core.interfaces import Loss, ParsedRecord, Readable
from annotations.formats.core.object_reader import FieldErrors, FieldRule, read_object
from annotations.formats.core.records import Article, Revision
from annotations.text.gate import MAX_TEXT, check_text, decode_text

#: The largest size of a text in UTF-8, in bytes.
MAX_TEXT_BYTES = 4 * MAX_TEXT


_FIELDS = {
    "external_id": FieldRule(value_checks.line_check("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": FieldRule(value_checks.title_check("title", limits.MAX_TITLE), ""),
}


def read_text(
    stream: Readable, *, external_id: str | None = None, title: str = "", controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield the one article of a file, under the name that the caller chose; or those of a zip of texts."""
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    if is_archive(head):
        yield from _read_archive(Folder(whole), reading(None, controls=controls))
        return
    faults = FieldErrors()
    raw = whole.read(MAX_TEXT_BYTES + 1)
    sent = {"external_id": external_id, "title": title or None}
    named = read_object(sent, _FIELDS, faults, "") or {}
    if not raw:
        return
    text, replaced = "", 0
    try:
        if len(raw) > MAX_TEXT_BYTES:
            faults.record("too-large", "", f"The file has more than {MAX_TEXT_BYTES:,} bytes.")
        else:
            text = decode_text(raw)
            text, replaced = replace_controls(text) if controls == "replace" else (text, 0)
            check_text(text)
    except StandpointError as error:
        faults.record_error(error, "")
        if find_controls(text):
            detail = f"{error.detail} An import with controls=replace puts a space for each, and counts them."
            faults[-1] = FieldError(code=error.code, detail=detail, pointer="")
    if faults:
        yield ParsedRecord(1, None, faults, external_id)
        return
    revision = Revision("", 1, text, hashlib.sha256(text.encode()).hexdigest(), "")
    losses: list[Loss] = [("controls", [external_id or ""] * replaced)] if replaced else []
    if text.startswith(BYTE_ORDER_MARK):
        losses.append(("byte order marks, kept in the text", [external_id or ""]))
    article = Article(
        "", "", named["external_id"], named["title"], "", "", "", "", None, "", "{}", None, 0, "", None,
        [revision], [], frozenset(name for name, value in sent.items() if value is not None),
    )  # fmt: skip
    yield ParsedRecord(1, article, [], external_id, losses)


def _read_archive(folder: Folder, how: Reading) -> Iterator[ParsedRecord]:
    """Yield the texts of an archive; our index, or else the file name, gives the external id."""
    try:
        index, unread = folder.read_index()
        names = [name for name in folder.names if name.endswith(".txt")]
        others = [name for name in folder.names if not name.endswith(".txt") and name != INDEX_FILE] + unread
        losses: list[Loss] = [("files", [shown(name) for name in others])] if others else []
        for number, name in enumerate(names, 1):
            line = _read_article(folder, name, ForeignDocument(number, how), index.get(name))
            yield line._replace(losses=[*losses, *line.losses])
            losses = []
        if not names:
            yield rejected_record(1, "required", "There is no text (.txt) in the archive.")
    finally:
        folder.close()


def _read_article(
    folder: Folder, name: str, draft: ForeignDocument, about: Mapping[str, Any] | None
) -> ParsedRecord:
    stem = name.removesuffix(".txt")
    number = draft.number
    if folder.size(name) > MAX_TEXT_BYTES:
        return rejected_record(
            number, "too-large", f"The text has more than {MAX_TEXT_BYTES:,} bytes.", f"/{name}", stem
        )
    try:
        draft.text, marked = folder.read_text(name)
    except StandpointError as error:
        return rejected_record(number, error.code, error.detail, f"/{name}", stem)
    if marked and about is None:
        draft.record_loss("byte order marks, kept in the text")
    draft.set_fields({"external_id": stem})
    draft.values.update(about or {})
    return draft.build_record()
