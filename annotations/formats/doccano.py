"""The reader and writer of doccano's JSONL: labels as triples, or entities with relations.

A line is an article with one set. Its keys beside text and labels are metadata, which doccano keeps at
the top level. The reader also takes doccano's zip of a project without shared labels: a file for each
person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotations.formats.archive import Archive, Prefixed, is_archive, peek
from annotations.formats.base import Dialect, Example, Format, Line, Names, Part, Readable, Writer
from annotations.formats.canonical import array, dumps, metadata, quoted, time_or_null
from annotations.formats.drafts import Draft, Markup, refused
from annotations.formats.jsonl import MAX_LINE, documents
from annotations.formats.records import AnnotationSet, Article
from annotations.formats.selection import COMMENTS, REVISIONS, SETS, lost_links, selected
from annotations.formats.spool import Spool
from annotations.formats.translation import Translation
from annotations.text.gate import excerpt

_FIELDS = ("external_id", "title", "source", "author", "url", "language", "story_key")


class DoccanoWriter(Writer):
    """A writer of a line for each article."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        # doccano's ids are integers, unique in the file
        self._next = 1

    def article(self, article: Article, names: Names) -> None:  # noqa: ARG002
        """Write the line of an article."""
        revision, sets = selected(article, self.losses)
        lost_links(sets, self.losses)
        self.records += 1
        line = f'{{"text": {quoted(revision.text)}'
        for name in _FIELDS:
            value = getattr(article, name)
            if value:
                line += f', "{name}": {quoted(value)}'
        if article.published_at is not None:
            line += f', "published_at": {time_or_null(article.published_at)}'
        if article.metadata != "{}":
            line += f', "metadata": {metadata(article.metadata)}'
        for row in sets:
            self.losses.add("attributes", [span[0] for span in row.spans if span[6] != "{}"])
        shape = self._labels if self.dialect == Dialect.SEQUENCE else self._entities
        self.out.write(f'{line}, {shape(sets[0] if sets else None)}, "Comments": []}}\n'.encode())

    def _labels(self, row: AnnotationSet | None) -> str:
        if row is None:
            return '"label": []'
        self.losses.add("relations", [relation[0] for relation in row.relations])
        spans = [f'[{span[3]}, {span[4]}, "{span[2]}"]' for span in row.spans]
        return f'"label": {array(spans)}'

    def _entities(self, row: AnnotationSet | None) -> str:
        if row is None:
            return '"entities": [], "relations": []'
        number = self._next
        ids = {span[0]: number + place for place, span in enumerate(row.spans)}
        entities = [
            f'{{"id": {ids[id]}, "label": "{label}", "start_offset": {start}, "end_offset": {end}}}'
            for id, _, label, start, end, *_ in row.spans
        ]
        number += len(ids)
        relations = [
            f'{{"id": {number + place}, "from_id": {ids[link[3]]}, "to_id": {ids[link[4]]},'
            f' "type": "{link[2]}"}}'
            for place, link in enumerate(row.relations)
        ]
        self._next = number + len(relations)
        return f'"entities": {array(entities)}, "relations": {array(relations)}'


def read_doccano(stream: Readable, *, names: Translation | None = None, hull: bool = False) -> Iterator[Line]:
    """Yield an article for each line; of a zip for each text, with the set of each person."""
    head = peek(stream, 4)
    whole = Prefixed(head, stream)
    words = names or Translation()
    if is_archive(head):
        yield from _people(Archive(whole), words, hull)
        return
    for document in documents(whole):
        if document.code:
            yield refused(document.number, document.code, document.says)
        else:
            yield _line(document.number, [("", document.value)], words, hull)


def _people(archive: Archive, names: Translation, hull: bool) -> Iterator[Line]:
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
                    key = dumps([value["id"], value.get(names.field("text"))]) if known else f"line {number}"
                    spool.add(key, [number, person, value])
        for _, found in spool:
            yield _line(found[0][0], [(person, value) for _, person, value in found], names, hull)
        if not files:
            yield refused(1, "required", "There is no file that ends in .jsonl in the archive.")
    finally:
        spool.close()
        archive.close()


#: The keys of a line that are no metadata.
_OWN = frozenset(("id", "label", "labels", "entities", "relations", "Comments", "cats", "metadata"))


def _line(number: int, people: list[tuple[str, Any]], names: Translation, hull: bool) -> Line:
    """Return the article of lines with equal texts, each with the labels of one person."""
    draft = Draft(number, names, hull=hull)
    first = people[0][1]
    if type(first) is not dict:
        return refused(number, "type", "It has to be an object.")
    key = names.field("text")
    text = first.get(key)
    if type(text) is not str:
        says = f"There is no text under {excerpt(key)}; name its key by a mapping such as text:body."
        return refused(number, "required", says, f"/{excerpt(key)}")
    draft.text = text
    if type(first.get("id")) in (int, str):
        draft.values["external_id"] = str(first["id"])
    draft.fields({name: value for name, value in first.items() if name not in _OWN and name != key})
    if type(first.get("metadata")) is dict:
        draft.fields(first["metadata"], known=False)
    for person, value in people:
        _add(draft, draft.markup(person), value)
    return draft.line()


def _add(draft: Draft, markup: Markup, line: dict[str, Any]) -> None:
    """Add the labels of one person."""
    for name in ("Comments", "cats"):
        if line.get(name):
            draft.lost(name.lower())
    for name in ("label", "labels", "entities"):
        labels = line.get(name)
        for index, label in enumerate(labels if type(labels) is list else []):
            place = f"/{name}/{index}"
            _span(draft, markup, _as_entity(label), place, str(index))
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


def _span(draft: Draft, markup: Markup, label: Any, place: str, number: str) -> None:
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


ROW = Format(
    name="doccano",
    title="doccano: JSON lines with labels, or with entities and relations",
    media_type="application/x-ndjson",
    extension="jsonl",
    writer=DoccanoWriter,
    reader=read_doccano,
    parts=frozenset({Part.TEXTS, Part.SPANS, Part.RELATIONS, Part.COMMENTS}),
    dialects=(Dialect.MACHINE, Dialect.SEQUENCE),
    options=frozenset({"names", "hull"}),
    cannot={
        "revisions": REVISIONS,
        "sets": SETS,
        "comments": COMMENTS,
        "attributes": "spans with attributes; the spans are written without",
        "links": "links of spans to the registry",
        "relations": "links between spans, in the dialect sequence only",
    },
    leaves_out="ids of articles, spans and relations, the registry, and who worked on what",
    notes=(
        (
            "Offsets are code points. `machine` writes entities and relations, `sequence` writes"
            " `label` triples."
        ),
        (
            f"Read: both shapes, lines up to {MAX_LINE // 1024**2} MB, and the zip with a"
            f" file for each person."
            " Comments and labels of whole texts are counted."
        ),
    ),
    example=Example(
        {
            "lake.jsonl": '{"text": "Ardenia opposes the lock.", "external_id": "a1", '
            '"entities": [{"id": 1, "label": "actor", "start_offset": 0, "end_offset": 7}], "relations": []}'
        },
        "# in doccano: Dataset → Import Dataset → JSONL, column for labels: entities",
    ),
)
