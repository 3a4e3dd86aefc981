"""Errors that several services raise, each worded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from annotations.enums import SetRole
from annotations.exceptions import (
    DuplicateError,
    IdTakenError,
    InsufficientRoleError,
    NotAllowedNowError,
    StaleVersionError,
)
from annotations.messages import join_choices, join_list, message, term
from annotations.workflow import Transition

ROLE_TERMS: Mapping[SetRole, str] = {
    SetRole.OWNER: message("the owner"),
    SetRole.REVIEWER: message("the reviewer"),
    SetRole.ASSIGNED_REVIEWER: message("the reviewer who took it"),
    SetRole.MANAGER: message("the manager"),
    SetRole.SYSTEM: message("the system"),
}


def id_taken_error(id: UUID | None) -> IdTakenError:
    """Return the error for an id that belongs to something else, whether the client may see it or not."""
    return IdTakenError(message("The id {id} is taken by something else; choose another one.", id=id))


def shown_once_error() -> DuplicateError:
    """Return the error for a form with a secret that was sent a second time."""
    return DuplicateError(
        message(
            "This form was sent twice, and what it made was shown in the answer to the first time; "
            "if you do not have it, take that back and make another."
        )
    )


def require_current_version(name: str, stored: int, seen: int) -> None:
    """Raise ``StaleVersionError`` if the client saw an older version of the object called ``name``."""
    if stored != seen:
        raise StaleVersionError(
            message(
                "The {name} is at version {stored}, and this was decided on version {seen}; "
                "load it again and decide with both in view.",
                name=term("model", name),
                stored=stored,
                seen=seen,
            ),
            version=stored,
        )


def transition_role_error(transition: Transition, role: str) -> InsufficientRoleError:
    """Return the error for a user of this role, who may not make the transition in any state."""
    return InsufficientRoleError(
        message(
            "Only {whose} may make the move {name}; your role in this corpus is {role}.",
            whose=join_choices(ROLE_TERMS[who] for who in transition.sources_by_role),
            name=term("transition", transition.name),
            role=term("Role", role),
        )
    )


def transition_state_error(
    transition: Transition, state: str, allowed_names: Sequence[str]
) -> NotAllowedNowError:
    """Return the error for a transition that the state does not allow; ``now`` names the allowed ones."""
    could = (
        message("you can now: {moves}", moves=join_list(term("transition", name) for name in allowed_names))
        if allowed_names
        else message("there is nothing that you can do with it now")
    )
    return NotAllowedNowError(
        message(
            "The set is {state}, from where {name} is not possible; {could}.",
            state=term("State", state),
            name=term("transition", transition.name),
            could=could,
        ),
        state=state,
        allowed=list(allowed_names),
    )
