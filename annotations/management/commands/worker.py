"""``manage.py worker``: runs the jobs that are too large for a request."""

from __future__ import annotations

import os
import signal
import socket
import threading
from types import FrameType

from django.core.management.base import BaseCommand, CommandParser

from annotations.models import uuid7
from annotations.services.job_worker import WorkerLoop


class Command(BaseCommand):
    help = (
        "Does the jobs that are too large for a request: imports of large files, releases and exports. "
        "Beside them it sends webhooks. "
        "Several may run, also on several machines that share FILES_DIR. A job whose worker was killed is "
        "picked up by another one. Ends after the current job on SIGTERM or Ctrl-C; the second time it gives "
        "the job back and ends at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--batch", action="store_true", help="do everything that waits, then end")
        add("--interval", type=float, default=1.0, metavar="SECONDS", help="how often to look for work; 1")
        add("--parent", type=int, metavar="PID", help="end when this process, which started it, is gone")

    def handle(self, *, batch: bool, interval: float, parent: int | None = None, **options: object) -> None:
        name = f"{socket.gethostname()[:32]}-{os.getpid()}-{uuid7().hex[-8:]}"
        loop = WorkerLoop(name, interval=interval, burst=batch, parent=parent)
        if threading.current_thread() is threading.main_thread():
            _stop_by_signals(loop)
        if not batch:
            self.stdout.write(f"The worker {name} waits for jobs; Ctrl-C ends it.")
        loop.run()


def _stop_by_signals(loop: WorkerLoop) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
