"""DRF's exception handler: every error becomes a problem document.

Settings name the functions of this module; the table of codes is in ``problems``, Django's own
error views in ``error_views``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from annotations.api import outages
from annotations.api.error_views import (
    CSRF_MESSAGE,
    csrf_failure,
    handler400,
    handler403,
    handler404,
    handler500,
    internal_error_response,
    not_found_response,
    suspicious_request_response,
)
from annotations.api.problems import (
    HTTPProblemError,
    ProblemResponse,
    UnauthenticatedError,
    problem_key,
    problem_response,
)
from annotations.api.validation_errors import translate_validation_error
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.messages import join_choices, message

# Settings and URLconf name the handlers of ``error_views`` here.
__all__ = ["csrf_failure", "handler400", "handler403", "handler404", "handler500", "problem_handler"]

logger = logging.getLogger(__name__)

ANONYMOUS_MESSAGE = message(
    "You have to be signed in here: send Authorization: Bearer and an access token, or sign in."
)
_METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})

_Handler = Callable[[Any, Mapping[str, Any]], ProblemResponse]


def problem_handler(exc: Exception, context: Mapping[str, Any]) -> ProblemResponse:
    """Return the problem document for an exception of a view.

    An unexpected exception is logged, and its document tells nothing about it.
    """
    for kinds, handler in _HANDLERS:
        if isinstance(exc, kinds):
            return handler(exc, context)
    return _internal(exc, context)


def _standpoint(exc: StandpointError, _context: Mapping[str, Any]) -> ProblemResponse:
    wait = exc.data.get("wait")
    headers = {} if wait is None else {"Retry-After": str(wait)}
    key = problem_key(type(exc))
    return problem_response(key, exc.detail, errors=exc.errors, headers=headers, **exc.data)


def _not_visible(_exc: Exception, _context: Mapping[str, Any]) -> ProblemResponse:
    # The same document for every reason, so that it does not reveal which objects exist.
    return not_found_response()


def _refusal(exc: HTTPProblemError, _context: Mapping[str, Any]) -> ProblemResponse:
    return problem_response(exc.code, exc.message, headers=exc.headers, **exc.data)


def _validation(exc: drf.ValidationError, context: Mapping[str, Any]) -> ProblemResponse:
    request = context.get("request")
    in_query = request is not None and request.method in _METHODS_WITHOUT_BODY
    return _standpoint(translate_validation_error(exc, in_query=in_query), context)


def _unauthenticated(_exc: drf.APIException, context: Mapping[str, Any]) -> ProblemResponse:
    return _refusal(UnauthenticatedError(ANONYMOUS_MESSAGE), context)


def _denied(exc: Exception, _context: Mapping[str, Any]) -> ProblemResponse:
    if str(exc).startswith("CSRF Failed"):
        return problem_response("csrf", CSRF_MESSAGE)
    return problem_response(
        "role", message("You are not allowed to do this; ask a manager or an administrator.")
    )


def _method(_exc: drf.MethodNotAllowed, context: Mapping[str, Any]) -> ProblemResponse:
    view = context.get("view")
    allowed = ", ".join(view.allowed_methods) if view is not None else ""
    detail = message(
        "This address takes {allowed}; the request used another method.",
        allowed=allowed or message("no method"),
    )
    return problem_response("method-not-allowed", detail, headers={"Allow": allowed})


def _media_type(_exc: drf.UnsupportedMediaType, context: Mapping[str, Any]) -> ProblemResponse:
    view = context.get("view")
    parsers = view.parser_classes if view is not None else ()
    media_types = join_choices(str(parser.media_type) for parser in parsers)
    return problem_response(
        "unsupported-media-type",
        message("This address takes {taken}; name it in Content-Type.", taken=media_types),
    )


def _throttled(exc: drf.Throttled, _context: Mapping[str, Any]) -> ProblemResponse:
    wait = max(1, int(getattr(exc, "wait", None) or 1))
    detail = message("There were too many requests; try again in {wait} seconds.", wait=wait)
    return problem_response("rate-limited", detail, headers={"Retry-After": str(wait)})


def _suspicious(exc: Exception, _context: Mapping[str, Any]) -> ProblemResponse:
    return suspicious_request_response(exc)


def _incomplete_body(_exc: Exception, _context: Mapping[str, Any]) -> ProblemResponse:
    return problem_response(
        "invalid", message("The body ended before its Content-Length; send the request again.")
    )


def _system(exc: Exception, context: Mapping[str, Any]) -> ProblemResponse:
    return outages.answer(exc, context) if outages.is_outage(exc) else _internal(exc, context)


def _other_drf(exc: drf.APIException, context: Mapping[str, Any]) -> ProblemResponse:
    return suspicious_request_response(exc) if exc.status_code < 500 else _internal(exc, context)


def _internal(exc: Exception, context: Mapping[str, Any]) -> ProblemResponse:
    request = context.get("request")
    http_request = getattr(request, "_request", request)
    method, path = getattr(request, "method", None), getattr(request, "path", None)
    logger.error("A fault of ours in %s %r.", method, path, exc_info=exc, extra={"request": http_request})
    # Error trackers and Django's test client listen to this signal.
    got_request_exception.send(sender=type(context.get("view")), request=http_request)
    return internal_error_response()


# The first that matches: subclasses stand before their base classes.
_HANDLERS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], _Handler], ...] = (
    ((NotVisibleError, Http404, drf.NotFound), _not_visible),
    (StandpointError, _standpoint),
    (HTTPProblemError, _refusal),
    (drf.ValidationError, _validation),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), _unauthenticated),
    ((drf.PermissionDenied, django_errors.PermissionDenied), _denied),
    (drf.MethodNotAllowed, _method),
    (drf.UnsupportedMediaType, _media_type),
    (drf.Throttled, _throttled),
    (UnreadablePostError, _incomplete_body),
    ((django_errors.SuspiciousOperation, django_errors.BadRequest, MultiPartParserError), _suspicious),
    (drf.APIException, _other_drf),
    # Locked, deadlocked, too slow or away: the next try may succeed.
    ((OperationalError, InterfaceError), outages.answer),
    ((OSError, InternalError), _system),
)
