"""One article: what its independent annotators marked, compared pair by pair, as counts.

The sets are those that were submitted, before any talk about them. Offsets are compared as guideline
rule B1 puts them (``text.edges.snap``), so that a space or a quotation mark at an edge is no
disagreement. Links are compared as they are given: ids of merged actors are to be resolved first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from annotations.exceptions import SnapEmpty
from annotations.measures.agreement.counts import Counts, LabelCounts, RelationCounts, Said, Sameness
from annotations.measures.agreement.intervals import (
    Interval,
    Matches,
    best_matches,
    covered,
    in_common,
    matches,
    merged,
    overlapping,
)
from annotations.measures.agreement.unitizing import unitizing
from annotations.scheme import ATTRIBUTES, LABELS, RelationFacts, SpanFacts
from annotations.text.edges import snap
from annotations.text.tokens import Tokens

_CHOICES = {
    label: [row.name for row in ATTRIBUTES.values() if row.kind == "choice" and row.use(label)]
    for label in LABELS
}
_FREE = {
    label: [row.name for row in ATTRIBUTES.values() if row.kind != "choice" and row.use(label)]
    for label in LABELS
}


class SetFacts(NamedTuple):
    """What one annotator marked."""

    spans: Sequence[SpanFacts]
    relations: Sequence[RelationFacts] = ()


class Pair(NamedTuple):
    """Two annotators, in the order of their names, and how many did the article; of more than two,
    each pair weighs less in alpha."""

    first: str
    second: str
    annotators: int = 2


class _Marks(NamedTuple):
    """The marks of one annotator and label, sorted; ``units`` and ``words`` (in words instead of
    code points) are what they cover, and do not overlap."""

    spans: Sequence[SpanFacts] = ()
    ranges: Sequence[Interval] = ()
    units: Sequence[Interval] = ()
    words: Sequence[Interval] = ()


_NONE = _Marks()
_Work = tuple[Mapping[str, _Marks], Sequence[RelationFacts]]
_Partners = list[tuple[SpanFacts, SpanFacts]]
_Left = list[tuple[Interval, str]]  # marks without a partner: where, and the label
_NOTHING: Said = (None, None)


def count_article(text: str, sets: Mapping[str, SetFacts]) -> dict[Pair, Counts]:
    """The counts of every pair of annotators of one text; ``sets`` by the names of their owners."""
    tokens = Tokens(text)
    owners = sorted(sets)
    work = {owner: (_by_label(text, tokens, sets[owner].spans), sets[owner].relations) for owner in owners}
    return {
        Pair(first, second, len(owners)): _compare(work[first], work[second], len(text), len(tokens))
        for first, second in combinations(owners, 2)
    }


def _by_label(text: str, tokens: Tokens, spans: Iterable[SpanFacts]) -> dict[str, _Marks]:
    found: dict[str, list[tuple[Interval, bool, str, SpanFacts]]] = defaultdict(list)
    for span in spans:
        # the proposition puts the marks of one range into an order that both annotators share
        issue = span.proposition
        found[span.label].append((_trimmed(text, span), issue is None, str(issue), span))
    return {label: _marks(tokens, sorted(rows, key=lambda row: row[:3])) for label, rows in found.items()}


def _marks(tokens: Tokens, rows: Iterable[tuple[Interval, bool, str, SpanFacts]]) -> _Marks:
    ranges = [row[0] for row in rows]
    units = merged(ranges)
    words = merged(tokens.touched(start, end) for start, end in units)
    return _Marks([row[3] for row in rows], ranges, units, words)


def _trimmed(text: str, span: SpanFacts) -> Interval:
    try:
        where = snap(text, span.range)
    except SnapEmpty:
        return span.start, span.end
    return where.start, where.end


def _compare(one: _Work, other: _Work, length: int, words: int) -> Counts:
    (first, first_relations), (second, second_relations) = one, other
    labels: dict[str, LabelCounts] = {}
    partners: _Partners = []
    left: _Left = []
    left_too: _Left = []
    for label in sorted({*first, *second}):
        marks, marks_too = first.get(label, _NONE), second.get(label, _NONE)
        met = _met(marks, marks_too)
        labels[label] = _label_counts(marks, marks_too, met, length)
        partners += [(marks.spans[i], marks_too.spans[j]) for i, j in met.close]
        left += _others(marks, {i for i, _ in met.close})
        left_too += _others(marks_too, {j for _, j in met.close})
    return Counts(
        articles=1,
        tokens=words,
        characters=length,
        labels=labels,
        attributes=_attributes(partners),
        same=_same(partners),
        relations=_relations(partners, first_relations, second_relations),
        confusion=_confusion(partners, left, left_too),
    )


def _met(first: _Marks, second: _Marks) -> Matches:
    """The matches; the same words marked for several propositions are matched by proposition."""
    return matches(
        first.ranges,
        second.ranges,
        lambda i, j: first.spans[i].proposition == second.spans[j].proposition,
    )


def _label_counts(first: _Marks, second: _Marks, met: Matches, length: int) -> LabelCounts:
    words, units = in_common(first.words, second.words), in_common(first.units, second.units)
    # where nothing overlaps within a set, the marks are the units
    same = len(first.units) == len(first.ranges) and len(second.units) == len(second.ranges)
    off = unitizing(first.units, second.units, length, met.overlapping if same else None)
    return LabelCounts(
        first=len(first.ranges),
        second=len(second.ranges),
        exact=met.exact,
        iou=met.iou,
        overlap=met.overlap,
        first_met=met.first_met,
        second_met=met.second_met,
        tokens_both=words,
        tokens_first=covered(first.words) - words,
        tokens_second=covered(second.words) - words,
        characters_both=units,
        characters_first=covered(first.units) - units,
        characters_second=covered(second.units) - units,
        observed=off.observed,
        expected=off.expected,
    )


def _others(marks: _Marks, matched: Container[int]) -> _Left:
    return [
        (where, span.label)
        for index, (where, span) in enumerate(zip(marks.ranges, marks.spans, strict=True))
        if index not in matched
    ]


def _attributes(partners: _Partners) -> dict[str, dict[Said, int]]:
    """The values of both, of every attribute with a list of values that one of them gave."""
    found: dict[str, dict[Said, int]] = defaultdict(lambda: defaultdict(int))
    for one, other in partners:
        for name in _CHOICES.get(one.label, ()):
            said = (_said(one.attributes.get(name)), _said(other.attributes.get(name)))
            if said != _NOTHING:
                found[name][said] += 1
    return {name: dict(table) for name, table in found.items()}


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def _same(partners: _Partners) -> dict[str, Sameness]:
    """Registry links and free attributes: equal, different, or given by one only."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one, other in partners:
        for name, value, value_too in _free_values(one, other):
            if value is None or value_too is None:
                found[name][2] += value is not value_too
            else:
                found[name][value != value_too] += 1
    return {name: Sameness(*numbers) for name, numbers in found.items() if any(numbers)}


def _free_values(one: SpanFacts, other: SpanFacts) -> Iterator[tuple[str, Hashable, Hashable]]:
    for link in LABELS[one.label].links if one.label in LABELS else ():
        yield link, getattr(one, link), getattr(other, link)
    for name in _FREE.get(one.label, ()):
        yield name, _said(one.attributes.get(name)), _said(other.attributes.get(name))


def _relations(
    partners: _Partners, first: Iterable[RelationFacts], second: Iterable[RelationFacts]
) -> dict[str, RelationCounts]:
    """Relations of the same type between marks of which the one's are the other's."""
    partner = {one.id: other.id for one, other in partners}
    ours = {(row.type, row.source, row.target) for row in first}
    theirs = {(row.type, row.source, row.target) for row in second}
    known = set(partner.values())
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(RelationCounts._fields))
    for kind, source, target in ours:
        joins = source in partner and target in partner
        numbers = found[kind]
        numbers[0] += 1
        numbers[2] += joins
        numbers[4] += joins and (kind, partner[source], partner[target]) in theirs
    for kind, source, target in theirs:
        numbers = found[kind]
        numbers[1] += 1
        numbers[3] += source in known and target in known
    return {kind: RelationCounts(*found[kind]) for kind in sorted(found)}


def _confusion(partners: _Partners, first: _Left, second: _Left) -> dict[Said, int]:
    """Who gave which label: first to marks of the same label, then to what is left."""
    found: dict[Said, int] = defaultdict(int)
    for one, other in partners:
        found[one.label, other.label] += 1
    first, second = sorted(first), sorted(second)
    ranges, ranges_too = [row[0] for row in first], [row[0] for row in second]
    close = best_matches(ranges, ranges_too, overlapping(ranges, ranges_too))
    for i, j in close:
        found[first[i][1], second[j][1]] += 1
    used, used_too = {i for i, _ in close}, {j for _, j in close}
    for i, (_, label) in enumerate(first):
        if i not in used:
            found[label, None] += 1
    for j, (_, label) in enumerate(second):
        if j not in used_too:
            found[None, label] += 1
    return dict(found)
