"""The settings of the database."""

from __future__ import annotations

from project.setting_rows import Setting

DATABASE_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATABASE_URL",
        "secret",
        "",
        "`postgresql://user:password@host:5432/name` for PostgreSQL, `sqlite:////absolute/path` for a "
        "SQLite file elsewhere. Several hosts, such as "
        "`postgresql://…@one:5432,two:5432/name?target_session_attrs=read-write`, are tried in turn. "
        "Empty: SQLite in `DATA_DIR`, the embedded default. Once it is set and "
        "`DEBUG` is off, `SECRET_KEY` and `ALLOWED_HOSTS` must be set too.",
    ),
    Setting(
        "DATABASE_REPLICA_URL",
        "secret",
        "",
        "PostgreSQL: a replica of the same database that follows by streaming. Exports, releases, search, "
        "the matrix, counts and agreement are read there, if it has what the reader has written. Empty: "
        "everything is read from `DATABASE_URL`.",
    ),
    Setting(
        "DATABASE_REPLICA_LAG",
        "integer",
        "5",
        "Seconds that the replica may be behind; one that is further behind is not read.",
    ),
    Setting(
        "DATABASE_POOL_SIZE",
        "integer",
        "10",
        "PostgreSQL: the most connections that one server process keeps; at least `WEB_THREADS`.",
    ),
    Setting(
        "DATABASE_STATEMENT_TIMEOUT",
        "integer",
        "30",
        "PostgreSQL: seconds after which one statement of a web request is broken off; 0 means never. "
        "`manage.py` commands always run without it.",
    ),
    Setting(
        "DATABASE_TRANSACTION_POOLING",
        "boolean",
        "off",
        "PostgreSQL: `on` if `DATABASE_URL` is the address of a PgBouncer in transaction mode. Nothing is "
        "then kept in a connection: no plans of statements, no cursors outside of a transaction, and no "
        "`DATABASE_STATEMENT_TIMEOUT`.",
    ),
)
