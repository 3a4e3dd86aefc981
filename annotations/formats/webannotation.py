"""The writer of W3C Web Annotations: one JSON-LD document, an annotation for each article, span and relation.

The text of an article is the body of an annotation that describes it, so that a file can be read back.
Offsets are code points, as the recommendation asks, and each position has its quote with the text
around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from annotations.formats.base import Dialect, Example, Format, Names, Part, Writer
from annotations.formats.canonical import Attributes, dumps, quoted
from annotations.formats.records import AnnotationSet, Article, Corpus, Revision
from annotations.formats.selection import COMMENTS, METADATA, REVISIONS, lost_metadata, selected
from annotations.formats.webannotation_reader import read_webannotation
from annotations.text.values import shown_time

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
#: The length of the text before and behind a quote.
AROUND = 32


class WebAnnotationWriter(Writer):
    """A writer of one page of annotations."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attribute_bodies = _AttributeBodies()
        self._first = True

    def corpus(self, corpus: Corpus) -> None:
        """Write the head of the page."""
        self.out.write(
            f'{{"@context": "{CONTEXT}", "id": "urn:uuid:{corpus.id}", "type": "AnnotationPage", '
            f'"label": {quoted(corpus.name)}, "items": ['.encode()
        )

    def article(self, article: Article, names: Names) -> None:
        """Write the annotation that holds the text, then those of spans and relations."""
        revision, sets = selected(article, self.losses, several=True)
        lost_metadata(article, self.losses)
        lines = [_text_annotation(article, revision)]
        for row in sets:
            lines += self._format_annotations(row, revision, names)
        self.out.write((("\n" if self._first else ",\n") + ",\n".join(lines)).encode())
        self._first = False
        self.records += 1

    def close(self) -> None:
        """Write the end of the page."""
        self.out.write(b"\n]}\n")

    def _format_annotations(self, row: AnnotationSet, revision: Revision, names: Names) -> Iterator[str]:
        """Yield the annotations of spans and relations. The hot loop."""
        text, bodies_of, quote = revision.text, self._attribute_bodies, quoted
        source = f'"source": "urn:uuid:{revision.id}"'
        ends = (
            f'"creator": {{"type": "Person", "nickname": {quoted(row.owner)}}}, '
            f'"partOf": {{"id": "urn:uuid:{row.id}", "type": "AnnotationCollection"}}'
        )
        for id, _, label, start, end, words, facts, actor, proposition, _, _ in row.spans:
            bodies = f'{{"type": "TextualBody", "purpose": "tagging", "value": "{label}"}}{bodies_of[facts]}'
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
                f'"prefix": {quote(text[max(0, start - AROUND) : start])}, '
                f'"suffix": {quote(text[end : end + AROUND])}}}]}}}}'
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
        target["created"] = shown_time(article.published_at)
    body = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": revision.text}
    return dumps(
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
        self._canonical = Attributes()

    def __missing__(self, text: str) -> str:
        if len(self) >= 10_000:
            self.clear()
        found = self[text] = "".join(
            f', {{"type": "TextualBody", "purpose": "describing", "value": {quoted(f"{name}={value}")}}}'
            for name, value in json.loads(self._canonical[text]).items()
        )
        return found


ROW = Format(
    name="webannotation",
    title="W3C Web Annotation: JSON-LD",
    media_type="application/ld+json",
    extension="jsonld",
    endings=(".jsonld",),
    writer=WebAnnotationWriter,
    reader=read_webannotation,
    parts=frozenset({Part.TEXTS, Part.SPANS, Part.RELATIONS, Part.COMMENTS, Part.NAMES}),
    options=frozenset({"names", "hull", "controls"}),
    cannot={
        "metadata": METADATA,
        "revisions": REVISIONS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS,
    },
    leaves_out="source, author and story of an article, the registry beyond names, and states of sets",
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
            "a1.jsonld": dumps(
                {
                    "@context": CONTEXT,
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
