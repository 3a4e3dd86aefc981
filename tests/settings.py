"""The settings under test: those of the service, started as an operator would start it.

What the environment of the developer says is put aside. STANDPOINT_TEST_DATABASE chooses the
engine: unset for SQLite, or the URL of a PostgreSQL server that may be filled with databases
(`scripts/postgres url` starts one).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from project.env import SETTINGS

for _setting in SETTINGS:
    os.environ.pop(_setting.name, None)
    os.environ.pop(f"{_setting.name}_FILE", None)


def _in_memory(at: Path = Path("/dev/shm")) -> str | None:
    """Return a file system in memory with room for the tests, on which a commit waits for no disk."""
    return str(at) if at.is_dir() and shutil.disk_usage(at).free > 2 * 2**30 else None


# Removed when the process ends. Each worker of pytest-xdist has its own.
_folder = tempfile.TemporaryDirectory(prefix="standpoint-test-", dir=_in_memory())
os.environ["DATA_DIR"] = _folder.name
os.environ["SECRET_KEY"] = "only for tests: " + "not a secret at all, " * 3
os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1,[::1]"
# the same cookies on both engines, and a browser that speaks plain HTTP
os.environ["SECURE_COOKIES"] = "off"
# the tables of single sign-on and of second factors, and their pages
os.environ["MFA_REQUIRED"] = "none"
os.environ["DATABASE_POOL_SIZE"] = "20"
# each refusal is a warning with its traceback, which takes as long to write as the answer
os.environ["LOG_LEVEL"] = "ERROR"
if os.environ.get("STANDPOINT_TEST_DATABASE"):
    os.environ["DATABASE_URL"] = os.environ["STANDPOINT_TEST_DATABASE"]

# Only now: it reads the environment.
from project.settings import *  # noqa: E402, F403
from project.settings import DATABASES  # noqa: E402

# The temporary files of the tests themselves outlive the process, so that one can look at them.
tempfile.tempdir = None

# A file on SQLite: an in-memory database has no WAL and locks whole tables, and would prove
# nothing. The process id keeps several runs on one machine apart.
DATABASES["default"]["TEST"] = {
    "NAME": f"test_standpoint_{os.getpid()}"
    if "postgresql" in DATABASES["default"]["ENGINE"]
    else f"{_folder.name}/test-{os.getpid()}.sqlite3"
}

# fifty threads of a test wait for one another, on a machine that does much else, too
if "pool" in DATABASES["default"]["OPTIONS"]:
    DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 600

# as it is without a word; each test of them turns them on
MFA_REQUIRED = "OFF"

# hashing slowly on purpose is what a test of ours never needs
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
