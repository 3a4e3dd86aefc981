"""Objects of a file, read by a table of their fields; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from annotations.exceptions import FieldError, StandpointError
from annotations.formats.values import Check, Wrong
from annotations.text.gate import excerpt, json_pointer

MOST_FAULTS = 100
"""So many faults of one line are told; a line of a million wrong spans makes no million sentences."""


class Faults(list[FieldError]):
    """What is wrong with a line: the first faults, and how many there are."""

    said = 0

    def say(self, code: str, pointer: str, detail: str) -> None:
        """Note a fault."""
        self.said += 1
        if len(self) < MOST_FAULTS:
            self.append(FieldError(code=code, detail=detail, pointer=pointer))

    def refused(self, error: StandpointError, pointer: str) -> None:
        """Note what a rule refuses."""
        self.say(error.code, pointer, error.detail)


class Field(NamedTuple):
    """One field: its check, what stands for null and for nothing sent, and whether that is allowed."""

    check: Check
    empty: Any = None
    required: bool = False


Fields = Mapping[str, Field]


def read_object(raw: Any, fields: Fields, faults: Faults, at: str) -> dict[str, Any] | None:
    """The values of an object, those of faulty fields as if nothing was sent; None if it is no object."""
    if type(raw) is not dict:
        faults.say("type", at, "It has to be an object.")
        return None
    if not raw.keys() <= fields.keys():
        _unknown(raw, fields, faults, at)
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
            says = "It cannot be null; send a value." if name in raw else "It is missing; send it."
            faults.say(code, f"{at}/{name}", says)
    return values


def _unknown(raw: dict[str, Any], fields: Fields, faults: Faults, at: str) -> None:
    for name in raw:
        if name not in fields:
            known = ", ".join(fields)
            faults.say(
                "unknown-field",
                f"{at}{json_pointer(name[:100])}",
                f"There is no field {excerpt(name)} here; the fields are {known}.",
            )


def read_list(raw: Any, faults: Faults, at: str) -> list[Any]:
    """The items of a list; null and nothing are none."""
    if raw is None:
        return []
    if type(raw) is not list:
        faults.say("type", at, "It has to be a list.")
        return []
    return raw
