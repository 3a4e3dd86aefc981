"""Copies in files: tables, networks and releases have the numbers and the rows of the API."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from annotations.services import job_runner, releases
from tests import stored_files
from tests.api.test_knowledge_copies import LAKE, day, with_copies
from tests.newsroom import Newsroom
from tests.statements import approve_position, join_story, own_text

PROVES = False
SIDES = ("support", "oppose", "mixed")


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def export(newsroom: Newsroom, format: str, **sent: str) -> bytes:
    reply = newsroom.vic.get(LAKE + "export/", format=format, **sent)
    assert reply.status == 200, reply
    return reply.content


def cells_of(rows: Any, actor: str, issue: str) -> dict[tuple[str, ...], tuple[int, ...]]:
    """The cells of a matrix in which somebody takes a side."""
    cells = {(row[actor], row[issue]): tuple(int(row[side]) for side in SIDES) for row in rows}
    return {ends: numbers for ends, numbers in cells.items() if any(numbers)}


def cells_of_matrix(data: bytes) -> dict[tuple[str, ...], tuple[int, ...]]:
    return cells_of(table(zipfile.ZipFile(io.BytesIO(data)).read("matrix.csv")), "actor_id", "proposition_id")


def cells_of_api(newsroom: Newsroom, **sent: str) -> dict[tuple[str, ...], tuple[int, ...]]:
    return cells_of(newsroom.vic.get(LAKE + "matrix/", **sent).data["cells"], "row", "column")


def counted_rows(data: bytes) -> Counter[tuple[str, str, int]]:
    return Counter(
        (row["span_id"], row["actor_id"], int(row["copies"]))
        for row in table(data)
        if row["basis"] != "ascribed"
    )


def listed_rows(newsroom: Newsroom) -> Counter[tuple[str, str, int]]:
    return Counter(
        (row["span"], row["actor"]["id"] if row["actor"] else "", row["copies"])
        for row in newsroom.vic.all(LAKE + "positions/")
    )


@pytest.mark.parametrize("seed", [0, 2])
def test_files_have_the_numbers_of_the_api(newsroom: Newsroom, seed: int) -> None:
    with_copies(newsroom, seed)
    assert cells_of_matrix(export(newsroom, "matrix")) == cells_of_api(newsroom)
    assert cells_of_api(newsroom) != cells_of_api(newsroom, copies="all")
    statements = export(newsroom, "statements")
    assert counted_rows(statements) == listed_rows(newsroom)
    assert max(copies for _, _, copies in counted_rows(statements)) > 0
    for name, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        for dialect in ("congruence", "conflict"):
            graph = read(io.BytesIO(export(newsroom, name, dialect=dialect)))
            weights = {frozenset(ends): weight for *ends, weight in graph.edges(data="weight")}
            edges = newsroom.vic.get(LAKE + "network/", mode="actors", aggregation=dialect).data["edges"]
            assert weights == {frozenset((row["source"], row["target"])): row["weight"] for row in edges}


def test_the_lead_stands_for_its_copies_in_files(newsroom: Newsroom) -> None:
    """Whatever comes first in the file, and until somebody judges that they are apart."""
    actor, issue = newsroom.actor(), newsroom.proposition()
    rows = [newsroom.article(own_text(), published_at=day(n)) for n in (2, 1, 3, 4)]
    for article in rows:
        stance = "support" if article is rows[3] else "oppose"
        approve_position(newsroom, actor, issue, article=article, stance=stance)
    before = export(newsroom, "matrix")
    story = join_story(newsroom.lake, [rows[2], *rows[:2], rows[3]])
    found = table(export(newsroom, "statements"))
    assert [(row["article_id"], row["stance"], row["copies"]) for row in found] == [
        (str(rows[2].pk), "oppose", "2"),
        (str(rows[3].pk), "support", "0"),
    ]
    assert cells_of_matrix(export(newsroom, "matrix")) == {(actor, issue): (1, 1, 0)}
    # the lead is not among what is exported
    (row,) = table(export(newsroom, "statements", published_before=day(3).isoformat()))
    assert (row["article_id"], row["copies"]) == (str(rows[1].pk), "1")
    story.members.update(state="apart")
    assert export(newsroom, "matrix") == before


def test_releases_count_copies_once(newsroom: Newsroom, settings: Any, tmp_path: Path) -> None:
    """From what was frozen, in which links are those before all merges."""
    settings.FILES_DIR = tmp_path / "files"
    with_copies(newsroom, 0)
    order = releases.ReleaseRequest(formats=["jsonl", "matrix", "statements", "graphml"])
    made, _ = job_runner.make_release(newsroom.user("max"), newsroom.lake, order)

    def content(name: str) -> bytes:
        return stored_files.release_path(made.pk, name).read_bytes()

    assert cells_of_matrix(content("lake.matrix.zip")) == cells_of_api(newsroom)
    assert counted_rows(content("lake.statements.csv")) == listed_rows(newsroom)
    assert content("lake.graphml") == export(newsroom, "graphml")
    losses = {(loss["format"], loss["what"]) for loss in made.losses}
    assert {("matrix", "copies"), ("statements", "copies"), ("graphml", "copies")} <= losses
