"""Corrections of texts: how long an alignment takes, and an import that changes texts with marks.

    python -m bench.corrections [articles]

The alignments run in this process, the import in the service on PostgreSQL. Beside an alignment stands the
floor, the words of both texts found and counted; beside the update the import that made the same articles.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from annotations.text.align import carry, mapping
from annotations.text.ranges import Range
from annotations.text.tokens import Tokens
from bench.server import run_manage, run_postgres, service_environment
from bench.workload import generate_articles, write_workload

ARTICLES = 1_000
CORPUS = "demo"
#: Code points of a text, how many texts, and the most milliseconds for 95 of 100.
SIZES: tuple[tuple[int, int, float], ...] = ((3_600, 200, 2), (200_000, 7, 1_500), (2_000_000, 3, 15_000))
SPANS = 30
#: The most seconds for each article of an update: 10,000 of them in six minutes.
MOST_UPDATE = 0.036


def correct_text(text: str, seed: int) -> str:
    """Return a text in which every 60th word, one sentence and one paragraph differ."""
    picker = random.Random(seed)
    words = text.split(" ")
    for at in range(picker.randrange(60), len(words), 60):
        words[at] = f"N{picker.randrange(10**6)}"
    middle = len(words) // 2
    del words[middle : middle + 12]
    return " ".join(words) + "\n\nThis article was corrected."


def _measure(work: Callable[[], object]) -> float:
    """Return the milliseconds of the processor; what else the machine does is no part of an alignment."""
    started = time.process_time()
    work()
    return 1_000 * (time.process_time() - started)


def _count_words(*texts: str) -> None:
    Counter(word.quote(text) for text in texts for word in Tokens(text))


def _carry(old: str, new: str, spans: list[Range]) -> None:
    carry(mapping(old, new), spans)


def measure_alignments(size: int, texts: int) -> tuple[float, float, float]:
    """Return p50 and p95 of an alignment with 30 spans, and p50 of its floor, in milliseconds."""
    source = "\n\n".join(article.text for article in generate_articles(2 * max(texts, size // 1_800)))
    times, floors = [], []
    for number in range(texts):
        start = number * (len(source) - size) // max(1, texts - 1)
        old = source[start : start + size]
        new = correct_text(old, number)
        picked = random.Random(number).choices(list(Tokens(old)), k=SPANS)
        spans = [Range(word.start, word.end) for word in picked]
        floors.append(_measure(partial(_count_words, old, new)))
        times.append(_measure(partial(_carry, old, new, spans)))
    times.sort()
    return times[len(times) // 2], times[int(0.95 * (len(times) - 1))], sorted(floors)[texts // 2]


def write_files(folder: Path, articles: int) -> tuple[Path, Path]:
    """Write the file of the articles with their marks, and the one with their corrected texts."""
    paths = folder / "articles.jsonl", folder / "corrections.jsonl"
    write_workload(paths[0], articles)
    with paths[1].open("w", encoding="utf-8") as second:
        for number, article in enumerate(generate_articles(articles)):
            line = {"external_id": article.external_id, "text": correct_text(article.text, number)}
            second.write(f"{json.dumps(line, ensure_ascii=False)}\n")
    return paths


def measure_update(env: Mapping[str, str], folder: Path, articles: int) -> tuple[float, float, str]:
    """Return the seconds of the update and of the first import, and what the update reports."""
    first, second = write_files(folder, articles)
    run_manage(env, "demo")
    seconds, report = [], ""
    for arguments in ((str(first),), (str(second), "--on-conflict", "update")):
        started = time.perf_counter()
        report = run_manage(env, "import", CORPUS, *arguments)
        seconds.append(time.perf_counter() - started)
    return seconds[1], seconds[0], report


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    held = True
    for size, texts, most in SIZES:
        middle, p95, floor = measure_alignments(size, texts)
        held &= p95 <= most
        print(
            f"align {size:9,} code points   p50 {middle:9.2f} ms   p95 {p95:9.2f} ms ≤ {most:,} ms   "
            f"floor {floor:8.2f} ms",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as folder, run_postgres() as url:
        env = service_environment(url, Path(folder))
        run_manage(env, "migrate", "--verbosity", "0")
        seconds, floor, report = measure_update(env, Path(folder), articles)
    limit = MOST_UPDATE * articles
    held &= seconds <= limit
    print(
        f"update of {articles:,} texts with {SPANS} marks each   {seconds:.1f} s ≤ {limit:.1f} s   "
        f"first import {floor:.1f} s"
    )
    print(report.strip())
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
