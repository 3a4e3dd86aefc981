"""Agreement of 10,000 articles with 2 annotators and 30 spans each: seconds and peak memory.

    python -m bench.agreement [articles]

The floor only reads the same ranges. It is printed beside the whole computation, from ranges to report,
and beside the report from stored counts. Each step runs in a process of its own, which has its own peak.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from annotations.metrics.agreement import (
    AgreementCounts,
    AnnotatorPair,
    SetData,
    agreement_report,
    count_agreement,
)
from annotations.scheme import ATTRIBUTES, RelationData, SpanData

ARTICLES = 10_000
MOST_SECONDS = 60
MOST_MEGABYTES = 500

PROSE = (
    "the minister of ports said that lock gates would open before June while some local media doubted"
    " it, the “Lake Council” warns; Ardenia’s government has not decided. Osmanov, 41, “can’t wait”"
)
LENGTH = 700  # words
SPANS = {
    "actor": (15, 2),
    "claim": (9, 14),
    "position": (6, 5),
}  # how many spans, and how many words each has
LINKS = 12
RELATION = {"claim": "made_by", "position": "held_by"}


def generate_article(number: int) -> dict[str, Any]:
    """Return a text and two annotation sets; three of four spans are equal, the others are shifted."""
    chance = random.Random(number)
    words = chance.choices(PROSE.split(), k=LENGTH)
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    places = {
        label: [(LENGTH * index // many, LENGTH // many, long) for index in range(many)]
        for label, (many, long) in SPANS.items()
    }
    sets = {owner: generate_set(chance, starts, places) for owner in ("ann", "ben")}
    return {"text": " ".join(words), "sets": sets}


def generate_set(
    chance: random.Random, starts: list[int], places: dict[str, list[tuple[int, int, int]]]
) -> Any:
    """Return the spans and relations of one annotator."""
    spans: list[tuple[Any, ...]] = []
    for label, slots in places.items():
        for place, room, long in slots:
            first = place + (0 if chance.random() < 0.75 else chance.randrange(room - long))
            last = first + long - (chance.random() < 0.1)
            attributes = {
                row.name: chance.choices(row.values, range(len(row.values), 0, -1))[0]
                for row in ATTRIBUTES.values()
                if row.kind == "choice" and (use := row.use_on(label)) and use.required
            }
            where = (starts[first], starts[last] - 1)
            spans.append((len(spans), label, *where, "", attributes, chance.randrange(LINKS), None))
    relations = [
        (index, RELATION[span[1]], span[0], chance.randrange(SPANS["actor"][0]))
        for index, span in enumerate(spans)
        if span[1] in RELATION
    ]
    return {"spans": spans, "relations": relations}


def read_articles(path: Path) -> Iterator[tuple[str, dict[str, SetData]]]:
    """Yield the text of each article, and its sets by owner."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], {owner: to_facts(marks) for owner, marks in row["sets"].items()}


def to_facts(marks: Any) -> SetData:
    """Return a stored set as input of the measures."""
    return SetData(
        [SpanData(*span) for span in marks["spans"]], [RelationData(*row) for row in marks["relations"]]
    )


def count_spans(folder: Path) -> int:
    """Read all ranges and return their number."""
    return sum(
        len(marks.spans) for _, sets in read_articles(folder / "articles.jsonl") for marks in sets.values()
    )


def report_articles(folder: Path) -> float:
    """Return the IoU F1 of the report over all articles."""
    found = agreement_report(
        count_agreement(text, sets) for text, sets in read_articles(folder / "articles.jsonl")
    )
    return float(found["labels"]["all"]["iou_f1"])


def store_counts(folder: Path) -> int:
    """Write the counts of all articles, and return the size of the file in bytes."""
    with (folder / "counts.jsonl").open("w", encoding="utf-8") as file:
        for text, sets in read_articles(folder / "articles.jsonl"):
            for pair, counts in count_agreement(text, sets).items():
                file.write(json.dumps([pair, counts.to_json()]) + "\n")
    return (folder / "counts.jsonl").stat().st_size


def report_counts(folder: Path) -> float:
    """Return the IoU F1 of the report from stored counts."""
    with (folder / "counts.jsonl").open(encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        found = agreement_report(
            {AnnotatorPair(*pair): AgreementCounts.from_json(counts)} for pair, counts in rows
        )
    return float(found["labels"]["all"]["iou_f1"])


STEPS: dict[str, tuple[str, Callable[[Path], float]]] = {
    "floor": ("reading the ranges only (spans)", count_spans),
    "report": ("reading, counting, report (IoU F1)", report_articles),
    "store": ("reading, counting, writing counts (bytes)", store_counts),
    "stored": ("report from stored counts (IoU F1)", report_counts),
}


def run_step(step: str, folder: Path) -> None:
    """Run a step, and print its result, seconds, CPU seconds and peak memory in megabytes as JSON."""
    began, began_cpu = time.perf_counter(), time.process_time()
    result = STEPS[step][1](folder)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts kilobytes
    print(json.dumps([result, seconds, cpu, megabytes]))


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    held = True
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "articles.jsonl").open("w", encoding="utf-8") as lines:
            for number in range(articles):
                lines.write(json.dumps(generate_article(number)) + "\n")
        print(
            f"{articles:,} articles, {LENGTH} words, 2 annotators, {sum(n for n, _ in SPANS.values())} spans"
        )
        for step, (title, _) in STEPS.items():
            command = [sys.executable, "-m", "bench.agreement", step, folder]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            result, seconds, cpu, megabytes = json.loads(answer.stdout)
            held &= seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES
            print(f"{title:45} {result:>14,.4g} {seconds:8.2f} s ({cpu:.2f} CPU) {megabytes:6.1f} MB")
    print(f"at most {MOST_SECONDS} s and {MOST_MEGABYTES} MB: {'held' if held else 'BROKEN'}")
    return 0 if held else 1


if __name__ == "__main__":
    if len(sys.argv) == 3:
        run_step(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
