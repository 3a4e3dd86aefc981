"""The kinds of parameters by which statements are chosen: how a text becomes a value, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from annotations.exceptions import TextNotAllowedError
from annotations.messages import join_list, message, term
from annotations.scheme.statements import span_of_date
from annotations.text.gate import check_prose
from annotations.text.parsing import format_timestamp, parse_integer, parse_timestamp, parse_uuid

_ADDRESS = term("field", "address")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True, kw_only=True)
class StatementParameter:
    """One parameter: ``parse`` turns its text into a value or raises ``ValueError``.

    ``default`` is the value where it is not sent; ``schema`` and its ``enum_name`` are for the OpenAPI
    document.
    """

    description: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    default: Any = None
    enum_name: str = ""


def text(description: str, max_length: int) -> StatementParameter:
    """Return a parameter for any text of at most ``max_length`` code points."""
    schema = {"type": "string", "maxLength": max_length}
    return StatementParameter(
        description=description, parse=partial(_parse_text, max_length=max_length), schema=schema
    )


def identifier(description: str) -> StatementParameter:
    """Return a parameter for the id of an entry."""
    schema = {"type": "string", "format": "uuid"}
    return StatementParameter(description=description, parse=parse_uuid, schema=schema)


def moment(description: str) -> StatementParameter:
    """Return a parameter for a time with its UTC offset."""
    schema = {"type": "string", "format": "date-time"}
    return StatementParameter(description=description, parse=_parse_moment, schema=schema)


def day(description: str) -> StatementParameter:
    """Return a parameter for a day; a year or a month stands for its first day."""
    schema = {"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"}
    return StatementParameter(description=description, parse=_parse_day, schema=schema)


def number(description: str, minimum: int, maximum: int, *, default: int | None = None) -> StatementParameter:
    """Return a parameter for a whole number between two bounds."""
    schema = {"type": "integer", "minimum": minimum, "maximum": maximum}
    parse = partial(parse_integer, minimum=minimum, maximum=maximum)
    return StatementParameter(description=description, parse=parse, schema=schema, default=default)


def decimal(description: str) -> StatementParameter:
    """Return a parameter for a number that is not negative, 0 by default."""
    schema = {"type": "number", "minimum": 0}
    return StatementParameter(description=description, parse=_parse_decimal, schema=schema, default=0)


def boolean(description: str) -> StatementParameter:
    """Return a parameter for true or false, false by default."""
    return StatementParameter(
        description=description, parse=_parse_boolean, schema={"type": "boolean"}, default=False
    )


def choice(
    description: str, values: Iterable[str], *, name: str = "", default: str | None = None
) -> StatementParameter:
    """Return a parameter for one of some words; ``name`` is theirs where they are no enum."""
    words = tuple(str(value) for value in values)
    schema = {"type": "string", "enum": list(words)}
    parse = partial(_parse_choice, words=words)
    own_name = name or str(getattr(values, "__name__", ""))
    return StatementParameter(
        description=description, parse=parse, schema=schema, default=default, enum_name=own_name
    )


def choices(description: str, values: Iterable[str], *, default: tuple[str, ...] = ()) -> StatementParameter:
    """Return a parameter for some of these words with commas between them; none of them means all."""
    words = tuple(str(value) for value in values)
    schema = {"type": "string", "pattern": f"^({'|'.join(words)})(,({'|'.join(words)}))*$"}
    parse = partial(_parse_choices, words=words)
    return StatementParameter(description=description, parse=parse, schema=schema, default=default)


def format_value(value: object) -> Any:
    """Return a value of a parameter for JSON: ids, days and times as text, several words as a list."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, tuple):
        return list(value)
    return format_timestamp(value) if isinstance(value, datetime) else str(value)


def format_text(value: object) -> str:
    """Return a value of a parameter as its text in an address."""
    shown = format_value(value)
    if isinstance(shown, list):
        return ",".join(shown)
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def _parse_text(sent: str, *, max_length: int) -> str:
    if len(sent) > max_length:
        raise ValueError(
            message(
                "It has {count:,} code points; at most {max_length:,} are taken.",
                count=len(sent),
                max_length=max_length,
            )
        )
    try:
        # pages take their addresses from Django, which decodes whatever there is
        check_prose(sent, _ADDRESS, max_length)
    except TextNotAllowedError as error:
        raise ValueError(error.detail) from None
    return sent


def _parse_moment(sent: str) -> datetime:
    # In a query string an unescaped plus sign means a space, and a time holds no space.
    return parse_timestamp(sent.replace(" ", "+"))


def _parse_day(sent: str) -> date:
    parts = sent.split("-")
    shape = [len(part) for part in parts]
    if shape in ([4], [4, 2], [4, 2, 2]) and all(part.isascii() and part.isdigit() for part in parts):
        try:
            return span_of_date(sent)[0]
        except ValueError:
            pass
    raise ValueError(message("It takes a day, month or year: YYYY-MM-DD, YYYY-MM or YYYY."))


def _parse_decimal(sent: str) -> float:
    if not _DECIMAL.fullmatch(sent):
        raise ValueError(message("It takes a number that is not negative, such as 0.5."))
    return float(sent)


def _parse_boolean(sent: str) -> bool:
    if sent not in ("true", "false"):
        raise ValueError(message("It takes true or false."))
    return sent == "true"


def _parse_choice(sent: str, *, words: tuple[str, ...]) -> str:
    if sent not in words:
        raise ValueError(message("It takes one of {words}.", words=join_list(words)))
    return sent


def _parse_choices(sent: str, *, words: tuple[str, ...]) -> tuple[str, ...]:
    named = sent.split(",")
    if len(set(named)) < len(named) or not set(named) <= set(words):
        raise ValueError(
            message("It takes some of {words}, each once, with commas between them.", words=join_list(words))
        )
    return tuple(word for word in words if word in named)
