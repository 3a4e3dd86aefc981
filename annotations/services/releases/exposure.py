"""Releases that name protected sources: they stay as they are, and are offered for withdrawal.

A release never changes. Where a source was protected later, its files hold the name until people withdraw it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from annotations.formats.release.leaks import Leak, find_leaks
from annotations.models import Corpus, Release, ReleaseState
from annotations.models.ordering import text_order
from annotations.services.jobs import storage
from annotations.services.rights.protection import load_protection, protected_since


class ExposedRelease(NamedTuple):
    """A release that was frozen before these sources were protected, by their canonical ids."""

    release: Release
    actors: tuple[str, ...]


def exposed_releases(corpus: Corpus) -> list[ExposedRelease]:
    """Return the releases that can name a source, the newest first: offered for withdrawal.

    Two queries: a release that was frozen after the protection went through the gate, and is not read.
    """
    since = protected_since(corpus.pk)
    rows = Release.objects.filter(corpus=corpus, state=ReleaseState.READY, withdrawn_at__isnull=True)
    found = []
    for release in rows.order_by("-number").select_related("corpus"):
        frozen = release.frozen_at
        actors = sorted(str(actor) for actor, at in since.items() if frozen is None or at > frozen)
        if actors:
            found.append(ExposedRelease(release, tuple(actors)))
    return found


def release_leaks(release: Release) -> Iterator[Leak]:
    """Yield the names of sources that stand in the files of a release, file by file."""
    protection = load_protection(release.corpus_id, "")
    for row in release.files.order_by(text_order("name")):
        with storage.open_file(storage.release_key(release.pk, row.name)) as file:
            yield from find_leaks(row.name, file.read(), protection.names)
