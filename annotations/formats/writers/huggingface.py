"""The writer of a Hugging Face dataset folder: JSON lines, and a data card that describes them.

A line is a text with the spans and relations of one set. Every object has every key, with null for an
empty value, because readers infer the columns from the keys.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core import data_card
from annotations.formats.core.article_content import COMMENTS_LOSS, REVISIONS_LOSS, select_content
from annotations.formats.core.interfaces import (
    Dialect,
    Example,
    Format,
    PlainRecords,
    RecordSection,
    RegistryNames,
    ReleaseVariant,
    Writer,
)
from annotations.formats.core.json_text import (
    canonical_metadata,
    id_or_null,
    json_array,
    quote_json,
    string_or_null,
    time_or_null,
)
from annotations.formats.core.records import AnnotationSet, Article, Corpus, Revision
from annotations.scheme import ATTRIBUTES

DATA_FILE = "data/train.jsonl"

FIELD_DESCRIPTIONS = (
    ("`id`, `external_id`", "the article, as we and as its source call it"),
    ("`set_id`, `state`", "who marked it is not told; null where nobody has"),
    ("`title`, `source`, `author`, `url`, `language`, `published_at`, `story_key`", "of the article"),
    ("`metadata`", "further facts of the article, as JSON"),
    ("`text`, `sha256`", "the text, and its checksum"),
    ("`spans`", "the marks: id, label, start, end, text, the linked actor or proposition, attributes"),
    ("`relations`", "links between marks: id, type, source, target"),
)


#: The fields of a line that are neither lists nor objects.
_PLAIN_FIELDS = ("id", "external_id", "set_id", "state", "title", "source", "language", "text", "sha256")


class HuggingFaceLinesWriter(Writer):
    """A writer of the lines alone; in a release, the card stands beside them."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attributes = _Attributes()

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write a line for each set, or one for a text without."""
        self.write_lines(article, *select_content(article, self.losses, several=True), names)

    def write_lines(
        self, article: Article, revision: Revision, sets: Sequence[AnnotationSet], names: RegistryNames
    ) -> None:
        """Write the lines of an article whose revision and sets are selected."""
        rows: Sequence[AnnotationSet | None] = sets or [None]
        for row in rows:
            self.out.write(self._format_line(article, revision, row, names).encode())
            self.records += 1

    def _format_line(
        self, article: Article, revision: Revision, row: AnnotationSet | None, names: RegistryNames
    ) -> str:
        a = article
        facts = "null" if a.metadata == "{}" else quote_json(canonical_metadata(a.metadata))
        spans, relations = (
            ("[]", "[]") if row is None else (self._format_spans(row, names), _format_relations(row))
        )
        return (
            f'{{"id": "{a.id}", "external_id": {string_or_null(a.external_id)}, '
            f'"set_id": {id_or_null(row.id if row else None)}, '
            f'"state": {string_or_null(row.state if row else None)}, '
            f'"title": {string_or_null(a.title)}, "source": {string_or_null(a.source)}, '
            f'"author": {string_or_null(a.author)}, "url": {string_or_null(a.url)}, '
            f'"language": {string_or_null(a.language)}, "published_at": {time_or_null(a.published_at)}, '
            f'"story_key": {string_or_null(a.story_key)}, "metadata": {facts}, '
            f'"text": {quote_json(revision.text)}, "sha256": "{revision.sha256}", '
            f'"spans": {spans}, "relations": {relations}}}\n'
        )

    def _format_spans(self, row: AnnotationSet, names: RegistryNames) -> str:
        """Return the spans as JSON. The hot loop."""
        quote, facts_of = quote_json, self._attributes
        actors, propositions = names.actors, names.propositions
        return json_array(
            [
                f'{{"id": "{id}", "label": "{label}", "start": {start}, "end": {end}, "text":'
                f" {quote(words)}, "
                f'"actor_id": {id_or_null(actor)}, "actor": {string_or_null(actors.get(actor or ""))}, '
                f'"proposition_id": {id_or_null(proposition)}, '
                f'"proposition": {string_or_null(propositions.get(proposition or ""))}{facts_of[facts]}}}'
                for id, _, label, start, end, words, facts, actor, proposition, _, _ in row.spans
            ]
        )


class HuggingFaceWriter(ArchiveWriter):
    """A writer of the lines, and of the card when all are counted."""

    has_index = False

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._lines = HuggingFaceLinesWriter(self.open_stream(DATA_FILE))
        self._counts = data_card.DatasetCounts()
        self._corpus: Corpus | None = None

    def write_corpus(self, corpus: Corpus) -> None:
        """Remember the corpus for the card."""
        self._corpus = corpus

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write a line for each set, or one for a text without."""
        revision, sets = select_content(article, self.losses, several=True)
        self._counts.add(article, sets)
        self._lines.write_lines(article, revision, sets, names)
        self.records = self._lines.records

    def close(self) -> None:
        """Write the card, before what it describes."""
        if self._corpus is not None:
            head = data_card.render_head(self._corpus, self._counts, {"train": DATA_FILE})
            body = data_card.render_body(self._corpus, self._counts, self.losses, FIELD_DESCRIPTIONS)
            self.add("README.md", f"{head}\n{body}")
        super().close()


def _format_relations(row: AnnotationSet) -> str:
    return json_array(
        [
            f'{{"id": "{id}", "type": "{type_}", "source": "{source}", "target": "{target}"}}'
            for id, _, type_, source, target, _ in row.relations
        ]
    )


class _Attributes(dict[str, str]):
    """A cache of all attributes as keys of a span, by the JSON text of its attributes."""

    def __missing__(self, text: str) -> str:
        if len(self) >= 10_000:
            self.clear()
        said = json.loads(text)
        found = self[text] = "".join(f', "{name}": {string_or_null(said.get(name))}' for name in ATTRIBUTES)
        return found


FORMAT = Format(
    name="huggingface",
    title="Hugging Face: a dataset folder with its data card",
    media_type="application/zip",
    extension="zip",
    writer=HuggingFaceWriter,
    in_release=ReleaseVariant(HuggingFaceLinesWriter, "jsonl", "application/x-ndjson"),
    plain_records=PlainRecords("jsonPath", _PLAIN_FIELDS),
    sections=frozenset(
        {
            RecordSection.TEXTS,
            RecordSection.SPANS,
            RecordSection.RELATIONS,
            RecordSection.COMMENTS,
            RecordSection.NAMES,
        }
    ),
    loss_descriptions={
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
    },
    omissions="the registry beyond names, and who worked on what",
    notes=(
        (
            "`data/train.jsonl` has a line for each set, `README.md` is the card: its YAML"
            " head names the files,"
            " its body has the counts, the losses and the guideline; what only people know"
            " is asked in brackets."
        ),
        "Offsets are code points: `row['text'][span['start']:span['end']] == span['text']`.",
    ),
    example=Example(
        {
            DATA_FILE: '{"id": "…", "text": "Ardenia opposes the lock.", "spans": [{"label": "actor", '
            '"start": 0, "end": 7, "text": "Ardenia", …}], "relations": []}',
            "README.md": '---\npretty_name: "The lake"\nlicense: "other"\n…\n---\n# The lake\n',
        },
        "python -c \"import datasets; print(datasets.load_dataset('./lake')['train'][0])\"",
    ),
)
