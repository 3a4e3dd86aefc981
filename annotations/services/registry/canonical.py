"""The canonical entry: what an entry of the registry stands for after all merges."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from annotations.models import Actor, Corpus, Proposition, Topic


def resolve_chain(start: UUID, merged_into: Mapping[UUID, UUID]) -> UUID:
    """Return the end of a chain of merges; an entry in a circle stands for itself."""
    end, seen = start, {start}
    while end in merged_into:
        end = merged_into[end]
        if end in seen:
            return start
        seen.add(end)
    return end


def refresh_canonical(model: type[Actor | Topic | Proposition], corpus: Corpus) -> None:
    """Store the canonical entry of every entry of a corpus whose chain of merges ends elsewhere by now."""
    rows = model._default_manager.filter(corpus=corpus)
    pointers = rows.filter(merged_into__isnull=False).values_list("pk", "merged_into_id", "canonical_id")
    merged_into = {pk: target for pk, target, _ in pointers}
    for pk, _, stored in pointers:
        end = resolve_chain(pk, merged_into)
        if end != stored:
            rows.filter(pk=pk).update(canonical=end)
