"""From DRF's nested validation errors to a flat list of faults, each with its JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings

from annotations.exceptions import FieldError, Invalid, StandpointError, TextNotAllowed
from annotations.says import says
from annotations.text.gate import json_pointer

# DRF's codes are the names of its messages; ours are what a program wants to know.
_CODES: Mapping[str, str] = {
    "blank": "empty",
    "does_not_exist": "unknown",
    "invalid_choice": "choice",
    "max_length": "too-long",
    "max_value": "too-large",
    "min_length": "too-short",
    "min_value": "too-small",
    "not_a_dict": "type",
    "not_a_list": "type",
    "null": "null",
}
_WHOLE = api_settings.NON_FIELD_ERRORS_KEY


def from_validation(error: ValidationError, *, in_query: bool = False) -> StandpointError:
    """What DRF found wrong, in our words.

    ``in_query``: the names are those of parameters. Faults that concern nothing but what article
    text may hold are a refusal of the text (422) and not of the shape (400).
    """
    faults = [_as_parameter(fault) if in_query else fault for fault in _flattened(error.detail, ())]
    if faults and all(fault.code == TextNotAllowed.code for fault in faults):
        return TextNotAllowed(summary(faults), errors=faults)
    return Invalid(summary(faults), errors=faults)


def summary(faults: list[FieldError]) -> str:
    """One sentence for one or many faults."""
    if not faults:
        return says("The request does not have the shape that is asked for.")
    first = faults[0]
    if len(faults) > 1:
        return says(
            "{count} things in the request need mending; errors names each with its place.", count=len(faults)
        )
    if first.parameter is not None:
        return says("The parameter {parameter}: {detail}", parameter=first.parameter, detail=first.detail)
    if first.pointer:
        return says("At {pointer}: {detail}", pointer=first.pointer, detail=first.detail)
    return first.detail


def _flattened(detail: Any, path: tuple[str | int, ...]) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _flattened(inner, path if key == _WHOLE else (*path, key))
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            # A list holds either the sentences about one place, or one item per place.
            yield from _flattened(inner, path if isinstance(inner, str) else (*path, index))
    else:
        yield FieldError(code=_code(detail), detail=str(detail), pointer=json_pointer(*path))


def _code(detail: Any) -> str:
    code = detail.code if isinstance(detail, ErrorDetail) and detail.code else "invalid"
    return _CODES.get(code, code.replace("_", "-"))


def _as_parameter(fault: FieldError) -> FieldError:
    name = (fault.pointer or "").removeprefix("/").replace("~1", "/").replace("~0", "~")
    return FieldError(code=fault.code, detail=fault.detail, parameter=name)
