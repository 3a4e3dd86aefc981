"""The tutorial can be followed literally: its steps are read from the page itself, and nothing is added."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page
from pytest_django import Settings

from annotations.enums import ArticleStatus, State
from annotations.models import AnnotationSet, Corpus, Merge, Release, ReleaseState
from annotations.services.demo import log_ins_path
from tests.browser.tutorial_steps import Action, Follower, Kind, read_actions, read_steps

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"


@pytest.fixture
def passwords(transactional_db: None, tmp_path: Path, settings: Settings) -> dict[str, str]:
    """The passwords of a fresh demo."""
    settings.DATA_DIR = tmp_path
    call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
    log_ins = json.loads(log_ins_path().read_text(encoding="utf-8"))
    return {name: log_in["password"] for name, log_in in log_ins.items()}


@pytest.mark.browser
def test_it_leads_to_an_approved_article_and_a_release(
    passwords: dict[str, str], open_page: Callable[..., Page]
) -> None:
    page = open_page("")
    follower = Follower(page, passwords)
    for step in read_steps(TUTORIAL):
        follower.follow(step)
    row = AnnotationSet.objects.get(article__title="Lamps on the water", owner__username="ann")
    assert (row.state, row.article.status) == (State.APPROVED, ArticleStatus.DONE)
    assert row.spans.filter(label="claim", quote="drives the birds from the reeds").exists()
    release = Release.objects.get(corpus=Corpus.objects.get())
    assert (release.name, release.state) == ("First hour", ReleaseState.READY)
    approved = AnnotationSet.objects.filter(state=State.APPROVED, article__excluded_reason="")
    assert release.counts["articles"] == approved.values("article").distinct().count()
    assert row in approved
    assert Merge.objects.filter(reason="One minister, three spellings.").count() == 2


def test_a_step_says_what_to_do_in_its_order() -> None:
    assert list(read_actions("Sign in as **ann**, press **Take …**, then `Ctrl` `Enter` and `f`.")) == [
        Action(Kind.SIGN_IN, "ann"),
        Action(Kind.PRESS, "Take …"),
        Action(Kind.KEY, "Control+Enter"),
        Action(Kind.KEY, "f"),
    ]
    assert list(
        read_actions("Select “a b”, write “x” into **Name**, choose “y” in **List**: “It is done.”")
    ) == [
        Action(Kind.SELECT, "a b"),
        Action(Kind.WRITE, "x", "Name"),
        Action(Kind.CHOOSE, "y", "List"),
        Action(Kind.SEE, "It is done."),
    ]


@pytest.mark.browser
def test_a_name_that_is_not_there_is_told(transactional_db: None, open_page: Callable[..., Page]) -> None:
    page = open_page("")
    page.goto("/admin/login/")
    with pytest.raises(AssertionError, match="nothing to press that is called “Take the next articel”"):
        Follower(page, {}, patience=1).press(Action(Kind.PRESS, "Take the next articel"))


def test_the_tutorial_has_steps_for_everybody() -> None:
    steps = read_steps(TUTORIAL)
    assert all(step.actions for step in steps), "a step without anything to do is prose"
    people = [action.what for step in steps for action in step.actions if action.kind is Kind.SIGN_IN]
    assert people == ["ann", "rae", "max"]
