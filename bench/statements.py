"""Counts of approved work: 10,000 articles with some five statements each, beside the bare database.

    python -m bench.statements [articles]

More than 10,000 are copies of those with other actors. The floor is the query that the answer cannot do
without, in the same process. The limits are those of 10,000 articles, and of 100,000 for the whole matrix.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.server import run_manage, run_postgres, service_environment

ARTICLES = 10_000
#: The answers below a corpus, with the most milliseconds for 10,000 and for more articles.
ANSWERS: Mapping[str, tuple[str, float | None, float | None]] = {
    "matrix": ("matrix/", 150, 600),
    "matrix, each stance once an article": ("matrix/?dedup=article", None, None),
    "matrix of parents and topics": ("matrix/?rollup_actor=parent&rollup_issue=topic", None, None),
    "matrix by year": ("matrix/?time=year&rows=100", None, None),
    "network of 1,000 actors": ("network/?min_weight=30", 500, None),
    "who is quoted": ("quoted/", None, None),
    "page of statements": ("positions/", None, None),
}
MOST_CELL = 30


def call_inside(env: Mapping[str, str], call: str, module: str = "statements_inside") -> str:
    """Return the output of a call in a module of ``bench``."""
    code = f"from bench import {module}; print({module}.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


def measure_registry(env: Mapping[str, str]) -> bool:
    """Measure and print the registry with 20,000 more actors; return whether all limits held."""
    names, token = call_inside(env, "create_actors()", "registry_inside").split()
    print(f"with {int(names):,} names of actors")
    held = True
    limits = json.loads(call_inside(env, "format_limits()", "registry_inside"))
    for title, seconds, processor in json.loads(
        call_inside(env, f"measure_registry({token!r})", "registry_inside")
    ):
        held &= limits[title] is None or 1_000 * seconds <= limits[title]
        print_figure(title, seconds, limits[title], processor)
    return held


def print_figure(title: str, seconds: float, limit: float | None, processor: float, rest: str = "") -> None:
    """Print one figure in milliseconds with its limit."""
    shown = f"≤ {limit:,g}" if limit else ""
    figures = f"{1_000 * seconds:9.1f} ms {shown:>8}   processor {1_000 * processor:7.1f} ms"
    print(f"{title:38} {figures}{rest}", flush=True)


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    held = True
    with tempfile.TemporaryDirectory() as folder, run_postgres() as url:
        env = service_environment(url, Path(folder))
        run_manage(env, "migrate", "--verbosity", "0")
        number, token = call_inside(env, f"create_articles({min(articles, ARTICLES)})").split()
        if articles > ARTICLES:
            number = call_inside(env, f"multiply_articles({articles // ARTICLES})")
        print(f"{articles:,} articles, {int(number):,} statements, on PostgreSQL")
        print("medians by the clock, and the least that processors worked")
        matrix_floor, cell_floor = json.loads(call_inside(env, "measure_floors()"))
        cell = call_inside(env, f"busiest_cell({token!r})")
        asked = {"quotes of a cell": (cell, MOST_CELL, MOST_CELL), **ANSWERS}
        for title, (path, most, most_of_many) in asked.items():
            ((seconds, processor),) = json.loads(call_inside(env, f"measure_answers({token!r}, {path!r})"))
            limit = most if articles <= ARTICLES else most_of_many
            held &= limit is None or 1_000 * seconds <= limit
            floor = cell_floor if path == cell else matrix_floor
            print_figure(title, seconds, limit, processor, f"   floor {1_000 * floor:7.1f} ms")
        held &= measure_registry(env)
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
