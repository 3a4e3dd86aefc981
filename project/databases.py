"""Database settings of Django for the two engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from project import env
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


def read_databases(data_dir: Path) -> dict[str, dict[str, Any]]:
    """Return Django's ``DATABASES``: the one that is written to and, if there is one, its replica."""
    config, replica = env.read_database("DATABASE_URL"), env.read_database("DATABASE_REPLICA_URL")
    if replica is not None and not (_is_postgresql(config) and _is_postgresql(replica)):
        raise SettingError(
            "DATABASE_REPLICA_URL and DATABASE_URL must both begin with postgresql://, because only "
            "PostgreSQL has replicas."
        )
    if config is None:
        found = {"default": embedded_config(data_dir)}
    elif _is_postgresql(config):
        found = {"default": _read_postgresql(config)}
    else:
        found = {"default": sqlite_config(config)}
    if replica is not None:
        found["replica"] = _read_postgresql(replica)
    # Services open their own transactions: one around a whole request would be held while a client
    # uploads or downloads.
    return {alias: {**row, "ATOMIC_REQUESTS": False} for alias, row in found.items()}


def _is_postgresql(config: dict[str, Any] | None) -> bool:
    return config is not None and str(config["ENGINE"]).endswith("postgresql")


def _read_postgresql(config: dict[str, Any]) -> dict[str, Any]:
    return postgresql_config(
        config,
        pool_size=env.read_integer("DATABASE_POOL_SIZE", minimum=1, maximum=1000),
        statement_timeout=env.read_integer("DATABASE_STATEMENT_TIMEOUT", maximum=86_400),
        transaction_pooling=env.read_boolean("DATABASE_TRANSACTION_POOLING"),
    )


def postgresql_config(
    config: dict[str, Any], *, pool_size: int, statement_timeout: int, transaction_pooling: bool
) -> dict[str, Any]:
    """Return the settings of a PostgreSQL database with one pool of connections for each process.

    With a pool, Django requires CONN_MAX_AGE 0: the pool keeps the connections. ``transaction_pooling``: the
    next transaction of a connection may be in another session of the server, which knows nothing of this one.
    """
    options: dict[str, Any] = dict(config.get("OPTIONS", {}))
    if "pool" in options:
        # a URL can only give the string "true", which Django would read as a dictionary of options
        raise SettingError("DATABASE_URL must not set pool; use DATABASE_POOL_SIZE.")
    # timeout: how long a request waits for a connection before it is answered with 503. There is one for each
    # thread, so that who waits waits for a database that is away. reconnect_timeout: after so long a new try
    # begins at once with the next request; the pauses between tries get longer and longer until then.
    options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 2, "reconnect_timeout": 4}
    # A host that is gone without a word is noticed after seconds, and not when the system gives up.
    options = {"connect_timeout": 2, "tcp_user_timeout": 15_000, "keepalives_idle": 10, **options}
    # From the sixth time on, a connection sends a statement as a prepared one, whose plan is kept: to plan a
    # query over seven tables takes ten times as long as to execute it.
    options |= {"server_side_binding": True, "prepare_threshold": None if transaction_pooling else 5}
    if statement_timeout and not transaction_pooling:
        given = options.get("options", "")
        options["options"] = f"{given} -c statement_timeout={statement_timeout * 1000}".strip()
    return {
        **config,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        # a restarted database is noticed before a request fails on a dead connection
        "CONN_HEALTH_CHECKS": True,
        # those of a snapshot are in its transaction (annotations/services/core/snapshot.py)
        "DISABLE_SERVER_SIDE_CURSORS": transaction_pooling,
    }
