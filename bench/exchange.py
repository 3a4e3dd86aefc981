"""Imports and exports: spans a second, and the memory growth of the server."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench import workload
from bench.client import Client, require_status
from bench.floor import Floor
from bench.report import TEXT_FORMATS, Figure
from bench.server import Server, call_inside, run_manage, watch_growth

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Corpus:
    """A corpus of the benchmark, which the workload of its seed fills."""

    id: UUID
    slug: str
    articles: int
    seed: int

    def workload(self) -> Iterator[workload.Article]:
        """Yield the articles that it is filled with."""
        return workload.generate_articles(self.articles, seed=self.seed)


def create_corpus(client: Client, slug: str, articles: int, *, seed: int) -> Corpus:
    """Create an empty corpus."""
    made = client.expect(201, "POST", "/api/v1/corpora/", {"slug": slug, "name": slug}).json()
    return Corpus(UUID(made["id"]), slug, articles, seed)


def measure_api_import(
    server: Server, client: Client, corpus: Corpus, floor: Floor, folder: Path
) -> Iterator[Figure]:
    """Measure an import through the API, with the file as the body of a POST."""
    file = workload.write_workload(folder / f"{corpus.slug}.jsonl", corpus.articles, seed=corpus.seed)
    path = f"/api/v1/corpora/{corpus.slug}/imports/?format=jsonl&background=false"
    with watch_growth(server) as grown:
        answer = require_status(200, client.upload(path, file.path, "application/x-ndjson"), f"POST {path}")
    file.path.unlink()
    report = answer.json()
    if report["created"] != corpus.articles or report["failed"]:
        raise RuntimeError(f"The import did not take everything: {report}")
    rate = file.spans / answer.seconds
    yield Figure("import", rate, floor.copy_rate(corpus.workload()), corpus.articles)
    yield Figure("import-growth", grown[0] / MEGABYTE, None, corpus.articles)


def measure_command_import(
    env: Mapping[str, str], corpus: Corpus, floor: Floor, folder: Path
) -> Iterator[Figure]:
    """Measure ``manage.py import`` of a file, with the start of its process."""
    file = workload.write_workload(folder / f"{corpus.slug}.jsonl", corpus.articles, seed=corpus.seed)
    started = time.perf_counter()
    run_manage(env, "import", corpus.slug, str(file.path), "--format", "jsonl")
    seconds = time.perf_counter() - started
    file.path.unlink()
    yield Figure("import-command", file.spans / seconds, floor.copy_rate(corpus.workload()), corpus.articles)


def measure_export(
    server: Server, client: Client, corpus: Corpus, floor: Floor, *, times: int
) -> Iterator[Figure]:
    """Measure JSONL exports of all sets, read to the end: the best rate, and the highest growth."""
    path = f"/api/v1/corpora/{corpus.slug}/export/?format=jsonl&sets=all"
    spans = sum(len(article.spans) for article in corpus.workload())
    rates, floors, growths = [], [], []
    for _ in range(times):
        floors.append(floor.select_rate(corpus.id))
        with watch_growth(server) as grown:
            answer = client.expect(200, "GET", path, keep=False)
        if answer.size != int(answer.headers["content-length"]):
            raise RuntimeError("The export is shorter than it said.")
        rates.append(spans / answer.seconds)
        growths.append(grown[0] / MEGABYTE)
    yield Figure("export", max(rates), max(floors), corpus.articles)
    yield Figure("export-growth", max(growths), None, corpus.articles)


def measure_other_exports(
    server: Server, client: Client, corpus: Corpus, floor: Floor, *, times: int
) -> Iterator[Figure]:
    """Measure exports of all sets in each format of another tool: the best rate, and the highest growth."""
    spans = sum(len(article.spans) for article in corpus.workload())
    for name in TEXT_FORMATS:
        path = f"/api/v1/corpora/{corpus.slug}/export/?format={name}&sets=all"
        rates, growths = [], []
        for _ in range(times):
            with watch_growth(server) as grown:
                answer = client.expect(200, "GET", path, keep=False)
            rates.append(spans / answer.seconds)
            growths.append(grown[0] / MEGABYTE)
        yield Figure(f"export-{name}", max(rates), floor.select_rate(corpus.id), corpus.articles)
        yield Figure(f"export-{name}-growth", max(growths), None, corpus.articles)


def measure_brat_import(
    server: Server, client: Client, corpus: Corpus, floor: Floor, folder: Path, *, into: Corpus
) -> Iterator[Figure]:
    """Measure the import of a brat archive of one corpus into an empty one."""
    path = f"/api/v1/corpora/{corpus.slug}/export/?format=brat&sets=all"
    archive = folder / f"{corpus.slug}.zip"
    archive.write_bytes(client.expect(200, "GET", path).body)
    path = f"/api/v1/corpora/{into.slug}/imports/?background=false&format=brat"
    with watch_growth(server) as grown:
        answer = require_status(200, client.upload(path, archive, "application/octet-stream"), f"POST {path}")
    archive.unlink()
    report = answer.json()
    if report["created"] != corpus.articles or report["failed"] or report["losses"]:
        raise RuntimeError(f"The import did not take everything: {report}")
    spans = sum(len(article.spans) for article in corpus.workload())
    yield Figure("import-brat", spans / answer.seconds, floor.copy_rate(corpus.workload()), corpus.articles)
    yield Figure("import-brat-growth", grown[0] / MEGABYTE, None, corpus.articles)


def measure_releases(env: Mapping[str, str], corpus: Corpus) -> Iterator[Figure]:
    """Measure releases of all sets, as if they were approved, by the function that the worker calls."""
    for key, order in (
        ("release", {"formats": ("jsonl", "quotes")}),
        ("release-texts", {"formats": ("jsonl", *TEXT_FORMATS), "splits": "story_key"}),
    ):
        seconds, grown = call_inside(env, f"measure_release({corpus.slug!r}, **{order!r})").split()
        yield Figure(key, float(seconds), None, corpus.articles)
        yield Figure(f"{key}-growth", float(grown), None, corpus.articles)
