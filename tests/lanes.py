"""Which tests a run on PostgreSQL holds: those whose result may depend on the engine (tests/engines.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.engines import ANY_ENGINE, BOTH_ENGINES, NO_DATABASE

_TESTS = Path(__file__).resolve().parent

#: The functions whose rows have been proved on PostgreSQL.
_proved: set[str] = set()


def proves(nodeid: str) -> bool:
    """Whether the rows of a test are proved: on SQLite always, on PostgreSQL once for each function.

    What its other parameters write goes through the same code, and is proved on SQLite.
    """
    function = nodeid.partition("[")[0]
    if connection.vendor == "postgresql" and function in _proved:
        return False
    _proved.add(function)
    return True


def examples(number: int) -> int:
    """How many examples of a property to try: a few on PostgreSQL, if what they vary is decided in Python."""
    return number if connection.vendor == "sqlite" else max(3, number // 5)


_DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})


def uses_database(item: pytest.Item) -> bool:
    """Whether a test may touch the database at all; pytest-django blocks it for all others."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & _DATABASE_FIXTURES) or item.get_closest_marker("django_db") is not None


def depends_on_engine(item: pytest.Item) -> bool:
    """Whether the engine may change the result of a test."""
    if item.get_closest_marker("postgres"):
        return True
    nodeid = item.nodeid.removeprefix("tests/")
    path = nodeid.split("[", 1)[0]
    places = {nodeid, path, path.split("::", 1)[0], path.split("/", 1)[0]}
    if places & BOTH_ENGINES.keys():
        return True
    return uses_database(item) and not places & ANY_ENGINE.keys()


def is_left_out(path: Path) -> bool:
    """Whether nothing of a file or folder depends on the engine, so that it need not even be imported."""
    place = path.relative_to(_TESTS).as_posix() if path.is_relative_to(_TESTS) else ""
    if place in NO_DATABASE:
        return True
    if place not in ANY_ENGINE or any(
        each.startswith(f"{place}{end}") for each in BOTH_ENGINES for end in ":/"
    ):
        return False
    files = path.rglob("*.py") if path.is_dir() else [path]
    return not any("mark.postgres" in file.read_text("utf-8") for file in files)


def refuse_databases(items: list[pytest.Item]) -> None:
    """Stop where a test asks for a database in a folder that PostgreSQL never sees."""
    for item in items:
        if item.path.parent.name in NO_DATABASE and uses_database(item):
            raise pytest.UsageError(
                f"{item.nodeid} uses the database; NO_DATABASE says that none does there."
            )


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has been tested on SQLite."""
    left_out = [item for item in items if not depends_on_engine(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if depends_on_engine(item)]
