"""A check that can find nothing new is not run again; tests/services/test_integrity breaks each of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from annotations.models import Article, Span
from annotations.services import integrity
from annotations.services.integrity.checks import CheckScope
from tests import soundness
from tests.newsroom import Newsroom

#: What a module of checks imports to read more than the database.
BEYOND = re.compile(r"^(?:from|import) .*\b(?:timezone|settings|storage|random|time|pathlib)\b", re.MULTILINE)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The checks that have been run."""
    found: list[str] = []

    def noted(check: integrity.Check) -> integrity.Check:
        def run(scope: CheckScope, result: integrity.CheckResult) -> None:
            found.append(check.name)
            check.run(scope, result)

        return integrity.Check(check.name, check.description, run)

    monkeypatch.setattr(integrity, "CHECKS", {name: noted(each) for name, each in integrity.CHECKS.items()})
    monkeypatch.setattr(soundness, "SOUND_RUNS", soundness.SoundRuns())
    return found


def test_what_reads_more_than_the_database_is_always_run() -> None:
    files = Path(str(integrity.__file__)).parent.glob("*.py")
    assert [file.stem for file in files if BEYOND.search(file.read_text("utf-8"))] == ["releases"]
    assert set(integrity.CHECKS) >= soundness.RUN_ALWAYS


def test_what_is_answered_as_before_is_not_run_again(newsroom: Newsroom, run: list[str]) -> None:
    newsroom.submitted()
    soundness.prove_integrity()
    assert run == list(integrity.CHECKS)
    run.clear()
    soundness.prove_integrity()
    assert run == list(soundness.RUN_ALWAYS)


def test_what_is_answered_otherwise_is(newsroom: Newsroom, run: list[str]) -> None:
    row = newsroom.submitted()
    status = row.article.status
    soundness.prove_integrity()
    run.clear()
    Span.objects.filter(set=row).update(quote="elsewhere")
    assert soundness.run_checks().checks["quote"].found == 1
    assert "quote" in run
    assert "circles" not in run
    Span.objects.filter(set=row).update(quote="Ada Verde")
    Article.objects.filter(pk=row.article_id).update(status="done")
    with pytest.raises(AssertionError, match="article-status"):
        soundness.prove_integrity()
    Article.objects.filter(pk=row.article_id).update(status=status)


def test_a_fault_is_not_remembered_as_sound(newsroom: Newsroom, run: list[str]) -> None:
    row = newsroom.submitted()
    Span.objects.filter(set=row).update(quote="elsewhere")
    assert [soundness.run_checks().checks["quote"].found for _ in range(2)] == [1, 1]
    Span.objects.filter(set=row).update(quote="Ada Verde")
