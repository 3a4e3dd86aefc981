"""Downloads of stored files: their bytes or a part of them, or a link to the store that has them.

A file never changes, so its SHA-256 is its entity tag, and a download that broke off goes on where it was.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.http import FileResponse, HttpResponseNotModified, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from rest_framework.request import Request

from annotations.api.operations import ResponseSpec, file_response
from annotations.api.problems import RangeError
from annotations.exceptions import StaleVersionError
from annotations.messages import message
from annotations.services.jobs import storage

#: What a download says about itself beside its type and its name, for the OpenAPI document.
RANGE_HEADERS = {
    "ETag": "Its SHA-256 in quotes; send it as If-Range with the Range that is missing.",
    "Accept-Ranges": "bytes: one range can be asked for with Range.",
    "Repr-Digest": "The SHA-256 of the whole file by RFC 9530, also where a part is sent.",
}
#: The errors of a download, beside those of its view.
RANGE_ERRORS = ("range-not-satisfiable", "stale")
# One range, as a client that goes on sends it; more than 18 digits are no place in a file.
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


def stored_response(media_types: Iterable[str], headers: Mapping[str, str]) -> ResponseSpec:
    """Return the declaration of a download."""
    return file_response(media_types, {**headers, **RANGE_HEADERS}, partial=True)


class ByteRange(NamedTuple):
    """A part of a file: from ``start`` to before ``end``."""

    start: int
    end: int


@dataclass(frozen=True)
class StoredDownload:
    """A stored file that is sent: where it lies, its name, type and size, and its SHA-256 in hexadecimal."""

    key: str
    filename: str
    media_type: str
    size: int
    sha256: str

    @property
    def etag(self) -> str:
        """Return the strong entity tag."""
        return f'"{self.sha256}"'

    @property
    def headers(self) -> dict[str, str]:
        """Return what every answer about the file says."""
        digest = base64.b64encode(bytes.fromhex(self.sha256)).decode()
        return {"ETag": self.etag, "Accept-Ranges": "bytes", "Repr-Digest": f"sha-256=:{digest}:"}


def stored_file_response(request: Request, download: StoredDownload) -> HttpResponseBase:
    """Return a download or the part that is asked for: 200, 206, 304.

    With ``FILES_REDIRECT`` it is a redirect to a signed link, which works for some minutes. Raises
    ``FileNotFoundError`` if there is no such file, ``StaleVersionError`` if ``If-Match`` names another one,
    and ``RangeError`` for a range behind its end.
    """
    if storage.stat_file(download.key) is None:
        raise FileNotFoundError(download.key)
    if "If-Match" in request.headers and not _names(request.headers["If-Match"], download.etag):
        raise StaleVersionError(
            message("The file is another one than the one in If-Match; download it from its beginning.")
        )
    if _names(request.headers.get("If-None-Match", "").replace('W/"', '"'), download.etag):
        return HttpResponseNotModified(headers=download.headers)
    link = storage.sign_link(download.key)
    if link is not None:
        # a link is for whoever has been asked for it now
        return HttpResponseRedirect(link, headers={"Cache-Control": "no-store"})
    return _file_response(download, requested_range(request, download))


def requested_range(request: Request, download: StoredDownload) -> ByteRange | None:
    """Return the range that a GET asks for, or None for the whole file.

    Several ranges, other units, and those of another file by ``If-Range`` are answered with the whole.
    Raises ``RangeError`` for a range that has none of its bytes.
    """
    found = _RANGE.fullmatch(request.headers.get("Range", "")) if request.method == "GET" else None
    condition = request.headers.get("If-Range")
    if found is None or condition not in (None, download.etag):
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None
    size = download.size
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        detail = message("The file has {size:,} bytes, and none of them is in the range.", size=size)
        raise RangeError(detail, headers={"Content-Range": f"bytes */{size}", "ETag": download.etag})
    return ByteRange(start, end)


def _names(header: str, etag: str) -> bool:
    """Return whether a header with entity tags, or ``*``, names this one."""
    return bool({"*", etag} & set(parse_etags(header)))


def _file_response(download: StoredDownload, part: ByteRange | None) -> FileResponse:
    file = storage.open_file(download.key, *(part or ()))
    response = FileResponse(
        file, as_attachment=True, filename=download.filename, content_type=download.media_type
    )
    start, end = part or ByteRange(0, download.size)
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{download.size}"
    for name, value in {**download.headers, "Content-Length": str(end - start)}.items():
        response.headers[name] = value
    return response
