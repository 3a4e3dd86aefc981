"""The text gate: what text may contain, asked at every entrance.

Whatever enters (API, admin form, file import, command) passes one of these functions, so that
both database engines, every export format and every browser can carry what was accepted. Nothing
is changed on the way: text is stored exactly as it was received, or it is refused.

All positions are code points, counted from 0, except in ``decode``, which counts bytes. Every
refusal is a ``TextNotAllowed`` whose sentence names the field, and whose data holds

* ``position`` where one code point is at fault,
* ``length`` and ``limit`` where the value is too long,
* ``byte`` where bytes are not UTF-8,
* ``pointer`` where the fault lies inside free JSON.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from annotations.exceptions import TextNotAllowed
from annotations.says import Sentence, says, word

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
class Rule:
    """One kind of text: the code points that it may not hold, and how to say so."""

    forbidden: re.Pattern[str]
    allows: str

    @classmethod
    def without(cls, *classes: str, allows: str) -> Rule:
        return cls(re.compile(f"[{''.join(classes)}]"), allows)


# Article text keeps everything that Unicode allows in an interchange: U+FEFF, noncharacters,
# U+2028, bidi controls and private use may all be part of what was published.
TEXT = Rule.without(
    _CONTROLS,
    _SURROGATES,
    allows=says("tab, LF and CR are the only control characters that a text may hold"),
)
# Titles are published text too, and every page shows them isolated (<bdi>).
TITLE = Rule.without(
    _CONTROLS,
    _LINE_BREAKS,
    _SURROGATES,
    allows=says("it has to be one line without control characters"),
)
# Names stand in menus, buttons and messages, where an override could reorder what is around it.
LINE = Rule.without(
    _CONTROLS,
    _LINE_BREAKS,
    _SURROGATES,
    _BIDI_CONTROLS,
    allows=says("it has to be one line without control characters and without bidi controls"),
)


_VALUE = word("field", "value")


def check_text(text: str) -> None:
    """Refuse what no article may hold. 1 MB passes in a few milliseconds."""
    if not text:
        raise TextNotAllowed(says("The text is empty; it needs at least one character."))
    _check(text, TEXT, "text", MAX_TEXT)


def check_prose(value: str, what: str, max_length: int) -> None:
    """Comments, notes, guidelines: the alphabet of article text, possibly empty.

    ``what`` names the field in the sentence ("comment"), ``max_length`` is in code points.
    """
    _check(value, TEXT, what, max_length)


def check_line(value: str, what: str, max_length: int, *, required: bool = False) -> None:
    """Names and other fields of one line; ``required`` refuses what shows no character at all."""
    _check_one_line(value, LINE, what, max_length, required)


def check_title(value: str, what: str, max_length: int, *, required: bool = False) -> None:
    """Like ``check_line``, but as printed: bidi controls are allowed."""
    _check_one_line(value, TITLE, what, max_length, required)


def check_json(value: object, what: str = _VALUE) -> None:
    """Walk free JSON, keys too, and refuse what article text may not hold, and NaN and infinity.

    ``JSONField`` checks nothing of this: SQLite would store it, PostgreSQL refuse it, and a lone
    surrogate would break the answer. Works without recursion, so depth cannot exhaust the stack.
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
                _check_inside_json(key, path, says("{what}, in a key", what=_field(what)))
                waiting.append(((path, key), child))
        elif isinstance(item, list | tuple):
            waiting.extend(((path, index), child) for index, child in enumerate(item))
        elif isinstance(item, float) and not math.isfinite(item):
            pointer = _pointer(path)
            raise TextNotAllowed(
                says(
                    "The {what}{at} holds a number that is not finite; JSON has no such number.",
                    what=_field(what),
                    at=_at(pointer),
                ),
                pointer=pointer,
            )
        elif item is not None and not isinstance(item, bool | int | float):
            raise TypeError(f"JSON has no values of type {type(item).__name__}.")


def empty(what: str) -> TextNotAllowed:
    """The refusal of a field in which nothing can be seen."""
    return TextNotAllowed(
        says("The {what} is empty; it needs at least one visible character.", what=_field(what))
    )


def decode(raw: bytes) -> str:
    """Bytes to text by strict UTF-8.

    A byte order mark stays, as U+FEFF, because text is stored as it was received. The caller
    still asks ``check_text``.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextNotAllowed(
            says(
                "The bytes are not UTF-8: byte 0x{code:02X} at byte position {start} (counted "
                "from 0) does not fit there; save the text as UTF-8.",
                code=raw[error.start],
                start=error.start,
            ),
            byte=error.start,
        ) from None


def excerpt(value: str, limit: int = 40) -> str:
    """The first ``limit`` code points as one line that is safe in a sentence.

    Quotes from articles and from requests stand in messages so that people find the place. They
    must not bring line breaks, controls, bidi overrides or lone surrogates into an answer, a
    log or a terminal.
    """
    shown = " ".join(LINE.forbidden.sub(_replaced, value[:limit]).split())
    return f"{shown}…" if len(value) > limit else shown


def json_pointer(*parts: str | int) -> str:
    """An RFC 6901 pointer from keys and indexes; a key that cannot be shown gets U+FFFD in it."""
    return "".join(f"/{_pointer_part(part)}" for part in parts)


def _check(value: str, rule: Rule, what: str, max_length: int) -> None:
    if len(value) > max_length:
        raise TextNotAllowed(
            says(
                "The {what} has {count:,} code points; at most {max_length:,} are allowed.",
                what=_field(what),
                count=len(value),
                max_length=max_length,
            ),
            length=len(value),
            limit=max_length,
        )
    found = rule.forbidden.search(value)
    if found is not None:
        raise TextNotAllowed(
            says(
                "The {what} holds {found} at position {start} (counted from 0); {allows}.",
                what=_field(what),
                found=_named(found[0]),
                start=found.start(),
                allows=rule.allows,
            ),
            position=found.start(),
        )


def _check_one_line(value: str, rule: Rule, what: str, max_length: int, required: bool) -> None:
    if required and not any(char.isprintable() and not char.isspace() for char in value):
        raise empty(what)
    _check(value, rule, what, max_length)


def _check_inside_json(value: str, path: _Path | None, what: str) -> None:
    found = TEXT.forbidden.search(value)
    if found is not None:
        pointer = _pointer(path)
        raise TextNotAllowed(
            says(
                "The {what}{at} holds {found} at position {start} (counted from 0); {allows}.",
                what=_field(what),
                at=_at(pointer),
                found=_named(found[0]),
                start=found.start(),
                allows=TEXT.allows,
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


def _at(pointer: str) -> str:
    return says(" at {pointer}", pointer=pointer) if pointer else ""


def _field(what: str) -> Sentence:
    """The name of a field, which is a word of the tables where it is one of theirs."""
    return what if isinstance(what, Sentence) else word("field", what)


def _named(char: str) -> str:
    """``U+D800, half of a surrogate pair``: the code point, and what is wrong with it."""
    code = ord(char)
    if code == 0:
        kind = says("NUL")
    elif 0xD800 <= code <= 0xDFFF:
        kind = says("half of a surrogate pair")
    elif char in _LINE_BREAKS:
        kind = says("a tab") if char == "\t" else says("a line break")
    elif code > 0x9F:
        kind = says("a bidi control")
    else:
        kind = says("a control character")
    return says("U+{code:04X}, {kind},", code=code, kind=kind)


def _replaced(found: re.Match[str]) -> str:
    # A surrogate is a lost character, the others only direct how a text is laid out.
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else " "


def _pointer_part(part: str | int) -> str:
    if isinstance(part, int):
        return str(part)
    return LINE.forbidden.sub("\ufffd", part).replace("~", "~0").replace("/", "~1")
