"""The fields of a span stand once; everything that carries spans follows from them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from annotations.formats.core import records
from annotations.models import Span, uuid7
from annotations.scheme import SpanData
from annotations.services.core.span_values import (
    COMPARED_COLUMNS,
    SPAN_COLUMNS,
    SPAN_DATA_COLUMNS,
    SpanValues,
    span_content,
)

#: The columns of the table that are not content: whose it is, where it came from, how often it was written.
HOUSEKEEPING = {"id", "set_id", "origin", "version"}
VALUES = SpanValues(
    label="claim", start=3, end=7, quote="lock", attributes={"stance": "against"}, proposition_id=uuid7()
)


def test_every_column_of_the_table_is_content_or_housekeeping() -> None:
    assert {field.attname for field in Span._meta.concrete_fields} - HOUSEKEEPING == set(SPAN_COLUMNS)


def test_records_and_data_have_the_same_fields_in_the_same_order() -> None:
    names = tuple(VALUES.payload(1))
    assert records.Span._fields == ("id", "set", *names[1:], "origin", "version")
    assert SpanData._fields[: len(names)] == names
    assert SPAN_DATA_COLUMNS == ("pk", *SPAN_COLUMNS, "proposition__kind")
    links = {"actor_id": "actor__canonical_id", "proposition_id": "proposition__canonical_id"}
    assert COMPARED_COLUMNS == ("pk", *(links.get(name, name) for name in SPAN_COLUMNS))


def test_values_survive_the_row_the_payload_and_the_rules() -> None:
    row = Span(**VALUES.columns())
    assert SpanValues.from_row(row) == VALUES
    assert SpanValues.from_payload(span_content(row)) == VALUES
    data = SpanData(row.pk, *(VALUES.columns()[name] for name in SPAN_COLUMNS))
    assert SpanValues.from_data(data) == VALUES
    assert VALUES.payload(row.pk) == span_content(row)
    assert span_content(row)["proposition"] == str(VALUES.proposition_id)


def test_any_field_but_the_quote_makes_a_difference() -> None:
    others: dict[str, object] = {
        "label": "actor", "start": 4, "end": 8, "attributes": {}, "actor_id": UUID(int=1),
        "proposition_id": None,
    }  # fmt: skip
    assert set(others) | {"quote"} == set(SPAN_COLUMNS)
    for name, value in others.items():
        assert VALUES.differs_from(replace(VALUES, **{name: value})), name  # type: ignore[arg-type]
    assert not VALUES.differs_from(replace(VALUES, quote="LOCK"))
