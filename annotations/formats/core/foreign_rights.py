"""The rights in an article as other tools write them: as text, and in words of news agencies.

Values are not guessed: what cannot be read goes as it is to the parser, which refuses it at its place.
"""

from __future__ import annotations

import re
from typing import Any

from annotations.exceptions import FieldError
from annotations.formats.core.foreign_values import normalize_offset
from annotations.formats.core.interfaces import ParsedRecord
from annotations.formats.core.records import Article, ArticleRights

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SHARE = re.compile(r"[0-9]+(?:\.[0-9]+)?")
#: The time as agencies and spreadsheets write it, with its offset.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?(Z|[+-]\d\d(?::?\d\d)?)", re.ASCII
)

#: The statuses of an item at an agency, with the reason why it is taken down.
PUBLICATION_STATUSES = {
    "usable": "",
    "withheld": "The agency withholds this item (pubstatus withheld).",
    "canceled": "The agency has cancelled this item (pubstatus canceled).",
    "cancelled": "The agency has cancelled this item (pubstatus canceled).",
}


def set_right(values: dict[str, Any], name: str, value: object) -> None:
    """Set one of the rights of a line, from a text or a value of JSON; an empty one is not sent."""
    if value is None or value == "":
        return
    if type(value) is str:
        value = _CONVERSIONS.get(name, str.strip)(value)
    values.setdefault("rights", {})[name] = value


def _convert_share(text: str) -> object:
    return float(text) if _SHARE.fullmatch(text.strip()) else text


def _convert_truth(text: str) -> object:
    return _TRUTH.get(text.strip().casefold(), text)


def _convert_time(text: str) -> object:
    """Return a time by RFC 3339; one without an offset stays, and is refused: it could be any hour."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return text
    date, time, seconds, offset = found.groups()
    return f"{date}T{time}{seconds or ':00'}{normalize_offset(offset)}"


_CONVERSIONS = {
    "max_quote_share": _convert_share,
    "may_send_out": _convert_truth,
    "may_export_text": lambda text: text.strip().casefold(),
    "embargo_until": _convert_time,
}


def with_status(line: ParsedRecord, status: object) -> ParsedRecord:
    """Return a line with what its status at the agency means; an unknown status is an error."""
    if status is None or status == "":
        return line
    reason = PUBLICATION_STATUSES.get(status.strip().casefold()) if type(status) is str else None
    if reason is None:
        detail = f"The status of the item has to be one of {', '.join(list(PUBLICATION_STATUSES)[:3])}."
        error = FieldError(code="choice", detail=detail, pointer="/pubstatus")
        return line._replace(record=None, errors=[*line.errors, error])
    if not reason or not isinstance(line.record, Article):
        return line
    rights = (line.record.rights or ArticleRights())._replace(taken_down_reason=reason)
    return line._replace(record=line.record._replace(rights=rights))
