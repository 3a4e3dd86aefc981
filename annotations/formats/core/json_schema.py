"""The JSON Schema of ``standpoint/1``, made from the tables that writer and reader use.

It describes exported lines; imports need fewer fields. ``docs/reference/standpoint-1.schema.json`` is
written from it; a test compares both with one another and with exports.
"""

from __future__ import annotations

from annotations import limits, scheme
from annotations.enums import (
    ApprovalBasis,
    CarryApproval,
    CarryDecision,
    Origin,
    Round,
    SetKind,
    State,
    TextRight,
)
from annotations.formats.core import judgement_parser, record_parser, value_checks
from annotations.formats.core.carry_parser import ITEM_STATUSES
from annotations.formats.core.registry_schema import registry_schemas
from annotations.formats.core.schema_parts import Schema, enum_of, list_of, object_of, or_null, ref, text_of
from annotations.text.align import CarryStatus
from annotations.text.gate import MAX_TEXT
from annotations.text.parsing import MAX_LANGUAGE, MAX_URL

SCHEMA_ID = "urn:standpoint:schema:standpoint-1"


def build_line_schema() -> Schema:
    """Return the schema of one line."""
    kinds = ("header", "actor", "topic", "proposition", "merge", "judgement", "article", "story", "tombstone")
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
            **registry_schemas(),
            "header": _header_schema(),
            "article": _article_schema(),
            "rights": _rights_schema(),
            "story": _story_schema(),
            "member": _member_schema(),
            "tombstone": _tombstone_schema(),
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


def _header_schema() -> Schema:
    corpus = object_of(
        id=ref("id"),
        slug={**text_of(limits.MAX_SLUG), "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        name=text_of(limits.MAX_CORPUS_NAME),
        description=or_null(text_of(limits.MAX_PROSE)),
        guideline=or_null(text_of(limits.MAX_GUIDELINE)),
        guideline_version=ref("count"),
        depth=enum_of(scheme.DEPTHS),
        annotators_per_article={"type": "integer", "minimum": 1, "maximum": limits.MAX_ANNOTATORS},
        same_label_overlap={"type": "boolean"},
        archived={"type": "boolean"},
        double_share={"type": ["integer", "null"], "minimum": 0, "maximum": limits.MAX_DOUBLE_SHARE},
        most_open={"type": ["integer", "null"], "minimum": 0, "maximum": limits.MAX_OPEN_SETS},
        carry_approval=enum_of(CarryApproval),
    )
    return object_of(
        type={"const": "header"},
        format={"const": record_parser.FORMAT_VERSION},
        corpus=corpus,
        offset_unit={"const": record_parser.OFFSET_UNIT},
    )


def _story_schema() -> Schema:
    return object_of(
        type={"const": "story"},
        id=ref("id"),
        lead=ref("id"),
        is_lead_chosen={"type": "boolean"},
        members={**list_of("member"), "minItems": 2, "description": "The lead among them, by article."},
    )


def _tombstone_schema() -> Schema:
    tombstone = object_of(
        type={"const": "tombstone"},
        article=ref("id"),
        external_id=or_null(text_of(limits.MAX_EXTERNAL_ID)),
        at=ref("time"),
    )
    return {**tombstone, "description": "An article that was taken down: whoever has a copy deletes it."}


def _member_schema() -> Schema:
    return object_of(
        article=ref("id"),
        state=enum_of(judgement_parser.MEMBER_STATES),
        thousandths={
            "type": "integer",
            "minimum": 0,
            "maximum": 1_000,
            "description": "How much of the smaller text stands in both it and the lead.",
        },
    )


def _article_schema() -> Schema:
    current = object_of(id=ref("id"), number=ref("count"), sha256=ref("sha256"), length=ref("count"))
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
    article = object_of(
        type={"const": "article"},
        id=ref("id"),
        corpus=text_of(limits.MAX_SLUG),
        external_id=or_null(text_of(limits.MAX_EXTERNAL_ID)),
        title=or_null(text_of(limits.MAX_TITLE)),
        source=or_null(text_of(limits.MAX_SOURCE)),
        author=or_null(text_of(limits.MAX_AUTHOR)),
        url=or_null({**text_of(MAX_URL), "pattern": "^https?://"}),
        language=or_null(text_of(MAX_LANGUAGE)),
        published_at=or_null(ref("time")),
        story_key=or_null(text_of(limits.MAX_STORY_KEY)),
        metadata={
            "type": "object",
            "maxProperties": limits.MAX_METADATA_KEYS,
            "propertyNames": text_of(limits.MAX_METADATA_KEY),
            "additionalProperties": item,
        },
        annotators={
            **or_null({"type": "integer", "minimum": 1, "maximum": limits.MAX_ANNOTATORS}),
            "description": "Null in exports of people who do not manage the corpus.",
        },
        priority={"type": "integer", "minimum": -limits.MAX_PRIORITY, "maximum": limits.MAX_PRIORITY},
        excluded_reason=or_null(text_of(limits.MAX_PROSE)),
        rights=ref("rights"),
        revision=current,
        created_at=ref("time"),
        revisions={**list_of("revision"), "minItems": 1, "description": "The current one is the last."},
        sets=list_of("set"),
    )
    article["required"].remove("rights")
    return article


def _rights_schema() -> Schema:
    described = (
        "The terms of the licence and the embargo; null is as in the corpus. Missing where all are null."
    )
    rights = object_of(
        licence=or_null(text_of(limits.MAX_LICENCE)),
        licence_url=or_null({**text_of(MAX_URL), "pattern": "^https?://"}),
        holder=or_null(text_of(limits.MAX_RIGHTS_HOLDER)),
        notice=or_null(text_of(limits.MAX_PROSE)),
        may_export_text=or_null(enum_of(TextRight)),
        max_quote_share={"type": ["number", "null"], "minimum": 0, "maximum": 1},
        may_send_out={"type": ["boolean", "null"]},
        embargo_until=or_null(ref("time")),
    )
    return {**rights, "description": described}


def _revision_schema() -> Schema:
    revision = object_of(
        id=ref("id"),
        number=ref("count"),
        text={**or_null(text_of(MAX_TEXT)), "description": "Null where the text may not leave."},
        sha256={**ref("sha256"), "description": "Of the text in UTF-8."},
        reason=or_null(text_of(limits.MAX_PROSE)),
        length={**ref("count"), "description": "Of a text that may not leave, in code points."},
        masked={"const": True, "description": "Blocks stand in the text for the names of sources."},
    )
    revision["required"] = [name for name in revision["required"] if name not in ("length", "masked")]
    return revision


def _set_schema() -> Schema:
    return object_of(
        id=ref("id"),
        article=ref("id"),
        revision=ref("id"),
        owner=ref("username"),
        reviewer=or_null(ref("username")),
        kind=enum_of(SetKind),
        round=enum_of(Round),
        state=enum_of(State),
        version=ref("count"),
        guideline_version=ref("count"),
        based_on=or_null(ref("id")),
        due_at=or_null(ref("time")),
        created_at=ref("time"),
        submitted_at=or_null(ref("time")),
        approved_at=or_null(ref("time")),
        approved_by=or_null(enum_of(ApprovalBasis)),
        spans={**list_of("span"), "description": "By start, end and id."},
        relations=list_of("relation"),
        comments=list_of("comment"),
        carry={
            **or_null(ref("carry")),
            "description": "How it went on from the set that it is based on, when the text was corrected.",
        },
        carry_items={**list_of("carry_item"), "description": "The spans that need a look since then."},
    )


def _carry_schema() -> Schema:
    number = {"type": "integer", "minimum": 0}
    return object_of(
        id=ref("id"),
        counts=object_of(**{str(status): number for status in CarryStatus}),
        digest={**ref("sha256"), "description": "Of the alignment of the two texts."},
        by=or_null(ref("username")),
        at=ref("time"),
    )


def _carry_item_schema() -> Schema:
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_TEXT}
    place = {"start": offset, "end": {**offset, "minimum": 1}, "quote": text_of(MAX_TEXT)}
    link = object_of(
        type=enum_of(scheme.RELATION_NAMES),
        is_source={"type": "boolean"},
        old={**ref("id"), "description": "The other end, a span of the earlier set."},
        span={**or_null(ref("id")), "description": "The other end in this set, if it stands there."},
    )
    return object_of(
        id=ref("id"),
        carry=ref("id"),
        status=enum_of(ITEM_STATUSES),
        old_span=ref("id"),
        label=enum_of(scheme.LABEL_NAMES),
        **place,
        proposal=or_null(object_of(**place)),
        attributes=ref("attributes"),
        actor=or_null(ref("id")),
        proposition=or_null(ref("id")),
        relations={"type": "array", "items": link},
        comments=list_of("id"),
        decision=or_null(enum_of(CarryDecision)),
        by=or_null(ref("username")),
        at=or_null(ref("time")),
        span=or_null(ref("id")),
    )


def _span_schema() -> Schema:
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_TEXT}
    return object_of(
        id=ref("id"),
        set=ref("id"),
        label=enum_of(scheme.LABEL_NAMES),
        start=offset,
        end={**offset, "minimum": 1},
        quote=text_of(MAX_TEXT),
        attributes=ref("attributes"),
        actor=or_null(ref("id")),
        proposition=or_null(ref("id")),
        origin=enum_of(Origin),
        version=ref("count"),
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
            **(enum_of(attribute.values) if attribute.values else shapes[attribute.kind]),
            **({"maxLength": attribute.max_length} if attribute.max_length else {}),
            "description": attribute.description,
        }
        for name, attribute in scheme.ATTRIBUTES.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _relation_schema() -> Schema:
    return object_of(
        id=ref("id"),
        type=enum_of(scheme.RELATION_NAMES),
        source=ref("id"),
        target=ref("id"),
        version=ref("count"),
    )


def _comment_schema() -> Schema:
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_TEXT}
    return object_of(
        id=ref("id"),
        span=or_null(ref("id")),
        start=or_null(offset),
        end=or_null({**offset, "minimum": 1}),
        quote={
            **or_null(text_of(limits.MAX_SPAN)),
            "description": "The words from start to end; without these, words that were corrected away.",
        },
        parent=or_null(ref("id")),
        author=ref("username"),
        text=text_of(limits.MAX_PROSE),
        blocking={"type": "boolean"},
        suggestion=or_null(
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
        resolved_by=or_null(ref("username")),
        resolved_at=or_null(ref("time")),
        created_at=ref("time"),
        version=ref("count"),
    )
