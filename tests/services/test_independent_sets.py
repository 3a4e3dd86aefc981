"""Independent sets beside the gold of a release: the API, the command and the page ask for the same."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from annotations.models import Release
from annotations.services.double_annotation import adjudication
from tests.newsroom import Newsroom

PROVES = False  # the data of these tests is proved by others

NAME = "lake.independent.jsonl"


@pytest.fixture
def twice(newsroom: Newsroom, settings: Any, tmp_path: Path) -> Newsroom:
    """A newsroom with an article whose gold was made of two sets."""
    settings.FILES_DIR = tmp_path / "files"
    article = newsroom.article(annotators=2)
    for name in ("ann", "ben"):
        newsroom.submitted(name, article)
    gold = adjudication.begin_adjudication(newsroom.user("rae"), article.pk)[0]
    newsroom.moved(gold, "rae", "submit")
    for name in ("start_review", "approve"):
        newsroom.moved(gold, "max", name)
    return newsroom


def by_api(newsroom: Newsroom, **options: Any) -> str:
    reply = newsroom.max.post("corpora/lake/releases/", {"formats": ["jsonl"], **options})
    return "" if reply.status == 201 else str(reply.data)


def by_command(_: Newsroom, *, independent_sets: bool = False, sets: str = "approved") -> str:
    flag = ["--independent-sets"] if independent_sets else []
    try:
        call_command("release", "lake", "--format", "jsonl", "--sets", sets, *flag, stdout=StringIO())
    except CommandError as error:
        return str(error)
    return ""


def on_page(newsroom: Newsroom, **options: Any) -> str:
    User.objects.filter(username="max").update(is_staff=True)
    client = Client()
    client.force_login(newsroom.user("max"))
    url = reverse("admin:annotations_corpus_release", args=(newsroom.lake.pk,))
    assert b'name="independent_sets"' in client.get(url).content
    sent = {"formats": ["jsonl"], "sets": "approved", "include_text": "on"}
    answer = client.post(url, {**sent, **{name: str(value) for name, value in options.items()}})
    return "" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.parametrize("ask", [by_api, by_command, on_page])
def test_independent_sets_are_asked_for(twice: Newsroom, ask: Callable[..., str]) -> None:
    assert ask(twice) == ""
    assert ask(twice, independent_sets=True) == ""
    without, made = Release.objects.order_by("number")
    assert not without.files.filter(name=NAME).exists()
    assert made.files.filter(name=NAME).exists()
    assert "independent_sets" not in without.counts
    assert made.counts["independent_sets"] == 2
    assert "Texts alone have no sets" in ask(twice, independent_sets=True, sets="none")
    assert Release.objects.count() == 2
