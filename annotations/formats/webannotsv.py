"""WebAnno TSV 3.3, the table that WebAnno and INCEpTION write: a row for each token.

All marks are one layer, whose feature ``label`` tells claims from positions, because a relation of
these tools connects spans of one layer. A mark that begins or ends inside a token gets rows for the
parts of it; every value carries the number of its mark, so that any may lie over others. Offsets are
UTF-16 code units, as Java counts.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

from annotations.formats.archive import ZipOut
from annotations.formats.base import Dialect, Example, Format, Names, Part, Writer
from annotations.formats.digits import digits
from annotations.formats.records import AnnotationSet, Article, Relation
from annotations.formats.selection import COMMENTS, INDEX, METADATA, REVISIONS, Index, lost_metadata, selected
from annotations.formats.tokens import Cover, Token, sentences
from annotations.formats.webannotsv_reader import HEADER, LINKS, read_webannotsv
from annotations.scheme import ATTRIBUTES

LAYER = "webanno.custom.Standpoint"
LINK_LAYER = "webanno.custom.StandpointLink"
FEATURES = ("label", *LINKS, *ATTRIBUTES)

_HEAD = f"{HEADER}3.3\n#T_SP={LAYER}|{'|'.join(FEATURES)}\n#T_RL={LINK_LAYER}|type|BT_{LAYER}\n\n"
_NOTHING = "_\t" * (len(FEATURES) + 2)
_NO_MARK = "_\t" * len(FEATURES)
_ESCAPE = re.compile(r"->|[\\\[\]|_;\t\n*]")
# Two units of UTF-16 each.
_WIDE = re.compile("[\U00010000-\U0010ffff]")
_MOST_KNOWN = 10_000
_NAMED = {"\t": "t", "\n": "n"}


def escaped(value: str) -> str:
    """A value as it stands in a cell."""
    return _ESCAPE.sub(lambda found: "\\" + _NAMED.get(found[0], found[0]), value)


def _escaped_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t")


class _Values(dict[tuple[str, str, str | None, str | None], tuple[str, ...]]):
    """What the cells of a mark say: spans share a few hundred of these."""

    def __missing__(self, key: tuple[str, str, str | None, str | None]) -> tuple[str, ...]:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        label, facts, actor, proposition = key
        said = {"label": label, "actor": actor, "proposition": proposition, **json.loads(facts)}
        found = self[key] = tuple(escaped(said[name]) if said.get(name) else "*" for name in FEATURES)
        return found


class _Mark(NamedTuple):
    """A mark by its number in the table, and the values of its features."""

    number: int
    values: tuple[str, ...]


class WebAnnoWriter(Writer):
    """Writes a text and a table for each article."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._zip = ZipOut(out)
        self._index = Index()
        self.values = _Values()

    def article(self, article: Article, names: Names) -> None:  # noqa: ARG002
        """The text, and the table of each set."""
        revision, sets = selected(article, self.losses, several=True)
        lost_metadata(article, self.losses)
        data = revision.text.encode()
        lines = sentences(revision.text)
        for number, row in enumerate(sets or [None], 1):
            name = f"{number}/{article.id}" if number > 1 else article.id
            self._zip.add(f"{name}.txt", data)
            table = _Table(revision.text, lines, self)
            if row is not None:
                table.add(row)
            self._zip.add(f"{name}.tsv", table.written().encode())
            self._index.add(f"{name}.txt", article, revision)
        self.records += 1

    def close(self) -> None:
        """The table of contents."""
        self._zip.add(INDEX, self._index.data())
        self._zip.close()


class _Table:
    """The rows of one text with the marks of one set.

    A unit is a row: a token, or a part of one that a mark covers.
    """

    def __init__(self, text: str, lines: list[list[Token]], writer: WebAnnoWriter) -> None:
        self.text = text
        self.lines = lines
        self.losses = writer.losses
        self.values = writer.values
        self.tokens = [token for line in lines for token in line]
        self.marks: dict[Token, list[_Mark]] = {}
        self.relations: dict[Token, list[tuple[str, str]]] = {}
        #: The parts of tokens, by the number of the token.
        self.parts: dict[int, list[Token]] = {}
        #: The number of a span, its first token, and its first unit.
        self.first: dict[str, tuple[int, int, Token]] = {}

    def add(self, row: AnnotationSet) -> None:
        """The marks of a set, then what connects them."""
        cover = Cover(self.tokens)
        number = 0
        for id, _, label, start, end, _, facts, actor, proposition, _, _ in row.spans:
            begin, behind = cover.tokens(start, end)
            if begin >= behind:
                self.losses.add("blank", [id])
                continue
            number += 1
            if start < self.tokens[begin][0] or end > self.tokens[behind - 1][1]:
                self.losses.add("edges", [id])
            mark = _Mark(number, self.values[label, facts, actor, proposition])
            for place in range(begin, behind):
                unit = self._unit(place, start, end)
                self.marks.setdefault(unit, []).append(mark)
                if place == begin:
                    self.first[id] = (number, place, unit)
        begins = list(accumulate(map(len, self.lines), initial=0))
        for relation in row.relations:
            self._relate(Relation(*relation), begins)

    def _unit(self, place: int, start: int, end: int) -> Token:
        """The whole token, or the part of it that the mark covers."""
        token = self.tokens[place]
        if start <= token[0] and token[1] <= end:
            return token
        unit = max(start, token[0]), min(end, token[1])
        parts = self.parts.setdefault(place, [])
        if unit not in parts:
            parts.append(unit)
        return unit

    def _relate(self, relation: Relation, begins: list[int]) -> None:
        """A relation stands where it ends, and names the mark where it begins."""
        source, target = self.first.get(relation.source), self.first.get(relation.target)
        if source is None or target is None:
            self.losses.add("blank", [relation.id])
            return
        number, place, unit = source
        line = bisect_right(begins, place)
        name = f"{line}-{place - begins[line - 1] + 1}"
        if unit != self.tokens[place]:
            name += f".{self.parts[place].index(unit) + 1}"
        reference = f"{name}[{number}_{target[0]}]"
        self.relations.setdefault(target[2], []).append((escaped(relation.type), reference))

    def written(self) -> str:
        """The whole table."""
        parts = [_HEAD]
        text, to = self.text, _to_utf16(self.text)
        decimal = digits(to(len(text)))
        cells = {unit: self._cells(unit) for unit in self.marks.keys() | self.relations.keys()}.get
        place = 0
        for number, line in enumerate(self.lines, 1):
            first, last = line[0][0], line[-1][1]
            parts.append(f"\n#Text={_escaped_text(text[first:last])}\n")
            ends = line
            if to(last) != last:
                ends = [(to(start), to(end)) for start, end in line]
            # the hot loop: a row for each token
            rows = [
                f"{number}-{decimal[count]}\t{decimal[a]}-{decimal[b]}\t{text[start:end]}\t"
                f"{cells(unit, _NOTHING)}\n"
                for count, (unit, (start, end), (a, b)) in enumerate(zip(line, line, ends, strict=True), 1)
            ]
            for count in range(len(line)) if self.parts else ():
                for part, (start, end) in enumerate(self.parts.get(place + count, ()), 1):
                    rows[count] += (
                        f"{number}-{count + 1}.{part}\t{to(start)}-{to(end)}\t{text[start:end]}\t"
                        f"{cells((start, end), _NOTHING)}\n"
                    )
            parts += rows
            place += len(line)
        return "".join(parts)

    def _cells(self, unit: Token) -> str:
        marks, relations = self.marks.get(unit), self.relations.get(unit)
        if marks is None:
            cells = _NO_MARK
        elif len(marks) == 1:
            sign = f"[{marks[0].number}]\t"
            cells = sign.join(marks[0].values) + sign
        else:
            columns = zip(*([f"{value}[{one.number}]" for value in one.values] for one in marks), strict=True)
            cells = "".join(f"{'|'.join(column)}\t" for column in columns)
        if relations is None:
            return f"{cells}_\t_\t"
        types, references = zip(*relations, strict=True)
        return f"{cells}{'|'.join(types)}\t{'|'.join(references)}\t"


def _to_utf16(text: str) -> Callable[[int], int]:
    """From code points to UTF-16, for the ends of all tokens: a text has more of them than of marks."""
    wide = [found.start() for found in _WIDE.finditer(text)]
    return (lambda offset: offset + bisect_left(wide, offset)) if wide else (lambda offset: offset)


ROW = Format(
    name="webannotsv",
    title="WebAnno TSV 3.3: a row for each token",
    media_type="application/zip",
    extension="zip",
    writer=WebAnnoWriter,
    reader=read_webannotsv,
    parts=frozenset({Part.TEXTS, Part.SPANS, Part.RELATIONS, Part.COMMENTS}),
    options=frozenset({"names", "hull"}),
    cannot={
        "metadata": METADATA,
        "revisions": REVISIONS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS,
        "edges": "white space at the beginning or end of a mark; the mark itself is written",
        "blank": "marks of white space only, and what hangs on them",
    },
    leaves_out="ids of marks and relations, the registry beyond ids, and who worked on what",
    notes=(
        "Offsets are UTF-16 code units. Lines are the sentences; the tokens are those of the format conll.",
        (
            f"INCEpTION reads the tables where the project has a span layer `{LAYER}` with"
            f" the string features"
            f" {', '.join(FEATURES)}, stacking allowed and characters as granularity, and a relation layer"
            f" `{LINK_LAYER}` on it with the string feature type."
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
