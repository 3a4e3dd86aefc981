"""The table says of each figure whether it keeps what is promised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import report
from bench.report import MEASURES, Figure


@pytest.mark.parametrize(
    ("key", "value", "holds"),
    [
        ("export", 60_000, True),
        ("export", 59_999, False),
        ("open", 8.0, True),
        ("open", 8.1, False),
        ("change", 1e9, True),
    ],
)
def test_a_figure_keeps_its_promise_or_not(key: str, value: float, *, holds: bool) -> None:
    assert MEASURES[key].is_met(value) is holds
    assert (report.missed_targets([Figure(key, value)]) == []) is holds


def test_the_table_has_a_line_for_each_figure() -> None:
    head, good, bad, free = report.format_table(
        [Figure("open", 4.0, 0.5, 1_000), Figure("create", 9.0, 0.5, 1_000), Figure("change", 5.0)]
    ).splitlines()
    assert head.split() == ["figure", "articles", "value", "target", "floor", "ratio"]
    assert good.split()[-6:] == ["ms", "≤", "8", "0.50", "8.00", "holds"]
    assert bad.split()[-3:] == ["0.50", "18.00", "MISSED"]
    assert free.split()[-2:] == ["5", "ms"]


def test_the_file_holds_the_ratios(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    report.write_json(path, [Figure("open", 4.0, 0.5, 1_000)], report.machine_details())
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["machine"]["processors"] >= 1
    (figure,) = stored["figures"]
    assert (figure["key"], figure["value"], figure["ratio"], figure["holds"]) == ("open", 4.0, 8.0, True)
