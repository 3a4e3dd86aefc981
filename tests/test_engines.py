"""What runs on one engine only: the default is both, and the table names what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import engines, lanes

TESTS = Path(__file__).resolve().parent
#: What the engine decides, whatever the table says of its neighbours.
ALWAYS = (
    "models/",
    "api/test_concurren",
    "api/test_events_without_gaps",
    "api/test_hostile",
    "api/test_query_counts",
    "api/test_search",
    "api/test_wire_blind",
    "services/test_exports",
    "services/test_imports",
    "services/test_integrity",
    "services/test_releases",
    "services/test_restores",
    "services/test_rights_gate",
    "services/test_snapshot_isolation",
    "services/test_work",
    "management/test_backup",
    "management/test_fsck",
    "project/test_upgrades",
    "test_permissions",
)


@pytest.mark.parametrize("place", [*engines.ANY_ENGINE, *engines.BOTH_ENGINES])
def test_the_tables_name_tests_that_are_there(place: str) -> None:
    path, _, name = place.partition("[")[0].partition("::")
    assert (TESTS / path).exists()
    assert not path.startswith(ALWAYS)
    assert not name or f"def {name.rpartition('::')[2]}(" in (TESTS / path).read_text("utf-8")


def test_what_runs_on_both_stands_where_others_do_not() -> None:
    for place in engines.BOTH_ENGINES:
        path = place.partition("::")[0]
        assert {place.partition("[")[0], path, path.split("/")[0]} & engines.ANY_ENGINE.keys(), place


@pytest.mark.parametrize("place", ALWAYS)
def test_what_the_engine_decides_is_there(place: str) -> None:
    assert place.endswith("/") or list(TESTS.glob(f"{place}*.py"))


def test_a_test_with_a_database_runs_on_both_by_default(request: pytest.FixtureRequest, db: None) -> None:
    assert lanes.depends_on_engine(request.node)


def test_a_test_without_one_runs_once(request: pytest.FixtureRequest) -> None:
    assert not lanes.depends_on_engine(request.node)


@pytest.mark.postgres
def test_what_only_postgresql_can_show_is_not_left_out(request: pytest.FixtureRequest) -> None:
    assert lanes.depends_on_engine(request.node)


@pytest.mark.parametrize(
    ("place", "left_out"),
    [
        ("formats", True),
        ("browser", True),
        ("identity", False),
        ("admin/test_fields.py", True),
        ("admin/test_pages.py", False),
        ("project/test_squashed_migrations.py", False),
        ("services/test_jobs.py", False),
        ("../client", False),
    ],
)
def test_what_is_not_even_imported(place: str, left_out: bool) -> None:
    """What is in the table, but no file with a test that runs on both, or with one for PostgreSQL alone."""
    assert lanes.is_left_out((TESTS / place).resolve()) is left_out
