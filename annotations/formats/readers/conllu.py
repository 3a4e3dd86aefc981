"""The reader of CoNLL-U: sentences of words with ten columns, and named entities in the last of them.

The text is made from the forms and from what is said about the spaces behind them. Words inside of a
contraction stand for the whole of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from annotations.exceptions import StandpointError
from annotations.formats.core.foreign_document import ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading, decode_line, reading
from annotations.formats.core.interfaces import FOREIGN_OPTIONS, Example, Format, ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.conll import MAX_LINE_BYTES, TagConverter, TokenDocument
from annotations.formats.readers.conll_columns import TAG, UNTAGGED, Columns, Row, parse_column
from annotations.formats.readers.file_or_archive import read_file_or_archive
from annotations.text.gate import MAX_TEXT, excerpt

_COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
_ID = re.compile(r"([0-9]{1,6})(?:(-|\.)([0-9]{1,6}))?")
_SPACES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "p": "|", "\\": "\\"}
_ESCAPED = re.compile(r"\\(.)")
_ENDINGS = (".conllu", ".conllup", ".conll", ".txt")


class Word(NamedTuple):
    """A line of a sentence, by its number in the file."""

    number: int
    cells: list[str]


class Sentences(NamedTuple):
    """A document: its id, its sentences and their comments; or the fault that ends the file."""

    id: str
    number: int
    sentences: list[list[Word]]
    comments: int
    fault: tuple[str, str, int] | None = None


def read_conllu(
    stream: Readable,
    *,
    names: TermMapping | None = None,
    hull: bool = False,
    controls: str = "",
    tag: str = "",
) -> Iterator[ParsedRecord]:
    """Yield an article for each document."""
    how, column = reading(names, hull, controls), parse_column("tag", tag)

    def read_file(file: Readable, stem: str, start: int) -> Iterator[ParsedRecord]:
        return _read_file(file, how, column, stem, start)

    absent = "There is no CoNLL-U file (.conllu) in the archive."
    return read_file_or_archive(stream, read_file, endings=_ENDINGS, absent=absent)


def _read_file(
    stream: Readable, how: Reading, tag: int | None, stem: str, start: int
) -> Iterator[ParsedRecord]:
    reader = _FileReader(stream)
    for count, document in enumerate(reader.documents(), 1):
        place = f"/{stem}" if stem else ""
        if document.fault is not None:
            code, detail, at = document.fault
            yield rejected_record(start + count, code, detail, f"{place}/{at}", document.id or None)
            return
        id = document.id or (stem if count == 1 else f"{stem}-{count}" if stem else "")
        draft = ForeignDocument(start + count, how)
        draft.set_fields({"external_id": id})
        yield _Converter(draft, document, place, reader.columns, tag).line()


class _FileReader:
    """The sentences of a file, a document at a time."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.columns: tuple[str, ...] = _COLUMNS
        self._begin("", 1)

    def _begin(self, id: str, number: int) -> None:
        self._id = id
        self._first = number
        self._size = self._comments = 0
        self._sentences: list[list[Word]] = []
        self._words: list[Word] = []

    def documents(self) -> Iterator[Sentences]:
        """Yield the documents, which begin at ``# newdoc``."""
        number = 0
        while raw := self._stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            try:
                line = decode_line(raw)
            except StandpointError as error:
                yield Sentences(self._id, self._first, [], 0, (error.code, error.detail, number))
                return
            self._size += len(line)
            if len(raw) > MAX_LINE_BYTES or self._size > 40 * MAX_TEXT:
                detail = "A line or a document is too long; documents begin with a line # newdoc."
                yield Sentences(self._id, self._first, [], 0, ("too-large", detail, number))
                return
            name, _, value = line[1:].partition("=") if line.startswith("#") else ("", "", "")
            if name.split()[:1] == ["newdoc"]:
                yield from self._document()
                self._begin(value.strip(), number)
            elif line.startswith("#"):
                self._add_comment(name, value)
            elif line.strip(" \t"):
                self._words.append(Word(number, line.split("\t")))
            else:
                self._end_sentence()
        yield from self._document()

    def _add_comment(self, name: str, value: str) -> None:
        if name.strip() == "global.columns":
            self.columns = tuple(value.split())
        elif name.split()[:1] not in (["text"], ["sent_id"], ["newpar"]):
            self._comments += 1

    def _end_sentence(self) -> None:
        if self._words:
            self._sentences.append(self._words)
            self._words = []

    def _document(self) -> Iterator[Sentences]:
        self._end_sentence()
        if self._sentences:
            yield Sentences(self._id, self._first, self._sentences, self._comments)


class _Converter:
    """A document that becomes an article."""

    def __init__(
        self,
        draft: ForeignDocument,
        document: Sentences,
        place: str,
        columns: tuple[str, ...],
        tag: int | None,
    ) -> None:
        self.draft = draft
        self.document = document
        self.place = place
        self.at = {name: index for index, name in enumerate(columns)}
        self.columns = columns
        self.tag = tag
        self.parts: list[str] = []
        self.length = 0
        self.rows: list[Row] = []
        self.places: list[tuple[int, int]] = []

    def line(self) -> ParsedRecord:
        """Return the article, or its faults."""
        if not {"ID", "FORM"} <= self.at.keys():
            detail = "The columns of the file have no ID and FORM, which say what the words are."
            return rejected_record(self.draft.number, "required", detail)
        key = self._tag_key()
        gap = ""
        for sentence in self.document.sentences:
            gap = self._add_sentence(sentence, key, gap)
        self.draft.text = "".join(self.parts)
        for _ in range(self.document.comments):
            self.draft.record_loss("comments")
        layer = self.draft.add_layer()
        TagConverter(self.draft, layer, self.place, Columns(0, 1)).add(
            TokenDocument("", self.rows), self.places
        )
        return self.draft.build_record()

    def _tag_key(self) -> str:
        """Return the key of MISC whose values are tags; "" where there is none or more than one."""
        found: dict[str, bool] = {}
        for sentence in self.document.sentences:
            for word in sentence:
                for key, value in self._misc(word).items():
                    fits = value in UNTAGGED or TAG.fullmatch(value) is not None
                    found[key] = found.get(key, True) and fits
        keys = [key for key, fits in found.items() if fits]
        return keys[0] if len(keys) == 1 else ""

    def _cell(self, word: Word, name: str) -> str:
        at = self.at.get(name, MAX_LINE_BYTES)
        return word.cells[at] if at < len(word.cells) else "_"

    def _misc(self, word: Word) -> dict[str, str]:
        pairs = (one.partition("=") for one in self._cell(word, "MISC").split("|"))
        return {key: value for key, sign, value in pairs if sign}

    def _add_sentence(self, sentence: list[Word], key: str, gap: str) -> str:
        """Add the words of a sentence; return the space behind it."""
        inside = 0  # the last word of the contraction whose form was added
        for word in sentence:
            found = _ID.fullmatch(word.cells[0] if self.columns[0] == "ID" else self._cell(word, "ID"))
            if found is None:
                detail = f"“{excerpt(word.cells[0])}” is no number of a word; columns are divided by tabs."
                self.draft.record_error("syntax", f"{self.place}/{word.number}", detail)
                return gap
            self._count_unread(word, key)
            number, sign, last = found.groups()
            if sign == ".":
                self.draft.record_loss("empty nodes", str(word.number))
                continue
            misc = self._misc(word)
            if int(number) > inside:
                form = self._cell(word, "FORM")
                self.parts += [gap, form]
                self.length += len(gap) + len(form)
                where = (self.length - len(form), self.length)
                gap = _space_behind(misc)
                inside = int(last) if sign == "-" else 0
                if sign == "-":
                    if (tag := self._tag(word, misc, key)) not in UNTAGGED:
                        self._add_row(word, tag, where)
                    continue
            else:
                where = (self.length - len(self.parts[-1]), self.length)
            self._add_row(word, self._tag(word, misc, key), where)
        self.rows.append(Row(0, []))
        return gap if "\n" in gap else "\n"

    def _add_row(self, word: Word, tag: str, where: tuple[int, int]) -> None:
        """Add the tag of a word; of a contraction, the first tag counts."""
        if self.places and self.places[-1] == where:
            if tag in UNTAGGED or self.rows[-1].columns[1] not in UNTAGGED:
                if tag not in UNTAGGED:
                    self.draft.record_loss("tags inside of a contraction", str(word.number))
                return
            self.rows.pop()
            self.places.pop()
        self.rows.append(Row(word.number, [self._cell(word, "FORM"), tag]))
        self.places.append(where)

    def _tag(self, word: Word, misc: dict[str, str], key: str) -> str:
        if self.tag is not None:
            return word.cells[self.tag] if self.tag < len(word.cells) else ""
        return misc.get(key, "O") if key else "O"

    def _count_unread(self, word: Word, key: str) -> None:
        """Count what else is said about a word."""
        for at, cell in enumerate(word.cells):
            name = self.columns[at] if at < len(self.columns) else f"column {at + 1}"
            if cell != "_" and name not in ("ID", "FORM", "MISC") and at != self.tag:
                self.draft.record_loss(f"column {shown(name)}", str(word.number))
        for name in self._misc(word):
            if name not in (key, "SpaceAfter", "SpacesAfter"):
                self.draft.record_loss(f"MISC {shown(name)}", str(word.number))


def _space_behind(misc: dict[str, str]) -> str:
    if misc.get("SpaceAfter") == "No":
        return ""
    if "SpacesAfter" in misc:
        return _ESCAPED.sub(lambda found: _SPACES.get(found[1], found[0]), misc["SpacesAfter"])
    return " "


ROW = Format(
    name="conllu",
    title="CoNLL-U: words with ten columns, and named entities in MISC",
    media_type="text/plain; charset=utf-8",
    extension="conllu",
    reader=read_conllu,
    endings=(".conllu", ".conllup"),
    reader_options=FOREIGN_OPTIONS | {"tag"},
    notes=(
        (
            "Documents begin at `# newdoc`, whose id is the external id. The text is that of the forms, with"
            " spaces by `SpaceAfter` and `SpacesAfter`, and a line for each sentence. Marks are the tags"
            " (B-, I-, O) under the only key of MISC that has such values, or in the column `tag`. The other"
            " columns are counted."
        ),
    ),
    example=Example(
        {
            "lake.conllu": "# newdoc id = a1\n1\tArdenia\t_\t_\t_\t_\t_\t_\t_\tNER=B-actor\n"
            "2\topposes\t_\t_\t_\t_\t_\t_\t_\tNER=O\n3\tit\t_\t_\t_\t_\t_\t_\t_\tNER=O|SpaceAfter=No\n"
            "4\t.\t_\t_\t_\t_\t_\t_\t_\tNER=O\n"
        }
    ),
)
