"""The whole benchmark runs, on a workload that is too small to say anything about speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import MEASURES

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.slow
@pytest.mark.postgres
def test_every_figure_is_measured(tmp_path: Path) -> None:
    result = tmp_path / "figures.json"
    subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--json", str(result)],
        cwd=ROOT,
        check=True,
        timeout=600,
    )
    figures = {figure["key"]: figure for figure in json.loads(result.read_text())["figures"]}
    assert figures.keys() == MEASURES.keys()
    assert all(figure["value"] > 0 for key, figure in figures.items() if "growth" not in key)
    assert figures["open-queries-growth"]["value"] == 0
