"""The image: built without Docker, run as its own user with the environment of compose.yaml."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.image import Container, composed_environment, needs_image
from tests.server import free_port, run_script

#: What is installed, as names and versions.
LIST_PACKAGES = """
import importlib.metadata, json
print(json.dumps([(found.name, found.version) for found in importlib.metadata.distributions()]))
"""
#: Every virtual environment of Python's begins with these.
WITH_PYTHON = ("pkg:pypi/pip@", "pkg:pypi/setuptools@")

pytestmark = [pytest.mark.slow, needs_image]


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    port = free_port()
    server = f"image-{os.getpid()}"
    url = run_script("postgres.py", "start", server, "--port", str(port))
    try:
        run_script("image.py", "--storage", str(tmp_path / "storage"), "--to", str(tmp_path / "image"))
        yield Container(
            tmp_path / "storage", {**composed_environment(), "DATABASE_URL": url, "PORT": str(free_port())}
        )
    finally:
        run_script("postgres.py", "stop", server)
        shutil.rmtree(tmp_path / "storage", ignore_errors=True)


@contextmanager
def serving(container: Container) -> Iterator[int]:
    """The service, in a process that ends with the block."""
    port = int(next(word for word in container.run_command if word.startswith("--env=PORT=")).split("=")[2])
    command = [*container.run_command, "gunicorn", "--config", "project/gunicorn.py", "project.wsgi"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if container_answers(port, "/healthz"):
                break
            time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(600)


def container_answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_the_image_is_a_service(container: Container, tmp_path: Path) -> None:
    """It runs as its user, migrates, serves, is healthy, has bounded room and cannot write its code."""
    assert container.run("id", "--user").strip() == "10001"
    for path in ("/srv/standpoint/project/settings.py", "/opt/venv/pyvenv.cfg", "/etc/passwd"):
        assert container.status("sh", "-c", f"echo x >> {path}") != 0
    assert container.status("sh", "-c", "echo x > /data/mine") == 0
    assert container.status("dd", "if=/dev/zero", "of=/tmp/large", "bs=1M", "count=65") != 0
    assert container.status("python", "-m", "project.healthcheck") == 1
    assert "No migrations to apply" not in container.run("python", "manage.py", "migrate", "--no-input")
    with serving(container) as port:
        assert container_answers(port, "/readyz")
        assert container_answers(port, "/admin/login/")
        assert container.status("python", "-m", "project.healthcheck") == 0
    inside = container.run("cat", "/srv/standpoint/sbom.cdx.json")
    beside = (tmp_path / "image" / "standpoint.cdx.json").read_text(encoding="utf-8")
    assert json.loads(inside) == json.loads(beside)
    named = {part["purl"] for part in json.loads(beside)["components"]}
    listed = json.loads(container.run("python", "-c", LIST_PACKAGES))
    installed = {f"pkg:pypi/{name.lower().replace('_', '-')}@{version}" for name, version in listed}
    assert {purl for purl in installed if not purl.startswith(WITH_PYTHON)} <= named
    assert {"pkg:pypi/django-allauth", "pkg:pypi/prometheus-client"} <= {
        part.split("@")[0] for part in installed
    }
    assert (tmp_path / "image" / "standpoint.tar").stat().st_size > 50 * 2**20
