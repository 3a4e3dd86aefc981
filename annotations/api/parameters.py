"""Query parameters: each address declares its own, and refuses every other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from django.http import HttpRequest

from annotations.exceptions import FieldError, InvalidInputError, TextNotAllowedError
from annotations.messages import join_list, message, message_of, term
from annotations.text.gate import check_prose
from annotations.text.parsing import parse_integer, parse_timestamp, parse_uuid

MAX_PARAMETERS = 100
MAX_LENGTH = 2_000
_ADDRESS = term("field", "address")

AllowedParameters: TypeAlias = "Collection[str] | Mapping[str, Parameter]"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One query parameter. ``read`` parses its text into a value, or raises ``ValueError``.

    ``schema``, its ``enum_name`` and ``description`` are for the OpenAPI document.
    """

    description: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    required: bool = False
    enum_name: str = ""


def text(description: str, *, max_length: int = 255, required: bool = False) -> Parameter:
    """Return a parameter that takes any text of at most ``max_length`` code points."""

    def read(value: str) -> str:
        if len(value) > max_length:
            raise ValueError(
                message(
                    "It has {count:,} code points; at most {max_length:,} are taken.",
                    count=len(value),
                    max_length=max_length,
                )
            )
        return value

    schema = {"type": "string", "maxLength": max_length}
    return Parameter(description=description, parse=read, schema=schema, required=required)


def choice(description: str, values: Iterable[str], *, name: str = "", required: bool = False) -> Parameter:
    """Return a parameter that takes one of ``values``; ``name`` is theirs where they are no enum."""
    words = [str(value) for value in values]

    def read(value: str) -> str:
        if value not in words:
            raise ValueError(message("It takes one of {words}.", words=join_list(words)))
        return value

    schema = {"type": "string", "enum": words}
    own_name = name or str(getattr(values, "__name__", ""))
    return Parameter(
        description=description, parse=read, schema=schema, required=required, enum_name=own_name
    )


def boolean(description: str) -> Parameter:
    """Return a parameter that takes ``true`` or ``false``."""

    def read(value: str) -> bool:
        if value not in ("true", "false"):
            raise ValueError(message("It takes true or false."))
        return value == "true"

    return Parameter(description=description, parse=read, schema={"type": "boolean"})


def identifier(description: str) -> Parameter:
    """Return a parameter that takes a UUID."""

    def read(value: str) -> uuid.UUID:
        return parse_uuid(value)

    return Parameter(description=description, parse=read, schema={"type": "string", "format": "uuid"})


def number(description: str, *, minimum: int = 0, maximum: int = 2**63 - 1) -> Parameter:
    """Return a parameter that takes an integer between two bounds."""

    def read(value: str) -> int:
        return parse_integer(value, minimum, maximum)

    schema = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return Parameter(description=description, parse=read, schema=schema)


def time(description: str) -> Parameter:
    """Return a parameter that takes a time with its UTC offset."""

    def read(value: str) -> datetime:
        # In a query string an unescaped plus sign means a space, and a time holds no space.
        return parse_timestamp(value.replace(" ", "+"))

    return Parameter(description=description, parse=read, schema={"type": "string", "format": "date-time"})


PAGE: Mapping[str, Parameter] = {
    "cursor": text("Where the page begins: take it from next or previous.", max_length=MAX_LENGTH),
    "page_size": number("How many results a page has at most.", minimum=1, maximum=500),
}
"""The paging parameters; a list view declares ``{**PAGE, …}``."""


def parse_query(request: HttpRequest, allowed: AllowedParameters) -> dict[str, Any]:
    """Return the checked query parameters of a request, without those that were not sent.

    If ``allowed`` has names only, the values stay text; with ``Parameter`` rows they are parsed.
    Raises one ``InvalidInputError`` for all errors.
    """
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in _pairs(request):
        if name not in allowed:
            errors.append(_error(name, "unknown-parameter", _unknown_message(allowed)))
        elif name in values:
            errors.append(_error(name, "twice", message("It stands twice in the address; send it once.")))
        else:
            values[name] = value
    if isinstance(allowed, Mapping):
        values = _parse(values, allowed, errors)
    if errors:
        raise parameter_error(errors)
    return values


def parameter_error(errors: list[FieldError]) -> InvalidInputError:
    """Return the one exception for errors in query parameters."""
    if len(errors) == 1:
        return InvalidInputError(
            message(
                "The parameter {parameter}: {detail}", parameter=errors[0].parameter, detail=errors[0].detail
            ),
            errors=errors,
        )
    return InvalidInputError(
        message("{count} parameters need mending; errors names each.", count=len(errors)), errors=errors
    )


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    # Not by Django, which replaces bytes that are not UTF-8 and keeps only the last of two equal names.
    raw = request.META.get("QUERY_STRING", "")
    try:
        # WSGI hands over the bytes of the address as latin-1.
        pairs = parse_qsl(
            raw.encode("latin-1").decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeError:
        raise InvalidInputError(
            message("The parameters of the address are not UTF-8; encode them as UTF-8.")
        ) from None
    except ValueError:
        raise InvalidInputError(
            message(
                "The address has more than {most} parameters; send fewer.",
                most=MAX_PARAMETERS,
            )
        ) from None
    for pair in pairs:
        for part in pair:
            _check_text(part)
    return pairs


def _check_text(part: str) -> None:
    try:
        check_prose(part, _ADDRESS, 100_000)
    except TextNotAllowedError as error:
        raise InvalidInputError(
            message("A parameter cannot be read. {detail}", detail=error.detail)
        ) from None


def _parse(
    texts: Mapping[str, str], allowed: Mapping[str, Parameter], errors: list[FieldError]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, parameter in allowed.items():
        if name in texts:
            try:
                values[name] = parameter.parse(texts[name])
            except ValueError as error:
                errors.append(_error(name, "value", message_of(error)))
        elif parameter.required:
            errors.append(_error(name, "required", message("It is missing; send it.")))
    return values


def _unknown_message(allowed: AllowedParameters) -> str:
    names = join_list(sorted(allowed))
    return (
        message("It is not known here; known are {names}.", names=names)
        if names
        else message("This address takes no parameters.")
    )


def _error(name: str, code: str, detail: str) -> FieldError:
    return FieldError(code=code, detail=detail, parameter=name)
