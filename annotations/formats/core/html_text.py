"""The conversion of HTML to text, for articles from content management systems.

Blocks become paragraphs with an empty line between them, and line breaks stay. Elements without readable
text (scripts, styles, media) are left out.
"""

from __future__ import annotations

import html as entities
import re

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
_PARAGRAPH = re.compile(r"\n[ \t]*+\n\s*+")
_LINE_END = re.compile(r"[ \t]*+(?:\r\n?|\n)")
_MAX_OPEN = 100_000

_NAME = re.compile(r"</?([A-Za-z][^\t\n\r\f />]*+)")
#: A tag whose quotation marks are closed.
_TAG = re.compile(r"""</?[A-Za-z](?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
#: Elements whose content is no HTML.
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
# Python refuses to read such a number, and there is no such character.
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9A-Fa-f]{8,});?")


class _TextExtractor:
    """A reader of HTML in one pass, which collects the lines of paragraphs.

    Each character is looked at a fixed number of times, whatever is not closed.
    """

    def __init__(self, *, breaks: bool) -> None:
        self._breaks = breaks
        self._paragraphs: list[str] = []
        self._parts: list[str] = []
        self._skipped: list[str] = []
        self._is_after_break = False

    def feed(self, html: str) -> None:
        """Read a whole text."""
        at, end = 0, 0
        closed = True  # false once a quotation mark was not closed: then a tag ends at the next >
        while (start := html.find("<", at)) >= 0:
            if html.startswith("<!--", start):
                found_end = html.find("-->", start + 4)
                end = found_end + 3 if found_end >= 0 else start
            elif html.startswith(("<!", "<?"), start):
                end = html.find(">", start) + 1
            elif name := _NAME.match(html, start):
                found = _TAG.match(html, start) if closed else None
                closed = found is not None
                end = found.end() if found else html.find(">", start) + 1
                if end > start:
                    self._handle_data(html[at:start])
                    at = self._handle_tag(html, start, end, name[1].lower())
                    continue
            else:  # a sign, such as in a < b
                self._handle_data(html[at : start + 1])
                at = start + 1
                continue
            if end <= start:
                break  # nothing closes it, so that the rest is text
            self._handle_data(html[at:start])
            at = end
        self._handle_data(html[at:])

    def _handle_tag(self, html: str, start: int, end: int, tag: str) -> int:
        """Handle a tag; return where the text goes on."""
        if html.startswith("</", start):
            self._end_tag(tag)
        elif html[end - 2] != "/" or tag in _VOID:  # other empty elements have no text to skip
            self._start_tag(tag)
            if tag in _RAW and (found := _RAW[tag].search(html, end)):
                return found.start()
        return end

    def _start_tag(self, tag: str) -> None:
        if tag in _SKIPPED:
            if len(self._skipped) < _MAX_OPEN:
                self._skipped.append(tag)
        elif tag == "br":
            self._parts.append("\n")
            self._is_after_break = True
        elif tag in _BLOCKS:
            self._end_paragraph()

    def _end_tag(self, tag: str) -> None:
        if self._skipped:
            if self._skipped[-1] == tag:
                self._skipped.pop()
        elif tag in _BLOCKS:
            self._end_paragraph()

    def _handle_data(self, data: str) -> None:
        """Add text to the paragraph."""
        if self._skipped or not data:
            return
        data = entities.unescape(_NO_CHARACTER.sub("\ufffd", data))
        if self._is_after_break:
            # <br> and the end of its line in the source are one line end
            self._is_after_break = False
            found = _LINE_END.match(data)
            data = data[found.end() :] if found else data
        if not self._breaks:
            self._parts.append(_SPACE.sub(" ", data))
            return
        first, *rest = _PARAGRAPH.split(data)
        self._parts.append(_collapse_spaces(first))
        for part in rest:
            self._end_paragraph()
            self._parts.append(_collapse_spaces(part))

    def _end_paragraph(self) -> None:
        self._is_after_break = False
        lines = (_SPACE.sub(" ", line).strip(" ") for line in "".join(self._parts).split("\n"))
        paragraph = "\n".join(lines).strip("\n")
        if paragraph:
            self._paragraphs.append(paragraph)
        self._parts.clear()

    def text(self) -> str:
        """Return the paragraphs, with an empty line between them."""
        self._end_paragraph()
        return "\n\n".join(self._paragraphs)


def _collapse_spaces(data: str) -> str:
    return "\n".join(_SPACE.sub(" ", line) for line in data.split("\n"))


def html_to_text(html: str, *, breaks: bool = False) -> str:
    """Return the text of HTML. ``breaks`` keeps line ends, as WordPress shows them."""
    reader = _TextExtractor(breaks=breaks)
    reader.feed(html)
    return reader.text()
