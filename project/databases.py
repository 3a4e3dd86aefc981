"""The two engines, as Django wants to hear of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from project.env import BadSetting

# IMMEDIATE: a transaction that reads first and writes later would otherwise die with "database
# is locked" as soon as two of them meet. FULL: what was acknowledged is on disk, also after a
# power cut. 20 s: how long a writer waits for its turn.
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def embedded(data_dir: Path) -> dict[str, Any]:
    return sqlite({"ENGINE": "django.db.backends.sqlite3", "NAME": str(data_dir / "standpoint.sqlite3")})


def sqlite(config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "OPTIONS": dict(SQLITE_OPTIONS)}


def postgresql(config: dict[str, Any], *, pool_size: int, statement_timeout: int) -> dict[str, Any]:
    """One pool for each process. Django asks for CONN_MAX_AGE 0 then: the pool does the keeping."""
    options: dict[str, Any] = dict(config.get("OPTIONS", {}))
    if "pool" in options:
        # it would arrive as the text "true", which Django takes for a table of options
        raise BadSetting("DATABASE_URL must not set pool; use DATABASE_POOL_SIZE.")
    # timeout: how long a request waits for a connection before it is answered with 503
    options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    # A statement that a connection sends for the sixth time keeps its plan: to plan a query over seven
    # tables takes the database ten times as long as to answer it. (A PgBouncer that shares connections
    # between transactions has to be 1.21 or newer for this.)
    options |= {"server_side_binding": True, "prepare_threshold": 5}
    if statement_timeout:
        given = options.get("options", "")
        options["options"] = f"{given} -c statement_timeout={statement_timeout * 1000}".strip()
    return {
        **config,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        # a database that was restarted is noticed before a request fails on a dead connection
        "CONN_HEALTH_CHECKS": True,
    }
