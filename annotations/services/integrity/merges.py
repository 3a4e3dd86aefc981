"""Merges: what entries stand for, and that each merge is what the entries say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from annotations.models import Alias, Corpus, EntryKind, Merge
from annotations.models.bulk import batched
from annotations.scheme.merges import resolve_chain
from annotations.services.integrity.checks import (
    SETS_AT_ONCE,
    Check,
    CheckResult,
    CheckScope,
)
from annotations.services.registry.moves import MODELS


class _Registry(NamedTuple):
    """The merged entries of one kind in a corpus; pointers that other checks refuse are left out."""

    kind: EntryKind
    ids: set[UUID]
    canonical: dict[UUID, UUID]
    merged_into: dict[UUID, UUID]


def _registries(corpus_id: UUID) -> Iterator[_Registry]:
    for kind, model in MODELS.items():
        rows = model._default_manager.filter(corpus_id=corpus_id)
        found = list(rows.values_list("pk", "merged_into_id", "canonical_id"))
        ids = {pk for pk, _, _ in found}
        pointers = {pk: target for pk, target, _ in found if target in ids}
        sound = {pk: target for pk, target in pointers.items() if resolve_chain(pk, pointers) != pk}
        yield _Registry(kind, ids, {pk: canonical for pk, _, canonical in found}, sound)


def _check_canonical(scope: CheckScope, result: CheckResult) -> None:
    for corpus_id in scope.select(Corpus.objects.all(), "pk").values_list("pk", flat=True):
        for kind, _, canonical, merged in _registries(corpus_id):
            fault = f"The {kind} does not stand for the one at the end of its merges."
            for pk, stored in canonical.items():
                result.add_row(pk, None if resolve_chain(pk, merged) == stored else fault)


def _check_merges(scope: CheckScope, result: CheckResult) -> None:
    for corpus_id in scope.select(Corpus.objects.all(), "pk").values_list("pk", flat=True):
        merges = list(Merge.objects.filter(corpus_id=corpus_id).order_by("pk"))
        held = set(_aliases_of_losers(merges))
        for registry in _registries(corpus_id):
            of_kind = [merge for merge in merges if merge.kind == registry.kind]
            for merge in of_kind:
                result.add_row(merge.pk, _merge_fault(merge, registry, held))
            standing = {merge.loser for merge in of_kind if merge.undone_at is None}
            fault = f"The {registry.kind} is merged, and there is no merge to be taken back."
            for pk in registry.ids:
                result.add_row(pk, fault if pk in registry.merged_into.keys() - standing else None)


def _aliases_of_losers(merges: Sequence[Merge]) -> Iterator[tuple[UUID, str, str]]:
    losers = [merge.loser for merge in merges if merge.undone_at is None]
    for some in batched(losers, SETS_AT_ONCE):
        rows = Alias.objects.filter(actor__in=some).order_by()
        yield from rows.values_list("actor_id", "text", "language")


def _merge_fault(merge: Merge, registry: _Registry, held: set[tuple[UUID, str, str]]) -> str | None:
    if not {merge.loser, merge.winner} <= registry.ids:
        return "The merge is of entries that its corpus does not have."
    if merge.undone_at is not None:
        return None
    if registry.merged_into.get(merge.loser) != merge.winner:
        return "The merge stands, and its loser is not merged into its winner."
    moved = {(merge.loser, alias["text"], alias["language"]) for alias in merge.moved.get("aliases", ())}
    return "An alias that moved to the winner is with the loser." if moved & held else None


CHECKS = (
    Check("canonical", "An entry stands for the one at the end of its merges.", _check_canonical),
    Check("merges", "Every merged entry has its merge, and what moved is not with it.", _check_merges),
)
