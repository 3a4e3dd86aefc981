"""Short ways to import and export in tests."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from annotations.models import Corpus
from annotations.services import integrity
from annotations.services.exchange.exports import export_corpus
from annotations.services.exchange.imports import ImportOptions, ImportReport, import_file

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "demo.jsonl"
TEXT = "Ardenia said the lock leaks 🛶.\r\n\r\nLorn is against the toll."
SPANS = [
    {"id": "s1", "label": "actor", "start": 0, "end": 7, "quote": "Ardenia"},
    {"id": "s2", "label": "claim", "start": 13, "end": 27, "quote": "the lock leaks"},
]
RELATIONS = [{"type": "made_by", "source": "s2", "target": "s1"}]


def file_of(*lines: Mapping[str, Any] | bytes) -> io.BytesIO:
    """A file of these lines."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return io.BytesIO(b"\n".join(raw) + b"\n")


def put(
    by: User | None, corpus: Corpus | str, *lines: Mapping[str, Any] | bytes, **options: Any
) -> ImportReport:
    """Import these lines."""
    return import_file(by, corpus, file_of(*lines), ImportOptions.from_parameters(**options))


def restore(data: bytes, slug: str = "demo", **options: Any) -> ImportReport:
    """Restore a file."""
    return import_file(None, slug, io.BytesIO(data), ImportOptions(restore=True, **options))


def get(by: User | None, corpus: Corpus, format: str = "jsonl", **options: Any) -> bytes:
    """The bytes of an export."""
    with export_corpus(by, corpus, format=format, **options).file as file:
        return file.read()


def lines_of(data: bytes, type_: str = "article") -> list[dict[str, Any]]:
    """The lines of one type."""
    return [line for raw in data.splitlines() if (line := json.loads(raw))["type"] == type_]


def article(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A line with marks."""
    return {"external_id": f"a{number}", "text": TEXT, "spans": SPANS, "relations": RELATIONS, **fields}


def assert_sound(corpus: Corpus) -> None:
    """Everything that ``fsck`` proves holds."""
    report = integrity.run_checks(corpus)
    assert {name: result.findings for name, result in report.checks.items() if result.found} == {}


def codes(report: Any) -> list[tuple[int, str, str]]:
    return [(error.line, error.code, error.pointer or "") for error in report.errors]
