"""Checks of single values of a file, as strict as those of a request.

A check takes a JSON value and returns the value of the record, or raises an error for the value.
Functions with other arguments create checks; the tables of fields call them once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from annotations import limits, scheme
from annotations.exceptions import TextNotAllowed
from annotations.formats import canonical
from annotations.says import one_of
from annotations.text import gate, values

Check = Callable[[Any], Any]

MAX_INTEGER = 2**31 - 1
"""The largest integer of a column."""

MAX_ID = 255

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
is_uuid = _UUID.fullmatch
"""Return whether a string is a UUID in canonical form."""

is_plain_id = re.compile(rf"{_UUID.pattern}|(?!.{{36}}\Z)[A-Za-z0-9_.:/-]{{1,{MAX_ID}}}").fullmatch
"""Return whether a string is an id that needs no further check."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
# What Django's own user names take.
_USERNAME = re.compile(rf"[\w.@+-]{{1,{limits.MAX_USERNAME}}}")


class Wrong(Exception):
    """An invalid value: a code for programs, a sentence for people, and a pointer inside the value."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer


def anything(value: Any) -> Any:
    """Return the value unchecked; the caller checks it."""
    return value


def _check_string(value: Any) -> str:
    if type(value) is not str:
        raise Wrong("type", "It has to be a string.")
    return value


def _text_check(asks: Callable[..., None], what: str, max_length: int, **options: bool) -> Check:
    def check(value: Any) -> str:
        text = _check_string(value)
        try:
            asks(text, what, max_length, **options)
        except TextNotAllowed as error:
            raise Wrong("too-long" if "limit" in error.data else "characters", error.detail) from None
        return text

    return check


def line(what: str, max_length: int, *, required: bool = False) -> Check:
    """Create a check of one line of text."""
    return _text_check(gate.check_line, what, max_length, required=required)


def title(what: str, max_length: int) -> Check:
    """Create a check of a published line."""
    return _text_check(gate.check_title, what, max_length)


def prose(what: str, max_length: int) -> Check:
    """Create a check of text with lines and paragraphs."""
    return _text_check(gate.check_prose, what, max_length)


def written(what: str, max_length: int) -> Check:
    """Create a check of prose that must not be blank."""
    check = prose(what, max_length)

    def checked(value: Any) -> str:
        text: str = check(value)
        if not text.strip():
            raise Wrong("empty", f"The {what} is empty; it needs at least one visible character.")
        return text

    return checked


def _pattern_check(pattern: re.Pattern[str], max_length: int, takes: str) -> Check:
    def check(value: Any) -> str:
        text = _check_string(value)
        if len(text) > max_length or not pattern.fullmatch(text):
            raise Wrong("format", f"It takes {takes}.")
        return text

    return check


sha256 = _pattern_check(_SHA256, 64, "a SHA-256 checksum in 64 lower-case hexadecimal digits")
username = _pattern_check(
    _USERNAME, limits.MAX_USERNAME, "a user name of at most 150 letters, digits and @ . + - _"
)


def choice(values: Iterable[str]) -> Check:
    """Create a check of a word from a table."""
    words = tuple(str(value) for value in values)
    known = {word: word for word in words}

    def check(value: Any) -> str:
        found = known.get(_check_string(value))
        if found is None:
            raise Wrong("choice", f"“{gate.excerpt(value)}” is not known here; it takes {one_of(words)}.")
        return found

    return check


def integer(minimum: int = 1, maximum: int = MAX_INTEGER) -> Check:
    """Create a check of a JSON integer between two bounds; it refuses true, "5" and 5.0."""

    def check(value: Any) -> int:
        if type(value) is not int:
            raise Wrong("type", "It has to be an integer.")
        if not minimum <= value <= maximum:
            code = "too-small" if value < minimum else "too-large"
            raise Wrong(code, f"It has to be an integer from {minimum} to {maximum}.")
        return value

    return check


def boolean(value: Any) -> bool:
    """Check that a value is ``true`` or ``false``."""
    if type(value) is not bool:
        raise Wrong("type", "It has to be true or false.")
    return value


def _parser_check(read: Callable[[str], Any]) -> Check:
    """Create a check of a string by a function that reads it or raises ``ValueError``."""

    def check(value: Any) -> Any:
        try:
            return read(_check_string(value))
        except ValueError as error:
            raise Wrong("format", str(error)) from None

    return check


def _string_check(check_text: Callable[[str], None]) -> Check:
    """Return a check of a string by a function that raises ``ValueError``; the value stays."""

    def check(value: Any) -> str:
        text = _check_string(value)
        try:
            check_text(text)
        except ValueError as error:
            raise Wrong("format", str(error)) from None
        return text

    return check


qid = _string_check(limits.check_qid)
slug = _string_check(limits.check_slug)
timestamp = _parser_check(values.timestamp)
language = _parser_check(values.language_tag)
url = _parser_check(values.http_url)


_check_id = line("id", MAX_ID, required=True)


def identifier(value: Any) -> str:
    """Check an id, which is any line; return a UUID in lower case."""
    if type(value) is str and is_uuid(value):
        return value
    text: str = _check_id(value)
    lower = text.lower()
    return lower if is_uuid(lower) else text


def metadata(value: Any) -> str:
    """Check a flat object of strings, integers, booleans and null; return its JSON text."""
    for error in limits.check_metadata(value):
        key = () if error.key is None else (error.key[: limits.MAX_METADATA_KEY],)
        raise Wrong(error.code, error.detail, gate.json_pointer(*key))
    return json.dumps(value, ensure_ascii=False)


def suggestion(value: Any) -> str:
    """Check the change of a span that a comment proposes; return its canonical JSON text."""
    if type(value) is not dict or not value or not value.keys() <= set(canonical.SUGGESTED):
        takes = ", ".join(canonical.SUGGESTED)
        raise Wrong("type", f"It has to be an object with at least one of {takes}, and nothing else.")
    attributes = value.get("attributes", {})
    label = value.get("label")
    if not all(type(value.get(name, 0)) is int for name in ("start", "end")):
        raise Wrong("type", "The start and end of a suggestion are integers.")
    if label is not None and label not in scheme.LABEL_NAMES:
        raise Wrong("choice", f"The label takes one of {', '.join(scheme.LABEL_NAMES)}.", "/label")
    faults = [
        scheme.check_attributes(name, attributes) for name in ([label] if label else scheme.LABEL_NAMES)
    ]
    if all(faults):
        raise Wrong(faults[0][0].code, faults[0][0].detail, faults[0][0].pointer or "")
    return str(canonical.suggestion(value))
