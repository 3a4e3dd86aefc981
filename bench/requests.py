"""Single requests: opening a set, creating and changing spans, and paging through a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from bench.client import Client, median_ms, percentile95_ms, run_together
from bench.exchange import Corpus
from bench.floor import Floor
from bench.report import Figure
from bench.server import Server, call_inside

BATCH = 1_000
CLIENTS = 8
PAGE = 100


class Effort(NamedTuple):
    """How often each request is sent."""

    reads: int = 300
    writes: int = 300
    writes_per_client: int = 75
    batches: int = 7
    pages: int = 60
    exports: int = 3
    starts: int = 3


QUICK = Effort(reads=5, writes=5, writes_per_client=3, batches=1, pages=3, exports=1, starts=1)


@dataclass(frozen=True)
class WritableSet:
    """A set to write into, and its text."""

    id: str
    text: str

    @property
    def path(self) -> str:
        """The path of its spans."""
        return f"/api/v1/sets/{self.id}/spans/"

    def span(self, number: int, width: int) -> dict[str, Any]:
        """Return the body of a new span; a width of its own makes it different from stored spans."""
        start = number % (len(self.text) - width)
        quote = self.text[start : start + width]
        attributes = {"mention_type": "description"}
        return {
            "label": "actor", "start": start, "end": start + width, "quote": quote, "attributes": attributes,
        }  # fmt: skip


class RequestScenarios:
    """The scenarios on one corpus. Each uses sets of its own, so that none disturbs another."""

    def __init__(self, server: Server, token: str, corpus: Corpus, floor: Floor, effort: Effort) -> None:
        self._server, self._token, self._corpus = server, token, corpus
        self._floor, self._effort = floor, effort
        self._client = Client(server.port, token)
        self._crowded = ""  # the id of a set with 1,000 spans more
        self._sets = self._set_ids(f"/api/v1/corpora/{corpus.slug}/sets/")

    def _set_ids(self, path: str) -> Iterator[str]:
        for page in self._pages(path):
            yield from (row["id"] for row in page["results"])

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        address: str | None = f"{path}?page_size={PAGE}"
        while address is not None:
            page = self._client.expect(200, "GET", address[address.index("/api/") :]).json()
            address = page["next"]
            yield page

    def _next_sets(self, number: int) -> list[str]:
        return list(islice(self._sets, number))

    def _next_target(self) -> WritableSet:
        (id,) = self._next_sets(1)
        detail = self._client.expect(200, "GET", f"/api/v1/sets/{id}/").json()
        return WritableSet(id, detail["revision"]["text"])

    def _figures(self, key: str, seconds: list[float], floor: float | None) -> Iterator[Figure]:
        yield self._figure(key, median_ms(seconds), floor)
        yield self._figure(f"{key}-p95", percentile95_ms(seconds))

    def _figure(self, key: str, value: float, floor: float | None = None) -> Figure:
        return Figure(key, value, floor, self._corpus.articles)

    def measure_all(self, env: Mapping[str, str]) -> Iterator[Figure]:
        """Yield the figures of every scenario, in an order in which none disturbs a later one."""
        yield from self.measure_pages()
        yield from self.measure_open()
        yield from self.measure_create()
        yield self.measure_parallel_create()
        yield self.measure_bulk_create()
        yield self.measure_change()
        yield from self.measure_queries(env)
        self._client.close()

    def measure_open(self) -> Iterator[Figure]:
        """Measure the GET of a set, as the workbench sends it, for one set after the other."""
        sets = self._next_sets(max(1, min(self._effort.reads, self._corpus.articles // 2)))
        floor = self._floor.select_set_ms([UUID(id) for id in sets])
        rounds = -(-self._effort.reads // len(sets))
        paths = [f"/api/v1/sets/{id}/" for id in sets] * rounds
        seconds = [self._client.expect(200, "GET", path).seconds for path in paths]
        yield from self._figures("open", seconds, floor)

    def measure_create(self) -> Iterator[Figure]:
        """Measure the creation of single spans by one client."""
        floor = self._floor.insert_ms(self._corpus.workload(), times=self._effort.writes)
        target, writes = self._next_target(), self._effort.writes
        answers = [
            self._client.expect(201, "POST", target.path, target.span(number, 211))
            for number in range(writes)
        ]
        yield from self._figures("create", [answer.seconds for answer in answers], floor)

    def measure_parallel_create(self) -> Figure:
        """Measure the creation of single spans by 8 clients, each in a set of its own."""
        times = self._effort.writes_per_client
        floor = self._floor.insert_rate(self._corpus.workload(), clients=CLIENTS, times=times)

        def task(target: WritableSet) -> Callable[[], int]:
            def run() -> int:
                with Client(self._server.port, self._token) as client:
                    for number in range(times):
                        client.expect(201, "POST", target.path, target.span(number, 211))
                return times

            return run

        return self._figure(
            "create-many", run_together([task(self._next_target()) for _ in range(CLIENTS)]), floor
        )

    def measure_bulk_create(self) -> Figure:
        """Measure POSTs of 1,000 spans."""
        times = self._effort.batches
        floor = self._floor.copy_batch_ms(self._corpus.workload(), BATCH, times=times)
        seconds = []
        for target in [self._next_target() for _ in range(times)]:
            spans = [target.span(number, 211) for number in range(BATCH)]
            seconds.append(self._client.expect(201, "POST", target.path, spans).seconds)
            self._crowded = target.id
        return self._figure("create-1000", median_ms(seconds), floor)

    def measure_change(self) -> Figure:
        """Measure changes of one span, each with the version of the last response."""
        floor = self._floor.insert_ms(self._corpus.workload(), times=self._effort.writes)
        target = self._next_target()
        answer = self._client.expect(201, "POST", target.path, target.span(0, 211))
        path, seconds = f"/api/v1/spans/{answer.json()['id']}/", []
        for number in range(self._effort.writes):
            change = {"attributes": {"mention_type": ("name", "metonym")[number % 2]}}
            answer = self._client.expect(200, "PATCH", path, change, if_match=answer.json()["version"])
            seconds.append(answer.seconds)
        return self._figure("change", median_ms(seconds), floor)

    def measure_pages(self) -> Iterator[Figure]:
        """Measure the first page of a list of articles, and the last full one."""
        path = f"/api/v1/corpora/{self._corpus.slug}/articles/"
        floor = self._floor.select_page_ms(self._corpus.id, times=self._effort.pages)
        first = last = f"{path}?page_size={PAGE}"
        for page in self._pages(path):
            if page["next"] is not None:
                last = page["next"][page["next"].index("/api/") :]
        for key, address in (("page-first", first), ("page-last", last)):
            answers = [self._client.expect(200, "GET", address) for _ in range(self._effort.pages)]
            yield self._figure(key, median_ms([answer.seconds for answer in answers]), floor)

    def measure_queries(self, env: Mapping[str, str]) -> Iterator[Figure]:
        """Count the queries for opening a set with 30 spans, and one with more than 1,000."""
        few, many = (
            int(call_inside(env, f"count_queries({self._token!r}, '/api/v1/sets/{id}/')"))
            for id in (*self._next_sets(1), self._crowded)
        )
        yield self._figure("open-queries", few)
        yield self._figure("open-queries-growth", many - few)
