"""Errors that several services raise, each worded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from annotations.exceptions import IdTaken, NotAllowedNow, NotYourRole, Stale
from annotations.says import listed, one_of, says, word
from annotations.states import Who
from annotations.workflow import Transition

WHOSE: Mapping[Who, str] = {
    Who.OWNER: says("the owner"),
    Who.REVIEWER: says("the reviewer"),
    Who.THAT_REVIEWER: says("the reviewer who took it"),
    Who.MANAGER: says("the manager"),
    Who.SYSTEM: says("the system"),
}


def id_taken(id: UUID | None) -> IdTaken:
    """Return the error for an id that belongs to something else, whether the client may see it or not."""
    return IdTaken(says("The id {id} is taken by something else; choose another one.", id=id))


def require_version(name: str, stored: int, seen: int) -> None:
    """Raise ``StaleVersionError`` if the client saw an older version of the object called ``name``."""
    if stored != seen:
        raise Stale(
            says(
                "The {name} is at version {stored}, and this was decided on version {seen}; "
                "load it again and decide with both in view.",
                name=word("model", name),
                stored=stored,
                seen=seen,
            ),
            version=stored,
        )


def not_your_move(transition: Transition, role: str) -> NotYourRole:
    """Return the error for a user of this role, who may not make the transition in any state."""
    return NotYourRole(
        says(
            "Only {whose} may make the move {name}; your role in this corpus is {role}.",
            whose=one_of(WHOSE[who] for who in transition.moves),
            name=word("transition", transition.name),
            role=word("Role", role),
        )
    )


def not_from_here(transition: Transition, state: str, now: Sequence[str]) -> NotAllowedNow:
    """Return the error for a transition that the state does not allow; ``now`` names the allowed ones."""
    could = (
        says("you can now: {moves}", moves=listed(word("transition", name) for name in now))
        if now
        else says("there is nothing that you can do with it now")
    )
    return NotAllowedNow(
        says(
            "The set is {state}, from where {name} is not possible; {could}.",
            state=word("State", state),
            name=word("transition", transition.name),
            could=could,
        ),
        state=state,
        allowed=list(now),
    )
