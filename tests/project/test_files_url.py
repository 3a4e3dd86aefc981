"""Where files lie: a folder or a bucket, and nothing that could be taken for another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from project import env, env_addresses

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "url", ["file:///srv/files", "s3://newsroom", "s3://news.room-1/desk/standpoint", "s3://newsroom/desk/"]
)
def test_a_folder_or_a_bucket(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FILES_URL", url)
    assert env_addresses.read_files_url("FILES_URL") == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "/srv/files", "file://host/files", "file:relative", "s3://", "s3:///prefix", "s3://Upper/x", "s3://ab",
        "s3://key:secret@newsroom/x", "s3://newsroom/x?region=eu", "s3://newsroom/x#y", "gs://newsroom", "ftp://x/y",
    ],
)  # fmt: skip
def test_nothing_else(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FILES_URL", url)
    with pytest.raises(
        env.SettingError, match=r"^FILES_URL must be file:///absolute/folder or s3://bucket/prefix"
    ):
        env_addresses.read_files_url("FILES_URL")


def test_two_folders_are_refused(tmp_path: Path) -> None:
    given = {"FILES_URL": f"file://{tmp_path}/a", "FILES_DIR": str(tmp_path / "b"), "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "FILES_DIR and FILES_URL both name a folder; set only one of them." in done.stderr
