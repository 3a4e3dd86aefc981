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
from functools import partial
from typing import Any, Literal

import orjson

from annotations.says import Sentence, says

MAX_DEPTH = 64
"""How many arrays and objects may be open at once; nothing of ours needs ten."""

MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)

Kind = Literal["encoding", "syntax", "duplicate-key", "key", "number", "too-deep"]
Pairs = list[tuple[str, Any]]
Fault = Callable[[str], Sentence]
"""What is wrong, as a sentence that is still to be told where: `` at line 1, column 2``, or nothing."""

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

    def __init__(self, kind: Kind, fault: Fault, line: int | None = None, column: int | None = None) -> None:
        self.kind = kind
        self.line = line
        self.column = column
        where = "" if line is None else says(" at line {line}, column {column}", line=line, column=column)
        self.detail = fault(where)
        super().__init__(self.detail)


class _RefusedError(Exception):
    """A hook met something that it does not take; ``token`` is how it is written."""

    def __init__(self, kind: Kind, fault: Fault, token: str) -> None:
        self.kind = kind
        self.fault = fault
        self.token = token
        super().__init__(token)


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
            "encoding",
            lambda where: says(
                "The JSON begins with a byte order mark{where}; send UTF-8 without one.", where=where
            ),
            1,
            1,
        )
    decoder = _CAREFUL if _is_suspicious(text) else _PLAIN
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise StrictJSONError("syntax", _no_json(error.msg), error.lineno, error.colno) from None
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
        raise StrictJSONError("syntax", _no_json(error.msg)) from None
    except RecursionError:
        raise _too_deep() from None
    except _RefusedError as refusal:
        raise StrictJSONError(refusal.kind, refusal.fault) from None
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
        byte = raw[error.start]
        raise StrictJSONError(
            "encoding",
            lambda where: says(
                "The JSON is not UTF-8: byte 0x{byte:02X} does not fit{where}; send UTF-8.",
                byte=byte,
                where=where,
            ),
            line,
            column,
        ) from None


# What Python's parser finds, as a part of a sentence. What a newer one says beside that stays English.
_FAULTS: dict[str, str] = {
    str(fault): fault
    for fault in (
        says("expecting value"),
        says("expecting ',' delimiter"),
        says("expecting ':' delimiter"),
        says("expecting property name enclosed in double quotes"),
        says("illegal trailing comma before end of object"),
        says("illegal trailing comma before end of array"),
        says("extra data"),
        says("unterminated string starting"),
        says("invalid control character"),
        says("invalid \\escape: "),
        says("invalid \\uXXXX escape"),
    )
}


def _no_json(message: str) -> Fault:
    """The message of Python's parser as a part of a sentence; some of them end in "at"."""
    told = (message[:1].lower() + message[1:]).removesuffix(" at")
    fault = _FAULTS.get(told, told)
    return lambda where: says("This is not JSON: {fault}{where}; mend it there.", fault=fault, where=where)


def _too_deep() -> StrictJSONError:
    return StrictJSONError(
        "too-deep",
        lambda _: says(
            "The JSON is nested too deeply; at most {depth} arrays and objects may be open at once.",
            depth=MAX_DEPTH,
        ),
    )


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
        raise _RefusedError("duplicate-key", partial(_twice, _shown(twice)), twice)
    return found


def _careful_object(pairs: Pairs) -> dict[str, Any]:
    for key, _ in pairs:
        if "\x00" in key or (not key.isascii() and _has_surrogate(key)):
            raise _RefusedError("key", partial(_unclean, _shown(key)), key)
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
        raise _RefusedError("number", partial(_too_long, _shown(literal)), literal)
    return value


def _float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise _RefusedError("number", partial(_too_large, _shown(literal)), literal)
    return value


def _constant(literal: str) -> float:
    raise _RefusedError("syntax", partial(_no_number, literal), literal)


def _twice(key: str, where: str) -> Sentence:
    return says('The key "{key}" stands twice in one object{where}; send it once.', key=key, where=where)


def _unclean(key: str, where: str) -> Sentence:
    return says(
        'The key "{key}" holds NUL or half a surrogate pair{where}; leave it out.', key=key, where=where
    )


def _too_long(token: str, where: str) -> Sentence:
    return says(
        "The integer {token}{where} has more than 64 bits; send it as a string if it is an identifier.",
        token=token,
        where=where,
    )


def _too_large(token: str, where: str) -> Sentence:
    return says(
        "The number {token}{where} is too large to be stored; send a smaller one.", token=token, where=where
    )


def _no_number(token: str, where: str) -> Sentence:
    return says(
        "{token}{where} is not a number in JSON; send null if there is no value.", token=token, where=where
    )


def _shown(token: str) -> str:
    """A token as part of a sentence: short and printable."""
    short = token if len(token) <= 40 else f"{token[:40]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in short)


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
        return StrictJSONError(refusal.kind, refusal.fault)
    line = text.count("\n", 0, position) + 1
    return StrictJSONError(refusal.kind, refusal.fault, line, position - text.rfind("\n", 0, position))


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
