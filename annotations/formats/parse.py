"""The parser of JSONL records: from a JSON object to a record, with every check that needs no database.

The checks are those of the API, so that imports and requests refuse the same; the limits are those of
the columns, so that both database engines agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from annotations import limits, scheme
from annotations.exceptions import StandpointError
from annotations.formats import values
from annotations.formats.content import read_comments, read_relations, read_spans
from annotations.formats.fields import Faults, Field, Fields, read_list, read_object
from annotations.formats.records import (
    Actor,
    Alias,
    AnnotationSet,
    Article,
    Corpus,
    Proposition,
    Record,
    Revision,
    Topic,
)
from annotations.states import Kind, Round, State
from annotations.text.gate import check_text, excerpt

FORMAT_VERSION = "standpoint/1"
OFFSET_UNIT = "codepoint"

ACTOR_KINDS = ("person", "organisation", "state", "government", "group", "medium", "collective", "other")
ALIAS_KINDS = ("name", "spelling", "abbreviation", "metonym", "title", "other")
PROPOSITION_STATUSES = ("proposed", "accepted")

_HEADER: Fields = {
    "type": Field(values.anything),
    "format": Field(values.choice((FORMAT_VERSION,)), required=True),
    "corpus": Field(values.anything, required=True),
    "offset_unit": Field(values.choice((OFFSET_UNIT,)), OFFSET_UNIT),
}
_CORPUS: Fields = {
    "id": Field(values.identifier, ""),
    "slug": Field(values.slug, ""),
    "name": Field(values.line("name", limits.MAX_CORPUS_NAME, required=True), "", required=True),
    "description": Field(values.prose("description", limits.MAX_PROSE), ""),
    "guideline": Field(values.prose("guideline", limits.MAX_GUIDELINE)),
    "guideline_version": Field(values.integer()),
    "depth": Field(values.choice(scheme.DEPTHS), scheme.DEPTHS[0]),
    "annotators_per_article": Field(values.integer(1, limits.MAX_ANNOTATORS), 1),
    "same_label_overlap": Field(values.boolean, False),
    "archived": Field(values.boolean, False),
    "double_share": Field(values.integer(0, limits.MAX_DOUBLE_SHARE)),
    "most_open": Field(values.integer(0, limits.MAX_OPEN_SETS)),
}
_ACTOR: Fields = {
    "type": Field(values.anything),
    "id": Field(values.identifier, "", required=True),
    "name": Field(values.line("name", limits.MAX_ACTOR_NAME, required=True), "", required=True),
    "kind": Field(values.choice(ACTOR_KINDS), "", required=True),
    "qid": Field(values.qid, ""),
    "parent": Field(values.identifier),
    "note": Field(values.prose("note", limits.MAX_PROSE), ""),
    "aliases": Field(values.anything),
    "merged_into": Field(values.identifier),
}
_ALIAS: Fields = {
    "text": Field(values.line("text", limits.MAX_ALIAS, required=True), "", required=True),
    "language": Field(values.language, ""),
    "kind": Field(values.choice(ALIAS_KINDS), ALIAS_KINDS[0]),
}
_TOPIC: Fields = {
    "type": Field(values.anything),
    "id": Field(values.identifier, "", required=True),
    "name": Field(values.line("name", limits.MAX_TOPIC_NAME, required=True), "", required=True),
    "merged_into": Field(values.identifier),
}
_PROPOSITION: Fields = {
    "type": Field(values.anything),
    "id": Field(values.identifier, "", required=True),
    "topic": Field(values.identifier),
    "text": Field(values.line("text", limits.MAX_PROPOSITION, required=True), "", required=True),
    "kind": Field(values.choice(scheme.PROPOSITION_KINDS), "", required=True),
    "status": Field(values.choice(PROPOSITION_STATUSES), PROPOSITION_STATUSES[0]),
    "merged_into": Field(values.identifier),
}
ARTICLE_FIELDS: Fields = {
    "type": Field(values.anything),
    "id": Field(values.identifier, ""),
    "corpus": Field(values.slug, ""),
    "external_id": Field(values.line("external id", limits.MAX_EXTERNAL_ID, required=True)),
    "title": Field(values.title("title", limits.MAX_TITLE), ""),
    "source": Field(values.title("source", limits.MAX_SOURCE), ""),
    "author": Field(values.title("author", limits.MAX_AUTHOR), ""),
    "url": Field(values.url, ""),
    "language": Field(values.language, ""),
    "published_at": Field(values.timestamp),
    "story_key": Field(values.line("story key", limits.MAX_STORY_KEY), ""),
    "metadata": Field(values.metadata, "{}"),
    "annotators": Field(values.integer(1, limits.MAX_ANNOTATORS)),
    "priority": Field(values.integer(-limits.MAX_PRIORITY, limits.MAX_PRIORITY), 0),
    "excluded_reason": Field(values.prose("reason", limits.MAX_PROSE), ""),
    "revision": Field(values.anything),
    "created_at": Field(values.timestamp),
    "text": Field(values.anything),
    "revisions": Field(values.anything),
    "sets": Field(values.anything),
    "spans": Field(values.anything),
    "relations": Field(values.anything),
}
_CURRENT: Fields = {
    "id": Field(values.identifier, ""),
    "number": Field(values.integer(), None),
    "sha256": Field(values.sha256),
    "length": Field(values.integer()),
}
_REVISION: Fields = {
    "id": Field(values.identifier, ""),
    "number": Field(values.integer()),
    "text": Field(values.anything),
    "sha256": Field(values.sha256),
    "reason": Field(values.prose("reason", limits.MAX_PROSE), ""),
}
_SET: Fields = {
    "id": Field(values.identifier, ""),
    "article": Field(values.identifier, ""),
    "revision": Field(values.identifier, ""),
    "owner": Field(values.username, ""),
    "reviewer": Field(values.username),
    "kind": Field(values.choice(Kind), str(Kind.ANNOTATION)),
    "round": Field(values.choice(Round), str(Round.PRODUCTION)),
    "state": Field(values.choice(State), str(State.OPEN)),
    "version": Field(values.integer(), 1),
    "guideline_version": Field(values.integer()),
    "based_on": Field(values.identifier),
    "due_at": Field(values.timestamp),
    "created_at": Field(values.timestamp),
    "submitted_at": Field(values.timestamp),
    "approved_at": Field(values.timestamp),
    "spans": Field(values.anything),
    "relations": Field(values.anything),
    "comments": Field(values.anything),
}


def read_record(raw: Any, faults: Faults) -> Record | None:
    """Return the record of an object; None, and faults, where there is none."""
    kind = raw.get("type", "article") if type(raw) is dict else "article"
    reader = _PARSERS.get(kind) if type(kind) is str else None
    if reader is None:
        message = f"There are no lines of the type “{excerpt(str(kind))}”; it takes {', '.join(_PARSERS)}."
        faults.say("choice", "/type", message)
        return None
    record = reader(raw, faults)
    return None if faults else record


def _parse_header(raw: Any, faults: Faults) -> Corpus | None:
    sent = read_object(raw, _HEADER, faults, "")
    if sent is None or sent["corpus"] is None:
        return None
    about = read_object(sent["corpus"], _CORPUS, faults, "/corpus")
    if about is None:
        return None
    if "guideline" in sent["corpus"] and about["guideline"] is None:
        about["guideline"] = ""  # null says that it is empty, nothing that it is not in the file
    return Corpus(**about)


def _parse_actor(raw: Any, faults: Faults) -> Actor | None:
    sent = read_object(raw, _ACTOR, faults, "")
    if sent is None:
        return None
    items = read_list(sent["aliases"], faults, "/aliases")
    if len(items) > limits.MAX_ALIASES:
        faults.say(
            "too-long", "/aliases", f"It has {len(items):,} aliases; at most {limits.MAX_ALIASES} are taken."
        )
        return None
    aliases = [
        Alias(**alias)
        for index, item in enumerate(items)
        if (alias := read_object(item, _ALIAS, faults, f"/aliases/{index}")) is not None
    ]
    if len({(alias.text, alias.language) for alias in aliases}) < len(aliases):
        faults.say(
            "duplicate", "/aliases", "Two of the aliases are the same; send each text and language once."
        )
    return Actor(**{**_without_type(sent), "aliases": aliases})


def _without_type(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name != "type"}


def _parse_topic(raw: Any, faults: Faults) -> Topic | None:
    sent = read_object(raw, _TOPIC, faults, "")
    return None if sent is None else Topic(**_without_type(sent))


def _parse_proposition(raw: Any, faults: Faults) -> Proposition | None:
    sent = read_object(raw, _PROPOSITION, faults, "")
    return None if sent is None else Proposition(**_without_type(sent))


def _parse_article(raw: Any, faults: Faults) -> Article | None:
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
        **{
            name: sent[name] for name in Article._fields if name in sent and name not in ("revisions", "sets")
        },
    )


def _parse_revisions(sent: Mapping[str, Any], faults: Faults) -> list[Revision]:
    """Return all revisions of the text, the current one last."""
    if sent["revisions"] is None:
        if sent["text"] is None:
            faults.say("required", "/text", "It is missing; send the text of the article.")
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
            faults.say("invalid", f"{at}/number", "Revisions stand in the order of their numbers.")
        if revision.id in ids:
            faults.say("duplicate", f"{at}/id", "Two revisions have the same id; give each its own.")
        ids |= {revision.id} - {""}
        found.append(revision)
    if not items and not faults:
        faults.say("required", "/revisions", "An article has at least one revision; send its text.")
    if found and sent["text"] is not None and sent["text"] != found[-1].text:
        faults.say("invalid", "/text", "It is not the text of the last revision; send only one of them.")
    return found


def _parse_revision(raw: Any, number: int, faults: Faults, at: str) -> Revision | None:
    sent = read_object(raw, _REVISION, faults, at)
    if sent is None:
        return None
    text = sent["text"]
    if type(text) is not str:
        code = "required" if text is None else "type"
        faults.say(code, f"{at}/text", "It has to be a string that holds the text.")
        return None
    try:
        check_text(text)
    except StandpointError as error:
        faults.refused(error, f"{at}/text")
        return None
    checksum = hashlib.sha256(text.encode()).hexdigest()
    if sent["sha256"] not in (None, checksum):
        message = f"The text has the checksum {checksum}; it was changed on its way, or the checksum was."
        faults.say("invalid", f"{at}/sha256", message)
    return Revision(sent["id"], sent["number"] or number, text, checksum, sent["reason"])


def _check_current_revision(raw: Any, current: Revision, faults: Faults) -> None:
    """Record a fault where the line's ``revision`` differs from its last revision."""
    if raw is None:
        return
    sent = read_object(raw, _CURRENT, faults, "/revision")
    actual = {**current._asdict(), "length": len(current.text)}
    for name, value in (sent or {}).items():
        if value not in (None, "", actual[name]):
            faults.say(
                "invalid", f"/revision/{name}", "It is not that of the last revision, the current one."
            )


def _parse_sets(sent: Mapping[str, Any], revisions: list[Revision], faults: Faults) -> list[AnnotationSet]:
    article, by_id = sent["id"], {row.id: row for row in reversed(revisions) if row.id}
    loose = sent["spans"] is not None or sent["relations"] is not None
    if sent["sets"] is not None:
        if loose:
            faults.say("invalid", "/spans", "Send either sets, or spans and relations without a set.")
        items = read_list(sent["sets"], faults, "/sets")
        found = [
            read
            for index, item in enumerate(items)
            if (read := _parse_set(item, article, revisions[-1], by_id, faults, at=f"/sets/{index}"))
            is not None
        ]
        ids = [row.id for row in found if row.id]
        if len(set(ids)) < len(ids):
            faults.say("duplicate", "/sets", "Two sets have the same id; give each its own.")
        return found
    if sent["spans"] is None and not sent["relations"]:
        if loose:
            read_list(sent["relations"], faults, "/relations")
        return []
    bare = {"spans": sent["spans"], "relations": sent["relations"]}  # an empty list is a set without marks
    only = _parse_set(bare, sent["id"], revisions[-1], by_id, faults, at="")
    return [only] if only else []


def _parse_set(
    raw: Any, article: str, revision: Revision, by_id: Mapping[str, Revision], faults: Faults, *, at: str
) -> AnnotationSet | None:
    sent = read_object(raw, _SET, faults, at)
    if sent is None:
        return None
    if article and sent["article"] not in ("", article):
        faults.say(
            "not-in-corpus", f"{at}/article", "It names another article than the one that it stands in."
        )
    if sent["revision"]:
        named = by_id.get(sent["revision"])
        if named is None:
            faults.say("not-in-corpus", f"{at}/revision", "The line has no revision of this id.")
        revision = named or revision
    if sent["reviewer"] is not None and sent["reviewer"] == sent["owner"]:
        faults.say("four-eyes", f"{at}/reviewer", "Nobody reviews their own work; name another reviewer.")
    spans = read_spans(sent["spans"], revision.text, sent["id"], faults, f"{at}/spans")
    relations = read_relations(sent["relations"], spans, sent["id"], faults, f"{at}/relations")
    comments = read_comments(sent["comments"], spans, sent["id"], faults, f"{at}/comments")
    return AnnotationSet(
        **{**sent, "revision": revision.id, "spans": spans, "relations": relations, "comments": comments}
    )


_PARSERS: Mapping[str, Callable[[Any, Faults], Record | None]] = {
    "header": _parse_header,
    "actor": _parse_actor,
    "topic": _parse_topic,
    "proposition": _parse_proposition,
    "article": _parse_article,
}
