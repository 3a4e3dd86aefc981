"""The metrics: one table, from which they are made, documented and compared with ``ops/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MetricKind = Literal["counter", "histogram", "gauge"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``shown_names`` says how queries find it."""

    name: str
    kind: MetricKind
    labels: tuple[str, ...]
    description: str


REQUESTS = Metric(
    "standpoint_requests", "counter", ("method", "route", "status"), "Requests that were answered."
)
REQUEST_SECONDS = Metric(
    "standpoint_request_seconds", "histogram", ("method", "route"), "Seconds until the answer began."
)
DATABASE_SECONDS = Metric(
    "standpoint_database_seconds", "histogram", ("route",), "Seconds of a request in the database."
)
STATEMENTS = Metric("standpoint_database_statements", "counter", ("route",), "Statements that requests sent.")
POOL_QUEUED = Metric(
    "standpoint_pool_queued", "counter", (), "Times that a request had to wait for a connection."
)
POOL_WAIT_SECONDS = Metric(
    "standpoint_pool_wait_seconds", "counter", (), "Seconds that requests waited for connections."
)
POOL_WAITING = Metric("standpoint_pool_waiting", "gauge", (), "Requests that wait for a connection now.")

#: Counted by each process of the server while it answers.
COUNTED = (
    REQUESTS,
    REQUEST_SECONDS,
    DATABASE_SECONDS,
    STATEMENTS,
    POOL_QUEUED,
    POOL_WAIT_SECONDS,
    POOL_WAITING,
)

DATABASE_UP = Metric("standpoint_database_up", "gauge", (), "1 if the database answered, else 0.")
JOBS = Metric("standpoint_jobs", "gauge", ("kind", "state"), "Jobs, exports and imports among them.")
JOB_AGE = Metric(
    "standpoint_job_oldest_seconds",
    "gauge",
    ("kind", "state"),
    "Seconds since the oldest queued job could have begun, or the oldest running one did begin.",
)
WORKERS = Metric("standpoint_workers_alive", "gauge", (), "Workers with a recent heartbeat.")
SETS = Metric("standpoint_sets", "gauge", ("state",), "Annotation sets.")
EVENTS = Metric("standpoint_last_event", "gauge", (), "The number of the last event.")
FSCK_TIME = Metric(
    "standpoint_fsck_time_seconds", "gauge", (), "When fsck ran last over everything, as a Unix time."
)
FSCK_FINDINGS = Metric("standpoint_fsck_findings", "gauge", (), "What it found.")

#: Read from the database when somebody asks.
STORED = (DATABASE_UP, JOBS, JOB_AGE, WORKERS, SETS, EVENTS, FSCK_TIME, FSCK_FINDINGS)


def shown_names(metric: Metric) -> tuple[str, ...]:
    """Return the names under which queries find a metric."""
    if metric.kind == "counter":
        return (f"{metric.name}_total",)
    if metric.kind == "histogram":
        return tuple(f"{metric.name}_{part}" for part in ("bucket", "sum", "count"))
    return (metric.name,)
