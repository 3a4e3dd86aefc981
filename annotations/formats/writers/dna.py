"""The writer of the event list of Discourse Network Analyzer: a row for each position and holder.

Three dialects: ``machine`` quotes cells as CSV does and has our ids; ``dna`` writes as DNA itself, with
running numbers and texts without semicolons and double quotes; ``spreadsheet`` is for people. Offsets
are UTF-16 code units, as Java counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import IO, Any

from annotations.formats.core.article_content import COMMENTS_LOSS, REVISIONS_LOSS, select_content
from annotations.formats.core.canonical_links import CanonicalLinks
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
from annotations.formats.core.record_statements import read_attributes, statements_of_set
from annotations.formats.core.records import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Proposition,
    RegistryEntry,
    Span,
)
from annotations.formats.readers.dna import DNA_COLUMNS, read_dna
from annotations.formats.writers.tables import HELD_BY, LONG_CELLS, LONG_CELLS_MEANING, defuse_formula, is_cut
from annotations.scheme.statements import Statement
from annotations.text.offsets import OffsetMap

#: DNA's values of a stance; a mixed one gets two rows.
_AGREEMENT = {"support": (1,), "oppose": (0,), "mixed": (1, 0)}
_LINE_BREAKS = re.compile(r"[\r\n\u2028\u2029]+")


class DnaWriter(Writer):
    """A writer of the positions that have a holder, an issue and a side."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._actors: dict[str, Actor] = {}
        self._issues: dict[str, Proposition] = {}
        self._statements = 0
        self._documents = 0

    def write_corpus(self, corpus: Corpus) -> None:  # noqa: ARG002
        """Write the names of the columns."""
        mark = "\ufeff" if self.dialect == Dialect.SPREADSHEET else ""
        self._write_line(mark + ";".join(f'"{name}"' for name in DNA_COLUMNS))

    def write_entry(self, entry: RegistryEntry) -> None:
        """Remember actors and propositions, because rows name them."""
        if isinstance(entry, Actor):
            self._actors[entry.id] = entry
        elif isinstance(entry, Proposition):
            self._issues[entry.id] = entry

    @cached_property
    def _links(self) -> CanonicalLinks:
        """What merged entries stand for, known once all entries were written."""
        return CanonicalLinks.of_entries([*self._actors.values(), *self._issues.values()])

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write the rows of an article."""
        self._documents += 1
        # records of older releases link to merged entries, and have to give the same file again
        article = self._links.resolve_article(article)
        revision, sets = select_content(article, self.losses, several=True)
        for row in sets:
            spans = {span[0]: Span(*span) for span in row.spans}
            held = {relation[4] for relation in row.relations if relation[2] == HELD_BY}
            self.losses.add("relations", [link[0] for link in row.relations if link[2] != HELD_BY])
            others = [span.id for span in spans.values() if span.label != "position" and span.id not in held]
            self.losses.add("spans", others)
            convert = OffsetMap(revision.text)
            for id, statements in self._positions(article, row):
                self._write_position(article, row.owner, spans[id], statements, convert)

    def _positions(self, article: Article, row: AnnotationSet) -> Iterator[tuple[str, list[Statement]]]:
        """Yield the positions of a set, each with a statement for each holder after all merges."""
        for id, group in groupby(statements_of_set(article, row), key=attrgetter("span")):
            listed = list(group)
            if listed[0].kind == "position":
                yield id, listed

    def _write_position(
        self, article: Article, owner: str, span: Span, statements: list[Statement], convert: OffsetMap
    ) -> None:
        first = statements[0]
        issue = self._issues.get(first.proposition or "")
        actors = [self._actors[statement.actor] for statement in statements if statement.actor is not None]
        sides = _AGREEMENT.get(first.stance, ())
        for missing, what in ((not actors, "holders"), (issue is None, "issues"), (not sides, "undecided")):
            if missing:
                self.losses.add(what, [span.id])
        if not actors or issue is None or not sides:
            return
        extra = sum(name not in ("stance", "statement_date") for name in read_attributes(span.attributes))
        self.losses.add("attributes", [span.id] if extra else [])
        self._statements += 1
        places = convert.to_utf16(span.start), convert.to_utf16(span.end)
        for actor, side in ((actor, side) for actor in actors for side in sides):
            person, organization = self._person_and_organization(actor)
            self._write_row(
                (
                    self._row_id(span.id, self._statements), _statement_time(article, first), person,
                    organization,
                    issue.text, side, *places, span.quote, owner, self._row_id(article.id, self._documents),
                    article.title, article.author, article.source, "", "",
                )
            )  # fmt: skip

    def _person_and_organization(self, actor: Actor) -> tuple[str, str]:
        """Return a person and their organisation; or "" and the name of an organisation."""
        if actor.kind != "person":
            return "", actor.name
        entry = self._links.resolve_entry(actor)
        parent = self._actors.get(entry.parent or "") if isinstance(entry, Actor) else None
        return actor.name, parent.name if parent else ""

    def _row_id(self, id: str, number: int) -> str | int:
        return number if self.dialect == Dialect.DNA else id

    def _write_row(self, cells: tuple[Any, ...]) -> None:
        self._write_line(";".join(self._format_cells(cells)))
        self.records += 1

    def _format_cells(self, cells: tuple[Any, ...]) -> Iterator[str]:
        for name, cell in zip(DNA_COLUMNS, cells, strict=True):
            if isinstance(cell, int) or name == "time":
                yield str(cell)
            elif self.dialect == Dialect.DNA:
                yield f'"{format_dna_text(cell)}"'
            else:
                is_for_people = self.dialect == Dialect.SPREADSHEET
                self.losses.add(LONG_CELLS, [str(cells[0])] if is_for_people and is_cut(cell) else [])
                shown = defuse_formula(cell) if is_for_people else cell
                yield '"' + shown.replace('"', '""') + '"'

    def _write_line(self, line: str) -> None:
        end = "\n" if self.dialect == Dialect.DNA else "\r\n"
        self.out.write(f"{line}{end}".encode())


def format_dna_text(words: str) -> str:
    """Return a text without the characters that end a cell in DNA."""
    return _LINE_BREAKS.sub(" ", words).replace(";", ",").replace('"', "'")


def _statement_time(article: Article, statement: Statement) -> str:
    """Return the first day that a statement may be of; else the time of publication."""
    if statement.day_source == "statement":
        return f"{statement.day} 00:00:00"
    return "" if article.published_at is None else f"{article.published_at:%Y-%m-%d %H:%M:%S}"


FORMAT = Format(
    name="dna",
    title="DNA event list: a row for each position and holder",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    writer=DnaWriter,
    without_text=DnaWriter,
    reader=read_dna,
    sections=ANNOTATED_TEXTS | {RecordSection.REGISTRY},
    dialects=(Dialect.MACHINE, Dialect.SPREADSHEET, Dialect.DNA),
    reader_options=FOREIGN_OPTIONS,
    takes=frozenset({"sqlite"}),
    endings=(".dna",),
    loss_descriptions={
        "spans": "actors who hold no position, and claims",
        "relations": "links other than held_by",
        "holders": "positions whose holder is not linked to the registry",
        "issues": "positions that are not linked to an issue",
        "undecided": "positions without a side: undecided, or without a stance",
        "attributes": "positions with attributes beyond stance and date; they are written without",
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
        LONG_CELLS: LONG_CELLS_MEANING,
    },
    omissions="texts, articles without positions, places of holders, and states of sets",
    notes=(
        (
            "A database of DNA (`.dna`, versions 2 and 3) is read too: its documents become articles under"
            " their numbers, its statements positions, its entities the registry. Its users and passwords are"
            " never looked at; other variables, and statements without concept and agreement, are counted."
        ),
        (
            "Positions in the text are UTF-16 code units. A mixed stance is two rows, one"
            " for each side; a person's"
            " organization is the parent in the registry, and who is no person is an organization."
        ),
        (
            "`dna` numbers statements and documents, and replaces `;` by `,` and `\"` by `'` in"
            " texts, as DNA does."
        ),
        (
            "Read: marks for articles that are there, found by their external id, id or"
            " address in `document_id`"
            " (or by another column: `map=external_id:document_title`). Persons,"
            " organizations and concepts become"
            " entries of the registry; the nearest mention of the holder in the text becomes an actor."
        ),
    ),
    example=Example(
        {
            "lake.csv": ";".join(f'"{name}"' for name in DNA_COLUMNS)
            + '\n1;2026-03-01 00:00:00;"";"Ardenia";"The lock.";0;8;24;"opposes the lock";'
            '"ann";1;"";"";"";"";""\n'
        },
        "Rscript -e 'nrow(read.csv2(\"lake.csv\"))'",
    ),
)
