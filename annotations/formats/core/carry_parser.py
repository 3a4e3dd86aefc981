"""The parser of what a correction of the text left behind: carry-overs, and the spans that need a look."""

from __future__ import annotations

from typing import Any

from annotations import limits, scheme
from annotations.enums import CarryDecision
from annotations.exceptions import StandpointError
from annotations.formats.core import json_text, value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, FieldRules, read_list, read_object
from annotations.formats.core.records import CarryItem, CarryOver, Span, WaitingRelation
from annotations.text.align import SILENT, CarryStatus
from annotations.text.gate import MAX_TEXT
from annotations.text.ranges import Range, check_quote

ITEM_STATUSES = tuple(status for status in CarryStatus if status not in SILENT)
"""The statuses of spans that somebody has to look at."""

_CARRY: FieldRules = {
    "id": FieldRule(value_checks.check_id, "", required=True),
    "counts": FieldRule(value_checks.accept_any, {}),
    "digest": FieldRule(value_checks.check_sha256, "", required=True),
    "by": FieldRule(value_checks.check_username),
    "at": FieldRule(value_checks.check_timestamp),
}
_COUNTS: FieldRules = {str(status): FieldRule(value_checks.integer_check(0), 0) for status in CarryStatus}
_OFFSET = value_checks.integer_check(0, MAX_TEXT)
_ITEM: FieldRules = {
    "id": FieldRule(value_checks.check_id, ""),
    "carry": FieldRule(value_checks.check_id, "", required=True),
    "status": FieldRule(value_checks.choice_check(ITEM_STATUSES), "", required=True),
    "old_span": FieldRule(value_checks.check_id, "", required=True),
    "label": FieldRule(value_checks.choice_check(scheme.LABEL_NAMES), "", required=True),
    "start": FieldRule(_OFFSET, 0, required=True),
    "end": FieldRule(_OFFSET, 0, required=True),
    "quote": FieldRule(value_checks.prose_check("quote", limits.MAX_SPAN), "", required=True),
    "proposal": FieldRule(value_checks.accept_any),
    "attributes": FieldRule(value_checks.accept_any, {}),
    "actor": FieldRule(value_checks.check_id),
    "proposition": FieldRule(value_checks.check_id),
    "relations": FieldRule(value_checks.accept_any),
    "comments": FieldRule(value_checks.accept_any),
    "decision": FieldRule(value_checks.choice_check(CarryDecision), ""),
    "by": FieldRule(value_checks.check_username),
    "at": FieldRule(value_checks.check_timestamp),
    "span": FieldRule(value_checks.check_id),
}
_PROPOSAL: FieldRules = {
    "start": FieldRule(_OFFSET, 0, required=True),
    "end": FieldRule(_OFFSET, 0, required=True),
    "quote": FieldRule(value_checks.accept_any),
}
_RELATION: FieldRules = {
    "type": FieldRule(value_checks.choice_check(scheme.RELATION_NAMES), "", required=True),
    "is_source": FieldRule(value_checks.check_boolean, False, required=True),
    "old": FieldRule(value_checks.check_id, "", required=True),
    "span": FieldRule(value_checks.check_id),
}


def read_carry(raw: object, faults: FieldErrors, at: str) -> CarryOver | None:
    """Return how a set went on from another one; None if it did not."""
    if raw is None:
        return None
    sent = read_object(raw, _CARRY, faults, at)
    counts = read_object(sent["counts"], _COUNTS, faults, f"{at}/counts") if sent is not None else None
    return None if sent is None or counts is None else CarryOver(**{**sent, "counts": counts})


def read_carry_items(
    raw: object, spans: list[Span], text: str, faults: FieldErrors, at: str
) -> list[CarryItem]:
    """Return the spans that need a look, of a set on ``text``."""
    here = {span.id for span in spans}
    items = [
        item
        for index, one in enumerate(read_list(raw, faults, at))
        if (item := _parse_item(one, here, text, faults, f"{at}/{index}")) is not None
    ]
    ids = [item.id for item in items if item.id]
    if len(set(ids)) < len(ids):
        faults.record("duplicate", at, "An id stands twice among the marks to look at; give each its own.")
    return items


def _parse_item(raw: object, here: set[str], text: str, faults: FieldErrors, at: str) -> CarryItem | None:
    before = faults.total
    sent = read_object(raw, _ITEM, faults, at)
    if sent is None or faults.total > before:
        return None
    if sent["end"] - sent["start"] != len(sent["quote"]) or not sent["quote"]:
        detail = "Its length is not that of the range from start to end."
        faults.record("quote-mismatch", f"{at}/quote", detail)
    if (not sent["decision"]) != (sent["at"] is None):
        detail = "What was decided has the time of the decision, and nothing else has one."
        faults.record("required", f"{at}/at", detail)
    if sent["span"] is not None and sent["span"] not in here:
        faults.record("not-in-corpus", f"{at}/span", f"The set has no span with the id {sent['span']}.")
    _check_content(sent, faults, at)
    proposal = _parse_proposal(sent["proposal"], text, faults, f"{at}/proposal")
    relations = [
        WaitingRelation(**link)
        for index, one in enumerate(read_list(sent["relations"], faults, f"{at}/relations"))
        if (link := read_object(one, _RELATION, faults, f"{at}/relations/{index}")) is not None
    ]
    comments = [
        id
        for index, one in enumerate(read_list(sent["comments"], faults, f"{at}/comments"))
        if (id := _parse_id(one, faults, f"{at}/comments/{index}")) is not None
    ]
    if faults.total > before:
        return None
    attributes = json_text.dump_json(scheme.order_attributes(sent["attributes"]))
    content: dict[str, Any] = {"attributes": attributes, "relations": relations, "comments": comments}
    return CarryItem(**{**sent, **content, "proposal": proposal})


def _check_content(sent: dict[str, Any], faults: FieldErrors, at: str) -> None:
    """Record the faults of attributes and links."""
    has_actor, has_proposition = sent["actor"] is not None, sent["proposition"] is not None
    errors = scheme.check_attributes(sent["label"], sent["attributes"])
    links = scheme.check_links(sent["label"], has_actor=has_actor, has_proposition=has_proposition)
    for error in (*errors, *links):
        faults.record(error.code, f"{at}{error.pointer}", error.detail)


def _parse_proposal(raw: object, text: str, faults: FieldErrors, at: str) -> tuple[int, int, str] | None:
    sent = None if raw is None else read_object(raw, _PROPOSAL, faults, at)
    if sent is None:
        return None
    try:
        found = Range.from_offsets(sent["start"], sent["end"], len(text))
        if type(sent["quote"]) is str:
            check_quote(text, found, sent["quote"])
    except StandpointError as error:
        faults.record_error(error, at)
        return None
    return found.start, found.end, found.quote(text)


def _parse_id(raw: object, faults: FieldErrors, at: str) -> str | None:
    try:
        return value_checks.check_id(raw)
    except value_checks.InvalidValueError as error:
        faults.record(error.code, at, error.detail)
        return None
