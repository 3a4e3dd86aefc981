"""The reader of doccano's JSONL: labels as triples, or entities with relations.

It also takes doccano's zip of a project without shared labels, which has a file for each person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotations.formats.archive import Prefixed, is_archive, peek
from annotations.formats.base import Line, Readable
from annotations.formats.canonical import dumps
from annotations.formats.drafts import Draft, Markup, refused
from annotations.formats.folder import Folder
from annotations.formats.foreign import NO_TEXT_BUT_ADDRESS, Reading, find_key, is_address, reading
from annotations.formats.jsonl_reader import documents
from annotations.formats.spool import Spool
from annotations.formats.translation import Translation
from annotations.text.gate import excerpt


def read_doccano(
    stream: Readable, *, names: Translation | None = None, hull: bool = False, controls: str = ""
) -> Iterator[Line]:
    """Yield an article for each line; of a zip for each text, with the set of each person."""
    head = peek(stream, 4)
    whole = Prefixed(head, stream)
    how = reading(names, hull, controls)
    if is_archive(head):
        yield from _read_archive(Folder(whole), how)
        return
    for document in documents(whole):
        if document.code:
            yield refused(document.number, document.code, document.says)
        else:
            yield _build_article(document.number, [("", document.value)], how)


def _read_archive(archive: Folder, how: Reading) -> Iterator[Line]:
    """Yield the articles of several people's files: lines of one id and text are one article."""
    spool = Spool()
    number = 0
    try:
        files = [name for name in archive.names if name.endswith((".jsonl", ".json"))]
        for name in files:
            person = name.rpartition("/")[2].rpartition(".")[0]
            with archive.open(name) as file:
                for document in documents(file):
                    number += 1
                    if document.code:
                        yield refused(number, document.code, document.says, f"/{name}/{document.number}")
                        continue
                    value = document.value
                    known = type(value) is dict and value.get("id") is not None
                    text = value.get(find_key(value, how.names.field("text"))) if known else None
                    key = dumps([value["id"], text]) if known else f"line {number}"
                    spool.add(key, [number, person, value])
        for _, found in spool:
            yield _build_article(found[0][0], [(person, value) for _, person, value in found], how)
        if not files:
            yield refused(1, "required", "There is no file that ends in .jsonl in the archive.")
    finally:
        spool.close()
        archive.close()


#: The keys of a line that are no metadata.
_RESERVED_KEYS = frozenset(("id", "label", "labels", "entities", "relations", "Comments", "cats", "metadata"))


def _build_article(number: int, people: list[tuple[str, Any]], how: Reading) -> Line:
    """Return the article of lines with equal texts, each with the labels of one person."""
    draft = Draft(number, how)
    first = people[0][1]
    if type(first) is not dict:
        return refused(number, "type", "It has to be an object.")
    key = find_key(first, how.names.field("text"))
    text = first.get(key)
    if type(text) is not str:
        says = f"There is no text under {excerpt(key)}; name its key by a mapping such as text:body."
        return refused(number, "required", says, f"/{excerpt(key)}")
    if is_address(text):
        return refused(number, "required", NO_TEXT_BUT_ADDRESS, f"/{excerpt(key)}")
    draft.text = text
    if type(first.get("id")) in (int, str):
        draft.values["external_id"] = str(first["id"])
    draft.fields({name: value for name, value in first.items() if name not in _RESERVED_KEYS and name != key})
    if type(first.get("metadata")) is dict:
        draft.fields(first["metadata"], known=False)
    for person, value in people:
        _add_labels(draft, draft.markup(person), value)
    return draft.line()


def _add_labels(draft: Draft, markup: Markup, line: dict[str, Any]) -> None:
    """Add the labels of one person."""
    for name in ("Comments", "cats"):
        if line.get(name):
            draft.lost(name.lower())
    for name in ("label", "labels", "entities"):
        labels = line.get(name)
        for index, label in enumerate(labels if type(labels) is list else []):
            place = f"/{name}/{index}"
            _add_span(draft, markup, _as_entity(label), place, str(index))
    links = line.get("relations")
    for index, link in enumerate(links if type(links) is list else []):
        if type(link) is not dict:
            draft.fault("type", f"/relations/{index}", "A relation has to be an object.")
            continue
        ends = str(link.get("from_id")), str(link.get("to_id"))
        id = str(link.get("id", index))
        markup.relation(id, str(link.get("type")), *ends, f"/relations/{index}")


def _as_entity(label: Any) -> Any:
    """Return a triple in the shape of an entity."""
    if type(label) is list and len(label) == 3:
        return {"start_offset": label[0], "end_offset": label[1], "label": label[2]}
    return label


def _add_span(draft: Draft, markup: Markup, label: Any, place: str, number: str) -> None:
    if type(label) is str:
        draft.lost("labels of a whole text")
        return
    if type(label) is not dict:
        draft.fault("type", place, "A label is a list of start, end and name, or an object that says these.")
        return
    start, end, name = label.get("start_offset"), label.get("end_offset"), label.get("label")
    if type(start) is not int or type(end) is not int or type(name) is not str:
        draft.fault("type", place, "A label has two integers for its start and end, and a name.")
        return
    markup.span(str(label.get("id", number)), name, start, end, place)
