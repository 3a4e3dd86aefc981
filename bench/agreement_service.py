"""Agreement over the database: 10,000 articles with 2 annotators and 30 spans each.

    python -m bench.agreement_service [articles]

The limits are for the report. The time for freezing, which each submission does in its own transaction, is
printed for all articles together, and in milliseconds for each. Each step runs in a process of its own,
which has its own peak of memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.agreement import ARTICLES, MOST_MEGABYTES, MOST_SECONDS
from bench.server import run_manage, run_postgres, service_environment

STEPS = {
    "freeze": "freezing, all submissions together (pairs)",
    "report": "the report from frozen counts (IoU F1)",
}


def call_inside(env: Mapping[str, str], call: str) -> str:
    """Return the output of a call in ``bench.agreement_inside``."""
    code = f"from bench import agreement_inside; print(agreement_inside.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    held = True
    with tempfile.TemporaryDirectory() as folder, run_postgres() as url:
        env = service_environment(url, Path(folder))
        run_manage(env, "migrate", "--verbosity", "0")
        spans = int(call_inside(env, f"create_articles({articles})"))
        print(f"{articles:,} articles, 2 annotators, {spans:,} spans, on PostgreSQL")
        for step, title in STEPS.items():
            result, seconds, megabytes = json.loads(call_inside(env, f"measure_step({step!r})"))
            held &= megabytes <= MOST_MEGABYTES and (step != "report" or seconds <= MOST_SECONDS)
            each = f" {1000 * seconds / articles:6.2f} ms for each article"
            print(f"{title:45} {result:>14,.4g} {seconds:8.2f} s {megabytes:6.1f} MB{each}", flush=True)
    print(f"at most {MOST_SECONDS} s and {MOST_MEGABYTES} MB: {'held' if held else 'BROKEN'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
