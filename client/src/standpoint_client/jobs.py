"""Jobs: what the service does in the background."""

from __future__ import annotations

import sys
import time
from typing import TextIO, cast

from standpoint_client import shapes
from standpoint_client.api import Api
from standpoint_client.errors import JobFailedError, StillWaitingError

WIDTH = 30


class JobClient:
    """A job; ``row`` is its state when it was last asked for."""

    def __init__(self, client: Api, row: shapes.Job) -> None:
        self.client = client
        self.row = row

    def refresh(self) -> shapes.Job:
        """Ask how far the job is."""
        self.row = cast(shapes.Job, self.client.get(f"jobs/{self.row['id']}/"))
        return self.row

    def wait(
        self, *, timeout: float | None = None, progress: bool = False, out: TextIO | None = None
    ) -> shapes.Job:
        """Wait until the job is done, and return it; with ``progress`` a bar says how far it is.

        Raises ``JobFailedError`` if it fails and ``StillWaitingError`` after ``timeout`` seconds.
        """
        ends = None if timeout is None else time.monotonic() + timeout
        pause = 0.2
        while self.row["state"] not in ("done", "failed"):
            if ends is not None and time.monotonic() > ends:
                notice = self.row["notice"] or "The job is not done yet."
                raise StillWaitingError(str(notice))
            self.client.transport.sleep(pause)
            pause = min(pause * 1.5, 5.0)
            self.refresh()
            if progress:
                _draw(self.row, out or sys.stderr)
        if self.row["state"] == "failed":
            raise JobFailedError(self.row)
        return self.row


def _draw(job: shapes.Job, out: TextIO) -> None:
    done, total = job["done"], job["total"]
    if total:
        filled = WIDTH * min(done, total) // total
        text = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total}"
    else:
        text = f"{job['kind']}: {done}"
    end = "\n" if job["state"] in ("done", "failed") else ""
    out.write(f"\r{text}\x1b[K{end}" if out.isatty() else f"{text}\n")
    out.flush()
