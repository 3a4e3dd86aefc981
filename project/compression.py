"""Compression and lasting addresses of static files where they are served straight from the packages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers

from project.storage import content_digest

_TYPES = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
_DIGEST = re.compile(r"[0-9a-f]{12}")
#: Smaller files gain nothing.
_MIN_LENGTH = 1_000


class StaticCompressionMiddleware:
    """Middleware that compresses style sheets and scripts.

    Collected files (``STATIC_DIR``) lie there compressed already; those of packages do not. What is
    compressed here is public and the same for everybody, so that its length tells nothing. The ETag stays
    that of the file: WhiteNoise compares it on the next visit.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, compressed if it is for a static file and its sender reads gzip."""
        response = self.get_response(request)
        if response.status_code == 200 and _has_digest(request):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if "immutable" in response.headers.get("Cache-Control", ""):
            # what never changes depends on no cookie and no language, whatever passed the request on
            response.headers["Vary"] = "Accept-Encoding"
        if not request.path.startswith(settings.STATIC_URL) or response.status_code != 200:
            return response
        if response.has_header("Content-Encoding") or not _is_text(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if request.method == "GET" and "gzip" in request.headers.get("Accept-Encoding", ""):
            _compress_response(response)
        return response


def _has_digest(request: HttpRequest) -> bool:
    """Return whether the address of a static file ends in the digest of its content as it is now."""
    digest = request.META.get("QUERY_STRING", "")
    if not (_DIGEST.fullmatch(digest) and request.path.startswith(settings.STATIC_URL)):
        return False
    return bool(content_digest(request.path.removeprefix(settings.STATIC_URL)) == digest)


def _is_text(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").partition(";")[0] in _TYPES


def _compress_response(response: HttpResponseBase) -> None:
    if not isinstance(response, StreamingHttpResponse):
        return
    parts = response.streaming_content
    if not isinstance(parts, Iterator):
        return
    content = b"".join(parts)
    if len(content) >= _MIN_LENGTH:
        content = _compress(content)
        response.headers["Content-Encoding"] = "gzip"
    response.streaming_content = [content]
    response.headers["Content-Length"] = str(len(content))


@lru_cache(maxsize=64)
def _compress(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
