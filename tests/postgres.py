"""PostgreSQL servers of their own for tests that stop, delay or promote one, with the service's tables."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
SECRET_KEY = "only for tests: " + "not a secret at all, " * 3


@dataclass(frozen=True)
class Postgres:
    """A running server of ``scripts/postgres.py``."""

    name: str
    folder: Path

    @property
    def url(self) -> str:
        """The address of its database."""
        return urls(self)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a statement."""
        with psycopg.connect(self.url, autocommit=True) as session:
            found = session.execute(statement.encode())
            return found.fetchall() if found.description else []

    def set_up(self, **values: str) -> None:
        """Change its configuration."""
        for name, value in values.items():
            self.run(f"ALTER SYSTEM SET {name} = '{value}'")
        self.run("SELECT pg_reload_conf()")

    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def crash(self) -> None:
        """Break it off as a power cut does."""
        _script("crash", self.name)

    def start(self) -> None:
        """Begin again."""
        _script("start", self.name)

    def promote(self) -> None:
        """Make a primary of it."""
        _script("promote", self.name)

    def wait_for(self, other: Postgres) -> None:
        """Wait until it has replayed what the other has written."""
        position = other.run("SELECT pg_current_wal_flush_lsn()")[0][0]
        while not self.run(f"SELECT pg_last_wal_replay_lsn() >= '{position}'")[0][0]:
            time.sleep(0.1)


def urls(*servers: Postgres) -> str:
    """The address of whichever of these servers takes writes."""
    hosts = ",".join(str(server.folder) for server in servers)
    last = "&target_session_attrs=read-write" if len(servers) > 1 else ""
    return f"postgresql://postgres@/postgres?host={hosts}{last}"


def _script(*arguments: str) -> str:
    command = [sys.executable, str(ROOT / "scripts" / "postgres.py"), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def running(name: str, *, follows: Postgres | None = None) -> Iterator[Postgres]:
    """A server whose commits wait for the disk, or a standby of another one."""
    name = f"{name}-{os.getpid()}"
    how = ["start", name, "--durable"] if follows is None else ["standby", name, "--of", follows.name]
    try:
        folder = Path(_script(*how).rpartition("=")[2])
        yield Postgres(name, folder)
    finally:
        _script("stop", name)


def service_settings(data_dir: Path, **given: str) -> dict[str, str]:
    """The environment of a service on one of these servers."""
    return {
        "DATA_DIR": str(data_dir),
        "LOG_LEVEL": "CRITICAL",
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_COOKIES": "off",
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        **given,
    }


def manage(settings: dict[str, str], *arguments: str) -> str:
    """What a command prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=settings, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


_NEWSROOM = """
from django.contrib.auth.models import User
from annotations.models import Corpus, Membership
max = User.objects.create_user("max", password="only for tests", is_staff=True)
corpus = Corpus.objects.create(slug="lake", name="Lake")
Membership.objects.create(corpus=corpus, user=max, role="manager")
"""


@contextmanager
def running_newsroom(name: str, data_dir: Path) -> Iterator[tuple[Postgres, str]]:
    """A server with the tables of the service and the corpus ``lake``, and a token of its manager."""
    with running(name) as server:
        settings = service_settings(data_dir, DATABASE_URL=server.url)
        manage(settings, "migrate", "--verbosity", "0")
        manage(settings, "shell", "--no-imports", "-c", _NEWSROOM)
        scopes = [f"--scope={scope}" for scope in ("read", "annotate", "manage", "ingest")]
        yield server, manage(settings, "token", "max", *scopes)
