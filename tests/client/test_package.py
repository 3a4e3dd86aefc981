"""The client as a package: it builds, installs alone, and its first script works with a real service."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path

import pytest

from project.reference import client_shapes
from standpoint_client import Client
from tests.server import Server, running_server

#: The corpus of the demo.
SLUG = "demo"
CLIENT = Path(__file__).resolve().parents[2] / "client"


def first_script() -> str:
    """Return the script of the README."""
    found = re.search(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_types_are_those_of_the_document() -> None:
    stored = client_shapes.FILE.read_text(encoding="utf-8")
    assert stored == client_shapes.shapes_module(), "run manage.py write_client"


def test_the_first_script_is_short() -> None:
    assert len(first_script().splitlines()) <= 25


@pytest.mark.slow
def test_the_wheel_installs_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path)]
    subprocess.run([*command, str(CLIENT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    code = "import standpoint_client.cli, sys; print(sorted(m for m in sys.modules if 'django' in m))"
    run = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert run.stdout == "[]\n"
    helped = subprocess.run(
        [tmp_path / "venv" / "bin" / "standpoint", "--help"], check=True, capture_output=True, text=True
    )
    assert "push" in helped.stdout


def approve_all(server: Server, expected: int) -> None:
    """Say who is meant in what was pushed, submit it, and approve it, as two people do it."""
    tokens = {
        name: server.manage("token", name, *(f"--scope={scope}" for scope in ("read", "annotate", "review")))
        for name in ("max", "rae")
    }
    with Client(server.url, tokens["max"]) as owner, Client(server.url, tokens["rae"]) as reviewer:
        person = {"name": "Mira Halvorsen", "kind": "person"}
        actor = owner.create(f"corpora/{SLUG}/actors/", person)["id"]
        done: set[str] = set()
        while len(done) < expected:
            for row in list(owner.corpus(SLUG).sets(state="open", owner="max")):
                for span in owner.rows(f"sets/{row['id']}/spans/"):
                    owner.edit(f"spans/{span['id']}/", actor=actor)
                version = owner.get(f"sets/{row['id']}/")["version"]
                moved = owner.act(f"sets/{row['id']}/submit/", version=version)
                moved = reviewer.act(f"sets/{row['id']}/start-review/", version=moved["version"])
                reviewer.act(f"sets/{row['id']}/approve/", version=moved["version"])
                done.add(row["id"])
            time.sleep(0.2)


@pytest.mark.slow
def test_the_first_script_works(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    with running_server(tmp_path / "data") as server:
        server.manage("demo")
        scopes = [f"--scope={scope}" for scope in ("read", "ingest", "manage")]
        token = server.manage("token", "max", *scopes)
        people = threading.Thread(target=approve_all, args=(server, 100), daemon=True)
        people.start()
        run = subprocess.run(
            [sys.executable, "-c", first_script()], capture_output=True, text=True, timeout=900, check=False,
            env={"PYTHONPATH": str(CLIENT / "src"), "STANDPOINT_URL": server.url, "STANDPOINT_TOKEN": token,
                 "STANDPOINT_CORPUS": SLUG},
        )  # fmt: skip
        assert (run.returncode, run.stderr) == (0, ""), run.stderr
        assert run.stdout.startswith("100 articles stored\nlabel\nactor ")
        people.join(600)
        with Client(server.url, token) as client:
            assert json.dumps(client.corpus(SLUG).matrix())


def test_nothing_of_the_service_is_imported() -> None:
    for file in (CLIENT / "src").rglob("*.py"):
        assert not re.search(
            r"^\s*(from|import) (annotations|project|django)\b", file.read_text(), re.MULTILINE
        )
