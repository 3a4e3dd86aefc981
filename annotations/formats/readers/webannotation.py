"""The reader of W3C Web Annotations: grouped by their source, since they come in any order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotations.formats.archive.spool import Spool
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading, reading
from annotations.formats.core.interfaces import ParsedRecord, Readable, StandoffAnnotations
from annotations.formats.core.json_stream import read_elements
from annotations.formats.core.quote_search import QuoteFinder
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.core.value_checks import is_uuid
from annotations.scheme import LABELS
from annotations.text.gate import excerpt

#: The keys of annotations in collections, pages and graphs.
_ARRAYS = ("items", "first", "@graph")
_URN = "urn:uuid:"
#: Our fields of an article by the keys of a text's target.
_ABOUT = {
    "name": "external_id", "label": "title", "language": "language", "canonical": "url",
    "created": "published_at",
}  # fmt: skip


def read_webannotation(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each text in the file, or annotations of a stored article."""
    gathered = _AnnotationStore()
    how = reading(names, hull, controls)
    try:
        for element in read_elements(stream, _ARRAYS):
            if element.code:
                yield rejected_record(element.number, element.code, element.message)
            elif fault := gathered.add(element.number, element.value):
                yield rejected_record(element.number, "type", fault)
        for source, found in gathered.by_source:
            yield _build_article(source, found, gathered, how)
        for _, found in gathered.links:
            for number, _ in found:
                detail = "It links to an annotation that is not in the file."
                yield rejected_record(number, "relation-ends", detail, "/target")
    finally:
        gathered.close()


class _AnnotationStore:
    """All annotations of a file: by their source, and links by the annotation at which they begin."""

    def __init__(self) -> None:
        self.by_source = Spool()
        self.links = Spool()
        self._source = ""
        self._here: set[str] = set()

    def add(self, number: int, value: object) -> str:
        """Store an annotation; return its fault, or ""."""
        if type(value) is not dict:
            return "An annotation has to be an object."
        id, targets = value.get("id"), _list(value.get("target"))
        source = next((found for target in targets if (found := source_of(target))), "")
        if not source:
            return "The annotation has no target with a source."
        if _is_link(value):
            # the links of a source mostly follow its spans, and then need no lookup
            if source in self._here:
                self.by_source.add(self._source, [number, value])
            else:
                self.links.add(source, [number, value])
            return ""
        if source != self._source:
            self._source, self._here = source, set()
        if type(id) is str:
            self._here.add(id)
        self.by_source.add(source, [number, value])
        return ""

    def linked(self, id: str) -> list[Any]:
        """Return the links that begin at an annotation, and remove them."""
        return self.links.pop(id)

    def close(self) -> None:
        """Delete the stored annotations."""
        self.by_source.close()
        self.links.close()


def source_of(target: object) -> str:
    """Return the source of a target, or the target itself."""
    if type(target) is dict:
        target = target.get("source", target.get("id"))
        if type(target) is dict:
            target = target.get("id")
    return target if type(target) is str else ""


def _is_link(annotation: dict[str, Any]) -> bool:
    return "linking" in _list(annotation.get("motivation"))


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if type(value) is list else [value]


def _bodies(annotation: dict[str, Any]) -> list[Any]:
    """Return the bodies; ``bodyValue`` is a short form of one."""
    short = annotation.get("bodyValue")
    return [*_list(annotation.get("body")), *([{"type": "TextualBody", "value": short}] if short else [])]


def _build_article(source: str, found: list[Any], gathered: _AnnotationStore, how: Reading) -> ParsedRecord:
    """Return the article of annotations with one source."""
    number = found[0][0]
    texts = [(value, text) for _, value in found if (text := _described_text(value)) is not None]
    marks = [(at, value) for at, value in found if _described_text(value) is None]
    for _, value in list(marks):
        marks += gathered.linked(str(value.get("id")))
    if not texts:
        return ParsedRecord(
            number,
            StandoffAnnotations(source, lambda text: _convert_standoff(number, source, marks, how, text)),
        )
    draft = ForeignDocument(number, how, text=texts[0][1], where=source)
    about = next((one for one in _list(texts[0][0].get("target")) if type(one) is dict), {})
    draft.set_fields({ours: about[name] for name, ours in _ABOUT.items() if about.get(name) is not None})
    _add_annotations(draft, marks, source)
    return draft.build_record()


def _convert_standoff(number: int, source: str, marks: list[Any], how: Reading, text: str) -> ParsedRecord:
    draft = ForeignDocument(number, how, text=text, where=source)
    _add_annotations(draft, marks, source)
    return draft.build_record()


def _described_text(annotation: dict[str, Any]) -> str | None:
    """Return the text that an annotation describes as a whole; None for any other annotation."""
    if "describing" not in _list(annotation.get("motivation")):
        return None
    if any(type(one) is dict and "selector" in one for one in _list(annotation.get("target"))):
        return None
    for body in _list(annotation.get("body")):
        if type(body) is dict and body.get("format") == "text/plain" and type(body.get("value")) is str:
            return str(body["value"])
    return None


def _add_annotations(draft: ForeignDocument, marks: list[Any], source: str) -> None:
    """Add a set for each collection or creator."""
    finder = QuoteFinder(draft.text)
    markups: dict[str, AnnotationLayer] = {}
    for number, annotation in marks:
        id, name = _layer_key(annotation)
        if id not in markups:
            markups[id] = draft.add_layer(name)
            markups[id].id = id.removeprefix(_URN)
        place = f"/items/{number - 1}"
        _AnnotationConverter(draft, markups[id], annotation, place, source=source, finder=finder).add()


def _layer_key(annotation: dict[str, Any]) -> tuple[str, str]:
    """Return the key of the set of an annotation, and the name of its creator."""
    creator = annotation.get("creator")
    name = creator.get("nickname") if type(creator) is dict else creator
    whole = annotation.get("partOf")
    id = whole.get("id") if type(whole) is dict else whole
    name = name if type(name) is str else ""
    return (id if type(id) is str else name), name


class _AnnotationConverter:
    """An annotation that is a span or a relation."""

    def __init__(
        self,
        draft: ForeignDocument,
        layer: AnnotationLayer,
        annotation: dict[str, Any],
        place: str,
        *,
        source: str,
        finder: QuoteFinder,
    ) -> None:
        self.draft = draft
        self.source = source
        self.finder = finder
        self.layer = layer
        self.annotation = annotation
        self.place = place
        self.full_id = str(annotation.get("id") or place)
        self.id = self.full_id.removeprefix(_URN)

    def add(self) -> None:
        """Add the annotation to its set."""
        if _is_link(self.annotation):
            self._add_link()
            return
        bodies = _bodies(self.annotation)
        fragments, quote = self._target_ranges()
        labels = [str(one["value"]) for one in bodies if self._is_tag(one)]
        known = [label for label in labels if self.draft.names.find_label(label) is not None]
        if not fragments:
            self.layer.spans_by_id.setdefault(self.id, None)
            return
        if not self._has_known_label(labels, known):
            return
        if len(fragments) == 1:
            start, end = fragments[0]
            span = self.layer.add_span(self.id, known[0], start, end, f"{self.place}/target", quote=quote)
        else:
            span = self.layer.add_fragments(self.id, known[0], fragments, f"{self.place}/target")
        if span is not None:
            for body in bodies:
                self._add_body(span, body, known)

    def _has_known_label(self, labels: list[str], known: list[str]) -> bool:
        if known:
            for label in known[1:]:
                self.draft.record_loss(f"label {shown(label)}", self.id)
            return True
        motivation = _list(self.annotation.get("motivation")) or [""]
        self.layer.spans_by_id[self.id] = None
        self.draft.record_loss(f"label {shown(labels[0] if labels else str(motivation[0]))}", self.id)
        return False

    def _is_tag(self, body: object) -> bool:
        if type(body) is not dict or type(body.get("value")) is not str:
            return False
        return body.get("purpose", "tagging") in ("tagging", "classifying")

    def _add_body(self, span: dict[str, Any], body: Any, known: list[str]) -> None:
        """Add the attribute or link of a body beside the label."""
        if self._is_tag(body) and body["value"] in known:
            return
        value = body.get("value") if type(body) is dict else None
        name, sign, said = value.partition("=") if type(value) is str else ("", "", "")
        link = source_of(body).removeprefix(_URN)
        if sign:
            self.layer.set_attribute(self.id, name, said)
        elif type(value) is str and self.draft.names.find_attribute(value, None) is not None:
            self.layer.set_attribute(self.id, value, None)
        elif type(body) is dict and body.get("purpose") == "identifying" and is_uuid(link):
            span[LABELS[span["label"]].links[0]] = link
        else:
            kind = body.get("purpose") or body.get("type") if type(body) is dict else "link"
            self.draft.record_loss(f"body {excerpt(str(kind))}", self.id)

    def _target_ranges(self) -> tuple[list[tuple[int, int]], str | None]:
        """Return a range for each target, and the quote of the last."""
        found: list[tuple[int, int]] = []
        quote = None
        for target in _list(self.annotation.get("target")):
            if source_of(target) != self.source:
                self.draft.record_loss("targets on other sources", self.id)
                continue
            selectors = _list(target.get("selector")) if type(target) is dict else []
            by_type = {
                one.get("type"): one
                for one in selectors
                if type(one) is dict and not one.get("refinedBy")  # a part of what it selects
            }
            position, words = by_type.get("TextPositionSelector", {}), by_type.get("TextQuoteSelector", {})
            start, end, exact = position.get("start"), position.get("end"), words.get("exact")
            quote = exact if type(exact) is str else None
            if type(start) is int and type(end) is int:
                found.append((start, end))
            elif quote:
                place = self._find_quote(quote, words)
                if place is None:
                    return [], None
                found.append(place)
            else:
                self.draft.record_loss("selectors", self.id)
                self.layer.spans_by_id[self.id] = None
                return [], None
        return found, quote

    def _find_quote(self, quote: str, words: dict[str, Any]) -> tuple[int, int] | None:
        """Return the only place of a quote between its prefix and suffix."""
        before, after = (
            part if type(part) is str else "" for part in (words.get("prefix"), words.get("suffix"))
        )
        before, quote, after = map(self.draft.clean, (before, quote, after))
        found = self.finder.find(f"{before}{quote}{after}")
        if type(found) is str:
            detail = f"“{excerpt(quote)}” {found}; send its position too."
            self.draft.record_error("quote-mismatch", f"{self.place}/target", detail)
            return None
        return int(found) + len(before), int(found) + len(before) + len(quote)

    def _add_link(self) -> None:
        type_ = next((str(one["value"]) for one in _bodies(self.annotation) if self._is_tag(one)), "")
        ends = [source_of(one) for one in _bodies(self.annotation) if not self._is_tag(one)]
        source = next(
            (found for one in _list(self.annotation.get("target")) if (found := source_of(one))), ""
        )
        if not ends or not ends[0]:
            detail = "A link has a body that is the annotation where it ends."
            self.draft.record_error("relation-ends", f"{self.place}/body", detail)
            return
        target = ends[0].removeprefix(_URN)
        self.layer.add_relation(self.id, type_, source.removeprefix(_URN), target, self.place)
