"""Verification of a release: its files are unchanged, and come out the same when they are built again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import error as DecompressionError  # noqa: N812 - a class with the name of a variable

from django.db import transaction

from annotations.models import Release, ReleaseFile, ReleaseState
from annotations.services.jobs import storage
from annotations.services.releases.build import DamagedChunkError, build_release


def verify_release(release: Release, *, restore: bool = False) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with a release.

    ``restore`` puts missing or damaged files back, built from the frozen records.
    """
    if release.state != ReleaseState.READY:
        yield f"Release {release.number} is {release.state}; there is nothing to verify."
        return
    known = {row.name: row for row in release.files.all()}
    on_disk = [] if release.withdrawn_at else list(_problems_on_disk(release, known))
    with storage.temporary_directory() as directory:
        try:
            built = build_release(release, directory / "files")
        except (DamagedChunkError, DecompressionError) as error:
            yield from on_disk
            yield f"Release {release.number} cannot be built again: {error}"
            return
        differing = list(
            _problems_of_rebuild(release, known, {file.name: file.sha256 for file in built.files})
        )
        if restore and on_disk and not differing:
            _restore(release, directory / "files")
            return
    yield from on_disk
    yield from differing


def _restore(release: Release, files: Path) -> None:
    """Put the files into their place, unless the release was withdrawn while they were built."""
    with transaction.atomic():
        stored = Release.objects.select_for_update(of=("self",)).only("withdrawn_at").get(pk=release.pk)
        if stored.withdrawn_at is None:
            storage.publish_directory(files, storage.release_key(release.pk))


def _problems_on_disk(release: Release, known: dict[str, ReleaseFile]) -> Iterator[str]:
    for name, row in known.items():
        key = storage.release_key(release.pk, name)
        found = storage.stat_file(key)
        if found is None:
            yield f"The file {name} of release {release.number} is missing."
        elif found.size != row.bytes or storage.digest_file(key) != row.sha256:
            yield f"The file {name} of release {release.number} is not what it was."


def _problems_of_rebuild(
    release: Release, known: dict[str, ReleaseFile], built: dict[str, str]
) -> Iterator[str]:
    for name in sorted(known.keys() | built.keys()):
        if name not in built:
            yield f"The file {name} of release {release.number} is not made any more."
        elif name not in known or built[name] != known[name].sha256:
            yield f"The file {name} of release {release.number} comes out different when it is made again."
