"""A ledger of what the service has acknowledged, kept by clients while machines are killed under them.

A client sends an article until it is stored: the next try goes to the next machine, with the same id.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from annotations.models.ids import uuid7
from tests.server import ROOT, free_port

TEXT = "Ada Verde says that the lock will open again in spring."
_STORED = (200, 201)


@dataclass
class Process:
    """A process group of the service, which can be killed as a power cut kills a machine."""

    command: Sequence[str]
    settings: Mapping[str, str]
    port: int = 0
    path: str = "/healthz"
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self.running = subprocess.Popen(self.command, cwd=ROOT, env=self.settings, start_new_session=True)
        deadline = time.monotonic() + 300
        while self.port and not _answers(self.port, self.path):
            assert self.running.poll() is None, "The server has ended."
            assert time.monotonic() < deadline, "The server is not healthy."
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill all of it at once."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def web(settings: Mapping[str, str]) -> Process:
    """A web server on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "project/gunicorn.py", "project.wsgi"]
    return Process(command, {**settings, "PORT": str(port)}, port)


def worker(settings: Mapping[str, str]) -> Process:
    """A worker."""
    return Process([sys.executable, "manage.py", "worker", "--interval", "0.2"], settings)


@contextmanager
def started(*processes: Process) -> Iterator[None]:
    """These processes while the block runs."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in processes:
            process.kill()


@dataclass
class Ledger:
    """What clients were told. ``wrong`` are the answers that no outage explains."""

    token: str
    ports: Sequence[int]
    #: The certificate of a proxy in front of the machines, and the path below which it has the service.
    certificate: str = ""
    prefix: str = ""
    stored: set[UUID] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0
    _last: float = field(default_factory=time.monotonic)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def request(self, port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The status and the content of an answer; 0 where there is none."""
        connection = self._connect(port)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if "format=jsonl" in path:
            headers["Content-Type"] = "application/x-ndjson"
        try:
            connection.request(method, f"{self.prefix}/api/v1/{path}", body, headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
            if status == 503 and response.headers["Retry-After"] is None:
                self.wrong.append(f"{method} {path}: 503 without Retry-After")
        except (OSError, http.client.HTTPException):
            status, content = 0, b""
        finally:
            connection.close()
        self.statuses[status] += 1
        if status not in self._outages | {200, 201, 202}:
            self.wrong.append(f"{method} {path}: {status} {content[:300]!r}")
        return status, content

    @property
    def _outages(self) -> set[int]:
        """What a client is told where nobody answers; a proxy has words of its own for it."""
        return {0, 502, 503, 504} if self.certificate else {0, 503}

    def _connect(self, port: int) -> http.client.HTTPConnection:
        if not self.certificate:
            return http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        tls = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection("localhost", port, timeout=60, context=tls)

    def insist(self, method: str, path: str, body: bytes | None = None, start: int = 0) -> bytes:
        """The content of the first answer that is none of an outage."""
        for turn in range(start, start + 10_000):
            status, content = self.request(self.ports[turn % len(self.ports)], method, path, body)
            if status not in self._outages:
                return content
            time.sleep(0.1)
        raise AssertionError(f"{method} {path} was never answered.")

    def queue_import(self, name: str, articles: int) -> UUID:
        """Let a worker import articles of its own, and return the job."""
        lines = [json.dumps({"external_id": f"{name}-{n}", "text": TEXT}) for n in range(articles)]
        body = "".join(f"{line}\n" for line in lines).encode()
        path = "corpora/lake/imports/?format=jsonl&background=true&on_conflict=skip"
        return UUID(json.loads(self.insist("POST", path, body))["id"])

    def finish(self, job: UUID) -> dict[str, object]:
        """Wait until a job is over, and return it."""
        deadline = time.monotonic() + 300
        while True:
            assert time.monotonic() < deadline, "The job was not done."
            told: dict[str, object] = json.loads(self.insist("GET", f"jobs/{job}/"))
            if told["state"] in ("done", "failed"):
                return told
            time.sleep(0.3)

    @contextmanager
    def writing(self, clients: int = 4) -> Iterator[None]:
        """Clients that write while the block runs."""
        self._last = time.monotonic()
        threads = [threading.Thread(target=self._write, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many more articles are stored."""
        wanted = len(self.stored) + more
        self._wait(lambda: len(self.stored) >= wanted)

    def wait_for_outage(self) -> None:
        """Wait until somebody is answered that the service is away."""
        self._wait(lambda: self.statuses[503] > 0)

    def _wait(self, is_reached: Callable[[], bool]) -> None:
        """Wait, unless there is an answer that no outage explains."""
        deadline = time.monotonic() + 300
        while not is_reached():
            assert self.wrong == []
            assert time.monotonic() < deadline, self.statuses
            time.sleep(0.05)

    def _write(self, number: int) -> None:
        turn = number
        while not self._over.is_set():
            id, turn = uuid7(), turn + 1
            body = json.dumps({"id": str(id), "external_id": str(id), "text": TEXT}).encode()
            while not self._over.is_set():
                port = self.ports[turn % len(self.ports)]
                status, _ = self.request(port, "POST", "corpora/lake/articles/", body)
                if status in _STORED:
                    with self._lock:
                        self.stored.add(id)
                        now = time.monotonic()
                        self.longest, self._last = max(self.longest, now - self._last), now
                    break
                turn += 1
                time.sleep(0.05)
