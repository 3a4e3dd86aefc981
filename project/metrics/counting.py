"""Counting requests, in each process of the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from project.env import SettingError
from project.metrics import catalog

try:
    import prometheus_client
except ImportError as error:
    raise SettingError(
        "METRICS_PORT is set, and prometheus-client is not installed; install requirements-metrics.txt, or "
        "leave METRICS_PORT empty."
    ) from error

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _make(metric: catalog.Metric) -> Any:
    arguments = (metric.name, metric.description, metric.labels)
    if metric.kind == "counter":
        return prometheus_client.Counter(*arguments)
    if metric.kind == "histogram":
        return prometheus_client.Histogram(*arguments, buckets=_BUCKETS)
    # of processes that are gone nobody waits
    return prometheus_client.Gauge(*arguments, multiprocess_mode="livesum")


_COUNTED: Mapping[str, Any] = {metric.name: _make(metric) for metric in catalog.COUNTED}


class StatementClock:
    """The time of the statements of a request, as a wrapper of Django's."""

    def __init__(self) -> None:
        self.seconds, self.statements = 0.0, 0

    def __call__(self, execute: Callable[..., Any], *arguments: object) -> Any:
        """Execute a statement, and count it."""
        begin = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.seconds += time.perf_counter() - begin
            self.statements += 1


class MetricsMiddleware:
    """Middleware that counts the requests of a process by their routes, never by their addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and count it."""
        begin, clock = time.perf_counter(), StatementClock()
        with connection.execute_wrapper(clock):
            response = self.get_response(request)
        method = str(request.method) if request.method in _METHODS else "OTHER"
        route = route_of(request)
        _COUNTED[catalog.REQUESTS.name].labels(method, route, str(response.status_code)).inc()
        _COUNTED[catalog.REQUEST_SECONDS.name].labels(method, route).observe(time.perf_counter() - begin)
        if clock.statements:
            _COUNTED[catalog.DATABASE_SECONDS.name].labels(route).observe(clock.seconds)
            _COUNTED[catalog.STATEMENTS.name].labels(route).inc(clock.statements)
        _pool.count(getattr(connection, "pool", None))
        return response


def route_of(request: HttpRequest) -> str:
    """Return the template of the address, of which there are few whatever is asked for."""
    match = request.resolver_match
    if match is not None:
        return str(match.route) or "/"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


class _PoolCount:
    """What the pool of a process says, as counters: it counts since it was opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queued = self._waited = 0

    def count(self, pool: Any) -> None:
        if pool is None:
            return
        with self._lock:
            stats: Mapping[str, int] = pool.get_stats()
            queued, waited = stats.get("requests_queued", 0), stats.get("requests_wait_ms", 0)
            _COUNTED[catalog.POOL_QUEUED.name].inc(max(0, queued - self._queued))
            _COUNTED[catalog.POOL_WAIT_SECONDS.name].inc(max(0, waited - self._waited) / 1000)
            _COUNTED[catalog.POOL_WAITING.name].set(stats.get("requests_waiting", 0))
            self._queued, self._waited = queued, waited


_pool = _PoolCount()
