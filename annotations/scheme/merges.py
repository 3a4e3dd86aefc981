"""Merges: what an entry of the registry stands for when others were taken into it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Id = TypeVar("Id", bound=Hashable)


def resolve_chain(start: Id, merged_into: Mapping[Id, Id]) -> Id:
    """Return the end of a chain of merges; an entry in a circle stands for itself."""
    end, seen = start, {start}
    while end in merged_into:
        end = merged_into[end]
        if end in seen:
            return start
        seen.add(end)
    return end
