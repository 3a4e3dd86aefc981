"""The floor: the speed of the same database in the same run, with plain SQL.

The rows go into a copy of the span table with its checks and indexes, but without foreign keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from bench.client import median_ms, run_together
from bench.workload import SPAN_COLUMNS, Article, span_values

_COLUMNS: LiteralString = ", ".join(f'"{name}"' for name in SPAN_COLUMNS)
_PLACES: LiteralString = ", ".join(["%s"] * len(SPAN_COLUMNS))
_INSERT: LiteralString = f"INSERT INTO floor_span ({_COLUMNS}) VALUES ({_PLACES})"  # noqa: S608 - constant names
_PAGE: LiteralString = """
    SELECT a.*, r.id, r.number, r.sha256, r.length
    FROM annotations_article a JOIN annotations_revision r ON r.id = a.revision_id
    WHERE a.corpus_id = %s ORDER BY a.id LIMIT 101
"""


class Floor:
    """Measurements of plain SQL on one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("CREATE TABLE floor_span (LIKE annotations_span INCLUDING ALL)")

    def close(self) -> None:
        """Drop the table, and close the connection."""
        self._connection.execute("DROP TABLE floor_span")
        self._connection.close()

    def _empty(self) -> None:
        self._connection.execute("TRUNCATE floor_span")

    def copy_rate(self, articles: Iterable[Article]) -> float:
        """Return the spans a second of one COPY."""
        rows = [span_values(span, article.id) for article in articles for span in article.spans]
        self._empty()
        started = time.perf_counter()
        with self._connection.cursor().copy(f"COPY floor_span ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return len(rows) / (time.perf_counter() - started)

    def copy_batch_ms(self, articles: Iterable[Article], size: int, *, times: int) -> float:
        """Return p50 of one COPY of ``size`` spans with its commit, in milliseconds."""
        rows = islice((span_values(span, each.id) for each in articles for span in each.spans), size * times)
        seconds = []
        self._empty()
        while batch := list(islice(rows, size)):
            started = time.perf_counter()
            with self._connection.cursor().copy(f"COPY floor_span ({_COLUMNS}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            seconds.append(time.perf_counter() - started)
        return median_ms(seconds)

    def insert_ms(self, articles: Iterable[Article], *, times: int) -> float:
        """Return p50 of one INSERT with its commit, in milliseconds."""
        rows = islice((span_values(span, each.id) for each in articles for span in each.spans), times)
        self._empty()
        return median_ms([self._timed(_INSERT, row) for row in rows])

    def insert_rate(self, articles: Iterable[Article], *, clients: int, times: int) -> float:
        """Return the INSERTs a second, each with its commit, of several connections."""
        spans = (span_values(span, each.id) for each in articles for span in each.spans)
        rows = list(islice(spans, clients * times))
        self._empty()

        def task(mine: list[tuple[Any, ...]]) -> Callable[[], int]:
            def run() -> int:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    for row in mine:
                        connection.execute(_INSERT, row)
                return len(mine)

            return run

        return run_together([task(rows[first::clients]) for first in range(clients)])

    def select_rate(self, corpus: UUID) -> float:
        """Return the spans a second of one SELECT of all spans of a corpus."""
        started, found = time.perf_counter(), 0
        with self._connection.transaction(), self._connection.cursor("floor") as cursor:
            cursor.itersize = 2000
            cursor.execute(
                "SELECT s.* FROM annotations_span s JOIN annotations_annotationset a ON a.id = s.set_id "
                "WHERE a.corpus_id = %s",
                (corpus,),
            )
            for _ in cursor:
                found += 1
        return found / (time.perf_counter() - started)

    def select_set_ms(self, sets: Iterable[UUID]) -> float:
        """Return p50 of the SELECT of all spans of one set, in milliseconds."""
        sql = "SELECT * FROM annotations_span WHERE set_id = %s ORDER BY start"
        return median_ms([self._timed(sql, (id,)) for id in sets])

    def select_page_ms(self, corpus: UUID, *, times: int) -> float:
        """Return p50 of the SELECT of 100 articles with their revisions, in milliseconds."""
        return median_ms([self._timed(_PAGE, (corpus,)) for _ in range(times)])

    def _timed(self, sql: LiteralString, values: tuple[Any, ...]) -> float:
        started = time.perf_counter()
        cursor = self._connection.execute(sql, values)
        if cursor.description is not None:
            cursor.fetchall()
        return time.perf_counter() - started
