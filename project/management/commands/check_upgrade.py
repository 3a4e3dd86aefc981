"""``manage.py check_upgrade``: what the migrations to come would do to the large tables."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from project.upgrades import Risk, find_risks

#: A table with more rows is large: to read or write all of them takes long enough to be noticed.
LARGE = 100_000


class Command(BaseCommand):
    help = (
        "Lists the migrations that are still to be applied, and what they would do to large tables of "
        "PostgreSQL while nobody can read or write them. The exit status is 1 if one would hold people up; "
        "then let `migrate` run when nobody works. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rows", type=int, default=LARGE, metavar="N", help=f"what counts as large; {LARGE:,} rows"
        )

    def handle(self, *, rows: int, **options: object) -> None:  # noqa: ARG002 - by Django
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        applied = [key for key in executor.loader.applied_migrations if key in executor.loader.graph.nodes]
        state = executor.loader.project_state(applied)
        risks: list[Risk] = []
        for migration, _ in plan:
            found = list(find_risks(migration, state))
            risks += found
            self.stdout.write(f"{migration.app_label}.{migration.name}")
        held = (
            [] if connection.vendor == "sqlite" else [risk for risk in risks if count_rows(risk.table) > rows]
        )
        for risk in held:
            self.stdout.write(
                f"  {risk.migration} would hold people up at {risk.table} with some "
                f"{count_rows(risk.table):,} rows: {risk.sentence}."
            )
        self.stdout.write(f"Migrations to apply: {len(plan)}. Held up by: {len(held)}.")
        if held:
            sys.exit(1)


def count_rows(table: str) -> int:
    """Return the number of rows by PostgreSQL's statistics; 0 for a table that is yet to be made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [table])
        row = cursor.fetchone()
    return max(int(row[0]), 0) if row else 0
