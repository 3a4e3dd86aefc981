"""Telling the format of a file by what stands at its beginning: a table of signs, the surest first."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from typing import IO, Any

from annotations.formats.archive.zip_reader import is_archive
from annotations.formats.core.csv_stream import STATED_DELIMITER
from annotations.formats.core.file_kinds import SQLITE
from annotations.formats.core.term_mapping import fold_term

#: How much of a file is looked at.
HEAD_BYTES = 64 * 1024
#: How many files of an archive are looked at by name, and how many of them by content.
MAX_NAMES, MAX_OPENED = 1_000, 5

_DELIMITERS = ",;\t|"
_LONGEST_HEADER = 2_000
_TEXT_COLUMN = re.compile(r"(?:^|[,;\t|])\W*(?:text|body|content|article)\W*(?:[,;\t|]|$)", re.IGNORECASE)

#: The members of an object of which the value is a sign, too.
_TELLING_MEMBERS = ("type", "@context")
_HEADER = re.compile(r'\{\s*"type"\s*:\s*"header"')
#: What operating systems and editors put into archives.
_HIDDEN = re.compile(r"(?:^|/)(?:\.|__MACOSX/)")
_TAGGED_TOKEN = re.compile(r"^\S.*[ \t][BIESLU]-[\w.-]+[ \t]*\r?$", re.MULTILINE)


def _has(*words: str) -> Callable[[str], bool]:
    """Return a test whether all the words stand in a text."""
    return lambda text: all(word in text for word in words)


def _has_one(*words: str) -> Callable[[str], bool]:
    return lambda text: any(word in text for word in words)


Signs = tuple[tuple[str, Callable[[str], bool]], ...]

#: Signs in a text that is neither JSON nor a table.
_TEXT_SIGNS: Signs = (
    ("webannotsv", lambda text: text.startswith("#FORMAT=WebAnno TSV")),
    ("wordpress", _has("<rss", "wordpress.org/export")),
    ("tei", _has_one("<TEI", "<teiCorpus")),
    ("conllu", lambda text: text.startswith("# global.columns")),
    ("conllu", lambda text: bool(re.search(r"^\d+\t(?:[^\t\n]*\t){8}[^\t\n]*$", text, re.MULTILINE))),
    ("conll", lambda text: text.startswith("-DOCSTART-") or bool(_TAGGED_TOKEN.search(text))),
)
#: Signs in JSON, by the names of the members of its first object; the surest first.
_JSON_SIGNS: Signs = (
    ("jsonl", lambda text: bool(_HEADER.match(text))),
    ("webannotation", _has("anno.jsonld")),
    ("webannotation", _has('"Annotation"', '"target"')),
    ("casjson", _has_one('"%FEATURE_STRUCTURES"', '"%TYPES"', '"_referenced_fss"')),
    ("prodigy", _has_one('"_input_hash"', '"_task_hash"', '"_session_id"')),
    ("prodigy", _has('"text"', '"answer"')),
    ("labelstudio", _has_one('"annotations"', '"predictions"', '"completions"', '"annotation_id"')),
    ("labelstudio", _has('"tasks"')),
    ("ninjs", _has_one('"body_text"', '"body_xhtml"', '"body_html"', '"bodies"', '"_items"')),
    ("ninjs", _has('"uri"', '"headline')),
)
#: Signs of JSON lines: ours come last, since others have a text, too.
_LINE_SIGNS: Signs = (
    ("doccano", _has_one('"entities"', '"Comments"')),
    ("jsonl", _has_one('"quote"', '"sets"', '"external_id"')),
    ("doccano", _has_one('"label"', '"labels"')),
    ("jsonl", _has('"text"')),
)


def detect_format(stream: IO[bytes]) -> str | None:
    """Return the name of the format of a file that can be sought in; None where no sign is sure."""
    start = stream.tell()
    try:
        head = stream.read(HEAD_BYTES)
        if is_archive(head):
            stream.seek(start)
            return _detect_archive(stream)
        return detect_content(head)
    finally:
        stream.seek(start)


def detect_content(head: bytes) -> str | None:
    """Return the name of the format by the beginning of a file."""
    if head.startswith(SQLITE):
        return "dna"
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if text[:1] in ("{", "["):
        return _detect_json(text)
    return _find_sign(_TEXT_SIGNS, text) or _detect_table(_without_statement(text).split("\n", 1)[0])


def detect_foreign(head: bytes) -> str | None:
    """Return the format of a file that surely holds no lines of ours; None if it may hold some."""
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if text[:1] not in ("{", "["):
        return detect_content(head)
    first = _first_object(text)
    found = None if first is None else _find_sign(_JSON_SIGNS, _member_names(first))
    return None if found == "jsonl" else found


def _find_sign(signs: Signs, text: str) -> str | None:
    return next((name for name, is_sign in signs if is_sign(text)), None)


def _without_statement(text: str) -> str:
    found = STATED_DELIMITER.match(text)
    return text[found.end() :] if found else text


def _detect_table(first: str) -> str | None:
    """Return the format of a table by the line that names its columns."""
    if len(first) > _LONGEST_HEADER or not any(mark in first for mark in _DELIMITERS):
        return None
    if all(name in fold_term(first) for name in ("startposition", "stopposition")):
        return "dna"
    if all(name in fold_term(first) for name in ("annotationid", "leadtime")):
        return "labelstudio"
    return "csv" if _TEXT_COLUMN.search(first.rstrip("\r")) else None


def _detect_json(text: str) -> str | None:
    """Return the format of JSON: a sign of a tool, or else one object on each line."""
    first = _first_object(text)
    # what is said in a text is no sign; an object that goes on behind what is looked at is taken as it stands
    names = text if first is None else _member_names(first)
    found = _find_sign(_JSON_SIGNS, names)
    is_line = len(text.split("\n", 1)[0]) >= HEAD_BYTES // 2 if first is None else _is_line(text)
    if found or not (is_line or text.startswith("[")):
        return found
    found = _find_sign(_LINE_SIGNS, names)
    return found if is_line or found != "jsonl" else None  # a list is no file of ours


def _first_object(text: str) -> dict[str, Any] | None:
    """Return the first object of a file, or of the list that it is; None if it does not end in the text."""
    try:
        value: Any = json.JSONDecoder().raw_decode(text.removeprefix("[").lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _member_names(value: dict[str, Any]) -> str:
    return json.dumps({name: value[name] if name in _TELLING_MEMBERS else None for name in value})


def _is_line(text: str) -> bool:
    """Return whether the first line is an object of its own."""
    try:
        return isinstance(json.loads(text.split("\n", 1)[0]), dict)
    except (ValueError, RecursionError):
        return False


def _detect_archive(stream: IO[bytes]) -> str | None:
    """Return the format of an archive, by the names of its files or by the first of them."""
    try:
        with zipfile.ZipFile(stream) as archive:
            listed = archive.infolist()[:MAX_NAMES]
            entries = [entry for entry in listed if not (entry.is_dir() or _HIDDEN.search(entry.filename))]
            names = [entry.filename.lower() for entry in entries]
            if any(name.endswith(".ann") for name in names):
                return "brat"
            for entry in entries[:MAX_OPENED]:
                with archive.open(entry) as file:
                    found = detect_content(file.read(HEAD_BYTES))
                if found:
                    return found
            return "brat" if names and all(name.endswith(".txt") for name in names) else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return None
