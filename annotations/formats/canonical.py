"""JSON as it stands in files: one way to write each value, whatever the database made of it.

PostgreSQL orders the keys of a JSON column by length, SQLite keeps the text that was stored. Here
attributes come in scheme order and metadata by key, so that both engines export the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from annotations.scheme import ordered
from annotations.text.values import shown_time

#: A string as JSON, in C; other characters than quotes, backslashes and controls stay as they are.
quoted = encode_basestring

#: What a comment can suggest to change of its span.
SUGGESTED = ("label", "start", "end", "attributes")

# Spans of a corpus share a few hundred sets of attributes; free texts must not fill the memory.
_MOST_KNOWN = 10_000


class Attributes(dict[str, str]):
    """The canonical text of attributes, looked up by any text of the same."""

    def __missing__(self, text: str) -> str:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        found = self[text] = dumps(ordered(json.loads(text)))
        return found


def dumps(value: object) -> str:
    """JSON in the form of our files: ``", "`` and ``": "`` between things, no escapes for other scripts."""
    return json.dumps(value, ensure_ascii=False)


def metadata(text: str) -> str:
    """The canonical text of an article's metadata."""
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True) if text != "{}" else text


def suggestion(value: Mapping[str, Any] | None) -> str | None:
    """The canonical text of a suggested change: its fields in the order of a span, then of the scheme."""
    if value is None:
        return None
    fields = {name: value[name] for name in SUGGESTED if name in value}
    if "attributes" in fields:
        fields["attributes"] = ordered(fields["attributes"])
    return dumps(fields)


def text_or_null(value: str | None) -> str:
    """A string, or null where there is nothing."""
    return quoted(value) if value else "null"


def id_or_null(value: str | None) -> str:
    """An id, which needs no escapes."""
    return f'"{value}"' if value else "null"


def number_or_null(value: int | None) -> str:
    """An integer, or null."""
    return "null" if value is None else str(value)


def boolean(value: object) -> str:
    """``true`` or ``false``; SQLite has 1 and 0."""
    return "true" if value else "false"


def time_or_null(value: datetime | None) -> str:
    """A time, or null."""
    return "null" if value is None else f'"{shown_time(value)}"'


def array(items: Iterable[str]) -> str:
    """A list of what is JSON already."""
    return f"[{', '.join(items)}]"
