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
from bench.requests import QUICK, Effort, Requests
from bench.server import environment, inside, manage, postgres, served

SIZES = (1_000, 10_000)
QUICK_SIZES = (50,)


def starts(env: Mapping[str, str], token: str, times: int) -> Iterator[Figure]:
    """Yield the times of a server start, and the memory of the server after a few requests."""
    first_answers, first_calls, memories = [], [], []
    for _ in range(times):
        with served(env) as server:
            first_answers.append(server.cold_start)
            with Client(server.port, token) as client:
                first_calls.append(server.cold_start + client.expect(200, "GET", "/api/v1/me/").seconds)
            for _ in range(10):
                with Client(server.port, token) as client:
                    client.expect(200, "GET", "/api/v1/corpora/")
            memories.append(server.memory() / exchange.MEGABYTE)
    yield Figure("cold-start", sorted(first_answers)[times // 2])
    yield Figure("first-call", sorted(first_calls)[times // 2])
    yield Figure("idle", max(memories))


def one_size(
    env: Mapping[str, str], token: str, articles: int, effort: Effort, folder: Path
) -> Iterator[Figure]:
    """Yield all figures for corpora of one size, on a server of its own."""
    floor = Floor(env["DATABASE_URL"])
    with served(env) as server, Client(server.port, token) as client:
        corpus = exchange.found(client, f"size-{articles}", articles, seed=articles)
        yield from exchange.import_through_api(server, client, corpus, floor, folder)
        yield from exchange.export(server, client, corpus, floor, times=effort.exports)
        yield from exchange.export_texts(server, client, corpus, floor, times=effort.exports)
        brat = exchange.found(client, f"brat-{articles}", articles, seed=articles)
        yield from exchange.import_brat(server, client, corpus, floor, folder, into=brat)
        yield from Requests(server, token, corpus, floor, effort).all(env)
        again = exchange.found(client, f"command-{articles}", articles, seed=articles + 1)
        yield from exchange.import_by_command(env, again, floor, folder)
        yield from exchange.release(env, again)
    floor.close()


def run(sizes: list[int], effort: Effort) -> Iterator[Figure]:
    """Yield every figure as soon as it is measured."""
    with tempfile.TemporaryDirectory(prefix="standpoint-bench-") as name, postgres() as url:
        folder = Path(name)
        env = environment(url, folder)
        manage(env, "migrate", "--verbosity", "0")
        token = inside(env, "create_user()")
        yield from starts(env, token, effort.starts)
        for articles in sizes:
            yield from one_size(env, token, articles, effort, folder)


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
    about, figures = report.machine(), []
    for figure in run(sizes, QUICK if asked.quick else Effort()):
        figures.append(figure)
        print(f"measured: {figure.measure.title}", file=sys.stderr)
    print(report.table(figures))
    print("\n{processors} processors, load before the run {load}, Python {python}".format(**about))
    if asked.json is not None:
        report.write_json(asked.json, figures, about)
    return 1 if asked.strict and report.missed(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
