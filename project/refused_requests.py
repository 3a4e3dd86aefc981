"""The answers to requests that gunicorn refuses by itself, before Django sees them.

gunicorn's own are pages of HTML. Below ``/api/`` they are problem documents like every other refusal.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from gunicorn.http.errors import (  # type: ignore[attr-defined] # its types are older
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)

from annotations.api.error_views import (
    address_too_long_response,
    headers_too_large_response,
    internal_error_response,
    suspicious_request_response,
)
from annotations.api.problems import ProblemResponse

#: The longest request line, in bytes: a ``map=`` of 20,000 code points, each four bytes and escaped, fits.
LONGEST_LINE = 256 * 1024
#: The most that may follow it before the body; gunicorn refuses a single header before.
LONGEST_HEADERS = 64 * 1024

_API_PATH = re.compile(rb"\A[^ ]* [^ ?#]*/api/")


def is_api_request(head: bytes | bytearray) -> bool:
    """Return whether the beginning of a request asks for an address of the API."""
    return _API_PATH.match(head) is not None


def is_client_error(error: BaseException) -> bool:
    """Return whether the client is to blame, and not a header that we tried to send."""
    ours = (InvalidResponseHeader, InvalidResponseHeaderName)
    return isinstance(error, ParseException) and not isinstance(error, ours)


def refusal_bytes(error: BaseException, *, with_body: bool) -> bytes:
    """Return the whole HTTP answer to a request that ``error`` has ended."""
    response = _problem(error)
    reason = HTTPStatus(response.status_code).phrase
    headers = {
        **response.headers,
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(response.content)),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {response.status_code} {reason}", *(f"{name}: {headers[name]}" for name in headers)]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head + response.content if with_body else head


def _problem(error: BaseException) -> ProblemResponse:
    if isinstance(error, LimitRequestLine):
        return address_too_long_response(LONGEST_LINE)
    if isinstance(error, LimitRequestHeaders):
        return headers_too_large_response()
    return suspicious_request_response(None) if is_client_error(error) else internal_error_response()
