"""The writer of doccano's JSONL: labels as triples, or entities with relations.

A line is an article with one set. Its keys beside text and labels are metadata, which doccano keeps at
the top level.
"""

from __future__ import annotations

from typing import Any

from annotations.formats.base import Dialect, Example, Format, Names, Part, Writer
from annotations.formats.canonical import array, metadata, quoted, time_or_null
from annotations.formats.doccano_reader import read_doccano
from annotations.formats.jsonl_reader import MAX_LINE
from annotations.formats.records import AnnotationSet, Article
from annotations.formats.selection import COMMENTS, REVISIONS, SETS, lost_links, selected

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
        shape = self._label_triples if self.dialect == Dialect.SEQUENCE else self._entities
        self.out.write(f'{line}, {shape(sets[0] if sets else None)}, "Comments": []}}\n'.encode())

    def _label_triples(self, row: AnnotationSet | None) -> str:
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


ROW = Format(
    name="doccano",
    title="doccano: JSON lines with labels, or with entities and relations",
    media_type="application/x-ndjson",
    extension="jsonl",
    writer=DoccanoWriter,
    reader=read_doccano,
    parts=frozenset({Part.TEXTS, Part.SPANS, Part.RELATIONS, Part.COMMENTS}),
    dialects=(Dialect.MACHINE, Dialect.SEQUENCE),
    options=frozenset({"names", "hull", "controls"}),
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
