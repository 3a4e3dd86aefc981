"""What ``manage.py metrics`` serves: the counts of all processes of the server, and what rows say."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import DatabaseError, connection
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from project.metrics import catalog
from project.metrics.stored import Reading, StoredNumbers

logger = logging.getLogger(__name__)


class StoredCollector:
    """Collector of the numbers of the rows; a database that is away is a number too."""

    def __init__(self) -> None:
        self._numbers = StoredNumbers()

    def collect(self) -> Iterator[Any]:
        """Yield the metrics."""
        yield from _families(self._read())

    def _read(self) -> list[Reading]:
        try:
            return [(catalog.DATABASE_UP, (), 1), *self._numbers.read()]
        except DatabaseError:
            logger.warning("The numbers of the work could not be read.", exc_info=True)
            return [(catalog.DATABASE_UP, (), 0)]
        finally:
            # each scrape comes in a thread of its own
            connection.close()


def _families(readings: Iterable[Reading]) -> Iterator[Any]:
    families = {
        metric.name: GaugeMetricFamily(metric.name, metric.description, labels=metric.labels)
        for metric in catalog.STORED
    }
    for metric, labels, number in readings:
        families[metric.name].add_metric(labels, number)
    yield from families.values()


def build_registry(folder: str | None) -> CollectorRegistry:
    """Return all metrics; those of requests are in a folder of files of the processes of the server."""
    registry = CollectorRegistry()
    if folder is not None:
        MultiProcessCollector(registry, path=folder)
    registry.register(StoredCollector())
    return registry
