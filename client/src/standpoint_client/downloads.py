"""Files from the service: streamed to the disk, proved by their digest, and never half there."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from standpoint_client.errors import ConnectionLostError, DigestError
from standpoint_client.transport import BLOCK, Transport

_NAME = re.compile(r'filename="([^"/\\]+)"')


def download(
    transport: Transport, path: str, target: Path, params: Mapping[str, Any], *, sha256: str | None = None
) -> Path:
    """Write what stands at an address to a file and return its path; into a folder by the name that it has.

    A download that breaks off starts anew. Raises ``DigestError`` if the bytes are not those that the
    service says it sent, or whose SHA-256 is given.
    """
    for left in reversed(range(transport.tries)):
        # not compressed on the way: the digest is that of the file
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        with transport.stream("GET", path, params=params, headers=headers, follow=True) as response:
            place = target / _name_of(response, path) if target.is_dir() else target
            part = place.with_name(place.name + ".part")
            try:
                digest = _write(response, part)
            except httpx.TransportError as lost:
                part.unlink(missing_ok=True)
                if not left:
                    raise ConnectionLostError(f"{path} broke off each time that it was sent.") from lost
                continue
            expected = sha256 or _sent_digest(response)
        if expected is not None and expected != digest:
            part.unlink()
            raise DigestError(f"{place.name} did not arrive as it was sent; download it again.")
        part.replace(place)
        return place
    raise AssertionError("unreachable")


def _write(response: httpx.Response, part: Path) -> str:
    digest = hashlib.sha256()
    with part.open("wb") as out:
        for block in response.iter_bytes(BLOCK):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


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
