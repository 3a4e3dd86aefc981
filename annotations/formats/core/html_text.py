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
_SKIPPED = frozenset(
    ("script", "style", "template", "iframe", "object", "svg", "noscript", "head", "audio", "video")
)
_VOID = frozenset(("br", "hr", "img", "input", "embed", "source", "track", "wbr", "col", "meta", "link"))
_SPACE = re.compile(r"[ \t\n\r\f]+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_MAX_OPEN = 100_000


class _TextExtractor(HTMLParser):
    """A parser that collects the lines of paragraphs."""

    def __init__(self, *, breaks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._breaks = breaks
        self._paragraphs: list[str] = []
        self._parts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Begin a paragraph at a block."""
        if tag in _SKIPPED:
            if len(self._skipped) < _MAX_OPEN:
                self._skipped.append(tag)
        elif tag == "br":
            self._parts.append("\n")
        elif tag in _BLOCKS:
            self._end_paragraph()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat ``<br/>`` as ``<br>``; other empty elements have no text to skip."""
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph at a block."""
        if self._skipped:
            if self._skipped[-1] == tag:
                self._skipped.pop()
        elif tag in _BLOCKS:
            self._end_paragraph()

    def handle_data(self, data: str) -> None:
        """Add text to the paragraph."""
        if self._skipped:
            return
        if not self._breaks:
            self._parts.append(_SPACE.sub(" ", data))
            return
        first, *rest = _PARAGRAPH.split(data)
        self._parts.append(_collapse_spaces(first))
        for part in rest:
            self._end_paragraph()
            self._parts.append(_collapse_spaces(part))

    def _end_paragraph(self) -> None:
        lines = (_SPACE.sub(" ", line).strip(" ") for line in "".join(self._parts).split("\n"))
        paragraph = "\n".join(lines).strip("\n")
        if paragraph:
            self._paragraphs.append(paragraph)
        self._parts.clear()

    def text(self) -> str:
        """Return the paragraphs, with an empty line between them."""
        self.close()
        self._end_paragraph()
        return "\n\n".join(self._paragraphs)


def _collapse_spaces(data: str) -> str:
    return "\n".join(_SPACE.sub(" ", line) for line in data.split("\n"))


def html_to_text(html: str, *, breaks: bool = False) -> str:
    """Return the text of HTML. ``breaks`` keeps line ends, as WordPress shows them."""
    reader = _TextExtractor(breaks=breaks)
    reader.feed(html)
    return reader.text()
