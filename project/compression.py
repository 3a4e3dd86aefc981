"""Compression of answers where it betrays nothing; and static files from the packages, kept for good."""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import Callable, Iterator
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers

from project.storage import content_digest

_ANSWER_TYPES = ("application/json", "application/problem+json", "text/html")
#: Shorter answers arrive in one round trip anyway: the first ten packets of a connection.
MIN_ANSWER = 14_600
#: The bytes of noise in the length of what is compressed.
_NOISE = 100
#: Twice as fast as the usual level, and a tenth larger.
_LEVEL = 1
#: The flag in the head of a gzip file that says that a name follows.
_FILE_NAME = 8
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)

_TYPES = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
_DIGEST = re.compile(r"[0-9a-f]{12}")
#: Smaller files gain nothing.
_MIN_LENGTH = 1_000


class AnswerCompressionMiddleware:
    """Middleware that compresses pages and JSON which no other site can make a browser ask for.

    The length of a compressed answer tells whether words that somebody sent stand in it as well (BREACH).
    Who sends the words has to make the browser of another ask with them, and to see the length. So only
    those are compressed that come with a token, which no browser sends by itself, or from a page of ours, as
    ``Sec-Fetch-Site`` says; and the length gets noise. The entity tag becomes a weak one: the bytes differ.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, compressed where its sender reads gzip and nobody else could have sent it."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not _may_be_compressed(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if request.method == "GET" and _takes_gzip(request) and _is_asked_by_us(request, response):
            _compress_answer(response)
        return response


def _may_be_compressed(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind not in _ANSWER_TYPES or response.has_header("Content-Encoding"):
        return False
    if response.has_header("Repr-Digest"):
        return False  # it is the digest of the bytes as they are
    # a page with a tag is compared by its bytes on the next visit
    return len(response.content) >= MIN_ANSWER and not (kind == "text/html" and response.has_header("ETag"))


def _takes_gzip(request: HttpRequest) -> bool:
    return _TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")) is not None


def _is_asked_by_us(request: HttpRequest, response: HttpResponse) -> bool:
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    # a tag is the version that programs send back: it stays as strong as they know it
    return "Authorization" in request.headers and not response.has_header("ETag")


def _compress_answer(response: HttpResponse) -> None:
    packed = gzip.compress(response.content, _LEVEL, mtime=0)
    # a name of random length in the head of the file, as Django's own middleware has it
    head = packed[:3] + bytes([_FILE_NAME]) + packed[4:10]
    response.content = head + b"a" * secrets.randbelow(_NOISE) + b"\0" + packed[10:]
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Content-Encoding"] = "gzip"
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"


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
