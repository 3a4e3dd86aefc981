"""Names in the picture of a network: all inside it, and beside one another rather than on top."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from annotations.admin.knowledge import drawings
from annotations.admin.knowledge.drawings import NETWORK_HEIGHT, NETWORK_WIDTH, DrawnNode


class Node(NamedTuple):
    """A node as services hand it out."""

    id: str
    name: str
    kind: str = "actor"
    activity: int = 1


class Edge(NamedTuple):
    """An edge as services hand it out."""

    source: str
    target: str
    weight: float = 1


def half_width(node: DrawnNode) -> float:
    return len(node.label) * 3.3


def test_a_name_never_leaves_the_picture() -> None:
    nodes = [Node(str(n), f"Ministry of the Outermost {n}") for n in range(12)]
    edges = [Edge(str(n), str(n + 1)) for n in range(11)]
    drawn = drawings.draw_network(nodes, edges, {}).nodes
    assert [node.id for node in drawn] == [node.id for node in nodes]
    for node in drawn:
        assert half_width(node) <= node.text_x <= NETWORK_WIDTH - half_width(node)
        assert 12 <= node.text_y <= NETWORK_HEIGHT


def test_of_two_names_side_by_side_one_stands_below() -> None:
    pair = [DrawnNode(n, "actor", "", "Tamara Dravenkova", 400 + 40 * n, 300, 8, "") for n in range(2)]
    drawn = drawings._place_names(pair)
    assert sorted(node.text_y < node.y for node in drawn) == [False, True]
    for one, other in combinations(drawn, 2):
        assert abs(one.text_y - other.text_y) >= 14
