"""The errors of Standpoint, independent of HTTP.

Each class has a stable ``code`` for programs and a ``title`` for users. Each instance has a ``detail``:
one whole sentence that says what is wrong, where, and what to do; and optional ``data``, which the
interfaces pass on. ``detail`` is made with ``annotations.messages``, so that an interface can translate
it. ``annotations.api.exceptions`` maps each code to its HTTP status; commands and the admin print
``detail``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One error in the input: its place (JSON pointer or parameter name), its code and what to do."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the place, the code and the detail as a problem document has them."""
        place = ("pointer", self.pointer or "") if self.parameter is None else ("parameter", self.parameter)
        return {place[0]: place[1], "code": self.code, "detail": self.detail}


class StandpointError(Exception):
    """Base class of all errors of Standpoint. ``str(error)`` is its detail."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **data: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.data = data


@contextmanager
def error_at(pointer: str) -> Iterator[None]:
    """Add the place in the input, a JSON pointer, to every error that is raised inside the block."""
    try:
        yield
    except StandpointError as error:
        field_error = FieldError(code=error.code, detail=error.detail, pointer=pointer)
        raise type(error)(error.detail, errors=[field_error], **error.data) from error


class InvalidInputError(StandpointError):
    """The input does not have the required structure."""

    code, title = "invalid", "The request does not have the right shape"


class NotVisibleError(StandpointError):
    """The object does not exist, or the user may not know whether it does."""

    code, title = "not-found", "There is nothing here that you can see"


class InsufficientRoleError(StandpointError):
    """The role of the user in the corpus, or towards the set, does not allow the action."""

    code, title = "role", "Your role does not allow this"


class FourEyesError(StandpointError):
    """An author of a set may not decide on it."""

    code, title = "four-eyes", "Nobody decides on their own work"


class BlindError(StandpointError):
    """The content of a set is hidden from everybody but its owner until all annotators have submitted."""

    code, title = "blind", "This work is hidden until all have submitted"


class PreconditionRequiredError(StandpointError):
    """The request does not name the version that it is based on."""

    code, title = "precondition-required", "The version that you saw is missing"


class StaleVersionError(StandpointError):
    """The object has changed since the version that the request names; ``version`` is the current one."""

    code, title = "stale", "This has changed since you looked"


class NotAllowedNowError(StandpointError):
    """The state of the set does not allow the action; ``state`` and ``allowed`` say what is possible."""

    code, title = "not-allowed-now", "The current state does not allow this"


class ClosedSetError(StandpointError):
    """The content of a set can only change while the set is open or returned."""

    code, title = "closed-set", "This set is closed for changes"


class UnsolvedProblemsError(StandpointError):
    """Blocking problems stop the submission; ``problems`` lists them."""

    code, title = "has-problems", "There are unsolved problems"


class OpenItemsError(StandpointError):
    """Spans that need a look since the text was corrected stop the submission; ``items`` counts them."""

    code, title = "open-items", "There are marks to look at"


class DuplicateError(StandpointError):
    """An equal object is stored already, under another id."""

    code, title = "duplicate", "This exists already"


class IdTakenError(StandpointError):
    """The id belongs to another object."""

    code, title = "id-taken", "This id is taken"


class InUseError(StandpointError):
    """Other objects depend on the object."""

    code, title = "in-use", "This is in use"


class MergeConflictError(StandpointError):
    """Two entries of the registry cannot be merged, or one is merged already; ``conflicts`` lists why."""

    code, title = "merge-conflict", "These entries cannot be merged"


class UndoConflictError(StandpointError):
    """A merge cannot be undone; ``conflicts`` lists what was changed or deleted since."""

    code, title = "undo-conflict", "This merge cannot be taken back"


class SetExistsError(StandpointError):
    """The owner already has a set on this article, and an import never changes existing sets."""

    code, title = "has-set", "The owner has a set on this article"


class OutOfBoundsError(StandpointError):
    """The range is not inside the text, or splits a code point."""

    code, title = "out-of-bounds", "The range is not inside the text"


class EmptySpanError(StandpointError):
    """A span covers at least one code point."""

    code, title = "empty-span", "The span is empty"


class QuoteMismatchError(StandpointError):
    """The quote differs from the text at its offsets; ``actual`` is that text."""

    code, title = "quote-mismatch", "The quote does not match the text"


class EmptySnapError(StandpointError):
    """The range holds no letter or digit to which its edges could be moved."""

    code, title = "snap-empty", "Nothing is left to mark"


class RelationEndsError(StandpointError):
    """The type of the relation does not allow these ends."""

    code, title = "relation-ends", "The relation does not fit its ends"


class TextNotAllowedError(StandpointError):
    """The text has a forbidden character, is empty or is too long."""

    code, title = "text-not-allowed", "This text cannot be stored"


class UnknownUserError(StandpointError):
    """No active user has that name."""

    code, title = "unknown-user", "There is no such person"


class NotInCorpusError(StandpointError):
    """The request refers to an object that does not belong to this corpus."""

    code, title = "not-in-corpus", "This does not belong to the corpus"


class NotReadyError(StandpointError):
    """The release is still being built, or its job has failed."""

    code, title = "not-ready", "The release is not ready"


class ReleaseWithdrawnError(StandpointError):
    """The release was withdrawn, for ``reason``: its metadata remains, its files cannot be downloaded."""

    code, title = "withdrawn", "The release was withdrawn"


class ErasedError(StandpointError):
    """The words of the article were erased: its rows and hashes remain, and nothing can be done with it."""

    code, title = "erased", "The article was erased"


class NotInstalledError(StandpointError):
    """A format needs an optional package that is not installed."""

    code, title = "not-installed", "A package that this needs is not installed"


class TooManySignInsError(StandpointError):
    """Too many sign-ins of an account or an address failed; ``wait`` is how many seconds remain."""

    code, title = "rate-limited", "Too many requests"


class AnswerTooLargeError(StandpointError):
    """The answer would be too large; ``errors`` names what helps, or ``exports`` where a worker makes it."""

    code, title = "too-large", "The answer would be too large"


class AddressNotPublicError(StandpointError):
    """The address is none that the service calls: it is not https, not public, or not on the list."""

    code, title = "not-public", "This address is not called"


class FormatLossError(StandpointError):
    """A strict export found content that its format cannot represent; ``losses`` lists it."""

    code, title = "would-lose", "The format cannot carry everything"
