"""The parser of the comments of a set, from JSON to records."""

from __future__ import annotations

import json
from typing import Any

from annotations import limits, scheme
from annotations.formats.core import value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, read_list, read_object
from annotations.formats.core.records import Comment, Span
from annotations.formats.core.set_parser import OFFSET_LIMIT, check_set, may_quote, parse_range

_OFFSET = value_checks.integer_check(-OFFSET_LIMIT, OFFSET_LIMIT)
_COMMENT = {
    "id": FieldRule(value_checks.check_id, ""),
    "set": FieldRule(value_checks.check_id, ""),
    "span": FieldRule(value_checks.check_id),
    "start": FieldRule(_OFFSET),
    "end": FieldRule(_OFFSET),
    "quote": FieldRule(value_checks.prose_check("quote", limits.MAX_SPAN)),
    "parent": FieldRule(value_checks.check_id),
    "author": FieldRule(value_checks.check_username, "", required=True),
    "text": FieldRule(value_checks.nonblank_prose_check("comment", limits.MAX_PROSE), "", required=True),
    "blocking": FieldRule(value_checks.check_boolean, False),
    "suggestion": FieldRule(value_checks.check_proposed_change),
    "resolved_by": FieldRule(value_checks.check_username),
    "resolved_at": FieldRule(value_checks.check_timestamp),
    "created_at": FieldRule(value_checks.check_timestamp),
    "version": FieldRule(value_checks.integer_check(), 1),
}


def read_comments(
    raw: object, spans: list[Span], text: str, faults: FieldErrors, at: str, *, set_id: str
) -> list[Comment]:
    """Return the comments of a set on ``text``; a parent may stand after its answer."""
    items = read_list(raw, faults, at)
    here = {span.id for span in spans}
    comments = [
        comment
        for index, item in enumerate(items)
        if (comment := _parse_comment(item, here, text, faults, f"{at}/{index}", set_id=set_id)) is not None
    ]
    parents = {comment.id: comment.parent for comment in comments if comment.id}
    if len(parents) < sum(bool(comment.id) for comment in comments):
        faults.record("duplicate", at, "An id stands twice among the comments; give each comment its own.")
    rooted: set[str] = set()
    for comment in comments:
        if comment.parent is not None and not _reaches_root(comment.parent, parents, rooted):
            faults.record(
                "not-in-corpus",
                at,
                f"The comment {comment.id} answers {comment.parent}, which is no comment of this set, or"
                " answers itself in the end.",
            )
    return comments


def _reaches_root(parent: str, parents: dict[str, str | None], rooted: set[str]) -> bool:
    """Return whether the chain of parents ends at a comment that answers none.

    ``rooted`` are comments of which this is known, so that all chains together are walked once.
    """
    chain: list[str] = []
    at: str | None = parent
    met: set[str] = set()
    while at is not None and at not in rooted:
        if at not in parents or at in met:
            return False
        met.add(at)
        chain.append(at)
        at = parents[at]
    rooted.update(chain)
    return True


def _parse_comment(
    item: object, here: set[str], text: str, faults: FieldErrors, at: str, *, set_id: str
) -> Comment | None:
    before = faults.total
    sent = read_object(item, _COMMENT, faults, at)
    if sent is None or faults.total > before:
        return None
    check_set(sent, set_id, faults, at)
    if sent["span"] is not None and sent["span"] not in here:
        faults.record("not-in-corpus", f"{at}/span", f"The set has no span with the id {sent['span']}.")
    if (sent["resolved_by"] is None) != (sent["resolved_at"] is None):
        faults.record(
            "required",
            f"{at}/resolved_at",
            "A comment is resolved by somebody at some time; send both, or neither.",
        )
    place = _parse_place(sent, text, faults, at)
    return None if faults.total > before else Comment(**{**sent, **place, "set": set_id})


def _parse_place(sent: dict[str, Any], text: str, faults: FieldErrors, at: str) -> dict[str, Any]:
    """Return where a comment is, with the words that the text has there."""
    suggested = sent["suggestion"]
    errors = scheme.check_comment_place(
        start=sent["start"],
        end=sent["end"],
        quote=sent["quote"],
        has_span=sent["span"] is not None,
        suggested=None if suggested is None else json.loads(suggested),
        is_stored=True,
    )
    for error in errors:
        faults.record(error.code, f"{at}{error.pointer}", error.detail)
    if errors or sent["start"] is None:
        return {}
    found = parse_range(sent, text, faults, at)
    if found is None or not may_quote(found.length, faults, at):
        return {}
    faults.quoted += found.length
    return {"start": found.start, "end": found.end, "quote": found.quote(text)}
