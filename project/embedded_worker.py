"""A worker beside the server: started and ended by gunicorn where EMBEDDED_WORKER is on.

gunicorn starts this module as a small process of its own, which keeps ``manage.py worker`` running: it
starts another worker where one dies, and ends it with the server, however the server ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
#: Seconds that the current job has to end when the server stops, and then to be given back.
END_JOB, GIVE_BACK = 20, 5
RESTART_DELAY = 1.0
_POLL = 0.2

_keeper: subprocess.Popen[bytes] | None = None


# --- In the server ---------------------------------------------------------------------------


def start() -> None:
    """Start the process that keeps a worker running."""
    global _keeper  # noqa: PLW0603 - gunicorn reads its configuration again on SIGHUP; this stays
    command = [sys.executable, "-m", "project.embedded_worker", str(os.getpid())]
    _keeper = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)  # noqa: S603 - our own


def stop() -> None:
    """End it, and wait for it; a job that takes too long is given back."""
    if _keeper is None:
        return
    for seconds in (END_JOB, GIVE_BACK):
        _keeper.terminate()
        try:
            _keeper.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    _keeper.kill()


# --- In the process that keeps the worker running --------------------------------------------


class WorkerKeeper:
    """Keeps one worker running until told to stop, or until the server is gone."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._is_stopping = False
        self._worker: subprocess.Popen[bytes] | None = None

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Tell the worker to end after its job; told again, it gives the job back."""
        self._is_stopping = True
        if self._worker is not None:
            self._worker.terminate()

    def run(self) -> None:
        """Start a worker, and another one when it has died."""
        while not self._was_stopped() and self._has_server():
            self._worker = subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "manage.py", "worker", "--parent", str(os.getpid())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
            )
            if self._was_stopped():  # by a signal that found no worker yet
                self._worker.terminate()
            while self._worker.poll() is None:
                if not self._has_server():
                    self.stop()
                time.sleep(_POLL)
            if not self._was_stopped():
                time.sleep(RESTART_DELAY)

    def _was_stopped(self) -> bool:
        return self._is_stopping

    def _has_server(self) -> bool:
        return os.getppid() == self._server


def main() -> None:
    """Keep a worker running for the server whose process id is the argument."""
    keeper = WorkerKeeper(int(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, keeper.stop)
    keeper.run()


if __name__ == "__main__":
    main()
