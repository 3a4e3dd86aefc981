"""Alignment of several sets on one text: what all sides agree on, and what has to be decided.

Pure: spans and relations in, groups out. A group holds the spans of all sides that are the same
annotation, at most one of each side.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.enums import DifferenceKind
from annotations.scheme import RelationData, SpanData

#: A span: its side, and its index among the spans of that side.
SpanKey = tuple[int, int]


@dataclass
class SpanGroup:
    """Spans of several sides that are the same annotation: by side, the span and its index."""

    spans: dict[int, SpanData] = field(default_factory=dict)
    indexes: dict[int, int] = field(default_factory=dict)

    @property
    def start(self) -> tuple[int, int]:
        """The position in reading order."""
        return min((mark.start, mark.end) for mark in self.spans.values())


@dataclass(frozen=True)
class LinkDifference:
    """Two groups with different relations between them: by side, the relations from source to target."""

    source: SpanGroup
    target: SpanGroup
    relations: Mapping[int, tuple[RelationData, ...]]


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison: what is equal on all sides (``agreed…``), and what differs.

    It has only links between agreed groups: the others depend on the decision about their ends.
    """

    agreed: list[SpanGroup]
    differing: list[SpanGroup]
    agreed_links: list[tuple[str, SpanGroup, SpanGroup]]
    links: list[LinkDifference]


def compare_sides(sides: Sequence[tuple[Sequence[SpanData], Sequence[RelationData]]]) -> Comparison:
    """Compare the spans and relations of all sides."""
    groups = _groups([spans for spans, _ in sides])
    agreed = [group for group in groups if is_agreed(group, len(sides))]
    differing = [group for group in groups if not is_agreed(group, len(sides))]
    group_of = {span.id: group for group in agreed for span in group.spans.values()}
    agreed_links, links = _links(group_of, [relations for _, relations in sides])
    return Comparison(agreed, differing, agreed_links, links)


def is_agreed(group: SpanGroup, sides: int) -> bool:
    """Return whether all sides have an equal span in the group."""
    return len(group.spans) == sides and len({_content_key(span) for span in group.spans.values()}) == 1


def difference_kind(group: SpanGroup, sides: int) -> DifferenceKind:
    """Return the first kind of difference that applies to a group."""
    spans = group.spans.values()
    rows: tuple[tuple[bool, DifferenceKind], ...] = (
        (len(group.spans) < sides, DifferenceKind.MISSED),
        (len({span.label for span in spans}) > 1, DifferenceKind.LABEL),
        (len({(span.start, span.end) for span in spans}) > 1, DifferenceKind.BOUNDARY),
        (len({_attributes_key(span) for span in spans}) > 1, DifferenceKind.ATTRIBUTES),
    )
    return next((kind for applies, kind in rows if applies), DifferenceKind.LINK)


def _attributes_key(span: SpanData) -> str:
    return json.dumps(span.attributes, sort_keys=True)


def _content_key(span: SpanData) -> Hashable:
    return (span.label, span.start, span.end, _attributes_key(span), span.actor, span.proposition)


def _groups(sides: Sequence[Sequence[SpanData]]) -> list[SpanGroup]:
    """Group the spans of all sides, joining the most similar pairs first."""
    spans = {(side, i): span for side, of_side in enumerate(sides) for i, span in enumerate(of_side)}
    group_of = {key: SpanGroup({key[0]: span}, dict([key])) for key, span in spans.items()}
    for one, other in _similar_pairs(spans):
        first, second = group_of[one], group_of[other]
        if first is not second and not first.spans.keys() & second.spans.keys():
            first.spans.update(second.spans)
            first.indexes.update(second.indexes)
            group_of.update((key, first) for key in second.indexes.items())
    unique = {id(group): group for group in group_of.values()}
    return sorted(unique.values(), key=lambda group: group.start)


def _similar_pairs(spans: Mapping[SpanKey, SpanData]) -> list[tuple[SpanKey, SpanKey]]:
    """Return the pairs of spans of two sides that may be the same annotation, the most similar first."""
    ranked = []
    for one, other in _overlapping_pairs(spans):
        rank = _similarity_rank(spans[one], spans[other])
        if rank is not None:
            ranked.append((*rank, one, other))
    return [(one, other) for *_, one, other in sorted(ranked)]


def _similarity_rank(one: SpanData, other: SpanData) -> tuple[int, float] | None:
    """Return the rank of two overlapping spans, the most similar lowest; None for two annotations."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    iou = shared / (max(one.end, other.end) - min(one.start, other.start))
    same_label = one.label == other.label
    rows: tuple[tuple[bool, int], ...] = (
        (_content_key(one) == _content_key(other), 0),
        (same_label and iou == 1 and one.proposition == other.proposition, 1),
        (same_label and iou == 1, 2),
        (same_label, 3),
        (2 * shared > (max(one.end, other.end) - min(one.start, other.start)), 4),
    )
    return next(((rank, -iou) for applies, rank in rows if applies), None)


def _overlapping_pairs(spans: Mapping[SpanKey, SpanData]) -> Iterator[tuple[SpanKey, SpanKey]]:
    """Yield the overlapping pairs of spans of different sides in one sweep from left to right."""
    open_: list[SpanKey] = []
    for key in sorted(spans, key=lambda key: (spans[key].start, spans[key].end, key)):
        open_ = [other for other in open_ if spans[other].end > spans[key].start]
        yield from ((min(key, other), max(key, other)) for other in open_ if other[0] != key[0])
        open_.append(key)


def _links(
    group_of: Mapping[Any, SpanGroup], sides: Sequence[Iterable[RelationData]]
) -> tuple[list[tuple[str, SpanGroup, SpanGroup]], list[LinkDifference]]:
    """Return the relations between agreed groups that all sides have, and those that only some have."""
    by_ends: dict[tuple[int, int], dict[int, list[RelationData]]] = defaultdict(lambda: defaultdict(list))
    ends: dict[tuple[int, int], tuple[SpanGroup, SpanGroup]] = {}
    for side, relations in enumerate(sides):
        for relation in relations:
            source, target = group_of.get(relation.source), group_of.get(relation.target)
            if source is not None and target is not None:
                ends[id(source), id(target)] = (source, target)
                by_ends[id(source), id(target)][side].append(relation)
    agreed_links: list[tuple[str, SpanGroup, SpanGroup]] = []
    links: list[LinkDifference] = []
    for key in sorted(ends, key=lambda key: (ends[key][0].start, ends[key][1].start)):
        relations_of_side = by_ends[key]
        common = set.intersection(
            *({row.type for row in relations_of_side[side]} for side in range(len(sides)))
        )
        agreed_links += [(type_, *ends[key]) for type_ in sorted(common)]
        rest = {
            side: tuple(row for row in relations_of_side[side] if row.type not in common)
            for side in range(len(sides))
        }
        if any(rest.values()):
            links.append(LinkDifference(*ends[key], rest))
    return agreed_links, links
