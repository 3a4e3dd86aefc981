"""The writer of W3C Web Annotations: one JSON-LD document, an annotation for each article, span and relation.

The text of an article is the body of an annotation that describes it, so that a file can be read back.
Offsets are code points, as the recommendation asks, and each position has its quote with the text
around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from annotations.formats.core.article_content import (
    COMMENTS_LOSS,
    METADATA_LOSS,
    REVISIONS_LOSS,
    record_metadata_loss,
    select_content,
)
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    FOREIGN_OPTIONS,
    Dialect,
    Example,
    Format,
    RecordSection,
    RegistryNames,
    Writer,
)
from annotations.formats.core.json_text import CanonicalAttributes, dump_json, quote_json
from annotations.formats.core.records import AnnotationSet, Article, Corpus, Revision
from annotations.formats.readers.webannotation import read_webannotation
from annotations.text.parsing import format_timestamp

JSON_LD_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
#: The length of the text before and behind a quote.
QUOTE_CONTEXT = 32


class WebAnnotationWriter(Writer):
    """A writer of one page of annotations."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attribute_bodies = _AttributeBodies()
        self._first = True

    def write_corpus(self, corpus: Corpus) -> None:
        """Write the head of the page."""
        self.out.write(
            f'{{"@context": "{JSON_LD_CONTEXT}", "id": "urn:uuid:{corpus.id}", "type": "AnnotationPage", '
            f'"label": {quote_json(corpus.name)}, "items": ['.encode()
        )

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write the annotation that holds the text, then those of spans and relations."""
        revision, sets = select_content(article, self.losses, several=True)
        record_metadata_loss(article, self.losses)
        lines = [_text_annotation(article, revision)]
        for row in sets:
            lines += self._format_annotations(row, revision, names)
        self.out.write((("\n" if self._first else ",\n") + ",\n".join(lines)).encode())
        self._first = False
        self.records += 1

    def close(self) -> None:
        """Write the end of the page."""
        self.out.write(b"\n]}\n")

    def _format_annotations(
        self, row: AnnotationSet, revision: Revision, names: RegistryNames
    ) -> Iterator[str]:
        """Yield the annotations of spans and relations. The hot loop."""
        text, bodies_of, quote = revision.text, self._attribute_bodies, quote_json
        source = f'"source": "urn:uuid:{revision.id}"'
        ends = (
            f'"creator": {{"type": "Person", "nickname": {quote_json(row.owner)}}}, '
            f'"partOf": {{"id": "urn:uuid:{row.id}", "type": "AnnotationCollection"}}'
        )
        for id, _, label, start, end, words, attributes, actor, proposition, _, _ in row.spans:
            bodies = (
                f'{{"type": "TextualBody", "purpose": "tagging", "value": "{label}"}}{bodies_of[attributes]}'
            )
            for link, known in ((actor, names.actors), (proposition, names.propositions)):
                if link is not None:
                    bodies += (
                        f', {{"type": "SpecificResource", "purpose": "identifying", "source": {{"id": '
                        f'"urn:uuid:{link}", "label": {quote(known.get(link, ""))}}}}}'
                    )
            yield (
                f'{{"id": "urn:uuid:{id}", "type": "Annotation", "motivation": "tagging", {ends}, '
                f'"body": [{bodies}], "target": {{{source}, "selector": ['
                f'{{"type": "TextPositionSelector", "start": {start}, "end": {end}}}, '
                f'{{"type": "TextQuoteSelector", "exact": {quote(words)}, '
                f'"prefix": {quote(text[max(0, start - QUOTE_CONTEXT) : start])}, '
                f'"suffix": {quote(text[end : end + QUOTE_CONTEXT])}}}]}}}}'
            )
        for id, _, type_, source_id, target, _ in row.relations:
            yield (
                f'{{"id": "urn:uuid:{id}", "type": "Annotation", "motivation": "linking", {ends}, '
                f'"body": [{{"type": "TextualBody", "purpose": "classifying", "value": "{type_}"}}, '
                f'{{"id": "urn:uuid:{target}", "type": "Annotation"}}], "target": "urn:uuid:{source_id}"}}'
            )


#: Our fields of an article by the keys of a text's target.
_ABOUT = {"name": "external_id", "label": "title", "language": "language", "canonical": "url"}


def _text_annotation(article: Article, revision: Revision) -> str:
    """Return the annotation that describes a text and has it as its body."""
    target: dict[str, str] = {"id": f"urn:uuid:{revision.id}", "type": "Text", "format": "text/plain"}
    target |= {name: getattr(article, ours) for name, ours in _ABOUT.items() if getattr(article, ours)}
    if article.published_at is not None:
        target["created"] = format_timestamp(article.published_at)
    body = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": revision.text}
    return dump_json(
        {
            "id": f"urn:uuid:{article.id}",
            "type": "Annotation",
            "motivation": "describing",
            "body": body,
            "target": target,
        }
    )


class _AttributeBodies(dict[str, str]):
    """A cache of attributes as further bodies of an annotation, by any JSON text of the same attributes."""

    def __init__(self) -> None:
        super().__init__()
        self._canonical = CanonicalAttributes()

    def __missing__(self, text: str) -> str:
        if len(self) >= 10_000:
            self.clear()
        found = self[text] = "".join(
            f', {{"type": "TextualBody", "purpose": "describing", "value": {quote_json(f"{name}={value}")}}}'
            for name, value in json.loads(self._canonical[text]).items()
        )
        return found


FORMAT = Format(
    name="webannotation",
    title="W3C Web Annotation: JSON-LD",
    media_type="application/ld+json",
    extension="jsonld",
    endings=(".jsonld",),
    writer=WebAnnotationWriter,
    reader=read_webannotation,
    sections=ANNOTATED_TEXTS | {RecordSection.NAMES},
    reader_options=FOREIGN_OPTIONS,
    loss_descriptions={
        "metadata": METADATA_LOSS,
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
    },
    omissions="source, author and story of an article, the registry beyond names, and states of sets",
    notes=(
        (
            "Offsets are code points. A tag is the label, a describing body `name=value` an attribute, an"
            " identifying body the entry of the registry; a relation is an annotation that links two others."
        ),
        (
            "Read: pages, collections with their first page, arrays and single annotations."
            " Marks without a text"
            " in the file are set on the article whose external id, or address, is their source."
        ),
    ),
    example=Example(
        {
            "a1.jsonld": dump_json(
                {
                    "@context": JSON_LD_CONTEXT,
                    "id": "urn:uuid:0193a4c1-7a3e-7c11-8f0e-0123456789ab",
                    "type": "Annotation",
                    "motivation": "tagging",
                    "body": {"type": "TextualBody", "purpose": "tagging", "value": "actor"},
                    "target": {
                        "source": "a1",
                        "selector": [
                            {"type": "TextPositionSelector", "start": 0, "end": 7},
                            {"type": "TextQuoteSelector", "exact": "Ardenia", "suffix": " opposes"},
                        ],
                    },
                }
            )
        },
        "python -c \"import rdflib; print(len(rdflib.Graph().parse('lake.jsonld', format='json-ld')))\"",
    ),
)
