"""What a migration would do to a large table is said before it does it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from project import upgrades
from project.management.commands import check_upgrade

pytestmark = pytest.mark.django_db

INDEX = models.Index(fields=("title",), name="tried")
CHECK = models.CheckConstraint(condition=~models.Q(title="x"), name="tried")
UNIQUE = models.UniqueConstraint(fields=("title",), name="tried")


@pytest.fixture(scope="module")
def today(django_db_setup: None, django_db_blocker: Any) -> ProjectState:
    """The models as the migrations leave them."""
    with django_db_blocker.unblock():
        return MigrationExecutor(connection).loader.project_state()


def migration_of(*operations: Operation) -> migrations.Migration:
    kind = type("Tried", (migrations.Migration,), {"operations": list(operations)})
    made: migrations.Migration = kind("0099_tried", "annotations")
    return made


def risks(today: ProjectState, *operations: Operation) -> list[tuple[str, str]]:
    migration = migration_of(*operations)
    return [(risk.table, risk.sentence) for risk in upgrades.find_risks(migration, today.clone())]


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (migrations.AddIndex("article", INDEX), upgrades.INDEX),
        (migrations.AddConstraint("article", CHECK), upgrades.SCAN),
        (migrations.AddConstraint("article", UNIQUE), upgrades.INDEX),
        (migrations.AlterField("article", "title", models.IntegerField()), upgrades.REWRITE),
        (migrations.AlterField("article", "title", models.CharField(max_length=3)), upgrades.REWRITE),
        (migrations.AlterField("article", "priority", models.BigIntegerField()), upgrades.REWRITE),
        (
            migrations.AlterField(
                "article", "published_at", models.DateTimeField(default="2026-01-01T00:00Z")
            ),
            upgrades.SCAN,
        ),
        (
            migrations.AddField("article", "seen", models.IntegerField(null=True, db_index=True)),
            upgrades.INDEXED,
        ),
        (migrations.AddField("article", "seen", models.DateTimeField(db_default=Now())), upgrades.FILLED),
        (migrations.RunSQL("CREATE INDEX tried ON annotations_article (title)"), upgrades.INDEX),
        (migrations.RunSQL("ALTER TABLE annotations_article ALTER COLUMN title TYPE int"), upgrades.REWRITE),
        (
            migrations.SeparateDatabaseAndState([migrations.AddIndex("article", INDEX)], []),
            upgrades.INDEX,
        ),
    ],
)
def test_what_holds_people_up(today: ProjectState, operation: Operation, sentence: str) -> None:
    assert risks(today, operation) == [("annotations_article", sentence)]


@pytest.mark.parametrize(
    "operation",
    [
        AddIndexConcurrently("article", INDEX),
        AddConstraintNotValid("article", CHECK),
        migrations.AddField("article", "seen", models.IntegerField(null=True)),
        migrations.AddField("article", "seen", models.IntegerField(default=0, db_default=0)),
        migrations.AlterField("article", "title", models.TextField(default="")),
        migrations.RemoveField("article", "title"),
        migrations.CreateModel("Tried", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY tried ON annotations_article (title)"),
    ],
)
def test_what_does_not(today: ProjectState, operation: Operation) -> None:
    assert risks(today, operation) == []


@pytest.mark.postgres
def test_a_large_table_is_named_and_ends_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def unapplied(_executor: MigrationExecutor, _targets: object) -> list[tuple[migrations.Migration, bool]]:
        return [(migration_of(migrations.AddIndex("article", INDEX)), False)]

    monkeypatch.setattr(MigrationExecutor, "migration_plan", unapplied)
    out = io.StringIO()
    call_command("check_upgrade", stdout=out)
    assert out.getvalue().splitlines() == ["annotations.0099_tried", "Migrations to apply: 1. Held up by: 0."]
    monkeypatch.setattr(check_upgrade, "count_rows", lambda _table: 3_000_000)
    with pytest.raises(SystemExit):
        call_command("check_upgrade", stdout=out)
    assert "would hold people up at annotations_article with some 3,000,000 rows: it builds" in out.getvalue()


def test_an_installation_that_is_up_to_date_has_nothing_to_apply() -> None:
    out = io.StringIO()
    call_command("check_upgrade", stdout=out)
    assert out.getvalue() == "Migrations to apply: 0. Held up by: 0.\n"
