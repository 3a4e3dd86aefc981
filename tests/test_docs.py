"""What people wrote still fits: links lead somewhere, named tests, commands and addresses exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from project.reference import endpoints

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_COMMAND = re.compile(r"manage\.py ([a-z_]+)")
_ADDRESS = re.compile(r"(?:\$API/|/api/v1/|\bas \$[A-Z]+ \"?)([^\s\"'`?)>]*)")
_VARIABLE = re.compile(r"\$[A-Z]+|\{\w+\}|(?<=/corpora/)[a-z-]+")


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_can_be_found() -> None:
    """Every page is linked from another one."""
    linked = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in _LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in link
    }
    assert [name for name, page in zip(NAMES, PAGES, strict=True) if page not in linked] == ["README.md"]


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str) -> None:
    named = set(_COMMAND.findall((ROOT / name).read_text(encoding="utf-8")))
    assert named - set(get_commands()) == set()


def addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.findall(text):
        path = _VARIABLE.sub("{}", f"/api/v1/{found}")
        if not path.endswith(("…", "/v1/", "/{}", "/$path")):
            yield path


@pytest.mark.parametrize("name", NAMES)
def test_addresses_exist(name: str) -> None:
    known = {re.sub(r"\{\w+\}", "{}", row.path) for row in endpoints.list_endpoints()}
    assert set(addresses((ROOT / name).read_text(encoding="utf-8"))) - known == set()


def test_every_promise_names_its_tests() -> None:
    rows = re.findall(r"^\| (\d) \|.*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [str(number) for number in range(1, 9)]
    named = _TEST.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(named) >= 8
    for file, function in named:
        assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8"), function


def test_every_dependency_has_its_reason() -> None:
    listed = re.findall(r"^([a-z-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    decision = (ROOT / "docs" / "adr" / "0008-dependencies.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", decision, re.MULTILINE) == listed


def test_decisions_are_numbered_and_listed() -> None:
    folder = ROOT / "docs" / "adr"
    pages = sorted(path.name for path in folder.glob("0*.md"))
    assert [page[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in pages:
        text = (folder / page).read_text(encoding="utf-8")
        title = text.splitlines()[0].partition(": ")[2]
        assert text.startswith(f"# {page[:4]}: ")
        assert f"| [{page[:4]}]({page}) | {title} |" in index
        assert "**Status**: " in text
