"""Every index costs each write; none repeats what another one does."""

from __future__ import annotations

from django.apps import apps


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
