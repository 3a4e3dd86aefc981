"""Exports: one snapshot of the database, written to a temporary file, then handed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotations.models import Article, Corpus


@dataclass(frozen=True)
class ExportFile:
    """A finished export. ``file`` stands at its beginning and is gone from the disk when closed."""

    file: IO[bytes]
    filename: str
    media_type: str
    length: int
    sha256: str
    records: int
    losses: list[dict[str, Any]]


def export(
    by: User | None,
    corpus: Corpus,
    *,
    format: str,
    sets: str = "approved",
    dialect: str = "machine",
    articles: QuerySet[Article] | None = None,
    strict: bool = False,
) -> ExportFile:
    """Write what ``by`` may see of a corpus to a file; None is the system, which sees everything."""
    raise NotImplementedError
