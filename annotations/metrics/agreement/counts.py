"""Agreement counts of two annotators on one article, which add up over articles.

All metrics are computed from these counts, so that the metrics of many articles are those of the sums.
The counts of an article are stored as JSON: a measurement stays as it is, even if the sets change or the
tokenisation changes later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any, Literal, NamedTuple, TypeVar

from annotations.metrics.agreement.figures import ContingencyTable

FORMAT = 1
"""The version of the JSON format."""

ValuePair = tuple[str | None, str | None]
"""The values of the first and of the second annotator; None for no value."""

Unit = Literal["tokens", "characters"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Row = TypeVar("_Row", bound="tuple[float, ...]")


class LabelCounts(NamedTuple):
    """The counts of one label: spans, matches and covered units.

    ``first`` and ``second`` are the spans of each annotator; ``exact``, ``iou`` and ``overlap`` are numbers
    of matched pairs; ``first_met`` and ``second_met`` are the spans that overlap any span of the other
    annotator; ``…_both``, ``…_first`` and ``…_second`` count the units inside spans of both annotators, of
    the first only and of the second only; ``observed`` and ``expected`` are the two disagreements of
    alpha_U in squared code points; ``…_joined`` are the spans that were merged into another one of their
    annotator, because the metrics by unit and alpha_U see no overlaps.
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
    first_joined: int = 0
    second_joined: int = 0


class EqualityCounts(NamedTuple):
    """The matched pairs by a free value: equal, different, or set by one annotator only."""

    equal: int = 0
    different: int = 0
    one_sided: int = 0


class RelationCounts(NamedTuple):
    """The counts of one relation type.

    ``first`` and ``second`` are the relations of each annotator, ``…_joining`` those between matched spans,
    and ``both`` those that both annotators made between the same spans.
    """

    first: int = 0
    second: int = 0
    first_joining: int = 0
    second_joining: int = 0
    both: int = 0


@dataclass(frozen=True, slots=True)
class AgreementCounts:
    """The agreement counts of two annotators on one or many articles; ``AgreementCounts()`` is the zero.

    ``labels``, ``same`` and ``relations`` have no keys without counts. ``attributes`` and ``same`` are
    about matched pairs (same label, IoU > 0.5). ``confusion`` counts the labels of each pair of spans with
    IoU > 0.5, also under different labels, and of each span without such a partner.
    """

    articles: int = 0
    tokens: int = 0
    characters: int = 0
    labels: Mapping[str, LabelCounts] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[ValuePair, int]] = field(default_factory=dict)
    same: Mapping[str, EqualityCounts] = field(default_factory=dict)
    relations: Mapping[str, RelationCounts] = field(default_factory=dict)
    confusion: Mapping[ValuePair, int] = field(default_factory=dict)

    def __add__(self, other: AgreementCounts) -> AgreementCounts:
        return AgreementCounts(
            self.articles + other.articles,
            self.tokens + other.tokens,
            self.characters + other.characters,
            _add_by_key(self.labels, other.labels, _add_rows),
            _add_by_key(self.attributes, other.attributes, _add_tables),
            _add_by_key(self.same, other.same, _add_rows),
            _add_by_key(self.relations, other.relations, _add_rows),
            _add_tables(self.confusion, other.confusion),
        )

    def contingency_table(self, label: str, unit: Unit) -> ContingencyTable:
        """Return the numbers of units inside and outside the spans of the first and the second annotator."""
        row = self.labels.get(label, LabelCounts())
        if unit == "tokens":
            total, both = self.tokens, row.tokens_both
            first, second = row.tokens_first, row.tokens_second
        else:
            total, both = self.characters, row.characters_both
            first, second = row.characters_first, row.characters_second
        neither = total - both - first - second
        return {(True, True): both, (True, False): first, (False, True): second, (False, False): neither}

    def total_of(self, labels: Iterable[str]) -> LabelCounts:
        """Return the sum of several labels.

        Its numbers of covered units mean nothing: these are compared label by label.
        """
        total = LabelCounts()
        for label in labels:
            total = _add_rows(total, self.labels.get(label, LabelCounts()))
        return total

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON values, which ``from_json`` reads back."""
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
    def from_json(cls, value: Mapping[str, Any]) -> AgreementCounts:
        """Return the counts that ``to_json`` wrote. Raise ``ValueError`` if the format is unknown."""
        if value.get("format") != FORMAT:
            raise ValueError(f"These counts have the format {value.get('format')!r}; only {FORMAT} is known.")
        return cls(
            value["articles"],
            value["tokens"],
            value["characters"],
            {label: LabelCounts(**row) for label, row in value["labels"].items()},
            {name: _table_from_rows(rows) for name, rows in value["attributes"].items()},
            {name: EqualityCounts(**row) for name, row in value["same"].items()},
            {name: RelationCounts(**row) for name, row in value["relations"].items()},
            _table_from_rows(value["confusion"]),
        )


def table_rows(table: Mapping[ValuePair, int]) -> list[list[str | int | None]]:
    """Return ``[first, second, count]`` for each cell, sorted; None comes last."""
    return [[*pair, table[pair]] for pair in sorted(table, key=_sort_key)]


def _sort_key(pair: ValuePair) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in pair]


def _table_from_rows(rows: Sequence[Sequence[Any]]) -> dict[ValuePair, int]:
    return {(first, second): count for first, second, count in rows}


def _add_rows(one: _Row, other: _Row) -> _Row:
    return type(one)(*map(add, one, other))


def _add_tables(one: Mapping[ValuePair, int], other: Mapping[ValuePair, int]) -> dict[ValuePair, int]:
    return _add_by_key(one, other, add)


def _add_by_key(
    one: Mapping[_Key, _Value], other: Mapping[_Key, _Value], add_values: Callable[[_Value, _Value], _Value]
) -> dict[_Key, _Value]:
    result = dict(one)
    for key, value in other.items():
        result[key] = add_values(result[key], value) if key in result else value
    return result
