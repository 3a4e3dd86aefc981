"""The writer of Label Studio's JSON: an array of tasks, each a text with annotations.

A span is a region of the control ``label``; its attributes and links are choices and text areas of the
same region, by their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from annotations.enums import State
from annotations.formats.core.article_content import COMMENTS_LOSS, REVISIONS_LOSS, select_content
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    FOREIGN_OPTIONS,
    Dialect,
    Example,
    Format,
    RegistryNames,
    Writer,
)
from annotations.formats.core.json_text import (
    CanonicalAttributes,
    canonical_metadata,
    json_array,
    quote_json,
    string_or_null,
    time_or_null,
)
from annotations.formats.core.records import AnnotationSet, Article, Corpus
from annotations.formats.readers.labelstudio import read_labelstudio
from annotations.scheme import ATTRIBUTES

_FIELDS = ("title", "source", "author", "url", "language", "story_key")


class LabelStudioWriter(Writer):
    """A writer of a task for each article."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attributes = _AttributeValues()
        self._annotations = 0

    def write_corpus(self, corpus: Corpus) -> None:  # noqa: ARG002
        """Write the beginning of the array."""
        self.out.write(b"[")

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write the task of an article."""
        revision, sets = select_content(article, self.losses, several=True)
        data = f'"text": {quote_json(revision.text)}, "external_id": {string_or_null(article.external_id)}'
        for name in _FIELDS:
            value = getattr(article, name)
            if value:
                data += f', "{name}": {quote_json(value)}'
        if article.published_at is not None:
            data += f', "published_at": {time_or_null(article.published_at)}'
        annotations = json_array(map(self._format_annotation, sets))
        self.out.write(
            (
                f'{"," if self.records else ""}\n{{"id": {self.records + 1}, "data": {{{data}}}, '
                f'"meta": {canonical_metadata(article.metadata)}, '
                f'"annotations": {annotations}, "predictions": []}}'
            ).encode()
        )
        self.records += 1

    def close(self) -> None:
        """Write the end of the array."""
        self.out.write(b"\n]\n")

    def _format_annotation(self, row: AnnotationSet) -> str:
        result = ", ".join([*self._format_regions(row), *_format_relations(row)])
        gold = "true" if row.state == State.APPROVED else "false"
        self._annotations += 1
        return (
            f'{{"id": {self._annotations}, "unique_id": "{row.id}", "was_cancelled": false, '
            f'"ground_truth": {gold}, "result": [{result}]}}'
        )

    def _format_regions(self, row: AnnotationSet) -> Iterator[str]:
        """Yield the region of each span, and its attributes and links. The hot loop."""
        facts_of, quote = self._attributes, quote_json
        for id, _, label, start, end, words, attributes, actor, proposition, _, _ in row.spans:
            place = f'"start": {start}, "end": {end}'
            yield (
                f'{{"id": "{id}", "from_name": "label", "to_name": "text", "type": "labels", '
                f'"origin": "manual", "value": {{{place}, "text": {quote(words)}, "labels": ["{label}"]}}}}'
            )
            if attributes != "{}":
                for before, after in facts_of[attributes]:
                    yield f'{{"id": "{id}", {before}{{{place}, {after}}}}}'
            if actor is not None:
                yield f'{{"id": "{id}", {_textarea("actor")}{{{place}, "text": ["{actor}"]}}}}'
            if proposition is not None:
                yield f'{{"id": "{id}", {_textarea("proposition")}{{{place}, "text": ["{proposition}"]}}}}'


def _textarea(name: str) -> str:
    return f'"from_name": "{name}", "to_name": "text", "type": "textarea", "value": '


class _AttributeValues(dict[str, list[tuple[str, str]]]):
    """A cache of attributes as JSON around a region's position, by the JSON text of the attributes."""

    def __init__(self) -> None:
        super().__init__()
        self._canonical = CanonicalAttributes()

    def __missing__(self, text: str) -> list[tuple[str, str]]:
        if len(self) >= 10_000:
            self.clear()
        found = self[text] = [
            (
                f'"from_name": "{name}", "to_name": "text", "type": "choices", "value": ',
                f'"choices": [{quote_json(value)}]',
            )
            if ATTRIBUTES[name].kind == "choice"
            else (_textarea(name), f'"text": [{quote_json(value)}]')
            for name, value in json.loads(self._canonical[text]).items()
        ]
        return found


def _format_relations(row: AnnotationSet) -> Iterator[str]:
    for id, _, type_, source, target, _ in row.relations:
        yield (
            f'{{"id": "{id}", "type": "relation", "from_id": "{source}", "to_id": "{target}", '
            f'"direction": "right", "labels": ["{type_}"]}}'
        )


FORMAT = Format(
    name="labelstudio",
    title="Label Studio: JSON of tasks with annotations and predictions",
    media_type="application/json",
    extension="json",
    tells_empty=True,
    writer=LabelStudioWriter,
    reader=read_labelstudio,
    sections=ANNOTATED_TEXTS,
    reader_options=FOREIGN_OPTIONS,
    loss_descriptions={
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
    },
    omissions="the registry, states but gold, and who worked on what",
    notes=(
        "Offsets are code points, as Label Studio's Text tag counts them.",
        (
            "Tasks and annotations are numbered from 1 in the order of the file, because Label Studio's own"
            " converter asks for their `id`; `unique_id` is the id of the set."
        ),
        (
            "Read: the full export, and JSON_MIN, CSV and TSV, which have a row for each annotation. Several"
            " annotations of a task are several sets, predictions are suggestions; cancelled annotations,"
            " drafts, and controls that have no place here are counted."
        ),
        (
            "To show an export, the labelling configuration needs a `Labels` named `label`, `Choices` with"
            " `perRegion` named for each attribute, and a `TextArea` with `perRegion` for"
            " actor and proposition."
        ),
    ),
    example=Example(
        {
            "lake.json": '[{"id": 1, "data": {"text": "Ardenia opposes the lock.", "external_id": "a1"}, '
            '"annotations": [{"id": 1, "result": [{"id": "s1", "from_name": "label", "to_name": "text", '
            '"type": "labels", "value": {"start": 0, "end": 7, "text": "Ardenia", "labels": ["actor"]}}]}]}]'
        },
        "label-studio import lake.json  # or Import in the project's page",
    ),
)
