"""What is counted from approved work, over the API: the published figures, and what each answer says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.newsroom import Newsroom
from tests.statements import Entries, enter_published

LAKE = "corpora/lake/"


@pytest.fixture
def entries(newsroom: Newsroom) -> Entries:
    return enter_published(newsroom)


def edges(newsroom: Newsroom, **parameters: Any) -> dict[frozenset[str], float]:
    reply = newsroom.vic.get(LAKE + "network/", **parameters)
    assert reply.status == 200, reply
    return {frozenset((edge["source"], edge["target"])): edge["weight"] for edge in reply.data["edges"]}


def test_the_published_figures_come_out(newsroom: Newsroom, entries: Entries) -> None:
    matrix = newsroom.vic.get(LAKE + "matrix/").data
    assert matrix["counted"] == {
        "statements": 40, "used": 40, "duplicates": 0, "copies": 0, "undecided": 0, "undated": 0, "unlinked": 0,
        "ascribed": 0,
    }  # fmt: skip
    assert (len(matrix["rows"]), len(matrix["columns"]), len(matrix["cells"])) == (7, 6, 22)
    senate, sierra = entries.actors["Senate"], entries.actors["Sierra Club"]
    pair = frozenset((senate, sierra))
    found = {
        name: edges(newsroom, aggregation=name)[pair]
        for name in ("ignore", "congruence", "conflict", "subtract")
    }
    assert found == {"ignore": 7, "congruence": 2, "conflict": 5, "subtract": -3}
    sums = {
        name: 2 * sum(edges(newsroom, aggregation=name).values())
        for name in ("ignore", "congruence", "conflict")
    }
    assert sums == {"ignore": 276, "congruence": 160, "conflict": 116}
    normalised = {
        name: round(edges(newsroom, aggregation="congruence", normalisation=name)[pair], 4)
        for name in ("average_activity", "jaccard", "dna_cosine", "vector_cosine")
    }
    assert normalised == {
        "average_activity": 0.3636, "jaccard": 0.2, "dna_cosine": 0.0667, "vector_cosine": 0.2357,
    }  # fmt: skip
    two_mode = edges(newsroom, mode="bipartite", aggregation="ignore")
    assert sum(two_mode.values()) == 40
    combined = edges(newsroom, mode="bipartite", aggregation="combine")
    assert combined[frozenset((entries.actors["Analysis"], entries.issues[5]))] == 3
    subtracted = edges(newsroom, mode="bipartite", aggregation="subtract")
    petro = entries.actors["Petrochemical"]
    assert [subtracted[frozenset((petro, entries.issues[issue]))] for issue in (1, 6)] == [-2, -2]

    for dedup in ("article", "week", "month", "year", "range"):
        check_deduplicated(newsroom, dedup)


def check_deduplicated(newsroom: Newsroom, dedup: str) -> None:
    counted = newsroom.vic.get(LAKE + "matrix/", dedup=dedup).data["counted"]
    assert (counted["statements"], counted["used"], counted["duplicates"]) == (40, 23, 17)
    sums = [
        2 * sum(edges(newsroom, aggregation=name, dedup=dedup).values())
        for name in ("congruence", "conflict")
    ]
    assert sums == [48, 38]
