"""Versions as HTTP preconditions: ``ETag`` in responses, ``If-Match`` in requests."""

from __future__ import annotations

import re

from rest_framework.request import Request

from annotations.exceptions import FieldError, InvalidInputError, PreconditionRequiredError
from annotations.messages import message

IF_MATCH = "If-Match"
#: Versions as ``format_etag`` writes them, which is the one way: "01" is another tag than "1". Any 18 digits
#: fit into 64 bits.
VERSION_TAG = '(W/)?"(0|[1-9][0-9]{0,17})"'
_ONE_VERSION = re.compile(rf"\A{VERSION_TAG}\Z", re.ASCII)


def format_etag(version: int) -> str:
    """Return the entity tag of a version: ``"3"``."""
    return f'"{version}"'


def expected_version(request: Request) -> int:
    """Return the version in ``If-Match``; raise ``PreconditionRequiredError`` without one."""
    version = optional_version(request)
    if version is None:
        raise PreconditionRequiredError(
            message('The header If-Match is missing; send the version that you saw, such as If-Match: "3".')
        )
    return version


def optional_version(request: Request) -> int | None:
    """Return the version in ``If-Match``, or None without the header."""
    header = request.headers.get(IF_MATCH)
    if header is None:
        return None
    match = _ONE_VERSION.match(header.strip())
    if match is None:
        detail = message('If-Match takes one version in quotes, such as "3"; neither * nor a list.')
        raise InvalidInputError(detail, errors=[FieldError(code="format", detail=detail, parameter=IF_MATCH)])
    return int(match[2])
