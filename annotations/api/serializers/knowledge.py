"""Serializers of what is counted: statements, matrix, changes, who is quoted, networks.

Answers with tens of thousands of parts are made as plain dictionaries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.api.serializers.base import EmptyAsNullField, StrictSerializer
from annotations.api.serializers.fields import StrictChoiceField, StrictUUIDField
from annotations.metrics.discourse.changes import ChangeKind
from annotations.scheme.statements import DAY_SOURCES, STATEMENT_KINDS
from annotations.services.knowledge.changes import FoundChange
from annotations.services.knowledge.matrix import Matrix
from annotations.services.knowledge.networks import StatementNetwork
from annotations.services.knowledge.quoted import Quoted, QuotedCount
from annotations.services.knowledge.tallies import Counted
from annotations.text.parsing import format_timestamp


@extend_schema_field(
    {
        "type": ["object", "null"],
        "required": ["id", "name"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}},
    }
)
class NamedField(serializers.Field[Any, Any, Any, Any]):
    """Field of an entry as ``{id, name}``, from two columns of a row; null where nothing is linked."""

    def __init__(self, name: str) -> None:
        super().__init__(read_only=True, source="*")
        self.columns = (f"{name}_key", f"{name}_name")

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, str] | None:
        """Return the id and the name."""
        id, name = (value[column] for column in self.columns)
        return None if id is None else {"id": str(id), "name": name}


class StatementSerializer(StrictSerializer):
    """A statement with its quote. Actors and propositions are those that entries stand for after merges."""

    span = StrictUUIDField(source="span_id", read_only=True)
    set = StrictUUIDField(source="set_id", read_only=True)
    article = NamedField("article")
    kind = StrictChoiceField(STATEMENT_KINDS, name="StatementKind", read_only=True)
    actor = NamedField("actor")
    proposition = NamedField("proposition")
    stance = EmptyAsNullField()
    polarity = EmptyAsNullField()
    basis = EmptyAsNullField()
    mode = EmptyAsNullField()
    ascribed_by = NamedField("ascriber")
    day = serializers.DateField(read_only=True, allow_null=True)
    day_last = serializers.DateField(read_only=True, allow_null=True)
    day_source = StrictChoiceField(DAY_SOURCES, name="DaySource", read_only=True)
    quote = serializers.CharField(read_only=True)
    source = EmptyAsNullField()
    copies = serializers.IntegerField(read_only=True)


def _object(**properties: object) -> dict[str, Any]:
    """Return the schema of an object that has all of these properties."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(**properties: object) -> dict[str, Any]:
    return {"type": "array", "items": _object(**properties)}


_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_OPTIONAL_TEXT, _OPTIONAL_NUMBER = {"type": ["string", "null"]}, {"type": ["number", "null"]}
_ID = {"type": "string", "description": "A UUID; where actors are rolled up to kinds, the kind."}
_DAY = {"type": ["string", "null"], "format": "date"}
_PARAMETERS = {"type": "object", "description": "All parameters of the grammar as they were understood."}
_AS_OF = {"type": "string", "format": "date-time", "description": "When it was counted."}
_COUNTED = _object(**dict.fromkeys((field.name for field in fields(Counted)), _COUNT))
_ENDS = {"next": {"type": "null"}, "previous": {"type": "null"}}
_ADDRESS = {"type": ["string", "null"], "format": "uri"}

MATRIX_SCHEMA = _object(
    parameters=_PARAMETERS,
    rows=_list(id=_ID, name=_TEXT, kind=_TEXT),
    columns=_list(id=_TEXT, text=_TEXT, topic=_OPTIONAL_TEXT),
    windows=_list(**{"id": _TEXT, "from": _TEXT, "to": _DAY}),
    cells=_list(
        row=_ID,
        column=_TEXT,
        window=_OPTIONAL_TEXT,
        support=_COUNT,
        oppose=_COUNT,
        mixed=_COUNT,
        undecided=_COUNT,
        score=_OPTIONAL_NUMBER,
        last={
            "type": ["object", "null"],
            "properties": {"stance": _TEXT, "day": _DAY},
        },
        href={"type": "string", "description": "The list of exactly the statements that were counted."},
    ),
    counted=_COUNTED,
    as_of=_AS_OF,
)
CHANGES_SCHEMA = _object(
    parameters=_PARAMETERS,
    next=_ADDRESS,
    previous=_ADDRESS,
    results=_list(
        **{
            "actor": _object(id=_ID, name=_TEXT),
            "proposition": _object(id=_TEXT, name=_TEXT),
            "kind": {"title": "StanceChange", "type": "string", "enum": [str(kind) for kind in ChangeKind]},
            "from": {"type": "object"},
            "to": {"type": "object"},
            "days": _COUNT,
        }
    ),
    counted=_COUNTED,
    as_of=_AS_OF,
)
QUOTED_SCHEMA = _object(
    parameters=_PARAMETERS,
    **_ENDS,
    results=_list(
        key=_ID,
        name=_TEXT,
        statements=_COUNT,
        direct_share=_OPTIONAL_NUMBER,
        articles=_COUNT,
        share={"type": "number"},
        first_day=_DAY,
        last_day=_DAY,
        href={"type": "string", "description": "The list of exactly the statements that were counted."},
    ),
    concentration=_object(top10_share=_OPTIONAL_NUMBER, hhi=_OPTIONAL_NUMBER, n=_COUNT),
    counted=_object(**dict.fromkeys((field.name for field in fields(QuotedCount)), _COUNT)),
    as_of=_AS_OF,
)
NETWORK_SCHEMA = _object(
    parameters=_PARAMETERS,
    nodes=_list(id=_ID, kind=_TEXT, name=_TEXT, type=_TEXT, qid=_OPTIONAL_TEXT, activity=_COUNT),
    edges=_list(
        source=_ID,
        target=_ID,
        weight={"type": "number"},
        positive=_COUNT,
        negative=_COUNT,
        start=_DAY,
        end=_DAY,
    ),
    counted=_COUNTED,
    as_of=_AS_OF,
)


def matrix_content(matrix: Matrix, list_address: str) -> dict[str, Any]:
    """Return the answer for a matrix; ``list_address`` is that of the list of statements."""
    return {
        "parameters": matrix.request.as_parameters(),
        "rows": [{"id": row.id, "name": row.name, "kind": row.kind} for row in matrix.rows],
        "columns": [
            {"id": column.id, "text": column.text, "topic": column.topic or None} for column in matrix.columns
        ],
        "windows": [{"id": window.name, "from": window.start, "to": window.end} for window in matrix.windows],
        "cells": _cells(matrix, list_address),
        **account_content(matrix.counted, matrix.as_of),
    }


def _cells(matrix: Matrix, list_address: str) -> list[dict[str, Any]]:
    """Return the cells. All addresses have the same beginning, which is written once."""
    common = f"{list_address}?{urlencode(matrix.request.listing().as_query())}&row="
    return [
        {
            "row": cell.actor,
            "column": cell.issue,
            "window": cell.window or None,
            "support": cell.support,
            "oppose": cell.oppose,
            "mixed": cell.mixed,
            "undecided": cell.undecided,
            "score": cell.score,
            "last": cell.last and {"stance": cell.last_stance, "day": cell.last.isoformat()},
            "href": f"{common}{cell.actor}&column={cell.issue}{cell.window and f'&window={cell.window}'}",
        }
        for cell in matrix.cells
    ]


def change_content(found: FoundChange) -> dict[str, Any]:
    """Return a change of mind as a page has it."""
    return {
        "actor": {"id": found.actor.id, "name": found.actor.name},
        "proposition": {"id": found.issue.id, "name": found.issue.text},
        "kind": found.change.kind,
        "from": StatementSerializer(found.before).data,
        "to": StatementSerializer(found.after).data,
        "days": found.change.days,
    }


def quoted_content(quoted: Quoted, list_address: str) -> dict[str, Any]:
    """Return the answer for who is quoted."""
    return {
        "parameters": {**quoted.request.as_parameters(), "by": quoted.by},
        "next": None,
        "previous": None,
        "results": [
            {
                **row._asdict(),
                "href": f"{list_address}?{urlencode(quoted.row_request(row).as_query())}",
            }
            for row in quoted.rows
        ],
        "concentration": quoted.concentration._asdict(),
        **account_content(quoted.counted, quoted.as_of),
    }


def network_content(network: StatementNetwork) -> dict[str, Any]:
    """Return the answer for a network."""
    return {
        "parameters": network.request.as_parameters(),
        "nodes": [{**node._asdict(), "qid": node.qid or None} for node in network.nodes],
        "edges": [edge._asdict() for edge in network.edges],
        **account_content(network.counted, network.as_of),
    }


def account_content(counted: Counted, as_of: datetime) -> dict[str, Any]:
    """Return the end of an answer: what was counted, and when."""
    return {"counted": asdict(counted), "as_of": format_timestamp(as_of)}
