"""JSON that means one thing only: the loader of the API and of the file imports.

Python's own parser takes more than JSON: of two equal keys the last wins, NaN and infinity pass, a
5,000-digit integer is a ValueError from elsewhere, and deep nesting is a RecursionError. Here all of
that is a ``StrictJSONError`` with a kind for programs, a sentence for people, and a place.

Most documents go a quick way: a fast parser that is not strict reads them, and if the value is written
as the same bytes again, it lost nothing (ADR 0017). All others go the strict way: the C scanner does
the work, and Python is called once per object and once per number. What Python's hooks refuse is
located afterwards, because they are not told where they are.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import orjson

MAX_DEPTH = 64
"""How many arrays and objects may be open at once; nothing of ours needs ten."""

MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)

Kind = Literal["encoding", "syntax", "duplicate-key", "key", "number", "too-deep"]
Pairs = list[tuple[str, Any]]

# Longer input would take several times its size on the quick way.
_QUICK_LENGTH = 4_000_000
# Longer input is refused all the same, but no time goes into finding the exact place.
_LOCATED_LENGTH = 1_000_000
_LONGEST_INTEGER = len(str(MIN_INTEGER))
# Inside JSON, NUL and surrogates can be written as escapes only, unless a caller hands over a str.
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)


class StrictJSONError(ValueError):
    """The input is not JSON, or not JSON that everybody reads in the same way.

    ``line`` and ``column`` count from 1 and are None where the place is not known.
    """

    def __init__(self, kind: Kind, says: str, line: int | None = None, column: int | None = None) -> None:
        self.kind = kind
        self.line = line
        self.column = column
        where = "" if line is None else f" at line {line}, column {column}"
        self.detail = says.format(where=where)
        super().__init__(self.detail)


class _RefusedError(Exception):
    """A hook met something that it does not take; ``token`` is how it is written."""

    def __init__(self, kind: Kind, says: str, token: str) -> None:
        self.kind = kind
        self.says = says
        self.token = token
        super().__init__(says)


def loads(raw: bytes | str) -> Any:
    """The value of one JSON document, or a ``StrictJSONError``.

    Strings may hold lone surrogates and NUL (the text gate refuses those where a text is meant);
    keys may not.
    """
    if isinstance(raw, bytes) and len(raw) <= _QUICK_LENGTH:
        quick = _quickly(raw)
        if quick is not None:
            return quick
    text = raw if isinstance(raw, str) else _decoded(raw)
    if text.startswith("\ufeff"):
        raise StrictJSONError(
            "encoding", "The JSON begins with a byte order mark{where}; send UTF-8 without one.", 1, 1
        )
    decoder = _CAREFUL if _is_suspicious(text) else _PLAIN
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        says = f"This is not JSON: {_fault(error.msg)}{{where}}; mend it there."
        raise StrictJSONError("syntax", says, error.lineno, error.colno) from None
    except RecursionError:
        raise _too_deep() from None
    except _RefusedError as refusal:
        raise _located(refusal, text) from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise _too_deep()
    return value


def _quickly(raw: bytes) -> Any:
    """The value, if nothing can be wrong with the document; else None, and the strict way says what.

    What is written as it stood there, but for spaces, has as many keys and the same numbers. Strings that
    are escaped, and integers of more than 53 bits, are left to the strict way.
    """
    if b"\\u" in raw:
        return None
    try:
        value = orjson.loads(raw)
        written = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    is_same = written.replace(b" ", b"") == raw.replace(b" ", b"")
    return value if is_same and not _is_deeper(value, MAX_DEPTH) else None


def _is_suspicious(text: str) -> bool:
    """Whether a key may hold what no key may. In this order, because a search costs more than all else."""
    return _has_surrogate(text) or ("\\u" in text and _SUSPICIOUS.search(text) is not None)


def first(text: str, start: int = 0) -> tuple[Any, int]:
    """The value that begins exactly at ``start``, and where it ends; for those who read on behind it.

    As strict as ``loads``. The text may be cut off: then the error is one of syntax, and says nothing.
    """
    try:
        value, end = _CAREFUL.raw_decode(text, start)
    except json.JSONDecodeError as error:
        says = f"This is not JSON: {_fault(error.msg)}{{where}}; mend it there."
        raise StrictJSONError("syntax", says) from None
    except RecursionError:
        raise _too_deep() from None
    except _RefusedError as refusal:
        raise StrictJSONError(refusal.kind, refusal.says) from None
    if isinstance(value, dict | list) and _is_deeper(value, MAX_DEPTH):
        raise _too_deep()
    return value, end


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        says = f"The JSON is not UTF-8: byte 0x{raw[error.start]:02X} does not fit{{where}}; send UTF-8."
        raise StrictJSONError("encoding", says, line, column) from None


def _fault(message: str) -> str:
    """The message of Python's parser as a part of a sentence; some of them end in "at"."""
    return (message[:1].lower() + message[1:]).removesuffix(" at")


def _too_deep() -> StrictJSONError:
    says = f"The JSON is nested too deeply; at most {MAX_DEPTH} arrays and objects may be open at once."
    return StrictJSONError("too-deep", says)


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


# --- Hooks of the C scanner ---------------------------------------------------------------


def _object(pairs: Pairs) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        says = f'The key "{_shown(twice)}" stands twice in one object{{where}}; send it once.'
        raise _RefusedError("duplicate-key", says, twice)
    return found


def _careful_object(pairs: Pairs) -> dict[str, Any]:
    for key, _ in pairs:
        if "\x00" in key or (not key.isascii() and _has_surrogate(key)):
            says = f'The key "{_shown(key)}" holds NUL or half a surrogate pair{{where}}; leave it out.'
            raise _RefusedError("key", says, key)
    return _object(pairs)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _integer(literal: str) -> int:
    # The length first: int() of thousands of digits is slow, and refuses in words of its own.
    value = int(literal) if len(literal) <= _LONGEST_INTEGER else MAX_INTEGER + 1
    if not MIN_INTEGER <= value <= MAX_INTEGER:
        says = "The integer {token}{where} has more than 64 bits; send it as a string if it is an identifier."
        raise _RefusedError("number", says.replace("{token}", _shown(literal)), literal)
    return value


def _float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        says = f"The number {_shown(literal)}{{where}} is too large to be stored; send a smaller one."
        raise _RefusedError("number", says, literal)
    return value


def _constant(literal: str) -> float:
    says = f"{literal}{{where}} is not a number in JSON; send null if there is no value."
    raise _RefusedError("syntax", says, literal)


def _shown(token: str) -> str:
    """A token as part of a sentence: short, printable, and safe in a format string."""
    short = token if len(token) <= 40 else f"{token[:40]}…"
    printable = "".join(char if char.isprintable() else "\ufffd" for char in short)
    return printable.replace("{", "{{").replace("}", "}}")


def _decoder(hook: Callable[[Pairs], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=hook, parse_int=_integer, parse_float=_float, parse_constant=_constant
    )


_PLAIN = _decoder(_object)
_CAREFUL = _decoder(_careful_object)


# --- Finding the place of what a hook refused ---------------------------------------------


def _located(refusal: _RefusedError, text: str) -> StrictJSONError:
    position = None
    if len(text) <= _LOCATED_LENGTH:
        if refusal.kind in ("duplicate-key", "key"):
            position = _position_of_key(refusal, text)
        else:
            tokens = _TOKEN.finditer(text)
            position = next((found.start() for found in tokens if found[0] == refusal.token), None)
    if position is None:
        return StrictJSONError(refusal.kind, refusal.says)
    line = text.count("\n", 0, position) + 1
    return StrictJSONError(refusal.kind, refusal.says, line, position - text.rfind("\n", 0, position))


def _position_of_key(refusal: _RefusedError, text: str) -> int | None:
    """Where the refused key stands: for a duplicate, the second time in the same object."""
    # Per open object the keys so far; None for an open array, in which strings are no keys.
    opened: list[set[str] | None] = []
    expects_key = False
    for found in _TOKEN.finditer(text):
        written = found[0]
        if written in "{[":
            opened.append(set() if written == "{" else None)
        elif written in "}]" and opened:
            opened.pop()
        keys = opened[-1] if opened else None
        if keys is None:
            continue
        if expects_key and written.startswith('"'):
            key = json.loads(written)
            if key == refusal.token and (refusal.kind == "key" or key in keys):
                return found.start()
            keys.add(key)
        expects_key = written in "{,"
    return None
