"""The reader of WordPress's export file (WXR), as a source of articles.

The file is XML from an unknown source, which ``safe_xml`` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from annotations.formats.core.foreign_document import ForeignDocument, rejected_record
from annotations.formats.core.foreign_rights import set_right
from annotations.formats.core.foreign_values import Reading, reading
from annotations.formats.core.html_text import html_to_text
from annotations.formats.core.interfaces import Example, Format, ParsedRecord, Readable
from annotations.formats.core.safe_xml import UnreadableXmlError, XmlReader
from annotations.formats.core.term_mapping import TermMapping
from annotations.text.gate import MAX_TEXT, excerpt
from annotations.text.parsing import format_timestamp

_CONTENT = "http://purl.org/rss/1.0/modules/content/ encoded"
_CREATOR = "http://purl.org/dc/elements/1.1/ creator"
_RIGHTS = "http://purl.org/dc/elements/1.1/ rights"
_MAX_VALUE = 8 * MAX_TEXT
_MOST_FIELDS = 10_000
_SHORTCODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]*)((?:\s+[a-z_-]+=[^\[\]]*)?)/?\]")
_KNOWN_CODES = frozenset(("audio", "caption", "embed", "gallery", "playlist", "video"))
_TYPES = ("post", "page")
#: The time of a draft, which Python reads as one of the year 2000.
_NEVER = re.compile(r" -?000[01] ")


class _ItemParser(XmlReader):
    """A parser of the items of a channel: the texts of their elements, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[int, dict[str, list[str]]]] = []
        self._item: dict[str, list[str]] | None = None
        self._parts: list[str] = []
        self._size = 0
        self._fields = 0
        self._line = 0

    def start_element(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an item, or an element of it."""
        if name == "item" and self.path == ["rss", "channel", "item"]:
            self._item, self._fields = {}, 0
            self._line = self.line
        self._parts, self._size = [], 0
        if self._item is not None and name == "category" and len(self.path) == 4:
            self.path[-1] = f"category {attributes.get('domain', '')}"

    def add_text(self, data: str) -> None:
        """Add text to an element."""
        if self._item is None:
            return
        self._size += len(data)
        if self._size > _MAX_VALUE:
            raise UnreadableXmlError(f"An element has more than {_MAX_VALUE:,} characters.")
        self._parts.append(data)

    def end_element(self, name: str) -> None:
        """End an item, or an element of it."""
        if self._item is None:
            return
        if name == "item" and len(self.path) == 2:
            self.done.append((self._line, self._item))
            self._item = None
        elif len(self.path) == 3 and self._fields < _MOST_FIELDS:
            self._fields += 1
            self._item.setdefault(name, []).append("".join(self._parts))
        self._parts, self._size = [], 0


def read_wordpress(
    stream: Readable, *, names: TermMapping | None = None, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each post and page; other kinds of items are counted."""
    items = _ItemParser()
    how = reading(names, controls=controls)
    others: list[str] = []
    number = 0
    try:
        is_last = False
        while not is_last:
            is_last = items.feed_from(stream)
            for at, item in items.done:
                kind = _wordpress_value(item, "post_type") or "post"
                if kind not in _TYPES:
                    others.append(_wordpress_value(item, "post_id"))
                    continue
                number += 1
                line = _parse_item(at, item, how)
                yield line._replace(losses=[*line.losses, ("items", others)]) if others else line
                others = []
            items.done.clear()
    except UnreadableXmlError as stopped:
        yield rejected_record(number + 1, "syntax", stopped.detail)
        return
    if not number:
        yield rejected_record(1, "required", "There is no post in the file.")


def _wordpress_value(item: dict[str, list[str]], name: str) -> str:
    """Return an element of WordPress's name space, whatever its version."""
    found = (values for key, values in item.items() if key.endswith(f" {name}") and "wordpress" in key)
    return next(found, [""])[0].strip()


def _parse_item(number: int, item: dict[str, list[str]], how: Reading) -> ParsedRecord:
    def first(name: str) -> str:
        return item.get(name, [""])[0].strip()

    id = _wordpress_value(item, "post_id") or first("guid")
    html = item.get(_CONTENT, [""])[0]
    plain = _without_shortcodes(html)
    text = html_to_text(plain, breaks="<!-- wp:" not in html)
    if not text:
        return rejected_record(number, "required", "The post has no text.", "", excerpt(id, 255))
    draft = ForeignDocument(number, how, text=text, where=id)
    if plain != html:
        draft.record_loss("shortcodes")
    draft.set_fields(
        {
            "external_id": id,
            "title": " ".join(first("title").split()),
            "author": first(_CREATOR),
            "url": first("link"),
            "published_at": _publication_time(_wordpress_value(item, "post_date_gmt"), first("pubDate")),
        }
    )
    set_right(draft.values, "notice", first(_RIGHTS))
    kept = {
        "status": _wordpress_value(item, "status"),
        "type": _wordpress_value(item, "post_type"),
        "slug": _wordpress_value(item, "post_name"),
    }
    for name, key in (("categories", "category category"), ("tags", "category post_tag")):
        kept[name] = ", ".join(item.get(key, []))
    draft.set_fields({key: value for key, value in kept.items() if value}, known=False)
    if any(key.endswith(" comment") for key in item):
        draft.record_loss("comments")
    if any(key.endswith(" postmeta") for key in item):
        draft.record_loss("fields of plugins")
    return draft.build_record()


def _without_shortcodes(html: str) -> str:
    """Return HTML without shortcodes; brackets that may be text, such as [sic], stay."""
    closed = {name for sign, name, _ in _SHORTCODE.findall(html) if sign} | _KNOWN_CODES

    def kept(found: re.Match[str]) -> str:
        sign, name, attributes = found.groups()
        return "" if sign or attributes or name in closed else found[0]

    return _SHORTCODE.sub(kept, html)


def _publication_time(gmt: str, published: str) -> str:
    """Return the time of publication, as it stands in the file where it is none."""
    if gmt and not gmt.startswith("0000"):
        return gmt
    if _NEVER.search(published):
        return ""
    try:
        found = parsedate_to_datetime(published)
    except (ValueError, TypeError, IndexError, OverflowError):
        return published
    if found.tzinfo is None:
        return published
    return format_timestamp(found)


FORMAT = Format(
    name="wordpress",
    title="WordPress: the export file (WXR) of posts and pages",
    media_type="application/xml",
    extension="xml",
    reader=read_wordpress,
    reader_options=frozenset({"names", "controls"}),
    notes=(
        (
            "The external id is the number of the post. HTML becomes paragraphs with an"
            " empty line between them;"
            " shortcodes go and are counted, as are comments, attachments and fields of"
            " plugins. The status, the"
            " categories and the tags are metadata; `dc:rights` is the notice of the rights."
        ),
        "A file that declares a document type is refused, and nothing is loaded from elsewhere.",
    ),
    example=Example(
        {
            "export.xml": '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>The lock</title>'
            "<content:encoded><![CDATA[<p>Ardenia opposes the lock.</p>]]></content:encoded>"
            "<wp:post_id>1</wp:post_id><wp:post_type>post</wp:post_type></item></channel></rss>"
        }
    ),
)
