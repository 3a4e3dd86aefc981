"""The service as ``make run`` starts it: gunicorn with our configuration, on a database file of its own."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def run_script(name: str, *arguments: str) -> str:
    """What a script of ours prints."""
    command = [sys.executable, str(ROOT / "scripts" / name), *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    settings: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        """What a command prints."""
        return _manage(self.settings, *arguments)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """An answer and its content."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


@contextmanager
def running_server(data_dir: Path, **given: str) -> Iterator[Server]:
    """A migrated and running server, which ends with the block."""
    port = free_port()
    settings = {
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "LOG_LEVEL": "CRITICAL",
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        **given,
    }
    if "DATABASE_URL" not in given and not databases.place(data_dir):
        _manage(settings, "migrate", "--verbosity", "0")
    command = [sys.executable, "-m", "gunicorn", "--config", "project/gunicorn.py", "project.wsgi"]
    process = subprocess.Popen(command, cwd=ROOT, env=settings)
    try:
        server = Server(port, settings)
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(600)


def _manage(settings: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=settings, check=True, capture_output=True, text=True
    ).stdout.strip()


def _wait_for(server: Server) -> None:
    for _ in range(3_000):
        try:
            server.request("GET", "/healthz")
            return
        except OSError:
            time.sleep(0.2)
