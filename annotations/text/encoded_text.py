"""Encoded characters in a text: those of addresses, HTML, JSON and domain names, read as they mean."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

#: An encoding can stand in an encoding: %2520 is a space in an address that is part of another one.
_MAX_ROUNDS = 3
_IS_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|&[#\w]+;|\\u[0-9A-Fa-f]{4}|xn--", re.IGNORECASE)
_CODE = re.compile(
    r"(?P<address>(?:%[0-7][0-9A-F])|%[CD][0-9A-F]%[89AB][0-9A-F]|%E[0-9A-F](?:%[89AB][0-9A-F]){2}"
    r"|%F[0-7](?:%[89AB][0-9A-F]){3})"
    r"|(?P<html>&(?:\w+|\#\d+|\#x[0-9A-F]+);)"
    r"|(?P<json>(?:\\u[0-9A-F]{4})+)"
    r"|(?P<domain>\bxn--[a-z0-9-]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read; the character at ``i`` stands at ``starts[i]`` to ``ends[i]`` in the original."""

    text: str
    starts: list[int]
    ends: list[int]


def _decode_json(code: str) -> str:
    units = bytes.fromhex(code.lower().replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def _decode_domain(code: str) -> str:
    try:
        return code[4:].encode().decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return code


_DECODERS: dict[str, Callable[[str], str]] = {
    "address": lambda code: unquote(code, errors="replace"),
    "html": html.unescape,
    "json": _decode_json,
    "domain": _decode_domain,
}


def is_encoded(text: str) -> bool:
    """Return whether a text has characters in a code that ``decode_text`` reads."""
    # most texts have none of these, which is much faster to see
    if not ("%" in text or "&" in text or "\\u" in text or "xn--" in text or "XN--" in text):
        return False
    return _IS_ENCODED.search(text) is not None


def decode_text(text: str) -> Reading:
    """Return a text with all its codes read, and where its characters stand in the original."""
    places = range(len(text))
    reading = Reading(text, list(places), [place + 1 for place in places])
    for _ in range(_MAX_ROUNDS):
        decoded = _decode_once(reading)
        if decoded.text == reading.text:
            break
        reading = decoded
    return reading


def _decode_once(reading: Reading) -> Reading:
    text, starts, ends = reading.text, reading.starts, reading.ends
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    at = 0
    for match in _CODE.finditer(text):
        start, end = match.span()
        chars = _DECODERS[match.lastgroup or ""](match[0])
        pieces += text[at:start], chars
        # Each character of a code stands for the whole of it.
        new_starts += [*starts[at:start], *[starts[start]] * len(chars)]
        new_ends += [*ends[at:start], *[ends[end - 1]] * len(chars)]
        at = end
    return Reading("".join([*pieces, text[at:]]), [*new_starts, *starts[at:]], [*new_ends, *ends[at:]])
