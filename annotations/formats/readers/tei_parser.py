"""The parser of TEI: it builds the text of each document, and remembers where elements stand in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, shown
from annotations.formats.core.foreign_rights import set_right
from annotations.formats.core.foreign_values import Reading
from annotations.formats.core.interfaces import ParsedRecord
from annotations.formats.core.safe_xml import UnreadableXmlError, XmlReader
from annotations.formats.readers.tei_offsets import StreamOffsets
from annotations.text.gate import MAX_TEXT, excerpt

_XML = "http://www.w3.org/XML/1998/namespace "
_SPACE = re.compile(r"[ \t\r\n]+")
_STRING_RANGE = re.compile(r"#?string-range\(\s*#?([^,\s()]+)\s*,\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*\)")
_MOST_MARKS = 1_000_000
#: Elements that begin and end a paragraph, and those that begin a line.
_BLOCKS = frozenset(
    ("ab", "argument", "back", "body", "byline", "cell", "closer", "dateline", "div", "docTitle", "epigraph",
     "floatingText", "front", "group", "head", "item", "lg", "list", "opener", "p", "postscript", "quote",
     "row", "salute", "signed", "sp", "speaker", "stage", "table", "text", "titlePart", "trailer")
)  # fmt: skip
_LINES = frozenset(("l", "lb"))
#: Elements of the text that say nothing about its content.
_FRAMES = frozenset(("anchor", "c", "cb", "choice", "milestone", "orig", "pb", "pc", "s", "sic", "w", "abbr"))
#: Elements whose content does not stand in the text as it was published, by what is counted.
_LEFT_OUT = {
    "note": "notes", "del": "deletions", "corr": "corrections", "reg": "corrections", "expan": "corrections",
    "fw": "running heads", "figDesc": "descriptions of figures",
}  # fmt: skip
_STANDOFF = frozenset(("span", "annotation"))
_LINKS = frozenset(("link", "relation"))
_GROUPS = frozenset(("spanGrp", "linkGrp", "standOff", "listAnnotation", "listRelation", "annotationBlock"))


class _Element(NamedTuple):
    """An open or closed element of the text: its name, attributes, place in the file and number."""

    name: str
    attributes: dict[str, str]
    line: int
    number: int


class TeiReader(XmlReader):
    """A reader whose ``done`` are the articles that are complete."""

    def __init__(self, how: Reading, stem: str, number: int) -> None:
        super().__init__()
        self.how = how
        self.stem = stem
        self.before = self.number = number
        self.done: list[ParsedRecord] = []
        self._document: _Document | None = None

    def start_element(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a document, or an element of it."""
        local = name.rpartition(" ")[2]
        if local == "TEI":
            self._document = _Document(self.how, attributes)
        elif self._document is not None:
            self._document.start(local, attributes, self.line)

    def end_element(self, name: str) -> None:
        """End an element, or the document."""
        local = name.rpartition(" ")[2]
        if self._document is None:
            return
        if local != "TEI":
            self._document.end(local)
            return
        self.number += 1
        count = self.number - self.before
        stem = self.stem if count == 1 or not self.stem else f"{self.stem}-{count}"
        self.done.append(self._document.line_of(self.number, stem, f"/{self.stem}" if self.stem else ""))
        self._document = None

    def add_text(self, data: str) -> None:
        """Add text to the document."""
        if self._document is not None:
            self._document.text(data)


class _Document:
    """A TEI element: what the header says, the text, and what marks and relations point to."""

    def __init__(self, how: Reading, attributes: dict[str, str]) -> None:
        self.how = how
        self.fields: dict[str, str] = {}
        if id := attributes.get(f"{_XML}id"):
            self.fields["external_id"] = id
        self.rights: dict[str, str] = {}
        self._path: list[str] = []
        self._open: list[_Element] = []
        self._content: list[str] = []
        self._skipped = 0
        self._groups: list[tuple[str, dict[str, str]]] = []
        self._parts: list[str] = []
        self._length = 0
        self._gap = ""
        #: The offsets at which open elements begin; those on whose first character we wait are not there yet.
        self._starts: dict[int, int] = {}
        self._waiting: list[int] = []
        self._count = 0
        self.places: dict[str, tuple[int, int]] = {}
        #: Where elements with an id begin in the characters of the file, by which string ranges count.
        self.offsets = StreamOffsets()
        self.begins: dict[str, int] = {}
        self.inline: list[tuple[_Element, int, int]] = []
        self.standoff: list[tuple[_Element, str, str, str]] = []
        self.links: list[tuple[_Element, str, str]] = []
        self.lost: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """Begin an element."""
        self._path.append(name)
        self._count += 1
        if self._count > _MOST_MARKS:
            raise UnreadableXmlError(f"A document has more than {_MOST_MARKS:,} elements.")
        element = _Element(name, attributes, line, self._count)
        self._open.append(element)
        self._content = []
        if name in _GROUPS:
            self._groups.append((name, attributes))
        if not self._is_text():
            return
        if name in _LEFT_OUT or self._skipped or name in _STANDOFF | _LINKS | _GROUPS:
            if not self._skipped and name in _LEFT_OUT:
                self.lost.append((_LEFT_OUT[name], f"line {line}"))
            self._skipped += 1
            return
        if name in _BLOCKS:
            self._gap = "\n\n" if self._parts else ""
        elif name in _LINES and "\n" not in self._gap:
            self._gap = "\n" if self._parts else ""
        self._waiting.append(element.number)
        if f"{_XML}id" in attributes:
            self.begins[attributes[f"{_XML}id"]] = self.offsets.length
        if name in ("anchor", "milestone") and f"{_XML}id" in attributes:
            at = self._length + len(self._gap)
            self.places[attributes[f"{_XML}id"]] = (at, at)

    def end(self, name: str) -> None:
        """End an element."""
        element = self._open.pop()
        is_text = self._is_text()
        self._path.pop()
        if name in _STANDOFF:
            self._add_standoff(element)
        elif name in _LINKS:
            group = self._groups[-1][1] if self._groups else {}
            self.links.append((element, group.get("type", ""), self._person(element)))
        elif not is_text:
            self._add_header(name, element.attributes)
        if name in _GROUPS and self._groups:
            self._groups.pop()
        if is_text and self._skipped:
            self._skipped -= 1
        elif is_text:
            self._end_in_text(element)

    def _end_in_text(self, element: _Element) -> None:
        if self._waiting and self._waiting[-1] == element.number:
            self._waiting.pop()
        start = self._starts.pop(element.number, None)
        if start is not None:
            id = element.attributes.get(f"{_XML}id")
            if id:
                self.places[id] = (start, self._length)
            if element.name not in _BLOCKS | _LINES | _FRAMES or element.attributes.keys() & {"ana", "type"}:
                self.inline.append((element, start, self._length))
        if element.name in _BLOCKS:
            self._gap = "\n\n" if self._parts else ""

    def text(self, data: str) -> None:
        """Add text: to the article, or to what is being read of the header or of a mark."""
        if not self._is_text() or self._skipped:
            if self._is_text():
                self.offsets.skip(data)
            if len(self._content) < 1_000:
                self._content.append(data)
            return
        words = _SPACE.sub(" ", data)
        if words[:1] == " ":
            self._gap = self._gap or (" " if self._parts else "")
        said = words.strip(" ")
        if not said:
            self.offsets.skip(data)
            return
        if self._length + len(said) > 2 * MAX_TEXT:
            raise UnreadableXmlError(f"A text has more than {MAX_TEXT:,} characters.")
        self._parts += [self._gap, said]
        self._length += len(self._gap)
        self.offsets.add(data, self._length)
        for number in self._waiting:
            self._starts[number] = self._length
        self._waiting.clear()
        self._length += len(said)
        self._gap = " " if words[-1] == " " else ""

    def _is_text(self) -> bool:
        return bool(self._path) and self._path[0] == "text"

    def _person(self, element: _Element) -> str:
        group = self._groups[-1][1] if self._groups else {}
        return (element.attributes.get("resp") or group.get("resp") or "").lstrip("#")

    def _add_standoff(self, element: _Element) -> None:
        group = self._groups[-1][1] if self._groups else {}
        said = "".join(self._content).strip()
        self.standoff.append((element, said, group.get("type", ""), self._person(element)))

    def _add_header(self, name: str, attributes: dict[str, str]) -> None:
        """Take the first title, author, date, language and number of the header."""
        if "teiHeader" not in self._path[:1]:
            return
        said = " ".join("".join(self._content).split())
        if "availability" in self._path and (name in ("licence", "p") or self._path[-1] == "licence"):
            self._add_availability(attributes.get("target", ""), said)
            return
        found = _HEADER.get((self._path[-1] if self._path else "", name))
        value = attributes.get("when") or attributes.get("ident") or said
        if found and value:
            self.fields.setdefault(found, value)

    def _add_availability(self, target: str, said: str) -> None:
        """Take the address of a licence, and what is said of it and of the availability."""
        if target.startswith(("http://", "https://")):
            self.rights.setdefault("licence_url", target)
        elif target:
            self.lost.append(("licences", excerpt(target)))
        if said:
            self.rights["notice"] = "\n".join(filter(None, (self.rights.get("notice", ""), said)))

    def line_of(self, number: int, stem: str, place: str) -> ParsedRecord:
        """Return the article, or its faults."""
        draft = ForeignDocument(number, self.how, text="".join(self._parts))
        draft.set_fields({"external_id": stem, **self.fields})
        for name, value in self.rights.items():
            set_right(draft.values, name, value)
        for what, id in self.lost:
            draft.record_loss(what, id)
        _Marks(draft, self, place).add()
        return draft.build_record()


_HEADER = {
    ("titleStmt", "title"): "title",
    ("titleStmt", "author"): "author",
    ("publicationStmt", "date"): "published_at",
    ("publicationStmt", "idno"): "external_id",
    ("publicationStmt", "publisher"): "source",
    ("langUsage", "language"): "language",
}


_NOTHING = "nothing in the text; it takes ids of elements of the file."


class _PointerError(Exception):
    """A pointer that leads to no range of the text, with the end of a sentence."""


class _Marks:
    """The marks and relations of a document, in a set for each person."""

    def __init__(self, draft: ForeignDocument, document: _Document, place: str) -> None:
        self.draft = draft
        self.document = document
        self.place = place
        self.markups: dict[str, AnnotationLayer] = {}

    def add(self) -> None:
        """Add all of them."""
        for element, start, end in self.document.inline:
            self._add_inline(element, start, end)
        for element, said, group, person in self.document.standoff:
            self._add_standoff(element, [said, group], person)
        for element, group, person in self.document.links:
            self._add_link(element, group, person)

    def _markup(self, person: str) -> AnnotationLayer:
        if person not in self.markups:
            self.markups[person] = self.draft.add_layer(person)
        return self.markups[person]

    def _label(self, element: _Element, others: list[str]) -> str | None:
        """Return the first word of an element that is a label here, or else None."""
        names = self.draft.names
        return next((word for word in _words(element, others) if names.find_label(word) is not None), None)

    def _add_inline(self, element: _Element, start: int, end: int) -> None:
        id = element.attributes.get(f"{_XML}id") or f"line {element.line}"
        label = self._label(element, [])
        if label is None:
            self.draft.record_loss(f"element {shown(element.name)}", id)
            return
        layer = self._markup(element.attributes.get("resp", "").lstrip("#"))
        layer.add_span(id, label, start, end, f"{self.place}/{element.line}")

    def _add_standoff(self, element: _Element, others: list[str], person: str) -> None:
        id = element.attributes.get(f"{_XML}id") or f"line {element.line}"
        label = self._label(element, others)
        if label is None:
            words = [word for word in _words(element, others) if word]
            if person in self.markups:
                self.markups[person].spans_by_id[id] = None
            self.draft.record_loss(f"label {shown(words[0] if words else element.name)}", id)
            return
        try:
            where = self._find_range(element)
        except _PointerError as fault:
            detail = f"The mark {excerpt(id)} points to {fault}"
            self.draft.record_error("relation-ends", f"{self.place}/{element.line}", detail)
            return
        self._markup(person).add_fragments(id, label, where, f"{self.place}/{element.line}")

    def _find_range(self, element: _Element) -> list[tuple[int, int]]:
        """Return the pieces to which a mark points; raise ``_PointerError`` with the end of a sentence."""
        first, last = element.attributes.get("from"), element.attributes.get("to")
        if first:
            ends = self._find_place(first), self._find_place(last or first)
            return [(ends[0][0], ends[1][1])]
        pointers = element.attributes.get("target", "")
        targets = _STRING_RANGE.findall(pointers) or pointers.split()
        if not targets:
            raise _PointerError(_NOTHING)
        return [self._find_place(target) for target in targets]

    def _find_place(self, pointer: str | tuple[str, str, str]) -> tuple[int, int]:
        if type(pointer) is str:
            found = _STRING_RANGE.fullmatch(pointer)
            if found is None:
                return self._place_of(pointer.lstrip("#"))
            pointer = found[1], found[2], found[3]
        id, offset, length = pointer[0], int(pointer[1]), int(pointer[2])
        start = self._place_of(id)[0] + offset
        begin = self.document.begins[id] + offset
        if (start, start + length) != self.document.offsets.find(begin, length, self.draft.text):
            raise _PointerError(
                f"the characters {offset} to {offset + length} of {excerpt(id)}, which are others with the"
                " blanks and line ends of the file than without them; point to the id of a smaller element."
            )
        return start, start + length

    def _place_of(self, id: str) -> tuple[int, int]:
        if id not in self.document.places:
            raise _PointerError(_NOTHING)
        return self.document.places[id]

    def _add_link(self, element: _Element, group: str, person: str) -> None:
        attributes = element.attributes
        id = attributes.get(f"{_XML}id") or f"line {element.line}"
        ends = attributes.get("target", "").split()
        if "active" in attributes:
            ends = [attributes["active"], attributes.get("passive", "")]
        if len(ends) != 2:
            self.draft.record_loss(f"links of {len(ends)} ends", id)
            return
        words = [attributes.get("name", ""), *_words(element, [group])]
        names = self.draft.names
        type_ = next((word for word in words if word and names.find_relation(word) is not None), "")
        type_ = type_ or next(filter(None, words), element.name)
        source, target = (end.lstrip("#") for end in ends)
        self._markup(person).add_relation(id, type_, source, target, f"{self.place}/{element.line}")


def _words(element: _Element, others: list[str]) -> list[str]:
    """Return what may be the label of an element, the likelier first."""
    attributes = element.attributes
    analysis = [word.lstrip("#") for word in attributes.get("ana", "").split()]
    return [attributes.get("type", ""), *analysis, *others, element.name]
