"""What is counted of one article and two annotators, and added up over articles.

All figures are made of these numbers, so that those of many articles are the figures of the sums.
The counts of an article can be kept as JSON: what was measured stays as it was measured, even if
its sets change or words are counted in another way later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any, Literal, NamedTuple, TypeVar

from annotations.measures.agreement.figures import Table

FORMAT = 1
"""The version of the JSON."""

Said = tuple[str | None, str | None]
"""What the first and what the second said; None where one said nothing."""

Unit = Literal["tokens", "characters"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Row = TypeVar("_Row", bound="tuple[float, ...]")


class LabelCounts(NamedTuple):
    """The marks of one label: how many each made, how many match, how much they cover.

    ``exact``, ``iou`` and ``overlap`` are numbers of pairs; ``met`` are the marks of one that
    overlap any of the other; ``_both``, ``_first`` and ``_second`` count the units that lie in marks
    of both, of the first only and of the second only; ``observed`` and ``expected`` are the two parts
    of alpha_U in squared code points.
    """

    first: int = 0
    second: int = 0
    exact: int = 0
    iou: int = 0
    overlap: int = 0
    first_met: int = 0
    second_met: int = 0
    tokens_both: int = 0
    tokens_first: int = 0
    tokens_second: int = 0
    characters_both: int = 0
    characters_first: int = 0
    characters_second: int = 0
    observed: float = 0
    expected: float = 0


class Sameness(NamedTuple):
    """Values without a fixed list, in matched pairs: equal, different, given by one only."""

    equal: int = 0
    different: int = 0
    one_sided: int = 0


class RelationCounts(NamedTuple):
    """Relations of one type: how many each made, how many of those join marks that both have made,
    and how many both made between the same marks."""

    first: int = 0
    second: int = 0
    first_joining: int = 0
    second_joining: int = 0
    both: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What two annotators did in one article, or in many; ``Counts()`` is nothing.

    ``labels``, ``same`` and ``relations`` leave out what nobody made. ``attributes`` and ``same`` are
    about matched pairs (same label, IoU > 0.5); ``confusion`` tells of each pair of marks, also of
    different labels, and of each mark without a partner, who gave which label.
    """

    articles: int = 0
    tokens: int = 0
    characters: int = 0
    labels: Mapping[str, LabelCounts] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[Said, int]] = field(default_factory=dict)
    same: Mapping[str, Sameness] = field(default_factory=dict)
    relations: Mapping[str, RelationCounts] = field(default_factory=dict)
    confusion: Mapping[Said, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.articles + other.articles,
            self.tokens + other.tokens,
            self.characters + other.characters,
            _merged(self.labels, other.labels, _plus),
            _merged(self.attributes, other.attributes, _tables),
            _merged(self.same, other.same, _plus),
            _merged(self.relations, other.relations, _plus),
            _tables(self.confusion, other.confusion),
        )

    def table(self, label: str, unit: Unit) -> Table:
        """The units of the text by whether they are in a mark of the first, and of the second."""
        row = self.labels.get(label, LabelCounts())
        if unit == "tokens":
            total, both = self.tokens, row.tokens_both
            first, second = row.tokens_first, row.tokens_second
        else:
            total, both = self.characters, row.characters_both
            first, second = row.characters_first, row.characters_second
        neither = total - both - first - second
        return {(True, True): both, (True, False): first, (False, True): second, (False, False): neither}

    def total(self, labels: Iterable[str]) -> LabelCounts:
        """The rows of several labels as one. Only the numbers of marks mean something there: units
        in and out of marks are compared label by label."""
        total = LabelCounts()
        for label in labels:
            total = _plus(total, self.labels.get(label, LabelCounts()))
        return total

    def to_json(self) -> dict[str, Any]:
        """As values of JSON; ``from_json`` gives back an equal one."""
        return {
            "format": FORMAT,
            "articles": self.articles,
            "tokens": self.tokens,
            "characters": self.characters,
            "labels": {label: row._asdict() for label, row in self.labels.items()},
            "attributes": {name: table_rows(table) for name, table in self.attributes.items()},
            "same": {name: row._asdict() for name, row in self.same.items()},
            "relations": {name: row._asdict() for name, row in self.relations.items()},
            "confusion": table_rows(self.confusion),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Counts:
        """What ``to_json`` wrote; a ``ValueError`` for the JSON of a version that is not known."""
        if value.get("format") != FORMAT:
            raise ValueError(f"These counts have the format {value.get('format')!r}; only {FORMAT} is known.")
        return cls(
            value["articles"],
            value["tokens"],
            value["characters"],
            {label: LabelCounts(**row) for label, row in value["labels"].items()},
            {name: _table(rows) for name, rows in value["attributes"].items()},
            {name: Sameness(**row) for name, row in value["same"].items()},
            {name: RelationCounts(**row) for name, row in value["relations"].items()},
            _table(value["confusion"]),
        )


def table_rows(table: Mapping[Said, int]) -> list[list[str | int | None]]:
    """``[first, second, count]`` for each cell, in order; None stands last."""
    return [[*said, table[said]] for said in sorted(table, key=_order)]


def _order(said: Said) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in said]


def _table(rows: Sequence[Sequence[Any]]) -> dict[Said, int]:
    return {(first, second): count for first, second, count in rows}


def _plus(one: _Row, other: _Row) -> _Row:
    return type(one)(*map(add, one, other))


def _tables(one: Mapping[Said, int], other: Mapping[Said, int]) -> dict[Said, int]:
    return _merged(one, other, add)


def _merged(
    one: Mapping[_Key, _Value], other: Mapping[_Key, _Value], plus: Callable[[_Value, _Value], _Value]
) -> dict[_Key, _Value]:
    found = dict(one)
    for key, value in other.items():
        found[key] = plus(found[key], value) if key in found else value
    return found
