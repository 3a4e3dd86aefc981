"""A parser of XML from unknown sources: in chunks, with nothing loaded from elsewhere.

A document type, which could declare entities, is refused, and so are files of other formats by their names.
"""

from __future__ import annotations

from xml.parsers import expat

from annotations.formats.core import file_kinds
from annotations.formats.core.interfaces import Readable

CHUNK = 256 * 1024
MOST_DEPTH = 64


class UnreadableXmlError(Exception):
    """A fault behind which the file cannot be read."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class XmlReader:
    """The base of readers of XML: they see elements and texts, by names with their name space before them."""

    def __init__(self) -> None:
        self.path: list[str] = []
        parser = self.parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.add_text
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def start_element(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the beginning of an element, whose name ends the path."""

    def end_element(self, name: str) -> None:
        """Handle the end of an element, whose name is no longer in the path."""

    def add_text(self, data: str) -> None:
        """Handle text."""

    @property
    def line(self) -> int:
        """Return the number of the line that is being read."""
        return self.parser.CurrentLineNumber

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Parse a chunk."""
        try:
            self.parser.Parse(chunk, last)
        except expat.ExpatError as error:
            detail = (
                f"This is not XML: {expat.ErrorString(error.code)} at line {error.lineno}; export it again."
            )
            raise UnreadableXmlError(detail) from None
        except (LookupError, ValueError):  # an unknown encoding, or bytes outside of it
            raise UnreadableXmlError(
                "This is not XML in an encoding that can be read; save it as UTF-8."
            ) from None

    def feed_from(self, stream: Readable) -> bool:
        """Parse the next chunk of a stream; return whether it was the last one."""
        chunk = stream.read(CHUNK)
        self.feed(chunk, last=not chunk)
        return not chunk

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) == 1 and (sentence := file_kinds.describe_root(name)):
            raise UnreadableXmlError(sentence)
        if len(self.path) > MOST_DEPTH:
            raise UnreadableXmlError(f"The XML is nested more than {MOST_DEPTH} elements deep.")
        self.start_element(name, attributes)

    def _end(self, _: str) -> None:
        self.end_element(self.path.pop())

    def _refuse_doctype(self, *_: object) -> None:
        raise UnreadableXmlError(
            "The file declares a document type, which could name other files and entities; take it out."
        )
