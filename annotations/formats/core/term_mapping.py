"""The mapping of another tool's words to ours: ``claim:Content,stance.oppose:Against,text:body``.

On the left is our word (a label, a relation, an attribute, an attribute's value, or a field of an
article), on the right the file's. Words that differ only in case, spaces, hyphens and the like need no
mapping: "HeldBy" and "held-by" are ``held_by``. Our relations may be written in words as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from annotations.exceptions import FieldError, InvalidInputError
from annotations.messages import join_choices
from annotations.scheme import ATTRIBUTES, LABEL_NAMES, RELATION_NAMES
from annotations.text.gate import excerpt

#: The fields of an article that a file may have under other names.
ARTICLE_FIELDS = (
    "external_id", "title", "source", "author", "url", "language", "published_at", "story_key", "text",
)  # fmt: skip
#: The rights in an article that a table may have in columns.
RIGHTS_FIELDS = (
    "licence", "licence_url", "holder", "notice", "may_export_text", "max_quote_share", "may_send_out",
    "embargo_until",
)  # fmt: skip
MAX_TERMS = 2_000
MAX_LENGTH = 20_000

_PAIR = re.compile(r"(?:[^,\\]|\\.)+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# A file can have any number of names.
_MAX_CACHED = 10_000

AttributeValue = tuple[str, str]
K = TypeVar("K")
V = TypeVar("V")


def fold_term(word: str) -> str:
    """Return the letters and digits of a word, case-folded."""
    return "".join(char for char in word.casefold() if char.isalnum())


_LABELS = {fold_term(name): name for name in LABEL_NAMES}
_RELATIONS = {fold_term(name): name for name in RELATION_NAMES}
_ATTRIBUTES = {fold_term(name): name for name in ATTRIBUTES}
_VALUES = {
    (name, fold_term(value)): value for name, attribute in ATTRIBUTES.items() for value in attribute.values
}


class TermMapping:
    """The mapping for one file. Each method returns None for a word that is unknown here."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        self._labels: dict[str, str] = {}
        self._relations: dict[str, str] = {}
        self._attributes: dict[str, str] = {}
        self._values: dict[tuple[str, str], str] = {}
        self._flags: dict[str, AttributeValue] = {}
        self._fields: dict[str, str] = {}
        #: Our relations by the folded roles of an event at whose fillers they begin and end.
        self.roles: dict[tuple[str, str], str] = {}
        for ours, theirs in self.pairs:
            self._add_pair(ours, theirs)
        self._known_labels: dict[str, str | None] = {}
        self._known_relations: dict[str, str | None] = {}
        self._known_values: dict[tuple[str, str], AttributeValue | None] = {}

    @classmethod
    def parse(cls, written: str) -> TermMapping:
        """Return the mapping that a parameter describes; raise ``InvalidInputError`` if it describes none."""
        pairs = read_pairs(
            written, "map", "a word of ours, a colon and a word of the file, such as claim:Content"
        )
        return cls(pairs)

    def find_label(self, theirs: str) -> str | None:
        """Return our label."""
        try:
            return self._known_labels[theirs]
        except KeyError:
            found = self._labels.get(theirs) or _LABELS.get(fold_term(theirs))
            return _cache(self._known_labels, theirs, found)

    def find_relation(self, theirs: str) -> str | None:
        """Return our relation."""
        try:
            return self._known_relations[theirs]
        except KeyError:
            found = self._relations.get(theirs) or _RELATIONS.get(fold_term(theirs))
            return _cache(self._known_relations, theirs, found)

    def find_attribute(self, theirs: str, value: str | None) -> AttributeValue | None:
        """Return our attribute and its value; a flag of the file has the value None."""
        if value is None:
            return self._flags.get(theirs)
        try:
            return self._known_values[theirs, value]
        except KeyError:
            return _cache(self._known_values, (theirs, value), self._find_attribute(theirs, value))

    def _find_attribute(self, theirs: str, value: str) -> AttributeValue | None:
        name = self._attributes.get(theirs) or _ATTRIBUTES.get(fold_term(theirs))
        if name is None:
            return None
        if ATTRIBUTES[name].kind != "choice":
            return name, value
        known = self._values.get((name, value)) or _VALUES.get((name, fold_term(value)))
        return None if known is None else (name, known)

    def file_field(self, ours: str) -> str:
        """Return the file's name for a field of an article."""
        return self._fields.get(ours, ours)

    @property
    def renamed_fields(self) -> Mapping[str, str]:
        """Return our fields by the file's names, without those that have the same name."""
        return {theirs: ours for ours, theirs in self._fields.items()}

    def _add_pair(self, ours: str, theirs: str) -> None:
        name, dot, value = ours.partition(".")
        if dot:
            attribute = ATTRIBUTES.get(name)
            if attribute is None or value not in attribute.values:
                raise _invalid(
                    f"There is no value “{excerpt(ours)}” here; write an attribute, a dot and a value."
                )
            _add_term(self._values, (name, theirs), value)
            self._flags[theirs] = (name, value)
            return
        ours = _RELATIONS.get(fold_term(ours), ours)
        source, between, target = theirs.partition(">")
        if ours in RELATION_NAMES and between and source.strip() and target.strip():
            _add_term(self.roles, (fold_term(source), fold_term(target)), ours)
            return
        for words, table in (
            (LABEL_NAMES, self._labels),
            (RELATION_NAMES, self._relations),
            (tuple(ATTRIBUTES), self._attributes),
        ):
            if ours in words:
                _add_term(table, theirs, ours)
                return
        if ours not in ARTICLE_FIELDS + RIGHTS_FIELDS:
            raise _invalid(
                f"There is no word “{excerpt(ours)}” here; use {join_choices(list(_our_terms()))}."
            )
        _add_term(self._fields, ours, theirs)


def read_pairs(written: str, parameter: str, takes: str) -> list[tuple[str, str]]:
    """Return the pairs of a parameter such as ``claim:Content,actor:Person``; a backslash escapes."""
    if len(written) > MAX_LENGTH:
        raise _invalid(f"It has {len(written):,} characters; at most {MAX_LENGTH:,} are taken.", parameter)
    pairs = []
    for found in _PAIR.finditer(written):
        ours, sign, theirs = (
            re.split(r"([:=])", found[0], maxsplit=1) if _has_separator(found[0]) else ("",) * 3
        )
        theirs = _ESCAPED.sub(r"\1", theirs).strip()
        if not sign or not theirs:
            raise _invalid(f"“{excerpt(found[0])}” is not {takes}.", parameter)
        pairs.append((ours.strip(), theirs))
    return pairs


def _has_separator(written: str) -> bool:
    return ":" in written or "=" in written


def _our_terms() -> Iterator[str]:
    for table in (LABEL_NAMES, RELATION_NAMES, ATTRIBUTES, ARTICLE_FIELDS, RIGHTS_FIELDS):
        yield from table


def _add_term(table: dict[Any, str], key: object, value: str) -> None:
    if table.get(key, value) != value:
        raise _invalid(f"“{excerpt(str(key))}” is translated twice; name it once.")
    if len(table) >= MAX_TERMS:
        raise _invalid(f"It has more than {MAX_TERMS} words of one kind.")
    table[key] = value


def _cache(table: dict[K, V], key: K, value: V) -> V:
    if len(table) >= _MAX_CACHED:
        table.clear()
    table[key] = value
    return value


def _invalid(detail: str, parameter: str = "map") -> InvalidInputError:
    fault = FieldError(code="value", detail=detail, parameter=parameter)
    return InvalidInputError(f"The parameter {parameter}: {detail}", errors=[fault])
