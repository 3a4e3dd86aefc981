"""The request id: one id in the log lines, the events and the response of a request."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

from annotations.context import request_id

REQUEST_ID_HEADER = "X-Request-ID"
_SAFE = re.compile(r"\A[A-Za-z0-9._-]{1,64}\Z", re.ASCII)


class RequestIdMiddleware:
    """Middleware that takes the request id from a proxy, if it is safe to write into a log, or makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        own_id = given if _SAFE.match(given) else uuid4().hex
        # Also on the request: Django logs 4xx and 5xx responses after the context variable is reset.
        setattr(request, "request_id", own_id)  # noqa: B010 - not an attribute that Django's class has
        token = request_id.set(own_id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers[REQUEST_ID_HEADER] = own_id
        return response


class RequestIdFilter(logging.Filter):
    """Logging filter that gives every record a ``request_id``, None outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set ``record.request_id``, and let every record pass."""
        own_id: Any = getattr(getattr(record, "request", None), "request_id", None)
        record.request_id = request_id.get() or own_id
        return True
