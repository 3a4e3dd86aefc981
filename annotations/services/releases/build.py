"""Building: the files of a release, made from its frozen records."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from annotations.formats.release import frozen
from annotations.formats.release.bundle import Bundle, BundleWriter
from annotations.models import Release, ReleaseChunk, ReleaseFile, ReleaseState
from annotations.services import files
from annotations.services.jobs import Lease
from annotations.services.releases.freeze import freeze, recipe_of

Told = Callable[[int, int], None]


class Damaged(Exception):
    """A frozen chunk does not have its checksum any more; the message says which."""


def run(lease: Lease) -> dict[str, Any]:
    """Make the release of a job: freeze, build, publish, each step whole or not at all."""
    release = Release.objects.select_related("corpus").get(job=lease.job.pk)
    # An earlier attempt may have died after its last transaction; the release may be withdrawn by now.
    if release.state != ReleaseState.READY:
        freeze(release, lease)
        with files.workshop() as directory:
            bundle = build(
                release, directory / "files", lambda done, total: lease.step(done=done, total=total)
            )
            files.put_in_place(directory / "files", files.of_release(release.pk))
            with transaction.atomic():
                lease.step()
                _publish(release, bundle)
    return {"release": str(release.pk), "number": release.number}


def build(release: Release, folder: Path, told: Told | None = None) -> Bundle:
    """Write all files into a new directory; ``told`` is called with the chunks done and their number."""
    folder.mkdir(mode=0o700)
    chunks = ReleaseChunk.objects.filter(release=release)
    numbers = list(chunks.order_by("number").values_list("number", flat=True))
    writer = BundleWriter(folder, recipe_of(release))
    try:
        for number in numbers:
            data = _read_chunk(chunks.get(number=number))
            if number == 0:
                writer.head(*frozen.unpack_head(data))
                continue
            for article, names in frozen.unpack(data):
                writer.article(article, names)
            if told is not None:
                told(number, len(numbers))
        return writer.close()
    except BaseException:
        writer.abandon()
        raise


def _read_chunk(chunk: ReleaseChunk) -> bytes:
    data = bytes(chunk.data)
    if hashlib.sha256(data).hexdigest() != chunk.sha256:
        raise Damaged(f"Chunk {chunk.number} of what was frozen is not what it was.")
    return data


def _publish(release: Release, bundle: Bundle) -> None:
    """Store the files and counts of a release, which is ready with that."""
    ReleaseFile.objects.filter(release=release).delete()
    ReleaseFile.objects.bulk_create(
        ReleaseFile(
            release=release, name=file.name, media_type=file.media_type, sha256=file.sha256,
            bytes=file.bytes, records=file.records,
        )
        for file in bundle.files
    )  # fmt: skip
    release.state = ReleaseState.READY
    release.counts, release.losses = bundle.counts, bundle.losses
    release.save(update_fields=["state", "counts", "losses"])
