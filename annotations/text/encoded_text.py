"""Encoded characters in a text: those of addresses, HTML, JSON and domain names, read as they mean.

Markup and the division of a word at the end of a line are read as well: they are nothing in the word.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

#: An encoding can stand in an encoding: %2520 is a space in an address that is part of another one.
_MAX_ROUNDS = 3
_LAST_CODE_POINT = 0x10FFFF
#: Of what a text without codes has nothing, in a rough text; each is seen by one character.
_FIRST_SIGNS = (b"%", b"&", b"\\", b"<", b"*", b"`", b"_", b"\xad", b"\xac")
_FIRST_HYPHEN = re.compile(rb"-(?:[ \t]*\r?\n|(?<=[xX][nN]-)-)")
#: Each kind begins with a character of its own, so that the search passes other text fast.
_CODE = re.compile(
    r"%(?:[0-7][0-9A-Fa-f]|[CDcd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}"
    r"|[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3})"
    r"|&(?:\w+;|#\d+;?|#[xX][0-9A-Fa-f]+;?)"
    r"|\\u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*"
    r"|\\(?:x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}|U000[0-9A-Fa-f]{5}|[bfnrtv\"'/])"
    r"|x(?<!\w.)[nN]--[A-Za-z0-9-]+|X(?<!\w.)[nN]--[A-Za-z0-9-]+"
    r"|</?[A-Za-z!][^<>]{0,300}>"
    r"|\*\*?\*?|__|`"
    r"|-[ \t]*\r?\n\s*|\u2010[ \t]*\r?\n\s*|\u00ad[ \t]*\r?\n\s*|\u00ac[ \t]*\r?\n\s*"
)
#: Elements that stand in a line, and within words; others divide what is around them.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|data|dfn|del|em|font|i|ins|kbd|mark|q|ruby|s|samp|small|span|strike"
    r"|strong|sub|sup|time|tt|u|var|wbr)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read; the character at ``i`` stands at ``starts[i]`` to ``ends[i]`` in the original."""

    text: str
    starts: list[int]
    ends: list[int]


def _decode_escape(code: str) -> str:
    """Return what an escape of JSON, or of a programming language, means."""
    if re.match(r"\\u[^{]", code):
        units = bytes.fromhex(code.replace("\\u", ""))
        return units.decode("utf-16-be", "replace")
    digits = code[2:].strip("{}")
    if not digits:
        return code[1] if code[1] in "\"'/" else " "
    number = int(digits, 16)
    return chr(number) if number <= _LAST_CODE_POINT else code


def _decode_domain(code: str) -> str:
    try:
        return code[4:].encode().decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return code


def _read_markup(tag: str) -> str:
    return "" if _INLINE.match(tag) else " "


def _read_nothing(_: str) -> str:
    return ""


#: What a code means, by its first character; emphasis, and hyphens at the ends of lines, mean nothing.
_DECODERS: dict[str, Callable[[str], str]] = {
    "%": lambda code: unquote(code, errors="replace"),
    "&": html.unescape,
    "\\": _decode_escape,
    "x": _decode_domain,
    "X": _decode_domain,
    "<": _read_markup,
}


def may_be_encoded(rough: bytes) -> bool:
    """Return whether a text can have codes, by its rough form; most texts have none, which is seen fast."""
    return any(map(rough.__contains__, _FIRST_SIGNS)) or _FIRST_HYPHEN.search(rough) is not None


def is_encoded(text: str) -> bool:
    """Return whether a text has characters in a code that ``decode_text`` reads."""
    return _CODE.search(text) is not None


def decode_plain(text: str) -> str:
    """Return a text with all its codes read."""
    for _ in range(_MAX_ROUNDS):
        decoded = _CODE.sub(_decode_match, text)
        if decoded == text:
            break
        text = decoded
    return text


def _decode_match(match: re.Match[str]) -> str:
    return _DECODERS.get(match[0][0], _read_nothing)(match[0])


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
        chars = _decode_match(match)
        pieces += text[at:start], chars
        # Each character of a code stands for the whole of it.
        new_starts += [*starts[at:start], *[starts[start]] * len(chars)]
        new_ends += [*ends[at:start], *[ends[end - 1]] * len(chars)]
        at = end
    return Reading("".join([*pieces, text[at:]]), [*new_starts, *starts[at:]], [*new_ends, *ends[at:]])
