"""The loop of a worker: claims job after job, and does the maintenance of the queue in between."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error, close_old_connections, connection

from annotations.services import job_runner
from annotations.services.core.read_only_server import discard_connections, is_read_only
from annotations.services.job_runner import JobInterruptedError
from annotations.services.jobs import leases, storage
from annotations.services.webhooks.loop import WebhookLoop, run_pending

logger = logging.getLogger(__name__)


class _Stopped(BaseException):
    """Raised out of the sleep of a worker that was told to end."""


@dataclass
class WorkerLoop:
    """A worker under its name.

    ``interval``: seconds between two looks into an empty queue. ``burst``: end once nothing is due.
    ``parent``: the process without which the worker ends, too. Webhooks are sent beside the jobs.
    """

    name: str
    interval: float = 1.0
    burst: bool = False
    parent: int | None = None
    is_stopping: bool = field(default=False, init=False)
    _is_idle: bool = field(default=False, init=False)
    _next_maintenance: float = field(default=0.0, init=False)
    _next_sweep: float = field(default=0.0, init=False)

    def stop(self) -> None:
        """End after the current job; asked a second time, give the job back and end at once.

        Called by signal handlers, in the thread that runs the loop.
        """
        if self._is_idle:
            raise _Stopped
        if self.is_stopping:
            raise JobInterruptedError
        self.is_stopping = True

    def run(self) -> None:
        """Run jobs until told to stop, or in a burst until none is due."""
        try:
            with leases.worker_heartbeat(self.name):
                if self.burst:
                    self._run_jobs()
                    run_pending()
                    return
                with WebhookLoop(self.name, self.interval).running():
                    self._run_jobs()
        except (_Stopped, JobInterruptedError):
            logger.info("The worker %s was told to end.", self.name)

    def _run_jobs(self) -> None:
        while not self.is_stopping and not self._is_orphaned():
            self._maintain()
            if not self._run_next_job():
                if self.burst:
                    return
                self._sleep()

    def _run_next_job(self) -> bool:
        """Run one job, and return whether there was one. A database that is away is waited for."""
        try:
            lease = leases.claim_next_job(self.name)
            if lease is not None:
                job_runner.run_claimed_job(lease)
        except (Error, OSError) as error:
            if self.burst:
                raise
            logger.exception("The worker %s could not look for work.", self.name)
            _close(error)
            return False
        finally:
            close_old_connections()
        return lease is not None

    def _maintain(self) -> None:
        """Do the maintenance if it is time. What fails is tried again next time, and stops no job."""
        if time.monotonic() < self._next_maintenance:
            return
        try:
            job_runner.requeue_lost_jobs()
            if time.monotonic() >= self._next_sweep:
                job_runner.delete_orphans()
                self._next_sweep = time.monotonic() + storage.file_store().sweep_interval
        except (Error, OSError) as error:
            logger.exception("The worker %s could not do the maintenance.", self.name)
            _close(error)
        self._next_maintenance = time.monotonic() + settings.JOB_LEASE / 6

    def _sleep(self) -> None:
        # No job is held here, so a signal may end the worker between any two of these lines.
        self._is_idle = True
        if not self.is_stopping:
            time.sleep(self.interval)
        self._is_idle = False

    def _is_orphaned(self) -> bool:
        return self.parent is not None and os.getppid() != self.parent


def _close(error: Exception) -> None:
    """Give the connection back, and all of them up where the server takes no writes any more."""
    if is_read_only(error):
        discard_connections()
    connection.close()
