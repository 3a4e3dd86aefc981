"""What the scheme refuses: attributes, links and relations that do not fit their span.

The functions return faults as values, so that a caller can report all of them at once. Pointers
are relative to the span. Codes: ``unknown-label``, ``unknown-attribute``, ``not-for-label``,
``wrong-type``, ``unknown-value``, ``bad-date``, ``precision``, ``text-not-allowed``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from annotations.exceptions import FieldError, TextNotAllowed
from annotations.says import one_of, says, word
from annotations.scheme.tables import ATTRIBUTES, LABEL_NAMES, LABELS, RELATIONS, Attribute
from annotations.text import gate

_Value = TypeVar("_Value")

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_MAX_POINTER = 100  # a megabyte of a strange name need not come back
_PRECISION_OF_LENGTH = {4: "year", 7: "month", 10: "day"}

# Made once, because every span of a bulk import is looked up here.
_OF_LABEL: dict[str, dict[str, Attribute]] = {
    label: {name: attribute for name, attribute in ATTRIBUTES.items() if attribute.use(label)}
    for label in LABEL_NAMES
}
_WORDS: dict[str, str] = {name: word("attribute", name) for name in ATTRIBUTES}
_VALUES: dict[str, frozenset[str]] = {
    name: frozenset(attribute.values) for name, attribute in ATTRIBUTES.items()
}


def check_attributes(label: str, attributes: object) -> list[FieldError]:
    """All faults of the attributes sent for a span of the label; empty if there are none.

    Every attribute may be left out (that is a problem at most, see ``problems``), none may be
    null. A statement date is written as exactly as it is known, and its way of writing is its
    precision: ``2025`` year, ``2025-03`` month, ``2025-03-14`` day. ``statement_date_precision``
    may say the same again, and then has to agree; alone it says nothing and is refused.
    """
    allowed = _OF_LABEL.get(label)
    if allowed is None:
        return [
            FieldError(
                code="unknown-label",
                detail=says(
                    "“{label}” is no label; use {choices}.",
                    label=gate.excerpt(str(label)),
                    choices=one_of(LABEL_NAMES),
                ),
                pointer="/label",
            )
        ]
    if not isinstance(attributes, Mapping):
        return [_fault("wrong-type", says("The attributes are a JSON object of names and values."))]
    errors: list[FieldError] = []
    for name, value in attributes.items():
        attribute = allowed.get(name)
        error = _misplaced(label, str(name), allowed) if attribute is None else _value_fault(attribute, value)
        if error is not None:
            errors.append(error)
    if not errors and "statement_date_precision" in attributes:
        errors.extend(_precision_faults(attributes))
    return errors


def check_links(label: str, *, actor: bool, proposition: bool) -> list[FieldError]:
    """Whether a span of the label may be linked to an actor and to a proposition of the registry.

    The arguments say whether the link is there. The label is one of ``LABEL_NAMES``.
    """
    links = LABELS[label].links
    return [
        FieldError(
            code="not-for-label",
            detail=says(
                "A span with the label {label} has no {link} of its own; it may be linked to {links}.",
                label=label,
                link=link,
                links=one_of(links),
            ),
            pointer=f"/{link}",
        )
        for link, present in (("actor", actor), ("proposition", proposition))
        if present and link not in links
    ]


def check_relation(relation_type: str, source_label: str, target_label: str, same: bool) -> str | None:
    """Why a relation does not fit its ends, in one sentence; none if it does.

    ``same`` says that source and target are one span, which no relation allows.
    """
    relation = RELATIONS.get(relation_type)
    if relation is None:
        return says(
            "“{relation}” is no relation; use {choices}.",
            relation=gate.excerpt(str(relation_type)),
            choices=one_of(RELATIONS),
        )
    if same:
        return says(
            "A span cannot be connected to itself by {relation}; choose another span.",
            relation=relation_type,
        )
    if source_label not in relation.sources:
        return says(
            "The relation {relation} starts at a span with the label {sources}, not {source_label}.",
            relation=relation_type,
            sources=one_of(relation.sources),
            source_label=gate.excerpt(source_label),
        )
    if target_label not in relation.targets:
        return says(
            "The relation {relation} ends at a span with the label {targets}, not {target_label}.",
            relation=relation_type,
            targets=one_of(relation.targets),
            target_label=gate.excerpt(target_label),
        )
    return None


def ordered(attributes: Mapping[str, _Value]) -> dict[str, _Value]:
    """The attributes in scheme order, as answers and exports show them; strange names go last."""
    known = {name: attributes[name] for name in ATTRIBUTES if name in attributes}
    return known if len(known) == len(attributes) else {**known, **attributes}


def defaults(label: str) -> dict[str, str]:
    """What the workbench fills in for a new span of the label, in scheme order."""
    uses = ((name, attribute.use(label)) for name, attribute in _OF_LABEL[label].items())
    return {name: use.default for name, use in uses if use is not None and use.default is not None}


def _misplaced(label: str, name: str, allowed: Iterable[str]) -> FieldError:
    if name in ATTRIBUTES:
        return _fault(
            "not-for-label",
            says(
                "A span with the label {label} has no {name}; that belongs to {labels}.",
                label=label,
                name=name,
                labels=one_of(ATTRIBUTES[name].labels),
            ),
            name,
        )
    return _fault(
        "unknown-attribute",
        says(
            "“{name}” is no attribute of the label {label}; use {choices}.",
            name=gate.excerpt(name),
            label=label,
            choices=one_of(allowed),
        ),
        name[:_MAX_POINTER],
    )


def _value_fault(attribute: Attribute, value: object) -> FieldError | None:
    name = attribute.name
    if not isinstance(value, str):
        return _fault(
            "wrong-type", says("The {name} is a string; leave it out if there is none.", name=name), name
        )
    if attribute.kind == "choice":
        if value in _VALUES[name]:
            return None
        return _fault(
            "unknown-value",
            says(
                "“{value}” is no {name}; use {choices}.",
                value=gate.excerpt(value),
                name=name,
                choices=one_of(attribute.values),
            ),
            name,
        )
    if attribute.kind == "date":
        if _is_date(value):
            return None
        return _fault(
            "bad-date",
            says(
                "“{value}” is no {name}; write a date of the calendar as YYYY-MM-DD, YYYY-MM or YYYY.",
                value=gate.excerpt(value),
                name=name,
            ),
            name,
        )
    try:
        gate.check_line(value, _WORDS[name], attribute.max_length or gate.MAX_TEXT)
    except TextNotAllowed as refusal:
        return _fault(refusal.code, refusal.detail, name)
    return None


def _is_date(value: str) -> bool:
    found = _DATE.fullmatch(value)
    if found is None:
        return False
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _precision_faults(attributes: Mapping[str, object]) -> list[FieldError]:
    name, precision = "statement_date_precision", attributes["statement_date_precision"]
    value = attributes.get("statement_date")
    if not isinstance(value, str):
        return [
            _fault("precision", says("The {name} needs a statement_date; leave it out.", name=name), name)
        ]
    written = _PRECISION_OF_LENGTH[len(value)]
    if precision == written:
        return []
    return [
        _fault(
            "precision",
            says(
                "The statement_date {value} is exact to the {written}, not to the {precision}; "
                "write the date as exactly as it is known.",
                value=value,
                written=written,
                precision=precision,
            ),
            name,
        )
    ]


def _fault(code: str, detail: str, name: str | None = None) -> FieldError:
    path = ("attributes",) if name is None else ("attributes", name)
    return FieldError(code=code, detail=detail, pointer=gate.json_pointer(*path))
