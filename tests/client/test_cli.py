"""``standpoint`` in a shell: what it prints, how it ends, and what it keeps."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotations.enums import Scope
from annotations.models import Article
from annotations.services.core import access_tokens
from standpoint_client import cli, logins
from tests.client.conftest import Connection, connect_as
from tests.newsroom import TEXT, Newsroom

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return a function that runs a command as max, and returns its status and what it printed."""

    def client(*_given: Any, **_more: Any) -> Any:
        connection: Connection = connect_as(newsroom)
        return connection.client

    monkeypatch.setattr(cli, "Client", client)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(arguments)
        return (status, *capsys.readouterr())

    return call


def test_login_keeps_the_token_for_its_owner_alone(run: Run, newsroom: Newsroom) -> None:
    secret = access_tokens.create_token(newsroom.user("max"), "shell", [Scope.READ])[1]
    status, out, _ = run("login", "--url", "http://testserver", "--token", secret)
    assert (status, out.startswith("Signed in as max; kept in ")) == (0, True)
    assert logins.load_login() == ("http://testserver", secret)
    assert stat.S_IMODE(logins.login_file().stat().st_mode) == 0o600
    assert secret not in out


def test_without_a_login_the_way_to_one_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("STANDPOINT_URL", raising=False)
    assert cli.main(["pull", "lake"]) == 1
    assert "run `standpoint login`" in capsys.readouterr().err


def test_push_watch_and_pull(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"{TEXT} {name}", encoding="utf-8")
    files = [str(tmp_path / f"{name}.txt") for name in ("one", "two")]
    assert run("push", "lake", *files)[1] == "2 lines, 2 created, 0 updated, 0 skipped, 0 failed\n"
    assert set(Article.objects.values_list("external_id", flat=True)) >= {"one", "two"}
    status, out, _ = run("watch", "lake", "--once", "--json", "--action", "article_added")
    assert status == 0
    assert {json.loads(line)["external_id"] for line in out.splitlines()} >= {"one", "two"}
    status, out, _ = run("pull", "lake", "--sets", "none", "--output", str(tmp_path / "all.jsonl"), "--json")
    assert json.loads(out) == {"path": str(tmp_path / "all.jsonl")}
    assert b'"external_id":"two"' in (tmp_path / "all.jsonl").read_bytes().replace(b" ", b"")


def test_a_refused_line_is_told_and_is_the_status(run: Run, tmp_path: Path) -> None:
    rows = [{"external_id": "a", "text": TEXT}, {"external_id": "b", "text": ""}]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    status, out, err = run("push", "lake", str(file))
    assert (status, out) == (1, "2 lines, 1 created, 0 updated, 0 skipped, 1 failed\n")
    assert "b /text: " in err


def test_release_and_verify(run: Run, newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.approved("ann")
    folder = str(tmp_path / "spring")
    assert run("release", "lake", "--name", "Spring", "--output", folder)[0] == 0
    assert run("verify", folder)[:2] == (0, "All files are as they were released.\n")
    (tmp_path / "spring" / "lake.jsonl").write_text("other")
    status, out, _ = run("verify", folder, "--json")
    assert (status, json.loads(out)) == (1, {"faults": ["lake.jsonl is not as it was released."]})
    assert run("pull", "lake", "--release", "1", "--output", folder)[0] == 0
    assert run("verify", folder)[0] == 0
    status, _, err = run("pull", "lake", "--release", "7", "--output", folder)
    assert (status, err) == (1, "standpoint: lake has no release 7. (404 not-found)\n")
