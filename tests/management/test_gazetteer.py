"""``manage.py gazetteer``: lines of known actors complete the registry, or join it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Actor
from tests.newsroom import Newsroom

ROWS = [
    {"name": "Mira Halvorsen", "kind": "person", "qid": "Q42", "parent": "Harbour Office",
     "aliases": [{"text": "M. Halvorsen", "language": "no"}]},
    {"name": "Harbour Office", "kind": "organisation"},
    {"name": "Jo", "kind": "animal"},
    {"name": "Jo", "kind": "person", "parent": "Nowhere"},
]  # fmt: skip


def jsonl_file(folder: Path) -> Path:
    path = folder / "list.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    return path


def csv_file(folder: Path) -> Path:
    path = folder / "list.csv"
    path.write_text(
        "name,kind,qid,parent,aliases\r\nMira Halvorsen,person,Q42,Harbour Office,M. Halvorsen | no\r\n"
        "Harbour Office,organisation,,,\r\nJo,animal,,,\r\nJo,person,,Nowhere,\r\n",
        "utf-8",
    )
    return path


def load(path: Path, *options: str) -> tuple[list[str], int]:
    """The outcomes of the lines, and the exit status."""
    out, status = StringIO(), 0
    try:
        call_command("gazetteer", "lake", str(path), *options, stdout=out)
    except SystemExit as stop:
        status = int(str(stop.code))
    return [line.split("\t")[1] for line in out.getvalue().splitlines()[:-1]], status


@pytest.mark.parametrize("write", [jsonl_file, csv_file])
def test_lines_are_added_completed_and_refused(newsroom: Newsroom, tmp_path: Path, write: type) -> None:
    newsroom.actor("MIRA HALVORSEN")
    path = write(tmp_path)
    assert load(path, "--add", "--dry-run") == (["updated", "added", "failed", "failed"], 1)
    assert (Actor.objects.count(), Actor.objects.get().qid) == (1, "")
    assert load(path, "--match-only") == (["failed", "unmatched", "failed", "unmatched"], 1)
    assert load(path, "--add")[0] == ["updated", "added", "failed", "failed"]
    mira = Actor.objects.get(qid="Q42")
    assert mira.parent == Actor.objects.get(name="Harbour Office")
    assert sorted((alias.text, alias.language) for alias in mira.aliases.all()) == [
        ("M. Halvorsen", "no"),
        ("Mira Halvorsen", ""),
    ]
    assert load(path, "--add")[0][:2] == ["unchanged", "unchanged"]


def test_an_ambiguous_name_changes_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    for note in ("one", "other"):
        newsroom.actor("Mira Halvorsen", note=note)
    assert load(jsonl_file(tmp_path), "--add")[0][0] == "ambiguous"


@pytest.mark.parametrize(("name", "text"), [("a.csv", "kind\nperson\n"), ("a.xlsx", ""), ("b.csv", None)])
def test_a_file_that_cannot_be_read_is_refused(
    newsroom: Newsroom, tmp_path: Path, name: str, text: str | None
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(CommandError):
        load(path, "--add")
