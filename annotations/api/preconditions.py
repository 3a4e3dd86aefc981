"""Versions on the wire: ``ETag`` out, ``If-Match`` in."""

from __future__ import annotations

import re

from rest_framework.request import Request

from annotations.exceptions import FieldError, Invalid, PreconditionRequired
from annotations.says import says

HEADER = "If-Match"
# 18 digits fit into 64 bits, whatever they are.
_ONE_VERSION = re.compile(r'\A(?:W/)?"([0-9]{1,18})"\Z', re.ASCII)


def etag(version: int) -> str:
    """The entity tag of a version: ``"3"``."""
    return f'"{version}"'


def expected_version(request: Request) -> int:
    """The version that the client saw; without one, ``PreconditionRequired``."""
    version = optional_version(request)
    if version is None:
        raise PreconditionRequired(
            says('The header If-Match is missing; send the version that you saw, such as If-Match: "3".')
        )
    return version


def optional_version(request: Request) -> int | None:
    """The version that the client saw, or None where it does not say."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    found = _ONE_VERSION.match(sent.strip())
    if found is None:
        detail = says('If-Match takes one version in quotes, such as "3"; neither * nor a list.')
        raise Invalid(detail, errors=[FieldError(code="format", detail=detail, parameter=HEADER)])
    return int(found[1])
