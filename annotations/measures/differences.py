"""Several people's marks on one text put side by side: what all have alike, and what is to be decided.

Pure: marks and links in, groups out. A group is one thing in the text as each side marked it, so it
holds at most one mark of a side.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.scheme import RelationFacts, SpanFacts
from annotations.states import Difference

#: A mark: its side, and its place among the marks of that side.
Spot = tuple[int, int]


@dataclass
class Group:
    """One thing in the text: by side the mark of it, and which of the side's marks that is."""

    marks: dict[int, SpanFacts] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    @property
    def start(self) -> tuple[int, int]:
        """Where it stands in reading order."""
        return min((mark.start, mark.end) for mark in self.marks.values())


@dataclass(frozen=True)
class Link:
    """Two groups that somebody has linked: by side the relations from the one to the other."""

    source: Group
    target: Group
    relations: Mapping[int, tuple[RelationFacts, ...]]


@dataclass(frozen=True)
class Comparison:
    """``agreed`` and ``agreed_links`` are alike on all sides; ``differing`` groups and ``links`` are not.

    Only links between agreed groups are in it: where an end is still to be decided, the link waits
    for that.
    """

    agreed: list[Group]
    differing: list[Group]
    agreed_links: list[tuple[str, Group, Group]]
    links: list[Link]


def compare(sides: Sequence[tuple[Sequence[SpanFacts], Sequence[RelationFacts]]]) -> Comparison:
    """Put the spans and relations of all sides side by side."""
    groups = _groups([spans for spans, _ in sides])
    agreed = [group for group in groups if is_agreed(group, len(sides))]
    differing = [group for group in groups if not is_agreed(group, len(sides))]
    home = {mark.id: group for group in agreed for mark in group.marks.values()}
    alike, links = _links(home, [relations for _, relations in sides])
    return Comparison(agreed, differing, alike, links)


def is_agreed(group: Group, sides: int) -> bool:
    """Whether all sides have exactly this mark."""
    return len(group.marks) == sides and len({_content(mark) for mark in group.marks.values()}) == 1


def difference(group: Group, sides: int) -> Difference:
    """In what a differing group differs; the first that fits."""
    marks = group.marks.values()
    rows: tuple[tuple[bool, Difference], ...] = (
        (len(group.marks) < sides, Difference.MISSED),
        (len({mark.label for mark in marks}) > 1, Difference.LABEL),
        (len({(mark.start, mark.end) for mark in marks}) > 1, Difference.BOUNDARY),
        (len({_attributes(mark) for mark in marks}) > 1, Difference.ATTRIBUTES),
    )
    return next((found for fits, found in rows if fits), Difference.LINK)


def _attributes(mark: SpanFacts) -> str:
    return json.dumps(mark.attributes, sort_keys=True)


def _content(mark: SpanFacts) -> Hashable:
    return (mark.label, mark.start, mark.end, _attributes(mark), mark.actor, mark.proposition)


def _groups(sides: Sequence[Sequence[SpanFacts]]) -> list[Group]:
    """The marks of all sides in groups: the most alike find together first."""
    spots = {(side, i): mark for side, marks in enumerate(sides) for i, mark in enumerate(marks)}
    home = {spot: Group({spot[0]: mark}, dict([spot])) for spot, mark in spots.items()}
    for one, other in _nearest(spots):
        first, second = home[one], home[other]
        if first is not second and not first.marks.keys() & second.marks.keys():
            first.marks.update(second.marks)
            first.places.update(second.places)
            home.update((spot, first) for spot in second.places.items())
    unique = {id(group): group for group in home.values()}
    return sorted(unique.values(), key=lambda group: group.start)


def _nearest(spots: Mapping[Spot, SpanFacts]) -> list[tuple[Spot, Spot]]:
    """Pairs of marks of two sides that may be the same thing, the most alike first."""
    found = []
    for one, other in _overlapping(spots):
        rank = _rank(spots[one], spots[other])
        if rank is not None:
            found.append((*rank, one, other))
    return [(one, other) for *_, one, other in sorted(found)]


def _rank(one: SpanFacts, other: SpanFacts) -> tuple[int, float] | None:
    """How alike two overlapping marks are, least first; None where they are two things."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    iou = shared / (max(one.end, other.end) - min(one.start, other.start))
    same_label = one.label == other.label
    rows: tuple[tuple[bool, int], ...] = (
        (_content(one) == _content(other), 0),
        (same_label and iou == 1 and one.proposition == other.proposition, 1),
        (same_label and iou == 1, 2),
        (same_label, 3),
        (2 * shared > (max(one.end, other.end) - min(one.start, other.start)), 4),
    )
    return next(((rank, -iou) for fits, rank in rows if fits), None)


def _overlapping(spots: Mapping[Spot, SpanFacts]) -> Iterator[tuple[Spot, Spot]]:
    """Pairs of marks of different sides that overlap: one sweep from left to right."""
    open_: list[Spot] = []
    for spot in sorted(spots, key=lambda spot: (spots[spot].start, spots[spot].end, spot)):
        open_ = [other for other in open_ if spots[other].end > spots[spot].start]
        yield from ((min(spot, other), max(spot, other)) for other in open_ if other[0] != spot[0])
        open_.append(spot)


def _links(
    home: Mapping[Any, Group], sides: Sequence[Iterable[RelationFacts]]
) -> tuple[list[tuple[str, Group, Group]], list[Link]]:
    """What all sides have linked alike between agreed groups, and what only some have."""
    by_ends: dict[tuple[int, int], dict[int, list[RelationFacts]]] = defaultdict(lambda: defaultdict(list))
    ends: dict[tuple[int, int], tuple[Group, Group]] = {}
    for side, relations in enumerate(sides):
        for relation in relations:
            source, target = home.get(relation.source), home.get(relation.target)
            if source is not None and target is not None:
                ends[id(source), id(target)] = (source, target)
                by_ends[id(source), id(target)][side].append(relation)
    alike: list[tuple[str, Group, Group]] = []
    links: list[Link] = []
    for key in sorted(ends, key=lambda key: (ends[key][0].start, ends[key][1].start)):
        found = by_ends[key]
        common = set.intersection(*({row.type for row in found[side]} for side in range(len(sides))))
        alike += [(type_, *ends[key]) for type_ in sorted(common)]
        rest = {
            side: tuple(row for row in found[side] if row.type not in common) for side in range(len(sides))
        }
        if any(rest.values()):
            links.append(Link(*ends[key], rest))
    return alike, links
