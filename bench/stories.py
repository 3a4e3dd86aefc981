"""Near-copies: to find the stories of all articles of a corpus, and that of one new article, on PostgreSQL.

    python -m bench.stories [articles]

A quarter of the articles are copies, shortened and edited, one story has 300, and a third have one footer.
The limit of the search grows with the articles: those of 10,000 and of 100,000 are the contract's.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.server import run_manage, run_postgres, service_environment

ARTICLES = 10_000
#: The most seconds for so many articles, and the most milliseconds for one.
LIMITS = {10_000: 60, 100_000: 900}
MOST_OF_ONE = 30


def call_inside(env: Mapping[str, str], call: str) -> str:
    """Return the output of a call in ``bench.stories_inside``."""
    code = f"from bench import stories_inside; print(stories_inside.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    with tempfile.TemporaryDirectory() as folder, run_postgres() as url:
        env = service_environment(url, Path(folder))
        run_manage(env, "migrate", "--verbosity", "0")
        call_inside(env, f"create_articles({articles})")
        seconds, used, stories, copies, largest = json.loads(call_inside(env, "find_stories()"))
        one = json.loads(call_inside(env, "add_one()"))
    limit = LIMITS.get(articles)
    held = one <= MOST_OF_ONE and (limit is None or seconds <= limit)
    shown = f"≤ {limit}" if limit else ""
    print(f"{articles:,} articles, {copies:,} in {stories:,} stories, the largest of {largest}")
    print(f"{'find all stories':38} {seconds:9.1f} s  {shown}   of which here {used:.1f} s")
    print(f"{'place one new article (median)':38} {one:9.1f} ms ≤ {MOST_OF_ONE}")
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
