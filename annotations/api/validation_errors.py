"""From DRF's nested validation errors to a flat list of errors, each with its JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings

from annotations.exceptions import FieldError, InvalidInputError, StandpointError, TextNotAllowedError
from annotations.messages import message
from annotations.text.gate import json_pointer

# DRF's codes are the keys of its messages; ours say to a program what is wrong.
_CODES: Mapping[str, str] = {
    "blank": "empty",
    "does_not_exist": "unknown",
    "invalid_choice": "choice",
    "max_length": "too-long",
    "max_value": "too-large",
    "min_length": "too-short",
    "min_value": "too-small",
    "null": "null",
}
_NON_FIELD = api_settings.NON_FIELD_ERRORS_KEY


def translate_validation_error(error: ValidationError, *, in_query: bool = False) -> StandpointError:
    """Return the exception of ours for a validation error of DRF.

    ``in_query``: the field names are those of query parameters. If every error is about characters
    that article text may not hold, the text is refused (422) and not the shape of the request (400).
    """
    errors = [_as_parameter(each) if in_query else each for each in _flatten(error.detail, ())]
    if errors and all(each.code == TextNotAllowedError.code for each in errors):
        return TextNotAllowedError(summarize_errors(errors), errors=errors)
    return InvalidInputError(summarize_errors(errors), errors=errors)


def summarize_errors(errors: list[FieldError]) -> str:
    """Return one sentence for one or many errors."""
    if not errors:
        return message("The request does not have the shape that is asked for.")
    first = errors[0]
    if len(errors) > 1:
        return message(
            "{count} things in the request need mending; errors names each with its place.", count=len(errors)
        )
    if first.parameter is not None:
        return message("The parameter {parameter}: {detail}", parameter=first.parameter, detail=first.detail)
    if first.pointer:
        return message("At {pointer}: {detail}", pointer=first.pointer, detail=first.detail)
    return first.detail


def _flatten(detail: object, path: tuple[str | int, ...]) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _flatten(inner, path if key == _NON_FIELD else (*path, key))
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            # A list has either the messages about one place, or one item per place.
            yield from _flatten(inner, path if isinstance(inner, str) else (*path, index))
    else:
        yield FieldError(code=_code(detail), detail=str(detail), pointer=json_pointer(*path))


def _code(detail: object) -> str:
    code = detail.code if isinstance(detail, ErrorDetail) and detail.code else "invalid"
    return _CODES.get(code, code.replace("_", "-"))


def _as_parameter(error: FieldError) -> FieldError:
    name = (error.pointer or "").removeprefix("/").replace("~1", "/").replace("~0", "~")
    return FieldError(code=error.code, detail=error.detail, parameter=name)
