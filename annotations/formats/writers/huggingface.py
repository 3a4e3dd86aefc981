"""The writers of a Hugging Face dataset folder: rows, the same as tokens, and a data card for both.

A row is a text with the spans and relations of one set. It is written as a line of JSON, in which every
object has every key, with null for an empty value; and as a row of Parquet, whose schema is declared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.archive.zip_reader import open_scratch_file
from annotations.formats.core import data_card, hub_rows
from annotations.formats.core.article_content import COMMENTS_LOSS, REVISIONS_LOSS, select_content
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    Dialect,
    Example,
    Format,
    Losses,
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
from annotations.formats.core.tokenizer import tokenize
from annotations.formats.writers.parquet_file import ParquetFile
from annotations.scheme import ATTRIBUTES

DATA_FILE, TABLE, TOKENS = "data/train.jsonl", "data/train.parquet", "tokens/train.parquet"
PARQUET = "application/vnd.apache.parquet"


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
            self._write_line(self._format_line(article, revision, row, names))
            self.records += 1

    def _write_line(self, line: str) -> None:
        self.out.write(line.encode())

    def _format_line(
        self, article: Article, revision: Revision, row: AnnotationSet | None, names: RegistryNames
    ) -> str:
        a = article
        encoded = "null" if a.metadata == "{}" else quote_json(canonical_metadata(a.metadata))
        spans, relations = (
            ("[]", "[]") if row is None else (self._format_spans(row, names), _format_relations(row))
        )
        return (
            f'{{"id": "{a.id}", "external_id": {string_or_null(a.external_id)}, '
            f'"set_id": {id_or_null(row.id if row else None)}, '
            f'"state": {string_or_null(row.state if row else None)}, '
            f'"annotator": {string_or_null(row.owner if row else None)}, '
            f'"title": {string_or_null(a.title)}, "source": {string_or_null(a.source)}, '
            f'"author": {string_or_null(a.author)}, "url": {string_or_null(a.url)}, '
            f'"language": {string_or_null(a.language)}, "published_at": {time_or_null(a.published_at)}, '
            f'"story_key": {string_or_null(a.story_key)}, "metadata": {encoded}, '
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
                f'"proposition": {string_or_null(propositions.get(proposition or ""))}{facts_of[encoded]}}}'
                for id, _, label, start, end, words, encoded, actor, proposition, _, _ in row.spans
            ]
        )


class HuggingFaceTableWriter(HuggingFaceLinesWriter):
    """A writer of the same rows as Parquet, whose columns have their types whatever the rows hold."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._table = ParquetFile(out, hub_rows.ROW_COLUMNS)

    def _write_line(self, line: str) -> None:
        self._table.add(json.loads(line), len(line))

    def close(self) -> None:
        """Write the end of the file."""
        self._table.close()


class HuggingFaceTokensWriter(Writer):
    """A writer of the lines of texts as tokens with their tags; texts that nobody marked are left out."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._table = ParquetFile(out, hub_rows.TOKEN_COLUMNS)

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write a row for each set and line."""
        # what both leave out is told of the rows
        self.write(*select_content(article, Losses(), several=True))

    def write(self, revision: Revision, sets: Sequence[AnnotationSet]) -> None:
        """Write the rows of selected sets."""
        for row in sets:
            for line in hub_rows.token_rows(row, tokenize(revision.text), self.losses):
                self._table.add(line, _TOKEN_SIZE * len(line["tokens"]))
                self.records += 1

    def close(self) -> None:
        """Write the end of the file."""
        self._table.close()


#: About how many bytes a token takes with its offsets and tags.
_TOKEN_SIZE = 60


class HuggingFaceWriter(ArchiveWriter):
    """A writer of rows and tokens, and of the card when all are counted."""

    has_index = False

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._files = {TABLE: open_scratch_file(), TOKENS: open_scratch_file()}
        self._lines = HuggingFaceLinesWriter(self.open_stream(DATA_FILE))
        self._table = HuggingFaceTableWriter(self._files[TABLE])
        self._tokens = HuggingFaceTokensWriter(self._files[TOKENS])
        self._counts = data_card.DatasetCounts()
        self._people: dict[str, str] = {}
        self._corpus: Corpus | None = None

    def write_corpus(self, corpus: Corpus) -> None:
        """Remember the corpus for the card."""
        self._corpus = corpus

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write a row for each set, or one for a text without."""
        revision, sets = select_content(article, self.losses, several=True)
        sets = [row._replace(owner=self._pseudonym(row.owner)) for row in sets]
        self._counts.add(article, sets)
        for writer in (self._lines, self._table):
            writer.write_lines(article, revision, sets, names)
        self._tokens.write(revision, sets)
        self.records = self._lines.records

    def close(self) -> None:
        """Write the card, before what it describes."""
        if self._corpus is not None:
            configs = [
                hub_rows.HubConfig(name, columns, {"train": path})
                for name, columns, path, writer in (
                    (hub_rows.DEFAULT, hub_rows.ROW_COLUMNS, TABLE, self._table),
                    (hub_rows.TOKENS, hub_rows.TOKEN_COLUMNS, TOKENS, self._tokens),
                )
                if writer.records
            ]
            head = data_card.render_head(self._corpus, self._counts, configs)
            body = data_card.render_body(
                self._corpus,
                self._counts,
                self.losses,
                hub_rows.ROW_FIELDS,
                not_in_tokens=self._tokens.losses,
            )
            self.add("README.md", f"{head}\n{body}")
        self._table.close()
        self._tokens.close()
        for name, file in self._files.items():
            file.seek(0)
            self.add_stored(name, file)
            file.close()
        super().close()

    def abandon(self) -> None:
        """Close all files without ending the archive."""
        super().abandon()
        for file in self._files.values():
            file.close()

    def _pseudonym(self, name: str) -> str:
        """Return a number instead of a name: whoever loads the dataset need not know who worked on it."""
        return self._people.setdefault(name, f"person-{len(self._people) + 1}")


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
    in_release=(
        ReleaseVariant(HuggingFaceLinesWriter, "jsonl", "application/x-ndjson", hub_rows.ROW_COLUMNS),
        ReleaseVariant(
            HuggingFaceTableWriter, "parquet", PARQUET, hub_rows.ROW_COLUMNS, hub_rows.DEFAULT, hub_rows.TWIN
        ),
        ReleaseVariant(
            HuggingFaceTokensWriter,
            "tokens.parquet",
            PARQUET,
            hub_rows.TOKEN_COLUMNS,
            hub_rows.TOKENS,
            hub_rows.TOKENS,
        ),
    ),
    sections=ANNOTATED_TEXTS | {RecordSection.NAMES},
    loss_descriptions={
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
    },
    omissions="the registry beyond names, and reviewers",
    notes=(
        (
            "`data/train.parquet` has a row for each set with a declared type for each column, and"
            " `data/train.jsonl` has the same rows as JSON lines. `README.md` is the card: its YAML head"
            " names the files and the columns, its body has the counts, the losses and the guideline; what"
            " only people know is asked in brackets."
        ),
        (
            "The configuration `tokens` has a row for each set and line of its text, with BIO tags as"
            " `ClassLabel`: `ner_tags` for all labels, in which the longest of marks in one another wins, and"
            " a column for each label. The card counts the marks that do not fit into tags; they are in the"
            " rows of `default`."
        ),
        "People are numbered in the order of the file; in a release they have the same number in all.",
        "Offsets are code points: `row['text'][span['start']:span['end']] == span['text']`.",
        (
            "JSON lines have no types: a program that guesses them may take a story key such as `2026-01-01`"
            " for a time. Load the folder, or the Parquet files."
        ),
    ),
    example=Example(
        {
            DATA_FILE: '{"id": "…", "text": "Ardenia opposes the lock.", "spans": [{"label": "actor", '
            '"start": 0, "end": 7, "text": "Ardenia", …}], "relations": []}',
            TABLE: "the same rows, with the types of their columns",
            TOKENS: "a row for each set and line: (tokens, ner_tags, actor_tags, …)",
            "README.md": '---\npretty_name: "The lake"\nlicense: "other"\n…\n---\n# The lake\n',
        },
        "python -c \"import datasets; print(datasets.load_dataset('./lake')['train'][0])\"",
    ),
)
