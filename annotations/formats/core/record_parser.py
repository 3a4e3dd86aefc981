"""The parser of JSONL records: from a JSON object to a record, with every check that needs no database.

The checks are those of the API, so that imports and requests refuse the same; the limits are those of
the columns, so that both database engines agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from annotations import limits, scheme
from annotations.enums import ApprovalBasis, CarryApproval, Round, SetKind, State
from annotations.exceptions import StandpointError
from annotations.formats.core import judgement_parser, registry_parser, value_checks
from annotations.formats.core.carry_parser import read_carry, read_carry_items
from annotations.formats.core.comment_parser import read_comments
from annotations.formats.core.object_reader import FieldErrors, FieldRule, FieldRules, read_list, read_object
from annotations.formats.core.records import (
    AnnotationSet,
    Article,
    Corpus,
    Record,
    Revision,
    Tombstone,
)
from annotations.formats.core.rights_parser import parse_rights
from annotations.formats.core.set_parser import read_relations, read_spans
from annotations.text.gate import check_text, excerpt

FORMAT_VERSION = "standpoint/1"
OFFSET_UNIT = "codepoint"


_HEADER: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "format": FieldRule(value_checks.choice_check((FORMAT_VERSION,)), required=True),
    "corpus": FieldRule(value_checks.accept_any, required=True),
    "offset_unit": FieldRule(value_checks.choice_check((OFFSET_UNIT,)), OFFSET_UNIT),
}
_CORPUS: FieldRules = {
    "id": FieldRule(value_checks.check_id, ""),
    "slug": FieldRule(value_checks.check_slug, ""),
    "name": FieldRule(
        value_checks.line_check("name", limits.MAX_CORPUS_NAME, required=True), "", required=True
    ),
    "description": FieldRule(value_checks.prose_check("description", limits.MAX_PROSE), ""),
    "guideline": FieldRule(value_checks.prose_check("guideline", limits.MAX_GUIDELINE)),
    "guideline_version": FieldRule(value_checks.integer_check()),
    "depth": FieldRule(value_checks.choice_check(scheme.DEPTHS), scheme.DEPTHS[0]),
    "annotators_per_article": FieldRule(value_checks.integer_check(1, limits.MAX_ANNOTATORS), 1),
    "same_label_overlap": FieldRule(value_checks.check_boolean, False),
    "archived": FieldRule(value_checks.check_boolean, False),
    "double_share": FieldRule(value_checks.integer_check(0, limits.MAX_DOUBLE_SHARE)),
    "most_open": FieldRule(value_checks.integer_check(0, limits.MAX_OPEN_SETS)),
    "carry_approval": FieldRule(value_checks.choice_check(CarryApproval), str(CarryApproval.REVIEW)),
}
ARTICLE_FIELDS: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "id": FieldRule(value_checks.check_id, ""),
    "corpus": FieldRule(value_checks.check_slug, ""),
    "external_id": FieldRule(value_checks.line_check("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": FieldRule(value_checks.title_check("title", limits.MAX_TITLE), ""),
    "source": FieldRule(value_checks.title_check("source", limits.MAX_SOURCE), ""),
    "author": FieldRule(value_checks.title_check("author", limits.MAX_AUTHOR), ""),
    "url": FieldRule(value_checks.check_url, ""),
    "language": FieldRule(value_checks.check_language, ""),
    "published_at": FieldRule(value_checks.check_timestamp),
    "story_key": FieldRule(value_checks.line_check("story key", limits.MAX_STORY_KEY), ""),
    "metadata": FieldRule(value_checks.check_metadata, "{}"),
    "annotators": FieldRule(value_checks.integer_check(1, limits.MAX_ANNOTATORS)),
    "priority": FieldRule(value_checks.integer_check(-limits.MAX_PRIORITY, limits.MAX_PRIORITY), 0),
    "excluded_reason": FieldRule(value_checks.prose_check("reason", limits.MAX_PROSE), ""),
    "rights": FieldRule(value_checks.accept_any),
    "revision": FieldRule(value_checks.accept_any),
    "created_at": FieldRule(value_checks.check_timestamp),
    "text": FieldRule(value_checks.accept_any),
    "revisions": FieldRule(value_checks.accept_any),
    "sets": FieldRule(value_checks.accept_any),
    "spans": FieldRule(value_checks.accept_any),
    "relations": FieldRule(value_checks.accept_any),
}
_CURRENT: FieldRules = {
    "id": FieldRule(value_checks.check_id, ""),
    "number": FieldRule(value_checks.integer_check(), None),
    "sha256": FieldRule(value_checks.check_sha256),
    "length": FieldRule(value_checks.integer_check()),
}
_REVISION: FieldRules = {
    "id": FieldRule(value_checks.check_id, ""),
    "number": FieldRule(value_checks.integer_check()),
    "text": FieldRule(value_checks.accept_any),
    "sha256": FieldRule(value_checks.check_sha256),
    "reason": FieldRule(value_checks.prose_check("reason", limits.MAX_PROSE), ""),
    "length": FieldRule(value_checks.integer_check()),
    "masked": FieldRule(value_checks.check_boolean, False),
}
_TOMBSTONE: FieldRules = {
    "type": FieldRule(value_checks.accept_any),
    "article": FieldRule(value_checks.check_id, required=True),
    "external_id": FieldRule(value_checks.line_check("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "at": FieldRule(value_checks.check_timestamp, required=True),
}
_SET: FieldRules = {
    "id": FieldRule(value_checks.check_id, ""),
    "article": FieldRule(value_checks.check_id, ""),
    "revision": FieldRule(value_checks.check_id, ""),
    "owner": FieldRule(value_checks.check_username, ""),
    "reviewer": FieldRule(value_checks.check_username),
    "kind": FieldRule(value_checks.choice_check(SetKind), str(SetKind.ANNOTATION)),
    "round": FieldRule(value_checks.choice_check(Round), str(Round.PRODUCTION)),
    "state": FieldRule(value_checks.choice_check(State), str(State.OPEN)),
    "version": FieldRule(value_checks.integer_check(), 1),
    "guideline_version": FieldRule(value_checks.integer_check()),
    "based_on": FieldRule(value_checks.check_id),
    "due_at": FieldRule(value_checks.check_timestamp),
    "created_at": FieldRule(value_checks.check_timestamp),
    "submitted_at": FieldRule(value_checks.check_timestamp),
    "approved_at": FieldRule(value_checks.check_timestamp),
    "approved_by": FieldRule(value_checks.choice_check(ApprovalBasis)),
    "spans": FieldRule(value_checks.accept_any),
    "relations": FieldRule(value_checks.accept_any),
    "comments": FieldRule(value_checks.accept_any),
    "carry": FieldRule(value_checks.accept_any),
    "carry_items": FieldRule(value_checks.accept_any),
}


def read_record(raw: object, faults: FieldErrors) -> Record | None:
    """Return the record of an object; None, and faults, where there is none."""
    kind = raw.get("type", "article") if type(raw) is dict else "article"
    reader = _PARSERS.get(kind) if type(kind) is str else None
    if reader is None:
        message = f"There are no lines of the type “{excerpt(str(kind))}”; it takes {', '.join(_PARSERS)}."
        faults.record("choice", "/type", message)
        return None
    record = reader(raw, faults)
    return None if faults else record


def _parse_header(raw: object, faults: FieldErrors) -> Corpus | None:
    sent = read_object(raw, _HEADER, faults, "")
    if sent is None or sent["corpus"] is None:
        return None
    about = read_object(sent["corpus"], _CORPUS, faults, "/corpus")
    if about is None:
        return None
    if "guideline" in sent["corpus"] and about["guideline"] is None:
        about["guideline"] = ""  # null says that it is empty, nothing that it is not in the file
    return Corpus(**about)


def _parse_article(raw: Any, faults: FieldErrors) -> Article | None:
    sent = read_object(raw, ARTICLE_FIELDS, faults, "")
    if sent is None:
        return None
    revisions = _parse_revisions(sent, faults)
    if not revisions:
        return None
    _check_current_revision(sent["revision"], revisions[-1], faults)
    return Article(
        revisions=revisions,
        sets=_parse_sets(sent, revisions, faults),
        sent=frozenset(raw),
        rights=parse_rights(sent["rights"], faults, "/rights"),
        **{name: sent[name] for name in Article._fields if name in sent and name not in _PARSED},
    )


#: The fields of an article that are parsed by themselves.
_PARSED = ("revisions", "sets", "rights")


def _parse_revisions(sent: Mapping[str, Any], faults: FieldErrors) -> list[Revision]:
    """Return all revisions of the text, the current one last."""
    if sent["revisions"] is None:
        if sent["text"] is None:
            faults.record("required", "/text", "It is missing; send the text of the article.")
            return []
        only = _parse_revision({"text": sent["text"]}, 1, faults, "")
        return [only] if only else []
    found: list[Revision] = []
    ids: set[str] = set()
    items = read_list(sent["revisions"], faults, "/revisions")
    for index, item in enumerate(items):
        at = f"/revisions/{index}"
        revision = _parse_revision(item, found[-1].number + 1 if found else 1, faults, at)
        if revision is None:
            continue
        if found and revision.number <= found[-1].number:
            faults.record("invalid", f"{at}/number", "Revisions stand in the order of their numbers.")
        if revision.id in ids:
            faults.record("duplicate", f"{at}/id", "Two revisions have the same id; give each its own.")
        ids |= {revision.id} - {""}
        found.append(revision)
    if not items and not faults:
        faults.record("required", "/revisions", "An article has at least one revision; send its text.")
    if found and sent["text"] is not None and sent["text"] != found[-1].text:
        faults.record("invalid", "/text", "It is not the text of the last revision; send only one of them.")
    return found


def _parse_revision(raw: object, number: int, faults: FieldErrors, at: str) -> Revision | None:
    sent = read_object(raw, _REVISION, faults, at)
    if sent is None:
        return None
    text = sent["text"]
    if type(text) is not str:
        code = "required" if text is None else "type"
        faults.record(code, f"{at}/text", "It has to be a string that holds the text.")
        return None
    try:
        check_text(text)
    except StandpointError as error:
        faults.record_error(error, f"{at}/text")
        return None
    checksum = hashlib.sha256(text.encode()).hexdigest()
    if sent["sha256"] not in (None, checksum):
        message = f"The text has the checksum {checksum}; it was changed on its way, or the checksum was."
        faults.record("invalid", f"{at}/sha256", message)
    return Revision(sent["id"], sent["number"] or number, text, checksum, sent["reason"])


def _check_current_revision(raw: object, current: Revision, faults: FieldErrors) -> None:
    """Record a fault where the line's ``revision`` differs from its last revision."""
    if raw is None:
        return
    sent = read_object(raw, _CURRENT, faults, "/revision")
    actual = {**current._asdict(), "length": len(current.text)}
    for name, value in (sent or {}).items():
        if value not in (None, "", actual[name]):
            faults.record(
                "invalid", f"/revision/{name}", "It is not that of the last revision, the current one."
            )


def _parse_sets(
    sent: Mapping[str, Any], revisions: list[Revision], faults: FieldErrors
) -> list[AnnotationSet]:
    article, by_id = sent["id"], {row.id: row for row in reversed(revisions) if row.id}
    loose = sent["spans"] is not None or sent["relations"] is not None
    if sent["sets"] is not None:
        if loose:
            faults.record("invalid", "/spans", "Send either sets, or spans and relations without a set.")
        items = read_list(sent["sets"], faults, "/sets")
        found = [
            read
            for index, item in enumerate(items)
            if (read := _parse_set(item, article, revisions[-1], by_id, faults, at=f"/sets/{index}"))
            is not None
        ]
        ids = [row.id for row in found if row.id]
        if len(set(ids)) < len(ids):
            faults.record("duplicate", "/sets", "Two sets have the same id; give each its own.")
        return found
    if sent["spans"] is None and not sent["relations"]:
        if loose:
            read_list(sent["relations"], faults, "/relations")
        return []
    bare = {"spans": sent["spans"], "relations": sent["relations"]}  # an empty list is a set without marks
    only = _parse_set(bare, sent["id"], revisions[-1], by_id, faults, at="")
    return [only] if only else []


def _parse_set(
    raw: object,
    article: str,
    revision: Revision,
    by_id: Mapping[str, Revision],
    faults: FieldErrors,
    *,
    at: str,
) -> AnnotationSet | None:
    sent = read_object(raw, _SET, faults, at)
    if sent is None:
        return None
    if article and sent["article"] not in ("", article):
        faults.record(
            "not-in-corpus", f"{at}/article", "It names another article than the one that it stands in."
        )
    if sent["revision"]:
        named = by_id.get(sent["revision"])
        if named is None:
            faults.record("not-in-corpus", f"{at}/revision", "The line has no revision of this id.")
        revision = named or revision
    if sent["reviewer"] is not None and sent["reviewer"] == sent["owner"]:
        faults.record("four-eyes", f"{at}/reviewer", "Nobody reviews their own work; name another reviewer.")
    spans = read_spans(sent["spans"], revision.text, sent["id"], faults, f"{at}/spans")
    relations = read_relations(sent["relations"], spans, sent["id"], faults, f"{at}/relations")
    comments = read_comments(
        sent["comments"], spans, revision.text, faults, f"{at}/comments", set_id=sent["id"]
    )
    carry = read_carry(sent["carry"], faults, f"{at}/carry")
    items = read_carry_items(sent["carry_items"], spans, revision.text, faults, f"{at}/carry_items")
    if (carry or items) and not sent["id"]:
        faults.record("required", f"{at}/id", "It is missing; a set that was carried over has its id.")
    content = {"spans": spans, "relations": relations, "comments": comments, "carry": carry}
    return AnnotationSet(**{**sent, **content, "revision": revision.id, "carry_items": items})


def _parse_tombstone(raw: object, faults: FieldErrors) -> Tombstone | None:
    sent = read_object(raw, _TOMBSTONE, faults, "")
    if sent is None or faults:
        return None
    return Tombstone(sent["article"], sent["external_id"], sent["at"])


_PARSERS: Mapping[str, Callable[[Any, FieldErrors], Record | None]] = {
    "header": _parse_header,
    "actor": registry_parser.parse_actor,
    "topic": registry_parser.parse_topic,
    "proposition": registry_parser.parse_proposition,
    "merge": registry_parser.parse_merge,
    "judgement": judgement_parser.parse_judgement,
    "article": _parse_article,
    "story": judgement_parser.parse_story,
    "tombstone": _parse_tombstone,
}
