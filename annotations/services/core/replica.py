"""Reading from a replica of the database, as far as it has replayed what the reader has to see (ADR 0043).

Without ``DATABASE_REPLICA_URL`` everything here does nothing. With it, a block of reading takes the
connection of the replica in the place of the usual one, in one snapshot; whatever keeps the replica from
answering, the primary answers instead.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections

from annotations.context import read_after
from annotations.services.core.snapshot import read_snapshot

logger = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

#: The alias of the replica among the databases.
REPLICA = "replica"
#: Seconds for which a read waits until the replica has what it needs. Most of the time it is just behind.
MAX_WAIT = 0.2
_PAUSE = 0.01
#: Seconds for which a replica that is away is not asked again by the same process.
_AWAY = 10.0
# A statement that took too long takes as long on the primary.
_TOO_SLOW = "57014"
_POSITION = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")

# Whatever has been acknowledged is below it; what is not yet on the disk is never sent to a replica.
_WRITTEN = """
SELECT pg_wal_lsn_diff(CASE current_setting('synchronous_commit')
    WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END, '0/0')::bigint
"""
_REPLAYED = """
SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END,
    extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
"""


@dataclass
class _Outage:
    """Until when the replica is left alone, by the clock of the process."""

    until: float = 0.0


_outage = _Outage()


def has_replica() -> bool:
    """Return whether a replica is set."""
    return REPLICA in connections.settings


def parse_position(text: str) -> int:
    """Return a position in the log of the database from its text; raise ``ValueError`` for none."""
    match = _POSITION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1], 16) << 32 | int(match[2], 16)


def format_position(position: int) -> str:
    """Return a position as PostgreSQL writes it, such as ``0/16B3748``."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def written_position() -> int:
    """Return a position up to which everything is that the primary has acknowledged."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_WRITTEN)
        position: int = cursor.fetchone()[0]
    return position


def reads_replica(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let a function that only reads, and returns what it has read, run on the replica in one snapshot."""

    @wraps(function)
    def read(*args: Parameters.args, **named: Parameters.kwargs) -> Result:
        return read_replica(partial(function, *args, **named))

    return read


def read_replica(
    function: Callable[[], Result], *, complete: bool = False, own_snapshot: bool = False
) -> Result:
    """Run a function that only reads on the replica, if it is fresh enough, else on the primary.

    The function may be run again from its beginning, on the primary, where the replica fails on the way.
    ``complete``: only from a replica that has everything up to now, whatever the reader has written.
    ``own_snapshot``: the function opens its snapshot itself.
    """
    primary = connections[DEFAULT_DB_ALIAS]
    if not has_replica() or primary.in_atomic_block or time.monotonic() < _outage.until:
        return function()
    replica: Any = connections[REPLICA]
    try:
        if _is_fresh(replica, None if complete else read_after.get()):
            primary.close()  # nobody else has to wait for it meanwhile
            with _in_place_of_primary(replica):
                return function() if own_snapshot else _in_snapshot(function)
    except Error as error:
        if _sqlstate(error) == _TOO_SLOW:
            raise
        _note_failure(error)
    finally:
        replica.close()
    return function()


def _in_snapshot(function: Callable[[], Result]) -> Result:
    with read_snapshot():
        return function()


@contextmanager
def _in_place_of_primary(replica: Any) -> Iterator[None]:
    """Let every query of the block go to the replica, also those that name no database."""
    primary: Any = connections[DEFAULT_DB_ALIAS]
    # whoever counts or traces the statements of a request has put a wrapper on its connection
    replica.execute_wrappers, own = primary.execute_wrappers, replica.execute_wrappers
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
        replica.execute_wrappers = own


def _is_fresh(replica: Any, after: int | None) -> bool:
    """Return whether the replica has replayed a position, everything up to now if there is none."""
    needed = written_position() if after is None else after
    deadline = time.monotonic() + MAX_WAIT
    while True:
        with replica.cursor() as cursor:
            cursor.execute(_REPLAYED)
            replayed, age = cursor.fetchone()
        if replayed is None:
            return False  # it was promoted, and follows nobody
        if replayed >= needed:
            break
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    if after is None or (age is not None and age <= settings.DATABASE_REPLICA_LAG):
        return True
    # Where nobody writes, the last commit is old and the replica is not behind.
    return bool(replayed >= written_position())


def _note_failure(error: Error) -> None:
    """Leave a replica that is away alone for a while; what it broke off alone is no reason to."""
    logger.warning("The replica does not answer; the primary does.", exc_info=error)
    if isinstance(error, (OperationalError, InterfaceError)) and not _sqlstate(error).startswith("40"):
        _outage.until = time.monotonic() + _AWAY


def _sqlstate(error: Error) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
