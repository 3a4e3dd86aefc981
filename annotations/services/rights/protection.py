"""The protection of sources: the names that stay in the house, and who stands in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db.models import Min
from django.utils.crypto import salted_hmac

from annotations.models import Actor, Alias, ConfidentialActor
from annotations.text.masking import NameMatcher

_SALT = "annotations.services.rights.protection"


class ProtectedSource(NamedTuple):
    """What stands in the place of a protected actor: an id that leads to nobody, and a number for a name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Protection:
    """The protected actors of a corpus: their names, and by id what stands for each of them.

    Entries that were merged into a protected one, and those that it was merged into, are protected with it;
    all of them are one source.
    """

    names: NameMatcher = field(default_factory=lambda: NameMatcher(()))
    sources: Mapping[str, ProtectedSource] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sources)


def load_protection(corpus_id: UUID, secret: str) -> Protection:
    """Return the protection of a corpus; a query where nobody is protected, else three.

    The sources have numbers in the order in which they were protected, so that later ones change no number.
    """
    since = protected_since(corpus_id)
    if not since:
        return Protection()
    namespace = UUID(bytes=salted_hmac(_SALT, secret, algorithm="sha256").digest()[:16])
    sources = {
        canonical: ProtectedSource(str(uuid5(namespace, str(canonical))), f"Source {number}")
        for number, canonical in enumerate(sorted(since, key=lambda actor: (since[actor], actor)), start=1)
    }
    actors = Actor.objects.filter(canonical__in=since).order_by()
    canonical_ids = dict(actors.values_list("pk", "canonical_id"))
    return Protection(
        _build_matcher(tuple(sorted(_names_of(since)))),
        {str(id): sources[canonical] for id, canonical in canonical_ids.items()},
    )


def protected_since(corpus_id: UUID) -> dict[UUID, datetime]:
    """Return the canonical ids of the protected actors of a corpus, each with the time of its protection."""
    rows = ConfidentialActor.objects.filter(actor__corpus=corpus_id).order_by()
    return dict(
        rows.values("actor__canonical").annotate(since=Min("at")).values_list("actor__canonical", "since")
    )


def _names_of(canonical_ids: Mapping[UUID, datetime]) -> Iterator[tuple[str, str]]:
    """Yield the names and aliases of protected actors, each with the canonical id."""
    actors = Actor.objects.filter(canonical__in=canonical_ids).order_by().values_list("canonical", "name")
    aliases = Alias.objects.filter(actor__canonical__in=canonical_ids).order_by()
    rows = actors.union(aliases.values_list("actor__canonical", "text"))
    return ((str(canonical), name) for canonical, name in rows)


@lru_cache(maxsize=16)
def _build_matcher(names: tuple[tuple[str, str], ...]) -> NameMatcher:
    """Return the matcher of some names; a gate is loaded for each event that goes out."""
    return NameMatcher((owner, name) for owner, name in names)
