"""Search in texts: 10,000 articles of 600 words, on PostgreSQL or SQLite.

    python -m bench.search [articles] [postgresql|sqlite]

It prints how many articles are indexed in a second, how large the index is beside the texts, and how long
answers take: the page of a client, in the process of the service. Beside the clock it says how long that
process itself was busy, because others that are busy make the one grow and hardly the other.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.server import run_manage, run_postgres, service_environment

ARTICLES = 10_000
#: The questions by their titles; their words are those of ``TextSource``.
QUESTIONS: Mapping[str, str] = {
    "rare word": "q={rare}",
    "usual word": "q={usual}",
    "common word": "q={common}",
    "two common words": "q={common}+{second}",
    "phrase of common words": "q=%22{common}+{second}%22",
    "beginning of words": "q=dor*",
    "one of two, not a third": "q={third}+OR+{rare}+-{usual}",
    "word of titles": "q=title:{third}",
    "usual word in quotes": "q={usual}&in=quotes",
    "common word, by relevance": "q={common}&sort=relevance",
    "common word with facets": "q={common}&facets=true",
}
MOST_P50, MOST_P95 = 20, 80
LEAST_RATE, MOST_SIZE = 300, 1.0


@contextmanager
def open_database(engine: str) -> Iterator[Mapping[str, str]]:
    """Yield the environment of a service with a new database of an engine."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            yield service_environment(f"sqlite:///{folder}/standpoint.sqlite3", Path(folder))
        else:
            with run_postgres() as url:
                yield service_environment(url, Path(folder))


def call_inside(env: Mapping[str, str], call: str) -> str:
    """Return the output of a call in ``bench.search_inside``."""
    code = f"from bench import search_inside; print(search_inside.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


def main(articles: int, engine: str) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    with open_database(engine) as env:
        run_manage(env, "migrate", "--verbosity", "0")
        made = json.loads(call_inside(env, f"create_articles({articles})"))
        rate, ratio = made["rate"], made["index_bytes"] / made["text_bytes"]
        print(f"{articles:,} articles, {made['text_bytes'] / 1e6:.1f} MB of text, on {engine}")
        print(f"{'indexing':34} {rate:9,.0f} articles/s   ≥ {LEAST_RATE}   used {made['used']:.1f} s")
        print(f"{'size of the index':34} {ratio:9.2f} × of the texts   ≤ {MOST_SIZE}")
        held = rate >= LEAST_RATE and ratio <= MOST_SIZE
        for title, question in QUESTIONS.items():
            path = question.format(**made["words"])
            p50, p95, used = json.loads(call_inside(env, f"measure_answers({made['token']!r}, {path!r})"))
            limited = not title.endswith("facets")
            held &= not limited or (1_000 * p50 <= MOST_P50 and 1_000 * p95 <= MOST_P95)
            times = f"p50 {1_000 * p50:7.1f} ms   p95 {1_000 * p95:7.1f} ms   used {1_000 * used:7.1f} ms"
            print(f"{title:34} {times}", flush=True)
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    wanted = sys.argv[1:]
    numbers = [int(each) for each in wanted if each.isdecimal()]
    sys.exit(main(numbers[0] if numbers else ARTICLES, "sqlite" if "sqlite" in wanted else "postgresql"))
