"""Webhooks: lag at a steady rate, how fast a backlog is drained, and what a hundred idle ones cost.

    python -m bench.webhooks [sqlite]

On PostgreSQL, or on SQLite if it is named, with one worker process and a receiver on this machine. Beside the
clock stands the time that the worker used, since a busy machine makes the one grow and hardly the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.server import ROOT, run_manage, run_postgres, service_environment

RATE, STEADY_SECONDS, BACKLOG, IDLE_HOOKS, IDLE_SECONDS = 50, 20, 10_000, 100, 20
MAX_LAG, MIN_RATE, MAX_IDLE = 3.0, 200, 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


class Receiver:
    """A receiver that keeps when each message came, and when its event was recorded."""

    def __init__(self) -> None:
        self.times: list[tuple[float, str]] = []
        times = self.times

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                times.append((time.time(), json.loads(body)["timestamp"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, number: int) -> float:
        """Wait until so many messages came; return when the last of them did."""
        while len(self.times) < number:
            time.sleep(0.05)
        return self.times[number - 1][0]


def call_inside(env: Mapping[str, str], call: str) -> str:
    """Return the output of a call in ``bench.webhooks_inside``."""
    code = f"from bench import webhooks_inside; print(webhooks_inside.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


@contextmanager
def running_worker(env: Mapping[str, str]) -> Iterator[int]:
    """Run a worker while the block runs; its process id."""
    command = [sys.executable, "manage.py", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def used_seconds(pid: int) -> float:
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def main(engine: str) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    database = run_postgres() if engine == "postgresql" else nullcontext("")
    with tempfile.TemporaryDirectory() as folder, database as url:
        given = url or f"sqlite:///{folder}/db.sqlite3"
        env = {
            **service_environment(given, Path(folder)),
            "OUTGOING_ALLOW_LOOPBACK": "on",
            "LOG_LEVEL": "WARNING",
        }
        run_manage(env, "migrate", "--verbosity", "0")
        receiver = Receiver()
        call_inside(env, f"prepare({receiver.url!r})")
        call_inside(env, f"record({BACKLOG})")
        with running_worker(env) as pid:
            receiver.wait_for(1)
            begun, used = receiver.times[0][0], used_seconds(pid)
            drained = BACKLOG / (receiver.wait_for(BACKLOG) - begun)
            of_processor = BACKLOG / (used_seconds(pid) - used)
            call_inside(env, f"record_steadily({RATE}, {STEADY_SECONDS})")
            receiver.wait_for(BACKLOG + RATE * STEADY_SECONDS)
            lags = json.loads(call_inside(env, f"lags({receiver.times[BACKLOG:]!r})"))
            call_inside(env, f"add_idle({IDLE_HOOKS}, {receiver.url!r})")
            time.sleep(2)
            used = used_seconds(pid)
            time.sleep(IDLE_SECONDS)
            idle = (used_seconds(pid) - used) / IDLE_SECONDS
    lag = sorted(lags)[int(len(lags) * 0.95)]
    held = lag <= MAX_LAG and drained >= MIN_RATE and idle <= MAX_IDLE
    print(f"{engine}")
    print(f"{f'lag p95 at {RATE} events/s':38} {lag:9.2f} s   ≤ {MAX_LAG:g}")
    print(
        f"{f'{BACKLOG:,} events drained':38} {drained:9.0f} /s  ≥ {MIN_RATE}"
        f"   {of_processor:.0f} in each second of the processor"
    )
    print(f"{f'{IDLE_HOOKS} idle webhooks, of a core':38} {idle:9.1%}    ≤ {MAX_IDLE:.0%}")
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "postgresql"))
