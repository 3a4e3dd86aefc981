"""A throw-away database and a server for one run."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.client import HOST, Client
from project.env import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 30.0
"""Seconds that a server may take to start or to stop."""


@contextmanager
def run_postgres() -> Iterator[str]:
    """Run an empty PostgreSQL whose commits wait for the disk; yield its URL."""
    program, name = [sys.executable, str(ROOT / "scripts" / "postgres.py")], f"bench-{os.getpid()}"
    started = subprocess.run(
        [*program, "start", name, "--durable"], check=True, stdout=subprocess.PIPE, text=True
    )
    try:
        yield started.stdout.strip()
    finally:
        subprocess.run([*program, "stop", name], check=True)


def service_environment(url: str, folder: Path) -> dict[str, str]:
    """Return the environment variables of the service, as an operator would set them."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    settings = {name for each in SETTINGS for name in (each.name, each.file_variable)}
    foreign = settings | {"DJANGO_SETTINGS_MODULE"}
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    return {
        **inherited,
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": HOST,
        "PORT": str(port),
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
        "LOG_LEVEL": "WARNING",
    }


def run_manage(env: Mapping[str, str], *arguments: str) -> str:
    """Run ``manage.py`` in the service's environment, and return its output."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def call_inside(env: Mapping[str, str], call: str) -> str:
    """Return the output of a call in ``bench.inside``."""
    code = f"from bench import inside; print(inside.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


class Server:
    """gunicorn with ``project/gunicorn.py``. ``cold_start``: seconds from spawn to the first 200."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.port = int(env["PORT"])
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "project/gunicorn.py", "project.wsgi"],
            cwd=ROOT,
            env=env,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait("/healthz")
            self.cold_start = time.perf_counter() - started
            self._wait("/readyz")
        except BaseException:
            self.stop()
            raise

    def _wait(self, path: str) -> None:
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with Client(self.port) as client:
                    if client.request("GET", path).status == 200:
                        return
            except OSError:
                pass
            time.sleep(0.005)
        raise RuntimeError(f"The server does not answer 200 to {path}; run it by hand to see why.")

    def stop(self) -> None:
        """Stop the server by SIGTERM; kill it if it does not end in time."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def shared_bytes(self) -> int:
        """Return the memory of all processes in bytes, with shared pages counted once (sum of PSS)."""
        return sum(_pss(pid) for pid in self._processes())

    def resident_bytes(self) -> int:
        """Return the memory of all processes in bytes, with shared pages counted for each (sum of RSS).

        So a page that is not shared any more is no growth.
        """
        pages = (_read(f"/proc/{pid}/statm").split()[1:2] for pid in self._processes())
        return sum(int(number) for found in pages for number in found) * os.sysconf("SC_PAGE_SIZE")

    def _processes(self) -> list[str]:
        """Return the ids of the server, its workers, and all their descendants."""
        found = _children(str(self._process.pid))
        for pid in found:
            # a child with the name of its parent has not started its own program yet, and owns no memory
            found += [child for child in _children(pid) if _name(child) != _name(pid)]
        return [str(self._process.pid), *found]


def _children(pid: str) -> list[str]:
    return [child for at in Path(f"/proc/{pid}/task").glob("*/children") for child in _read(at).split()]


def _name(pid: str) -> str:
    return _read(f"/proc/{pid}/cmdline")


def _pss(pid: str) -> int:
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: str | Path) -> str:
    """Return the content of a file in /proc; an empty string if the process has just ended."""
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@contextmanager
def run_server(env: Mapping[str, str]) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(env)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def watch_growth(server: Server) -> Iterator[list[int]]:
    """Yield a list with one number: the highest growth of the server's memory in bytes, so far."""
    before, peaks, done = server.resident_bytes(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peaks[0] = max(peaks[0], server.resident_bytes() - before)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()
