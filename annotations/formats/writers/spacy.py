"""The writer of spaCy's documents: as its JSON, or packed as DocBin where spaCy is installed.

All spans are in the span group ``sc``, where they may overlap; the linked entry is the ``kb_id``. spaCy
knows spans by tokens, so a span that begins or ends inside a token is widened to it, and counted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import IO

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core.article_content import (
    COMMENTS_LOSS,
    METADATA_LOSS,
    REVISIONS_LOSS,
    SETS_LOSS,
    record_metadata_loss,
    select_content,
)
from annotations.formats.core.integers import format_integers
from annotations.formats.core.interfaces import ANNOTATED_TEXTS, Dialect, Example, Format, RegistryNames
from annotations.formats.core.json_text import json_array, quote_json, string_or_null
from annotations.formats.core.optional_packages import load_optional_module
from annotations.formats.core.records import AnnotationSet, Article, Revision
from annotations.formats.core.tokenizer import TokenColumns, interleave_columns, tokenize

SPAN_GROUP = "sc"
# White space that is more than one blank between two words. The search is fast because it begins with \s.
_WHITE_SPACE = re.compile(r"\s(?:\s+|(?<! )|(?<=\A ))")
#: The number of documents in a packed file; DocBin holds all of them in memory.
MAX_PACKED_DOCUMENTS = 500


class SpacyWriter(ArchiveWriter):
    """A writer of documents line by line, or of packed files of them."""

    has_index = False

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        # before any file is open, because spaCy may be missing
        self._packer = _DocBinPacker() if dialect == Dialect.DOCBIN else None
        self._pack_count = 0
        super().__init__(out, dialect=dialect)
        self._lines = self.open_stream("docs.jsonl") if self._packer is None else None

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write a document."""
        revision, sets = select_content(article, self.losses)
        record_metadata_loss(article, self.losses)
        found = tokenize(revision.text)
        spans = [span for row in sets for span in self._spans(row, found)]
        for row in sets:
            self.losses.add("attributes", [span[0] for span in row.spans if span[6] != "{}"])
            self.losses.add("relations", [link[0] for link in row.relations])
        if self._lines is not None:
            self._lines.write(_format_document(article, revision, found, spans).encode())
        elif self._packer is not None:
            self._packer.add(article, revision, found, spans)
            if len(self._packer) >= MAX_PACKED_DOCUMENTS:
                self._write_pack(self._packer)
        self.records += 1

    def close(self) -> None:
        """Write the last packed file, and end the archive."""
        if self._packer is not None and (len(self._packer) or not self._pack_count):
            self._write_pack(self._packer)
        super().close()

    def _write_pack(self, pack: _DocBinPacker) -> None:
        self._pack_count += 1
        self.add_bytes(f"docs-{self._pack_count:04}.spacy", pack.packed())

    def _spans(self, row: AnnotationSet, found: TokenColumns) -> list[tuple[int, int, str, str, str]]:
        """Return the first and last token, label, entry of the registry and id of each span."""
        spans = []
        for id, _, label, start, end, _, _, actor, proposition, _, _ in row.spans:
            begin, behind = found.find_tokens(start, end)
            if begin >= behind:
                self.losses.add("blank", [id])
                continue
            if not found.matches_tokens(start, end, begin, behind):
                self.losses.add("edges", [id])
            spans.append((begin, behind, label, actor or proposition or "", id))
        return spans


def _format_document(
    article: Article, revision: Revision, found: TokenColumns, spans: list[tuple[int, int, str, str, str]]
) -> str:
    """Return a document as ``Doc.from_json`` reads it, with our ids added."""
    span_objects = json_array(
        f'{{"start": {found.starts[begin]}, "end": {found.ends[behind - 1]}, "label": "{label}", '
        f'"kb_id": "{link}", "span_id": "{id}"}}'
        for begin, behind, label, link, id in spans
    )
    edges = _token_edges(revision.text, found)
    numbers = format_integers(range(len(edges) // 2), ', "start": ')
    starts, ends = format_integers(edges[::2], ', "end": '), format_integers(edges[1::2], '}, {"id": ')
    # the last token is followed by the beginning of another, which is cut off
    words = f'{{"id": {interleave_columns(numbers, starts, ends)}'[: -len(', {"id": ')]
    return (
        f'{{"text": {quote_json(revision.text)}, "ents": [], "spans": {{"{SPAN_GROUP}": {span_objects}}}, '
        f'"tokens": [{words}], "article_id": "{article.id}", '
        f'"external_id": {string_or_null(article.external_id)}}}\n'
    )


class _DocBinPacker:
    """The packed file that is being filled with spaCy's documents."""

    def __init__(self) -> None:
        spacy, tokens_ = load_optional_module("spacy"), load_optional_module("spacy", "spacy.tokens")
        self._doc, self._span, self._bin = tokens_.Doc, tokens_.Span, tokens_.DocBin
        self._vocab = spacy.blank("xx").vocab
        self._packed = self._bin(store_user_data=True)

    def __len__(self) -> int:
        return len(self._packed)

    def add(
        self,
        article: Article,
        revision: Revision,
        found: TokenColumns,
        spans: list[tuple[int, int, str, str, str]],
    ) -> None:
        """Add a document whose text is exactly that of the article."""
        words, spaces, shifts = _words_and_spaces(revision.text, found)
        doc = self._doc(self._vocab, words=words, spaces=spaces)
        doc.user_data["article_id"] = article.id
        doc.user_data["external_id"] = article.external_id
        doc.spans[SPAN_GROUP] = [
            self._span(doc, shifts[begin], shifts[behind - 1] + 1, label=label, kb_id=link)
            for begin, behind, label, link, _ in spans
        ]
        self._packed.add(doc)

    def packed(self) -> bytes:
        """Return the packed file, and begin an empty one."""
        data: bytes = self._packed.to_bytes()
        self._packed = self._bin(store_user_data=True)
        return data


def _token_edges(text: str, found: TokenColumns) -> list[int]:
    """Return the edges of tokens, and of white space beyond the one blank that spaCy keeps."""
    edges = [0] * (2 * len(found))
    edges[::2], edges[1::2] = found.starts, found.ends
    for gap in _WHITE_SPACE.finditer(text):
        start, end = gap.span()
        start += text[start] == " " and start > 0
        at = bisect_right(edges, start)
        edges[at:at] = start, end
    return edges


def _words_and_spaces(text: str, found: TokenColumns) -> tuple[list[str], list[bool], list[int]]:
    """Return the words, whether a blank follows each, and the number of the word of each token."""
    edges = _token_edges(text, found)
    places = list(zip(edges[::2], edges[1::2], strict=True))
    words = [text[start:end] for start, end in places]
    spaces = [start > end for (_, end), (start, _) in pairwise(places)]
    spaces.append(bool(places) and places[-1][1] < len(text))
    numbers = {start: number for number, (start, _) in enumerate(places)}
    return words, spaces, [numbers[start] for start in found.starts]


FORMAT = Format(
    name="spacy",
    title="spaCy: documents as JSON, or packed as DocBin",
    media_type="application/zip",
    extension="zip",
    writer=SpacyWriter,
    sections=ANNOTATED_TEXTS,
    dialects=(Dialect.MACHINE, Dialect.DOCBIN),
    loss_descriptions={
        "metadata": METADATA_LOSS,
        "revisions": REVISIONS_LOSS,
        "sets": SETS_LOSS,
        "comments": COMMENTS_LOSS,
        "attributes": "spans with attributes; the spans are written without",
        "relations": "links between spans",
        "edges": "spans that begin or end inside a token; they are written to its edge",
        "blank": "spans without any token",
    },
    omissions="the registry beyond ids, and who worked on what",
    notes=(
        (
            f"All spans are in `doc.spans['{SPAN_GROUP}']`, because claims contain actors; `kb_id`"
            f" is the entry of the"
            " registry. The tokens are those of the format conll."
        ),
        (
            "`machine` writes `docs.jsonl`, a document of `Doc.to_json` a line; `docbin`"
            " writes `.spacy` files of"
            f" {MAX_PACKED_DOCUMENTS} documents and needs the package spacy (`requirements-spacy.txt`)."
        ),
    ),
    example=Example(
        {
            "docs.jsonl": '{"text": "Ardenia opposes the lock.", "ents": [], "spans": {"sc": [{"start": 0, '
            '"end": 7, "label": "actor", "kb_id": ""}]}, "tokens": [{"id": 0, "start": 0, "end": 7}, …]}'
        },
        'python -c "import spacy; from spacy.tokens import DocBin; print(len(list('
        "DocBin().from_disk('docs-0001.spacy').get_docs(spacy.blank('xx').vocab))))\"",
    ),
)
