"""The position of a write in the log of the database: its answer tells it, and later requests send it back.

A replica is read for such a request only once it has replayed the log up to there.

The middleware is there with a replica only. ADR 0043 says why browsers keep the position in a cookie.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from annotations.api.error_views import API_PREFIX
from annotations.api.problems import problem_response
from annotations.context import read_after
from annotations.messages import message
from annotations.services.core import replica

#: The header of an answer to a write, and the one of a request that must see it.
POSITION_HEADER, READ_AFTER_HEADER = "Write-Position", "Read-After"
POSITION_COOKIE = "standpoint_position"
#: Seconds after which a browser forgets it. A replica that is as far behind is not read.
_COOKIE_AGE = 24 * 3600
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class WritePositionMiddleware:
    """Middleware that says for each request which position the replica must have replayed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and tell the position of what it has written."""
        is_write = request.method not in _SAFE
        try:
            # what a write reads itself, it reads from everything up to now
            after = None if is_write else _position_to_read(request)
        except ValueError:
            return _malformed()
        token = read_after.set(after)
        try:
            response = self.get_response(request)
        finally:
            read_after.reset(token)
        if is_write:
            _tell_position(request, response)
        return response


def _position_to_read(request: HttpRequest) -> int | None:
    """Return the position that a reader names, or its browser; None for everything up to now."""
    sent = request.headers.get(READ_AFTER_HEADER)
    if sent is not None and request.path_info.startswith(API_PREFIX):
        return replica.parse_position(sent.strip())
    if "Authorization" in request.headers:
        return None
    try:
        return replica.parse_position(request.COOKIES[POSITION_COOKIE])
    except (KeyError, ValueError):
        return None


def _tell_position(request: HttpRequest, response: HttpResponseBase) -> None:
    """Tell the position, also where the answer is a refusal: a sign-in that fails is counted."""
    try:
        position = replica.format_position(replica.written_position())
    except Error:
        # The answer was made already. The browser reads everything up to now from then on.
        response.delete_cookie(POSITION_COOKIE, path=settings.SESSION_COOKIE_PATH)
        return
    response.headers[POSITION_HEADER] = position
    if "Authorization" not in request.headers:
        response.set_cookie(
            POSITION_COOKIE,
            position,
            max_age=_COOKIE_AGE,
            path=settings.SESSION_COOKIE_PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _malformed() -> HttpResponseBase:
    detail = message(
        "The header {header} is no position; send the value of {source} in the answer to your last write.",
        header=READ_AFTER_HEADER,
        source=POSITION_HEADER,
    )
    return problem_response("invalid", detail)
