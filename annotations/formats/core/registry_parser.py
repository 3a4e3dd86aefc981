"""The parser of the registry's records: actors, topics, propositions, and merges of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotations import limits, scheme
from annotations.formats.core import value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, FieldRules, read_list, read_object
from annotations.formats.core.records import (
    Actor,
    Affiliation,
    Alias,
    Merge,
    MovedValues,
    Proposition,
    Topic,
)
from annotations.scheme.affiliations import AFFILIATION_KINDS, check_period

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
    "affiliations": FieldRule(value_checks.accept_any),
}
_AFFILIATION: FieldRules = {
    "id": FieldRule(value_checks.check_id, ""),
    "organisation": FieldRule(value_checks.check_id, "", required=True),
    "role": FieldRule(value_checks.line_check("role", limits.MAX_AFFILIATION_ROLE), ""),
    "kind": FieldRule(value_checks.choice_check(AFFILIATION_KINDS), "", required=True),
    "since": FieldRule(value_checks.check_partial_date, ""),
    "until": FieldRule(value_checks.check_partial_date, ""),
    "note": FieldRule(value_checks.prose_check("note", limits.MAX_PROSE), ""),
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
#: What moved by its ids.
_MOVED_IDS = ("children", "affiliations", "affiliates")
_MOVED: FieldRules = {
    "aliases": FieldRule(value_checks.accept_any),
    "stayed": FieldRule(value_checks.accept_any),
    "name_added": FieldRule(value_checks.check_boolean, False),
    **{name: FieldRule(value_checks.accept_any) for name in _MOVED_IDS},
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
    affiliations = _parse_affiliations(sent, faults)
    return Actor(**{**_without_type(sent), "aliases": aliases, "affiliations": affiliations})


def _parse_affiliations(sent: Mapping[str, Any], faults: FieldErrors) -> list[Affiliation]:
    items = read_list(sent["affiliations"], faults, "/affiliations")
    if len(items) > limits.MAX_AFFILIATIONS:
        detail = f"It has {len(items):,} affiliations; at most {limits.MAX_AFFILIATIONS} are taken."
        faults.record("too-long", "/affiliations", detail)
        return []
    found = []
    for index, item in enumerate(items):
        at = f"/affiliations/{index}"
        values = read_object(item, _AFFILIATION, faults, at)
        if values is None:
            continue
        if sent["id"] and values["organisation"] == sent["id"]:
            detail = "An actor is not affiliated with itself; name another organisation."
            faults.record("invalid", f"{at}/organisation", detail)
        try:
            check_period(values["since"], values["until"])
        except ValueError as error:
            faults.record("invalid", f"{at}/until", str(error))
        found.append(Affiliation(**values))
    return found


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
    for name in _MOVED_IDS:
        moved[name] = list(_parse_ids(moved[name], faults, f"/moved/{name}"))
    if sent["loser"] == sent["winner"]:
        faults.record("invalid", "/winner", "Nothing is merged into itself; name another winner.")
    return Merge(**{**_without_type(sent), "moved": MovedValues(**moved)})


def _parse_ids(raw: object, faults: FieldErrors, at: str) -> Iterator[str]:
    for index, item in enumerate(read_list(raw, faults, at)):
        try:
            yield value_checks.check_id(item)
        except value_checks.InvalidValueError as wrong:
            faults.record(wrong.code, f"{at}/{index}", wrong.detail)
