"""The drawings of the pages that count statements: computes places and sizes; templates draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from annotations.admin.charts import ChartLabel
from annotations.admin.labels import format_figure
from annotations.formats.core.graph_files import drop_non_xml
from annotations.metrics.discourse.layout import lay_out

#: The size of a sparkline in a cell, and of the plot of one actor on one issue.
SPARK_WIDTH, SPARK_HEIGHT = 48, 14
PLOT_WIDTH, PLOT_LEFT, PLOT_RIGHT, LANE_HEIGHT, PLOT_TOP = 720, 96, 16, 34, 14
#: The lanes of a plot, the best first.
LANES = ("support", "mixed", "undecided", "oppose")
NETWORK_WIDTH, NETWORK_HEIGHT, NETWORK_MARGIN = 900, 640, 60
_MIN_RADIUS, _MAX_RADIUS, _MAX_STROKE = 4.0, 16.0, 6.0
#: So many of the strongest nodes have their name in the picture; the table has all.
MAX_NODE_NAMES = 40
_NAME_LENGTH = 28
#: About how much room a name takes: the width of a letter, and the height of the line.
_LETTER_WIDTH, _LINE_HEIGHT = 6.6, 14.0


@dataclass(frozen=True)
class SparkBar:
    """A bar of a sparkline: above the line for it, below against it."""

    kind: str
    x: float
    y: float
    width: float
    height: float


def make_sparkline(scores: Sequence[float | None]) -> list[SparkBar]:
    """Return the bars of the scores of consecutive windows, from -1 to 1; None is a gap."""
    if not scores:
        return []
    slot = SPARK_WIDTH / len(scores)
    middle = SPARK_HEIGHT / 2
    bars = []
    for place, score in enumerate(scores):
        if score is not None:
            height = max(abs(score) * (middle - 1), 1)
            y = middle - height if score >= 0 else middle
            kind = "for" if score > 0 else "against" if score < 0 else "even"
            bars.append(
                SparkBar(
                    kind, round(place * slot, 1), round(y, 1), round(max(slot - 1, 1), 1), round(height, 1)
                )
            )
    return bars


@dataclass(frozen=True)
class StanceDot:
    """A statement in a plot over time: a dot, or a bar as long as the month or year of its date."""

    stance: str
    x: int
    y: int
    width: int
    title: str
    url: str


@dataclass(frozen=True)
class StancePlot:
    """Dots over time in a lane for each stance."""

    width: int
    height: int
    left: int
    right: int
    base: int
    lanes: list[ChartLabel]
    dates: list[ChartLabel]
    dots: list[StanceDot]


def make_stance_plot(
    statements: Sequence[Mapping[str, Any]], lane_labels: Mapping[str, str]
) -> StancePlot | None:
    """Return the plot of dated statements; None where there are none.

    Each has ``stance``, ``day``, ``day_last``, ``title`` and ``url``. Those of one day stand side by side.
    """
    dated = [row for row in statements if row["day"] is not None and row["stance"] in LANES]
    if not dated:
        return None
    lanes = [lane for lane in LANES if any(row["stance"] == lane for row in dated)]
    first, last = min(row["day"] for row in dated), max(row["day_last"] for row in dated)
    base = PLOT_TOP + len(lanes) * LANE_HEIGHT
    right = PLOT_WIDTH - PLOT_RIGHT
    ends = {first: PLOT_LEFT} if first == last else {first: PLOT_LEFT, last: right}
    return StancePlot(
        PLOT_WIDTH,
        base + 26,
        PLOT_LEFT,
        right,
        base,
        [
            ChartLabel(PLOT_LEFT - 10, _lane_y(place) + 4, lane_labels[lane])
            for place, lane in enumerate(lanes)
        ],
        [ChartLabel(x, base + 18, day.isoformat()) for day, x in ends.items()],
        _stance_dots(dated, lanes, first, last),
    )


def _lane_y(place: int) -> int:
    return PLOT_TOP + place * LANE_HEIGHT + LANE_HEIGHT // 2


def _stance_dots(
    dated: Sequence[Mapping[str, Any]], lanes: Sequence[str], first: date, last: date
) -> list[StanceDot]:
    """Return the dots; up to three of one day and stance are moved apart."""
    days = max((last - first).days, 1)
    room = PLOT_WIDTH - PLOT_LEFT - PLOT_RIGHT

    def x_of(day: date) -> int:
        return PLOT_LEFT + int((day - first).days * room / days)

    used: dict[tuple[str, int], int] = {}
    dots = []
    for row in sorted(dated, key=lambda row: (row["day"], row["day_last"])):
        x = x_of(row["day"])
        beside = used[row["stance"], x] = used.get((row["stance"], x), -1) + 1
        y = _lane_y(lanes.index(row["stance"])) + (beside % 3) * 5 - 5 * bool(beside)
        dots.append(StanceDot(row["stance"], x, y, x_of(row["day_last"]) - x, row["title"], row["url"]))
    return dots


@dataclass(frozen=True)
class DrawnNode:
    """A node: actors are circles, issues squares."""

    id: Any
    kind: str
    name: str
    label: str
    x: float
    y: float
    radius: float
    url: str
    text_x: float = 0
    text_y: float = 0

    @property
    def left(self) -> float:
        """The left edge of the square."""
        return round(self.x - self.radius, 1)

    @property
    def top(self) -> float:
        """The upper edge of the square."""
        return round(self.y - self.radius, 1)

    @property
    def side(self) -> float:
        """The length of an edge of the square."""
        return 2 * self.radius


@dataclass(frozen=True)
class DrawnEdge:
    """An edge, whose sign is told by its dashes, too."""

    sign: str
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    title: str


@dataclass(frozen=True)
class NetworkDrawing:
    """The picture of a network."""

    width: int
    height: int
    nodes: list[DrawnNode]
    edges: list[DrawnEdge]


def draw_network(nodes: Sequence[Any], edges: Sequence[Any], urls: Mapping[Any, str]) -> NetworkDrawing:
    """Return the picture of nodes and edges as services hand them out; ``urls`` are those of the nodes."""
    places = lay_out(
        [str(node.id) for node in nodes],
        [(str(edge.source), str(edge.target), float(edge.weight)) for edge in edges],
    )
    most = max((node.activity for node in nodes), default=1) or 1
    named = {
        node.id for node in sorted(nodes, key=lambda node: (-node.activity, str(node.id)))[:MAX_NODE_NAMES]
    }
    # a picture is a file, too
    names = {node.id: drop_non_xml(node.name) for node in nodes}
    points = {id: _to_canvas(place) for id, place in places.items()}
    drawn = [
        DrawnNode(
            node.id,
            node.kind,
            names[node.id],
            shorten(names[node.id]) if node.id in named else "",
            *points[str(node.id)],
            round(_MIN_RADIUS + (_MAX_RADIUS - _MIN_RADIUS) * (node.activity / most) ** 0.5, 1),
            urls.get(node.id, ""),
        )
        for node in nodes
    ]
    top = max((abs(edge.weight) for edge in edges), default=1) or 1
    lines = [
        DrawnEdge(
            "negative" if edge.weight < 0 else "positive",
            *points[str(edge.source)],
            *points[str(edge.target)],
            round(max(_MAX_STROKE * abs(edge.weight) / top, 0.6), 1),
            f"{names[edge.source]} – {names[edge.target]}: {format_figure(edge.weight, 4, trimmed=True)}",
        )
        for edge in edges
    ]
    return NetworkDrawing(NETWORK_WIDTH, NETWORK_HEIGHT, _place_names(drawn), lines)


def _place_names(nodes: Sequence[DrawnNode]) -> list[DrawnNode]:
    """Return the nodes with places for their names, those of the strongest first.

    A name stands above its node, or below it where it would cover another name or node, and never
    leaves the picture.
    """
    nodes_at = [_Box(node.left, node.top, node.left + node.side, node.top + node.side) for node in nodes]
    taken: list[_Box] = []
    placed = {}
    for node in sorted(nodes, key=lambda node: (-node.radius, str(node.id))):
        half = len(node.label) * _LETTER_WIDTH / 2
        x = min(max(node.x, half + 4), NETWORK_WIDTH - half - 4)
        lines = (node.y - node.radius - 4, node.y + node.radius + _LINE_HEIGHT)
        boxes = [_Box(x - half, y - _LINE_HEIGHT + 3, x + half, y + 3) for y in lines]
        covered = [sum(box.meets(other) for other in (*taken, *nodes_at)) for box in boxes]
        best = covered.index(min(covered))
        if node.label:
            taken.append(boxes[best])
        placed[node.id] = replace(node, text_x=round(x, 1), text_y=round(lines[best], 1))
    return [placed[node.id] for node in nodes]


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        """Return whether they have a point in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def _to_canvas(place: tuple[float, float]) -> tuple[float, float]:
    x, y = place
    return (
        round(NETWORK_MARGIN + x * (NETWORK_WIDTH - 2 * NETWORK_MARGIN), 1),
        round(NETWORK_MARGIN + y * (NETWORK_HEIGHT - 2 * NETWORK_MARGIN), 1),
    )


def shorten(name: str) -> str:
    """Return a name that is short enough for a picture."""
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1]}…"
