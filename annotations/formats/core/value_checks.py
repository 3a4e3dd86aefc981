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
from annotations.exceptions import TextNotAllowedError
from annotations.formats.core import json_text
from annotations.messages import join_choices
from annotations.scheme import licences
from annotations.text import gate, parsing

ValueCheck = Callable[[Any], Any]

MAX_INTEGER = 2**31 - 1
"""The largest integer of a column."""

MAX_ID = 255

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
is_uuid = _UUID.fullmatch
"""Return whether a string is a UUID in canonical form."""

is_ordinary_id = re.compile(rf"{_UUID.pattern}|(?!.{{36}}\Z)[A-Za-z0-9_.:/-]{{1,{MAX_ID}}}").fullmatch
"""Return whether a string is an id that needs no further check."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
# What Django's own user names take.
_USERNAME = re.compile(rf"[\w.@+-]{{1,{limits.MAX_USERNAME}}}")


class InvalidValueError(Exception):
    """An invalid value: a code for programs, a sentence for people, and a pointer inside the value."""

    def __init__(self, code: str, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer


def accept_any(value: object) -> Any:
    """Return the value unchecked; the caller checks it."""
    return value


def _check_string(value: object) -> str:
    if type(value) is not str:
        raise InvalidValueError("type", "It has to be a string.")
    return value


def _text_check(asks: Callable[..., None], what: str, max_length: int, **options: bool) -> ValueCheck:
    def check(value: object) -> str:
        text = _check_string(value)
        try:
            asks(text, what, max_length, **options)
        except TextNotAllowedError as error:
            raise InvalidValueError(
                "too-long" if "limit" in error.data else "characters", error.detail
            ) from None
        return text

    return check


def line_check(what: str, max_length: int, *, required: bool = False) -> ValueCheck:
    """Create a check of one line of text."""
    return _text_check(gate.check_line, what, max_length, required=required)


def title_check(what: str, max_length: int) -> ValueCheck:
    """Create a check of a published line."""
    return _text_check(gate.check_title, what, max_length)


def prose_check(what: str, max_length: int) -> ValueCheck:
    """Create a check of text with lines and paragraphs."""
    return _text_check(gate.check_prose, what, max_length)


def nonblank_prose_check(what: str, max_length: int) -> ValueCheck:
    """Create a check of prose that must not be blank."""
    check = prose_check(what, max_length)

    def checked(value: object) -> str:
        text: str = check(value)
        if not text.strip():
            raise InvalidValueError("empty", f"The {what} is empty; it needs at least one visible character.")
        return text

    return checked


def _pattern_check(pattern: re.Pattern[str], max_length: int, takes: str) -> ValueCheck:
    def check(value: object) -> str:
        text = _check_string(value)
        if len(text) > max_length or not pattern.fullmatch(text):
            raise InvalidValueError("format", f"It takes {takes}.")
        return text

    return check


check_sha256 = _pattern_check(_SHA256, 64, "a SHA-256 checksum in 64 lower-case hexadecimal digits")
check_username = _pattern_check(
    _USERNAME, limits.MAX_USERNAME, "a user name of at most 150 letters, digits and @ . + - _"
)


def choice_check(values: Iterable[str]) -> ValueCheck:
    """Create a check of a word from a table."""
    words = tuple(str(value) for value in values)
    known = {word: word for word in words}

    def check(value: object) -> str:
        text = _check_string(value)
        found = known.get(text)
        if found is None:
            raise InvalidValueError(
                "choice", f"“{gate.excerpt(text)}” is not known here; it takes {join_choices(words)}."
            )
        return found

    return check


def integer_check(minimum: int = 1, maximum: int = MAX_INTEGER) -> ValueCheck:
    """Create a check of a JSON integer between two bounds; it refuses true, "5" and 5.0."""

    def check(value: object) -> int:
        if type(value) is not int:
            raise InvalidValueError("type", "It has to be an integer.")
        if not minimum <= value <= maximum:
            code = "too-small" if value < minimum else "too-large"
            raise InvalidValueError(code, f"It has to be an integer from {minimum} to {maximum}.")
        return value

    return check


def check_boolean(value: object) -> bool:
    """Check that a value is ``true`` or ``false``."""
    if type(value) is not bool:
        raise InvalidValueError("type", "It has to be true or false.")
    return value


def _parser_check(read: Callable[[str], Any]) -> ValueCheck:
    """Create a check of a string by a function that reads it or raises ``ValueError``."""

    def check(value: object) -> Any:
        try:
            return read(_check_string(value))
        except ValueError as error:
            raise InvalidValueError("format", str(error)) from None

    return check


def _string_check(check_text: Callable[[str], None]) -> ValueCheck:
    """Return a check of a string by a function that raises ``ValueError``; the value stays."""

    def check(value: object) -> str:
        text = _check_string(value)
        try:
            check_text(text)
        except ValueError as error:
            raise InvalidValueError("format", str(error)) from None
        return text

    return check


def check_share(value: object) -> float:
    """Check that a value is a number from 0 to 1."""
    if type(value) not in (int, float) or not 0 <= value <= 1:  # type: ignore[operator]
        raise InvalidValueError("type", "It has to be a number from 0 to 1.")
    return float(value)  # type: ignore[arg-type]


check_qid = _string_check(limits.check_qid)
check_licence = _string_check(licences.check_licence)
check_slug = _string_check(limits.check_slug)
check_timestamp = _parser_check(parsing.parse_timestamp)
check_partial_date = _parser_check(parsing.parse_partial_date)
check_language = _parser_check(parsing.parse_language_tag)
check_url = _parser_check(parsing.parse_http_url)


_check_id = line_check("id", MAX_ID, required=True)


def check_id(value: object) -> str:
    """Check an id, which is any line; return a UUID in lower case."""
    if type(value) is str and is_uuid(value):
        return value
    text: str = _check_id(value)
    lower = text.lower()
    return lower if is_uuid(lower) else text


def check_metadata(value: object) -> str:
    """Check a flat object of strings, integers, booleans and null; return its JSON text."""
    for error in limits.check_metadata(value):
        key = () if error.key is None else (error.key[: limits.MAX_METADATA_KEY],)
        raise InvalidValueError(error.code, error.detail, gate.json_pointer(*key))
    return json.dumps(value, ensure_ascii=False)


def check_proposed_change(value: object) -> str:
    """Check the change of a span that a comment proposes; return its canonical JSON text."""
    if type(value) is not dict or not value or not value.keys() <= set(json_text.PROPOSED_FIELDS):
        takes = ", ".join(json_text.PROPOSED_FIELDS)
        raise InvalidValueError(
            "type", f"It has to be an object with at least one of {takes}, and nothing else."
        )
    attributes = value.get("attributes", {})
    label = value.get("label")
    if not all(type(value.get(name, 0)) is int for name in ("start", "end")):
        raise InvalidValueError("type", "The start and end of a suggestion are integers.")
    if label is not None and label not in scheme.LABEL_NAMES:
        raise InvalidValueError(
            "choice", f"The label takes one of {', '.join(scheme.LABEL_NAMES)}.", "/label"
        )
    faults = [
        scheme.check_attributes(name, attributes) for name in ([label] if label else scheme.LABEL_NAMES)
    ]
    if all(faults):
        raise InvalidValueError(faults[0][0].code, faults[0][0].detail, faults[0][0].pointer or "")
    return str(json_text.canonical_proposed_change(value))
