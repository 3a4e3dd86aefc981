"""The names of protected sources in the files of a release.

A release never changes. Where a source was protected later, its files hold the name until people withdraw it.
"""

from __future__ import annotations

from collections.abc import Iterator

from annotations.formats.release.leaks import Leak, find_leaks
from annotations.models import Release
from annotations.models.ordering import text_order
from annotations.services.jobs import storage
from annotations.services.rights.protection import load_protection


def release_leaks(release: Release) -> Iterator[Leak]:
    """Yield the names of sources that stand in the files of a release, file by file."""
    protection = load_protection(release.corpus_id, "")
    for row in release.files.order_by(text_order("name")):
        with storage.open_file(storage.release_key(release.pk, row.name)) as file:
            yield from find_leaks(row.name, file.read(), protection.names)
