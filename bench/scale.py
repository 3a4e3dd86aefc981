"""What grows faster than the work: lists, counts, pages and checks of a large corpus, on PostgreSQL.

    python -m bench.scale [articles]

Measures a tenth of the articles and all of them (100,000 by default, with three million spans), each in a
database of its own, and prints how much each figure grew. Only the processors are judged: those of the
service and of its session in the database, whatever else the machine does.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.server import run_manage, run_postgres, service_environment

ARTICLES = 100_000
_API, _ADMIN = "/api/v1/corpora/scale/", "/admin/annotations/"


class Place(NamedTuple):
    """Something that is asked for: by whom, where, and the most milliseconds that it may take."""

    title: str
    role: str
    path: str
    most: int


PLACES = (
    Place("stats", "manager", f"{_API}stats/", 200),
    Place("progress", "manager", f"{_API}progress/", 200),
    Place("page: team", "manager", f"{_ADMIN}corpus/{{corpus}}/team/", 200),
    Place("page: overview", "manager", f"{_ADMIN}corpus/{{corpus}}/overview/", 200),
    Place("agreement", "manager", f"{_API}agreement/", 500),
    Place("page: agreement", "manager", f"{_ADMIN}corpus/{{corpus}}/agreement/", 500),
    Place("articles of a popular issue", "manager", f"{_API}articles/?proposition={{popular}}", 100),
    Place("articles of it, as annotator", "annotator", f"{_API}articles/?proposition={{popular}}", 100),
    Place("articles of an unused actor", "annotator", f"{_API}articles/?actor={{unused_actor}}", 100),
    Place("spans without match", "annotator", f"{_API}spans/?actor={{actor}}&label=position", 100),
    Place("spans of an unused actor", "annotator", f"{_API}spans/?actor={{unused_actor}}&label=actor", 100),
    Place("spans by state, as annotator", "annotator", f"{_API}spans/?state=submitted", 100),
    Place("spans of no state, as annotator", "annotator", f"{_API}spans/?state=withdrawn", 100),
    Place("spans of no state, as manager", "manager", f"{_API}spans/?state=withdrawn", 100),
    Place("sets of no state, as annotator", "annotator", f"{_API}sets/?state=withdrawn", 100),
    Place("page of spans", "annotator", f"{_API}spans/?page_size=100", 100),
    Place("page of articles", "annotator", f"{_API}articles/?page_size=100", 100),
    Place("events", "manager", f"{_API}events/", 30),
    Place("events of one action", "manager", f"{_API}events/?action=release_withdrawn", 100),
    Place("list: events", "manager", f"{_ADMIN}event/", 150),
    Place("list: articles", "manager", f"{_ADMIN}article/", 150),
    Place("list: sets", "manager", f"{_ADMIN}annotationset/", 150),
    Place("list: spans", "manager", f"{_ADMIN}span/", 150),
)
_REVIEW = Place("review queue", "reviewer", "", 20)


def call_inside(env: Mapping[str, str], module: str, call: str) -> Any:
    """Return what a call in a module of ``bench`` prints as JSON."""
    code = f"from bench import {module}; print({module}.{call})"
    return json.loads(run_manage(env, "shell", "--no-imports", "-c", code))


def measure_size(articles: int) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Yield what each place costs with so many articles; the checks come last."""
    with tempfile.TemporaryDirectory() as folder, run_postgres() as url:
        env = service_environment(url, Path(folder))
        run_manage(env, "migrate", "--verbosity", "0")
        made = call_inside(env, "scale_corpus", f"create_corpus({articles})")
        print(f"{articles:,} articles, made in {made['seconds']:.0f} s", file=sys.stderr)
        yield from measure_places(env, made)


def measure_places(
    env: Mapping[str, str], made: Mapping[str, Any]
) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Yield what each place costs in a database that has its corpus."""
    roles, tokens = made["roles"], made["tokens"]
    for place in PLACES:
        name = roles[place.role]
        call = f"measure({place.path!r}, {name!r}, {tokens[name]!r})"
        yield place, call_inside(env, "scale_inside", call)
    yield _REVIEW, call_inside(env, "scale_inside", f"measure_queue({roles['reviewer']!r})")
    checks = call_inside(env, "scale_inside", "measure_checks()")
    print(f"fsck: memory grew by {checks['megabytes']:.0f} MB", file=sys.stderr)
    for name, seconds in checks["checks"].items():
        yield Place(f"fsck: {name}", "", "", 0), {"processor": seconds, "queries": 0, "bytes": 0}


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    before = {place.title: row for place, row in measure_size(max(articles // 10, 1))}
    held = True
    print(f"{'':34} {'a tenth':>10} {'all':>10} {'growth':>7} {'most':>6} {'queries':>8} {'kB':>8}")
    for place, row in measure_size(articles):
        small, large = 1_000 * before[place.title]["processor"], 1_000 * row["processor"]
        held &= not place.most or large <= place.most
        print(
            f"{place.title:34} {small:7,.0f} ms {large:7,.0f} ms {large / max(small, 0.1):6.1f}x"
            f" {place.most or '':>6} {row['queries']:>8} {row['bytes'] / 1_000:8,.0f}",
            flush=True,
        )
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
