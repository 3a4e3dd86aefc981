"""Canonical JSON: one way to write each value, whatever the database returns.

PostgreSQL orders the keys of a JSON column by length, SQLite keeps the text that was stored. Here
attributes have scheme order and metadata the order of their keys, so both engines export the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from annotations.scheme import order_attributes
from annotations.text.parsing import format_timestamp

#: Return a string as JSON; implemented in C. It escapes quotes, backslashes and control characters only.
quote_json = encode_basestring

#: The fields of a span that a comment can propose to change.
PROPOSED_FIELDS = ("label", "start", "end", "attributes")

# Spans of a corpus share a few hundred sets of attributes; attributes with free text are without number.
_MAX_CACHED = 10_000


class CanonicalAttributes(dict[str, str]):
    """A cache of the canonical JSON of attributes, by any JSON text of the same attributes."""

    def __missing__(self, text: str) -> str:
        if len(self) >= _MAX_CACHED:
            self.clear()
        found = self[text] = dump_json(order_attributes(json.loads(text)))
        return found


def dump_json(value: object) -> str:
    """Return JSON as our files have it: ``", "`` and ``": "`` as separators, other scripts unescaped."""
    return json.dumps(value, ensure_ascii=False)


def canonical_metadata(text: str) -> str:
    """Return the canonical JSON of an article's metadata."""
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True) if text != "{}" else text


def canonical_proposed_change(value: Mapping[str, Any] | None) -> str | None:
    """Return the canonical JSON of a proposed change: fields in span order, attributes in scheme order."""
    if value is None:
        return None
    fields = {name: value[name] for name in PROPOSED_FIELDS if name in value}
    if "attributes" in fields:
        fields["attributes"] = order_attributes(fields["attributes"])
    return dump_json(fields)


def string_or_null(value: str | None) -> str:
    """Return a string as JSON, or null for an empty one."""
    return quote_json(value) if value else "null"


def id_or_null(value: str | None) -> str:
    """Return an id as JSON, or null; ids need no escapes."""
    return f'"{value}"' if value else "null"


def number_or_null(value: int | None) -> str:
    """Return an integer as JSON, or null."""
    return "null" if value is None else str(value)


def json_boolean(value: object) -> str:
    """Return ``true`` or ``false``; SQLite stores 1 and 0."""
    return "true" if value else "false"


def time_or_null(value: datetime | None) -> str:
    """Return a time as JSON, or null."""
    return "null" if value is None else f'"{format_timestamp(value)}"'


def json_array(items: Iterable[str]) -> str:
    """Return a JSON array of items that are JSON already."""
    return f"[{', '.join(items)}]"
