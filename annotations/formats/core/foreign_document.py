"""The conversion of another tool's file to records: readers collect, the parser of JSONL checks.

Readers fill a document, which becomes a line of ``standpoint/1`` and goes through its parser: so all
formats have the same checks. Losses are counted on the way, and errors keep their place in the file.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from annotations import limits, scheme
from annotations.enums import Origin, State
from annotations.exceptions import FieldError, TextNotAllowedError
from annotations.formats.core import record_parser
from annotations.formats.core.foreign_rights import set_right
from annotations.formats.core.foreign_values import (
    Reading,
    find_controls,
    is_language,
    normalize_time,
    replace_controls,
)
from annotations.formats.core.interfaces import Loss, ParsedRecord
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.records import AnnotationSet, Article, SuggestedSet
from annotations.formats.core.term_mapping import ARTICLE_FIELDS, RIGHTS_FIELDS, fold_term
from annotations.formats.core.value_checks import InvalidValueError, check_metadata, is_uuid
from annotations.scheme import ATTRIBUTES
from annotations.text.gate import excerpt

# Tools that keep a span on one line write a space for each of these.
_LINE_BREAKS = re.compile(r"[\t\n\r\u2028\u2029]")
_POINTER = re.compile(r"/sets/(\d+)(?:/(spans|relations)/(\d+))?")
#: How much of a word of the file, or of an id, a loss names.
MOST_SHOWN = 255


class AnnotationLayer:
    """The annotations of one person, or of one model, on one text."""

    def __init__(self, draft: ForeignDocument, owner: str = "") -> None:
        self.document = draft
        self.owner = owner
        self.id = ""
        #: An import of several sets takes the most advanced state.
        self.state = str(State.OPEN)
        self.model = ""
        self.score: float | None = None
        self.spans: list[dict[str, Any]] = []
        self.relations: list[tuple[str, str, str, str, str]] = []
        self.span_positions: list[str] = []
        self.relation_positions: list[str] = []
        #: Spans by the ids of the file; None stands for a lost span.
        self.spans_by_id: dict[str, dict[str, Any] | None] = {}

    def add_span(
        self, id: str, label: str, start: int, end: int, place: str, *, quote: str | None = None, **links: str
    ) -> dict[str, Any] | None:
        """Add a span; count one whose label is unknown here."""
        ours = self.document.names.find_label(label)
        if ours is None:
            self.document.record_loss(f"label {shown(label)}", id)
            self.spans_by_id[id] = None
            return None
        span: dict[str, Any] = {"id": id, "label": ours, "start": start, "end": end, **links}
        if quote is not None:
            span["quote"] = self.document.clean(quote)
        self.spans_by_id[id] = span
        self.spans.append(span)
        self.span_positions.append(place)
        return span

    def add_fragments(
        self, id: str, label: str, fragments: list[tuple[int, int]], place: str, quote: str | None = None
    ) -> dict[str, Any] | None:
        """Add a span of several fragments: whole if blanks are between them, else as hull or refused."""
        draft, text = self.document, self.document.text
        said = " ".join(text[begins:ends] for begins, ends in fragments)  # in the order of the file
        fragments = sorted(fragments)
        start, end = fragments[0][0], max(piece[1] for piece in fragments)
        inside = 0 <= start < end <= len(text)  # otherwise the check of the span reports its range
        if inside and quote is not None and _without_breaks(said) != _without_breaks(draft.clean(quote)):
            draft.record_error(
                "quote-mismatch",
                place,
                f"The text reads “{excerpt(said)}” there, not “{excerpt(quote)}”; offsets are code points,"
                " counted from 0.",
            )
            return None
        gaps = (text[left[1] : right[0]] for left, right in itertools.pairwise(fragments))
        if any(gap and not gap.isspace() for gap in gaps):
            if not draft.hull:
                draft.record_error(
                    "discontinuous",
                    place,
                    f"The mark {excerpt(id)} is in {len(fragments)} pieces, and a span is in one; mend it, or"
                    " take such marks from their first to their last character by discontinuous=hull.",
                )
                return None
            draft.record_loss("discontinuous", id)
        return self.add_span(id, label, start, end, place)

    def set_attribute(self, id: str, name: str, value: str | None) -> None:
        """Set an attribute of a span; count a second value of it as lost."""
        span = self.spans_by_id.get(id)
        if span is None:
            self.document.record_loss(f"attribute {shown(name)}", id)
            return
        found = self.document.names.find_attribute(name, value)
        if found is not None and _is_valid_attribute(span["label"], *found):
            attributes = span.setdefault("attributes", {})
            if attributes.setdefault(*found) == found[1]:
                return
        what = shown(name) if value is None or found is not None else f"{shown(name)}={shown(value)}"
        self.document.record_loss(f"attribute {what}", id)

    def add_relation(self, id: str, type_: str, source: str, target: str, place: str) -> None:
        """Add a relation; its ends may come later."""
        self.relations.append((id, type_, source, target, place))

    def build_set(self) -> dict[str, Any]:
        """Return the set as a line of JSONL holds it."""
        relations = self._valid_relations(self._merge_duplicates())
        ends = {id for relation in relations for id in (relation["source"], relation["target"])}
        for span in self.spans:
            if span["id"] not in ends and not is_uuid(span["id"]):
                span["id"] = None  # no relation needs it, and it would be replaced
        return {
            "id": self.id if is_uuid(self.id) else None,
            "state": self.state,
            "spans": self.spans,
            "relations": relations,
        }

    def _merge_duplicates(self) -> dict[int, dict[str, Any]]:
        """Remove spans that repeat an earlier one; return the earlier ones by object id."""
        seen: dict[tuple[Any, ...], dict[str, Any]] = {}
        merged: dict[int, dict[str, Any]] = {}
        for span in self.spans:
            first = seen.setdefault(
                (span["label"], span["start"], span["end"], span.get("proposition")), span
            )
            if first is not span:
                merged[id(span)] = first
                self.document.record_loss("duplicates", span["id"])
        if merged:
            kept = [place for place, span in enumerate(self.spans) if id(span) not in merged]
            self.spans = [self.spans[place] for place in kept]
            self.span_positions = [self.span_positions[place] for place in kept]
        return merged

    def _relation_end(self, id_: str, merged: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
        span = self.spans_by_id.get(id_)
        return None if span is None else merged.get(id(span), span)

    def _valid_relations(self, merged: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the relations that the scheme allows, between spans that exist."""
        found: dict[tuple[str, str, str], dict[str, Any]] = {}
        lost, names = self.document.record_loss, self.document.names
        for id_, type_, source, target, place in self.relations:
            ours = names.find_relation(type_)
            ends = self._relation_end(source, merged), self._relation_end(target, merged)
            if ours is None:
                lost(f"relation {shown(type_)}", id_)
            elif ends[0] is None or ends[1] is None:
                missing = [end for end in (source, target) if end not in self.spans_by_id]
                if missing:
                    absent = excerpt(missing[0])
                    detail = f"The relation {excerpt(id_)} leads to {absent}, which is not there."
                    self.document.record_error("relation-ends", place, detail)
                else:
                    lost("relations", id_)
            elif scheme.check_relation(ours, ends[0]["label"], ends[1]["label"], ends[0] is ends[1]):
                lost(f"relation {shown(type_)}", id_)
            else:
                key = (ours, ends[0]["id"], ends[1]["id"])
                if key in found:
                    lost("duplicates", id_)
                    continue
                found[key] = {
                    "id": id_ if is_uuid(id_) else None, "type": ours, "source": key[1], "target": key[2],
                }  # fmt: skip
                self.relation_positions.append(place)
        return list(found.values())


def _without_breaks(words: str) -> str:
    return _LINE_BREAKS.sub(" ", words)


@lru_cache(maxsize=10_000)  # spans share a few hundred attributes
def _is_valid_attribute(label: str, name: str, value: str) -> bool:
    return ATTRIBUTES[name].use_on(label) is not None and not scheme.check_attributes(label, {name: value})


def shown(word: str) -> str:
    """Return a word of the file as a loss names it."""
    return excerpt(word, MOST_SHOWN)


class ForeignDocument:
    """An article from a file of another tool, before it is checked.

    ``where`` names it in losses if it has no external id: another id, or else the line of the file.
    """

    def __init__(self, number: int, how: Reading, *, text: str = "", where: str = "") -> None:
        self.number = number
        self.names = how.names
        self.hull = how.hull
        self.where = where
        self._replaces = how.controls
        self._replaced = 0
        self._text = ""
        self.errors = FieldErrors()
        self.values: dict[str, Any] = {}
        self.layers: list[AnnotationLayer] = []
        self.suggested_layers: list[AnnotationLayer] = []
        self._metadata: dict[str, Any] = {}
        self._losses: dict[str, list[str]] = {}
        self.text = text

    @property
    def text(self) -> str:
        """Return the text of the article."""
        return self._text

    @text.setter
    def text(self, text: str) -> None:
        """Set the text, with a space for each control character if that was asked for."""
        self._text, self._replaced = replace_controls(text) if self._replaces else (text, 0)

    def clean(self, words: str) -> str:
        """Return words of the file as the text has them."""
        return replace_controls(words)[0] if self._replaces else words

    def record_error(self, code: str, place: str, detail: str) -> None:
        """Record a fault of the file at its place."""
        self.errors.record(code, place, detail)

    def record_loss(self, what: str, id: str = "") -> None:
        """Count an object that has no place here."""
        self._losses.setdefault(what, []).append(id)

    def add_layer(self, owner: str = "") -> AnnotationLayer:
        """Create a further set."""
        made = AnnotationLayer(self, owner)
        self.layers.append(made)
        return made

    def add_suggested_layer(self) -> AnnotationLayer:
        """Create a further set of a model's suggestions."""
        made = AnnotationLayer(self)
        self.suggested_layers.append(made)
        return made

    def set_fields(self, raw: Mapping[str, Any], *, known: bool = True) -> None:
        """Take the fields of an article, whatever the case of their names; others become metadata."""
        renamed = self.names.renamed_fields
        taken = {"text"}  # of two names that differ by case, the one that is ours counts
        for name, value in sorted(raw.items(), key=lambda pair: pair[0] not in _FIELDS.values()):
            ours = renamed.get(name, "")
            if not ours and known:
                ours = _FIELDS.get(fold_term(name), "")
                ours = "" if ours in renamed.values() else ours
            if known and value in (None, ""):
                continue
            if ours in ARTICLE_FIELDS and ours not in taken:
                taken.add(ours)
                self._set_field(ours, name, value)
            elif ours in RIGHTS_FIELDS:
                set_right(self.values, ours, value)
            else:
                self._set_metadata(name, value)

    def _set_field(self, ours: str, name: str, value: Any) -> None:
        """Set a field; a value that does not fit becomes metadata, and is counted."""
        if type(value) is int:
            value = str(value)
        if type(value) is str:
            value = self._clean_value(value)
            if ours == "published_at":
                value = normalize_time(value)
        try:
            record_parser.ARTICLE_FIELDS[ours].check(value)
            fits = ours != "language" or is_language(value)
        except InvalidValueError as wrong:
            fits = False
            if ours == "external_id":
                self.record_error(wrong.code, "/external_id", wrong.detail)
                return
        if fits:
            self.values[ours] = value
        elif self._set_metadata(name, value):
            self.record_loss(f"field {shown(name)}")

    def _clean_value(self, value: str) -> str:
        if self._replaces:
            value, count = replace_controls(value)
            self._losses.setdefault("controls", []).extend([""] * count)
        return value

    def _set_metadata(self, name: str, value: object) -> bool:
        """Add a value to the metadata; count it and return False where it does not fit there."""
        if type(value) is float:
            value = repr(value)
        if type(value) is str:
            value = self._clean_value(value)
        fits = len(self._metadata) < limits.MAX_METADATA_KEYS
        try:
            check_metadata({name: value})
        except InvalidValueError:
            fits = False
        if fits:
            self._metadata[name] = value
        else:
            self.record_loss(f"field {shown(name)}")
        return fits

    @property
    def losses(self) -> list[Loss]:
        """Return all losses so far; their ids begin with the article."""
        sent = self.values.get("external_id")
        where = shown(sent) if type(sent) is str else self.where or f"line {self.number}"
        found = dict(self._losses)
        if self._replaced:
            found["controls"] = [*found.get("controls", ()), *[""] * self._replaced]
        return [
            (what, [f"{where}/{shown(id)}" if id and id != where else where for id in ids])
            for what, ids in found.items()
        ]

    def build_record(self) -> ParsedRecord:
        """Return the article, or everything that is wrong with it."""
        everybody = [*self.layers, *self.suggested_layers]
        raw: dict[str, Any] = {**self.values, "text": self.text}
        if everybody:
            raw["sets"] = [one.build_set() for one in everybody]
        if self._metadata:
            raw["metadata"] = {**self._metadata, **raw.get("metadata", {})}
        faults = FieldErrors()
        article = record_parser.read_record(raw, faults)
        sent = self.values.get("external_id")
        external_id = excerpt(sent, 255) if type(sent) is str else None
        if self.errors and not self.text:
            faults = FieldErrors(fault for fault in faults if fault.pointer != "/text")  # it only follows
        found = FieldErrors([*self.errors, *(_at_file_position(fault, everybody) for fault in faults)])
        if find_controls(self.text):
            found = FieldErrors(map(_with_option, found))
        if found or not isinstance(article, Article):
            return ParsedRecord(self.number, None, found, external_id)
        people = len(self.layers)
        owners = [excerpt(one.owner, 150) for one in everybody]
        article = article._replace(
            sets=[row._replace(owner=name) for row, name in zip(article.sets, owners, strict=True)]
        )
        suggestions = [
            _suggested_set(row, one)
            for row, one in zip(article.sets[people:], self.suggested_layers, strict=True)
        ]
        article = article._replace(sets=article.sets[:people], suggestions=suggestions)
        return ParsedRecord(self.number, article, [], external_id, self.losses)


def _suggested_set(row: AnnotationSet, layer: AnnotationLayer) -> SuggestedSet:
    spans = [span._replace(origin=str(Origin.SUGGESTION)) for span in row.spans]
    return SuggestedSet(row.id, layer.model, layer.score, spans, row.relations)


def _at_file_position(fault: FieldError, sets: list[AnnotationLayer]) -> FieldError:
    """Return a fault with its place in the file, instead of its place in the line made from it."""
    found = _POINTER.match(fault.pointer or "")
    if found is None:
        return fault
    layer = sets[int(found[1])]
    places = {"spans": layer.span_positions, "relations": layer.relation_positions}.get(found[2], [])
    index = int(found[3] or 0)
    place = places[index] if index < len(places) else ""
    return FieldError(code=fault.code, detail=fault.detail, pointer=place)


def _with_option(fault: FieldError) -> FieldError:
    """Return the fault of a text with controls, with what can be done."""
    if fault.code != TextNotAllowedError.code or fault.pointer != "/text":
        return fault
    detail = f"{fault.detail} An import with controls=replace puts a space for each, and counts them."
    return FieldError(code=fault.code, detail=detail, pointer=fault.pointer)


#: Our fields of an article by the letters of their names.
_FIELDS = {fold_term(name): name for name in ARTICLE_FIELDS}


def rejected_record(number: int, code: str, detail: str, at: str = "", id: str | None = None) -> ParsedRecord:
    """Return a record that could not be read at all, with its external id if that is known."""
    return ParsedRecord(number, None, [FieldError(code=code, detail=detail, pointer=at)], id)
