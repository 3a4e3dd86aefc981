"""The conversion of HTML to text, for articles from content management systems.

Blocks become paragraphs with an empty line between them, and line breaks stay. Elements without readable
text (scripts, styles, media) are left out.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
     "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul")
)  # fmt: skip
_UNREAD = frozenset(
    ("script", "style", "template", "iframe", "object", "svg", "noscript", "head", "audio", "video")
)
_VOID = frozenset(("br", "hr", "img", "input", "embed", "source", "track", "wbr", "col", "meta", "link"))
_SPACE = re.compile(r"[ \t\n\r\f]+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_MOST_OPEN = 100_000


class _Reader(HTMLParser):
    """A parser that collects the lines of paragraphs."""

    def __init__(self, *, breaks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._breaks = breaks
        self._paragraphs: list[str] = []
        self._parts: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Begin a paragraph at a block."""
        if tag in _UNREAD:
            if len(self._unread) < _MOST_OPEN:
                self._unread.append(tag)
        elif tag == "br":
            self._parts.append("\n")
        elif tag in _BLOCKS:
            self._end()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat ``<br/>`` as ``<br>``; other empty elements have no text to skip."""
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph at a block."""
        if self._unread:
            if self._unread[-1] == tag:
                self._unread.pop()
        elif tag in _BLOCKS:
            self._end()

    def handle_data(self, data: str) -> None:
        """Add text to the paragraph."""
        if self._unread:
            return
        if not self._breaks:
            self._parts.append(_SPACE.sub(" ", data))
            return
        first, *rest = _PARAGRAPH.split(data)
        self._parts.append(_lines(first))
        for part in rest:
            self._end()
            self._parts.append(_lines(part))

    def _end(self) -> None:
        lines = (_SPACE.sub(" ", line).strip(" ") for line in "".join(self._parts).split("\n"))
        paragraph = "\n".join(lines).strip("\n")
        if paragraph:
            self._paragraphs.append(paragraph)
        self._parts.clear()

    def text(self) -> str:
        """Return the paragraphs, with an empty line between them."""
        self.close()
        self._end()
        return "\n\n".join(self._paragraphs)


def _lines(data: str) -> str:
    return "\n".join(_SPACE.sub(" ", line) for line in data.split("\n"))


def text_of(html: str, *, breaks: bool = False) -> str:
    """Return the text of HTML. ``breaks`` keeps line ends, as WordPress shows them."""
    reader = _Reader(breaks=breaks)
    reader.feed(html)
    return reader.text()
