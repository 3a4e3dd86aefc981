"""Query parameters: each address knows its own, and refuses every other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from django.http import HttpRequest

from annotations.exceptions import FieldError, Invalid, TextNotAllowed
from annotations.says import listed, said, says, word
from annotations.text.gate import check_prose
from annotations.text.values import canonical_uuid, integer, timestamp

MOST_PARAMETERS = 100
MAX_LENGTH = 2_000
_ADDRESS = word("field", "address")

Allowed: TypeAlias = "Collection[str] | Mapping[str, Parameter]"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What one parameter takes. ``read`` makes a value of the text, or raises ``ValueError``.

    ``schema`` and ``description`` are for the OpenAPI document.
    """

    description: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    required: bool = False


def text(description: str, *, max_length: int = 255, required: bool = False) -> Parameter:
    """Any text up to a length."""

    def read(sent: str) -> str:
        if len(sent) > max_length:
            raise ValueError(
                says(
                    "It has {count:,} code points; at most {max_length:,} are taken.",
                    count=len(sent),
                    max_length=max_length,
                )
            )
        return sent

    schema = {"type": "string", "maxLength": max_length}
    return Parameter(description=description, read=read, schema=schema, required=required)


def choice(description: str, values: Iterable[str], *, required: bool = False) -> Parameter:
    """One of a few words."""
    words = [str(value) for value in values]

    def read(sent: str) -> str:
        if sent not in words:
            raise ValueError(says("It takes one of {words}.", words=listed(words)))
        return sent

    schema = {"type": "string", "enum": words}
    return Parameter(description=description, read=read, schema=schema, required=required)


def boolean(description: str) -> Parameter:
    """``true`` or ``false``."""

    def read(sent: str) -> bool:
        if sent not in ("true", "false"):
            raise ValueError(says("It takes true or false."))
        return sent == "true"

    return Parameter(description=description, read=read, schema={"type": "boolean"})


def identifier(description: str) -> Parameter:
    """A UUID."""

    def read(sent: str) -> uuid.UUID:
        return canonical_uuid(sent)

    return Parameter(description=description, read=read, schema={"type": "string", "format": "uuid"})


def number(description: str, *, minimum: int = 0, maximum: int = 2**63 - 1) -> Parameter:
    """A whole number."""

    def read(sent: str) -> int:
        return integer(sent, minimum, maximum)

    schema = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return Parameter(description=description, read=read, schema=schema)


def time(description: str) -> Parameter:
    """A point in time with its offset."""

    def read(sent: str) -> datetime:
        # In a query string an unescaped plus sign means a space; no other meaning is possible here.
        return timestamp(sent.replace(" ", "+"))

    return Parameter(description=description, read=read, schema={"type": "string", "format": "date-time"})


PAGE: Mapping[str, Parameter] = {
    "cursor": text("Where the page begins: take it from next or previous.", max_length=MAX_LENGTH),
    "page_size": number("How many results a page has at most.", minimum=1, maximum=500),
}
"""The parameters of every list; a list view declares ``{**PAGE, …}``."""


def read(request: HttpRequest, allowed: Allowed) -> dict[str, Any]:
    """The parameters of a request, checked; those that were not sent are missing.

    With names only in ``allowed`` the values stay text; with ``Parameter`` rows they are made
    into what the row says. Everything that is wrong is one ``Invalid``.
    """
    faults: list[FieldError] = []
    found: dict[str, Any] = {}
    for name, value in _pairs(request):
        if name not in allowed:
            faults.append(_fault(name, "unknown-parameter", _unknown(allowed)))
        elif name in found:
            faults.append(_fault(name, "twice", says("It stands twice in the address; send it once.")))
        else:
            found[name] = value
    if isinstance(allowed, Mapping):
        found = _values(found, allowed, faults)
    if faults:
        raise refusal(faults)
    return found


def refusal(faults: list[FieldError]) -> Invalid:
    """One refusal for faults of parameters."""
    if len(faults) == 1:
        return Invalid(
            says(
                "The parameter {parameter}: {detail}", parameter=faults[0].parameter, detail=faults[0].detail
            ),
            errors=faults,
        )
    return Invalid(
        says("{count} parameters need mending; errors names each.", count=len(faults)), errors=faults
    )


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    # Parsed here and not by Django, which replaces what is not UTF-8 and keeps only the last of two.
    raw = request.META.get("QUERY_STRING", "")
    try:
        # WSGI hands over the bytes of the address as latin-1.
        pairs = parse_qsl(
            raw.encode("latin-1").decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except UnicodeError:
        raise Invalid(says("The parameters of the address are not UTF-8; encode them as UTF-8.")) from None
    except ValueError:
        raise Invalid(
            says(
                "The address has more than {most} parameters; send fewer.",
                most=MOST_PARAMETERS,
            )
        ) from None
    for pair in pairs:
        for part in pair:
            _check(part)
    return pairs


def _check(part: str) -> None:
    try:
        check_prose(part, _ADDRESS, 100_000)
    except TextNotAllowed as error:
        raise Invalid(says("A parameter cannot be read. {detail}", detail=error.detail)) from None


def _values(
    sent: Mapping[str, str], allowed: Mapping[str, Parameter], faults: list[FieldError]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, parameter in allowed.items():
        if name in sent:
            try:
                values[name] = parameter.read(sent[name])
            except ValueError as error:
                faults.append(_fault(name, "value", said(error)))
        elif parameter.required:
            faults.append(_fault(name, "required", says("It is missing; send it.")))
    return values


def _unknown(allowed: Allowed) -> str:
    names = listed(sorted(allowed))
    return (
        says("It is not known here; known are {names}.", names=names)
        if names
        else says("This address takes no parameters.")
    )


def _fault(name: str, code: str, detail: str) -> FieldError:
    return FieldError(code=code, detail=detail, parameter=name)
