"""The fields of a span, spelled out once for all services: rows, events, digests, copies, imports, exports.

A new column of spans is a new field here; the order of the fields is that of payloads and of exported files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Self
from uuid import UUID

from annotations.models import Span
from annotations.scheme import SpanData, order_attributes
from annotations.text.ranges import Range


@dataclass(frozen=True, kw_only=True)
class SpanFields:
    """What a span says of its text; ``quote`` is None where a client did not send the words."""

    label: str
    start: int
    end: int
    quote: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    actor_id: UUID | None = None
    proposition_id: UUID | None = None

    def columns(self) -> dict[str, Any]:
        """Return the values by the columns of the table."""
        return dict(zip(SPAN_COLUMNS, _get_columns(self), strict=True))

    def with_range(self, found: Range, text: str) -> SpanValues:
        """Return the content that the span has with this range of a text."""
        values = self.columns() | {"attributes": order_attributes(self.attributes)}
        return SpanValues(**values | {"start": found.start, "end": found.end, "quote": found.quote(text)})

    def differs_from(self, other: SpanFields) -> bool:
        """Return whether anything but the quote differs, which follows from the range."""
        return {**self.columns(), "quote": None} != {**other.columns(), "quote": None}


@dataclass(frozen=True, kw_only=True)
class SpanValues(SpanFields):
    """The content of a span, with the words of its range."""

    quote: str

    @classmethod
    def from_row(cls, row: Span) -> Self:
        """Return the content of a stored span."""
        return cls(**dict(zip(SPAN_COLUMNS, _get_columns(row), strict=True)))

    @classmethod
    def from_data(cls, data: SpanData) -> Self:
        """Return the content of a span of the rules, whose links are ids of the database."""
        return cls(**dict(zip(SPAN_COLUMNS, _get_payload_values(data), strict=True)))

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Return the content that ``payload`` has made."""
        sent = zip(SPAN_COLUMNS, _PAYLOAD_NAMES, strict=True)
        return cls(**{column: _parse_value(column, payload[name]) for column, name in sent})

    def write_to(self, row: Span) -> None:
        """Set the columns of a span, which the caller stores."""
        for name, value in self.columns().items():
            setattr(row, name, value)

    def payload(self, id: object) -> dict[str, Any]:
        """Return the content as JSON has it, with the id of the span."""
        return payload_of_columns(id, [str(v) if isinstance(v, UUID) else v for v in _get_columns(self)])


#: The columns of the content of a span, in the order of payloads and files.
SPAN_COLUMNS = tuple(field.name for field in fields(SpanFields))
_PAYLOAD_NAMES = tuple(name.removesuffix("_id") for name in SPAN_COLUMNS)
_get_columns = attrgetter(*SPAN_COLUMNS)
_get_payload_values = attrgetter(*_PAYLOAD_NAMES)

_COLUMNS_OF_DATA = {"id": "pk", "proposition_kind": "proposition__kind"} | dict(
    zip(_PAYLOAD_NAMES, SPAN_COLUMNS, strict=True)
)
#: The columns that fill a ``SpanData``: whole, and as far as a comparison of spans needs them, which follows
#: merges.
SPAN_DATA_COLUMNS = tuple(_COLUMNS_OF_DATA[name] for name in SpanData._fields)
COMPARED_COLUMNS = tuple(
    f"{column.removesuffix('_id')}__canonical_id" if column in ("actor_id", "proposition_id") else column
    for column in SPAN_DATA_COLUMNS[: SpanData._fields.index("proposition_kind")]
)


def _parse_value(column: str, value: Any) -> Any:
    return UUID(value) if value is not None and column.endswith("_id") else value


def payload_of_columns(id: object, values: Any) -> dict[str, Any]:
    """Return the payload of a span from its values in the order of ``SPAN_COLUMNS``, with links as text."""
    return {"id": str(id), **dict(zip(_PAYLOAD_NAMES, values, strict=True))}


def span_content(row: Span) -> dict[str, Any]:
    """Return the content of a span with its id, from which the digest of a set is made."""
    return SpanValues.from_row(row).payload(row.pk)
