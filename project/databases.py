"""Database settings of Django for the two engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from project.env import SettingError

# IMMEDIATE: else a transaction that reads first and writes later fails with "database is locked" as
# soon as there are two of them. FULL: a committed transaction is on disk, also after a power cut.
# timeout: seconds for which a writer waits for the lock.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def embedded_config(data_dir: Path) -> dict[str, Any]:
    """Return the settings of the SQLite database in ``data_dir``, the embedded default."""
    return sqlite_config(
        {"ENGINE": "django.db.backends.sqlite3", "NAME": str(data_dir / "standpoint.sqlite3")}
    )


def sqlite_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a SQLite database with the options that the service needs."""
    return {**config, "OPTIONS": dict(SQLITE_OPTIONS)}


def postgresql_config(config: dict[str, Any], *, pool_size: int, statement_timeout: int) -> dict[str, Any]:
    """Return the settings of a PostgreSQL database with one pool of connections for each process.

    With a pool, Django requires CONN_MAX_AGE 0: the pool keeps the connections.
    """
    options: dict[str, Any] = dict(config.get("OPTIONS", {}))
    if "pool" in options:
        # a URL can only give the string "true", which Django would read as a dictionary of options
        raise SettingError("DATABASE_URL must not set pool; use DATABASE_POOL_SIZE.")
    # timeout: how long a request waits for a connection before it is answered with 503. There is one for each
    # thread, so that who waits waits for a database that is away.
    options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 2}
    # A host that is gone without a word is noticed after seconds, and not when the system gives up.
    options = {"connect_timeout": 2, "tcp_user_timeout": 15_000, "keepalives_idle": 10, **options}
    # From the sixth time on, a connection sends a statement as a prepared one, whose plan is kept: to plan a
    # query over seven tables takes ten times as long as to execute it. (A PgBouncer that shares connections
    # between transactions has to be 1.21 or newer.)
    options |= {"server_side_binding": True, "prepare_threshold": 5}
    if statement_timeout:
        given = options.get("options", "")
        options["options"] = f"{given} -c statement_timeout={statement_timeout * 1000}".strip()
    return {
        **config,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        # a restarted database is noticed before a request fails on a dead connection
        "CONN_HEALTH_CHECKS": True,
    }
