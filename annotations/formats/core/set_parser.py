"""The parser of the content of sets: spans and relations, from JSON to records.

Nearly all spans of a file are valid. So a fast check decides whether a span is an ordinary one, and
only the others take the slow way, on which every error gets its sentence and its pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from annotations import limits, scheme
from annotations.enums import Origin
from annotations.exceptions import StandpointError
from annotations.formats.core import json_text, value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, read_list, read_object
from annotations.formats.core.records import Relation, Span
from annotations.formats.core.value_checks import MAX_INTEGER, is_ordinary_id
from annotations.text.gate import MAX_TEXT
from annotations.text.ranges import Range, check_quote

OFFSET_LIMIT = 2**53

_SPAN = {
    "id": FieldRule(value_checks.check_id, ""),
    "set": FieldRule(value_checks.check_id, ""),
    "label": FieldRule(value_checks.choice_check(scheme.LABEL_NAMES), "", required=True),
    "start": FieldRule(value_checks.integer_check(-OFFSET_LIMIT, OFFSET_LIMIT), 0, required=True),
    "end": FieldRule(value_checks.integer_check(-OFFSET_LIMIT, OFFSET_LIMIT), 0, required=True),
    "quote": FieldRule(value_checks.accept_any),
    "attributes": FieldRule(value_checks.accept_any, {}),
    "actor": FieldRule(value_checks.check_id),
    "proposition": FieldRule(value_checks.check_id),
    "origin": FieldRule(value_checks.choice_check(Origin), str(Origin.IMPORT)),
    "version": FieldRule(value_checks.integer_check(), 1),
}
# The values of missing fields for the fast check, in the order of the fields.
_SPAN_NULLS = {**dict.fromkeys(_SPAN), "version": 1}
_SPAN_KEY = attrgetter("label", "start", "end", "proposition")
_ORIGINS: dict[str | None, str] = {None: str(Origin.IMPORT)} | {str(word): str(word) for word in Origin}
_LINKED_TO_ACTOR = frozenset(name for name, label in scheme.LABELS.items() if "actor" in label.links)
_LINKED_TO_PROPOSITION = frozenset(
    name for name, label in scheme.LABELS.items() if "proposition" in label.links
)

_RELATION = {
    "id": FieldRule(value_checks.check_id, ""),
    "set": FieldRule(value_checks.check_id, ""),
    "type": FieldRule(value_checks.choice_check(scheme.RELATION_NAMES), "", required=True),
    "source": FieldRule(value_checks.check_id, "", required=True),
    "target": FieldRule(value_checks.check_id, "", required=True),
    "version": FieldRule(value_checks.integer_check(), 1),
}
_RELATION_NULLS = {**dict.fromkeys(_RELATION), "version": 1}
_RELATION_KEY = attrgetter("type", "source", "target")
_ENDS = frozenset(
    (name, source, target)
    for name, relation in scheme.RELATIONS.items()
    for source in relation.sources
    for target in relation.targets
)

# The constructor of a named tuple is Python code, and would take a third of the time of a span.
_new_span: Callable[[tuple[Any, ...]], Span] = partial(tuple.__new__, Span)
_new_relation: Callable[[tuple[Any, ...]], Relation] = partial(tuple.__new__, Relation)

# Spans of a file share a few hundred sets of attributes; attributes with free text are without number.
_MAX_CACHED = 10_000
#: So many of the longest spans are as long together as the spans of a line may be.
_FEW_SPANS = limits.MAX_QUOTES_PER_LINE // limits.MAX_SPAN
_attribute_cache: dict[tuple[Any, ...], str] = {}


def read_spans(raw: object, text: str, set_id: str, faults: FieldErrors, at: str) -> list[Span]:
    """Return the spans of a set on ``text``."""
    items, length = read_list(raw, faults, at), len(text)
    # Before the words of so many are copied; fewer cannot be too long together, since each has its own limit.
    if len(items) > _FEW_SPANS and not may_quote(sum(map(_length_of, items)), faults, at):
        return []
    found = [
        _parse_ordinary_span(item, text, length, set_id)
        or _parse_span(item, text, set_id, faults, f"{at}/{index}")
        for index, item in enumerate(items)
    ]
    spans = [span for span in found if span is not None]
    faults.quoted += sum([span[4] - span[3] for span in spans])
    if not may_quote(0, faults, at):
        return []
    if _has_duplicates(spans, _SPAN_KEY):
        _record_duplicates(found, _SPAN_KEY, "span", faults, at)
    return spans


def may_quote(more: int, faults: FieldErrors, at: str) -> bool:
    """Return whether the line may hold so many more code points of spans; record an error if not."""
    detail = limits.quotes_error(faults.quoted + more, limits.MAX_QUOTES_PER_LINE)
    if detail is not None:
        faults.record("too-long", at, detail)
    return detail is None


def _length_of(item: Any) -> int:
    """Return the length of a span before its words are copied; 0 for one that another check refuses."""
    try:
        return int(max(0, min(item["end"], MAX_TEXT) - max(item["start"], 0)))
    except (KeyError, TypeError, IndexError, ValueError):
        return 0


def _has_duplicates(rows: Sequence[Span | Relation], key: Callable[[Any], Any]) -> bool:
    ids = [row[0] for row in rows if row[0]]
    return len(set(map(key, rows))) < len(rows) or len(set(ids)) < len(ids)


def _record_duplicates(
    rows: Sequence[Span | Relation | None], key: Callable[[Any], Any], what: str, faults: FieldErrors, at: str
) -> None:
    """Record a fault for each row that repeats an earlier one or its id; refused rows are None."""
    keys: set[Any] = set()
    ids: set[str] = set()
    for index, row in enumerate(rows):
        if row is None:
            continue
        if key(row) in keys:
            name = f"{row.label} at {row.start} to {row.end}" if isinstance(row, Span) else what
            faults.record("duplicate", f"{at}/{index}", f"The set has this {name} already; send it once.")
        if row.id in ids:
            message = f"The id {row.id} stands twice in the set; give each {what} its own."
            faults.record("duplicate", f"{at}/{index}/id", message)
        keys.add(key(row))
        ids |= {row.id} - {""}


def _parse_ordinary_span(item: object, text: str, length: int, set_id: str) -> Span | None:
    """Return the span if it is an ordinary one; else None, and ``_parse_span`` finds out why."""
    if type(item) is not dict:
        return None
    sent = {**_SPAN_NULLS, **item}
    if len(sent) > len(_SPAN_NULLS):
        return None
    id, of, label, start, end, quote, attributes, actor, proposition, origin, version = sent.values()
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        return None
    if end - start > limits.MAX_SPAN:
        return None
    words = text[start:end]
    try:
        encoded = _attribute_cache[(label, *attributes.items())] if attributes else _attribute_cache[(label,)]
    except (KeyError, TypeError, AttributeError):
        return None
    if (
        (quote is not None and quote != words)
        or (attributes is not None and type(attributes) is not dict)
        or (id is not None and not (type(id) is str and is_ordinary_id(id)))
        or (of is not None and set_id and of != set_id)
        or not (actor is None or _may_link(actor, label, _LINKED_TO_ACTOR))
        or not (proposition is None or _may_link(proposition, label, _LINKED_TO_PROPOSITION))
        or type(version) is not int
        or not 1 <= version <= MAX_INTEGER
        or not (origin is None or type(origin) is str)
        or origin not in _ORIGINS
    ):
        return None
    return _new_span(
        (id or "", set_id, label, start, end, words, encoded, actor, proposition, _ORIGINS[origin], version)
    )


def _may_link(id: object, label: object, labels: frozenset[str]) -> bool:
    return type(id) is str and label in labels and is_ordinary_id(id) is not None


def _parse_span(item: object, text: str, set_id: str, faults: FieldErrors, at: str) -> Span | None:
    """Return the span after all checks, with a fault and a pointer for each that fails."""
    before = faults.total
    sent = read_object(item, _SPAN, faults, at)
    if sent is None or faults.total > before:
        return None
    check_set(sent, set_id, faults, at)
    found = parse_range(sent, text, faults, at)
    encoded = _parse_attributes(sent, faults, at)
    for error in scheme.check_links(
        sent["label"], has_actor=sent["actor"] is not None, has_proposition=sent["proposition"] is not None
    ):
        faults.record(error.code, f"{at}{error.pointer}", error.detail)
    if faults.total > before or found is None:
        return None
    return Span(
        sent["id"], set_id, sent["label"], found.start, found.end, found.quote(text), encoded,
        sent["actor"], sent["proposition"], sent["origin"], sent["version"],
    )  # fmt: skip


def check_set(sent: dict[str, Any], set_id: str, faults: FieldErrors, at: str) -> None:
    """Record a fault if an object names another set than its own; objects without a set may name any."""
    if set_id and sent["set"] not in ("", set_id):
        faults.record("not-in-corpus", f"{at}/set", "It names another set than the one that it stands in.")


def parse_range(sent: dict[str, Any], text: str, faults: FieldErrors, at: str) -> Range | None:
    """Return the range of an object, whose quote is that of the text; record faults."""
    start, end, quote = sent["start"], sent["end"], sent["quote"]
    try:
        found = Range.from_offsets(start, end, len(text))
    except StandpointError as error:
        faults.record_error(error, f"{at}/end" if end > len(text) or end <= start else f"{at}/start")
        return None
    too_long = limits.span_error(found.length)
    if too_long is not None:
        faults.record("too-long", f"{at}/end", too_long)
    elif quote is not None and type(quote) is not str:
        faults.record("type", f"{at}/quote", "It has to be a string.")
    elif quote is not None:
        try:
            check_quote(text, found, quote)
        except StandpointError as error:
            faults.record_error(error, f"{at}/quote")
    return found


def _parse_attributes(sent: dict[str, Any], faults: FieldErrors, at: str) -> str:
    label, attributes = sent["label"], sent["attributes"]
    errors = scheme.check_attributes(label, attributes)
    if errors:
        for error in errors:
            faults.record(error.code, f"{at}{error.pointer}", error.detail)
        return "{}"
    if len(_attribute_cache) >= _MAX_CACHED:
        _attribute_cache.clear()
    encoded = _attribute_cache[(label, *attributes.items())] = json_text.dump_json(
        scheme.order_attributes(attributes)
    )
    return encoded


def read_relations(
    raw: object, spans: list[Span], set_id: str, faults: FieldErrors, at: str
) -> list[Relation]:
    """Return the relations between the spans of a set."""
    items = read_list(raw, faults, at)
    if not items:
        return []
    labels = {span.id: span.label for span in spans if span.id}
    found = [
        _parse_ordinary_relation(item, labels, set_id)
        or _parse_relation(item, labels, set_id, faults, f"{at}/{index}")
        for index, item in enumerate(items)
    ]
    relations = [relation for relation in found if relation is not None]
    if _has_duplicates(relations, _RELATION_KEY):
        _record_duplicates(found, _RELATION_KEY, "relation", faults, at)
    return relations


def _parse_ordinary_relation(item: object, labels: dict[str, str], set_id: str) -> Relation | None:
    """Return the relation if it is an ordinary one; else None."""
    if type(item) is not dict:
        return None
    sent = {**_RELATION_NULLS, **item}
    if len(sent) > len(_RELATION_NULLS):
        return None
    id, of, type_, source, target, version = sent.values()
    if not (type(source) is str and type(target) is str and source != target):
        return None
    if (
        (id is not None and not (type(id) is str and is_ordinary_id(id)))
        or (of is not None and set_id and of != set_id)
        or type(type_) is not str
        or (type_, labels.get(source), labels.get(target)) not in _ENDS
        or type(version) is not int
        or not 1 <= version <= MAX_INTEGER
    ):
        return None
    return _new_relation((id or "", set_id, type_, source, target, version))


def _parse_relation(
    item: object, labels: dict[str, str], set_id: str, faults: FieldErrors, at: str
) -> Relation | None:
    """Return the relation after all checks."""
    before = faults.total
    sent = read_object(item, _RELATION, faults, at)
    if sent is None or faults.total > before:
        return None
    check_set(sent, set_id, faults, at)
    for name in ("source", "target"):
        if sent[name] not in labels:
            faults.record(
                "relation-ends",
                f"{at}/{name}",
                f"The set has no span with the id {sent[name]}; both ends are spans of one set.",
            )
    if faults.total == before:
        source, target = sent["source"], sent["target"]
        sentence = scheme.check_relation(
            sent["type"], labels[source], labels[target], is_same_span=source == target
        )
        if sentence:
            faults.record("relation-ends", at, sentence)
    if faults.total > before:
        return None
    return Relation(sent["id"], set_id, sent["type"], sent["source"], sent["target"], sent["version"])
