"""The parser of the registry's records: actors, topics, propositions, and merges of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits, scheme
from annotations.formats.core import value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, FieldRules, read_list, read_object
from annotations.formats.core.records import Actor, Alias, Merge, MovedValues, Proposition, Topic

ACTOR_KINDS = ("person", "organisation", "state", "government", "group", "medium", "collective", "other")
ALIAS_KINDS = ("name", "spelling", "abbreviation", "metonym", "title", "other")
MERGE_KINDS = ("actor", "topic", "proposition")
PROPOSITION_STATUSES = ("proposed", "accepted")

_ACTOR: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, "", required=True),
    "name": FieldRule(
        value_checks.line_check("name", limits.MAX_ACTOR_NAME, required=True), "", required=True
    ),
    "kind": FieldRule(value_checks.choice_check(ACTOR_KINDS), "", required=True),
    "qid": FieldRule(value_checks.check_qid, ""),
    "parent": FieldRule(value_checks.check_id),
    "note": FieldRule(value_checks.prose_check("note", limits.MAX_PROSE), ""),
    "aliases": FieldRule(value_checks.accept_any),
    "merged_into": FieldRule(value_checks.check_id),
}
_ALIAS: FieldRules = {
    "text": FieldRule(value_checks.line_check("text", limits.MAX_ALIAS, required=True), "", required=True),
    "language": FieldRule(value_checks.check_language, ""),
    "kind": FieldRule(value_checks.choice_check(ALIAS_KINDS), ALIAS_KINDS[0]),
}
_TOPIC: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, "", required=True),
    "name": FieldRule(
        value_checks.line_check("name", limits.MAX_TOPIC_NAME, required=True), "", required=True
    ),
    "merged_into": FieldRule(value_checks.check_id),
}
_PROPOSITION: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, "", required=True),
    "topic": FieldRule(value_checks.check_id),
    "text": FieldRule(
        value_checks.line_check("text", limits.MAX_PROPOSITION, required=True), "", required=True
    ),
    "kind": FieldRule(value_checks.choice_check(scheme.PROPOSITION_KINDS), "", required=True),
    "status": FieldRule(value_checks.choice_check(PROPOSITION_STATUSES), PROPOSITION_STATUSES[0]),
    "merged_into": FieldRule(value_checks.check_id),
}
_MERGE: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, "", required=True),
    "kind": FieldRule(value_checks.choice_check(MERGE_KINDS), "", required=True),
    "loser": FieldRule(value_checks.check_id, "", required=True),
    "winner": FieldRule(value_checks.check_id, "", required=True),
    "reason": FieldRule(value_checks.prose_check("reason", limits.MAX_PROSE), ""),
    "by": FieldRule(value_checks.check_username),
    "at": FieldRule(value_checks.check_timestamp),
    "moved": FieldRule(value_checks.accept_any),
}
_MOVED: FieldRules = {
    "aliases": FieldRule(value_checks.accept_any),
    "stayed": FieldRule(value_checks.accept_any),
    "name_added": FieldRule(value_checks.check_boolean, False),
    "children": FieldRule(value_checks.accept_any),
}


def parse_actor(raw: object, faults: FieldErrors) -> Actor | None:
    """Return the actor of an object; None, and faults, where there is none."""
    sent = read_object(raw, _ACTOR, faults, "")
    if sent is None:
        return None
    aliases = _parse_aliases(sent["aliases"], faults, "/aliases")
    if len({(alias.text, alias.language) for alias in aliases}) < len(aliases):
        faults.record(
            "duplicate", "/aliases", "Two of the aliases are the same; send each text and language once."
        )
    return Actor(**{**_without_type(sent), "aliases": aliases})


def _parse_aliases(raw: object, faults: FieldErrors, at: str) -> list[Alias]:
    items = read_list(raw, faults, at)
    if len(items) > limits.MAX_ALIASES:
        faults.record(
            "too-long", at, f"It has {len(items):,} aliases; at most {limits.MAX_ALIASES} are taken."
        )
        return []
    return [
        Alias(**alias)
        for index, item in enumerate(items)
        if (alias := read_object(item, _ALIAS, faults, f"{at}/{index}")) is not None
    ]


def _without_type(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name != "type"}


def parse_topic(raw: object, faults: FieldErrors) -> Topic | None:
    """Return the topic of an object; None, and faults, where there is none."""
    sent = read_object(raw, _TOPIC, faults, "")
    return None if sent is None else Topic(**_without_type(sent))


def parse_proposition(raw: object, faults: FieldErrors) -> Proposition | None:
    """Return the proposition of an object; None, and faults, where there is none."""
    sent = read_object(raw, _PROPOSITION, faults, "")
    return None if sent is None else Proposition(**_without_type(sent))


def parse_merge(raw: object, faults: FieldErrors) -> Merge | None:
    """Return the merge of an object; None, and faults, where there is none."""
    sent = read_object(raw, _MERGE, faults, "")
    if sent is None:
        return None
    moved = read_object({} if sent["moved"] is None else sent["moved"], _MOVED, faults, "/moved")
    if moved is None:
        return None
    for name in ("aliases", "stayed"):
        moved[name] = _parse_aliases(moved[name], faults, f"/moved/{name}")
    moved["children"] = list(_parse_ids(moved["children"], faults, "/moved/children"))
    if sent["loser"] == sent["winner"]:
        faults.record("invalid", "/winner", "Nothing is merged into itself; name another winner.")
    return Merge(**{**_without_type(sent), "moved": MovedValues(**moved)})


def _parse_ids(raw: object, faults: FieldErrors, at: str) -> Iterator[str]:
    for index, item in enumerate(read_list(raw, faults, at)):
        try:
            yield value_checks.check_id(item)
        except value_checks.InvalidValueError as wrong:
            faults.record(wrong.code, f"{at}/{index}", wrong.detail)
