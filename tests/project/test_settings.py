"""The service as an operator starts it: what it refuses, and what it chooses by itself."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex

import pytest

from project.env import SETTINGS

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "k" * 50
URL = "postgresql://u:p@127.0.0.1:1/name"

SHOW = """
import json
from project import settings
names = ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
         "SECURE_SSL_REDIRECT", "SECURE_PROXY_SSL_HEADER", "DATABASES", "WHITENOISE_USE_FINDERS")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def start(data_dir: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    ours = {setting.name for setting in SETTINGS} | {f"{setting.name}_FILE" for setting in SETTINGS}
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    environment |= {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "project.settings", **given}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def shown(data_dir: Path, **given: str) -> dict[str, object]:
    done = start(data_dir, "-c", SHOW, **given)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


SPOOLED = """
import django, os, tempfile
django.setup()
from annotations.formats.archive.zip_reader import open_scratch_file
from annotations.services.exchange import exports
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
upload = TemporaryUploadedFile("a", "b", 1, None)
places = [tempfile.gettempdir(), os.path.dirname(upload.temporary_file_path())]
scratch = open_scratch_file()
scratch.write(b"x" * 1_000_000)
with tempfile.TemporaryFile() as file:
    places += [os.path.dirname(os.readlink(f"/proc/self/fd/{each.fileno()}")) for each in (scratch, file)]
print(*places)
"""


@pytest.mark.parametrize("named", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_what_is_large_is_spooled_in_the_folder_of_the_service(tmp_path: Path, named: bool) -> None:
    """In a container /tmp is memory; whoever sets TMPDIR knows better."""
    (tmp_path / "own").mkdir()
    done = start(tmp_path, "-c", SPOOLED, **({"TMPDIR": str(tmp_path / "own")} if named else {"TMPDIR": ""}))
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {str(tmp_path / ("own" if named else "spool"))}
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700


HTTPS = {"HTTPS_REDIRECT": "on", "HSTS_SECONDS": "3600", "TRUST_FORWARDED_PROTO": "on"}


@pytest.mark.parametrize(
    "more", [pytest.param({}, id="plain", marks=pytest.mark.slow), pytest.param(HTTPS, id="https")]
)
def test_a_service_is_ready_to_be_deployed(tmp_path: Path, more: dict[str, str]) -> None:
    """Nothing is doubtful in its settings, nor in the document of its API."""
    given = {"DATABASE_URL": URL, "SECRET_KEY": token_hex(32), "ALLOWED_HOSTS": "a.example", **more}
    done = start(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **given)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


REFUSED = [
    pytest.param({"DATABASE_URL": URL, "ALLOWED_HOSTS": "a.example"}, "SECRET_KEY must be set", id="no key"),
    pytest.param({"DATABASE_URL": URL, "SECRET_KEY": KEY}, "ALLOWED_HOSTS must name", id="no hosts"),
    pytest.param(
        {"DATABASE_URL": URL, "SECRET_KEY": KEY, "ALLOWED_HOSTS": "a.example,*"},
        "ALLOWED_HOSTS must name",
        id="every host",
    ),
    pytest.param(
        {"DATABASE_URL": URL, "SECRET_KEY": KEY, "ALLOWED_HOSTS": " , "},
        "ALLOWED_HOSTS must name",
        id="empty hosts",
    ),
    pytest.param({"SECRET_KEY": KEY[1:]}, "SECRET_KEY must have at least 50 characters", id="short key"),
    pytest.param({"DEBUG": "perhaps"}, "DEBUG must be on or off, not 'perhaps'.", id="bad boolean"),
    pytest.param({"EMAIL_HOST": "mail.example"}, "EMAIL_FROM must be set when EMAIL_HOST is", id="no sender"),
    pytest.param({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of", id="bad level"),
    pytest.param(
        {"DATABASE_URL": f"{URL}?pool=true", "DEBUG": "on"},
        "DATABASE_URL must not set pool",
        id="pool in the URL",
    ),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_the_start_is_refused_with_one_sentence(tmp_path: Path, given: dict[str, str], said: str) -> None:
    done = start(tmp_path, "manage.py", "check", **given)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Standpoint cannot start. {said}")
    assert done.stderr.endswith(".\n")
    assert "Traceback" not in done.stderr


def test_the_server_refuses_likewise(tmp_path: Path) -> None:
    done = start(tmp_path, "-c", "import project.wsgi", DATABASE_URL=URL, SECRET_KEY=KEY)
    assert done.returncode == 3  # the status that keeps gunicorn from trying again for ever
    assert done.stderr.startswith("Standpoint cannot start. ALLOWED_HOSTS must name")
    assert "Traceback" not in done.stderr


def test_the_embedded_default(tmp_path: Path) -> None:
    first, second = shown(tmp_path), shown(tmp_path)
    assert first == second
    assert first["DEBUG"] is False
    assert first["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    # plain HTTP on 127.0.0.1
    assert first["SESSION_COOKIE_SECURE"] is False
    assert first["SECURE_PROXY_SSL_HEADER"] is None
    assert first["WHITENOISE_USE_FINDERS"] is True
    database = first["DATABASES"]["default"]  # type: ignore[index]
    assert database["NAME"] == str(tmp_path / "standpoint.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert database["ATOMIC_REQUESTS"] is False
    key = tmp_path / "secret-key"
    assert key.read_text().strip() == first["SECRET_KEY"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_service_on_postgresql(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    got = shown(
        tmp_path,
        DATABASE_URL=URL,
        SECRET_KEY_FILE=str(key),
        ALLOWED_HOSTS="a.example",
        DATABASE_POOL_SIZE="7",
        DATABASE_STATEMENT_TIMEOUT="5",
    )
    assert got["SECRET_KEY"] == KEY
    assert got["SESSION_COOKIE_SECURE"] is True
    assert got["CSRF_COOKIE_SECURE"] is True
    assert not (tmp_path / "secret-key").exists()
    database = got["DATABASES"]["default"]  # type: ignore[index]
    assert database["CONN_MAX_AGE"] == 0
    assert database["OPTIONS"]["pool"]["max_size"] == 7
    assert database["OPTIONS"]["options"] == "-c statement_timeout=5000"


def test_a_replica_and_a_pooler(tmp_path: Path) -> None:
    service = {"DATABASE_URL": URL, "SECRET_KEY": KEY, "ALLOWED_HOSTS": "a.example"}
    replica = "postgresql://reader:secret@two.example/lake?sslmode=require"
    got = shown(tmp_path, **service, DATABASE_REPLICA_URL=replica, DATABASE_TRANSACTION_POOLING="on")
    primary, other = (got["DATABASES"][alias] for alias in ("default", "replica"))  # type: ignore[index]
    assert (other["HOST"], other["OPTIONS"]["sslmode"]) == ("two.example", "require")
    assert other["OPTIONS"]["pool"] == primary["OPTIONS"]["pool"]
    for database in (primary, other):
        assert database["OPTIONS"]["prepare_threshold"] is None
        assert database["DISABLE_SERVER_SIDE_CURSORS"] is True
        assert "options" not in database["OPTIONS"]
    done = start(tmp_path, "manage.py", "check", DATABASE_REPLICA_URL=replica)
    assert done.returncode == 1
    assert "DATABASE_REPLICA_URL and DATABASE_URL" in done.stderr


def test_cookies_can_be_chosen(tmp_path: Path) -> None:
    service = {"DATABASE_URL": URL, "SECRET_KEY": KEY, "ALLOWED_HOSTS": "a.example"}
    assert shown(tmp_path, **service, SECURE_COOKIES="off")["SESSION_COOKIE_SECURE"] is False
    assert shown(tmp_path, SECURE_COOKIES="on")["SESSION_COOKIE_SECURE"] is True


def test_a_spoilt_key_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short\n")
    done = start(tmp_path, "manage.py", "check")
    assert done.returncode == 1
    assert "secret-key" in done.stderr
    assert (tmp_path / "secret-key").read_text() == "short\n"


def test_processes_that_start_at_once_agree_on_a_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        keys = list(pool.map(lambda _: shown(tmp_path)["SECRET_KEY"], range(6)))
    assert len(set(keys)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret-key", "spool"]
