"""The writer of brat standoff: a zip with texts, their annotations beside them, and brat's configuration.

brat keeps a span on one line, and a span over a line break in fragments; the reader joins fragments
with only blanks between them. A link to the registry is a normalisation, an attribute with free text a
note of the attribute's name. Further sets of an article stand in numbered folders, since brat has one
annotator in a directory; the reader takes them from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import IO

from annotations.formats.archive.archive_writer import ArchiveWriter
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
)
from annotations.formats.core.json_text import CanonicalAttributes
from annotations.formats.core.records import AnnotationSet, Article, Corpus, Revision
from annotations.formats.readers.brat import read_brat
from annotations.scheme import ATTRIBUTES, LABELS, RELATIONS

# Characters that end a line or a column for some reader of such files.
_LINE_BREAKS = re.compile(r"[\t\n\r\u2028\u2029]+")
_FREE_TEXT_ATTRIBUTES = frozenset(name for name, attribute in ATTRIBUTES.items() if attribute.kind == "text")


def _configuration() -> str:
    """Return ``annotation.conf``, made from the scheme."""
    entities = "\n".join(LABELS)
    relations = "\n".join(
        f"{row.name}\tArg1:{'|'.join(row.sources)}, Arg2:{'|'.join(row.targets)}"
        for row in RELATIONS.values()
    )
    attributes = "\n".join(
        f"{row.name}\tArg:{'|'.join(row.labels)}" + (f", Value:{'|'.join(row.values)}" if row.values else "")
        for row in ATTRIBUTES.values()
        if row.name not in _FREE_TEXT_ATTRIBUTES
    )
    return (
        f"[entities]\n{entities}\n\n[relations]\n{relations}\n<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>,"
        f" <OVL-TYPE>:<ANY>\n\n[events]\n\n[attributes]\n{attributes}\n"
    )


class BratWriter(ArchiveWriter):
    """A writer of a text and a file of annotations for each set."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attributes = _AttributePairs()

    def write_corpus(self, corpus: Corpus) -> None:  # noqa: ARG002
        """Write the configuration."""
        self.add("annotation.conf", _configuration())

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write the text, and the annotations of each set."""
        revision, sets = select_content(article, self.losses, several=True)
        record_metadata_loss(article, self.losses)
        for number, row in enumerate(sets or [None], 1):
            folder = f"{number}/" if number > 1 else ""
            name = f"{folder}{article.id}"
            self.add(f"{name}.txt", revision.text)
            marks = "" if row is None else self._annotation_lines(row, revision, names)
            self.add(f"{name}.ann", marks)
            self.add_to_index(f"{name}.txt", article, revision)
        self.records += 1

    def _annotation_lines(self, row: AnnotationSet, revision: Revision, names: RegistryNames) -> str:
        """Return the annotations of a set. The hot loop: one turn for each span of a corpus."""
        lines: list[str] = []
        numbers: dict[str, int] = {}
        add, facts_of = lines.append, self._attributes
        attribute_count = links = notes = 0
        for id, _, label, start, end, quote, attributes, actor, proposition, _, _ in row.spans:
            number = len(numbers) + 1
            if _LINE_BREAKS.search(quote) is None:
                add(f"T{number}\t{label} {start} {end}\t{quote}\n")
            else:
                fragments = self._fragments(id, start, quote)
                if not fragments:
                    continue
                where = ";".join(f"{a} {b}" for a, b in fragments)
                words = " ".join(revision.text[a:b] for a, b in fragments)
                add(f"T{number}\t{label} {where}\t{words}\n")
            numbers[id] = number
            if attributes != "{}":
                for name, value in facts_of[attributes]:
                    if name in _FREE_TEXT_ATTRIBUTES:
                        notes += 1
                        add(f"#{notes}\t{name} T{number}\t{value}\n")
                    else:
                        attribute_count += 1
                        add(f"A{attribute_count}\t{name} T{number} {value}\n")
            for kind, link, known in (
                ("Actor", actor, names.actors),
                ("Proposition", proposition, names.propositions),
            ):
                if link is not None:
                    links += 1
                    add(f"N{links}\tReference T{number} {kind}:{link}\t{known.get(link, '')}\n")
        lines.extend(self._relation_lines(row, numbers))
        return "".join(lines)

    def _fragments(self, id: str, start: int, quote: str) -> list[tuple[int, int]]:
        """Return the parts of a span between its line breaks."""
        found: list[tuple[int, int]] = []
        at = 0
        for gap in [*_LINE_BREAKS.finditer(quote), None]:
            end = len(quote) if gap is None else gap.start()
            if end > at:
                found.append((start + at, start + end))
            at = end if gap is None else gap.end()
        if not found:
            self.losses.add("blank", [id])
        elif found[0][0] > start or found[-1][1] < start + len(quote):
            self.losses.add("edges", [id])
        return found

    def _relation_lines(self, row: AnnotationSet, numbers: dict[str, int]) -> Iterator[str]:
        number = 0
        for id, _, type_, source, target, _ in row.relations:
            if source in numbers and target in numbers:
                number += 1
                yield f"R{number}\t{type_} Arg1:T{numbers[source]} Arg2:T{numbers[target]}\n"
            else:
                self.losses.add("blank", [id])


class _AttributePairs(dict[str, Sequence[tuple[str, str]]]):
    """A cache of attributes as pairs, by any JSON text of the same attributes."""

    def __init__(self) -> None:
        super().__init__()
        self._canonical = CanonicalAttributes()

    def __missing__(self, text: str) -> Sequence[tuple[str, str]]:
        if len(self) >= 10_000:
            self.clear()
        found = self[text] = tuple(json.loads(self._canonical[text]).items())
        return found


FORMAT = Format(
    name="brat",
    title="brat standoff: texts and their marks side by side",
    media_type="application/zip",
    extension="zip",
    writer=BratWriter,
    reader=read_brat,
    sections=ANNOTATED_TEXTS | {RecordSection.NAMES},
    reader_options=FOREIGN_OPTIONS,
    loss_descriptions={
        "metadata": METADATA_LOSS,
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
        "blank": "marks of line breaks only, and what hangs on them",
        "edges": "line breaks at the beginning or end of a mark; the mark itself is written",
    },
    omissions="ids of marks and relations, the registry beyond names, and who worked on what",
    notes=(
        "Offsets are code points. A mark over a line break is written in pieces, as brat itself does.",
        (
            "Read: `T`, `R`, `E` (its roles as relations), `A` and `M`, `N` to entries of"
            " ours, and notes whose"
            " type is an attribute. Other notes, references and `*` are counted."
        ),
        "Folders that hold the same texts under the same names are several annotators of the same articles.",
    ),
    example=Example(
        {
            "a1.txt": "Ardenia opposes the lock.",
            "a1.ann": "T1\tactor 0 7\tArdenia\nT2\tposition 8 24\topposes the lock\n"
            "A1\tstance T2 oppose\nR1\theld_by Arg1:T2 Arg2:T1\n",
        },
        "unzip -d data/lake lake.zip  # below brat's data folder, then open its page",
    ),
)
