"""The worker beside the server: it is started again when it dies, and never outlives the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.server import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def processes(data_dir: Path, word: str = "") -> list[int]:
    """Return the live processes with that DATA_DIR whose command holds ``word``."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if f"DATA_DIR={data_dir}".encode() not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            if word.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def wait_for(what: Callable[[], object], seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    port = free_port()
    environment = {
        "DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"], "PORT": str(port), "EMBEDDED_WORKER": "on",
    }  # fmt: skip
    if not databases.place(tmp_path):
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "project/gunicorn.py", "project.wsgi"]
    process = subprocess.Popen(gunicorn, cwd=ROOT, env=environment)
    try:
        wait_for(lambda: processes(tmp_path, "worker\0--parent"))
        yield process
    finally:
        process.kill()
        process.wait()
        for left in processes(tmp_path):
            os.kill(left, signal.SIGKILL)


def test_a_worker_that_is_killed_is_started_again(server: subprocess.Popen[bytes], tmp_path: Path) -> None:
    (first,) = processes(tmp_path, "worker\0--parent")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: set(processes(tmp_path, "worker\0--parent")) - {first})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_server(
    server: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals
) -> None:
    server.send_signal(number)
    server.wait(600)
    wait_for(lambda: not processes(tmp_path))
