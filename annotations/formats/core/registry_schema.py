"""The JSON Schemas of the registry's lines: entries, merges, affiliations and judgements."""

from __future__ import annotations

from annotations import limits, scheme
from annotations.formats.core import judgement_parser, registry_parser
from annotations.formats.core.schema_parts import Schema, enum_of, list_of, object_of, or_null, ref, text_of
from annotations.scheme.affiliations import AFFILIATION_KINDS
from annotations.text.parsing import MAX_LANGUAGE


def registry_schemas() -> dict[str, Schema]:
    """Return the schemas of the lines of the registry, and of their parts, by name."""
    alias = object_of(
        text=text_of(limits.MAX_ALIAS),
        language=or_null(text_of(MAX_LANGUAGE)),
        kind=enum_of(registry_parser.ALIAS_KINDS),
    )
    return {
        "alias": alias,
        "actor": object_of(
            type={"const": "actor"},
            id=ref("id"),
            name=text_of(limits.MAX_ACTOR_NAME),
            kind=enum_of(registry_parser.ACTOR_KINDS),
            qid=or_null({"type": "string", "pattern": "^Q[1-9][0-9]*$", "maxLength": limits.MAX_QID}),
            parent=or_null(ref("id")),
            note=or_null(text_of(limits.MAX_PROSE)),
            aliases=list_of("alias"),
            merged_into=or_null(ref("id")),
            affiliations=list_of("affiliation"),
        ),
        "affiliation": _affiliation_schema(),
        "topic": object_of(
            type={"const": "topic"},
            id=ref("id"),
            name=text_of(limits.MAX_TOPIC_NAME),
            merged_into=or_null(ref("id")),
        ),
        "proposition": object_of(
            type={"const": "proposition"},
            id=ref("id"),
            topic=or_null(ref("id")),
            text=text_of(limits.MAX_PROPOSITION),
            kind=enum_of(scheme.PROPOSITION_KINDS),
            status=enum_of(registry_parser.PROPOSITION_STATUSES),
            merged_into=or_null(ref("id")),
        ),
        "merge": _merge_schema(),
        "judgement": _judgement_schema(),
    }


def _merge_schema() -> Schema:
    return object_of(
        type={"const": "merge"},
        id=ref("id"),
        kind=enum_of(registry_parser.MERGE_KINDS),
        loser=ref("id"),
        winner=ref("id"),
        reason=or_null(text_of(limits.MAX_PROSE)),
        by=or_null(ref("username")),
        at=ref("time"),
        moved={
            **object_of(
                aliases=list_of("alias"),
                stayed=list_of("alias"),
                name_added={"type": "boolean"},
                children=list_of("id"),
                affiliations=list_of("id"),
                affiliates=list_of("id"),
            ),
            "description": "What goes back when the merge is undone.",
        },
    )


def _judgement_schema() -> Schema:
    return object_of(
        type={"const": "judgement"},
        id=ref("id"),
        kind=enum_of(registry_parser.MERGE_KINDS),
        left=ref("id"),
        right=ref("id"),
        verdict=enum_of(judgement_parser.VERDICTS),
        reason=or_null(text_of(limits.MAX_PROSE)),
        by=ref("username"),
        at=ref("time"),
    )


def _affiliation_schema() -> Schema:
    day = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
    return object_of(
        id=ref("id"),
        organisation=ref("id"),
        role=or_null(text_of(limits.MAX_AFFILIATION_ROLE)),
        kind=enum_of(AFFILIATION_KINDS),
        since=or_null(day),
        until=or_null(day),
        note=or_null(text_of(limits.MAX_PROSE)),
    )
