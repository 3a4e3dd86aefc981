"""What the description of a release says of its files."""

from __future__ import annotations

import json

from annotations.formats import FORMATS
from annotations.formats.release.build_spec import BuildSpec, BuiltFile, ReleaseStatistics
from annotations.formats.release.croissant import render_croissant
from tests.formats.test_formats import HEADER

RECIPE = BuildSpec(
    id="r", number=1, name="", created_at="2026-03-01T12:00:00Z", software="standpoint/2", slug="quotes",
    formats=["jsonl", "quotes"], filter={}, include_text=True,
)  # fmt: skip


def test_a_file_is_described_by_its_format_not_by_its_name() -> None:
    """The corpus is called like a format."""
    files = [
        BuiltFile("quotes.jsonl", "application/x-ndjson", "0" * 64, 1, 1),
        BuiltFile("quotes.quotes.csv", "text/csv", "0" * 64, 1, 1, FORMATS["quotes"].columns),
        BuiltFile("README.md", "text/markdown", "0" * 64, 1, 0),
    ]
    told = json.loads(render_croissant(HEADER, RECIPE, ReleaseStatistics(), files))
    assert [one["name"] for one in told["recordSet"]] == ["quotes.quotes.csv"]
    assert len(told["distribution"]) == 3
