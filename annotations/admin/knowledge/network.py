"""The network: who agrees with whom, drawn, with a table beside and files for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.knowledge import downloads, drawings
from annotations.admin.knowledge.account import describe_left_out
from annotations.admin.knowledge.frame import KnowledgeFrame, open_frame
from annotations.admin.labels import LazyText, format_figure
from annotations.exceptions import AnswerTooLargeError, InvalidInputError
from annotations.metrics.discourse.layout import MAX_NODES, strongest_ids
from annotations.metrics.discourse.networks import CHOICES, Aggregation, Edge, Mode, Normalisation
from annotations.services.knowledge.grammar import POSITIONS_ONLY, StatementRequest
from annotations.services.knowledge.networks import (
    NETWORK_PARAMETERS,
    NetworkRequest,
    StatementNetwork,
    build_network_request,
    build_statement_network,
)
from annotations.services.knowledge.outgoing import OutgoingCounts
from annotations.translation import translate_message

TEMPLATE = "admin/annotations/knowledge/network.html"
FIELDS = (
    "from", "to", "source", "topic", "basis", "dedup", "dedup_key", "copies", "rollup_actor",
    "rollup_issue",
)  # fmt: skip
#: How many of the strongest edges the table shows; the files have all.
SHOWN_EDGES = 100
MODE_LABELS: Mapping[Mode, LazyText] = {
    Mode.ACTORS: gettext_lazy("actors"),
    Mode.ISSUES: gettext_lazy("issues"),
    Mode.BIPARTITE: gettext_lazy("actors and issues"),
}
AGGREGATION_LABELS: Mapping[Aggregation, LazyText] = {
    Aggregation.CONGRUENCE: gettext_lazy("the same side"),
    Aggregation.CONFLICT: gettext_lazy("opposite sides"),
    Aggregation.SUBTRACT: gettext_lazy("same minus opposite"),
    Aggregation.IGNORE: gettext_lazy("any side"),
    Aggregation.COMBINE: gettext_lazy("for 1, against 2, both 3"),
}
NORMALISATION_LABELS: Mapping[Normalisation, LazyText] = {
    Normalisation.NONE: gettext_lazy("nothing"),
    Normalisation.ACTIVITY: gettext_lazy("activity"),
    Normalisation.PROMINENCE: gettext_lazy("prominence"),
    Normalisation.AVERAGE_ACTIVITY: gettext_lazy("average activity"),
    Normalisation.JACCARD: gettext_lazy("Jaccard"),
    Normalisation.DNA_COSINE: gettext_lazy("cosine of DNA"),
    Normalisation.VECTOR_COSINE: gettext_lazy("cosine of the vectors"),
}


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the network, or one of its files."""
    frame = open_frame(request, pk, site, "network", **POSITIONS_ONLY)
    question = _question(frame)
    wanted = request.GET.get("format", "")
    if wanted in DOWNLOADS:
        question = replace(question, statements=replace(question.statements, goes_out=True))
    network = _build(frame, question)
    if network is not None and wanted in DOWNLOADS:
        return DOWNLOADS[wanted](frame, network)
    context = frame.context(
        gettext("Network"),
        FIELDS,
        question=question,
        modes=[(mode, MODE_LABELS[mode]) for mode in CHOICES],
        aggregations=[(each, AGGREGATION_LABELS[each]) for each in CHOICES[question.mode][0]],
        normalisations=[(each, NORMALISATION_LABELS[each]) for each in CHOICES[question.mode][1]],
        **({} if network is None else _shown(frame, network)),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _question(frame: KnowledgeFrame) -> NetworkRequest:
    """Return the request for the network; what a mode does not have falls back to its first."""
    sent = frame.http_request.GET
    values: dict[str, Any] = {}
    for name, row in NETWORK_PARAMETERS.items():
        try:
            if sent.get(name):
                values[name] = row.parse(sent[name])
        except ValueError as error:
            messages.error(frame.http_request, f"{name}: {translate_message(str(error))}")
    aggregations, normalisations = CHOICES[Mode(values.get("mode", Mode.ACTORS))]
    if values.get("aggregation") not in aggregations:
        values.pop("aggregation", None)
    if values.get("normalisation") not in normalisations:
        values.pop("normalisation", None)
    try:
        return build_network_request(frame.request, values)
    except InvalidInputError as error:
        messages.error(frame.http_request, translate_message(error))
        return build_network_request(frame.request, {})


def _build(frame: KnowledgeFrame, question: NetworkRequest) -> StatementNetwork | None:
    try:
        return build_statement_network(frame.corpus, question)
    except AnswerTooLargeError as error:
        messages.error(frame.http_request, translate_message(error))
        return None


def strongest_part(network: StatementNetwork) -> StatementNetwork:
    """Return the nodes that fit into a picture, with the edges between them."""
    kept = set(strongest_ids({node.id: node.activity for node in network.nodes}))
    return replace(
        network,
        nodes=[node for node in network.nodes if node.id in kept],
        edges=[edge for edge in network.edges if edge.source in kept and edge.target in kept],
    )


def _draw(frame: KnowledgeFrame, network: StatementNetwork) -> drawings.NetworkDrawing:
    part = strongest_part(network)
    return drawings.draw_network(part.nodes, part.edges, _node_urls(frame, part))


def _node_urls(frame: KnowledgeFrame, network: StatementNetwork) -> dict[Any, str]:
    listing = frame.request.listing
    return {
        node.id: frame.url(
            "statements",
            listing(row=str(node.id)) if node.kind == "actor" else listing(column=str(node.id)),
        )
        for node in network.nodes
    }


def _shown(frame: KnowledgeFrame, network: StatementNetwork) -> dict[str, Any]:
    names = {node.id: node.name for node in network.nodes}
    sent = frame.http_request.GET
    query = {name: str(sent[name]) for name in NETWORK_PARAMETERS if sent.get(name)}
    edges = sorted(network.edges, key=lambda edge: (-abs(edge.weight), str(edge.source), str(edge.target)))
    return {
        "drawing": _draw(frame, network),
        "nodes": len(network.nodes),
        "most_nodes": MAX_NODES,
        "left_out": describe_left_out(network.counted, undecided=network.counted.undecided),
        # the browser draws what the page shows, names and all
        "picture_may_leave": not OutgoingCounts(frame.corpus).changes_anything,
        "edges": [
            (
                names[edge.source],
                names[edge.target],
                format_figure(edge.weight, 4, trimmed=True),
                _edge_url(frame, network, edge),
                _sides(frame, network, edge),
            )
            for edge in edges[:SHOWN_EDGES]
        ],
        "edge_count": len(network.edges),
        "files": [
            (label, frame.url("network", frame.request, **{**query, "format": name}))
            for name, label in (("graphml", "GraphML"), ("gexf", "GEXF"), ("csv", "CSV"), ("svg", "SVG"))
        ],
    }


#: The stances that count on each side of an edge; a mixed one counts on both.
_SIDE_STANCES = (("support", "mixed"), ("oppose", "mixed"))


def _sides(frame: KnowledgeFrame, network: StatementNetwork, edge: Edge) -> list[dict[str, Any]]:
    """Return the numbers of both sides, each with the address of what it counts; 0 has none."""
    urls = [_edge_url(frame, network, edge)] * 2
    if network.request.mode == Mode.BIPARTITE:
        urls = [_side_url(frame, network, edge, stances) for stances in _SIDE_STANCES]
    numbers = (edge.positive, edge.negative)
    return [{"number": n, "url": url if n else ""} for n, url in zip(numbers, urls, strict=True)]


def _edge_request(frame: KnowledgeFrame, network: StatementNetwork, edge: Edge) -> StatementRequest:
    """Return the request for what an edge counts: with windows, for its days only."""
    if network.request.window is None or edge.start is None or edge.end is None:
        return frame.request
    return replace(frame.request, start=edge.start, end=edge.end + timedelta(days=1))


def _side_url(frame: KnowledgeFrame, network: StatementNetwork, edge: Edge, stances: Sequence[str]) -> str:
    """Return the address of the statements of one side of a cell."""
    listing = _edge_request(frame, network, edge).listing(row=str(edge.source), column=str(edge.target))
    if listing.dedup_key == "stance":  # else the latest of all stances counts, which a filter would not see
        wanted = frame.request.stance or stances
        listing = replace(listing, stance=tuple(stance for stance in stances if stance in wanted))
    return frame.url("statements", listing)


def _edge_url(frame: KnowledgeFrame, network: StatementNetwork, edge: Edge) -> str:
    """Return the address of what an edge counts: a cell, or the two rows side by side."""
    request = _edge_request(frame, network, edge)
    if network.request.mode == Mode.BIPARTITE:
        listing = request.listing(row=str(edge.source), column=str(edge.target))
        return frame.url("statements", listing)
    return frame.url(
        "tie", request, one=str(edge.source), other=str(edge.target), mode=str(network.request.mode)
    )


DOWNLOADS = {
    "graphml": lambda frame, network: downloads.network_file(frame.corpus, network, "graphml"),
    "gexf": lambda frame, network: downloads.network_file(frame.corpus, network, "gexf"),
    "csv": lambda frame, network: downloads.edges_csv(frame.corpus, network),
    "svg": lambda frame, network: downloads.network_picture(
        frame.corpus, network, lambda shown: _draw(frame, shown)
    ),
}
