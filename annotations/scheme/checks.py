"""Validation of attributes, links and relations against the scheme.

The functions return errors instead of raising them, so that a caller can report all of them at once.
Pointers are relative to the span. Codes: ``unknown-label``, ``unknown-attribute``, ``not-for-label``,
``wrong-type``, ``unknown-value``, ``bad-date``, ``precision``, ``text-not-allowed``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from annotations.exceptions import FieldError, TextNotAllowedError
from annotations.messages import join_choices, message, term
from annotations.scheme.tables import ATTRIBUTES, LABEL_NAMES, LABELS, RELATIONS, Attribute
from annotations.text import gate
from annotations.text.parsing import is_partial_date

_Value = TypeVar("_Value")

_MAX_POINTER = 100  # an unknown name in the input may be a megabyte long
_PRECISION_OF_LENGTH = {4: "year", 7: "month", 10: "day"}

# Computed once, because a bulk import looks up every span here.
_ATTRIBUTES_OF_LABEL: dict[str, dict[str, Attribute]] = {
    label: {name: attribute for name, attribute in ATTRIBUTES.items() if attribute.use_on(label)}
    for label in LABEL_NAMES
}
_TITLES: dict[str, str] = {name: term("attribute", name) for name in ATTRIBUTES}
_ALLOWED_VALUES: dict[str, frozenset[str]] = {
    name: frozenset(attribute.values) for name, attribute in ATTRIBUTES.items()
}


def check_attributes(label: str, attributes: object) -> list[FieldError]:
    """Return all errors of the attributes of a span with this label.

    Every attribute may be left out (a missing one is a problem at most, see ``find_problems``), none may
    be null. The form of a statement date is its precision: ``2025`` year, ``2025-03`` month,
    ``2025-03-14`` day. ``statement_date_precision`` may repeat it and then must agree; without a
    statement date it is refused.
    """
    allowed = _ATTRIBUTES_OF_LABEL.get(label)
    if allowed is None:
        return [
            FieldError(
                code="unknown-label",
                detail=message(
                    "“{label}” is no label; use {choices}.",
                    label=gate.excerpt(str(label)),
                    choices=join_choices(LABEL_NAMES),
                ),
                pointer="/label",
            )
        ]
    if not isinstance(attributes, Mapping):
        return [_error("wrong-type", message("The attributes are a JSON object of names and values."))]
    errors: list[FieldError] = []
    for name, value in attributes.items():
        attribute = allowed.get(name)
        error = (
            _unknown_attribute_error(label, str(name), allowed)
            if attribute is None
            else _value_error(attribute, value)
        )
        if error is not None:
            errors.append(error)
    if not errors and "statement_date_precision" in attributes:
        errors.extend(_precision_errors(attributes))
    return errors


def check_links(label: str, *, has_actor: bool, has_proposition: bool) -> list[FieldError]:
    """Return an error for each link to the registry that a span with this label may not have.

    The arguments say whether the span has the link. The label is one of ``LABEL_NAMES``.
    """
    links = LABELS[label].links
    return [
        FieldError(
            code="not-for-label",
            detail=message(
                "A span with the label {label} has no {link} of its own; it may be linked to {links}.",
                label=label,
                link=link,
                links=join_choices(links),
            ),
            pointer=f"/{link}",
        )
        for link, present in (("actor", has_actor), ("proposition", has_proposition))
        if present and link not in links
    ]


def check_relation(
    relation_type: str, source_label: str, target_label: str, is_same_span: bool
) -> str | None:
    """Return why a relation is not allowed between its ends, as one sentence, or None if it is.

    ``is_same_span`` says that source and target are one span, which no relation allows.
    """
    relation = RELATIONS.get(relation_type)
    if relation is None:
        return message(
            "“{relation}” is no relation; use {choices}.",
            relation=gate.excerpt(str(relation_type)),
            choices=join_choices(RELATIONS),
        )
    if is_same_span:
        return message(
            "A span cannot be connected to itself by {relation}; choose another span.",
            relation=relation_type,
        )
    if source_label not in relation.sources:
        return message(
            "The relation {relation} starts at a span with the label {sources}, not {source_label}.",
            relation=relation_type,
            sources=join_choices(relation.sources),
            source_label=gate.excerpt(source_label),
        )
    if target_label not in relation.targets:
        return message(
            "The relation {relation} ends at a span with the label {targets}, not {target_label}.",
            relation=relation_type,
            targets=join_choices(relation.targets),
            target_label=gate.excerpt(target_label),
        )
    return None


def order_attributes(attributes: Mapping[str, _Value]) -> dict[str, _Value]:
    """Return the attributes in the order of the scheme, as responses show them; unknown ones last."""
    known = {name: attributes[name] for name in ATTRIBUTES if name in attributes}
    return known if len(known) == len(attributes) else {**known, **attributes}


def default_attributes(label: str) -> dict[str, str]:
    """Return the values that the workbench fills in for a new span, in the order of the scheme."""
    uses = ((name, attribute.use_on(label)) for name, attribute in _ATTRIBUTES_OF_LABEL[label].items())
    return {name: use.default for name, use in uses if use is not None and use.default is not None}


def _unknown_attribute_error(label: str, name: str, allowed: Iterable[str]) -> FieldError:
    if name in ATTRIBUTES:
        return _error(
            "not-for-label",
            message(
                "A span with the label {label} has no {name}; that belongs to {labels}.",
                label=label,
                name=name,
                labels=join_choices(ATTRIBUTES[name].labels),
            ),
            name,
        )
    return _error(
        "unknown-attribute",
        message(
            "“{name}” is no attribute of the label {label}; use {choices}.",
            name=gate.excerpt(name),
            label=label,
            choices=join_choices(allowed),
        ),
        name[:_MAX_POINTER],
    )


def _value_error(attribute: Attribute, value: object) -> FieldError | None:
    name = attribute.name
    if not isinstance(value, str):
        return _error(
            "wrong-type", message("The {name} is a string; leave it out if there is none.", name=name), name
        )
    if attribute.kind == "choice":
        if value in _ALLOWED_VALUES[name]:
            return None
        return _error(
            "unknown-value",
            message(
                "“{value}” is no {name}; use {choices}.",
                value=gate.excerpt(value),
                name=name,
                choices=join_choices(attribute.values),
            ),
            name,
        )
    if attribute.kind == "date":
        if is_partial_date(value):
            return None
        return _error(
            "bad-date",
            message(
                "“{value}” is no {name}; write a date of the calendar as YYYY-MM-DD, YYYY-MM or YYYY.",
                value=gate.excerpt(value),
                name=name,
            ),
            name,
        )
    try:
        gate.check_line(value, _TITLES[name], attribute.max_length or gate.MAX_TEXT)
    except TextNotAllowedError as error:
        return _error(error.code, error.detail, name)
    return None


def check_comment_place(
    *,
    start: int | None,
    end: int | None,
    quote: str | None,
    has_span: bool,
    suggested: Collection[str] | None,
    is_stored: bool = False,
) -> list[FieldError]:
    """Return the errors of where a comment is: on a span, on words of the text, or on the set.

    ``suggested`` are the fields that the comment suggests: on words, those of a span that is missing there.
    A comment ``is_stored`` if it may be on words that the text does not have any more.
    """
    if start is None and end is None and (quote is None or is_stored):
        return [_place_error("one-place", "/quote", _ON_BOTH)] if has_span and quote is not None else []
    missing = [name for name, offset in (("start", start), ("end", end)) if offset is None]
    if missing:
        return [_place_error("required", f"/{name}", _NO_RANGE) for name in missing]
    if has_span:
        return [_place_error("one-place", "/start", _ON_BOTH)]
    if suggested is None:
        return []
    if "label" not in suggested:
        return [_place_error("required", "/suggestion/label", _NO_LABEL)]
    twice = [name for name in ("start", "end") if name in suggested]
    return [_place_error("one-place", f"/suggestion/{name}", _OWN_RANGE) for name in twice]


_ON_BOTH = message("A comment is on a span or on words of the text, not on both; leave one of them out.")
_NO_RANGE = message("It is missing; a comment on words of the text has a start and an end.")
_NO_LABEL = message("It is missing; a suggestion on words of the text is a span, which has a label.")
_OWN_RANGE = message("The span that is suggested is on the words of the comment; leave it out.")


def _place_error(code: str, pointer: str, detail: str) -> FieldError:
    return FieldError(code=code, detail=detail, pointer=pointer)


def _precision_errors(attributes: Mapping[str, object]) -> list[FieldError]:
    name, precision = "statement_date_precision", attributes["statement_date_precision"]
    value = attributes.get("statement_date")
    if not isinstance(value, str):
        return [
            _error("precision", message("The {name} needs a statement_date; leave it out.", name=name), name)
        ]
    written = _PRECISION_OF_LENGTH[len(value)]
    if precision == written:
        return []
    return [
        _error(
            "precision",
            message(
                "The statement_date {value} is exact to the {written}, not to the {precision}; "
                "write the date as exactly as it is known.",
                value=value,
                written=written,
                precision=precision,
            ),
            name,
        )
    ]


def _error(code: str, detail: str, name: str | None = None) -> FieldError:
    path = ("attributes",) if name is None else ("attributes", name)
    return FieldError(code=code, detail=detail, pointer=gate.json_pointer(*path))
