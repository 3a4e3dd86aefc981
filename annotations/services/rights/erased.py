"""Emptying: what takes the place of erased words, in texts, quotes, JSON and events.

A text is replaced by as many blocks as it had code points. So every offset still lies inside its text and
every quote is that of its place: what holds for all texts holds for erased ones, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from annotations.scheme import ATTRIBUTES

ERASED_CHARACTER = "█"
#: What stands where a sentence is needed.
ERASED_WORD = "█"

#: Strings of a payload that are words of ours, or the names of people who worked.
_PLAIN_KEYS = frozenset(
    {
        "state", "owner", "reviewer", "label", "type", "kind", "choice", "status", "decision", "code",
        "lift_asked_by", "round", "settled_by", "username",
    }
)  # fmt: skip
_HARMLESS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64}|\d{4}-\d\d-\d\d(?:T[0-9:.]+Z)?"
)


def blot(text: str) -> str:
    """Return as many blocks as a text has code points."""
    return ERASED_CHARACTER * len(text)


def strip_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a span without those that are free text."""
    return {
        name: value
        for name, value in attributes.items()
        if name in ATTRIBUTES and ATTRIBUTES[name].kind != "text"
    }


def strip_payload(value: object, key: str = "") -> Any:
    """Return JSON without any words: ids, numbers, times, digests and names of states are left.

    Quotes keep their length, because their offsets are left.
    """
    if isinstance(value, dict):
        inner = strip_attributes(value) if key == "attributes" else value
        kept = {name: strip_payload(item, name) for name, item in inner.items()}
        return {name: item for name, item in kept.items() if item is not None or inner[name] is None}
    if isinstance(value, list):
        return [strip_payload(item, key) for item in value]
    if not isinstance(value, str) or key in _PLAIN_KEYS or _HARMLESS.fullmatch(value):
        return value
    if key == "quote":
        return blot(value)
    return value if key in ATTRIBUTES else None
