"""Readers of JSON objects by a table of their fields, which report all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from annotations.exceptions import FieldError, StandpointError
from annotations.formats.values import Check, Wrong
from annotations.text.gate import excerpt, json_pointer

MOST_FAULTS = 100
"""The number of faults of a record that are kept; a record can have a million invalid spans."""


class Faults(list[FieldError]):
    """The faults of a record: the first of them, and how many there are."""

    said = 0
    #: The length of all spans of the record, in code points.
    quoted = 0

    def say(self, code: str, pointer: str, detail: str) -> None:
        """Record a fault."""
        self.said += 1
        if len(self) < MOST_FAULTS:
            self.append(FieldError(code=code, detail=detail, pointer=pointer))

    def refused(self, error: StandpointError, pointer: str) -> None:
        """Record the error of a rule as a fault."""
        self.say(error.code, pointer, error.detail)


class Field(NamedTuple):
    """A field: its check, the value for null or a missing key, and whether it is required."""

    check: Check
    empty: Any = None
    required: bool = False


Fields = Mapping[str, Field]


def read_object(raw: Any, fields: Fields, faults: Faults, at: str) -> dict[str, Any] | None:
    """Return the values of an object, faulty ones as if missing; None if it is no object."""
    if type(raw) is not dict:
        faults.say("type", at, "It has to be an object.")
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
            except Wrong as wrong:
                faults.say(wrong.code, f"{at}/{name}{wrong.pointer}", wrong.detail)
        elif required:
            code = "null" if name in raw else "required"
            message = "It cannot be null; send a value." if name in raw else "It is missing; send it."
            faults.say(code, f"{at}/{name}", message)
    return values


def _record_unknown_fields(raw: dict[str, Any], fields: Fields, faults: Faults, at: str) -> None:
    for name in raw:
        if name not in fields:
            known = ", ".join(fields)
            faults.say(
                "unknown-field",
                f"{at}{json_pointer(name[:100])}",
                f"There is no field {excerpt(name)} here; the fields are {known}.",
            )


def read_list(raw: Any, faults: Faults, at: str) -> list[Any]:
    """Return the items of a list; none for null or a missing key."""
    if raw is None:
        return []
    if type(raw) is not list:
        faults.say("type", at, "It has to be a list.")
        return []
    return raw
