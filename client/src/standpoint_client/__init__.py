"""A client of the Standpoint annotation service.

>>> client = Client("http://127.0.0.1:8000", token)          # doctest: +SKIP
>>> lake = client.corpus("lake")                             # doctest: +SKIP
>>> lake.push("The lock leaks.", external_id="a1")           # doctest: +SKIP
"""

from __future__ import annotations

from standpoint_client.client import Client
from standpoint_client.corpus import CorpusClient
from standpoint_client.errors import (
    ConnectionLostError,
    DigestError,
    ImportFailedError,
    JobFailedError,
    ProblemError,
    StandpointClientError,
    StillWaitingError,
)
from standpoint_client.jobs import JobClient

__all__ = [
    "Client",
    "ConnectionLostError",
    "CorpusClient",
    "DigestError",
    "ImportFailedError",
    "JobClient",
    "JobFailedError",
    "ProblemError",
    "StandpointClientError",
    "StillWaitingError",
]
