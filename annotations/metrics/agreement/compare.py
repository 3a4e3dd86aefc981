"""Comparison of the independent sets of one article, pair by pair, as counts.

Sets are compared as submitted, before their annotators discuss them. Offsets are snapped by rule B1 of
the guideline (``text.edges.snap``), so that a space or a quotation mark at an edge is no disagreement.
Links are compared by id: the caller resolves merged actors and propositions first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from annotations.exceptions import EmptySnapError
from annotations.metrics.agreement.counts import (
    AgreementCounts,
    EqualityCounts,
    LabelCounts,
    RelationCounts,
    ValuePair,
)
from annotations.metrics.agreement.intervals import (
    Interval,
    OverlapMatches,
    match_by_iou,
    merge_overlapping,
    overlap_matches,
    overlapping_pairs,
    shared_length,
    total_length,
)
from annotations.metrics.agreement.unitizing import alpha_u_disagreement
from annotations.scheme import ATTRIBUTES, LABELS, RelationData, SpanData
from annotations.text.edges import snap_range
from annotations.text.tokens import Tokens

_CHOICE_ATTRIBUTES = {
    label: [row.name for row in ATTRIBUTES.values() if row.kind == "choice" and row.use_on(label)]
    for label in LABELS
}
_OTHER_ATTRIBUTES = {
    label: [row.name for row in ATTRIBUTES.values() if row.kind != "choice" and row.use_on(label)]
    for label in LABELS
}


class SetData(NamedTuple):
    """The content of the set of one annotator."""

    spans: Sequence[SpanData]
    relations: Sequence[RelationData] = ()


class AnnotatorPair(NamedTuple):
    """Two annotators, in the order of their names, and the number of annotators of the article.

    With more than two annotators, each pair weighs less in alpha.
    """

    first: str
    second: str
    annotators: int = 2


class _LabelSpans(NamedTuple):
    """The spans of one annotator and label, sorted.

    ``ranges`` are their snapped ranges, ``units`` the same with overlapping ones merged, both in code
    points; ``tokens`` are ``units`` as ranges of tokens.
    """

    spans: Sequence[SpanData] = ()
    ranges: Sequence[Interval] = ()
    units: Sequence[Interval] = ()
    tokens: Sequence[Interval] = ()


_NO_SPANS = _LabelSpans()
_SetContent = tuple[Mapping[str, _LabelSpans], Sequence[RelationData]]
_Matched = list[tuple[SpanData, SpanData]]
_Unmatched = list[tuple[Interval, str, SpanData]]  # each span without a match, with its range and label

SpanPair = tuple[SpanData | None, SpanData | None]
"""A span of the first annotator and what the second has there; None for nothing."""
_NO_VALUES: ValuePair = (None, None)


def count_agreement(text: str, sets: Mapping[str, SetData]) -> dict[AnnotatorPair, AgreementCounts]:
    """Return the counts of each pair of annotators of one text; ``sets`` are by name of the owner."""
    tokens = Tokens(text)
    owners = sorted(sets)
    content = {
        owner: (_group_by_label(text, tokens, sets[owner].spans), sets[owner].relations) for owner in owners
    }
    return {
        AnnotatorPair(first, second, len(owners)): _compare(
            content[first], content[second], len(text), len(tokens)
        )
        for first, second in combinations(owners, 2)
    }


def _group_by_label(text: str, tokens: Tokens, spans: Iterable[SpanData]) -> dict[str, _LabelSpans]:
    rows_of_label: dict[str, list[tuple[Interval, bool, str, SpanData]]] = defaultdict(list)
    for span in spans:
        # The proposition orders the spans of one range in the same way for both annotators.
        issue = span.proposition
        rows_of_label[span.label].append((_snapped_range(text, span), issue is None, str(issue), span))
    return {
        label: _label_spans(tokens, sorted(rows, key=lambda row: row[:3]))
        for label, rows in rows_of_label.items()
    }


def _label_spans(tokens: Tokens, rows: Iterable[tuple[Interval, bool, str, SpanData]]) -> _LabelSpans:
    ranges = [row[0] for row in rows]
    units = merge_overlapping(ranges)
    token_ranges = merge_overlapping(tokens.indices_in(start, end) for start, end in units)
    return _LabelSpans([row[3] for row in rows], ranges, units, token_ranges)


def _snapped_range(text: str, span: SpanData) -> Interval:
    try:
        snapped = snap_range(text, span.range)
    except EmptySnapError:
        return span.start, span.end
    return snapped.start, snapped.end


def pair_spans(first: Iterable[SpanData], second: Iterable[SpanData]) -> list[SpanPair]:
    """Return the pairs of spans that ``AgreementCounts.confusion`` counts, in the order of the text.

    Needs no text: the edges are snapped within the quotes.
    """
    ours, theirs = _group_by_quotes(first), _group_by_quotes(second)
    matched: _Matched = []
    unmatched: tuple[_Unmatched, _Unmatched] = ([], [])
    for label in sorted({*ours, *theirs}):
        one, other = ours.get(label, _NO_SPANS), theirs.get(label, _NO_SPANS)
        pairs = _match_spans(one, other).iou_pairs
        matched += [(one.spans[i], other.spans[j]) for i, j in pairs]
        unmatched[0].extend(_unmatched(one, {i for i, _ in pairs}))
        unmatched[1].extend(_unmatched(other, {j for _, j in pairs}))
    found: list[SpanPair] = [*matched, *_pair_unmatched(*unmatched)]
    return sorted(found, key=lambda pair: min(span.start for span in pair if span is not None))


def _group_by_quotes(spans: Iterable[SpanData]) -> dict[str, _LabelSpans]:
    rows_of_label: dict[str, list[tuple[Interval, bool, str, SpanData]]] = defaultdict(list)
    for span in spans:
        start, end = _snapped_range(span.quote, span._replace(start=0, end=len(span.quote)))
        rows_of_label[span.label].append(
            ((span.start + start, span.start + end), span.proposition is None, str(span.proposition), span)
        )
    result = {}
    for label, rows in rows_of_label.items():
        ordered = sorted(rows, key=lambda row: row[:3])
        result[label] = _LabelSpans([row[3] for row in ordered], [row[0] for row in ordered])
    return result


def _compare(one: _SetContent, other: _SetContent, length: int, token_count: int) -> AgreementCounts:
    (first, first_relations), (second, second_relations) = one, other
    labels: dict[str, LabelCounts] = {}
    matched: _Matched = []
    first_unmatched: _Unmatched = []
    second_unmatched: _Unmatched = []
    for label in sorted({*first, *second}):
        ours, theirs = first.get(label, _NO_SPANS), second.get(label, _NO_SPANS)
        label_matches = _match_spans(ours, theirs)
        labels[label] = _count_label(ours, theirs, label_matches, length)
        matched += [(ours.spans[i], theirs.spans[j]) for i, j in label_matches.iou_pairs]
        first_unmatched += _unmatched(ours, {i for i, _ in label_matches.iou_pairs})
        second_unmatched += _unmatched(theirs, {j for _, j in label_matches.iou_pairs})
    return AgreementCounts(
        articles=1,
        tokens=token_count,
        characters=length,
        labels=labels,
        attributes=_count_attributes(matched),
        same=_count_equal_values(matched),
        relations=_count_relations(matched, first_relations, second_relations),
        confusion=_count_confusion(matched, first_unmatched, second_unmatched),
    )


def _match_spans(first: _LabelSpans, second: _LabelSpans) -> OverlapMatches:
    """Match the spans of two annotators; equal ranges with several propositions by proposition."""
    return overlap_matches(
        first.ranges,
        second.ranges,
        lambda i, j: first.spans[i].proposition == second.spans[j].proposition,
    )


def _count_label(
    first: _LabelSpans, second: _LabelSpans, label_matches: OverlapMatches, length: int
) -> LabelCounts:
    tokens, units = shared_length(first.tokens, second.tokens), shared_length(first.units, second.units)
    # The pairs of ranges are pairs of units unless overlapping ranges of one annotator were merged.
    same = len(first.units) == len(first.ranges) and len(second.units) == len(second.ranges)
    disagreement = alpha_u_disagreement(
        first.units, second.units, length, label_matches.overlapping_pairs if same else None
    )
    return LabelCounts(
        first=len(first.ranges),
        second=len(second.ranges),
        exact=label_matches.exact,
        iou=label_matches.iou,
        overlap=label_matches.overlap,
        first_met=label_matches.first_overlapping,
        second_met=label_matches.second_overlapping,
        tokens_both=tokens,
        tokens_first=total_length(first.tokens) - tokens,
        tokens_second=total_length(second.tokens) - tokens,
        characters_both=units,
        characters_first=total_length(first.units) - units,
        characters_second=total_length(second.units) - units,
        observed=disagreement.observed,
        expected=disagreement.expected,
        first_joined=len(first.ranges) - len(first.units),
        second_joined=len(second.ranges) - len(second.units),
    )


def _unmatched(spans: _LabelSpans, matched: Container[int]) -> _Unmatched:
    return [
        (range_, span.label, span)
        for index, (range_, span) in enumerate(zip(spans.ranges, spans.spans, strict=True))
        if index not in matched
    ]


def _count_attributes(matched: _Matched) -> dict[str, dict[ValuePair, int]]:
    """Count the pairs of values of each choice attribute that at least one annotator set."""
    result: dict[str, dict[ValuePair, int]] = defaultdict(lambda: defaultdict(int))
    for one, other in matched:
        for name in _CHOICE_ATTRIBUTES.get(one.label, ()):
            values = (_to_text(one.attributes.get(name)), _to_text(other.attributes.get(name)))
            if values != _NO_VALUES:
                result[name][values] += 1
    return {name: dict(table) for name, table in result.items()}


def _to_text(value: object) -> str | None:
    return None if value is None else str(value)


def _count_equal_values(matched: _Matched) -> dict[str, EqualityCounts]:
    """Count registry links and free attributes that are equal, different, or set by one annotator only."""
    result: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one, other in matched:
        for name, our_value, their_value in _free_values(one, other):
            if our_value is None or their_value is None:
                result[name][2] += our_value is not their_value
            else:
                result[name][our_value != their_value] += 1
    return {name: EqualityCounts(*numbers) for name, numbers in result.items() if any(numbers)}


def _free_values(one: SpanData, other: SpanData) -> Iterator[tuple[str, Hashable, Hashable]]:
    for link in LABELS[one.label].links if one.label in LABELS else ():
        yield link, getattr(one, link), getattr(other, link)
    for name in _OTHER_ATTRIBUTES.get(one.label, ()):
        yield name, _to_text(one.attributes.get(name)), _to_text(other.attributes.get(name))


def _count_relations(
    matched: _Matched, first: Iterable[RelationData], second: Iterable[RelationData]
) -> dict[str, RelationCounts]:
    """Count relations by type: all, those between matched spans, and those that both annotators made."""
    match_of = {one.id: other.id for one, other in matched}
    ours = {(row.type, row.source, row.target) for row in first}
    theirs = {(row.type, row.source, row.target) for row in second}
    matched_second = set(match_of.values())
    result: dict[str, list[int]] = defaultdict(lambda: [0] * len(RelationCounts._fields))
    for type_, source, target in ours:
        joins = source in match_of and target in match_of
        numbers = result[type_]
        numbers[0] += 1
        numbers[2] += joins
        numbers[4] += joins and (type_, match_of[source], match_of[target]) in theirs
    for type_, source, target in theirs:
        numbers = result[type_]
        numbers[1] += 1
        numbers[3] += source in matched_second and target in matched_second
    return {type_: RelationCounts(*result[type_]) for type_ in sorted(result)}


def _count_confusion(matched: _Matched, first: _Unmatched, second: _Unmatched) -> dict[ValuePair, int]:
    """Count the pairs of labels: of matched spans, then of spans that only match under another label."""
    result: dict[ValuePair, int] = defaultdict(int)
    pairs: list[SpanPair] = [*matched, *_pair_unmatched(first, second)]
    for one, other in pairs:
        result[one and one.label, other and other.label] += 1
    return dict(result)


def _pair_unmatched(first: _Unmatched, second: _Unmatched) -> Iterator[SpanPair]:
    """Yield the spans that match under another label, then those that match nothing."""
    first, second = (sorted(rows, key=lambda row: row[:2]) for rows in (first, second))
    first_ranges, second_ranges = [row[0] for row in first], [row[0] for row in second]
    pairs = match_by_iou(first_ranges, second_ranges, overlapping_pairs(first_ranges, second_ranges))
    yield from ((first[i][2], second[j][2]) for i, j in pairs)
    first_used, second_used = {i for i, _ in pairs}, {j for _, j in pairs}
    yield from ((row[2], None) for i, row in enumerate(first) if i not in first_used)
    yield from ((None, row[2]) for j, row in enumerate(second) if j not in second_used)
