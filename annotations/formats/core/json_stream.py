"""A reader of large JSON files, one element at a time: the objects of an array, or several values.

Other tools write a whole project as one array; memory holds only the element that is being read. The
strict parser reads each: it refuses duplicate keys, and numbers that other parsers cannot read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from annotations.formats.core.interfaces import Readable
from annotations.text.strictjson import StrictJSONError, load_first

MAX_ELEMENT = 32 * 1024 * 1024
"""The longest element, in characters."""

_CHUNK = 256 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")


class JsonElement(NamedTuple):
    """An element, counted from 1; or the code and sentence of the fault that ends the file."""

    number: int
    value: Any
    code: str = ""
    message: str = ""


class _UnreadableError(Exception):
    """A fault behind which the file cannot be read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_elements(stream: Readable, arrays: Collection[str] = ()) -> Iterator[JsonElement]:
    """Yield the elements of the file's array; or of arrays under these keys of its one object.

    An object without such an array is an element itself, and so is each of several values.
    """
    reader = _Reader(stream, frozenset(arrays))
    number = 0
    try:
        for value in reader.values():
            number += 1
            yield JsonElement(number, value)
    except _UnreadableError as ended:
        yield JsonElement(number + 1, None, ended.code, ended.message)


class _Reader:
    """A window over the text of the file."""

    def __init__(self, stream: Readable, arrays: frozenset[str]) -> None:
        self._stream = stream
        self._arrays = arrays
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._is_at_end = False

    def values(self) -> Iterator[Any]:
        """Yield all elements of the file."""
        started = False
        while (char := self._peek()) or not started:
            if not started and char == "\ufeff":
                self._at += 1
                char = self._peek()
            started = True
            if char == "[":
                yield from self._read_array()
            elif char == "{" and self._arrays:
                yield from self._read_object()
            elif char:
                yield self._read_value()
            if self._peek() == ",":
                raise _UnreadableError("syntax", "There is a comma after the end of the JSON; take it out.")

    def _read_array(self) -> Iterator[Any]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._read_value()
            if self._expect(",", "]") == "]":
                return

    def _read_object(self) -> Iterator[Any]:
        """Yield the elements of the arrays that are asked for; without one, the object itself."""
        self._at += 1
        rest: dict[str, Any] = {}
        met = False
        closed = self._peek() == "}"
        if closed:
            self._at += 1
        while not closed:
            key = self._read_value()
            if type(key) is not str:
                raise _UnreadableError("syntax", "This is not JSON: a key has to be a string; mend it.")
            if key in rest:
                raise _UnreadableError(
                    "duplicate-key", "A key stands twice in the outermost object; send it once."
                )
            self._expect(":")
            if key in self._arrays and self._peek() == "[":
                met = True
                rest[key] = None
                yield from self._read_array()
            elif key in self._arrays and self._peek() == "{":
                met = True
                rest[key] = None
                yield from self._read_object()
            else:
                rest[key] = self._read_value()
            closed = self._expect(",", "}") == "}"
        if not met:
            yield rest

    def _expect(self, *signs: str) -> str:
        char = self._peek()
        if char not in signs or not char:
            what = f"“{char}”" if char and char.isprintable() else "the end" if not char else "something else"
            wanted = " or ".join(f"“{sign}”" for sign in signs)
            raise _UnreadableError(
                "syntax", f"This is not JSON: there is {what} where {wanted} should be; mend it."
            )
        self._at += 1
        return char

    def _peek(self) -> str:
        """Return the next character that is not blank, without consuming it; "" at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more(_CHUNK):
                return ""

    def _read_value(self) -> Any:
        """Return the value at the next character, however many chunks of the file it takes."""
        self._peek()
        # doubled each time, so that a long value is parsed in linear time
        size = _CHUNK
        while True:
            try:
                value, end = load_first(self._text, self._at)
            except StrictJSONError as error:
                if error.kind != "syntax" or not self._read_more(size):
                    raise _UnreadableError(error.kind, error.detail) from None
            else:
                # what ends with the window may go on behind it: 1.2 may be the beginning of 1.23
                if end < len(self._text) or self._text[end - 1] in '}]"' or not self._read_more(size):
                    self._at = end
                    return value
            if len(self._text) > MAX_ELEMENT:
                detail = f"An element has more than {MAX_ELEMENT:,} characters, or it is not JSON."
                raise _UnreadableError("too-large", detail)
            size *= 2

    def _read_more(self, size: int) -> bool:
        """Read a chunk, and drop the text before the position; return whether there may be more."""
        if self._is_at_end:
            return False
        raw = self._stream.read(size)
        self._is_at_end = not raw
        try:
            text = self._decoder.decode(raw, final=self._is_at_end)
        except UnicodeDecodeError:
            raise _UnreadableError("encoding", "The file is not UTF-8; save it as UTF-8.") from None
        self._text = self._text[self._at :] + text
        self._at = 0
        return bool(text) or not self._is_at_end
