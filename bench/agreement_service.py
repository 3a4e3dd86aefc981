"""Agreement over the database: 10,000 articles with 2 annotators and 30 marks each.

    python -m bench.agreement_service [articles]

The report is judged. What the submissions have added to it before, each in its own transaction, is shown
beside it: for all articles together, and in milliseconds each. Each step runs in a process of its own, so
that its peak is its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.agreement import ARTICLES, MOST_MEGABYTES, MOST_SECONDS
from bench.server import environment, manage, postgres

STEPS = {
    "freeze": "freezing, all submissions together (pairs)",
    "ask": "the report from what was frozen (IoU F1)",
}


def inside(env: Mapping[str, str], call: str) -> str:
    """What a call of ``bench.agreement_inside`` answers."""
    code = f"from bench import agreement_inside; print(agreement_inside.{call})"
    return manage(env, "shell", "--no-imports", "-c", code).strip()


def main(articles: int) -> int:
    held = True
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        env = environment(url, Path(folder))
        manage(env, "migrate", "--verbosity", "0")
        spans = int(inside(env, f"fill({articles})"))
        print(f"{articles:,} articles, 2 annotators, {spans:,} marks, on PostgreSQL")
        for step, title in STEPS.items():
            result, seconds, megabytes = json.loads(inside(env, f"measured({step!r})"))
            held &= megabytes <= MOST_MEGABYTES and (step != "ask" or seconds <= MOST_SECONDS)
            each = f" {1000 * seconds / articles:6.2f} ms for each article"
            print(f"{title:45} {result:>14,.4g} {seconds:8.2f} s {megabytes:6.1f} MB{each}", flush=True)
    print(f"at most {MOST_SECONDS} s and {MOST_MEGABYTES} MB: {'held' if held else 'BROKEN'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
