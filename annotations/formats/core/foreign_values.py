"""What all readers of foreign files understand alike: marks of byte order, times, keys, controls, addresses.

A reader asks here instead of looking itself, so that the same value is the same thing in every format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from annotations.exceptions import TextNotAllowedError
from annotations.formats.core.term_mapping import TermMapping, fold_term
from annotations.text import gate, parsing

BYTE_ORDER_MARK = "\ufeff"

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?)?[ ]*(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
# A control or a lone surrogate; the second is no character at all, and is never replaced.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{1,30}://|/data/|data:[a-z]+/)\S*")
_FILE_NAME = re.compile(
    r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|webp|svg|pdf|mp[34]|wav|ogg|flac|webm|mov|txt|html?|docx?)",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """How a file is to be read: the mapping of its words, and what becomes of pieces and controls."""

    names: TermMapping
    hull: bool = False
    controls: bool = False


def reading(names: TermMapping | None, hull: bool = False, controls: str = "") -> Reading:
    """Return how a file is to be read, from the options of a reader."""
    return Reading(names or TermMapping(), hull, controls == "replace")


def decode_file(raw: bytes) -> str:
    """Decode a file that is no text of an article, without a byte order mark at its top."""
    return gate.decode_text(raw).removeprefix(BYTE_ORDER_MARK)


def decode_line(raw: bytes) -> str:
    """Decode a line of a table of words, without its end, and without a mark at the top of a file.

    Files that were put together have such a mark at the top of each of them.
    """
    line = decode_file(raw).rstrip("\r\n")
    if "\r" in line:
        raise TextNotAllowedError(
            "The lines of the file end in a carriage return alone, so that several of them would be one; save"
            " it with the line ends LF or CRLF."
        )
    return line


def replace_controls(value: str) -> tuple[str, int]:
    """Return a text with a space for each control character, so that offsets stay, and their number."""
    return _CONTROL.subn(" ", value)


def find_controls(value: str) -> bool:
    """Return whether a text holds a character that ``controls=replace`` would replace."""
    return _CONTROL.search(value) is not None


def clean_json(value: object) -> tuple[Any, int]:
    """Return a JSON value with a space for each control character in its strings, and their number."""
    if type(value) is str:
        return replace_controls(value)
    if type(value) is list:
        items = [clean_json(item) for item in value]
        return [item for item, _ in items], sum(count for _, count in items)
    if type(value) is dict:
        pairs = {key: clean_json(item) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, sum(count for _, count in pairs.values())
    return value, 0


def normalize_time(value: str) -> str:
    """Return a time by RFC 3339 from one without an offset (then UTC) or a time of day; else the value."""
    found = _TIME.fullmatch(value.strip(" \t"))
    if found is None:
        return value
    date, time, seconds, fraction, offset = found.groups()
    whole = f"{date}T{time or '00:00'}{seconds or ':00'}{fraction or ''}{normalize_offset(offset or 'Z')}"
    try:
        parsing.parse_timestamp(whole)
    except ValueError:
        return value  # such as February 30th: nothing is made of it
    return whole


def normalize_offset(offset: str) -> str:
    """Return an offset by RFC 3339, from one without a colon or of whole hours, such as databases write."""
    return offset if ":" in offset or offset == "Z" else f"{offset[:3]}:{offset[3:] or '00'}"


def is_language(tag: str) -> bool:
    """Return whether a well-formed tag begins with a language: a word such as German is none."""
    first = tag.partition("-")[0]
    return len(first) <= 3


def find_key(sent: Mapping[str, Any], name: str) -> str:
    """Return the key of an object that is this name, or else the only one that differs by case and signs."""
    if name in sent:
        return name
    wanted = fold_term(name)
    found = [key for key in sent if fold_term(key) == wanted]
    return found[0] if len(found) == 1 else name


def is_address(text: str) -> bool:
    """Return whether a text is nothing but the address or the name of a file, where its text may be."""
    if len(text) > parsing.MAX_URL:
        return False
    return bool(_ADDRESS.fullmatch(text) or _FILE_NAME.fullmatch(text))


NO_TEXT_BUT_ADDRESS = "The text is the address or the name of a file; send what the file holds."
