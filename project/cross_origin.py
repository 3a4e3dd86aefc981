"""Calls of the API by pages of other origins (CORS): those of ``CORS_ORIGINS``, with access tokens only."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from annotations.api.error_views import API_PREFIX

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = (
    "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range, "
    "Read-After, X-Request-ID"
)
#: What scripts may read of an answer, beyond the few headers that they always may.
_RESPONSE_HEADERS = (
    "Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, ETag, Link, Location, "
    "Loss-Count, Repr-Digest, Retry-After, Set-Version, Write-Position, X-Request-ID"
)
#: Seconds for which a browser keeps the answer to its question what it may send.
_MAX_AGE = "600"


class CrossOriginMiddleware:
    """Middleware that answers the questions of browsers, and lets listed origins read what the API answers.

    Credentials are never allowed, and the cookies of such a request are dropped before a session is looked
    for: a page of another origin acts by a token that it was given, and not by who is signed in here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if not settings.CORS_ORIGINS or not request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        origin = request.headers.get("Origin", "")
        # our own pages send their origin too, and keep their session whatever is listed
        own = f"{request.scheme}://{request.get_host()}"
        is_listed = origin in settings.CORS_ORIGINS and origin != own
        if is_listed:
            request.META.pop("HTTP_COOKIE", None)
        response = _preflight() if is_listed and _is_preflight(request) else self.get_response(request)
        patch_vary_headers(response, ("Origin",))
        if is_listed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _RESPONSE_HEADERS
        return response


def _is_preflight(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _preflight() -> HttpResponse:
    """Return what a browser may send, whatever is at the address: it has no token with it."""
    response = HttpResponse(status=204)
    response.headers["Access-Control-Allow-Methods"] = _METHODS
    response.headers["Access-Control-Allow-Headers"] = _REQUEST_HEADERS
    response.headers["Access-Control-Max-Age"] = _MAX_AGE
    patch_vary_headers(response, ("Access-Control-Request-Method", "Access-Control-Request-Headers"))
    return response
