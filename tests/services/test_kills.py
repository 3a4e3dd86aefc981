"""Whoever does a job can be killed at any moment: nothing is half, doubled, lost or left lying about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database of its own, on the engine under test."""
    settings = {
        "DATA_DIR": str(tmp_path),
        "LOG_LEVEL": "CRITICAL",
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "SECRET_KEY": "only for tests: " + "not a secret at all, " * 3,
        "ALLOWED_HOSTS": "localhost",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
    }
    url = os.environ.get("STANDPOINT_TEST_DATABASE", "")
    if connection.vendor != "postgresql":
        yield settings
        return
    name = f"kills_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield {**settings, "DATABASE_URL": url.replace("/postgres?", f"/{name}?")}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run_kills(environment: dict[str, str], *parts: str) -> dict[str, Any]:
    """Return what the process of its own has found."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.services.kills", *parts],
        cwd=ROOT, env=environment, capture_output=True, check=False, text=True, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_killed_at_twenty_points_everything_is_whole_in_the_end(environment: dict[str, str]) -> None:
    told = run_kills(environment, "imports", "releases", "exports", "orphans")
    wrong = [told[kind]["wrong"] for kind in ("imports", "releases", "exports")]
    assert [*wrong, told["orphans"]] == [[], [], [], []]
    # a machine that is too quick to be hit in the middle would prove nothing
    assert told["imports"]["midway"] > 0


@pytest.mark.slow
def test_killed_while_texts_are_corrected_no_article_is_half(environment: dict[str, str]) -> None:
    told = run_kills(environment, "updates")["updates"]
    assert told["wrong"] == []
    assert told["midway"] > 0
