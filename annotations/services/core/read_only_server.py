"""A database server that takes no writes any more, since another one has taken its place.

Its connections still answer, so a pool would keep them for good.
"""

from __future__ import annotations

from typing import Any

from django.db import Error, connection

_READ_ONLY = "25006"
# The server itself reports these; a snapshot of ours is read-only without them.
_REPORTS = ("in_hot_standby", "default_transaction_read_only")


def is_read_only(error: BaseException | None) -> bool:
    """Return whether a write was refused because the server takes none, and no fault of ours."""
    if not isinstance(error, Error) or getattr(error.__cause__, "sqlstate", None) != _READ_ONLY:
        return False
    opened = connection.connection
    return opened is None or any(opened.info.parameter_status(name) == "on" for name in _REPORTS)


def discard_connections() -> None:
    """Close the connections of this process, so that new ones are made, to the server that takes writes."""
    pool: Any = getattr(connection, "pool", None)
    if pool is not None:
        pool.drain()
    connection.close()
