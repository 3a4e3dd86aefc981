"""The writer of CoNLL: a token and its IOB2 tag on each line, a file for each label.

The lines are ``token -X- _ tag``, documents begin with ``-DOCSTART-``; the format knows no comments.
``offsets.tsv`` has a line for each of these lines with the offsets of the token in its text, which is
in the archive too. So an export can be read back exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import IO

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core.article_content import (
    COMMENTS_LOSS,
    METADATA_LOSS,
    REVISIONS_LOSS,
    SETS_LOSS,
    record_link_losses,
    record_metadata_loss,
    select_content,
)
from annotations.formats.core.integers import format_integers
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    FOREIGN_OPTIONS,
    Dialect,
    Example,
    Format,
    RegistryNames,
)
from annotations.formats.core.records import Article, Corpus, Span
from annotations.formats.core.token_layers import LAYER_LOSSES, place_spans
from annotations.formats.core.tokenizer import WORD_RULES, TokenColumns, interleave_columns, tokenize
from annotations.formats.readers.conll import DOCUMENT_START, OFFSETS_FILE, read_conll
from annotations.scheme import LABEL_NAMES

_EXAMPLE = "0193a4c1-7a3e-7c11-8f0e-0123456789ab"
_DOCUMENT_START = f"{DOCUMENT_START} -X- O O"
_UNTAGGED = " -X- _ O\n"
_LAYER_START = f"{_DOCUMENT_START}\n".encode()


class ConllWriter(ArchiveWriter):
    """A writer of all layers side by side; they come into the archive at its end."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._layers = {label: self.open_stream(f"{label}.conll") for label in LABEL_NAMES}
        self._offsets = self.open_stream(OFFSETS_FILE)

    def write_corpus(self, corpus: Corpus) -> None:  # noqa: ARG002
        """Write the name of the tokenisation rules."""
        self.add("tokens.txt", f"{WORD_RULES}\n")

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write a document in each layer."""
        revision, sets = select_content(article, self.losses)
        record_metadata_loss(article, self.losses)
        record_link_losses(sets, self.losses)
        text = revision.text
        name = f"texts/{article.id}.txt"
        self.add(name, text)
        self.add_to_index(name, article, revision)
        found = tokenize(text)
        words = _mark_sentences(found.words, found.line_starts)
        by_label: dict[str, list[Span]] = {label: [] for label in LABEL_NAMES}
        for row in sets:
            for span in row.spans:
                by_label[span[2]].append(span)
        tags = {label: self._tags(label, spans, found) for label, spans in by_label.items()}
        untagged = _UntaggedRows(words, tags.values())
        for label, layer in self._layers.items():
            layer.write(b"".join([_LAYER_START, *_format_rows(words, tags[label], untagged), b"\n"]))
        starts, ends = format_integers(found.starts, "\t"), format_integers(found.ends, "\n")
        rows = interleave_columns(_mark_sentences(starts, found.line_starts), ends)
        self._offsets.write(f"{DOCUMENT_START}\t{article.id}\n{rows}\n".encode())
        for row in sets:
            self.losses.add("attributes", [span[0] for span in row.spans if span[6] != "{}"])
            self.losses.add("relations", [relation[0] for relation in row.relations])
        self.records += 1

    def _tags(self, label: str, spans: list[Span], found: TokenColumns) -> dict[int, str]:
        """Return the tags of a layer by the first token of each run; the longest span wins."""
        first, inside = f" -X- _ B-{label}\n", f" -X- _ I-{label}\n"
        tags = {0: _UNTAGGED}
        for _, runs in place_spans(spans, found, self.losses):
            tags.setdefault(runs[-1][1], _UNTAGGED)
            for at, to in runs:
                tags[at] = first
                if at + 1 < to:
                    tags[at + 1] = inside
        return tags


class _UntaggedRows:
    """The rows of words without a tag, in pieces that end wherever a run of some layer does.

    Most words have none in most layers; each piece is made once for all of them.
    """

    def __init__(self, words: list[str], layers: Iterable[dict[int, str]]) -> None:
        edges = sorted({len(words)}.union(*layers))
        self._pieces = [
            (_UNTAGGED.join(words[at:to]) + _UNTAGGED).encode() for at, to in pairwise(edges) if at < to
        ]
        self._numbers = {edge: number for number, edge in enumerate(edges)}

    def rows(self, at: int, to: int) -> list[bytes]:
        """Return the rows of a run."""
        return self._pieces[self._numbers[at] : self._numbers[to]]


def _format_rows(words: list[str], tags: dict[int, str], untagged: _UntaggedRows) -> Iterator[bytes]:
    """Yield words with their tags; joining a run of words by its tag is faster than a row for each."""
    for at, to in pairwise([*sorted(tags), len(words)]):
        tag = tags[at]
        if tag is _UNTAGGED:
            yield from untagged.rows(at, to)
        elif at < to:
            yield (tag.join(words[at:to]) + tag).encode()


def _mark_sentences(cells: list[str], firsts: list[int]) -> list[str]:
    """Return the first cells of rows, with an empty line before each sentence."""
    apart = cells.copy()
    for at in firsts:
        apart[at] = f"\n{apart[at]}"
    return apart


FORMAT = Format(
    name="conll",
    title="CoNLL: tokens with IOB2 tags, a file for each label",
    media_type="application/zip",
    extension="zip",
    writer=ConllWriter,
    reader=read_conll,
    sections=ANNOTATED_TEXTS,
    reader_options=FOREIGN_OPTIONS | {"documents", "token", "tag"},
    loss_descriptions={
        "metadata": METADATA_LOSS,
        "revisions": REVISIONS_LOSS,
        "sets": SETS_LOSS,
        "comments": COMMENTS_LOSS,
        "links": "links of spans to the registry",
        "attributes": "spans with attributes; the spans are written without",
        "relations": "links between spans",
        **LAYER_LOSSES,
    },
    omissions="ids, the registry, and who worked on what",
    notes=(
        (
            "Claims contain actors, so each label has a file of its own: `actor.conll`, `claim.conll` and"
            " `position.conll`, with the same tokens. `tokens.txt` names the rules that made them."
        ),
        (
            "`offsets.tsv` has a line for each line of a layer: first and last offset of the token in code"
            " points, and at the beginning of a document the id of the article, whose text is in `texts/`."
        ),
        (
            "Read: such an archive, an archive of other CoNLL files, or one file. Tags may"
            " be IOB1, IOB2, BIOES or"
            " BILOU, in the last column; without offsets the text is the tokens with spaces between them."
        ),
    ),
    example=Example(
        {
            "actor.conll": f"{_DOCUMENT_START}\n\nArdenia -X- _ B-actor\nopposes -X- _ O\n\n",
            "offsets.tsv": f"{DOCUMENT_START}\t{_EXAMPLE}\n\n0\t7\n8\t15\n\n",
            f"texts/{_EXAMPLE}.txt": "Ardenia opposes",
        },
        "python -c \"import datasets; print(datasets.load_dataset('text', data_files='actor.conll'))\"",
    ),
)
