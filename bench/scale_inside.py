"""The measurements of ``bench.scale``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import gc
import json
import resource
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from annotations.models import Actor, Corpus, Proposition
from annotations.services import integrity
from annotations.services.team import queue
from annotations.visibility import get_visible_row
from bench.client import HOST
from bench.scale_corpus import POPULAR, UNUSED

TIMES = 5


def measure(path: str, username: str, token: str) -> str:
    """Return what one GET costs, after one that fills all caches, as JSON.

    ``wall`` is the median in seconds; ``processor``, that of this process and of its session in the database,
    is the least, which says more on a busy machine.
    """
    _tune()
    client = _client(username, path, token)
    path = path.format(**_entries())
    return _measured(lambda: _get(client, path))


def measure_queue(username: str) -> str:
    """Return what taking the next review costs, as JSON; it is taken back each time."""
    _tune()
    by = User.objects.get(username=username)
    seen = get_visible_row(by, Corpus.objects.all(), slug="scale")

    def take() -> bytes:
        with transaction.atomic():
            found = queue.take_next_set(by, seen, queue.QueueTask.REVIEW, another=True)
            transaction.set_rollback(True)
        if found.row is None:
            raise RuntimeError(found.reason)
        return b""

    return _measured(take)


def measure_checks() -> str:
    """Return what ``fsck`` costs, with the seconds of each check and the growth of memory in MB, as JSON."""
    _tune()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = {}
    for name, check in integrity.CHECKS.items():
        started = time.process_time()
        check.run(integrity.checks.CheckScope(None), integrity.CheckResult())
        seconds[name] = round(time.process_time() - started, 1)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return json.dumps({"checks": seconds, "megabytes": grown})


def _tune() -> None:
    # as project/gunicorn.py does
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def _client(username: str, path: str, token: str) -> Client:
    if path.startswith("/api/"):
        return Client(headers={"authorization": f"Bearer {token}", "host": HOST})
    client = Client(headers={"host": HOST})
    client.force_login(User.objects.get(username=username))
    return client


def _entries() -> Mapping[str, Any]:
    return {
        "corpus": Corpus.objects.get(slug="scale").pk,
        "popular": Proposition.objects.get(text=f"Issue {POPULAR}").pk,
        "unused": Proposition.objects.order_by("-pk").values_list("pk", flat=True)[0],
        "actor": Actor.objects.get(name=f"Actor {POPULAR}").pk,
        "unused_actor": Actor.objects.get(name=f"Actor {UNUSED}").pk,
    }


def _get(client: Client, path: str) -> bytes:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"GET {path}: {answer.status_code} {answer.content[:300]!r}")
    return answer.content


def _measured(call: Callable[[], bytes]) -> str:
    size = len(call())
    queries = count()
    with connection.execute_wrapper(lambda run, *args: next(queries) is None or run(*args)):
        call()
    times = [_times(call) for _ in range(TIMES)]
    walls, processors = zip(*times, strict=True)
    return json.dumps({
        "wall": sorted(walls)[TIMES // 2], "processor": min(processors), "queries": next(queries),
        "bytes": size,
    })  # fmt: skip


def _times(call: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of a call by the clock, and of the processors that worked for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        statistics = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    before, own = int(statistics.read_text().split()[0]), time.process_time()
    started = time.perf_counter()
    call()
    wall = time.perf_counter() - started
    of_database = (int(statistics.read_text().split()[0]) - before) / 1e9
    return wall, time.process_time() - own + of_database
