"""The agreement report: all metrics of many articles, by label, pair, attribute, link and relation.

All metrics are pooled by adding counts. For metrics that are corrected for chance, the observed and the
expected disagreements are added: kappa over pairs, because annotators use labels differently often
(Davies and Fleiss 1982), and each of them over labels, because labels are differently frequent (de Vries
et al. 2008). One common table would count these differences as agreement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

from annotations.metrics.agreement.compare import AnnotatorPair
from annotations.metrics.agreement.counts import (
    AgreementCounts,
    EqualityCounts,
    RelationCounts,
    Unit,
    ValuePair,
    table_rows,
)
from annotations.metrics.agreement.figures import (
    NO_PAIR,
    NO_UNITS,
    NOBODY,
    ONE_CATEGORY,
    ONE_SIDED,
    Disagreement,
    Figure,
    alpha,
    alpha_disagreement,
    coincidences_of_table,
    f1,
    kappa_disagreement,
    ratio,
    wiebe_agr,
)
from annotations.scheme import ATTRIBUTES, LABEL_NAMES, LABELS, RELATION_NAMES

NO_WORDS = "The texts hold no words."
NO_VALUES = "In no matched pair of marks did both give a value."
NO_VALUE = "In no matched pair of marks did anybody give a value."
NO_LIST = "It has no list of values; see the share of equal ones."
NO_RELATIONS = "Nobody made such a relation."
NONE_JOINING = "No such relation joins two marks that both have made."
#: All reasons for a missing value, for the message catalogue.
REASONS = (
    NO_PAIR, NOBODY, ONE_SIDED, NO_UNITS, ONE_CATEGORY,
    NO_WORDS, NO_VALUES, NO_VALUE, NO_LIST, NO_RELATIONS, NONE_JOINING,
)  # fmt: skip

ALL = "all"

LINKS = tuple(dict.fromkeys(link for label in LABELS.values() for link in label.links))


class _PooledCounts(NamedTuple):
    """The counts of all pairs: their total, by owners, and by number of annotators."""

    total: AgreementCounts
    by_owners: Mapping[tuple[str, str], AgreementCounts]
    by_annotators: Mapping[int, AgreementCounts]


def agreement_report(articles: Iterable[Mapping[AnnotatorPair, AgreementCounts]]) -> dict[str, Any]:
    """Return the metrics of articles, each given as its counts by pair.

    Each metric is a number or None, and each None has its reason in ``reasons``. Articles without a pair
    do not count. ``agr_ways`` are the two directions of ``agr``; ``spans`` are the numbers of spans of the
    first and the second annotator of each pair, who are ordered by name; ``joined`` are those of them that
    lie over another one of their annotator and are one with it in kappa, alpha and alpha_U.
    """
    counts_of_pair: dict[AnnotatorPair, AgreementCounts] = defaultdict(AgreementCounts)
    number = 0
    for article in articles:
        number += bool(article)
        for pair, counts in article.items():
            counts_of_pair[pair] += counts
    pool = _pool(counts_of_pair)
    return {
        "articles": number,
        "labels": _labels(pool),
        "pairs": [
            {
                "owners": list(owners),
                "articles": counts.articles,
                "labels": _PairLabels(owners, counts),
            }
            for owners, counts in sorted(pool.by_owners.items())
        ],
        "attributes": {name: _attribute(pool, name) for name in ATTRIBUTES},
        "links": {name: _equal(pool, pool.total.same.get(name, EqualityCounts())) for name in LINKS},
        "relations": {name: _relation(pool, names) for name, names in _groups(RELATION_NAMES).items()},
        "confusion": table_rows(pool.total.confusion),
    }


class _PairLabels(Mapping[str, Any]):
    """The rows of one pair by label, which are made when they are read: pairs grow with people squared."""

    def __init__(self, owners: tuple[str, str], counts: AgreementCounts) -> None:
        rows = counts.labels.values()
        self.iou_sums = (
            sum(row.iou for row in rows), sum(row.first for row in rows), sum(row.second for row in rows)
        )  # fmt: skip
        self.overall_iou_f1 = f1(*self.iou_sums).value
        self._owners, self._counts = owners, counts

    @cached_property
    def _rows(self) -> dict[str, Any]:
        # within one pair there are two annotators, whatever the number of the article
        return _labels(_pool({AnnotatorPair(*self._owners): self._counts}))

    def __getitem__(self, label: str) -> Any:
        return self._rows[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def worst_pairs(pairs: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Return the pairs with the least IoU F1 in the order of their names; one without any comes last."""
    if len(pairs) <= most:
        return list(pairs)

    def rank(place: int) -> tuple[bool, float, int]:
        value = pairs[place]["labels"].overall_iou_f1
        return value is None, value or 0.0, place

    return [pairs[place] for place in sorted(sorted(range(len(pairs)), key=rank)[:most])]


def people_rows(pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for each person the number of pairs and comparisons, and the IoU F1 over all of them."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    numbers: dict[str, int] = defaultdict(int)
    for pair in pairs:
        for owner in pair["owners"]:
            numbers[owner] += 1
            own = sums[owner]
            for place, number in enumerate((pair["articles"], *pair["labels"].iou_sums)):
                own[place] += number
    return [
        {"username": owner, "pairs": numbers[owner], "comparisons": compared, "iou_f1": f1(*found).value}
        for owner, (compared, *found) in sorted(sums.items())
    ]


def overall_iou_f1(article: Mapping[AnnotatorPair, AgreementCounts]) -> Figure:
    """Return the IoU F1 of one article over labels and pairs, by which articles are ranked."""
    rows = [row for counts in article.values() for row in counts.labels.values()]
    figure = f1(sum(row.iou for row in rows), sum(row.first for row in rows), sum(row.second for row in rows))
    return figure if article else Figure(None, NO_PAIR)


def _pool(pairs: Mapping[AnnotatorPair, AgreementCounts]) -> _PooledCounts:
    total = AgreementCounts()
    by_owners: dict[tuple[str, str], AgreementCounts] = defaultdict(AgreementCounts)
    by_annotators: dict[int, AgreementCounts] = defaultdict(AgreementCounts)
    for pair, counts in pairs.items():
        total += counts
        by_owners[pair.first, pair.second] += counts
        by_annotators[pair.annotators] += counts
    return _PooledCounts(total, by_owners, by_annotators)


def _groups(names: Iterable[str]) -> dict[str, list[str]]:
    """Return a group for each name and one for all names."""
    names = list(names)
    return {**{name: [name] for name in names}, ALL: names}


def _labels(pool: _PooledCounts) -> dict[str, Any]:
    names = dict.fromkeys([*LABEL_NAMES, *pool.total.labels])
    return {label: _label(pool, labels) for label, labels in _groups(names).items()}


def _label(pool: _PooledCounts, labels: Sequence[str]) -> dict[str, Any]:
    counts = pool.total.total_of(labels)
    figures = {name: measure(pool, labels) for name, measure in LABEL_METRICS.items()}
    ways = wiebe_agr(counts.first_met, counts.first, counts.second_met, counts.second).directions
    more = {
        "agr_ways": [way.value for way in ways],
        "spans": [counts.first, counts.second],
        "joined": [counts.first_joined, counts.second_joined],
    }
    return _row(pool, figures, more)


def _row(pool: _PooledCounts, figures: Mapping[str, Figure], more: Mapping[str, Any]) -> dict[str, Any]:
    if not pool.by_owners:
        figures = dict.fromkeys(figures, Figure(None, NO_PAIR))
    return {
        **{name: figure.value for name, figure in figures.items()},
        **more,
        "reasons": {name: figure.reason for name, figure in figures.items() if figure.reason},
    }


def _f1(pool: _PooledCounts, labels: Sequence[str], kind: str) -> Figure:
    counts = pool.total.total_of(labels)
    return f1(getattr(counts, kind), counts.first, counts.second)


def _wiebe_agr(pool: _PooledCounts, labels: Sequence[str]) -> Figure:
    counts = pool.total.total_of(labels)
    return wiebe_agr(counts.first_met, counts.first, counts.second_met, counts.second).mean


def _kappa(pool: _PooledCounts, labels: Sequence[str], unit: Unit) -> Figure:
    disagreement = Disagreement()
    for counts in pool.by_owners.values():
        for label in labels:
            disagreement += kappa_disagreement(counts.contingency_table(label, unit))
    return disagreement.as_figure(_missing_reason(pool, labels, unit))


def _alpha(pool: _PooledCounts, labels: Sequence[str]) -> Figure:
    """Return alpha by token. Pairs of m annotators weigh 1 / (m - 1): together the alpha of the m."""
    disagreement = Disagreement()
    for label in labels:
        table: dict[tuple[Any, Any], float] = defaultdict(float)
        for annotators, counts in pool.by_annotators.items():
            pair_table = coincidences_of_table(
                counts.contingency_table(label, "tokens"), 1 / (annotators - 1)
            )
            for cell, number in pair_table.items():
                table[cell] += number
        disagreement += alpha_disagreement(table)
    return disagreement.as_figure(_missing_reason(pool, labels, "tokens"))


def _alpha_u(pool: _PooledCounts, labels: Sequence[str]) -> Figure:
    counts = pool.total.total_of(labels)
    return Disagreement(counts.observed, counts.expected).as_figure(
        _missing_reason(pool, labels, "characters")
    )


LABEL_METRICS: dict[str, Callable[[_PooledCounts, Sequence[str]], Figure]] = {
    "exact_f1": partial(_f1, kind="exact"),
    "iou_f1": partial(_f1, kind="iou"),
    "overlap_f1": partial(_f1, kind="overlap"),
    "agr": _wiebe_agr,
    "token_kappa": partial(_kappa, unit="tokens"),
    "char_kappa": partial(_kappa, unit="characters"),
    "alpha": _alpha,
    "alpha_u": _alpha_u,
}


def _missing_reason(pool: _PooledCounts, labels: Sequence[str], unit: Unit) -> str:
    """Return the reason for a missing value of a metric that is corrected for chance."""
    counts = pool.total.total_of(labels)
    if not counts.first and not counts.second:
        return NOBODY
    return ONE_CATEGORY if getattr(pool.total, unit) else NO_WORDS


def _attribute(pool: _PooledCounts, name: str) -> dict[str, Any]:
    if ATTRIBUTES[name].kind != "choice":
        row = _equal(pool, pool.total.same.get(name, EqualityCounts()))
        return {"alpha": None, **row, "reasons": {"alpha": NO_LIST, **row["reasons"]}}
    table = pool.total.attributes.get(name, {})
    same = _sameness(table)
    figures = {
        "alpha": alpha(coincidences_of_table(table))
        if same.equal or same.different
        else Figure(None, NO_VALUES),
        "equal": ratio(same.equal, sum(same), NO_VALUE),
    }
    return _row(pool, figures, {**_numbers(same), "confusion": table_rows(table)})


def _sameness(table: Mapping[ValuePair, int]) -> EqualityCounts:
    numbers = [0, 0, 0]
    for (one, other), count in table.items():
        numbers[2 if one is None or other is None else one != other] += count
    return EqualityCounts(*numbers)


def _equal(pool: _PooledCounts, same: EqualityCounts) -> dict[str, Any]:
    return _row(pool, {"equal": ratio(same.equal, sum(same), NO_VALUE)}, _numbers(same))


def _numbers(same: EqualityCounts) -> dict[str, int]:
    return {"pairs": same.equal + same.different, "one_sided": same.one_sided}


def _relation(pool: _PooledCounts, names: Sequence[str]) -> dict[str, Any]:
    rows = [pool.total.relations.get(name, RelationCounts()) for name in names]
    row = RelationCounts(*map(sum, zip(*rows, strict=True)))
    figures = {
        "f1": ratio(2 * row.both, row.first + row.second, NO_RELATIONS),
        "joining_f1": ratio(2 * row.both, row.first_joining + row.second_joining, NONE_JOINING),
    }
    return _row(pool, figures, {"relations": [row.first, row.second]})
