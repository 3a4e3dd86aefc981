"""What most tables have: an id of ours and, where a client edits, a version."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.db import models

from annotations.models.ids import uuid7


def among(field: str, values: Iterable[StrEnum | str], *, name: str) -> models.CheckConstraint:
    """A constraint that keeps a column to the values of its table on both databases."""
    return models.CheckConstraint(
        condition=models.Q((f"{field}__in", [str(value) for value in values])), name=name
    )


class Identified(models.Model):
    """A row with a UUIDv7 key, which a client may choose itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Versioned(Identified):
    """A row that clients edit: every change raises ``version`` by at least one."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
