"""``manage.py worker``: does the jobs that are too large for a request."""

from __future__ import annotations

import logging
import os
import socket
import threading
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from annotations.models import uuid7
from annotations.services import background, jobs

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Does the jobs that are too large for a request: imports of large files and releases. Several may "
        "run, also on several machines that share FILES_DIR. A job whose worker was killed is picked up by "
        "another one. Ends after the current job on SIGTERM or Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--batch", action="store_true", help="do everything that waits, then end")
        add("--interval", type=float, default=1.0, metavar="SECONDS", help="how often to look for work; 1")

    def handle(self, *, batch: bool, interval: float, **options: Any) -> None:
        name = f"{socket.gethostname()[:32]}-{os.getpid()}-{uuid7().hex[-8:]}"
        worker = Worker(
            queue_names=["default"], interval=interval, batch=batch, backend_name="default",
            startup_delay=False, max_tasks=None, worker_id=name, excluded_queue_names=[],
        )  # fmt: skip
        if threading.current_thread() is threading.main_thread():
            worker.configure_signals()
        with Heart(name):
            if not batch:
                self.stdout.write(f"The worker {name} waits for jobs; Ctrl-C ends it.")
            worker.run()
            while batch and DBTaskResult.objects.ready().exists():
                worker.run()


class Heart:
    """Signs of life of a worker, and what has to happen now and then, beside its work."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    def __enter__(self) -> None:
        jobs.beat(self.name)
        background.tick()
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        jobs.leave(self.name)

    def _beat(self) -> None:
        while not self._over.wait(settings.JOB_LEASE / 6):
            try:
                jobs.beat(self.name)
                background.tick()
            except (DatabaseError, OSError):
                logger.warning("A sign of life did not reach the database.", exc_info=True)
            finally:
                connection.close()
