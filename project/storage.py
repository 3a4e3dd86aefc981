"""The storages of static files: those that were collected, and those that lie in their packages."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise is untyped
    """A storage that puts the hash of the content into each file name, for caches without end.

    Names in imports of JavaScript modules are replaced, too; else a browser could run a new module with
    an old one.
    """

    support_js_module_import_aggregation = True
    # A new name reaches the modules that import a file one pass later, so the longest chain of imports
    # decides how many passes it takes; Django's own limit is 5.
    max_post_process_passes = 20


class DigestStaticFilesStorage(StaticFilesStorage):
    """A storage of files that lie in their packages: their addresses end in a digest of the content.

    Where an address has it, ``StaticCompressionMiddleware`` answers for caches without end.
    """

    def url(self, name: str | None) -> str:
        """Return the address of a file."""
        address = str(super().url(name))
        digest = content_digest(name) if name else None
        return f"{address}?{digest}" if digest else address


def content_digest(name: str) -> str | None:
    """Return the digest of the file that is called so below the address of static files; None without one."""
    found = _find_file(name)
    # by its time as well, so that a change shows at once while somebody works on a file
    return _hash_file(found, found.stat().st_mtime_ns) if found and found.is_file() else None


@lru_cache(maxsize=512)
def _find_file(name: str) -> Path | None:
    found = finders.find(name)
    return Path(found) if isinstance(found, str) else None


@lru_cache(maxsize=512)
def _hash_file(path: Path, _: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
