"""A layout of a network: the same nodes and edges always get the same places.

The forces are those of Fruchterman and Reingold (1991): neighbours attract each other, all repel each
other, and steps become shorter. Nodes start on a circle in the order of their ids.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence
from typing import Any

MAX_NODES = 150
"""The number of nodes that a picture shows; their number squared is what a step takes."""
_STEPS = 60
#: The pull to the middle, which keeps parts without ties near.
_GRAVITY = 0.6


def strongest_ids(activity: Mapping[Any, float], most: int = MAX_NODES) -> list[Any]:
    """Return the ids of the strongest nodes, in the order of their ids."""
    ranked = sorted(activity, key=lambda node: (-activity[node], str(node)))
    return sorted(ranked[:most], key=str)


def lay_out(ids: Sequence[Any], edges: Sequence[tuple[Any, Any, float]]) -> dict[Any, tuple[float, float]]:
    """Return a place for each id, both coordinates from 0 to 1.

    ``edges`` are (source, target, strength); strengths count in relation to the strongest.
    """
    ordered = sorted(ids, key=str)
    places = {id: number for number, id in enumerate(ordered)}
    points = [cmath.rect(0.5, 2 * math.pi * number / max(len(ordered), 1)) for number in range(len(ordered))]
    top = max((abs(strength) for *_, strength in edges), default=1) or 1
    # where everybody is tied to everybody, ties pull less: the picture would be one heap
    slack = 1 / max(len(edges) / max(len(ordered), 1), 1)
    springs = [
        (places[one], places[other], slack * (0.3 + 0.7 * abs(strength) / top))
        for one, other, strength in edges
    ]
    spacing = 1 / math.sqrt(max(len(points), 1))
    for step in range(_STEPS):
        _move(points, springs, spacing, reach=0.2 * (1 - step / _STEPS))
    return dict(zip(ordered, _fit(points), strict=True))


def _move(
    points: list[complex], springs: Sequence[tuple[int, int, float]], spacing: float, reach: float
) -> None:
    """Move all points by one step of at most ``reach``."""
    forces = [-point * _GRAVITY for point in points]
    square = spacing * spacing
    for number, point in enumerate(points):
        for other in range(number):
            gap = point - points[other]
            push = gap * (square / max(gap.real * gap.real + gap.imag * gap.imag, 1e-6))
            forces[number] += push
            forces[other] -= push
    for one, other, strength in springs:
        gap = points[one] - points[other]
        pull = gap * (abs(gap) / spacing * strength)
        forces[one] -= pull
        forces[other] += pull
    for number, force in enumerate(forces):
        length = abs(force)
        if length:
            points[number] += force / length * min(length, reach)


def _fit(points: Sequence[complex]) -> list[tuple[float, float]]:
    """Return the points stretched to the unit square, rounded so that the bytes of a picture are stable."""
    if not points:
        return []
    left, top = min(point.real for point in points), min(point.imag for point in points)
    width = max(max(point.real for point in points) - left, 1e-9)
    height = max(max(point.imag for point in points) - top, 1e-9)
    if len(points) == 1:
        return [(0.5, 0.5)]
    return [
        (round((point.real - left) / width, 4), round((point.imag - top) / height, 4)) for point in points
    ]
