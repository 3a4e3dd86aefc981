"""Ways to make tests cheap that change nothing of what they prove."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.client import ClientHandler

from annotations.models.term_index import INSTANCES, TERMS, clear_leftovers

Made = TypeVar("Made")

#: Tables that no test writes to and that Django fills once, after the migrations.
STATIC_TABLES = frozenset({"django_migrations", "django_content_type", "auth_permission"})

#: What ``load_middleware`` sets on a handler.
LOADED = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")


@contextmanager
def shared_middleware() -> Iterator[None]:
    """Let all test clients share one chain of middleware.

    Django builds it for each client, which takes ten times as long as a request. A middleware reads
    settings when it is built, so a change of any setting leads to a new chain.
    """
    chains: dict[tuple[str, ...], dict[str, Any]] = {}
    load = BaseHandler.load_middleware

    def load_once(self: BaseHandler, is_async: bool = False) -> None:
        key = tuple(settings.MIDDLEWARE)
        if is_async or key not in chains:
            load(self, is_async=is_async)
            chains[key] = {name: getattr(self, name) for name in LOADED}
        for name, value in chains[key].items():
            setattr(self, name, value)

    def forget(**_: Any) -> None:
        chains.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_once)
        yield
    setting_changed.disconnect(forget)


#: Lets no trigger look after rows that refer to deleted ones; without the rights for it, that takes a while.
WITHOUT_TRIGGERS = (
    "SELECT set_config('session_replication_role', 'replica', true) FROM pg_roles"
    " WHERE rolname = current_user AND rolsuper"
)


def delete_at_once(cursor: Any, tables: list[str]) -> None:
    """Delete the rows of these tables of PostgreSQL, whose keys are checked at the end of a transaction.

    TRUNCATE makes the files of each table and index anew, and with CASCADE those of all others: 260 ms of
    a processor after each test, where a few rows are deleted in 2.
    """
    with transaction.atomic():
        cursor.execute(WITHOUT_TRIGGERS)
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our tables


def delete_all_rows() -> None:
    """Empty every table of which a test can have written a row."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        tables = [
            connection.ops.quote_name(name)
            for name in connection.introspection.table_names(cursor)
            if name not in STATIC_TABLES and not name.startswith((TERMS, INSTANCES))
        ]
        # one question for all of them: most are empty
        asked = " UNION ALL ".join(
            f"SELECT '{number}' FROM (SELECT 1 FROM {table} LIMIT 1) AS t"  # noqa: S608 - names of our tables
            for number, table in enumerate(tables)
        )
        cursor.execute(asked)
        filled = [tables[int(number)] for (number,) in cursor.fetchall()]
        if connection.vendor == "postgresql":
            delete_at_once(cursor, filled)
            return
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our tables
        clear_leftovers()  # SQLite can neither read nor delete the rows of a table without content


@contextmanager
def quick_flush() -> Iterator[None]:
    """Empty only the tables with rows after a test that commits, and keep Django's permissions.

    Django's own flush empties all tables, and makes every permission anew.
    """

    def teardown(self: TransactionTestCase) -> None:
        delete_all_rows()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


def shared_rows(blocker: Any, make: Callable[[], Made]) -> Iterator[Made]:
    """Make rows for all tests of a module, each of which undoes its own writes, and undo them at the end.

    A fixture of the scope ``module`` yields from it, and a test gets a deep copy of what it made. Tests
    that commit cannot stand in such a module.
    """
    atomic = transaction.atomic()
    # as Django marks the transactions of its own test cases: durable blocks of services may stand in it
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with blocker.unblock():
        atomic.__enter__()
        made = make()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


class Writes:
    """An execute wrapper that notices whether a test has written to tables with promises."""

    #: The first use of a token, and a sign-in, are noted.
    _HARMLESS = re.compile(
        r"SELECT|SAVEPOINT|RELEASE|ROLLBACK|SET|PRAGMA|EXPLAIN"
        r"|(UPDATE|INSERT INTO|DELETE FROM) .(annotations_accesstoken|django_session)\W"
    )

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen = self.seen or not self._HARMLESS.match(sql)
        return execute(sql, params, many, context)
