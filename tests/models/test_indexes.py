"""Every index costs each write; none repeats what another one does."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection


def test_no_key_has_an_index_of_its_own_where_another_begins_with_it() -> None:
    doubled = []
    for model in apps.get_app_config("annotations").get_models():
        meta = model._meta
        whole = [index.fields for index in meta.indexes if index.fields and index.condition is None]
        for constraint in meta.constraints:
            fields = getattr(constraint, "fields", ())
            if fields and getattr(constraint, "condition", None) is None:
                whole.append(list(fields))
        first = {fields[0].lstrip("-") for fields in whole}
        doubled += [
            f"{model.__name__}.{field.name}"
            for field in meta.concrete_fields
            if field.is_relation and getattr(field, "db_index", False) and not field.unique
            if field.name in first
        ]
    assert not doubled


@pytest.mark.django_db
def test_the_database_has_every_constraint_and_index_of_the_models() -> None:
    """A migration that takes an index away may take more with it than it says."""
    missing = []
    for model in apps.get_app_config("annotations").get_models():
        meta = model._meta
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, meta.db_table)
        names = [each.name for each in (*meta.constraints, *meta.indexes)]
        missing += [f"{meta.db_table}: {name}" for name in names if name not in found]
        for field in meta.concrete_fields:
            if field.is_relation and getattr(field, "db_constraint", False):
                keys = [
                    row for row in found.values() if row["foreign_key"] and row["columns"] == [field.column]
                ]
                missing += [] if keys else [f"{meta.db_table}: foreign key {field.column}"]
    assert not missing
