"""Everything that Standpoint refuses, as exceptions without any HTTP in them.

Each class carries a stable ``code`` for programs and a ``title`` for people; each instance a
``detail``, one whole sentence that says what is wrong, where, and what to do, and optional
``data`` that the interfaces pass on. A ``detail`` is made by ``annotations.says``, so that an
interface can tell it in the language of the reader. ``annotations.api.exceptions`` gives each code its HTTP
status; commands and the admin print ``detail``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One fault inside the input: where it is (JSON pointer or parameter name) and what to do."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As documents show it: the place, the code and the sentence."""
        place = ("pointer", self.pointer or "") if self.parameter is None else ("parameter", self.parameter)
        return {place[0]: place[1], "code": self.code, "detail": self.detail}


class StandpointError(Exception):
    """Base of all refusals. ``str(error)`` is its detail."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **data: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.data = data


@contextmanager
def located(pointer: str) -> Iterator[None]:
    """Say where in the input a refusal arose: ``pointer`` is a JSON pointer."""
    try:
        yield
    except StandpointError as error:
        fault = FieldError(code=error.code, detail=error.detail, pointer=pointer)
        raise type(error)(error.detail, errors=[fault], **error.data) from error


class Invalid(StandpointError):
    """The input does not have the shape that is asked for."""

    code, title = "invalid", "The request does not have the right shape"


class NotVisible(StandpointError):
    """It does not exist, or you may not know whether it does."""

    code, title = "not-found", "There is nothing here that you can see"


class NotYourRole(StandpointError):
    """Your role in the corpus, or your part in the work, does not allow this."""

    code, title = "role", "Your role does not allow this"


class FourEyes(StandpointError):
    """An author of the work may not decide on it."""

    code, title = "four-eyes", "Nobody decides on their own work"


class Blind(StandpointError):
    """The work of others stays hidden until everybody has submitted."""

    code, title = "blind", "This work is hidden until all have submitted"


class PreconditionRequired(StandpointError):
    """The version that you saw has to be named."""

    code, title = "precondition-required", "The version that you saw is missing"


class Stale(StandpointError):
    """Somebody changed it since you looked; ``version`` is the current one."""

    code, title = "stale", "This has changed since you looked"


class NotAllowedNow(StandpointError):
    """The state does not allow it; ``state`` and ``allowed`` say what is possible."""

    code, title = "not-allowed-now", "The current state does not allow this"


class ClosedSet(StandpointError):
    """The content of a set changes only while it is open or returned."""

    code, title = "closed-set", "This set is closed for changes"


class HasProblems(StandpointError):
    """Blocking problems of the guideline are unsolved; ``problems`` lists them."""

    code, title = "has-problems", "There are unsolved problems"


class Duplicate(StandpointError):
    """The same thing is stored already under another id."""

    code, title = "duplicate", "This exists already"


class IdTaken(StandpointError):
    """The id belongs to something else."""

    code, title = "id-taken", "This id is taken"


class InUse(StandpointError):
    """Something else depends on it."""

    code, title = "in-use", "This is in use"


class HasSet(StandpointError):
    """The owner has a set on this article already, and an import never changes sets."""

    code, title = "has-set", "The owner has a set on this article"


class OutOfBounds(StandpointError):
    """The range leaves the text, or cuts a character in two."""

    code, title = "out-of-bounds", "The range is not inside the text"


class EmptySpan(StandpointError):
    """A span covers at least one code point."""

    code, title = "empty-span", "The span is empty"


class QuoteMismatch(StandpointError):
    """The quote that was sent is not what the text says; ``actual`` is."""

    code, title = "quote-mismatch", "The quote does not match the text"


class SnapEmpty(StandpointError):
    """Nothing is left after the edges were moved to a letter or digit."""

    code, title = "snap-empty", "Nothing is left to mark"


class RelationEnds(StandpointError):
    """The relation does not fit its ends."""

    code, title = "relation-ends", "The relation does not fit its ends"


class TextNotAllowed(StandpointError):
    """The text holds something that no text may hold, or is empty or too long."""

    code, title = "text-not-allowed", "This text cannot be stored"


class UnknownUser(StandpointError):
    """There is no active person of that name."""

    code, title = "unknown-user", "There is no such person"


class NotInCorpus(StandpointError):
    """What is referred to does not belong to this corpus."""

    code, title = "not-in-corpus", "This does not belong to the corpus"


class NotReady(StandpointError):
    """The release is still being built, or its job failed; its job says which."""

    code, title = "not-ready", "The release is not ready"


class Withdrawn(StandpointError):
    """The release was taken back: its files are gone, what it was is still told; ``reason`` says why."""

    code, title = "withdrawn", "The release was withdrawn"


class NotInstalled(StandpointError):
    """A format needs an optional package that this installation lacks."""

    code, title = "not-installed", "A package that this needs is not installed"


class WouldLose(StandpointError):
    """A strict export found something that its format cannot carry; ``losses`` says what."""

    code, title = "would-lose", "The format cannot carry everything"
