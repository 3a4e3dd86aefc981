"""Refusals that several services make, each written once."""

from __future__ import annotations

from uuid import UUID

from annotations.exceptions import IdTaken, Stale


def id_taken(id: UUID | None) -> IdTaken:
    """The id that a client chose belongs to something else, visible or not."""
    return IdTaken(f"The id {id} is taken by something else; choose another one.")


def require_version(name: str, stored: int, seen: int) -> None:
    """Refuse a write that was decided on an older version of the thing called ``name``."""
    if stored != seen:
        raise Stale(
            f"The {name} is at version {stored}, and this was decided on version {seen}; load it again and "
            "decide with both in view.",
            version=stored,
        )
