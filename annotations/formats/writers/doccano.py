"""The writer of doccano's JSONL: labels as triples, or entities with relations.

A line is an article with one set. Its keys beside text and labels are metadata, which doccano keeps at
the top level.
"""

from __future__ import annotations

from typing import IO

from annotations.formats.core.article_content import (
    COMMENTS_LOSS,
    REVISIONS_LOSS,
    SETS_LOSS,
    record_link_losses,
    select_content,
)
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    FOREIGN_OPTIONS,
    Dialect,
    Example,
    Format,
    RegistryNames,
    Writer,
)
from annotations.formats.core.json_text import canonical_metadata, json_array, quote_json, time_or_null
from annotations.formats.core.records import AnnotationSet, Article
from annotations.formats.readers.doccano import read_doccano
from annotations.formats.readers.jsonl import MAX_LINE_BYTES

_FIELDS = ("external_id", "title", "source", "author", "url", "language", "story_key")


class DoccanoWriter(Writer):
    """A writer of a line for each article."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        # doccano's ids are integers, unique in the file
        self._next = 1

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write the line of an article."""
        revision, sets = select_content(article, self.losses)
        record_link_losses(sets, self.losses)
        self.records += 1
        line = f'{{"text": {quote_json(revision.text)}'
        for name in _FIELDS:
            value = getattr(article, name)
            if value:
                line += f', "{name}": {quote_json(value)}'
        if article.published_at is not None:
            line += f', "published_at": {time_or_null(article.published_at)}'
        if article.metadata != "{}":
            line += f', "metadata": {canonical_metadata(article.metadata)}'
        for row in sets:
            self.losses.add("attributes", [span[0] for span in row.spans if span[6] != "{}"])
        shape = self._label_triples if self.dialect == Dialect.SEQUENCE else self._entities
        self.out.write(f'{line}, {shape(sets[0] if sets else None)}, "Comments": []}}\n'.encode())

    def _label_triples(self, row: AnnotationSet | None) -> str:
        if row is None:
            return '"label": []'
        self.losses.add("relations", [relation[0] for relation in row.relations])
        spans = [f'[{span[3]}, {span[4]}, "{span[2]}"]' for span in row.spans]
        return f'"label": {json_array(spans)}'

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
        return f'"entities": {json_array(entities)}, "relations": {json_array(relations)}'


FORMAT = Format(
    name="doccano",
    title="doccano: JSON lines with labels, or with entities and relations",
    media_type="application/x-ndjson",
    extension="jsonl",
    writer=DoccanoWriter,
    reader=read_doccano,
    sections=ANNOTATED_TEXTS,
    dialects=(Dialect.MACHINE, Dialect.SEQUENCE),
    reader_options=FOREIGN_OPTIONS,
    loss_descriptions={
        "revisions": REVISIONS_LOSS,
        "sets": SETS_LOSS,
        "comments": COMMENTS_LOSS,
        "attributes": "spans with attributes; the spans are written without",
        "links": "links of spans to the registry",
        "relations": "links between spans, in the dialect sequence only",
    },
    omissions="ids of articles, spans and relations, the registry, and who worked on what",
    notes=(
        (
            "Offsets are code points. `machine` writes entities and relations, `sequence` writes"
            " `label` triples."
        ),
        (
            f"Read: both shapes, lines up to {MAX_LINE_BYTES // 1024**2} MB, and the zip with a"
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
