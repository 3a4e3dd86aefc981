"""The matrix and the networks of an export, over articles whose counts are known."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import networkx as nx
import pytest

from annotations.formats import FORMATS, Dialect
from annotations.formats.core.records import Actor, Article, Proposition
from tests.formats import edge_cases
from tests.formats.edge_cases import NAMES, TIME, id_of

ARDENIA, LORN, LOCK = id_of(900), id_of(901), id_of(910)
ENTRIES = (
    Actor(ARDENIA, 'Ardenia & "Co" <b>\x01', "state", "Q1", None, "", [], None),
    Actor(LORN, "=Lorn", "state", "", None, "", [], None),
    Proposition(LOCK, None, "The lock.", "issue", "accepted", None),
)


def article(number: int, *stances: tuple[str, str], date: str = "") -> Article:
    """An article in which each actor takes a stance on the lock."""
    text = "Ardenia and Lorn: yes, no, maybe, never, perhaps."
    words = ("yes", "no", "maybe", "never", "perhaps")
    spans, relations = [], []
    for place, (actor, stance) in enumerate(stances):
        holder, position = number * 100 + place, number * 100 + 50 + place
        day = f', "statement_date": "{date}"' if date else ""
        name = "Ardenia" if actor == ARDENIA else "Lorn"
        spans.append(edge_cases.span(holder, "actor", name, text, actor=actor))
        facts = f'{{"stance": "{stance}"{day}}}'
        spans.append(
            edge_cases.span(position, "position", words[place], text, proposition=LOCK, attributes=facts)
        )
        relations.append(edge_cases.relation(number * 100 + 80 + place, "held_by", position, holder))
    row = edge_cases.article().sets[0]._replace(spans=spans, relations=relations, comments=[])
    return edge_cases.article(sets=[row], published_at=TIME)


ARTICLES = (
    article(1, (ARDENIA, "support"), (LORN, "oppose"), date="2024"),
    article(2, (ARDENIA, "support"), (LORN, "support"), date="2025-03"),
    article(3, (ARDENIA, "mixed")),
)


def written(name: str, dialect: Dialect = Dialect.MACHINE) -> bytes:
    out = io.BytesIO()
    build: Any = FORMATS[name].writer
    writer = build(out, dialect=dialect)
    for entry in ENTRIES:
        writer.write_entry(entry)
    for each in ARTICLES:
        writer.write_article(each, NAMES)
    writer.close()
    return out.getvalue()


def test_the_matrix_has_a_file_over_all_time_and_one_for_each_year() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written("matrix")))
    assert archive.namelist()[:3] == ["matrix.csv", "matrix-2024.csv", "matrix-2025.csv"]
    rows = list(csv.DictReader(io.StringIO(archive.read("matrix.csv").decode(), newline="")))
    cells = {
        row["actor_id"]: [row[name] for name in ("support", "oppose", "mixed", "score", "last_stance")]
        for row in rows
    }
    assert cells == {ARDENIA: ["2", "0", "1", "0.6667", "mixed"], LORN: ["1", "1", "0", "0.0000", "support"]}
    (lorn,) = (
        row
        for row in csv.DictReader(io.StringIO(archive.read("matrix-2024.csv").decode(), newline=""))
        if row["actor_id"] == LORN
    )
    assert (lorn["oppose"], lorn["support"], lorn["actor"]) == ("1", "0", "=Lorn")


def test_a_spreadsheet_runs_no_name() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written("matrix", Dialect.SPREADSHEET)))
    assert "'=Lorn" in archive.read("matrix.csv").decode("utf-8-sig")


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        # Ardenia is 3 times for and once against, Lorn once for and once against
        (Dialect.MACHINE, {frozenset((ARDENIA, LOCK)): 2}),
        (Dialect.CONGRUENCE, {frozenset((ARDENIA, LORN)): 3 * 1 + 1 * 1}),
        (Dialect.CONFLICT, {frozenset((ARDENIA, LORN)): 3 * 1 + 1 * 1}),
    ],
)
@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_networkx_reads_the_weights_of_the_statements(
    name: str, dialect: Dialect, expected: dict[frozenset[str], int]
) -> None:
    graph = READERS[name](io.BytesIO(written(name, dialect)))
    assert not graph.is_directed()
    assert {frozenset(ends): weight for *ends, weight in graph.edges(data="weight")} == expected
    node = graph.nodes[ARDENIA]
    assert (node["label"], node["kind"], node["type"], node["qid"]) == (
        'Ardenia & "Co" <b>', "actor", "state", "Q1",
    )  # fmt: skip
    assert {id: node["activity"] for id, node in graph.nodes(data=True) if node["kind"] == "actor"} == {
        ARDENIA: 4,
        LORN: 2,
    }


READERS: dict[str, Any] = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}


def test_an_edge_begins_when_the_second_has_spoken() -> None:
    graph = nx.read_gexf(io.BytesIO(written("gexf", Dialect.CONGRUENCE)))
    (edge,) = graph.edges(data=True)
    assert (edge[2]["start"], edge[2]["end"]) == ("2024-01-01", TIME.date().isoformat())
