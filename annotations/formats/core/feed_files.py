"""Feeds as files: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from annotations.formats.core.graph_files import drop_non_xml, escape_xml
from annotations.text.parsing import format_timestamp

_ATOM = "http://www.w3.org/2005/Atom"
_JSON_FEED = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuote:
    """The words of one mark in an entry, and what is known about them."""

    words: str
    speakers: tuple[str, ...] = ()
    proposition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An entry. ``id`` never changes; ``author`` is whoever wrote the article."""

    id: str
    title: str
    url: str
    updated: datetime
    published: datetime | None = None
    author: str = ""
    source: str = ""
    language: str = ""
    quotes: tuple[FeedQuote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its entries, the newest first. It does not name its own address, which is a secret."""

    id: str
    title: str
    author: str
    home_url: str
    updated: datetime
    entries: tuple[FeedEntry, ...] = ()


def write_atom(feed: Feed) -> bytes:
    """Return a feed as an Atom document."""
    return "\n".join(_atom_lines(feed)).encode() + b"\n"


def write_json_feed(feed: Feed) -> bytes:
    """Return a feed as a JSON Feed."""
    document = {
        "version": _JSON_FEED,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "authors": [{"name": feed.author}],
        "items": [_json_item(entry) for entry in feed.entries],
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _atom_lines(feed: Feed) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<feed xmlns="{_ATOM}">'
    yield _element("id", feed.id)
    yield _element("title", feed.title)
    yield _element("updated", format_timestamp(feed.updated))
    yield f"<author>{_element('name', feed.author)}</author>"
    yield f'<link rel="alternate" type="text/html" href={_attribute(feed.home_url)}/>'
    for entry in feed.entries:
        yield "<entry>"
        yield from _atom_entry(entry)
        yield "</entry>"
    yield "</feed>"


def _atom_entry(entry: FeedEntry) -> Iterator[str]:
    yield _element("id", entry.id)
    yield _element("title", entry.title)
    yield _element("updated", format_timestamp(entry.updated))
    if entry.published is not None:
        yield _element("published", format_timestamp(entry.published))
    if entry.author:
        yield f"<author>{_element('name', entry.author)}</author>"
    if entry.url:
        yield f'<link rel="alternate" type="text/html" href={_attribute(entry.url)}/>'
    language = f" xml:lang={_attribute(entry.language)}" if entry.language else ""
    yield f'<content type="html"{language}>{escape_xml(_as_html(entry))}</content>'


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape_xml(text)}</{name}>"


def _attribute(text: str) -> str:
    return quoteattr(drop_non_xml(text), {"\r": "&#13;"})


def _json_item(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "content_html": _as_html(entry),
        "content_text": _as_text(entry),
        "date_modified": format_timestamp(entry.updated),
    }
    if entry.url:
        item["url"] = entry.url
    if entry.published is not None:
        item["date_published"] = format_timestamp(entry.published)
    if entry.author:
        item["authors"] = [{"name": entry.author}]
    if entry.language:
        item["language"] = entry.language
    return item


def _as_html(entry: FeedEntry) -> str:
    language = f' lang="{html.escape(entry.language)}"' if entry.language else ""
    parts = []
    for quote in entry.quotes:
        parts.append(f'<blockquote dir="auto"{language}>{html.escape(quote.words)}</blockquote>')
        if about := _about(quote):
            parts.append(f"<p>{html.escape(about)}</p>")
    if entry.source:
        parts.append(f"<p>{html.escape(entry.source)}</p>")
    return "".join(parts) or f"<p>{html.escape(entry.title)}</p>"


def _as_text(entry: FeedEntry) -> str:
    lines = []
    for quote in entry.quotes:
        lines.append(f"“{quote.words}”")
        if about := _about(quote):
            lines.append(about)
    return "\n".join([*lines, entry.source] if entry.source else lines) or entry.title


def _about(quote: FeedQuote) -> str:
    return " · ".join(part for part in (", ".join(quote.speakers), quote.proposition) if part)


#: The documents that a feed can be, by the word of the parameter ``format``: media type and writer.
FEED_FILES: Mapping[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml", write_atom),
    "json": ("application/feed+json", write_json_feed),
}
