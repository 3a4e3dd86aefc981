"""The reader of ninjs, the JSON of news agencies, as a source of articles.

A file is one item, an array of items, an API response with ``_items``, or an item on each line, in
versions 1 to 3. The text is the plain body, or else that of the HTML body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType
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
    fields = {ours: found for ours, keys in _FIELDS.items() if (found := _first_string(item, keys))}
    if "url" not in fields and fields.get("external_id", "").startswith(("http://", "https://")):
        fields["url"] = fields["external_id"]
    headlines = item.get("headlines")
    if "title" not in fields and type(headlines) is list:
        fields["title"] = _headline(headlines)
    draft.set_fields({names.file_field(ours): value for ours, value in fields.items()})
    draft.set_fields({key: item[key] for key in _METADATA if key in item}, known=False)
    _set_rights(draft, item)
    known = {key for keys in _FIELDS.values() for key in keys}
    known.update(_METADATA, _RIGHTS, ("body_text", "body_html", "body_xhtml", "bodies", "headlines"))
    for key, value in item.items():
        if key not in known or (
            key not in (*_METADATA, *_RIGHTS) and type(value) not in (str, NoneType, list)
        ):
            draft.record_loss(f"field {shown(key)}")
    return with_status(draft.build_record(), item.get("pubstatus") or item.get("pubStatus"))


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
    values = (one.get("value") for one in items if type(one) is dict)
    return next((value for value in values if type(value) is str), "")


def _find_text(item: dict[str, Any], names: TermMapping) -> str:
    """Return the text of an item; plain text wins over HTML."""
    plain = _first_string(item, (names.file_field("text"), "body_text"))
    if plain:
        return plain
    bodies = item.get("bodies")
    parts = [one for one in bodies if type(one) is dict] if type(bodies) is list else []
    by_type = {one.get("contentType", one.get("contenttype")): one.get("value") for one in parts}
    if type(by_type.get(_PLAIN_TYPE)) is str:
        return str(by_type[_PLAIN_TYPE])
    marked = _first_string(item, ("body_xhtml", "body_html"))
    others = (found for kind in _HTML_TYPES if type(found := by_type.get(kind)) is str)
    return html_to_text(marked or next(others, ""))


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
            " empty line between them. Subjects, associations and renditions are counted."
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
