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

from annotations.scheme import RelationFacts, SpanFacts
from annotations.states import Difference

#: A span: its side, and its index among the spans of that side.
Spot = tuple[int, int]


@dataclass
class Group:
    """Spans of several sides that are the same annotation: by side, the span and its index."""

    marks: dict[int, SpanFacts] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    @property
    def start(self) -> tuple[int, int]:
        """The position in reading order."""
        return min((mark.start, mark.end) for mark in self.marks.values())


@dataclass(frozen=True)
class Link:
    """Two groups with different relations between them: by side, the relations from source to target."""

    source: Group
    target: Group
    relations: Mapping[int, tuple[RelationFacts, ...]]


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison: what is equal on all sides (``agreed…``), and what differs.

    It has only links between agreed groups: the others depend on the decision about their ends.
    """

    agreed: list[Group]
    differing: list[Group]
    agreed_links: list[tuple[str, Group, Group]]
    links: list[Link]


def compare(sides: Sequence[tuple[Sequence[SpanFacts], Sequence[RelationFacts]]]) -> Comparison:
    """Compare the spans and relations of all sides."""
    groups = _groups([spans for spans, _ in sides])
    agreed = [group for group in groups if is_agreed(group, len(sides))]
    differing = [group for group in groups if not is_agreed(group, len(sides))]
    group_of = {span.id: group for group in agreed for span in group.marks.values()}
    agreed_links, links = _links(group_of, [relations for _, relations in sides])
    return Comparison(agreed, differing, agreed_links, links)


def is_agreed(group: Group, sides: int) -> bool:
    """Return whether all sides have an equal span in the group."""
    return len(group.marks) == sides and len({_content_key(span) for span in group.marks.values()}) == 1


def difference(group: Group, sides: int) -> Difference:
    """Return the first kind of difference that applies to a group."""
    spans = group.marks.values()
    rows: tuple[tuple[bool, Difference], ...] = (
        (len(group.marks) < sides, Difference.MISSED),
        (len({span.label for span in spans}) > 1, Difference.LABEL),
        (len({(span.start, span.end) for span in spans}) > 1, Difference.BOUNDARY),
        (len({_attributes_key(span) for span in spans}) > 1, Difference.ATTRIBUTES),
    )
    return next((kind for applies, kind in rows if applies), Difference.LINK)


def _attributes_key(span: SpanFacts) -> str:
    return json.dumps(span.attributes, sort_keys=True)


def _content_key(span: SpanFacts) -> Hashable:
    return (span.label, span.start, span.end, _attributes_key(span), span.actor, span.proposition)


def _groups(sides: Sequence[Sequence[SpanFacts]]) -> list[Group]:
    """Group the spans of all sides, joining the most similar pairs first."""
    spans = {(side, i): span for side, of_side in enumerate(sides) for i, span in enumerate(of_side)}
    group_of = {key: Group({key[0]: span}, dict([key])) for key, span in spans.items()}
    for one, other in _similar_pairs(spans):
        first, second = group_of[one], group_of[other]
        if first is not second and not first.marks.keys() & second.marks.keys():
            first.marks.update(second.marks)
            first.places.update(second.places)
            group_of.update((key, first) for key in second.places.items())
    unique = {id(group): group for group in group_of.values()}
    return sorted(unique.values(), key=lambda group: group.start)


def _similar_pairs(spans: Mapping[Spot, SpanFacts]) -> list[tuple[Spot, Spot]]:
    """Return the pairs of spans of two sides that may be the same annotation, the most similar first."""
    ranked = []
    for one, other in _overlapping_pairs(spans):
        rank = _similarity_rank(spans[one], spans[other])
        if rank is not None:
            ranked.append((*rank, one, other))
    return [(one, other) for *_, one, other in sorted(ranked)]


def _similarity_rank(one: SpanFacts, other: SpanFacts) -> tuple[int, float] | None:
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


def _overlapping_pairs(spans: Mapping[Spot, SpanFacts]) -> Iterator[tuple[Spot, Spot]]:
    """Yield the overlapping pairs of spans of different sides in one sweep from left to right."""
    open_: list[Spot] = []
    for key in sorted(spans, key=lambda key: (spans[key].start, spans[key].end, key)):
        open_ = [other for other in open_ if spans[other].end > spans[key].start]
        yield from ((min(key, other), max(key, other)) for other in open_ if other[0] != key[0])
        open_.append(key)


def _links(
    group_of: Mapping[Any, Group], sides: Sequence[Iterable[RelationFacts]]
) -> tuple[list[tuple[str, Group, Group]], list[Link]]:
    """Return the relations between agreed groups that all sides have, and those that only some have."""
    by_ends: dict[tuple[int, int], dict[int, list[RelationFacts]]] = defaultdict(lambda: defaultdict(list))
    ends: dict[tuple[int, int], tuple[Group, Group]] = {}
    for side, relations in enumerate(sides):
        for relation in relations:
            source, target = group_of.get(relation.source), group_of.get(relation.target)
            if source is not None and target is not None:
                ends[id(source), id(target)] = (source, target)
                by_ends[id(source), id(target)][side].append(relation)
    agreed_links: list[tuple[str, Group, Group]] = []
    links: list[Link] = []
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
            links.append(Link(*ends[key], rest))
    return agreed_links, links
