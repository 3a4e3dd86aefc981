"""The configuration of gunicorn: ``gunicorn --config project/gunicorn.py project.wsgi``."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import tempfile
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.workers.base import Worker

from project import embedded_worker, env, logs
from project.metrics import process as metrics

try:
    bind = f"{env.read_text('BIND_ADDRESS')}:{env.read_integer('PORT', minimum=1, maximum=65_535)}"
    workers = env.read_integer("WEB_WORKERS", minimum=1, maximum=64)
    threads = env.read_integer("WEB_THREADS", minimum=1, maximum=64)
    has_metrics = env.read_integer("METRICS_PORT", maximum=65_535) > 0
    has_worker = env.read_boolean("EMBEDDED_WORKER")
    loglevel = env.read_choice("LOG_LEVEL", logs.LOG_LEVELS).lower()
except env.SettingError as error:
    sys.exit(f"Standpoint cannot start. {error}")


if has_metrics:
    metrics.make_folder()


class JsonLogger(Logger):
    """gunicorn's logger, with lines like all others. Requests are logged by the proxy in front."""

    def setup(self, cfg: Config) -> None:
        """Give the handlers of the error log the format of the service."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.JsonFormatter())


logger_class = JsonLogger
#: The body after which a process gives memory back, in bytes.
LARGE_BODY = 1024 * 1024
# glibc has the function, other C libraries need none.
_trim_memory = getattr(ctypes.CDLL(None), "malloc_trim", None)
worker_class = "project.slow_clients.BufferingWorker"
# Load the code once and fork: the start is faster, and the processes share its memory.
preload_app = True


def post_request(_worker: Worker, _request: Request, environ: dict[str, Any], _response: object) -> None:
    """Give memory back to the system after a request with a large body."""
    # What was freed in small pieces stays with the process otherwise, for a next request like it.
    if _trim_memory is not None and int(environ.get("CONTENT_LENGTH") or 0) > LARGE_BODY:
        _trim_memory(0)


def when_ready(_server: Arbiter) -> None:
    """Tune the garbage collection before the server forks, and start the embedded worker."""
    # What is loaded is left out of every later collection: faster, and its pages stay shared.
    gc.collect()
    gc.freeze()
    # An import makes millions of objects and hardly a cycle: a collection every 700 took a tenth of it.
    gc.set_threshold(100_000, 50, 50)
    if has_worker:
        embedded_worker.start()
    if has_metrics:
        metrics.start()
    # gunicorn refuses requests without it; our application takes them with it and without (project/wsgi.py).
    os.environ.pop("SCRIPT_NAME", None)


def on_exit(_server: Arbiter) -> None:
    """End the embedded worker and the metrics with the server."""
    embedded_worker.stop()
    if has_metrics:
        metrics.stop()


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Leave what a process that has ended counted as happening now out of the metrics."""
    if has_metrics:
        metrics.forget(int(worker.pid))


# The heartbeats of workers: in /tmp, where they wait for no disk; the settings move the rest elsewhere.
worker_tmp_dir = tempfile.gettempdir()
# Seconds without a heartbeat of a worker; with gthread a long request does not stop the heartbeat.
timeout = 60
# The worker class bounds the line and the headers itself: gunicorn knows up to 8,190 bytes, or no end.
limit_request_line = 0
# Nobody is believed to be our proxy by its address alone. TRUST_FORWARDED_PROTO and TRUSTED_PROXIES say
# whose headers count, and Django reads them.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# Seconds that a request may still run when the server stops.
graceful_timeout = 30
# Seconds for which an idle connection is kept: longer than the 60 of a proxy, so that it is the proxy that
# ends it. When a connection moves to another process, the worker class says.
keepalive = 75
# The control socket needs a writable home folder, which a read-only container does not have.
control_socket_disable = True
