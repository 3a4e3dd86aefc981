"""Counts over random corpora: each address of a cell lists exactly the statements that were counted."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product
from typing import Any

import pytest

from annotations.metrics.discourse.changes import DatedStance, find_changes
from annotations.models import Statement
from annotations.services.knowledge.grammar import MATRIX_DEFAULTS, POSITIONS_ONLY, parse_request
from annotations.services.knowledge.queries import StatementQuery
from annotations.services.knowledge.tallies import count_statements
from tests.newsroom import Newsroom
from tests.statements import approve_position, make_random, own_text

#: Rows go straight into the tables, without events.
PROVES = False
LAKE = "corpora/lake/"
SAMPLE = 3
SEEDS = 3


REQUESTS: list[dict[str, str]] = [
    {},
    *({"dedup": dedup} for dedup in ("article", "week", "month", "year", "range")),
    *(
        {"rollup_actor": actor, "rollup_issue": issue, "dedup": dedup}
        for actor, issue, dedup in product(
            ("none", "parent", "affiliation", "kind"), ("none", "topic"), ("none", "article")
        )
        if (actor, issue) != ("none", "none")
    ),
    *({"time": time} for time in ("year", "quarter", "month", "week", "day")),
    {"time": "year", "dedup": "range", "rollup_actor": "affiliation"},
    {"from": "2024-02", "to": "2024-12", "dedup": "month", "kind": "position,claim"},
    *({"dedup": dedup, "dedup_key": "issue"} for dedup in ("article", "range")),
    {
        "dedup": "year",
        "dedup_key": "issue",
        "time": "month",
        "rollup_actor": "affiliation",
        "rollup_issue": "topic",
    },
    {"basis": "stated,conduct,ascribed", "stance": "support,oppose", "source": "Herald"},
    {"min_statements": "2", "rows": "3", "columns": "2", "order": "score"},
]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_href_lists_exactly_what_was_counted(newsroom: Newsroom, seed: int) -> None:
    make_random(newsroom.lake, newsroom.user("ann"), seed)
    rng = random.Random(seed)
    # every way once, on one of the newsrooms: each run, whose seed pytest-randomly prints, on another one
    for parameters in REQUESTS[(seed + random.randrange(SEEDS)) % SEEDS :: SEEDS]:
        reply = newsroom.vic.get(LAKE + "matrix/", **parameters)
        assert reply.status == 200, reply
        cells, counted = reply.data["cells"], reply.data["counted"]
        check_account(newsroom, parameters, cells, counted)
        for cell in rng.sample(cells, min(SAMPLE, len(cells))):
            listed = follow(newsroom, cell["href"])
            stances = Counter(row["stance"] or "undecided" for row in listed)
            assert stances == Counter({name: cell[name] for name in STANCES if cell[name]}), (
                parameters,
                cell,
            )
            assert len({(row["span"], row["actor"]["id"]) for row in listed}) == len(listed)
            days = [row["day_last"] for row in listed if row["day"]]
            assert max(days, default=None) == (cell["last"] and cell["last"]["day"])
            last = {
                row["stance"] or "undecided" for row in listed if row["day"] and row["day_last"] == max(days)
            }
            if last:
                assert cell["last"]["stance"] == (last.pop() if len(last) == 1 else "mixed")


def test_a_last_statement_without_a_stance_is_undecided(newsroom: Newsroom) -> None:
    """Whether it says so or says nothing; both on one day are one stance, and not two that differ."""
    actor, issue = newsroom.actor("Osman"), newsroom.proposition("A toll")
    last = []
    for day, stances in (("01", ["support"]), ("02", ["undecided"]), ("03", [""]), ("04", ["", "undecided"])):
        for stance in stances:
            article = newsroom.article(own_text(), published_at=f"2024-05-{day}T12:00:00Z")
            row = approve_position(newsroom, actor, issue, article=article, stance="undecided")
            Statement.objects.filter(set=row).update(stance=stance or "")
        (cell,) = newsroom.vic.get(LAKE + "matrix/").data["cells"]
        last.append(cell["last"])
    assert [each["stance"] for each in last] == ["support", *["undecided"] * 3]
    assert [each["day"] for each in last] == [f"2024-05-0{number}" for number in range(1, 5)]
    (cell,) = newsroom.vic.get(LAKE + "matrix/", **{"from": "2024-05-02"}).data["cells"]
    assert (cell["undecided"], cell["score"]) == (4, None)


WAYS_OF_CHANGES: dict[str, tuple[int, dict[str, str]]] = {
    "plain": (7, {}),
    "kinds": (5, {"rollup_actor": "kind", "rollup_issue": "topic"}),
    "affiliations": (9, {"rollup_actor": "affiliation", "dedup": "article", "from": "2023-01"}),
}


@pytest.mark.parametrize(
    ("size", "parameters"),
    [
        *(pytest.param(*way, id=name) for name, way in WAYS_OF_CHANGES.items()),
        *(
            pytest.param(size, way[1], id=f"{name}-{size}", marks=pytest.mark.slow)
            for name, way in WAYS_OF_CHANGES.items()
            for size in (1, 3)
        ),
    ],
)
def test_changes_of_mind_are_paged_in_the_order_of_ids_and_time(
    newsroom: Newsroom, size: int, parameters: dict[str, str]
) -> None:
    make_random(newsroom.lake, newsroom.user("ann"), 5, articles=40)
    whole = newsroom.vic.get(LAKE + "changes/", page_size=500, **parameters).data
    changes = whole["results"]
    assert len(changes) > 5
    assert (whole["next"], whole["previous"]) == (None, None)
    order = [
        (change["actor"]["id"], change["proposition"]["id"], change["to"]["day"], change["to"]["day_last"])
        for change in changes
    ]
    assert order == sorted(order)
    check_counted_changes(newsroom, parameters, changes)
    pages = [newsroom.vic.get(LAKE + "changes/", page_size=size, **parameters).data]
    while pages[-1]["next"]:
        pages.append(get_address(newsroom, pages[-1]["next"]))
    assert [change for page in pages for change in page["results"]] == changes
    assert all(page["counted"] == whole["counted"] for page in pages)
    page = pages[-1]
    for before in reversed(pages[:-1]):
        page = get_address(newsroom, page["previous"])
        assert page["results"] == before["results"]
    assert page["previous"] is None
    wrong = newsroom.vic.get(LAKE + "changes/", cursor="x")
    assert (wrong.refusal, wrong.pointers) == ((400, "invalid"), ["cursor"])


def check_counted_changes(newsroom: Newsroom, parameters: dict[str, str], changes: list[Any]) -> None:
    """The changes are those that the measure finds in all statements at once."""
    query = StatementQuery(
        newsroom.lake, parse_request(parameters, **POSITIONS_ONLY), needs=("row", "column")
    )
    rows = query.listed().values_list("pk", "row", "column", "stance", "article_id", "day", "day_last")
    expected = Counter(
        (str(each.kind), each.days) for each in find_changes(DatedStance(*row) for row in rows)
    )
    assert Counter((change["kind"], change["days"]) for change in changes) == expected


def get_address(newsroom: Newsroom, address: str) -> Any:
    reply = newsroom.vic.raw("GET", address.removeprefix("http://testserver"))
    assert reply.status == 200, reply
    return reply.data


STANCES = ("support", "oppose", "mixed", "undecided")


def check_account(newsroom: Newsroom, parameters: Any, cells: list[Any], counted: dict[str, int]) -> None:
    """Every statement is counted once or left out for one reason, and the list has those that are counted."""
    assert counted["used"] == sum(cell[name] for cell in cells for name in STANCES)
    left = ("used", "duplicates", "copies", "undated", "unlinked", "ascribed")
    if "rows" not in parameters:
        assert counted["statements"] == sum(counted[name] for name in left), (parameters, counted)
    request = parse_request(parameters, **MATRIX_DEFAULTS)
    counts, _ = count_statements(newsroom.lake, request)
    query = StatementQuery(newsroom.lake, request, needs=("row", "column"))
    listed = Counter(query.listed().values_list("row", "column", "stance"))
    expected: Counter[Any] = Counter()
    for cell, stance in product(counts, STANCES):
        expected[cell.actor, cell.issue, stance] += getattr(cell, stance)
    expected = +expected
    assert {(*map(str, key[:2]), key[2] or "undecided") for key in listed} == expected.keys()
    assert listed.total() == expected.total(), parameters


def follow(newsroom: Newsroom, address: str) -> list[Any]:
    page = get_address(newsroom, address)
    assert page["next"] is None
    return list(page["results"])
