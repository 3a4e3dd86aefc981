"""The reader of brat standoff: an archive of texts with files of annotations beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotations.exceptions import StandpointError
from annotations.formats.archive.zip_reader import CheckedArchive
from annotations.formats.core.article_content import INDEX_FILE, read_index
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record
from annotations.formats.core.interfaces import Loss, ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.core.value_checks import is_uuid
from annotations.formats.readers.text import MAX_TEXT_BYTES
from annotations.text.gate import decode_text, excerpt

MAX_ANNOTATION_BYTES = 64 * 1024 * 1024
"""The largest size of the annotations of one text, in bytes."""

_SIMPLE_SPAN = re.compile(r"(T\S*)\t(\S+) ([0-9]{1,12}) ([0-9]{1,12})\t(.*)")
_FRAGMENTED_SPAN = re.compile(
    r"(T\S*)\t(\S+) ([0-9]{1,12} [0-9]{1,12}(?:;[0-9]{1,12} [0-9]{1,12})*)(?:\t(.*))?"
)
_RELATION = re.compile(r"(R\S*)\t(\S+) \S+?:(\S+) \S+?:(\S+)\s*")
_EVENT = re.compile(r"(E\S*)\t(\S+?):(\S+)((?: +\S+:\S+)*)\s*")
_ATTRIBUTE = re.compile(r"([AM]\S*)\t(\S+) (\S+)(?: (.*\S)?)?\s*")
_REFERENCE = re.compile(r"(N\S*)\t\S+ (\S+) ([^:\s]+):(\S+)(?:\t.*)?")
_NOTE = re.compile(r"(#\S*)\t(\S+) (\S+)(?:\t(.*))?")
_ROLE = re.compile(r"(\S+?)\d*:(\S+)")

_ENDINGS = (".ann", ".a1", ".a2")
#: Files of tools beside the texts, which hold no annotations.
_IGNORED_FILES = re.compile(
    r"(?:^|/)(?:[^/]*\.conf|index\.csv|\.stats_cache|\.DS_Store|README[^/]*)$|^__MACOSX/"
)
#: The types of our own references; others lead to databases that are unknown here.
_LINKS = {"Actor": "actor", "Proposition": "proposition"}


def read_brat(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False
) -> Iterator[ParsedRecord]:
    """Yield an article for each text; its external id is the name of the file without its ending."""
    archive = CheckedArchive(stream)
    try:
        yield from _read_archive(archive, names or TermMapping(), hull)
    finally:
        archive.close()


def _read_archive(archive: CheckedArchive, names: TermMapping, hull: bool) -> Iterator[ParsedRecord]:
    index = (
        read_index(archive.read(INDEX_FILE))
        if INDEX_FILE in archive and archive.size(INDEX_FILE) < MAX_ANNOTATION_BYTES
        else {}
    )
    groups, losses = _group_texts(archive)
    number = 0
    for number, texts in enumerate(groups, 1):
        document = ForeignDocument(number, names, hull=hull)
        line = _read_article(archive, texts, document, index)
        yield line._replace(losses=[*losses, *line.losses]) if number == 1 else line
    for name in archive.names:
        stem, dot, ending = name.rpartition(".")
        if name.startswith("__MACOSX/"):
            continue
        if dot and f".{ending}" in _ENDINGS and f"{stem}.txt" not in archive:
            number += 1
            message = f"There is no {excerpt(stem)}.txt beside {excerpt(name)}; send the text with its marks."
            yield rejected_record(number, "required", message, f"/{name}", stem)
    if not number:
        yield rejected_record(1, "required", "There is no text (.txt) in the archive.")


def _group_texts(archive: CheckedArchive) -> tuple[list[list[str]], list[Loss]]:
    """Return the texts, grouped where several folders hold the same text under the same name."""
    groups: dict[tuple[str, ...], list[str]] = {}
    others = []
    for name in archive.names:
        if name.startswith("__MACOSX/"):
            continue
        if name.endswith(".txt"):
            base = name.rpartition("/")[2]
            group = groups.setdefault((base,), [])
            if group and not archive.is_same_file(group[0], name):
                group = groups.setdefault((base, name), [])
            group.append(name)
        elif not name.endswith(_ENDINGS) and not _IGNORED_FILES.search(name):
            others.append(name)
    return list(groups.values()), [("files", [excerpt(name, 255) for name in others])] if others else []


def _read_article(
    archive: CheckedArchive,
    texts: Sequence[str],
    document: ForeignDocument,
    index: Mapping[str, Mapping[str, Any]],
) -> ParsedRecord:
    """Return the article of these texts, with a set for each of them."""
    name = texts[0]
    stem = name.removesuffix(".txt")
    if archive.size(name) > MAX_TEXT_BYTES:
        message = f"The text has more than {MAX_TEXT_BYTES:,} bytes."
        return rejected_record(document.number, "too-large", message, f"/{name}", stem)
    try:
        document.text = decode_text(archive.read(name))
        document.set_fields({"external_id": stem if len(texts) == 1 else name.rpartition("/")[2][:-4]})
        for text in texts:
            document.values.update(index.get(text, {}))
            _add_annotations(archive, text.removesuffix(".txt"), document)
    except StandpointError as error:
        return rejected_record(document.number, error.code, error.detail, f"/{name}", stem)
    return document.build_record()


def _add_annotations(archive: CheckedArchive, stem: str, document: ForeignDocument) -> None:
    files = [f"{stem}{ending}" for ending in _ENDINGS if f"{stem}{ending}" in archive]
    if not files:
        return
    reading = _AnnotationReader(document, document.add_layer())
    for file in files:
        if archive.size(file) > MAX_ANNOTATION_BYTES:
            document.record_error(
                "too-large", f"/{file}", f"The file has more than {MAX_ANNOTATION_BYTES:,} bytes."
            )
            continue
        reading.read(f"/{file}", decode_text(archive.read(file)))
    reading.finish()


class _AnnotationReader:
    """The annotations of one text: spans are read at once, lines that refer to others afterwards."""

    def __init__(self, document: ForeignDocument, layer: AnnotationLayer) -> None:
        self.document = document
        self.layer = layer
        #: The ids of the trigger spans, by the ids of their events.
        self.triggers: dict[str, str] = {}
        self.relations: set[str] = set()
        self.later: list[tuple[Callable[..., None], Sequence[Any], str]] = []
        self._patterns: Mapping[str, tuple[re.Pattern[str], Callable[..., None]]] = {
            "R": (_RELATION, self._relation),
            "E": (_EVENT, self._event),
            "A": (_ATTRIBUTE, self._attribute),
            "M": (_ATTRIBUTE, self._attribute),
            "N": (_REFERENCE, self._reference),
            "#": (_NOTE, self._note),
        }

    def read(self, place: str, content: str) -> None:
        """Read the lines of a file."""
        bound, span, text = _SIMPLE_SPAN.fullmatch, self.layer.add_span, self.document.text
        for number, line in enumerate(content.split("\n"), 1):
            found = bound(line)
            if found is None:
                self._read_other_line(line.rstrip("\r"), f"{place}/{number}")
                continue
            id, label, first, last, quote = found.groups()
            start, end = int(first), int(last)
            if text[start:end] == quote:
                span(id, label, start, end, f"{place}/{number}")
            else:
                pieces = [(start, end)]
                self.layer.add_fragments(id, label, pieces, f"{place}/{number}", quote.rstrip("\r"))

    def _read_other_line(self, line: str, place: str) -> None:
        if not line.strip():
            return
        if line[0] == "T":
            found = _FRAGMENTED_SPAN.fullmatch(line)
            if found is not None:
                pieces = [(int(a), int(b)) for a, b in (pair.split(" ") for pair in found[3].split(";"))]
                self.layer.add_fragments(found[1], found[2], pieces, place, found[4])
                return
        elif line[0] == "*":
            self.document.record_loss("equivalences")
            return
        elif line[0] in self._patterns:
            pattern, take = self._patterns[line[0]]
            if found := pattern.fullmatch(line):
                groups = found.groups()
                self.later.append((take, groups, place))
                if line[0] == "E":
                    self.triggers[groups[0]] = groups[2]
                elif line[0] == "R":
                    self.relations.add(groups[0])
                return
        self.document.record_error(
            "syntax", place, f"“{excerpt(line)}” is no line of brat's format; mend it."
        )

    def finish(self) -> None:
        """Resolve the lines that refer to others, which may stand behind them."""
        for take, groups, place in self.later:
            take(*groups, place)

    def _resolve_trigger(self, id: str) -> str:
        return self.triggers.get(id, id)

    def _find_span(self, id: str, target: str, place: str) -> str | None:
        """Return the span that a line refers to, or record a fault."""
        found = self.triggers.get(target, target)
        if found in self.layer.spans_by_id:
            return found
        if found in self.relations:
            self.document.record_loss("attributes of relations", id)
            return None
        message = f"The line {excerpt(id)} refers to {excerpt(target)}, which is not there."
        self.document.record_error("relation-ends", place, message)
        return None

    def _relation(self, id: str, type_: str, source: str, target: str, place: str) -> None:
        self.layer.add_relation(
            id, type_, self._resolve_trigger(source), self._resolve_trigger(target), place
        )

    def _event(self, id: str, _: str, trigger: str, roles: str, place: str) -> None:
        """Add the roles of an event as relations from its trigger."""
        if self._find_span(id, trigger, place) is None:
            return
        for role, target in _ROLE.findall(roles):
            self.layer.add_relation(id, role, trigger, self._resolve_trigger(target), place)

    def _attribute(self, id: str, name: str, target: str, value: str | None, place: str) -> None:
        found = self._find_span(id, target, place)
        if found is not None:
            self.layer.set_attribute(found, name, value or None)

    def _reference(self, id: str, target: str, kind: str, link: str, place: str) -> None:
        found = self._find_span(id, target, place)
        span = self.layer.spans_by_id.get(found or "")
        field = _LINKS.get(kind)
        if span is not None and field is not None and is_uuid(link):
            span[field] = link
        elif found is not None:
            self.document.record_loss("references", id)

    def _note(self, id: str, name: str, target: str, words: str | None, _: str) -> None:
        found = self._resolve_trigger(target)
        known: Iterable[str] = self.layer.spans_by_id
        if words and found in known and self.document.names.find_attribute(name, words) is not None:
            self.layer.set_attribute(found, name, words)
        else:
            self.document.record_loss("notes", id)
