"""Imports: a file read line by line, written by whole articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from annotations.exceptions import FieldError
from annotations.formats.base import Readable
from annotations.models import Corpus


@dataclass(frozen=True, kw_only=True)
class LineError(FieldError):
    """A fault with the line where it is."""

    line: int
    external_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the report shows it."""
        return {
            "line": self.line,
            "external_id": self.external_id,
            "code": self.code,
            "pointer": self.pointer or "",
            "detail": self.detail,
        }


@dataclass
class Report:
    """What an import did. ``errors`` holds the first 1,000 faults."""

    dry_run: bool
    lines: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    rekeyed: int = 0
    errors: list[LineError] = field(default_factory=list)
    errors_left_out: int = 0

    def as_dict(self) -> dict[str, Any]:
        """In the shape of the wire."""
        raise NotImplementedError


def import_file(
    by: User | None,
    corpus: Corpus,
    stream: Readable,
    *,
    format: str = "jsonl",
    on_conflict: str = "fail",
    dry_run: bool = False,
    owner: User | None = None,
    state: str | None = None,
    restore: bool = False,
    external_id: str | None = None,
    title: str = "",
) -> Report:
    """Read a file into a corpus.

    ``external_id`` and ``title`` belong to the format text. Where an article exists already and
    ``on_conflict`` is fail, ``Duplicate`` is raised; its ``errors`` are ``LineError`` and its data are
    the other members of the report.
    """
    raise NotImplementedError
