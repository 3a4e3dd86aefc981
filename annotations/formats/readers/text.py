"""The reader of plain text: one file, or a zip of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits
from annotations.exceptions import StandpointError
from annotations.formats.archive.zip_reader import CheckedArchive, PrefixedStream, is_archive, read_start
from annotations.formats.core import value_checks
from annotations.formats.core.article_content import INDEX_FILE, read_index
from annotations.formats.core.foreign_document import ForeignDocument, rejected_record
from annotations.formats.core.interfaces import Loss, ParsedRecord, Readable
from annotations.formats.core.object_reader import FieldErrors, FieldRule, read_object
from annotations.formats.core.records import Article, Revision
from annotations.formats.core.term_mapping import TermMapping
from annotations.text.gate import MAX_TEXT, check_text, decode_text, excerpt

#: The largest size of a text in UTF-8, in bytes.
MAX_TEXT_BYTES = 4 * MAX_TEXT
_MAX_INDEX = 64 * 1024 * 1024


_FIELDS = {
    "external_id": FieldRule(value_checks.line_check("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": FieldRule(value_checks.title_check("title", limits.MAX_TITLE), ""),
}


def read_text(stream: Readable, *, external_id: str | None = None, title: str = "") -> Iterator[ParsedRecord]:
    """Yield the one article of a file, under the name that the caller chose; or those of a zip of texts."""
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    if is_archive(head):
        yield from _read_archive(CheckedArchive(whole))
        return
    faults = FieldErrors()
    raw = whole.read(MAX_TEXT_BYTES + 1)
    sent = {"external_id": external_id, "title": title or None}
    named = read_object(sent, _FIELDS, faults, "") or {}
    if not raw:
        return
    text = ""
    try:
        if len(raw) > MAX_TEXT_BYTES:
            faults.record("too-large", "", f"The file has more than {MAX_TEXT_BYTES:,} bytes.")
        else:
            text = decode_text(raw)
            check_text(text)
    except StandpointError as error:
        faults.record_error(error, "")
    if faults:
        yield ParsedRecord(1, None, faults, external_id)
        return
    revision = Revision("", 1, text, hashlib.sha256(raw).hexdigest(), "")
    article = Article(
        "", "", named["external_id"], named["title"], "", "", "", "", None, "", "{}", None, 0, "", None,
        [revision], [], frozenset(name for name, value in sent.items() if value is not None),
    )  # fmt: skip
    yield ParsedRecord(1, article, [], external_id)


def _read_archive(archive: CheckedArchive) -> Iterator[ParsedRecord]:
    """Yield the texts of an archive; our index, or else the file name, gives the external id."""
    try:
        has_index = INDEX_FILE in archive and archive.size(INDEX_FILE) <= _MAX_INDEX
        index = read_index(archive.read(INDEX_FILE)) if has_index else {}
        names = [name for name in archive.names if name.endswith(".txt") and not name.startswith("__MACOSX/")]
        others = [name for name in archive.names if name not in set(names) and name != INDEX_FILE]
        losses: list[Loss] = [("files", [excerpt(name, 255) for name in others])] if others else []
        for number, name in enumerate(names, 1):
            yield _read_article(archive, name, number, index.get(name, {}))._replace(losses=losses)
            losses = []
        if not names:
            yield rejected_record(1, "required", "There is no text (.txt) in the archive.")
    finally:
        archive.close()


def _read_article(archive: CheckedArchive, name: str, number: int, about: Mapping[str, Any]) -> ParsedRecord:
    stem = name.removesuffix(".txt")
    if archive.size(name) > MAX_TEXT_BYTES:
        return rejected_record(
            number, "too-large", f"The text has more than {MAX_TEXT_BYTES:,} bytes.", f"/{name}", stem
        )
    document = ForeignDocument(number, TermMapping())
    try:
        document.text = decode_text(archive.read(name))
    except StandpointError as error:
        return rejected_record(number, error.code, error.detail, f"/{name}", stem)
    document.set_fields({"external_id": stem})
    document.values.update(about)
    return document.build_record()
