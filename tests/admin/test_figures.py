"""Figures for people are rounded and never cut, by one formatter, in the numbers of their language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from annotations.admin import jobs, labels
from annotations.admin.team import agreement, progress
from annotations.models import Job

ROOT = Path(labels.__file__).resolve().parents[1]
#: Formats that cut, or that know nothing of a language, where a number is written for people.
BYPASSES = re.compile(r"number_format\(|floatformat|intcomma|:\.\d+[f%]|:g\}|\* 100 ?//|int\([^)]*\* 100")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(16 / 18, "0.89"), (2 / 3, "0.67"), (0.125, "0.13"), (1.0, "1.00"), (-0.333, "−0.33"), (-0.001, "0.00")],
)
def test_a_figure_is_rounded_and_not_cut(value: float, shown: str) -> None:
    assert agreement._cell(value, "", agreement.ReasonNotes()).text == labels.format_figure(value) == shown


def test_shares_hours_and_weights_are_rounded_too() -> None:
    assert labels.format_percent(0.889) == "89 %"
    assert labels.format_percent(0.125) == "13 %"
    assert jobs.JobAdmin.progress(None, Job(done=889, total=1_000)) == "89 %"  # type: ignore[arg-type]
    assert progress._format_hours(2.5) == "3 h"
    assert [labels.format_figure(value, 4, trimmed=True) for value in (0.5, 3.0, 0.23456, 1_200)] == [
        "0.5", "3", "0.2346", "1,200",
    ]  # fmt: skip


def test_german_figures_have_a_comma() -> None:
    with translation.override("de"):
        assert labels.format_figure(-0.889) == "−0,89"
        assert labels.format_figure(12_345.678) == "12.345,68"
        assert agreement._cell(0.5, "", agreement.ReasonNotes()).text == "0,50"


def test_there_is_no_second_formatter() -> None:
    """Pages leave figures to ``labels``; a place in a drawing is no figure."""
    pages = [*(ROOT / "admin").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in pages
        if path.name != "labels.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if BYPASSES.search(line)
    ]
    assert found == []
