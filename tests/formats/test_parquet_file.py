"""Parquet of our own: what other readers make of missing values, empty lists and many row groups."""

from __future__ import annotations

import io
from typing import Any

import pytest

from annotations.formats.core.typed_columns import Column, describe_features
from annotations.formats.writers import parquet_file
from annotations.formats.writers.parquet_file import ParquetFile

COLUMNS = (
    Column("id"),
    Column("number", "int32"),
    Column("big", "int64"),
    Column("words", repeated=True),
    Column("tags", "int64", repeated=True, names=("O", "B-actor")),
    Column("spans", fields=(Column("label"), Column("start", "int32"))),
)
WORDS: list[Any] = [None, [], ["a"], ["a", None, "é🚧"], [""]]
SPANS: list[Any] = [None, [], [{"label": None, "start": 1}], [{"label": "x", "start": -2}] * 20]
ROWS: list[dict[str, Any]] = [
    {
        "id": f"é🚧\0{number}" if number % 7 else None,
        "number": number if number % 3 else None,
        "big": -number * 10**12,
        "words": WORDS[number % len(WORDS)],
        "tags": [1, 0] * number,
        "spans": SPANS[number % len(SPANS)],
    }
    for number in range(200)
]


def written(rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, most: int = 1_000_000) -> bytes:
    monkeypatch.setattr(parquet_file, "MOST_WEIGHT", most)
    out = io.BytesIO()
    file = ParquetFile(out, COLUMNS)
    for row in rows:
        file.add(row, 100)
    file.close()
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 1_000, 1_000_000])
@pytest.mark.parametrize("number", [0, 1, 200])
def test_readers_find_the_rows(number: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pyarrow: Any = pytest.importorskip("pyarrow.parquet")
    polars: Any = pytest.importorskip("polars")
    data = written(ROWS[:number], monkeypatch, most)
    table = pyarrow.read_table(io.BytesIO(data))
    assert table.schema.names == [column.name for column in COLUMNS]
    assert table.to_pylist() == ROWS[:number]
    assert polars.read_parquet(io.BytesIO(data)).to_dicts() == ROWS[:number]


def test_bytes_depend_on_the_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(ROWS, monkeypatch)
    assert data == written(ROWS, monkeypatch)
    assert data[:4] == data[-4:] == b"PAR1"


def test_features_name_the_classes() -> None:
    assert describe_features(COLUMNS) == [
        {"name": "id", "dtype": "string"},
        {"name": "number", "dtype": "int32"},
        {"name": "big", "dtype": "int64"},
        {"name": "words", "list": "string"},
        {"name": "tags", "list": {"class_label": {"names": {"0": "O", "1": "B-actor"}}}},
        {
            "name": "spans",
            "list": [{"name": "label", "dtype": "string"}, {"name": "start", "dtype": "int32"}],
        },
    ]
