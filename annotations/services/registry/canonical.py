"""The canonical entry: what an entry of the registry stands for after all merges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from annotations.models import Actor, Corpus, Proposition, Topic
from annotations.scheme.merges import resolve_chain

#: The tables to which a column of this name leads.
_TABLES: Mapping[str, type[Actor | Topic | Proposition]] = {
    "actor": Actor, "topic": Topic, "proposition": Proposition,
}  # fmt: skip


def linked_to(link: str, entry: UUID | str) -> Q:
    """Return the condition that a column links to an entry or to one that stands for the same."""
    table: Any = _TABLES[link]._default_manager
    canonical = table.filter(pk=entry).order_by().values("canonical_id")
    # The ids themselves: planners guess how many rows link to them, and not to what a join finds.
    variants = table.filter(canonical__in=canonical).order_by().values_list("pk", flat=True)
    return Q((f"{link}_id__in", list(variants)))


def variant_ids(link: str, entry: UUID) -> list[UUID]:
    """Return the ids of the entries that stand for a canonical one, itself among them.

    Planners guess how many rows link to an id that they see, and not to one that a join finds.
    """
    return list(
        _TABLES[link]._default_manager.filter(canonical=entry).order_by().values_list("pk", flat=True)
    )


def refresh_canonical(model: type[Actor | Topic | Proposition], corpus: Corpus) -> None:
    """Store the canonical entry of every entry of a corpus whose chain of merges ends elsewhere by now."""
    rows = model._default_manager.filter(corpus=corpus)
    pointers = rows.filter(merged_into__isnull=False).values_list("pk", "merged_into_id", "canonical_id")
    merged_into = {pk: target for pk, target, _ in pointers}
    for pk, _, stored in pointers:
        end = resolve_chain(pk, merged_into)
        if end != stored:
            rows.filter(pk=pk).update(canonical=end)
