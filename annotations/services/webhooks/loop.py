"""The loop that sends webhooks, in threads beside the jobs of a worker, which may be long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import DatabaseError, connection
from django.utils import timezone

from annotations.services.webhooks import outbox, sender
from annotations.services.webhooks.deliveries import delete_old_deliveries

logger = logging.getLogger(__name__)

#: How many webhooks are sent at once, each by a thread with a connection to the database of its own.
SENDERS = 5
BUSY_INTERVAL = 0.02
HELD_INTERVAL, PRUNE_INTERVAL = 5.0, 60.0


def run_pending() -> int:
    """Dispatch and send in this thread until nothing is due any more; return how many turns that took."""
    turns = 0
    while _dispatch_all() or sender.send_due():
        turns += 1
    return turns


def _dispatch_all() -> int:
    now = timezone.now()
    made = outbox.dispatch_events(now)
    return made + outbox.release_held(now)


@dataclass
class WebhookLoop:
    """The webhooks of a worker: one thread makes deliveries, others send them."""

    name: str
    interval: float = 1.0
    _is_over: threading.Event = field(default_factory=threading.Event, init=False)
    _senders: list[Future[None]] = field(default_factory=list, init=False)
    _next_times: dict[str, float] = field(default_factory=dict, init=False)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send while the block runs; its end waits for the calls that are under way."""
        thread = threading.Thread(target=self._run, name=f"webhooks of {self.name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook") as pool:
            while not self._is_over.is_set():
                is_full = self._try(self._round)
                self._senders = [each for each in self._senders if not each.done()]
                is_due = self._try(lambda: sender.due_webhooks(timezone.now()).exists())
                if is_due and len(self._senders) < SENDERS:
                    self._senders.append(pool.submit(self._send))
                is_busy = is_full or (is_due and len(self._senders) < SENDERS)
                self._is_over.wait(BUSY_INTERVAL if is_busy else self.interval)

    def _round(self) -> bool:
        """Make deliveries of new events; return whether there are probably more."""
        made = outbox.dispatch_events(timezone.now())
        if self._is_time("held", HELD_INTERVAL):
            outbox.release_held(timezone.now())
        if self._is_time("prune", PRUNE_INTERVAL):
            delete_old_deliveries(timezone.now())
        return made >= outbox.BATCH_SIZE

    def _send(self) -> None:
        while not self._is_over.is_set() and self._try(sender.send_due):
            pass

    def _is_time(self, what: str, interval: float) -> bool:
        is_time = time.monotonic() >= self._next_times.get(what, 0.0)
        if is_time:
            self._next_times[what] = time.monotonic() + interval
        return is_time

    def _try(self, step: Callable[[], bool]) -> bool:
        """Do a step and give the connection back; what fails is tried again in the next round."""
        try:
            return step()
        except (DatabaseError, OSError):
            logger.exception("The webhooks of the worker %s could not go on.", self.name)
            return False
        except Exception:  # a thread that ends would end all webhooks with it
            logger.exception("The webhooks of the worker %s met a fault of ours.", self.name)
            return False
        finally:
            connection.close()
