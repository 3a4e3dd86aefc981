"""A check that can find nothing new is not run again; tests/services/test_integrity breaks each of them."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from django.db import transaction

from annotations.models import Actor, Article, Span
from annotations.services import integrity
from annotations.services.integrity.checks import CheckScope
from tests import factories, soundness
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


@pytest.mark.sqlite  # numbers go back with a transaction, so that they are the same again
def test_other_ids_and_other_times_are_nothing_new(newsroom: Newsroom, run: list[str]) -> None:
    for _ in range(2):
        run.clear()
        factories.restart_titles()
        before = transaction.savepoint()
        newsroom.in_review()
        soundness.prove_integrity()
        transaction.savepoint_rollback(before)
    print("RUN AGAIN", run)
    # a digest is made from ids
    assert set(run) == {*soundness.RUN_ALWAYS, "closed"}


def test_stand_ins_tell_what_is_the_same_and_what_comes_first() -> None:
    one, other = sorted(str(uuid.uuid4()) for _ in range(2))
    early, late = "2026-11-30 08:00:00.5", "2026-11-30T08:00:00.500001Z"

    def seen(*answers: object) -> tuple[list[str], tuple[int, ...]]:
        stand_ins = soundness.StandIns()
        return [stand_ins.hide(answer) for answer in answers], stand_ins.order()

    assert seen(one, other) == seen(f"0{one[1:]}", f"f{other[1:]}")
    assert seen(one, other) != seen(other, one), "the order"
    assert seen(one, one) != seen(one, other), "what is the same"
    assert seen(one) != seen(one.replace("-", "")), "how it is written"
    assert seen(early, late) != seen(late, early)
    assert seen("2026-11-30 08:00:00.1") == seen("2026-11-30 09:30:00.25")
    assert seen("2026-11-30 08:00:00.1") != seen("2026-11-29 08:00:00.1"), "the day"
    assert seen("2026-11-30 08:00:00") != seen("2026-11-30 09:00:00"), "written by hand"


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


def test_a_breach_is_found_under_other_ids(newsroom: Newsroom, run: list[str]) -> None:
    """A statement with an id of an earlier run, however the driver takes ids, would look elsewhere."""
    for is_broken in (False, True):
        before = transaction.savepoint()
        factories.restart_titles()
        corpus = factories.make_corpus(slug="pond")
        actor = Actor.objects.create(corpus=corpus, name="Ada Verde", kind="person")
        if is_broken:
            Actor.objects.filter(pk=actor.pk).update(merged_into=actor)
        assert (soundness.run_checks().checks["circles"].found > 0) is is_broken
        transaction.savepoint_rollback(before)
