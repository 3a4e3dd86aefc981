"""The reader of brat standoff: an archive of texts with files of annotations beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from annotations.exceptions import StandpointError
from annotations.formats.archive.folder import Folder
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import BYTE_ORDER_MARK, Reading, reading
from annotations.formats.core.interfaces import Loss, ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping, fold_term
from annotations.formats.core.value_checks import is_uuid
from annotations.formats.readers.text import MAX_TEXT_BYTES
from annotations.text.gate import excerpt

MAX_ANNOTATION_BYTES = 64 * 1024 * 1024
"""The largest size of the annotations of one text, in bytes."""

# Space and tab alone divide a line. No pattern can match the same words in two ways, so that matching takes
# linear time, also of a line that is hostile.
_SIMPLE_SPAN = re.compile(r"(T[^ \t]*)\t([^ \t]+) ([0-9]{1,12}) ([0-9]{1,12})\t(.*)")
_FRAGMENTED_SPAN = re.compile(
    r"(T[^ \t]*)\t([^ \t]+) ([0-9]{1,12} [0-9]{1,12}(?:;[0-9]{1,12} [0-9]{1,12})*+)(?:\t(.*))?"
)
_RELATION = re.compile(r"(R[^ \t]*+)\t([^ \t]++) ++[^ \t:]++:([^ \t]++) ++[^ \t:]++:([^ \t]++)[ \t]*+")
_EVENT = re.compile(r"(E[^ \t]*+)\t([^ \t:]++):([^ \t]++)((?: ++[^ \t:]++:[^ \t]++)*+)[ \t]*+")
_ATTRIBUTE = re.compile(r"([AM][^ \t]*+)\t([^ \t]++) ([^ \t]++)(?:[ \t](.*+))?")
_REFERENCE = re.compile(r"(N[^ \t]*+)\t[^ \t]++ ([^ \t]++) ([^: \t]++):([^ \t]++)(?:\t.*+)?")
_NOTE = re.compile(r"(#[^ \t]*+)\t([^ \t]++) ([^ \t]++)(?:\t(.*+))?")
#: How many relations a mapping of roles makes of one event; the others are counted.
_MOST_JOINED = 1_000
_HINT = "join two roles by a mapping such as made_by:Content>Source"

_ENDINGS = (".ann", ".a1", ".a2")
#: Files of tools beside the texts, which hold no annotations.
_IGNORED_FILES = re.compile(r"(?:^|/)(?:[^/]*\.conf|index\.csv|\.stats_cache|README[^/]*)$")
#: The types of our own references; others lead to databases that are unknown here.
_LINKS = {"Actor": "actor", "Proposition": "proposition"}


def read_brat(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each text; its external id is the name of the file without its ending."""
    folder = Folder(stream)
    try:
        yield from _read_archive(folder, reading(names, hull, controls))
    finally:
        folder.close()


def _read_archive(folder: Folder, how: Reading) -> Iterator[ParsedRecord]:
    index, unread = folder.read_index()
    groups, losses = _group_texts(folder, unread)
    number = 0
    for number, texts in enumerate(groups, 1):
        line = _read_article(folder, texts, ForeignDocument(number, how), index)
        yield line._replace(losses=[*losses, *line.losses]) if number == 1 else line
    for name in folder.names:
        stem, dot, ending = name.rpartition(".")
        if dot and f".{ending}" in _ENDINGS and f"{stem}.txt" not in folder:
            number += 1
            detail = f"There is no {excerpt(stem)}.txt beside {excerpt(name)}; send the text with its marks."
            yield rejected_record(number, "required", detail, f"/{name}", stem)
    if not number:
        yield rejected_record(1, "required", "There is no text (.txt) in the archive.")


def _group_texts(folder: Folder, others: list[str]) -> tuple[list[list[str]], list[Loss]]:
    """Return the texts, grouped where several folders hold the same text under the same name."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in folder.names:
        if name.endswith(".txt"):
            base = name.rpartition("/")[2]
            group = groups.setdefault((base,), [])
            if group and not folder.same(group[0], name):
                group = groups.setdefault((base, name), [])
            group.append(name)
        elif not name.endswith(_ENDINGS) and not _IGNORED_FILES.search(name):
            others.append(name)
    return list(groups.values()), [("files", [shown(name) for name in others])] if others else []


def _read_article(
    folder: Folder, texts: Sequence[str], draft: ForeignDocument, index: Mapping[str, Mapping[str, Any]]
) -> ParsedRecord:
    """Return the article of these texts, with a set for each of them."""
    name = texts[0]
    stem = name.removesuffix(".txt")
    if folder.size(name) > MAX_TEXT_BYTES:
        detail = f"The text has more than {MAX_TEXT_BYTES:,} bytes."
        return rejected_record(draft.number, "too-large", detail, f"/{name}", stem)
    try:
        draft.text, marked = folder.read_text(name)
        if marked and name not in index:
            draft.record_loss("byte order marks, kept in the text")
        draft.set_fields({"external_id": stem if len(texts) == 1 else name.rpartition("/")[2][:-4]})
        for text in texts:
            draft.values.update(index.get(text, {}))
            _add_annotations(folder, text.removesuffix(".txt"), draft)
    except StandpointError as error:
        return rejected_record(draft.number, error.code, error.detail, f"/{name}", stem)
    return draft.build_record()


def _add_annotations(folder: Folder, stem: str, draft: ForeignDocument) -> None:
    files = [f"{stem}{ending}" for ending in _ENDINGS if f"{stem}{ending}" in folder]
    if not files:
        return
    annotations = _AnnotationReader(draft, draft.add_layer(stem.rpartition("/")[0]))
    for file in files:
        if folder.size(file) > MAX_ANNOTATION_BYTES:
            draft.record_error(
                "too-large", f"/{file}", f"The file has more than {MAX_ANNOTATION_BYTES:,} bytes."
            )
            continue
        annotations.read(f"/{file}", folder.read_file(file))
    annotations.finish()


def _count_from(text: str, content: str) -> int:
    """Return 1 if the text begins with a byte order mark that its marks do not count, else 0."""
    if not text.startswith(BYTE_ORDER_MARK):
        return 0
    lines = (line.rstrip("\r") for line in content.split("\n"))
    first = next((found for line in lines if (found := _FRAGMENTED_SPAN.fullmatch(line))), None)
    if first is None:
        return 0
    here, behind = (
        " ".join(text[start + shift : end + shift] for start, end in _pieces(first[3])) for shift in (0, 1)
    )
    return int(here != first[4] and behind == first[4])


def _pieces(ranges: str) -> list[tuple[int, int]]:
    """Return the pieces of a mark, as a line says them."""
    return [(int(start), int(end)) for start, end in (pair.split(" ") for pair in ranges.split(";"))]


class _AnnotationReader:
    """The annotations of one text: spans are read at once, lines that refer to others afterwards."""

    def __init__(self, draft: ForeignDocument, layer: AnnotationLayer) -> None:
        self.draft = draft
        self.layer = layer
        #: The ids of the trigger spans, by the ids of their events.
        self.triggers: dict[str, str] = {}
        self.shift = 0
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
        bound, span, text = _SIMPLE_SPAN.fullmatch, self.layer.add_span, self.draft.text
        shift = self.shift = _count_from(text, content)
        for number, line in enumerate(content.split("\n"), 1):
            found = bound(line)
            if found is None:
                self._read_other_line(line.rstrip("\r"), f"{place}/{number}")
                continue
            id, label, first, last, quote = found.groups()
            start, end = int(first) + shift, int(last) + shift
            if text[start:end] == quote:
                span(id, label, start, end, f"{place}/{number}")
            else:
                fragments = [(start, end)]
                self.layer.add_fragments(id, label, fragments, f"{place}/{number}", quote.rstrip("\r"))

    def _read_other_line(self, line: str, place: str) -> None:
        if not line.strip():
            return
        if line[0] == "T":
            found = _FRAGMENTED_SPAN.fullmatch(line)
            if found is not None:
                shift = self.shift
                fragments = [(start + shift, end + shift) for start, end in _pieces(found[3])]
                self.layer.add_fragments(found[1], found[2], fragments, place, found[4])
                return
        elif line[0] == "*":
            self.draft.record_loss("equivalences")
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
        self.draft.record_error("syntax", place, f"“{excerpt(line)}” is no line of brat's format; mend it.")

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
            self.draft.record_loss("attributes of relations", id)
            return None
        detail = f"The line {excerpt(id)} refers to {excerpt(target)}, which is not there."
        self.draft.record_error("relation-ends", place, detail)
        return None

    def _relation(self, id: str, type_: str, source: str, target: str, place: str) -> None:
        self.layer.add_relation(
            id, type_, self._resolve_trigger(source), self._resolve_trigger(target), place
        )

    def _event(self, id: str, type_: str, trigger: str, roles: str, place: str) -> None:
        """Add the roles of an event as relations from its trigger, or between the roles of a mapping."""
        if self._find_span(id, trigger, place) is None:
            return
        fillers: dict[str, list[tuple[str, str]]] = {}
        for one in roles.split():
            name, _, target = one.partition(":")
            role = name.rstrip("0123456789") or name
            fillers.setdefault(fold_term(role), []).append((role, self._resolve_trigger(target)))
        joined = self._join_roles(id, fillers, place)
        known = self.layer.spans_by_id.get(trigger) is not None
        for key, targets in fillers.items():
            if key in joined:
                continue
            for role, target in targets:
                if self.draft.names.find_relation(role) is None:
                    self.draft.record_loss(f"relation {shown(role)} (a role of {shown(type_)}; {_HINT})", id)
                elif not known:
                    why = f"the trigger {shown(type_)} is no mark here"
                    self.draft.record_loss(f"relation {shown(role)} ({why}; {_HINT})", id)
                else:
                    self.layer.add_relation(id, role, trigger, target, place)

    def _join_roles(self, id: str, fillers: Mapping[str, list[tuple[str, str]]], place: str) -> set[str]:
        """Add the relations between the roles of an event that a mapping joins; return these roles."""
        joined: set[str] = set()
        for (source, target), ours in self.draft.names.roles.items():
            sources, targets = fillers.get(source, []), fillers.get(target, [])
            if not sources or not targets:
                continue
            joined |= {source, target}
            pairs = ((first, second) for _, first in sources for _, second in targets)
            for first, second in islice(pairs, _MOST_JOINED):
                self.layer.add_relation(id, ours, first, second, place)
            if len(sources) * len(targets) > _MOST_JOINED:
                self.draft.record_loss(f"relation {ours} (of more than {_MOST_JOINED:,} in one event)", id)
        return joined

    def _attribute(self, id: str, name: str, target: str, value: str | None, place: str) -> None:
        found = self._find_span(id, target, place)
        if found is not None:
            self.layer.set_attribute(found, name, (value or "").strip(" \t") or None)

    def _reference(self, id: str, target: str, kind: str, link: str, place: str) -> None:
        found = self._find_span(id, target, place)
        span = self.layer.spans_by_id.get(found or "")
        field = _LINKS.get(kind)
        if span is not None and field is not None and is_uuid(link):
            span[field] = link
        elif found is not None:
            self.draft.record_loss("references", id)

    def _note(self, id: str, name: str, target: str, words: str | None, _: str) -> None:
        found = self._resolve_trigger(target)
        known: Iterable[str] = self.layer.spans_by_id
        if words and found in known and self.draft.names.find_attribute(name, words) is not None:
            self.layer.set_attribute(found, name, words)
        else:
            self.draft.record_loss("notes", id)
