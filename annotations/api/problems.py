"""The problem documents of the API (RFC 9457), and the table of their codes.

``CODES`` is the reference: the status of each code, its title and when it is answered. The docs and
the OpenAPI document are made from it. ``HTTPProblemError`` and its subclasses are errors of HTTP itself;
all others are subclasses of ``StandpointError``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import JsonResponse
from django.utils.translation import get_language, gettext
from rest_framework.exceptions import APIException

from annotations import exceptions as ours
from annotations.messages import message
from annotations.translation import translate_data, translate_message

MEDIA_TYPE = "application/problem+json"

# A thousand spans can have several errors each; nobody reads more than this.
MAX_ERRORS = 1_000

#: Seconds after which to try again, where nothing better is known, and the statuses that ask for it.
RETRY_AFTER = "5"
_TRY_AGAIN = frozenset({429, 503})

# Further members cannot replace one of these.
_STANDARD = frozenset({"type", "title", "status", "detail", "code", "errors"})


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """One row of the reference: ``title`` is in every document, ``when`` is for the docs."""

    code: str
    status: int
    title: str
    when: str


_STATUS_OF_ERRORS: Mapping[type[ours.StandpointError], int] = {
    ours.InvalidInputError: 400,
    ours.InsufficientRoleError: 403,
    ours.FourEyesError: 403,
    ours.BlindError: 403,
    ours.NotVisibleError: 404,
    ours.NotAllowedNowError: 409,
    ours.ClosedSetError: 409,
    ours.UnsolvedProblemsError: 409,
    ours.OpenItemsError: 409,
    ours.DuplicateError: 409,
    ours.IdTakenError: 409,
    ours.InUseError: 409,
    ours.MergeConflictError: 409,
    ours.UndoConflictError: 409,
    ours.SetExistsError: 409,
    ours.NotReadyError: 409,
    ours.ReleaseWithdrawnError: 410,
    ours.ErasedError: 410,
    ours.StaleVersionError: 412,
    ours.OutOfBoundsError: 422,
    ours.EmptySpanError: 422,
    ours.QuoteMismatchError: 422,
    ours.EmptySnapError: 422,
    ours.RelationEndsError: 422,
    ours.TextNotAllowedError: 422,
    ours.UnknownUserError: 422,
    ours.NotInCorpusError: 422,
    ours.FormatLossError: 422,
    ours.AnswerTooLargeError: 422,
    ours.AddressNotPublicError: 422,
    ours.PreconditionRequiredError: 428,
    ours.TooManySignInsError: 429,
    ours.NotInstalledError: 501,
}

_HTTP_CODES = (
    ProblemCode(
        "host", 400, "This service does not answer to that host", "The Host header is not an allowed one."
    ),
    ProblemCode(
        "unauthenticated",
        401,
        "Say who you are",
        "There is neither a valid access token nor a session that is signed in.",
    ),
    ProblemCode(
        "scope",
        403,
        "The token is not made for this",
        "The access token lacks the scope, or tokens are not taken at this address.",
    ),
    ProblemCode(
        "csrf",
        403,
        "The request does not prove that it comes from our pages",
        "A session wants to write without a valid X-CSRFToken header.",
    ),
    ProblemCode(
        "method-not-allowed",
        405,
        "This address does not know that method",
        "The Allow header names the methods of the address.",
    ),
    ProblemCode(
        "length-required",
        411,
        "The length of the body is missing",
        "The body was sent in chunks (Transfer-Encoding) and not with Content-Length.",
    ),
    ProblemCode(
        "too-large",
        413,
        "The body is too large",
        "The body, or one line of an import, is longer than the limit of the address.",
    ),
    ProblemCode(
        "address-too-long",
        414,
        "The address is too long",
        "The line with the address is longer than the server reads.",
    ),
    ProblemCode(
        "range-not-satisfiable",
        416,
        "The range holds none of the file",
        "The header Range asks for bytes behind the end of the file; Content-Range says how many it has.",
    ),
    ProblemCode(
        "headers-too-large",
        431,
        "The headers are too large",
        "A header of the request, or all together, are longer than the server reads.",
    ),
    ProblemCode(
        "unsupported-media-type",
        415,
        "This kind of body is not taken here",
        "The Content-Type is missing or not one that the address takes.",
    ),
    ProblemCode(
        "internal", 500, "Something went wrong on our side", "A fault of ours; the log has it by its id."
    ),
    ProblemCode(
        "unavailable",
        503,
        "The service cannot do this right now",
        "The database is busy, too slow or away, or its migrations are missing; try again after Retry-After.",
    ),
)


def _when(error: type[ours.StandpointError]) -> str:
    return " ".join((error.__doc__ or "").split("\n\n", maxsplit=1)[0].split())


#: Errors that share their code with another one of another status, under a key of their own.
_KEYS: Mapping[type[ours.StandpointError], str] = {ours.AnswerTooLargeError: "answer-too-large"}


def problem_key(error: type[ours.StandpointError]) -> str:
    """Return the key of an error in ``CODES``: its code, if no other error has it."""
    return _KEYS.get(error, error.code)


def _rows() -> dict[str, ProblemCode]:
    rows = {row.code: row for row in _HTTP_CODES}
    for cls, status in _STATUS_OF_ERRORS.items():
        rows[problem_key(cls)] = ProblemCode(cls.code, status, cls.title, _when(cls))
    return dict(sorted(rows.items(), key=lambda item: (item[1].status, item[0])))


CODES: Mapping[str, ProblemCode] = _rows()
STATUS_BY_CODE: Mapping[str, int] = {key: row.status for key, row in CODES.items()}


class ProblemResponse(JsonResponse):
    """The response with a problem document. ``data`` is the document before it is encoded."""

    def __init__(self, data: dict[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(
            data,
            status=data["status"],
            content_type=MEDIA_TYPE,
            headers={
                "Cache-Control": "no-store",
                "Content-Language": get_language() or "en",
                **({"Retry-After": RETRY_AFTER} if data["status"] in _TRY_AGAIN else {}),
                **headers,
            },
        )
        self.data = data


def problem_response(
    code: str,
    detail: str,
    /,
    *,
    errors: Sequence[ours.FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **data: Any,
) -> ProblemResponse:
    """Return the response for a key of ``CODES``, in the active language.

    ``data`` becomes further members of the document.
    """
    row = CODES[code]
    members = [translate_data(error.as_dict()) for error in errors[:MAX_ERRORS]]
    further = translate_data({key: data[key] for key in data.keys() - _STANDARD})
    document: dict[str, Any] = {
        "type": f"urn:standpoint:{row.code}",
        "title": gettext(row.title),
        "status": row.status,
        "detail": translate_message(detail),
        "code": row.code,
        "errors": members,
    }
    return ProblemResponse({**document, **further}, headers or {})


class HTTPProblemError(APIException):
    """Base of the errors of HTTP itself. DRF's base class, so that it may be raised inside DRF."""

    code: ClassVar[str]

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **data: Any) -> None:
        super().__init__(detail, self.code)
        self.status_code = STATUS_BY_CODE[self.code]
        self.message = detail
        self.headers = dict(headers or {})
        self.data = data


class LengthRequiredError(HTTPProblemError):
    """The error for a body without a length."""

    code = "length-required"


class TooLargeError(HTTPProblemError):
    """The error for a body that is longer than the view takes."""

    code = "too-large"

    @classmethod
    def for_limit(cls, limit: int) -> TooLargeError:
        """Return the error for a limit in bytes."""
        return cls(
            message(
                "The body is larger than the {limit:,} bytes that this address takes; send it in parts.",
                limit=limit,
            ),
            limit=limit,
        )


class RangeError(HTTPProblemError):
    """The error for a range behind the end of a file."""

    code = "range-not-satisfiable"


class UnauthenticatedError(HTTPProblemError):
    """The error for a request without a session or a valid token."""

    code = "unauthenticated"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class MissingScopeError(HTTPProblemError):
    """The error for a token that may not do this, whatever its owner may do."""

    code = "scope"


class CSRFError(HTTPProblemError):
    """The error for a session that writes without proof that the request comes from our own pages."""

    code = "csrf"


class UnsupportedMediaTypeError(HTTPProblemError):
    """The error for a body whose media type the address does not take."""

    code = "unsupported-media-type"
