"""One id for each request: in its log lines, in its events, in its answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

from annotations.context import request_id

HEADER = "X-Request-ID"
_SAFE = re.compile(r"\A[A-Za-z0-9._-]{1,64}\Z", re.ASCII)


class RequestIdMiddleware:
    """Takes the id that a proxy gave, if it is one that cannot do harm in a log, or makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get(HEADER, "")
        own = sent if _SAFE.match(sent) else uuid4().hex
        # Also on the request: Django logs 4xx and 5xx answers when the context is gone already.
        setattr(request, "request_id", own)  # noqa: B010 - not an attribute that Django's class has
        token = request_id.set(own)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers[HEADER] = own
        return response


class RequestIdFilter(logging.Filter):
    """Gives every log record a ``request_id``, None outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Adds and never drops."""
        of_request: Any = getattr(getattr(record, "request", None), "request_id", None)
        record.request_id = request_id.get() or of_request
        return True
