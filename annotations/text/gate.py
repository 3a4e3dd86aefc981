"""The text gate: the rules for the characters of a text, checked at every entrance.

All text from outside (API, admin form, file import, command) passes one of these functions, so that
both database engines, every export format and every browser can carry it. Text is never changed:
it is stored exactly as it was received, or it is refused.

All positions are code points, counted from 0, except in ``decode_text``, which counts bytes. Every
refusal is a ``TextNotAllowedError`` whose sentence names the field, and whose data holds

* ``position`` where one code point is not allowed,
* ``length`` and ``limit`` where the value is too long,
* ``byte`` where bytes are not UTF-8,
* ``pointer`` where the fault lies inside free JSON.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from annotations.exceptions import TextNotAllowedError
from annotations.messages import TranslatableMessage, message, term

MAX_TEXT = 2_000_000
"""The longest article, in code points."""

# Regex character classes, put together into the rules below.
_SURROGATES = "\ud800-\udfff"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_LINE_BREAKS = "\t\n\r\u2028\u2029"
_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"

# The way to a value inside free JSON, last step outermost, so that a step costs the same at any
# depth. (Any stands for the path before; a recursive alias needs Python 3.12.)
_Path = tuple[Any, str | int]


@dataclass(frozen=True, slots=True)
class TextRule:
    """A kind of text: the code points that it may not hold, and the part of a sentence that explains it."""

    forbidden: re.Pattern[str]
    allows: str

    @classmethod
    def excluding(cls, *classes: str, allows: str) -> TextRule:
        """Return the rule that forbids these regex character classes."""
        return cls(re.compile(f"[{''.join(classes)}]"), allows)


# Article text keeps everything that Unicode allows in an interchange: U+FEFF, noncharacters,
# U+2028, bidi controls and private use may all be part of what was published.
TEXT_RULE = TextRule.excluding(
    _CONTROLS,
    _SURROGATES,
    allows=message("tab, LF and CR are the only control characters that a text may hold"),
)
# Titles are published text too, and every page shows them isolated (<bdi>).
TITLE_RULE = TextRule.excluding(
    _CONTROLS,
    _LINE_BREAKS,
    _SURROGATES,
    allows=message("it has to be one line without control characters"),
)
# Names stand in menus, buttons and messages, where an override could reorder what is around it.
LINE_RULE = TextRule.excluding(
    _CONTROLS,
    _LINE_BREAKS,
    _SURROGATES,
    _BIDI_CONTROLS,
    allows=message("it has to be one line without control characters and without bidi controls"),
)


_VALUE = term("field", "value")


def check_text(text: str) -> None:
    """Raise ``TextNotAllowedError`` if this cannot be the text of an article; 1 MB takes milliseconds."""
    if not text:
        raise TextNotAllowedError(message("The text is empty; it needs at least one character."))
    _check(text, TEXT_RULE, "text", MAX_TEXT)


def check_prose(value: str, what: str, max_length: int) -> None:
    """Check a comment, note or guideline: characters as in article text, possibly empty.

    ``what`` names the field in the sentence ("comment"), ``max_length`` is in code points.
    """
    _check(value, TEXT_RULE, what, max_length)


def check_line(value: str, what: str, max_length: int, *, required: bool = False) -> None:
    """Check a name or another field of one line; ``required`` refuses a value without a visible character."""
    _check_one_line(value, LINE_RULE, what, max_length, required)


def check_title(value: str, what: str, max_length: int, *, required: bool = False) -> None:
    """Check a printed title: as ``check_line``, but bidi controls are allowed."""
    _check_one_line(value, TITLE_RULE, what, max_length, required)


def check_json(value: object, what: str = _VALUE) -> None:
    """Check the strings and keys of free JSON as article text; refuse NaN and infinity.

    ``JSONField`` checks none of this: SQLite would store it, PostgreSQL would refuse it, and a lone
    surrogate would break the response. There is no recursion, so depth cannot exhaust the stack.
    """
    waiting: list[tuple[_Path | None, object]] = [(None, value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, str):
            _check_inside_json(item, path, what)
        elif isinstance(item, dict):
            for key, child in item.items():
                if not isinstance(key, str):
                    raise TypeError(f"JSON keys are strings, not {type(key).__name__}.")
                _check_inside_json(key, path, message("{what}, in a key", what=_field_name(what)))
                waiting.append(((path, key), child))
        elif isinstance(item, list | tuple):
            waiting.extend(((path, index), child) for index, child in enumerate(item))
        elif isinstance(item, float) and not math.isfinite(item):
            pointer = _pointer(path)
            raise TextNotAllowedError(
                message(
                    "The {what}{at} holds a number that is not finite; JSON has no such number.",
                    what=_field_name(what),
                    at=_at_pointer(pointer),
                ),
                pointer=pointer,
            )
        elif item is not None and not isinstance(item, bool | int | float):
            raise TypeError(f"JSON has no values of type {type(item).__name__}.")


def empty_field_error(what: str) -> TextNotAllowedError:
    """Return the error for a field without a visible character."""
    return TextNotAllowedError(
        message("The {what} is empty; it needs at least one visible character.", what=_field_name(what))
    )


def decode_text(raw: bytes) -> str:
    """Decode strict UTF-8, or raise ``TextNotAllowedError``.

    A byte order mark stays, as U+FEFF, because text is stored as it was received. The caller
    still has to call ``check_text``.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextNotAllowedError(
            message(
                "The bytes are not UTF-8: byte 0x{code:02X} at byte position {start} (counted "
                "from 0) does not fit there; save the text as UTF-8.",
                code=raw[error.start],
                start=error.start,
            ),
            byte=error.start,
        ) from None


def excerpt(value: str, limit: int = 40) -> str:
    """Return the first ``limit`` code points as one line that is safe in a message.

    Messages quote articles and requests so that people find the place. A quote must not bring line
    breaks, controls, bidi overrides or lone surrogates into a response, a log or a terminal.
    """
    shown = " ".join(LINE_RULE.forbidden.sub(_replacement, value[:limit]).split())
    return f"{shown}…" if len(value) > limit else shown


def json_pointer(*parts: str | int) -> str:
    """Return the RFC 6901 pointer of these keys and indexes, with U+FFFD for characters not shown."""
    return "".join(f"/{_pointer_part(part)}" for part in parts)


def _check(value: str, rule: TextRule, what: str, max_length: int) -> None:
    if len(value) > max_length:
        raise TextNotAllowedError(
            message(
                "The {what} has {count:,} code points; at most {max_length:,} are allowed.",
                what=_field_name(what),
                count=len(value),
                max_length=max_length,
            ),
            length=len(value),
            limit=max_length,
        )
    found = rule.forbidden.search(value)
    if found is not None:
        raise TextNotAllowedError(
            message(
                "The {what} holds {found} at position {start} (counted from 0); {allows}.",
                what=_field_name(what),
                found=_describe_code_point(found[0]),
                start=found.start(),
                allows=rule.allows,
            ),
            position=found.start(),
        )


def _check_one_line(value: str, rule: TextRule, what: str, max_length: int, required: bool) -> None:
    if required and not any(char.isprintable() and not char.isspace() for char in value):
        raise empty_field_error(what)
    _check(value, rule, what, max_length)


def _check_inside_json(value: str, path: _Path | None, what: str) -> None:
    found = TEXT_RULE.forbidden.search(value)
    if found is not None:
        pointer = _pointer(path)
        raise TextNotAllowedError(
            message(
                "The {what}{at} holds {found} at position {start} (counted from 0); {allows}.",
                what=_field_name(what),
                at=_at_pointer(pointer),
                found=_describe_code_point(found[0]),
                start=found.start(),
                allows=TEXT_RULE.allows,
            ),
            pointer=pointer,
            position=found.start(),
        )


def _pointer(path: _Path | None) -> str:
    parts: list[str | int] = []
    while path is not None:
        path, part = path
        parts.append(part)
    return json_pointer(*reversed(parts))


def _at_pointer(pointer: str) -> str:
    return message(" at {pointer}", pointer=pointer) if pointer else ""


def _field_name(what: str) -> TranslatableMessage:
    """Return the name of a field as a term of the catalogue."""
    return what if isinstance(what, TranslatableMessage) else term("field", what)


def _describe_code_point(char: str) -> str:
    """Return a description of a forbidden code point: ``U+D800, half of a surrogate pair``."""
    code = ord(char)
    if code == 0:
        kind = message("NUL")
    elif 0xD800 <= code <= 0xDFFF:
        kind = message("half of a surrogate pair")
    elif char in _LINE_BREAKS:
        kind = message("a tab") if char == "\t" else message("a line break")
    elif code > 0x9F:
        kind = message("a bidi control")
    else:
        kind = message("a control character")
    return message("U+{code:04X}, {kind},", code=code, kind=kind)


def _replacement(found: re.Match[str]) -> str:
    # A surrogate is a lost character, the others only direct how a text is laid out.
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else " "


def _pointer_part(part: str | int) -> str:
    if isinstance(part, int):
        return str(part)
    return LINE_RULE.forbidden.sub("\ufffd", part).replace("~", "~0").replace("/", "~1")
