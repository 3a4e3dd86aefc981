"""What runs on one engine only: the default is both, and the table names what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import engines

TESTS = Path(__file__).resolve().parent
#: What works on the database itself always runs on both.
ALWAYS = ("services/", "models/", "management/")


@pytest.mark.parametrize("place", [*engines.ANY_ENGINE, *engines.BOTH_ENGINES])
def test_the_tables_name_tests_that_are_there(place: str) -> None:
    path, _, name = place.partition("::")
    assert (TESTS / path).exists()
    assert not path.startswith(ALWAYS)
    assert not name or f"def {name}(" in (TESTS / path).read_text("utf-8")


def test_a_test_with_a_database_runs_on_both_by_default(request: pytest.FixtureRequest, db: None) -> None:
    assert engines.depends_on_engine(request.node)


def test_a_test_without_one_runs_once(request: pytest.FixtureRequest) -> None:
    assert not engines.depends_on_engine(request.node)


@pytest.mark.postgres
def test_what_only_postgresql_can_show_is_not_left_out(request: pytest.FixtureRequest) -> None:
    assert engines.depends_on_engine(request.node)
