"""JSON that means one thing only: the parser of API bodies and of imported files.

Python's own parser accepts more than JSON: of two equal keys the last wins, NaN and infinity pass, a
5,000-digit integer is a bare ValueError, and deep nesting is a RecursionError. Here each of them is a
``StrictJSONError`` with a kind for programs, a sentence for people, and a place. The C scanner does the
work and calls Python once per object and once per number (ADR 0022). A refusal takes linear time.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, Literal

from annotations.messages import message

MAX_DEPTH = 64
"""How many arrays and objects may be open at once; no document of this service needs ten."""
MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)

Kind = Literal["encoding", "syntax", "duplicate-key", "key", "number", "too-deep"]
Pairs = list[tuple[str, Any]]

# In longer input a duplicate key or a refused number is reported without its place.
_LOCATED_LENGTH = 1_000_000
_LONGEST_INTEGER = len(str(MIN_INTEGER))
_UNCLEAN = re.compile("[\x00\ud800-\udfff]")
_UNCLEAN_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
# Possessive, and the closing quote is optional: else an unterminated string is tried from every quote.
_TOKEN = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|-?[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|-?Infinity|NaN|[a-z]++|\S',
    re.DOTALL,
)

# Templates of sentences. ``StrictJSONError`` fills in the place, the token or key, and the depth.
_BYTE_ORDER_MARK = message("The JSON begins with a byte order mark{where}; send UTF-8 without one.")
_NOT_UTF8 = message("The JSON is not UTF-8: byte 0x{byte:02X} does not fit{where}; send UTF-8.")
_NOT_JSON = message("This is not JSON: {fault}{where}; mend it there.")
_TOO_DEEP = message("The JSON is nested too deeply; at most {depth} arrays and objects may be open at once.")
_DUPLICATE_KEY = message('The key "{key}" stands twice in one object{where}; send it once.')
_UNCLEAN_KEY = message('The key "{key}" holds NUL or half a surrogate pair{where}; leave it out.')
_LONG_INTEGER = message(
    "The integer {token}{where} has more than 64 bits; send it as a string if it is an identifier."
)
_LARGE_NUMBER = message("The number {token}{where} is too large to be stored; send a smaller one.")
_NO_NUMBER = message("{token}{where} is not a number in JSON; send null if there is no value.")
# Messages of Python's parser, which fill in {fault}. Those of newer parsers stay English.
_SYNTAX_FAULTS: dict[str, str] = {
    str(fault): fault
    for fault in (
        message("expecting value"),
        message("expecting ',' delimiter"),
        message("expecting ':' delimiter"),
        message("expecting property name enclosed in double quotes"),
        message("illegal trailing comma before end of object"),
        message("illegal trailing comma before end of array"),
        message("extra data"),
        message("unterminated string starting"),
        message("invalid control character"),
        message("invalid \\escape: "),
        message("invalid \\uXXXX escape"),
    )
}


class StrictJSONError(ValueError):
    """JSON that is invalid, or that two parsers may read differently.

    ``detail`` is the sentence for people. ``line`` and ``column`` count from 1 and are None where the
    place is not known. ``token`` is a refused number as it is written, or a refused key.
    """

    def __init__(
        self,
        kind: Kind,
        template: str,
        place: tuple[int, int] | None = None,
        *,
        token: str = "",
        **values: object,
    ) -> None:
        self.kind, self.template, self.token = kind, template, token
        self.line = place[0] if place else None
        self.column = place[1] if place else None
        where = message(" at line {line}, column {column}", line=place[0], column=place[1]) if place else ""
        shown = _excerpt(token)
        self.detail = message(template, where=where, key=shown, token=shown, depth=MAX_DEPTH, **values)
        super().__init__(self.detail)


def loads(raw: bytes | str) -> Any:
    """Return the value of one JSON document; raise ``StrictJSONError`` where it is none.

    Strings may hold lone surrogates and NUL, which the text gate refuses where it guards a text; keys
    may not.
    """
    text = raw if isinstance(raw, str) else _decode(raw)
    if text.startswith("\ufeff"):
        raise StrictJSONError("encoding", _BYTE_ORDER_MARK, (1, 1))
    # UTF-8 holds NUL and surrogates as escapes only. Finding "\u" first is faster than the pattern alone.
    is_clean = isinstance(raw, bytes) and not ("\\u" in text and _UNCLEAN_ESCAPE.search(text))
    try:
        value = (_DECODER if is_clean else _CAREFUL_DECODER).decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_error(error, (error.lineno, error.colno)) from None
    except RecursionError:
        raise StrictJSONError("too-deep", _TOO_DEEP) from None
    except StrictJSONError as error:
        raise StrictJSONError(
            error.kind, error.template, _find_place(error, text), token=error.token
        ) from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_too_deep(value):
        raise StrictJSONError("too-deep", _TOO_DEEP)
    return value


def load_first(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the value that begins exactly at ``start``, and where it ends; as strict as ``loads``.

    Errors have no place. Text that is cut off in the middle of the value is an error of kind syntax.
    """
    try:
        value, end = _CAREFUL_DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _syntax_error(error) from None
    except RecursionError:
        raise StrictJSONError("too-deep", _TOO_DEEP) from None
    if _is_too_deep(value):
        raise StrictJSONError("too-deep", _TOO_DEEP)
    return value, end


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        place = _place(before, len(before))
        raise StrictJSONError("encoding", _NOT_UTF8, place, byte=raw[error.start]) from None


def _syntax_error(error: json.JSONDecodeError, place: tuple[int, int] | None = None) -> StrictJSONError:
    # Some messages of Python's parser end in "at", before the place.
    fault = (error.msg[:1].lower() + error.msg[1:]).removesuffix(" at")
    return StrictJSONError("syntax", _NOT_JSON, place, fault=_SYNTAX_FAULTS.get(fault, fault))


def _excerpt(token: str) -> str:
    """Return the token as part of a sentence: short and printable."""
    short = token if len(token) <= 40 else f"{token[:40]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in short)


def _is_too_deep(value: object) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


# --- Hooks of the C scanner, which does not tell them the place ----------------------------


def _load_object(pairs: Pairs) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise StrictJSONError("duplicate-key", _DUPLICATE_KEY, token=next(k for k in counts if counts[k] > 1))
    return value


def _load_careful_object(pairs: Pairs) -> dict[str, Any]:
    for key, _ in pairs:
        if _UNCLEAN.search(key):
            raise StrictJSONError("key", _UNCLEAN_KEY, token=key)
    return _load_object(pairs)


def _load_integer(literal: str) -> int:
    # The length first: int() refuses thousands of digits with a message of its own.
    value = int(literal) if len(literal) <= _LONGEST_INTEGER else MAX_INTEGER + 1
    if not MIN_INTEGER <= value <= MAX_INTEGER:
        raise StrictJSONError("number", _LONG_INTEGER, token=literal)
    return value


def _load_float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise StrictJSONError("number", _LARGE_NUMBER, token=literal)
    return value


def _refuse_constant(literal: str) -> float:
    raise StrictJSONError("syntax", _NO_NUMBER, token=literal)


_DECODER, _CAREFUL_DECODER = (
    json.JSONDecoder(
        object_pairs_hook=hook,
        parse_int=_load_integer,
        parse_float=_load_float,
        parse_constant=_refuse_constant,
    )
    for hook in (_load_object, _load_careful_object)
)


# --- The place of what a hook refused; the text before it is valid JSON ---------------------


def _place(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def _find_place(error: StrictJSONError, text: str) -> tuple[int, int] | None:
    """Return line and column; for a duplicate key, of the second time in the same object."""
    if len(text) > _LOCATED_LENGTH:
        return None
    # For each open object its keys so far; None for an open array, whose strings are no keys.
    open_keys: list[set[str] | None] = [None]
    expects_key = False
    is_key = error.kind in ("duplicate-key", "key")
    for match in _TOKEN.finditer(text):
        written = match[0]
        if not is_key and written == error.token:
            return _place(text, match.start())
        if written in "{[":
            open_keys.append(set() if written == "{" else None)
        elif written in "}]":
            open_keys.pop()
        keys = open_keys[-1]
        if is_key and keys is not None and expects_key and written.startswith('"'):
            key = json.loads(written)
            if key == error.token and (error.kind == "key" or key in keys):
                return _place(text, match.start())
            keys.add(key)
        expects_key = written in "{,"
    return None
