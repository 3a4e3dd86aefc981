"""The JSON Schema of ``standpoint/1``, made from the tables that writer and reader use.

It describes exported lines; imports need fewer fields. ``docs/reference/standpoint-1.schema.json`` is
written from it; a test compares both with one another and with exports.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotations import limits, scheme
from annotations.enums import ApprovalBasis, CarryApproval, CarryDecision, Origin, Round, SetKind, State
from annotations.formats.core import judgement_parser, record_parser, registry_parser, value_checks
from annotations.formats.core.carry_parser import ITEM_STATUSES
from annotations.scheme.affiliations import AFFILIATION_KINDS
from annotations.text.align import CarryStatus
from annotations.text.gate import MAX_TEXT
from annotations.text.parsing import MAX_LANGUAGE, MAX_URL

SCHEMA_ID = "urn:standpoint:schema:standpoint-1"

Schema = dict[str, Any]


def build_line_schema() -> Schema:
    """Return the schema of one line."""
    kinds = ("header", "actor", "topic", "proposition", "merge", "judgement", "article", "story")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "One line of a standpoint/1 file",
        "description": "The header first, then actors, topics, propositions, merges, judgements, articles "
        "and stories, each by id. "
        "Offsets count Unicode code points from 0; a range is half-open. Empty values are null.",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(kinds)}},
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds],
        "$defs": {
            "id": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
            "time": {"type": "string", "format": "date-time", "pattern": "Z$"},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "username": {"type": "string", "minLength": 1, "maxLength": 150},
            "count": {"type": "integer", "minimum": 1, "maximum": value_checks.MAX_INTEGER},
            **_registry_schemas(),
            "header": _header_schema(),
            "article": _article_schema(),
            "story": _story_schema(),
            "member": _member_schema(),
            "revision": _revision_schema(),
            "set": _set_schema(),
            "span": _span_schema(),
            "attributes": _attributes_schema(),
            "relation": _relation_schema(),
            "comment": _comment_schema(),
            "carry": _carry_schema(),
            "carry_item": _carry_item_schema(),
        },
    }


def _object(**properties: Schema) -> Schema:
    """Return the schema of an object with exactly these properties, all of them required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _text(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _enum(words: Iterable[str]) -> Schema:
    return {"enum": [str(word) for word in words]}


def _list(of: str) -> Schema:
    return {"type": "array", "items": _ref(of)}


def _header_schema() -> Schema:
    corpus = _object(
        id=_ref("id"),
        slug={**_text(limits.MAX_SLUG), "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        name=_text(limits.MAX_CORPUS_NAME),
        description=_or_null(_text(limits.MAX_PROSE)),
        guideline=_or_null(_text(limits.MAX_GUIDELINE)),
        guideline_version=_ref("count"),
        depth=_enum(scheme.DEPTHS),
        annotators_per_article={"type": "integer", "minimum": 1, "maximum": limits.MAX_ANNOTATORS},
        same_label_overlap={"type": "boolean"},
        archived={"type": "boolean"},
        double_share={"type": ["integer", "null"], "minimum": 0, "maximum": limits.MAX_DOUBLE_SHARE},
        most_open={"type": ["integer", "null"], "minimum": 0, "maximum": limits.MAX_OPEN_SETS},
        carry_approval=_enum(CarryApproval),
    )
    return _object(
        type={"const": "header"},
        format={"const": record_parser.FORMAT_VERSION},
        corpus=corpus,
        offset_unit={"const": record_parser.OFFSET_UNIT},
    )


def _registry_schemas() -> dict[str, Schema]:
    alias = _object(
        text=_text(limits.MAX_ALIAS),
        language=_or_null(_text(MAX_LANGUAGE)),
        kind=_enum(registry_parser.ALIAS_KINDS),
    )
    return {
        "alias": alias,
        "actor": _object(
            type={"const": "actor"},
            id=_ref("id"),
            name=_text(limits.MAX_ACTOR_NAME),
            kind=_enum(registry_parser.ACTOR_KINDS),
            qid=_or_null({"type": "string", "pattern": "^Q[1-9][0-9]*$", "maxLength": limits.MAX_QID}),
            parent=_or_null(_ref("id")),
            note=_or_null(_text(limits.MAX_PROSE)),
            aliases=_list("alias"),
            merged_into=_or_null(_ref("id")),
            affiliations=_list("affiliation"),
        ),
        "affiliation": _affiliation_schema(),
        "topic": _object(
            type={"const": "topic"},
            id=_ref("id"),
            name=_text(limits.MAX_TOPIC_NAME),
            merged_into=_or_null(_ref("id")),
        ),
        "proposition": _object(
            type={"const": "proposition"},
            id=_ref("id"),
            topic=_or_null(_ref("id")),
            text=_text(limits.MAX_PROPOSITION),
            kind=_enum(scheme.PROPOSITION_KINDS),
            status=_enum(registry_parser.PROPOSITION_STATUSES),
            merged_into=_or_null(_ref("id")),
        ),
        "merge": _merge_schema(),
        "judgement": _judgement_schema(),
    }


def _merge_schema() -> Schema:
    return _object(
        type={"const": "merge"},
        id=_ref("id"),
        kind=_enum(registry_parser.MERGE_KINDS),
        loser=_ref("id"),
        winner=_ref("id"),
        reason=_or_null(_text(limits.MAX_PROSE)),
        by=_or_null(_ref("username")),
        at=_ref("time"),
        moved={
            **_object(
                aliases=_list("alias"),
                stayed=_list("alias"),
                name_added={"type": "boolean"},
                children=_list("id"),
                affiliations=_list("id"),
                affiliates=_list("id"),
            ),
            "description": "What goes back when the merge is undone.",
        },
    )


def _judgement_schema() -> Schema:
    return _object(
        type={"const": "judgement"},
        id=_ref("id"),
        kind=_enum(registry_parser.MERGE_KINDS),
        left=_ref("id"),
        right=_ref("id"),
        verdict=_enum(judgement_parser.VERDICTS),
        reason=_or_null(_text(limits.MAX_PROSE)),
        by=_ref("username"),
        at=_ref("time"),
    )


def _story_schema() -> Schema:
    return _object(
        type={"const": "story"},
        id=_ref("id"),
        lead=_ref("id"),
        is_lead_chosen={"type": "boolean"},
        members={**_list("member"), "minItems": 2, "description": "The lead among them, by article."},
    )


def _member_schema() -> Schema:
    return _object(
        article=_ref("id"),
        state=_enum(judgement_parser.MEMBER_STATES),
        thousandths={
            "type": "integer",
            "minimum": 0,
            "maximum": 1_000,
            "description": "How much of the smaller text stands in both it and the lead.",
        },
    )


def _affiliation_schema() -> Schema:
    day = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
    return _object(
        id=_ref("id"),
        organisation=_ref("id"),
        role=_or_null(_text(limits.MAX_AFFILIATION_ROLE)),
        kind=_enum(AFFILIATION_KINDS),
        since=_or_null(day),
        until=_or_null(day),
        note=_or_null(_text(limits.MAX_PROSE)),
    )


def _article_schema() -> Schema:
    current = _object(id=_ref("id"), number=_ref("count"), sha256=_ref("sha256"), length=_ref("count"))
    item = {
        "anyOf": [
            {"type": "string", "maxLength": limits.MAX_METADATA_TEXT},
            {
                "type": "integer",
                "minimum": -limits.MAX_METADATA_INTEGER,
                "maximum": limits.MAX_METADATA_INTEGER,
            },
            {"type": ["boolean", "null"]},
        ]
    }
    return _object(
        type={"const": "article"},
        id=_ref("id"),
        corpus=_text(limits.MAX_SLUG),
        external_id=_or_null(_text(limits.MAX_EXTERNAL_ID)),
        title=_or_null(_text(limits.MAX_TITLE)),
        source=_or_null(_text(limits.MAX_SOURCE)),
        author=_or_null(_text(limits.MAX_AUTHOR)),
        url=_or_null({**_text(MAX_URL), "pattern": "^https?://"}),
        language=_or_null(_text(MAX_LANGUAGE)),
        published_at=_or_null(_ref("time")),
        story_key=_or_null(_text(limits.MAX_STORY_KEY)),
        metadata={
            "type": "object",
            "maxProperties": limits.MAX_METADATA_KEYS,
            "propertyNames": _text(limits.MAX_METADATA_KEY),
            "additionalProperties": item,
        },
        annotators={
            **_or_null({"type": "integer", "minimum": 1, "maximum": limits.MAX_ANNOTATORS}),
            "description": "Null in exports of people who do not manage the corpus.",
        },
        priority={"type": "integer", "minimum": -limits.MAX_PRIORITY, "maximum": limits.MAX_PRIORITY},
        excluded_reason=_or_null(_text(limits.MAX_PROSE)),
        revision=current,
        created_at=_ref("time"),
        revisions={**_list("revision"), "minItems": 1, "description": "The current one is the last."},
        sets=_list("set"),
    )


def _revision_schema() -> Schema:
    return _object(
        id=_ref("id"),
        number=_ref("count"),
        text=_text(MAX_TEXT),
        sha256={**_ref("sha256"), "description": "Of the text in UTF-8."},
        reason=_or_null(_text(limits.MAX_PROSE)),
    )


def _set_schema() -> Schema:
    return _object(
        id=_ref("id"),
        article=_ref("id"),
        revision=_ref("id"),
        owner=_ref("username"),
        reviewer=_or_null(_ref("username")),
        kind=_enum(SetKind),
        round=_enum(Round),
        state=_enum(State),
        version=_ref("count"),
        guideline_version=_ref("count"),
        based_on=_or_null(_ref("id")),
        due_at=_or_null(_ref("time")),
        created_at=_ref("time"),
        submitted_at=_or_null(_ref("time")),
        approved_at=_or_null(_ref("time")),
        approved_by=_or_null(_enum(ApprovalBasis)),
        spans={**_list("span"), "description": "By start, end and id."},
        relations=_list("relation"),
        comments=_list("comment"),
        carry={
            **_or_null(_ref("carry")),
            "description": "How it went on from the set that it is based on, when the text was corrected.",
        },
        carry_items={**_list("carry_item"), "description": "The spans that need a look since then."},
    )


def _carry_schema() -> Schema:
    number = {"type": "integer", "minimum": 0}
    return _object(
        id=_ref("id"),
        counts=_object(**{str(status): number for status in CarryStatus}),
        digest={**_ref("sha256"), "description": "Of the alignment of the two texts."},
        by=_or_null(_ref("username")),
        at=_ref("time"),
    )


def _carry_item_schema() -> Schema:
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_TEXT}
    place = {"start": offset, "end": {**offset, "minimum": 1}, "quote": _text(MAX_TEXT)}
    link = _object(
        type=_enum(scheme.RELATION_NAMES),
        is_source={"type": "boolean"},
        old={**_ref("id"), "description": "The other end, a span of the earlier set."},
        span={**_or_null(_ref("id")), "description": "The other end in this set, if it stands there."},
    )
    return _object(
        id=_ref("id"),
        carry=_ref("id"),
        status=_enum(ITEM_STATUSES),
        old_span=_ref("id"),
        label=_enum(scheme.LABEL_NAMES),
        **place,
        proposal=_or_null(_object(**place)),
        attributes=_ref("attributes"),
        actor=_or_null(_ref("id")),
        proposition=_or_null(_ref("id")),
        relations={"type": "array", "items": link},
        comments=_list("id"),
        decision=_or_null(_enum(CarryDecision)),
        by=_or_null(_ref("username")),
        at=_or_null(_ref("time")),
        span=_or_null(_ref("id")),
    )


def _span_schema() -> Schema:
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_TEXT}
    return _object(
        id=_ref("id"),
        set=_ref("id"),
        label=_enum(scheme.LABEL_NAMES),
        start=offset,
        end={**offset, "minimum": 1},
        quote=_text(MAX_TEXT),
        attributes=_ref("attributes"),
        actor=_or_null(_ref("id")),
        proposition=_or_null(_ref("id")),
        origin=_enum(Origin),
        version=_ref("count"),
    )


def _attributes_schema() -> Schema:
    """Return the schema of attributes: each may be missing, and belongs to the labels of the scheme."""
    shapes: dict[str, Schema] = {
        "choice": {},
        "text": {"type": "string"},
        "date": {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"},
    }
    properties = {
        name: {
            **(_enum(attribute.values) if attribute.values else shapes[attribute.kind]),
            **({"maxLength": attribute.max_length} if attribute.max_length else {}),
            "description": attribute.description,
        }
        for name, attribute in scheme.ATTRIBUTES.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _relation_schema() -> Schema:
    return _object(
        id=_ref("id"),
        type=_enum(scheme.RELATION_NAMES),
        source=_ref("id"),
        target=_ref("id"),
        version=_ref("count"),
    )


def _comment_schema() -> Schema:
    return _object(
        id=_ref("id"),
        span=_or_null(_ref("id")),
        parent=_or_null(_ref("id")),
        author=_ref("username"),
        text=_text(limits.MAX_PROSE),
        blocking={"type": "boolean"},
        suggestion=_or_null(
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {
                    "label": {"enum": list(scheme.LABEL_NAMES)},
                    "start": {"type": "integer", "minimum": 0},
                    "end": {"type": "integer", "minimum": 1},
                    "attributes": {"type": "object"},
                },
            }
        ),
        resolved_by=_or_null(_ref("username")),
        resolved_at=_or_null(_ref("time")),
        created_at=_ref("time"),
        version=_ref("count"),
    )
