"""The reference pages say what the tables say, and nothing lacks its documentation."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import URLPattern, URLResolver, get_resolver

from annotations.api.problems import CODES
from annotations.formats import FORMATS
from annotations.permissions import PERMISSIONS, Permission
from annotations.workflow import TRANSITIONS
from project import reference
from project.env import SETTINGS
from project.reference import commands, endpoints

ROOT = Path(__file__).resolve().parent.parent


def text(name: str) -> str:
    return (reference.FOLDER / name).read_text(encoding="utf-8")


def test_the_pages_are_up_to_date() -> None:
    assert reference.outdated_pages() == [], "run manage.py write_reference"


def test_the_command_tells_and_mends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference.write_pages, "__defaults__", (tmp_path,))
    monkeypatch.setattr(reference.outdated_pages, "__defaults__", (tmp_path,))
    with pytest.raises(CommandError, match=r"^Out of date in docs/reference: endpoints\.md, "):
        call_command("write_reference", check=True)
    assert not list(tmp_path.iterdir())
    call_command("write_reference", verbosity=0)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.md")}
    assert written == set(reference.PAGES)
    call_command("write_reference", check=True)
    (tmp_path / "codes.md").write_text("else")
    with pytest.raises(CommandError, match=r"^Out of date in docs/reference: codes\.md;"):
        call_command("write_reference", check=True)


def test_every_process_writes_the_same() -> None:
    """The order of a set differs from process to process, and no page may depend on it."""
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "manage.py", "write_reference", "--check"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "project.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_page_is_linked_and_warns_writers(page: str) -> None:
    folder, _, name = page.rpartition("/")
    index = text(f"{folder}.md") if folder else (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert f"{folder or 'reference'}/{name})" in index
    assert "Do not edit." in text(page)


def test_every_setting_is_documented() -> None:
    for row in SETTINGS:
        assert row.description.endswith("."), row.name
        assert f"| `{row.name}`" in text("settings.md")


def test_every_code_is_documented() -> None:
    for row in CODES.values():
        assert row.title, row.code
        assert row.when.endswith("."), row.code
        assert f"| `{row.code}` | {row.status} |" in text("codes.md")


def test_every_format_is_documented() -> None:
    for name, row in FORMATS.items():
        assert row.title, name
        assert all(row.loss_descriptions.values()), name
        assert row.example is not None, name
        page = text(f"formats/{name}.md")
        assert page.startswith(f"# {row.title}\n")
        assert f"\n`{name}` · " in page
        for what in row.loss_descriptions:
            assert f"| `{what}` |" in page
        assert "\n## Example\n" in page


def test_every_command_and_argument_is_documented() -> None:
    ours = commands.project_commands()
    files = [
        *(ROOT / "annotations/management/commands").glob("[a-z]*.py"),
        *(ROOT / "project/management/commands").glob("[a-z]*.py"),
    ]
    assert set(ours) == {path.stem for path in files}
    for name, command in ours.items():
        assert command.help.endswith("."), name
        assert f"## {name}\n" in text("commands.md")
        for action in commands.own_arguments(command, name):
            assert action.help, f"{name} {action.dest}"


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            found |= addresses(pattern.url_patterns, route)
        else:
            found.add(route)
    return found


def test_every_endpoint_is_documented() -> None:
    listed = endpoints.list_endpoints()
    api = addresses(get_resolver("annotations.api.urls").url_patterns) - {"<path:unknown>"}
    assert len({row.path for row in listed if row.path.startswith("/api/")}) == len(api)
    for row in listed:
        assert row.description.endswith("."), row
        assert row.access, f"{row.method} {row.path} declares no scopes"
        assert f"| {row.method} | `{row.path}` | {row.description} |" in text("endpoints.md")


def test_every_rule_is_documented() -> None:
    for name in TRANSITIONS:
        assert f"| `{name}` |" in text("workflow.md")
    assert set(PERMISSIONS) == set(Permission)
    for permission in Permission:
        assert f"| `{permission}` |" in text("permissions.md")
