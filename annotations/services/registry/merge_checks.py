"""The checks before a merge, and the one circle that merges and parents can make together."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from annotations import limits
from annotations.exceptions import FieldError, MergeConflictError
from annotations.messages import message
from annotations.models import Actor, Alias, Proposition, PropositionStatus, Topic
from annotations.services.registry.moves import plan_aliases

Entry = Actor | Topic | Proposition


def find_conflicts(loser: Entry, winner: Entry) -> list[FieldError]:
    """Return what stands in the way of merging ``loser`` into ``winner``."""
    return [
        FieldError(code=code, detail=detail)
        for code, detail in (*_shared_conflicts(loser, winner), *_own_conflicts(loser, winner))
    ]


def _shared_conflicts(loser: Entry, winner: Entry) -> Iterator[tuple[str, str]]:
    if loser.pk == winner.pk:
        yield "itself", message("Nothing is merged into itself; choose another one.")
    if loser.merged_into_id is not None:
        yield (
            "already-merged",
            message("“{name}” is merged already; take that merge back first.", name=str(loser)),
        )
    if winner.merged_into_id is not None:
        yield (
            "winner-merged",
            message(
                "“{name}” is merged itself, into the one with the id {id}; merge into that one.",
                name=str(winner),
                id=winner.canonical_id,
            ),
        )


def _own_conflicts(loser: Entry, winner: Entry) -> Iterator[tuple[str, str]]:
    if isinstance(loser, Proposition) and isinstance(winner, Proposition):
        yield from _proposition_conflicts(loser, winner)
    elif isinstance(loser, Actor) and isinstance(winner, Actor):
        yield from _actor_conflicts(loser, winner)


def _proposition_conflicts(loser: Proposition, winner: Proposition) -> Iterator[tuple[str, str]]:
    if loser.kind != winner.kind:
        yield (
            "kinds-differ",
            message("One is an issue and the other an assertion; only propositions of one kind are merged."),
        )
    if loser.status == PropositionStatus.ACCEPTED and winner.status == PropositionStatus.PROPOSED:
        yield (
            "only-proposed",
            message("“{text}” is only proposed; accept it first, or merge it into the accepted one.",
                    text=winner.text),
        )  # fmt: skip


def _actor_conflicts(loser: Actor, winner: Actor) -> Iterator[tuple[str, str]]:
    if loser.pk != winner.pk and loser.pk in ancestors(winner.pk):
        yield (
            "parents",
            message(
                "{winner} is a part of {loser}, whose parts it would take over; change its parent first, "
                "or merge the other way round.",
                winner=winner.name,
                loser=loser.name,
            ),
        )
    moving = plan_aliases(loser, winner)[0]
    number = Alias.objects.filter(actor=winner.pk).count() + len(moving)
    if moving and number > limits.MAX_ALIASES:
        yield (
            "too-many-aliases",
            message(
                "{winner} would have {count:,} aliases; at most {limit:,} are taken.",
                winner=winner.name,
                count=number,
                limit=limits.MAX_ALIASES,
            ),
        )


def ancestors(actor: UUID) -> Iterator[UUID]:
    """Yield the canonical actors that an actor is, step by step, a part of; a circle ends where it closes."""
    seen = {actor}
    rows = Actor.objects.order_by()
    found = rows.filter(pk=actor).values_list("parent__canonical_id", flat=True).first()
    while found is not None:
        yield found
        if found in seen:
            return
        seen.add(found)
        found = rows.filter(pk=found).values_list("parent__canonical_id", flat=True).first()


def parents_in_circle(actor: UUID) -> bool:
    """Return whether the parents of an actor lead back to one of them."""
    found = list(ancestors(actor))
    return len(set(found)) < len(found) or actor in found


def require_unmerged(entry: Entry) -> None:
    """Raise ``MergeConflictError`` for an entry that is merged: its winner is the one to change."""
    if entry.merged_into_id is not None:
        detail = message(
            "“{name}” is merged into the one with the id {id}; change that one, or take the merge back.",
            name=str(entry),
            id=entry.canonical_id,
        )
        raise MergeConflictError(detail, conflicts=[{"code": "already-merged", "detail": detail}])
