"""Downloads of stored files: their bytes, or a link to the store that has them."""

from __future__ import annotations

import base64

from django.http import FileResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from annotations.services.jobs import storage


def stored_file_response(
    key: str, *, filename: str, media_type: str, size: int | None = None, sha256: str = ""
) -> HttpResponseBase:
    """Return a download, or with ``FILES_REDIRECT`` a redirect to a signed link that works for some minutes.

    Raises ``FileNotFoundError`` if there is no such file.
    """
    link = storage.sign_link(key)
    if link is not None:
        if storage.stat_file(key) is None:
            raise FileNotFoundError(key)
        # a link is for whoever has been asked for it now
        return HttpResponseRedirect(link, headers={"Cache-Control": "no-store"})
    response = FileResponse(
        storage.open_file(key), as_attachment=True, filename=filename, content_type=media_type
    )
    if size is not None:
        response.headers["Content-Length"] = str(size)
    if sha256:
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return response
