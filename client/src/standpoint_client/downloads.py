"""Files from the service: streamed to the disk, proved by their digest, and never half there."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from standpoint_client.errors import ConnectionLostError, DigestError, ProblemError
from standpoint_client.transport import BLOCK, Transport

_NAME = re.compile(r'filename="([^"/\\]+)"')
_NOT_SATISFIABLE = 416


class _Part:
    """What has arrived of a file; ``etag`` is the tag of the file, if the service can go on with it."""

    def __init__(self, path: Path, etag: str | None) -> None:
        self.path, self.etag = path, etag

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def headers(self) -> dict[str, str]:
        """Return what asks for the bytes that are missing, or for all of a file that is another by now."""
        size = self.size
        return {"Range": f"bytes={size}-", "If-Range": self.etag} if self.etag and size else {}

    def write(self, response: httpx.Response) -> str:
        """Write what the service sends behind what is there, or anew; return the SHA-256 of all of it."""
        size = self.size
        goes_on = response.status_code == 206 and _starts_at(response, size)
        digest = hashlib.sha256()
        with self.path.open("r+b" if goes_on else "wb") as out:
            while goes_on and (block := out.read(BLOCK)):
                digest.update(block)
            for block in response.iter_bytes():  # as it comes: what waits for a whole block is lost
                digest.update(block)
                out.write(block)
        return digest.hexdigest()

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)


def download(
    transport: Transport, path: str, target: Path, params: Mapping[str, Any], *, sha256: str | None = None
) -> Path:
    """Write what stands at an address to a file and return its path; into a folder by the name that it has.

    A download that breaks off goes on where it was, also one of an earlier call whose SHA-256 is given, if
    the service keeps the file; otherwise it starts anew. Raises ``DigestError`` if the bytes are not those
    that the service says it sent, or whose SHA-256 is given.
    """
    part = None if target.is_dir() else _Part(_part_path(target), f'"{sha256}"' if sha256 else None)
    for left in reversed(range(transport.tries)):
        # not compressed on the way: the digest is that of the file
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **(part.headers() if part else {})}
        try:
            with transport.stream("GET", path, params=params, headers=headers, follow=True) as response:
                place = target / _name_of(response, path) if target.is_dir() else target
                part = _Part(_part_path(place), _strong_etag(response))
                digest = part.write(response)
        except httpx.TransportError as lost:
            if part and not part.etag:
                part.delete()
            if not left:
                raise ConnectionLostError(f"{path} broke off each time that it was sent.") from lost
            continue
        except ProblemError as refusal:
            # what is there is longer than the file: it is another's
            if part is None or refusal.status != _NOT_SATISFIABLE or not left:
                raise
            part.delete()
            continue
        expected = sha256 or _sent_digest(response)
        if expected is not None and expected != digest:
            part.delete()
            raise DigestError(f"{place.name} did not arrive as it was sent; download it again.")
        part.path.replace(place)
        return place
    raise AssertionError("unreachable")


def _part_path(place: Path) -> Path:
    return place.with_name(place.name + ".part")


def _strong_etag(response: httpx.Response) -> str | None:
    """Return the tag with which the service goes on, or None if it cannot."""
    etag = response.headers.get("ETag", "")
    is_useful = etag.startswith('"') and response.headers.get("Accept-Ranges") == "bytes"
    return etag if is_useful else None


def _starts_at(response: httpx.Response, size: int) -> bool:
    """Return whether a part begins where what is there ends; raise ``DigestError`` for another one."""
    if response.headers.get("Content-Range", "").startswith(f"bytes {size}-"):
        return True
    raise DigestError("The service sent another part than the one that is missing; download it again.")


def _sent_digest(response: httpx.Response) -> str | None:
    found = re.search(r"sha-256=:([A-Za-z0-9+/=]+):", response.headers.get("Repr-Digest", ""))
    return base64.b64decode(found[1]).hex() if found else None


def _name_of(response: httpx.Response, path: str) -> str:
    found = _NAME.search(response.headers.get("Content-Disposition", ""))
    name = found[1] if found else path.rstrip("/").rsplit("/", 1)[-1]
    return name if name not in ("", ".", "..") else "download"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
