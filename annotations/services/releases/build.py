"""Building: the files of a release, made from its frozen records."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from annotations.formats.core.records import Tombstone
from annotations.formats.release import frozen_records
from annotations.formats.release.bundle import BundleWriter, ReleaseBundle
from annotations.models import Release, ReleaseChunk, ReleaseFile, ReleaseState
from annotations.services.core import events
from annotations.services.jobs import storage
from annotations.services.jobs.leases import Lease
from annotations.services.releases.freeze import build_spec, freeze_release

BuildProgress = Callable[[int, int], None]


class DamagedChunkError(Exception):
    """A frozen chunk does not have its checksum any more; the message says which."""


def run_release_job(lease: Lease) -> dict[str, Any]:
    """Make the release of a job: freeze, build, publish, each step whole or not at all."""
    release = Release.objects.select_related("corpus").get(job=lease.job.pk)
    # An earlier attempt may have died after its last transaction; the release may be withdrawn by now.
    if release.state != ReleaseState.READY:
        freeze_release(release, lease)
        with storage.temporary_directory() as directory:
            bundle = build_release(
                release, directory / "files", lambda done, total: lease.save_progress(done=done, total=total)
            )
            with transaction.atomic():
                # First: whoever has lost the job must not bring back what was withdrawn since.
                lease.save_progress()
                storage.publish_directory(directory / "files", storage.release_key(release.pk))
                publish_release(release, bundle)
    return {"release": str(release.pk), "number": release.number}


def build_release(
    release: Release, directory: Path, on_progress: BuildProgress | None = None
) -> ReleaseBundle:
    """Write all files into a new directory; ``told`` is called with the chunks done and their number."""
    directory.mkdir(mode=0o700)
    chunks = ReleaseChunk.objects.filter(release=release)
    numbers = list(chunks.order_by("number").values_list("number", flat=True))
    tombstones: list[Tombstone] = []
    writer = BundleWriter(directory, build_spec(release))
    try:
        for number in numbers:
            data = read_chunk(chunks.get(number=number))
            if number == 0:
                head = frozen_records.unpack_head(data)
                tombstones = head.tombstones
                writer.write_head(head.corpus, head.entries, head.merges)
                continue
            for article, names in frozen_records.unpack_articles(data):
                writer.write_article(article, names)
            if on_progress is not None:
                on_progress(number, len(numbers))
        writer.write_tombstones(tombstones)
        return writer.close()
    except BaseException:
        writer.abandon()
        raise


def read_chunk(chunk: ReleaseChunk) -> bytes:
    """Return the data of a chunk; raise ``DamagedChunkError`` if its checksum is another."""
    data = bytes(chunk.data)
    if hashlib.sha256(data).hexdigest() != chunk.sha256:
        raise DamagedChunkError(f"Chunk {chunk.number} of what was frozen is not what it was.")
    return data


def publish_release(release: Release, bundle: ReleaseBundle) -> None:
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
    payload = {"release": str(release.pk), "number": release.number, "name": release.name}
    events.record_event(events.RELEASE_READY, by=None, corpus_id=release.corpus_id, after=payload)
