"""Abstract base models: a UUID as primary key and, for rows that clients edit, a version."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.db import models

from annotations.models.ids import uuid7


def values_constraint(field: str, values: Iterable[StrEnum | str], *, name: str) -> models.CheckConstraint:
    """Return a check constraint that restricts a column to ``values`` on both databases."""
    return models.CheckConstraint(
        condition=models.Q((f"{field}__in", [str(value) for value in values])), name=name
    )


class UUIDModel(models.Model):
    """Base model with a UUIDv7 as primary key; clients may choose the id themselves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class VersionedModel(UUIDModel):
    """Base model for rows that clients edit: each change raises ``version`` by at least one."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
