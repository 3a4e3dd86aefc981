"""Networks as GraphML and GEXF: undirected, nodes and edges in the order of their ids.

Both are written as text, since the order of attributes is part of the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from annotations.metrics.discourse.networks import Edge


class GraphNode(NamedTuple):
    """A node of a file: an actor with its kind and Wikidata id, or an issue."""

    id: str
    label: str
    kind: str
    type: str
    qid: str
    activity: int


class Graph(NamedTuple):
    """The content of a file; ``kind`` says what all edges are, such as congruence."""

    nodes: Sequence[GraphNode]
    edges: Sequence[Edge]
    kind: str


_NODE_KEYS: Mapping[str, str] = {
    "label": "string", "kind": "string", "type": "string", "qid": "string", "activity": "int",
}  # fmt: skip
_EDGE_KEYS: Mapping[str, str] = {"weight": "double", "sign": "string", "kind": "string"}
_GEXF_TYPES: Mapping[str, str] = {"int": "integer"}
_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_GEXF = "http://www.gexf.net/1.2draft"


def edge_sign(edge: Edge) -> str:
    """Return ``+``, ``-``, or ``±`` where both sides are on the edge."""
    if edge.positive and edge.negative:
        return "±"
    return "-" if edge.negative else "+"


def format_weight(weight: float) -> str:
    """Return a weight with as many digits as it needs; a whole one without a fraction."""
    return str(int(weight)) if weight == int(weight) else repr(weight)


def graphml_lines(graph: Graph) -> Iterator[str]:
    """Yield the lines of a GraphML file."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<graphml xmlns="{_GRAPHML}">'
    for of, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name, type_ in keys.items():
            yield f'  <key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{type_}"/>'
    yield '  <graph edgedefault="undirected">'
    for node in graph.nodes:
        yield f"    <node id={quoteattr(node.id)}>{_graphml_data('node', node._asdict(), _NODE_KEYS)}</node>"
    for edge in graph.edges:
        ends = f"source={quoteattr(str(edge.source))} target={quoteattr(str(edge.target))}"
        yield f"    <edge {ends}>{_graphml_data('edge', _edge_values(graph, edge), _EDGE_KEYS)}</edge>"
    yield "  </graph>"
    yield "</graphml>"


def _graphml_data(of: str, values: Mapping[str, object], keys: Mapping[str, str]) -> str:
    return "".join(
        f'<data key="{of}_{name}">{escape_xml(str(values[name]))}</data>'
        for name in keys
        if values[name] != ""
    )


def gexf_lines(graph: Graph) -> Iterator[str]:
    """Yield the lines of a GEXF file; edges have the days from which to which they held."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<gexf xmlns="{_GEXF}" version="1.2">'
    yield '  <graph defaultedgetype="undirected" mode="dynamic" timeformat="date">'
    for of, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        yield f'    <attributes class="{of}">'
        for name, type_ in keys.items():
            if name not in ("label", "weight"):
                gexf_type = _GEXF_TYPES.get(type_, type_)
                yield f'      <attribute id="{name}" title="{name}" type="{gexf_type}"/>'
        yield "    </attributes>"
    yield "    <nodes>"
    for node in graph.nodes:
        values = _gexf_values(node._asdict(), _NODE_KEYS)
        label = quoteattr(drop_non_xml(node.label))
        yield f"      <node id={quoteattr(node.id)} label={label}>{values}</node>"
    yield "    </nodes>"
    yield "    <edges>"
    for number, edge in enumerate(graph.edges):
        ends = f"source={quoteattr(str(edge.source))} target={quoteattr(str(edge.target))}"
        start = f'id="{number}" {ends} weight="{format_weight(edge.weight)}"{_days(edge.start, edge.end)}'
        yield f"      <edge {start}>{_gexf_values(_edge_values(graph, edge), _EDGE_KEYS)}</edge>"
    yield "    </edges>"
    yield "  </graph>"
    yield "</gexf>"


def _gexf_values(values: Mapping[str, object], keys: Mapping[str, str]) -> str:
    listed = "".join(
        f'<attvalue for="{name}" value={quoteattr(drop_non_xml(str(values[name])))}/>'
        for name in keys
        if name not in ("label", "weight") and values[name] != ""
    )
    return f"<attvalues>{listed}</attvalues>"


def _days(start: date | None, end: date | None) -> str:
    days = (f' {name}="{day.isoformat()}"' for name, day in (("start", start), ("end", end)) if day)
    return "".join(days)


def _edge_values(graph: Graph, edge: Edge) -> Mapping[str, object]:
    return {"weight": format_weight(edge.weight), "sign": edge_sign(edge), "kind": graph.kind}


def drop_non_xml(text: str) -> str:
    """Return a text without the characters that no XML file can hold."""
    return "".join(mark for mark in text if mark >= " " or mark in "\t\n\r").translate(_NOT_IN_XML)


#: Two non-characters; surrogates and controls never get into a text or a name.
_NOT_IN_XML = {0xFFFE: None, 0xFFFF: None}


def escape_xml(text: str) -> str:
    """Return a text as it stands in an XML file: escaped, without what no such file can hold."""
    return (
        drop_non_xml(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\r", "&#13;")
    )


#: The lines of a graph in each kind of file.
GRAPH_LINES: Mapping[str, Callable[[Graph], Iterator[str]]] = {"graphml": graphml_lines, "gexf": gexf_lines}
