"""``manage.py metrics``: serve the metrics."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.metrics.process import FOLDER_VARIABLE

_LOOK = 1.0


class Command(BaseCommand):
    help = (
        "Serves metrics for Prometheus at METRICS_ADDRESS and METRICS_PORT until it is told to stop. The "
        "server starts it by itself; alone it tells the numbers of the work, and not those of requests."
    )

    # the server has run them; here they would only cost time
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--parent", type=int, metavar="PID", help="end when this process, which started it, is gone"
        )

    def handle(self, *, parent: int | None, **_options: object) -> None:
        if not settings.METRICS_PORT:
            raise CommandError("METRICS_PORT is empty; set it to the port for the metrics.")
        try:
            from prometheus_client import start_http_server  # noqa: PLC0415 - an extra

            from project.metrics.exposition import build_registry  # noqa: PLC0415 - needs the extra
        except ImportError as error:
            raise CommandError(
                "prometheus-client is not installed; install requirements-metrics.txt."
            ) from error
        stopped = threading.Event()

        def stop(_signal: int, _frame: FrameType | None) -> None:
            stopped.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        registry = build_registry(os.environ.get(FOLDER_VARIABLE))
        server, _ = start_http_server(settings.METRICS_PORT, settings.METRICS_ADDRESS, registry)
        while not stopped.wait(_LOOK) and parent in (None, os.getppid()):
            pass
        server.shutdown()
        server.server_close()
