"""What is counted from approved work, over the API: the published figures, and what each answer says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from annotations.models import Statement
from annotations.services.knowledge import matrix as matrices
from tests.newsroom import Newsroom
from tests.statements import Entries, approve_position, enter_published, own_text

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
        "statements": 40, "used": 40, "duplicates": 0, "copies": 0, "undecided": 0, "undated": 0,
        "unlinked": 0, "ascribed": 0,
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
        assert count_once(newsroom, dedup, "stance", "congruence", "conflict") == [23, 17, 48, 38]
        assert count_once(newsroom, dedup, "issue", "ignore") == [22, 18, 78]


def count_once(newsroom: Newsroom, dedup: str, key: str, *aggregations: str) -> list[float]:
    """Return how many statements and duplicates there are, and the sums of the networks."""
    parameters = {"dedup": dedup, "dedup_key": key}
    counted = newsroom.vic.get(LAKE + "matrix/", **parameters).data["counted"]
    assert counted["statements"] == 40
    sums = [2 * sum(edges(newsroom, aggregation=name, **parameters).values()) for name in aggregations]
    return [counted["used"], counted["duplicates"], *sums]


def test_without_the_stance_in_the_key_the_latest_stance_counts(newsroom: Newsroom) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    stand(newsroom, actor, issue, day(5))
    stand(newsroom, actor, issue, day(7), stance="support")
    stand(newsroom, actor, issue, day(6), stance="mixed")
    for key, sides in (("stance", (1, 1, 1)), ("issue", (1, 0, 0))):
        (cell,) = newsroom.vic.get(LAKE + "matrix/", dedup="year", dedup_key=key).data["cells"]
        assert (cell["support"], cell["oppose"], cell["mixed"]) == sides
    assert [
        row["stance"] for row in newsroom.vic.all(LAKE + "positions/", dedup="year", dedup_key="issue")
    ] == ["support"]


def stand(newsroom: Newsroom, actor: str, issue: str, day: datetime | None, **attributes: str) -> None:
    """Approve that an actor stands somewhere on an issue, in an article of a day."""
    article = newsroom.article(own_text(), published_at=day, source="Herald")
    approve_position(newsroom, actor, issue, article=article, **attributes)


def day(month: int) -> datetime:
    return datetime(2024, month, 1, 12, tzinfo=UTC)


def test_a_list_says_all_of_a_statement(newsroom: Newsroom) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    stand(newsroom, actor, issue, day(5), statement_date="2024-04", mode="direct")
    reply = newsroom.vic.get(LAKE + "positions/")
    assert list(reply.data) == ["parameters", "next", "previous", "results"]
    (row,) = reply.data["results"]
    stored = Statement.objects.select_related("article").get()
    assert row == {
        "span": str(stored.span_id), "set": str(stored.set_id),
        "article": {"id": str(stored.article_id), "name": stored.article.title}, "kind": "position",
        "actor": {"id": actor, "name": "Ada Verde"}, "proposition": {"id": issue, "name": "A new toll"},
        "stance": "oppose", "polarity": None, "basis": "stated", "mode": "direct", "ascribed_by": None,
        "day": "2024-04-01", "day_last": "2024-04-30", "day_source": "statement",
        "quote": "is opposed to any new toll", "source": "Herald", "copies": 0,
    }  # fmt: skip


def test_merged_entries_count_as_one(newsroom: Newsroom) -> None:
    winner, loser, issue = newsroom.actor(), newsroom.actor("A. Verde"), newsroom.proposition()
    stand(newsroom, winner, issue, day(5))
    stand(newsroom, loser, issue, day(6))
    merge = {"into": winner, "reason": "One."}
    assert newsroom.rae.post(f"actors/{loser}/merge/", merge, version=1).status == 201
    found = newsroom.vic.get(LAKE + "matrix/").data
    assert [(cell["row"], cell["oppose"]) for cell in found["cells"]] == [(winner, 2)]
    for asked in (winner, loser):
        rows = newsroom.vic.all(LAKE + "positions/", actor=asked)
        assert [row["actor"]["id"] for row in rows] == [winner, winner]


def test_changes_of_mind(newsroom: Newsroom) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    stand(newsroom, actor, issue, day(5))
    stand(newsroom, actor, issue, day(7), stance="support")
    stand(newsroom, actor, issue, None, stance="oppose")
    stand(newsroom, actor, issue, day(9), stance="oppose", basis="ascribed")
    reply = newsroom.vic.get(LAKE + "changes/")
    (change,) = reply.data["results"]
    assert (change["kind"], change["days"]) == ("change", 61)
    assert (change["from"]["stance"], change["to"]["stance"]) == ("oppose", "support")
    assert change["actor"] == {"id": actor, "name": "Ada Verde"}
    assert reply.data["counted"]["ascribed"] == 1


def test_who_is_quoted(newsroom: Newsroom) -> None:
    ada, lorn = newsroom.actor(), newsroom.actor("Lorn", kind="state")
    issue = newsroom.proposition()
    for month, actor, mode in (
        (1, ada, "direct"),
        (2, ada, "indirect"),
        (3, ada, "direct"),
        (4, lorn, "mixed"),
    ):
        stand(newsroom, actor, issue, day(month), mode=mode)
    answer = newsroom.vic.get(LAKE + "quoted/").data
    first, second = answer["results"]
    assert (first["key"], first["statements"], first["share"], first["articles"]) == (ada, 3, 0.75, 3)
    assert round(first["direct_share"], 4) == 0.6667
    assert (first["first_day"], first["last_day"]) == ("2024-01-01", "2024-03-01")
    assert second["direct_share"] == 0
    assert answer["concentration"] == {"top10_share": 1, "hhi": 0.625, "n": 2}
    for by, keys in (("kind", ["person", "state"]), ("source", ["Herald"])):
        answer = newsroom.vic.get(LAKE + "quoted/", by=by).data
        assert [row["key"] for row in answer["results"]] == keys
        for row in answer["results"]:
            listed = newsroom.vic.raw("GET", row["href"].removeprefix("http://testserver")).data["results"]
            assert len(listed) == row["statements"]


def test_an_imprecise_date_belongs_to_a_window_as_a_whole_or_not_at_all(newsroom: Newsroom) -> None:
    actor, issue = newsroom.actor(), newsroom.proposition()
    stand(newsroom, actor, issue, day(5), statement_date="2024-05")
    stand(newsroom, actor, issue, day(5), statement_date="2024")
    stand(newsroom, actor, issue, None)
    for parameters, used, undated in (
        ({}, 3, 0),
        ({"time": "month"}, 1, 2),
        ({"time": "year"}, 2, 1),
        ({"from": "2024-05", "to": "2024-06"}, 1, 2),
        ({"from": "2024", "to": "2025"}, 2, 1),
        ({"from": "2025"}, 0, 1),
    ):
        counted = newsroom.vic.get(LAKE + "matrix/", **parameters).data["counted"]
        assert (counted["used"], counted["undated"]) == (used, undated), parameters
    windows = newsroom.vic.get(LAKE + "matrix/", time="quarter").data["windows"]
    assert windows == [{"id": "2024-Q2", "from": "2024-04-01", "to": "2024-07-01"}]


def test_moving_windows_date_the_edges(newsroom: Newsroom) -> None:
    ada, lorn, issue = newsroom.actor(), newsroom.actor("Lorn"), newsroom.proposition()
    for month in (1, 3):
        stand(newsroom, ada, issue, day(month))
        stand(newsroom, lorn, issue, day(month))
    answer = newsroom.vic.get(LAKE + "network/", window=31, **{"from": "2024-01-01", "to": "2024-04-01"}).data
    assert [(edge["weight"], edge["start"], edge["end"]) for edge in answer["edges"]] == [
        (1, "2024-01-01", "2024-01-31"),
        (1, "2024-02-01", "2024-03-02"),
    ]


@pytest.mark.parametrize(
    ("path", "parameters", "named"),
    [
        ("matrix/", {"rows": "501"}, "rows"),
        ("matrix/", {"from": "2024-13"}, "from"),
        ("matrix/", {"from": "2024-02", "to": "2024-02"}, "to"),
        ("matrix/", {"basis": "stated,stated"}, "basis"),
        ("matrix/", {"dedup": "fortnight"}, "dedup"),
        ("matrix/", {"row": "x"}, "row"),
        ("network/", {"aggregation": "combine"}, "aggregation"),
        ("network/", {"step": "3"}, "step"),
        ("network/", {"min_weight": "-1"}, "min_weight"),
        ("quoted/", {"by": "mood"}, "by"),
    ],
)
def test_a_wrong_parameter_is_named(
    newsroom: Newsroom, path: str, parameters: dict[str, str], named: str
) -> None:
    reply = newsroom.vic.get(LAKE + path, **parameters)
    assert reply.refusal == (400, "invalid")
    assert reply.pointers == [named]


def test_too_many_cells_name_the_parameter_that_helps(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(newsroom, newsroom.actor(), newsroom.proposition(), day(5))
    monkeypatch.setattr(matrices, "MAX_CELLS", 0)
    reply = newsroom.vic.get(LAKE + "matrix/")
    assert reply.refusal == (422, "too-large")
    assert reply.pointers == ["rows"]
    assert newsroom.vic.get(LAKE + "matrix/", time="month").pointers == ["time"]
