"""Readers of JSON objects by a table of their fields, which report all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from annotations.exceptions import FieldError, StandpointError
from annotations.formats.core.value_checks import InvalidValueError, ValueCheck
from annotations.text.gate import excerpt, json_pointer

MAX_FIELD_ERRORS = 100
"""The number of faults of a record that are kept; a record can have a million invalid spans."""


class FieldErrors(list[FieldError]):
    """The faults of a record: the first of them, and how many there are."""

    total = 0
    #: The length of all spans of the record, in code points.
    quoted = 0

    def record(self, code: str, pointer: str, detail: str) -> None:
        """Record a fault."""
        self.total += 1
        if len(self) < MAX_FIELD_ERRORS:
            self.append(FieldError(code=code, detail=detail, pointer=pointer))

    def record_error(self, error: StandpointError, pointer: str) -> None:
        """Record the error of a rule as a fault."""
        self.record(error.code, pointer, error.detail)


class FieldRule(NamedTuple):
    """A field: its check, the value for null or a missing key, and whether it is required."""

    check: ValueCheck
    default: Any = None
    required: bool = False


FieldRules = Mapping[str, FieldRule]


def read_object(raw: object, fields: FieldRules, faults: FieldErrors, at: str) -> dict[str, Any] | None:
    """Return the values of an object, faulty ones as if missing; None if it is no object."""
    if type(raw) is not dict:
        faults.record("type", at, "It has to be an object.")
        return None
    if not raw.keys() <= fields.keys():
        _record_unknown_fields(raw, fields, faults, at)
    values: dict[str, Any] = {}
    for name, (check, empty, required) in fields.items():
        sent = raw.get(name)
        values[name] = empty
        if sent is not None:
            try:
                values[name] = check(sent)
            except InvalidValueError as wrong:
                faults.record(wrong.code, f"{at}/{name}{wrong.pointer}", wrong.detail)
        elif required:
            code = "null" if name in raw else "required"
            message = "It cannot be null; send a value." if name in raw else "It is missing; send it."
            faults.record(code, f"{at}/{name}", message)
    return values


def _record_unknown_fields(raw: dict[str, Any], fields: FieldRules, faults: FieldErrors, at: str) -> None:
    for name in raw:
        if name not in fields:
            known = ", ".join(fields)
            faults.record(
                "unknown-field",
                f"{at}{json_pointer(name[:100])}",
                f"There is no field {excerpt(name)} here; the fields are {known}.",
            )


def read_list(raw: object, faults: FieldErrors, at: str) -> list[Any]:
    """Return the items of a list; none for null or a missing key."""
    if raw is None:
        return []
    if type(raw) is not list:
        faults.record("type", at, "It has to be a list.")
        return []
    return raw
