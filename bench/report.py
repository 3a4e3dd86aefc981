"""The measures of the benchmark with their targets, and the table of results."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.formats import FORMATS

#: The export formats of other tools that need no optional package.
TEXT_FORMATS = tuple(
    name for name, row in FORMATS.items() if row.is_writable and not row.required_package and name != "jsonl"
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure; ``least`` or ``most`` is its target, if it has one."""

    title: str
    unit: str
    least: float | None = None
    most: float | None = None

    def is_met(self, value: float) -> bool:
        """Return whether a value meets the target."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def target(self) -> str:
        """The target, for the table."""
        if self.least is not None:
            return f"≥ {self.least:,.0f}"
        return "" if self.most is None else f"≤ {self.most:,g}"


MEASURES: Mapping[str, Measure] = {
    "cold-start": Measure(title="cold start, to the first answer", unit="s", most=1.5),
    "first-call": Measure(title="cold start, to the first answer of the API", unit="s", most=1.5),
    "idle": Measure(title="idle memory of all processes", unit="MB", most=200),
    "import": Measure(title="import with spans, through the API", unit="spans/s", least=15_000),
    "import-growth": Measure(title="memory growth during it", unit="MB"),
    "import-command": Measure(title="import with spans, by manage.py", unit="spans/s", least=15_000),
    "export": Measure(title="JSONL export, through the API", unit="spans/s", least=60_000),
    "export-growth": Measure(title="memory growth during it", unit="MB", most=20),
    "import-brat": Measure(title="brat import, through the API", unit="spans/s", least=10_000),
    "import-brat-growth": Measure(title="memory growth during it", unit="MB", most=50),
    **{
        key: measure
        for name in TEXT_FORMATS
        for key, measure in (
            (
                f"export-{name}",
                Measure(title=f"{name} export, through the API", unit="spans/s", least=30_000),
            ),
            (f"export-{name}-growth", Measure(title="memory growth during it", unit="MB", most=50)),
        )
    },
    "release": Measure(title="release as JSONL and quotes", unit="s", most=60),
    "release-growth": Measure(title="memory growth during it", unit="MB", most=50),
    "release-texts": Measure(title=f"release in {len(TEXT_FORMATS) + 1} formats and three parts", unit="s"),
    "release-texts-growth": Measure(title="memory growth during it", unit="MB", most=50),
    "open": Measure(title="opening a set with 30 spans, p50", unit="ms", most=8),
    "open-p95": Measure(title="opening a set with 30 spans, p95", unit="ms"),
    "open-queries": Measure(title="opening a set, queries", unit=""),
    "open-queries-growth": Measure(title="opening a set, more queries with 1,000 spans", unit="", most=0),
    "create": Measure(title="creating one span, p50", unit="ms", most=8),
    "create-p95": Measure(title="creating one span, p95", unit="ms"),
    "create-many": Measure(title="creating spans, 8 clients", unit="req/s", least=200),
    "create-1000": Measure(title="1,000 spans in one POST, p50", unit="ms", most=300),
    "change": Measure(title="PATCH with If-Match, p50", unit="ms"),
    "page-first": Measure(title="list page of 100, first, p50", unit="ms", most=20),
    "page-last": Measure(title="list page of 100, last, p50", unit="ms", most=20),
}


@dataclass(frozen=True)
class Figure:
    """A measured value; ``floor`` is the value of plain SQL in the same run."""

    key: str
    value: float
    floor: float | None = None
    articles: int | None = None

    @property
    def measure(self) -> Measure:
        """The measure of this value."""
        return MEASURES[self.key]

    def as_dict(self) -> dict[str, Any]:
        """Return the figure as a JSON object."""
        measure = self.measure
        return {
            "key": self.key,
            "title": measure.title,
            "articles": self.articles,
            "value": round(self.value, 3),
            "unit": measure.unit,
            "least": measure.least,
            "most": measure.most,
            "floor": None if self.floor is None else round(self.floor, 3),
            "ratio": None if self.floor is None else round(self.value / self.floor, 3),
            "holds": measure.is_met(self.value),
        }


def _format_value(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _row(figure: Figure) -> tuple[str, ...]:
    measure, floor = figure.measure, figure.floor
    has_target = bool(measure.target)
    return (
        measure.title,
        "" if figure.articles is None else f"{figure.articles:,}",
        f"{_format_value(figure.value)} {measure.unit}".strip(),
        measure.target,
        "" if floor is None else _format_value(floor),
        "" if floor is None else f"{figure.value / floor:.2f}",
        ("holds" if measure.is_met(figure.value) else "MISSED") if has_target else "",
    )


def machine_details() -> dict[str, Any]:
    """Return processors, load and Python version, which influence the figures; call it before the run."""
    return {
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def format_table(figures: Sequence[Figure]) -> str:
    """Return the table of all figures with their targets and floors."""
    rows = [
        ("figure", "articles", "value", "target", "floor", "ratio", ""),
        *(_row(figure) for figure in figures),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 6) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def missed_targets(figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures that miss their targets."""
    return [figure for figure in figures if not figure.measure.is_met(figure.value)]


def write_json(path: Path, figures: Sequence[Figure], about: dict[str, Any]) -> None:
    """Write the figures to a file, for comparison between runs."""
    values = {"machine": about, "figures": [figure.as_dict() for figure in figures]}
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
