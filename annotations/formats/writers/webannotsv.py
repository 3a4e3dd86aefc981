"""The writer of WebAnno TSV 3.3, the table of WebAnno and INCEpTION: a row for each token.

All spans are in one layer with a feature ``label``, because relations of these tools connect spans of
one layer. A span that begins or ends inside a token gets rows for the parts of the token; every value
carries the number of its span, so spans may overlap. Offsets are UTF-16 code units, as Java counts.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import IO, NamedTuple

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core.article_content import (
    COMMENTS_LOSS,
    METADATA_LOSS,
    REVISIONS_LOSS,
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
from annotations.formats.core.records import AnnotationSet, Article, Relation
from annotations.formats.core.tokenizer import TokenColumns, interleave_columns, tokenize
from annotations.formats.readers.webannotsv import FORMAT_LINE, LINK_FEATURES, read_webannotsv
from annotations.scheme import ATTRIBUTES

SPAN_LAYER = "webanno.custom.Standpoint"
RELATION_LAYER = "webanno.custom.StandpointLink"
FEATURES = ("label", *LINK_FEATURES, *ATTRIBUTES)

_HEAD = (
    f"{FORMAT_LINE}3.3\n#T_SP={SPAN_LAYER}|{'|'.join(FEATURES)}\n"
    f"#T_RL={RELATION_LAYER}|type|BT_{SPAN_LAYER}\n\n"
)
_EMPTY_ROW_END = ["\t" + "_\t" * (len(FEATURES) + 2) + "\n"]
_EMPTY_CELLS = "_\t" * len(FEATURES)
_ESCAPE = re.compile(r"->|[\\\[\]|_;\t\n*]")
# Characters of two UTF-16 code units.
_NON_BMP = re.compile("[\U00010000-\U0010ffff]")
_MAX_CACHED = 10_000
_ESCAPES = {"\t": "t", "\n": "n"}


@lru_cache(maxsize=1_000)  # the names of relations above all
def escape_cell(value: str) -> str:
    """Return a value as a cell holds it."""
    return _ESCAPE.sub(lambda found: "\\" + _ESCAPES.get(found[0], found[0]), value)


def _escaped_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t")


class _CellCache(dict[tuple[str, str, str | None, str | None], tuple[str, ...]]):
    """A cache of the cells of a span, since spans share a few hundred combinations."""

    def __missing__(self, key: tuple[str, str, str | None, str | None]) -> tuple[str, ...]:
        if len(self) >= _MAX_CACHED:
            self.clear()
        label, attributes, actor, proposition = key
        said = {"label": label, "actor": actor, "proposition": proposition, **json.loads(attributes)}
        found = self[key] = tuple(escape_cell(said[name]) if said.get(name) else "*" for name in FEATURES)
        return found


RowUnit = int | tuple[int, int]
"""The unit of a row: a token by its number, or a part of a token by its offsets."""


class _NumberedSpan(NamedTuple):
    """A span by its number in the table, the values of its features, and its cells where it stands alone."""

    number: int
    values: tuple[str, ...]
    cells: str


class WebAnnoWriter(ArchiveWriter):
    """A writer of a text and a table for each set."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self.values = _CellCache()

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write the text, and the table of each set."""
        revision, sets = select_content(article, self.losses, several=True)
        record_metadata_loss(article, self.losses)
        found = tokenize(revision.text)
        for number, row in enumerate(sets or [None], 1):
            name = f"{number}/{article.id}" if number > 1 else article.id
            table = _TableBuilder(revision.text, found, self)
            if row is not None:
                table.add(row)
            written = table.written()
            self.add(f"{name}.txt", revision.text)
            self.add(f"{name}.tsv", written)
            self.add_to_index(f"{name}.txt", article, revision)
        self.records += 1


class _TableBuilder:
    """The rows of one text with the spans of one set."""

    def __init__(self, text: str, found: TokenColumns, writer: WebAnnoWriter) -> None:
        self.text = text
        self.found = found
        self.losses = writer.losses
        self.values = writer.values
        self.marks: dict[RowUnit, list[_NumberedSpan]] = {}
        self.relations: dict[RowUnit, list[tuple[str, str]]] = {}
        #: The half-open range of the whole tokens of each span.
        self.whole: list[tuple[int, int, _NumberedSpan]] = []
        #: The covered parts of tokens, by the number of the token.
        self.parts: dict[int, list[tuple[int, int]]] = {}
        #: The number, first token and first unit of each span, by its id.
        self.first: dict[str, tuple[int, int, RowUnit]] = {}

    def add(self, row: AnnotationSet) -> None:
        """Add the spans of a set, then its relations."""
        starts, ends = self.found.starts, self.found.ends
        number = 0
        for id, _, label, start, end, _, attributes, actor, proposition, _, _ in row.spans:
            begin, behind = bisect_right(ends, start), bisect_left(starts, end)
            if begin >= behind:
                self.losses.add("blank", [id])
                continue
            number += 1
            values, sign = self.values[label, attributes, actor, proposition], f"[{number}]\t"
            mark = _NumberedSpan(number, values, sign.join(values) + sign)
            place = begin
            first: RowUnit = begin
            if starts[begin] != start or ends[behind - 1] != end:
                if start < starts[begin] or end > ends[behind - 1]:
                    self.losses.add("edges", [id])
                first, last = self._row_unit(begin, start, end), self._row_unit(behind - 1, start, end)
                for unit in {first, last} - {begin, behind - 1}:
                    self.marks.setdefault(unit, []).append(mark)
                begin, behind = begin + (first != begin), behind - (last != behind - 1)
            self.first[id] = number, place, first
            if begin < behind:
                self.whole.append((begin, behind, mark))
        for relation in row.relations:
            self._add_relation(relation)

    def _row_unit(self, place: int, start: int, end: int) -> RowUnit:
        """Return the token, or the part of it that a span covers."""
        first, last = self.found.starts[place], self.found.ends[place]
        if start <= first and last <= end:
            return place
        unit = max(start, first), min(end, last)
        parts = self.parts.setdefault(place, [])
        if unit not in parts:
            parts.append(unit)
        return unit

    def _token_name(self, place: int) -> str:
        """Return the line of a token, and its number there."""
        line = bisect_right(self.found.line_starts, place)
        return f"{line}-{place - self.found.line_starts[line - 1] + 1}"

    def _add_relation(self, relation: Relation) -> None:
        """Add a relation at its target; its cell names the source."""
        id, _, kind, source_id, target_id, _ = relation  # a tuple of the driver, without names
        source, target = self.first.get(source_id), self.first.get(target_id)
        if source is None or target is None:
            self.losses.add("blank", [id])
            return
        number, place, unit = source
        name = self._token_name(place)
        if isinstance(unit, tuple):
            name += f".{self.parts[place].index(unit) + 1}"
        reference = f"{name}[{number}_{target[0]}]"
        self.relations.setdefault(target[2], []).append((escape_cell(kind), reference))

    def written(self) -> str:
        """Return the whole table, built by columns: rows would take most of the time of an export."""
        text, found = self.text, self.found
        wide = [place.start() for place in _NON_BMP.finditer(text)]
        starts, ends = _utf16_decimals(found.starts, wide, "-"), _utf16_decimals(found.ends, wide, "\t")
        rest = self._row_ends(lambda offset: offset + bisect_left(wide, offset))
        names: list[str] = []
        counts: list[str] = []
        for number, (first, behind) in enumerate(found.line_ranges(), 1):
            shown = _escaped_text(text[found.starts[first] : found.ends[behind - 1]])
            names += [f"\n#Text={shown}\n{number}-", *[f"{number}-"] * (behind - first - 1)]
            counts += format_integers(range(1, behind - first + 1), "\t")
        return _HEAD + interleave_columns(names, counts, starts, ends, found.words, rest)

    def _row_ends(self, to: Callable[[int], int]) -> list[str]:
        """Return the rest of each token's row: its cells, and the rows of its parts."""
        rest = _EMPTY_ROW_END * len(self.found)
        end = 0
        self.whole.sort()
        following = [begin for begin, _, _ in self.whole[1:]] + [len(rest)]
        for (begin, behind, mark), upcoming in zip(self.whole, following, strict=False):
            alone = end <= begin and behind <= upcoming
            end = max(end, behind)
            if alone:
                rest[begin:behind] = [f"\t{mark.cells}_\t_\t\n"] * (behind - begin)
            # a span that stands alone has relations at its first token only
            for place in range(begin, begin + 1 if alone else behind):
                self.marks.setdefault(place, []).append(mark)
        for unit in self.marks:
            if isinstance(unit, int):
                rest[unit] = f"\t{self._format_cells(unit)}\n"
        for place, parts in self.parts.items():
            for number, (start, end) in enumerate(parts, 1):
                rest[place] += (
                    f"{self._token_name(place)}.{number}\t{to(start)}-{to(end)}\t{self.text[start:end]}\t"
                    f"{self._format_cells((start, end))}\n"
                )
        return rest

    def _format_cells(self, unit: RowUnit) -> str:
        marks, relations = self.marks.get(unit), self.relations.get(unit)
        if marks is None:
            cells = _EMPTY_CELLS
        elif len(marks) == 1:
            cells = marks[0].cells
        else:
            columns = zip(
                *([f"{value}[{one.number}]" for value in one.values] for one in sorted(marks)), strict=True
            )
            cells = "".join(f"{'|'.join(column)}\t" for column in columns)
        if relations is None:
            return f"{cells}_\t_\t"
        types, references = zip(*relations, strict=True)
        return f"{cells}{'|'.join(types)}\t{'|'.join(references)}\t"


def _utf16_decimals(offsets: list[int], wide: list[int], behind: str) -> list[str]:
    """Return ascending offsets as UTF-16 decimals; each ``wide`` character before them counts twice."""
    found: list[str] = []
    at = 0
    for more, place in enumerate([*wide, sys.maxsize]):
        to = bisect_right(offsets, place, at)
        found += format_integers(offsets[at:to], behind, shift=more)
        at = to
    return found


FORMAT = Format(
    name="webannotsv",
    title="WebAnno TSV 3.3: a row for each token",
    media_type="application/zip",
    extension="zip",
    writer=WebAnnoWriter,
    reader=read_webannotsv,
    sections=ANNOTATED_TEXTS,
    reader_options=FOREIGN_OPTIONS,
    loss_descriptions={
        "metadata": METADATA_LOSS,
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
        "edges": "white space at the beginning or end of a mark; the mark itself is written",
        "blank": "marks of white space only, and what hangs on them",
    },
    omissions="ids of marks and relations, the registry beyond ids, and who worked on what",
    notes=(
        "Offsets are UTF-16 code units. Lines are the sentences; the tokens are those of the format conll.",
        (
            f"INCEpTION reads the tables where the project has a span layer `{SPAN_LAYER}` with"
            f" the string features"
            f" {', '.join(FEATURES)}, stacking allowed and characters as granularity, and a relation layer"
            f" `{RELATION_LAYER}` on it with the string feature type."
        ),
        (
            "Read: versions 3.1 to 3.3, one table or an archive of them; a text of the same"
            " name in the archive is"
            " taken as it is, else it is put together from the table. The label is the"
            " feature label, value or"
            " identifier, or the name of the layer. Chains and slots are counted."
        ),
    ),
    example=Example(
        {
            "a1.tsv": "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Actor|mention_type\n\n\n"
            "#Text=Ardenia opposes the lock.\n1-1\t0-7\tArdenia\tname[1]\t\n1-2\t8-15\topposes\t_\t\n"
        },
        "# in INCEpTION: Settings → Documents → Import, format WebAnno TSV 3",
    ),
)
