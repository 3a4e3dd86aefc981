"""The reader of ninjs, the JSON of news agencies, as a source of articles.

A file is one item, an array of items, an API response with ``_items``, or an item on each line, in
versions 1 to 3. The text is the plain body, or else that of the HTML body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotations.formats.core.foreign_document import ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_rights import set_right, with_status
from annotations.formats.core.foreign_values import Reading, reading
from annotations.formats.core.html_text import html_to_text
from annotations.formats.core.interfaces import Example, Format, ParsedRecord, Readable
from annotations.formats.core.json_stream import read_elements
from annotations.formats.core.term_mapping import TermMapping

#: The keys of arrays of items in API responses.
_ARRAYS = ("items", "_items")
#: The keys of an item for each field of an article; the first one with a value wins.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("uri", "guid", "altids"),
    "title": ("headline", "title", "name"),
    "author": ("byline", "by"),
    "source": ("source", "copyrightholder"),
    "language": ("language",),
    "published_at": ("firstcreated", "versioncreated", "firstCreated", "versionCreated", "contentcreated"),
    "url": ("canonicalUrl", "url"),
}
#: The keys that become metadata.
_METADATA = (
    "version", "urgency", "located", "slugline", "genre", "pubstatus", "pubStatus", "profile", "ednote",
    "edNote", "type",
)  # fmt: skip
#: The keys of the rights in an item, in all versions.
_HOLDER = ("copyrightholder", "copyrightHolder")
_NOTICES = ("copyrightnotice", "copyrightNotice", "usageterms", "usageTerms")
_EMBARGO, _INFO = ("embargoed",), ("rightsinfo", "rightsInfo")
_RIGHTS = (*_HOLDER, *_NOTICES, *_EMBARGO, *_INFO)
#: The keys of the text and of the headlines, of which the first is taken.
_TEXTS = ("body_text", "body_html", "body_xhtml", "bodies", "headlines")
#: Values that say nothing.
_NOTHING: tuple[object, ...] = (None, "", [], {})
_PLAIN_TYPE, _HTML_TYPES = "text/plain", ("text/html", "application/xhtml+xml")


def read_ninjs(
    stream: Readable, *, names: TermMapping | None = None, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each item of text."""
    how = reading(names, controls=controls)
    for element in read_elements(stream, _ARRAYS):
        if element.code:
            yield rejected_record(element.number, element.code, element.message)
        elif type(element.value) is not dict:
            yield rejected_record(element.number, "type", "An item has to be an object.")
        else:
            yield _parse_item(element.number, element.value, how)


def _parse_item(number: int, item: dict[str, Any], how: Reading) -> ParsedRecord:
    names = how.names
    text = _find_text(item, names)
    if not text:
        detail = "The item has no text: neither body_text nor body_html, body_xhtml or bodies."
        return rejected_record(number, "required", detail, "/body_text", _first_string(item, ("uri",)))
    draft = ForeignDocument(number, how, text=text)
    fields, taken = _find_fields(item)
    if "url" not in fields and fields.get("external_id", "").startswith(("http://", "https://")):
        fields["url"] = fields["external_id"]
    headlines = item.get("headlines")
    if "title" not in fields and type(headlines) is list:
        fields["title"] = _headline(headlines)
    draft.set_fields({names.file_field(ours): value for ours, value in fields.items()})
    others = {key for keys in _FIELDS.values() for key in keys if type(item.get(key)) is str} - taken
    kept = (*_METADATA, *(key for key in item if key in others and item[key] and key not in _RIGHTS))
    draft.set_fields({key: item[key] for key in kept if key in item}, known=False)
    _set_rights(draft, item)
    known = {*taken, *kept, *others, *_RIGHTS, *_TEXTS, names.file_field("text")}
    for key, value in item.items():
        if key not in known and value not in _NOTHING:
            draft.record_loss(f"field {shown(key)}")
    bodies = _main_first(item.get("bodies"))
    for _ in filter(lambda one: one.get("role") != bodies[0].get("role"), bodies):
        draft.record_loss("field bodies")
    for _ in _list(item.get("headlines"))[1:]:
        draft.record_loss("field headlines")
    return with_status(draft.build_record(), item.get("pubstatus") or item.get("pubStatus"))


def _find_fields(item: dict[str, Any]) -> tuple[dict[str, str], set[str]]:
    """Return our fields, and the keys of the item that they come from."""
    found = {
        ours: key
        for ours, keys in _FIELDS.items()
        if (key := next((key for key in keys if _first_string(item, (key,))), ""))
    }
    return {ours: item[key] for ours, key in found.items()}, set(found.values())


def _set_rights(draft: ForeignDocument, item: dict[str, Any]) -> None:
    """Take the holder, the notice with the terms of use, the address of the licence, and the embargo."""
    notices = (item[key] for key in _NOTICES if type(item.get(key)) is str and item[key].strip())
    set_right(draft.values, "notice", "\n".join(dict.fromkeys(notices)))
    for name, keys in (("holder", _HOLDER), ("embargo_until", _EMBARGO)):
        set_right(draft.values, name, next((item[key] for key in keys if item.get(key)), None))
    info: Any = next((item[key] for key in _INFO if key in item), {})
    linked = info.get("linkedrights", info.get("linkedRights")) if type(info) is dict else None
    set_right(draft.values, "licence_url", linked)


def _first_string(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((item[key] for key in keys if type(item.get(key)) is str and item[key]), "")


def _headline(items: list[Any]) -> str:
    values = (one.get("value") for one in _main_first(items))
    return next((value for value in values if type(value) is str), "")


def _main_first(items: object) -> list[dict[str, Any]]:
    """Return the objects of a list, those whose role is main before the summaries and the like."""
    return sorted(
        (one for one in _list(items) if type(one) is dict), key=lambda one: one.get("role") != "main"
    )


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []


def _find_text(item: dict[str, Any], names: TermMapping) -> str:
    """Return the text of an item; plain text wins over HTML."""
    plain = _first_string(item, (names.file_field("text"), "body_text"))
    if plain:
        return plain
    bodies = _main_first(item.get("bodies"))
    main = [one for one in bodies if one.get("role") == "main"] or bodies
    if plain := _body_of(main, (_PLAIN_TYPE,)):
        return plain
    return html_to_text(_first_string(item, ("body_xhtml", "body_html")) or _body_of(main, _HTML_TYPES))


def _body_of(bodies: list[dict[str, Any]], types: tuple[str, ...]) -> str:
    """Return the first body of one of these types, the likelier type first."""
    values = (
        one.get("value")
        for kind in types
        for one in bodies
        if one.get("contentType", one.get("contenttype")) == kind
    )
    return next((value for value in values if type(value) is str and value), "")


FORMAT = Format(
    name="ninjs",
    title="ninjs: news items in JSON",
    media_type="application/json",
    extension="json",
    reader=read_ninjs,
    reader_options=frozenset({"names", "controls"}),
    notes=(
        (
            "The external id is the `uri`, the time that of the first creation. HTML becomes"
            " paragraphs with an"
            " empty line between them. Of several bodies the main one is the text; other times and titles are"
            " metadata. Subjects, associations and renditions are counted."
        ),
        (
            "Rights: `embargoed` (a time with its offset) is the embargo, `copyrightholder` the holder,"
            " `copyrightnotice` and `usageterms` the notice, `rightsinfo.linkedrights` the address of the"
            " licence. An item whose `pubstatus` is withheld or canceled is taken down; usable again, a"
            " manager restores it. Another status or time is an error of the item: nothing is guessed."
        ),
    ),
    example=Example(
        {
            "item.json": '{"uri": "urn:newsml:lakeside:20260301:1", "type": "text", "language": "en", '
            '"headline": "The lock", "versioncreated": "2026-03-01T12:00:00Z", '
            '"body_text": "Ardenia opposes the lock."}'
        }
    ),
)
