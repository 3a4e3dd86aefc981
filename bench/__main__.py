"""``python -m bench``: measure everything and print one table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import exchange, report
from bench.client import Client
from bench.floor import Floor
from bench.report import Figure
from bench.requests import QUICK, Effort, RequestScenarios
from bench.server import call_inside, run_manage, run_postgres, run_server, service_environment

SIZES = (1_000, 10_000)
QUICK_SIZES = (50,)


def measure_starts(env: Mapping[str, str], token: str, times: int) -> Iterator[Figure]:
    """Yield the times of a server start, and the memory of the server after a few requests."""
    first_answers, first_calls, memories = [], [], []
    for _ in range(times):
        with run_server(env) as server:
            first_answers.append(server.cold_start)
            with Client(server.port, token) as client:
                first_calls.append(server.cold_start + client.expect(200, "GET", "/api/v1/me/").seconds)
            for _ in range(10):
                with Client(server.port, token) as client:
                    client.expect(200, "GET", "/api/v1/corpora/")
            memories.append(server.shared_bytes() / exchange.MEGABYTE)
    yield Figure("cold-start", sorted(first_answers)[times // 2])
    yield Figure("first-call", sorted(first_calls)[times // 2])
    yield Figure("idle", max(memories))


def measure_size(
    env: Mapping[str, str], token: str, articles: int, effort: Effort, folder: Path
) -> Iterator[Figure]:
    """Yield all figures for corpora of one size, on a server of its own."""
    floor = Floor(env["DATABASE_URL"])
    with run_server(env) as server, Client(server.port, token) as client:
        corpus = exchange.create_corpus(client, f"size-{articles}", articles, seed=articles)
        yield from exchange.measure_api_import(server, client, corpus, floor, folder)
        yield from exchange.measure_export(server, client, corpus, floor, times=effort.exports)
        yield from exchange.measure_other_exports(server, client, corpus, floor, times=effort.exports)
        brat = exchange.create_corpus(client, f"brat-{articles}", articles, seed=articles)
        yield from exchange.measure_brat_import(server, client, corpus, floor, folder, into=brat)
        yield from RequestScenarios(server, token, corpus, floor, effort).measure_all(env)
        again = exchange.create_corpus(client, f"command-{articles}", articles, seed=articles + 1)
        yield from exchange.measure_command_import(env, again, floor, folder)
        yield from exchange.measure_releases(env, again)
    floor.close()


def measure_all(sizes: list[int], effort: Effort) -> Iterator[Figure]:
    """Yield every figure as soon as it is measured."""
    with tempfile.TemporaryDirectory(prefix="standpoint-bench-") as name, run_postgres() as url:
        folder = Path(name)
        env = service_environment(url, folder)
        run_manage(env, "migrate", "--verbosity", "0")
        token = call_inside(env, "create_user()")
        yield from measure_starts(env, token, effort.starts)
        for articles in sizes:
            yield from measure_size(env, token, articles, effort, folder)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--articles", type=int, action="append", metavar="N", help="a size; can be given again"
    )
    parser.add_argument("--quick", action="store_true", help="50 articles and few requests: does it work?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to a file")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a target is missed")
    asked = parser.parse_args(arguments)
    sizes = asked.articles or list(QUICK_SIZES if asked.quick else SIZES)
    about, figures = report.machine_details(), []
    for figure in measure_all(sizes, QUICK if asked.quick else Effort()):
        figures.append(figure)
        print(f"measured: {figure.measure.title}", file=sys.stderr)
    print(report.format_table(figures))
    print("\n{processors} processors, load before the run {load}, Python {python}".format(**about))
    if asked.json is not None:
        report.write_json(asked.json, figures, about)
    return 1 if asked.strict and report.missed_targets(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
