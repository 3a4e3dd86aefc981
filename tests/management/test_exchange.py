"""``manage.py import`` and ``export``, as an operator calls them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from annotations.models import AnnotationSet, Article, Corpus
from tests import databases, factories
from tests.services.exchange import SEEDS, article, get

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus() -> Corpus:
    return factories.make_corpus("lake", manager=factories.make_user("max"))


def run(name: str, *arguments: Any, status: int = 0) -> tuple[str, str]:
    """What a command prints for people, and what it complains about."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err)
        left = 0
    except SystemExit as error:
        left = int(error.code or 0)
    assert left == status, err.getvalue()
    return out.getvalue(), err.getvalue()


def written(folder: Path, name: str, *lines: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    )
    return path


class TestImport:
    def test_text_files_are_articles(self, corpus: Corpus, tmp_path: Path) -> None:
        texts = {"a one.txt": "one\r\n🛶".encode(), "sub/two.TXT": b"two ", "notes.md": b"no article"}
        for name, data in texts.items():
            written(tmp_path, name, data)
        out, _ = run("import", "lake", tmp_path)
        stored = dict(Article.objects.values_list("external_id", "revision__text"))
        assert {name: text.encode() for name, text in stored.items() if name} == {
            "a one": texts["a one.txt"],
            "two": texts["sub/two.TXT"],
        }
        assert out.splitlines()[0] == "Marks become the work of max; --owner names somebody else."
        assert out.count("1 line; 1 created.") == 2

    def test_marks_belong_to_the_manager_or_to_whom_is_named(self, corpus: Corpus, tmp_path: Path) -> None:
        ann = factories.make_user("ann")
        corpus.memberships.create(user=ann, role="annotator")
        run("import", "lake", written(tmp_path, "a.jsonl", article(1)))
        run(
            "import",
            "lake",
            written(tmp_path, "b.ndjson", article(2)),
            "--owner",
            "ann",
            "--state",
            "submitted",
        )
        owners = AnnotationSet.objects.values_list("article__external_id", "owner__username", "state")
        assert set(owners) == {("a1", "max", "open"), ("a2", "ann", "submitted")}

    def test_what_is_wrong_is_told_by_line(self, corpus: Corpus, tmp_path: Path) -> None:
        path = written(tmp_path, "a.jsonl", article(1), b"nonsense\n", article(2, url="no"))
        out, err = run("import", "lake", path, status=1)
        assert f"{path}: 3 lines; 1 created, 2 failed, 2 rekeyed." in out
        assert "line 2: This is not JSON" in err
        assert "line 3 (a2) at /url: " in err
        assert Article.objects.count() == 1

    def test_programs_get_json(self, corpus: Corpus, tmp_path: Path) -> None:
        path = written(tmp_path, "a.jsonl", article(1), b"{}\n")
        out, _ = run("import", "lake", path, "--json", "--dry-run", status=1)
        told = json.loads(out)
        assert (told["file"], told["created"], told["failed"], told["dry_run"]) == (str(path), 1, 1, True)
        assert told["errors"][0]["line"] == 2
        assert not Article.objects.exists()

    def test_content_tells_the_format(self, corpus: Corpus, tmp_path: Path) -> None:
        task = {
            "text": "Mira says no.",
            "spans": [{"start": 0, "end": 4, "label": "actor"}],
            "answer": "accept",
        }
        run("import", "lake", written(tmp_path, "a.jsonl", json.dumps(task).encode()))
        run("import", "lake", written(tmp_path, "b.data", b"Ben B-actor\nsays O\nno B-claim\n"))
        run("import", "lake", written(tmp_path, "c.txt", b"Lorn B-52\n"))
        texts = AnnotationSet.objects.order_by("article__created_at", "pk")
        assert [row.span_counts for row in texts] == [{"actor": 1}, {"actor": 1, "claim": 1}]
        assert Article.objects.filter(external_id="c").exists()

    def test_an_existing_article_stops(self, corpus: Corpus, tmp_path: Path) -> None:
        path = written(tmp_path, "a.jsonl", article(1), article(2))
        run("import", "lake", path)
        with pytest.raises(CommandError, match=r"a\.jsonl: The corpus has an article .* 'a1' already"):
            run("import", "lake", path)
        out, _ = run("import", "lake", path, "--on-conflict", "skip")
        assert "2 skipped" in out

    def test_a_restore_founds_the_corpus(self, tmp_path: Path) -> None:
        out, _ = run("import", "demo", SEEDS, "--restore")
        assert out == f"{SEEDS}: 105 lines; 26 created.\n"
        assert User.objects.filter(is_active=False).count() == 4
        with pytest.raises(CommandError, match="has articles"):
            run("import", "demo", SEEDS, "--restore")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["sea", "FILE"], "no corpus"),
            (["lake", "nowhere.jsonl"], "no file"),
            (["lake", "FOLDER"], "holds no file"),
            (["lake", "FILE", "--owner", "nobody"], "no active person"),
            (["lake", "FILE", "FILE", "--restore"], "takes one file"),
            (["lake", "FILE", "--restore", "--owner", "max"], "keeps owners and states"),
            (["lake", "FILE", "--restore", "--state", "open"], "keeps owners and states"),
        ],
    )
    def test_a_wrong_call_is_a_sentence(
        self, corpus: Corpus, tmp_path: Path, arguments: list[str], says: str
    ) -> None:
        (tmp_path / "empty").mkdir()
        given = {"FILE": written(tmp_path, "a.jsonl", article(1)), "FOLDER": tmp_path / "empty"}
        with pytest.raises(CommandError, match=says):
            run("import", *(given.get(argument, argument) for argument in arguments))
        assert not Article.objects.exists()

    def test_an_empty_file_stops_none_of_the_others(self, corpus: Corpus, tmp_path: Path) -> None:
        written(tmp_path, "a.txt", b"")
        written(tmp_path, "b.txt", b"b")
        _, err = run("import", "lake", tmp_path, status=1)
        assert "a.txt: The file is empty" in err
        assert Article.objects.get().external_id == "b"


class TestExport:
    def test_into_a_file(self, corpus: Corpus, tmp_path: Path) -> None:
        run("import", "lake", written(tmp_path, "a.jsonl", article(1)))
        target = tmp_path / "out.jsonl"
        out, err = run("export", "lake", "--sets", "all", "--output", target)
        assert target.read_bytes() == get(None, corpus, sets="all")
        assert "SHA-256" in out
        assert err == ""
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_losses_are_told_or_refused(self, corpus: Corpus, tmp_path: Path) -> None:
        run("import", "lake", written(tmp_path, "a.jsonl", article(1)))
        target = tmp_path / "out.csv"
        options = ("--format", "quotes", "--sets", "all", "--output", target)
        _, err = run("export", "lake", *options)
        assert err == "not carried by quotes: 1 relations\n"
        target.unlink()
        with pytest.raises(CommandError, match="cannot carry 1 relations"):
            run("export", "lake", *options, "--strict")
        assert not target.exists()

    def test_the_dialect_of_a_spreadsheet(self, corpus: Corpus, tmp_path: Path) -> None:
        run("import", "lake", written(tmp_path, "a.jsonl", article(1, external_id="=1")))
        target = tmp_path / "out.csv"
        run(
            "export",
            "lake",
            "--format",
            "quotes",
            "--sets",
            "all",
            "--dialect",
            "spreadsheet",
            "--output",
            target,
        )
        text = target.read_bytes().decode()
        assert text.startswith("\ufeffarticle_id,")
        assert ",'=1," in text

    def test_a_wrong_call_is_a_sentence(self, corpus: Corpus, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="no corpus"):
            run("export", "sea")
        with pytest.raises(CommandError, match="cannot be written"):
            run("export", "lake", "--output", tmp_path / "nowhere" / "out.jsonl")


def test_the_output_is_the_file_and_nothing_else(
    corpus: Corpus, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    run("import", "lake", written(tmp_path, "a.jsonl", article(1)))
    capfdbinary.readouterr()
    call_command("export", "lake", "--sets", "all")
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == get(None, corpus, sets="all")


def test_the_input_is_a_file_too(tmp_path: Path) -> None:
    """In a process of its own, with a database of its own."""
    root = Path(__file__).resolve().parents[2]
    environment = {"DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def manage(*arguments: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, str(root / "manage.py"), *arguments],
            cwd=root, env=environment, input=input, capture_output=True, check=False,
        )  # fmt: skip

    if not databases.place(tmp_path):
        assert manage("migrate", "--verbosity", "0").returncode == 0
    done = manage("import", "demo", "-", "--restore", input=SEEDS.read_bytes())
    assert (done.returncode, done.stdout) == (0, b"-: 105 lines; 26 created.\n")
    exported = manage("export", "demo", "--sets", "all").stdout
    assert len(exported.splitlines()) == 105
    assert manage("import", "demo", "-", input=b"{}").returncode == 1
