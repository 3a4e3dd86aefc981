"""The reader of doccano's JSONL: labels as triples, or entities with relations; or one list of them.

It also takes doccano's zip of a project without shared labels, which has a file for each person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotations.formats.archive.folder import Folder
from annotations.formats.archive.spool import Spool
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record
from annotations.formats.core.foreign_values import (
    NO_TEXT_BUT_ADDRESS,
    Reading,
    find_key,
    is_address,
    reading,
)
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.json_text import dump_json
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.jsonl import read_json_objects
from annotations.text.gate import excerpt


def read_doccano(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each line or element; of a zip for each text, with the set of each person."""
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    how = reading(names, hull, controls)
    if is_archive(head):
        yield from _read_archive(Folder(whole), how)
        return
    for document in read_json_objects(whole):
        if document.code:
            yield rejected_record(document.number, document.code, document.message)
        else:
            yield _build_article(document.number, [("", document.value)], how)


def _read_archive(archive: Folder, how: Reading) -> Iterator[ParsedRecord]:
    """Yield the articles of several people's files: lines of one id and text are one article."""
    spool = Spool()
    number = 0
    try:
        files = [name for name in archive.names if name.endswith((".jsonl", ".json"))]
        for name in files:
            person = name.rpartition("/")[2].rpartition(".")[0]
            with archive.open(name) as file:
                for document in read_json_objects(file):
                    number += 1
                    if document.code:
                        yield rejected_record(
                            number, document.code, document.message, f"/{name}/{document.number}"
                        )
                        continue
                    value = document.value
                    known = type(value) is dict and value.get("id") is not None
                    text = value.get(find_key(value, how.names.file_field("text"))) if known else None
                    key = dump_json([value["id"], text]) if known else f"line {number}"
                    spool.add(key, [number, person, value])
        for _, found in spool:
            yield _build_article(found[0][0], [(person, value) for _, person, value in found], how)
        if not files:
            yield rejected_record(1, "required", "There is no file that ends in .jsonl in the archive.")
    finally:
        spool.close()
        archive.close()


#: The keys of a line that are no metadata.
_RESERVED_KEYS = frozenset(("id", "label", "labels", "entities", "relations", "Comments", "cats", "metadata"))


def _build_article(number: int, people: list[tuple[str, Any]], how: Reading) -> ParsedRecord:
    """Return the article of lines with equal texts, each with the labels of one person."""
    draft = ForeignDocument(number, how)
    first = people[0][1]
    if type(first) is not dict:
        return rejected_record(number, "type", "It has to be an object.")
    key = find_key(first, how.names.file_field("text"))
    text = first.get(key)
    if type(text) is not str:
        detail = f"There is no text under {excerpt(key)}; name its key by a mapping such as text:body."
        return rejected_record(number, "required", detail, f"/{excerpt(key)}")
    if is_address(text):
        return rejected_record(number, "required", NO_TEXT_BUT_ADDRESS, f"/{excerpt(key)}")
    draft.text = text
    if type(first.get("id")) in (int, str):
        draft.values["external_id"] = str(first["id"])
    draft.set_fields(
        {name: value for name, value in first.items() if name not in _RESERVED_KEYS and name != key}
    )
    if type(first.get("metadata")) is dict:
        draft.set_fields(first["metadata"], known=False)
    for person, value in people:
        _add_labels(draft, draft.add_layer(person), value)
    return draft.build_record()


def _add_labels(draft: ForeignDocument, layer: AnnotationLayer, line: dict[str, Any]) -> None:
    """Add the labels of one person."""
    for name in ("Comments", "cats"):
        if line.get(name):
            draft.record_loss(name.lower())
    for name in ("label", "labels", "entities"):
        labels = line.get(name)
        if type(labels) is str:
            draft.record_loss("labels of a whole text")
        elif labels is not None and type(labels) is not list:
            draft.record_error("type", f"/{name}", "Labels are a list.")
        for index, label in enumerate(labels if type(labels) is list else []):
            place = f"/{name}/{index}"
            _add_span(draft, layer, _as_entity(label), place, str(index))
    links = line.get("relations")
    for index, link in enumerate(links if type(links) is list else []):
        if type(link) is not dict:
            draft.record_error("type", f"/relations/{index}", "A relation has to be an object.")
            continue
        ends = str(link.get("from_id")), str(link.get("to_id"))
        id = str(link.get("id", index))
        layer.add_relation(id, str(link.get("type")), *ends, f"/relations/{index}")


def _as_entity(label: object) -> Any:
    """Return a triple in the shape of an entity."""
    if type(label) is list and len(label) == 3:
        return {"start_offset": label[0], "end_offset": label[1], "label": label[2]}
    return label


def _add_span(draft: ForeignDocument, layer: AnnotationLayer, label: object, place: str, number: str) -> None:
    if type(label) is str:
        draft.record_loss("labels of a whole text")
        return
    if type(label) is not dict:
        draft.record_error(
            "type", place, "A label is a list of start, end and name, or an object that says these."
        )
        return
    start, end, name = label.get("start_offset"), label.get("end_offset"), label.get("label")
    if type(start) is not int or type(end) is not int or type(name) is not str:
        draft.record_error("type", place, "A label has two integers for its start and end, and a name.")
        return
    layer.add_span(str(label.get("id", number)), name, start, end, place)
