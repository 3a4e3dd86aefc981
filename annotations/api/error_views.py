"""Django's error handlers, for requests that no view of the API answers.

Below ``/api/`` they answer problem documents like every view there; elsewhere a plain page.
"""

from __future__ import annotations

import sys

from django.core import exceptions as django_errors
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from annotations.api import outages
from annotations.api.origins import origin_message, refused_origin
from annotations.api.problems import ProblemResponse, TooLargeError, problem_response
from annotations.context import request_id
from annotations.messages import message
from annotations.services.core.read_only_server import discard_connections, is_read_only

API_PREFIX = "/api/"
CSRF_MESSAGE = message(
    "The request does not prove that it comes from our pages; send the CSRF token as X-CSRFToken."
)
NOT_FOUND_MESSAGE = message("There is nothing here that you can see; check the address and your membership.")

SLASH_MESSAGE = message(
    "There is nothing at this address, because addresses end in “/” here; put one at its end, before any “?”."
)


def not_found_response() -> ProblemResponse:
    """Return the one document for objects that do not exist and for objects that the user may not see."""
    return problem_response("not-found", NOT_FOUND_MESSAGE)


def internal_error_response() -> ProblemResponse:
    """Return the answer to an internal error: nothing but the request id, under which the log has it."""
    detail = message("Something went wrong on our side; tell the operator the request id.")
    return problem_response("internal", detail, request_id=request_id.get())


def address_too_long_response(limit: int) -> ProblemResponse:
    """Return the answer to an address of more bytes than the server reads."""
    detail = message(
        "The address has more than the {limit:,} bytes that are taken; send fewer or shorter parameters.",
        limit=limit,
    )
    return problem_response("address-too-long", detail)


def headers_too_large_response() -> ProblemResponse:
    """Return the answer to headers that are longer or more than the server reads."""
    return problem_response(
        "headers-too-large",
        message("The headers of the request are too long or too many; send fewer or shorter ones."),
    )


def suspicious_request_response(exc: Exception | None) -> ProblemResponse:
    """Return the answer to a request that Django refuses as an attack or as unreadable, before any view."""
    if isinstance(exc, django_errors.RequestDataTooBig):
        return problem_response(
            TooLargeError.code, message("The body is larger than this service takes; send it in parts.")
        )
    if isinstance(exc, django_errors.DisallowedHost):
        return problem_response(
            "host", message("This service does not answer to the host of the request; use its address.")
        )
    return problem_response(
        "invalid", message("The request cannot be read; check its address, its headers and its body.")
    )


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer suspicious and unreadable requests, a wrong host among them."""
    response = suspicious_request_response(exception)
    return response if _is_api(request) else _page("400.html", response.status_code)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:  # noqa: ARG001 - Django's
    """Answer requests that something other than an API view forbids."""
    if _is_api(request):
        return problem_response("role", message("You are not allowed to do this; ask an administrator."))
    return _page("403.html", 403)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:  # noqa: ARG001 - Django's
    """Answer requests for addresses that no route matches."""
    return not_found_response() if _is_api(request) else _page("404.html", 404)


@csrf_exempt
def unknown_address(request: HttpRequest, unknown: str) -> HttpResponseBase:  # noqa: ARG001 - the URLconf's
    """Answer an address below ``/api/`` that no route matches, whatever the method."""
    if _is_route(f"{request.path_info}/"):
        # By the shape of the address alone: it tells nothing about what is stored.
        return problem_response("not-found", SLASH_MESSAGE)
    return not_found_response()


def _is_route(path: str) -> bool:
    return resolve(path).func is not unknown_address


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Answer after an error outside of the API views; Django has logged it, and is handling it still."""
    error = sys.exc_info()[1]
    if outages.is_outage(error):
        if is_read_only(error):
            discard_connections()
        return _unavailable(request, is_full=outages.is_full(error))
    return (
        internal_error_response() if _is_api(request) else _page("500.html", 500, request_id=request_id.get())
    )


def _unavailable(request: HttpRequest, *, is_full: bool) -> HttpResponseBase:
    headers = outages.RETRY_AFTER_ROOM if is_full else outages.RETRY_AFTER
    if _is_api(request):
        return problem_response("unavailable", outages.FULL if is_full else outages.UNKNOWN, headers=headers)
    response = _page("503.html", 503, is_full=is_full)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form without a valid CSRF token, or from an origin that is not ours."""
    origin = refused_origin(request, reason)
    if not _is_api(request):
        return _page("403_csrf.html", 403, origin=origin)
    return problem_response("csrf", origin_message(origin) if origin else CSRF_MESSAGE)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)


def _page(template: str, status: int, **context: object) -> HttpResponse:
    # Without the request no context processor runs, so the page needs neither session nor database.
    content = render_to_string(template, context)
    return HttpResponse(content, status=status, headers={"Cache-Control": "no-store"})
