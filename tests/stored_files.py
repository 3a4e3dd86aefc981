"""Where the stored files lie on this machine, for tests that look at them or spoil them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings

from annotations.services.jobs import storage


def job_path(job: UUID, name: str = "") -> Path:
    """The path of a file of a job, or of its directory."""
    return Path(settings.FILES_DIR) / storage.job_key(job, name)


def release_path(release: UUID, name: str = "") -> Path:
    """The path of a file of a release, or of its directory."""
    return Path(settings.FILES_DIR) / storage.release_key(release, name)


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
