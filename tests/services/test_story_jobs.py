"""Copies among many articles: what imports and jobs find, and what it costs them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import (
    Article,
    Fingerprint,
    Job,
    JobKind,
    Story,
)
from annotations.services import job_runner
from annotations.services.core import fingerprints, stories
from annotations.services.core.story_search import StorySearch
from annotations.services.correction.revisions import add_revision
from annotations.services.jobs import leases
from annotations.services.jobs import stories as story_jobs
from tests.newsroom import Newsroom
from tests.press import Press
from tests.services.test_stories import add, groups, states, upload


def test_an_import_finds_copies_however_the_lines_stand(newsroom: Newsroom, press: Press) -> None:
    texts = [press.text(120) for _ in range(4)]
    rows = [
        {"title": f"{text}.{number}", "text": texts[text], "published_at": f"2024-05-0{number}T00:00:00Z"}
        for text in range(4)
        for number in (3, 1, 2)
    ]
    press.rng.shuffle(rows)
    upload(newsroom, [{**row, "external_id": row["title"]} for row in rows])
    expected = [[f"{text}.1", f"{text}.2", f"{text}.3"] for text in range(4)]
    assert groups(newsroom) == expected
    call_command("stories", newsroom.lake.slug, stdout=(out := io.StringIO()))
    assert out.getvalue() == "12 articles were compared: 12 are copies of one another, in 4 stories.\n"
    assert groups(newsroom) == expected


def test_an_import_that_stops_and_a_dry_run(newsroom: Newsroom, press: Press) -> None:
    text = press.text(80)
    rows = [{"external_id": name, "title": name, "text": text} for name in ("a", "b", "a", "c")]
    upload(newsroom, rows[:2], dry_run=True)
    assert Fingerprint.objects.count() == 0
    with pytest.raises(Exception, match="external id"):
        upload(newsroom, rows)
    assert groups(newsroom) == [["a", "b"]]


def test_many_articles_are_left_to_a_job(newsroom: Newsroom, press: Press, monkeypatch: Any) -> None:
    monkeypatch.setattr(story_jobs, "MAX_ARTICLES_AT_ONCE", 2)
    monkeypatch.setattr(leases, "has_live_worker", lambda: True)
    text = press.text(80)
    upload(newsroom, [{"external_id": f"{n}", "title": f"{n}", "text": text} for n in range(3)])
    upload(newsroom, [{"external_id": "3", "title": "3", "text": text}])
    job = Job.objects.get(kind=JobKind.FINGERPRINT)
    assert groups(newsroom) == []
    job_runner.run_job(job.pk, "worker")
    job.refresh_from_db()
    assert (job.state, job.result, job.done) == ("done", {"articles": 4}, 4)
    assert groups(newsroom) == [["0", "1", "2", "3"]]


def test_texts_that_do_not_fit_are_read_again(newsroom: Newsroom, press: Press, monkeypatch: Any) -> None:
    for module in ("stories", "story_index"):
        monkeypatch.setattr(f"annotations.services.core.{module}.MAX_SHINGLES", 300)
    texts = [press.text(120) for _ in range(4)]
    rows = [
        {"external_id": f"{text}.{number}", "title": f"{text}.{number}", "text": press.edited(texts[text], 1)}
        for number in range(3)
        for text in range(4)
    ]
    upload(newsroom, rows)
    assert groups(newsroom) == [[f"{text}.0", f"{text}.1", f"{text}.2"] for text in range(4)]


def test_a_text_corrected_while_others_are_read_is_read_again(
    newsroom: Newsroom, press: Press, monkeypatch: Any
) -> None:
    """Its copy, which no search has seen yet, shares too little with the new text."""
    text, rows = press.text(300), []
    for number in range(2):
        row = {"external_id": f"{number}", "title": f"{number}", "text": press.edited(text, number)}
        rows.append({**row, "published_at": f"2024-05-0{number + 1}T00:00:00Z"})
    real = fingerprints.fingerprint_articles

    def correct_first_text(articles: Any) -> Any:
        lead = Article.objects.get(title="0")
        if Fingerprint.objects.filter(article=lead).exists() and lead.revision.number == 1:
            monkeypatch.undo()
            half = " ".join(text.split(" ")[:165])
            add_revision(newsroom.user("max"), lead.pk, f"{half} {press.text(135)}", "half of it")
        return real(articles)

    monkeypatch.setattr(stories, "TEXTS_AT_ONCE", 1)
    monkeypatch.setattr(stories, "fingerprint_articles", correct_first_text)
    upload(newsroom, rows)
    assert states(Story.objects.get()) == {"0": "found", "1": "proposed"}


def test_footers_make_no_story(newsroom: Newsroom, press: Press) -> None:
    """Even where the legal notice is longer than what it stands below."""
    notice = press.text(150)
    rows = [
        {"external_id": f"{number}", "title": f"{number}", "text": f"{press.text(80)}\n\n{notice}"}
        for number in range(205)
    ]
    rows.append({"external_id": "copy", "title": "copy", "text": rows[7]["text"].upper()})
    upload(newsroom, rows)
    assert groups(newsroom) == [["7", "copy"]]


def test_three_hundred_copies_cost_three_hundred_comparisons(
    newsroom: Newsroom, press: Press, monkeypatch: Any
) -> None:
    text = press.text(120)
    compared = []
    real = StorySearch._compared

    def compare(*args: Any) -> Any:
        compared.append(args)
        return real(*args)

    monkeypatch.setattr(StorySearch, "_compared", compare)
    rows = [
        {"external_id": f"{number:03}", "title": f"{number:03}", "text": press.edited(text, 1)}
        for number in range(300)
    ]
    upload(newsroom, [*rows, {"external_id": "own", "title": "own", "text": press.text(120)}])
    story = Story.objects.get()
    assert story.size == 300
    assert len(compared) <= 300
    with CaptureQueriesContext(connection) as queries:
        add(newsroom, "new", press.edited(text, 1))
    assert Story.objects.get().size == 301
    assert len(queries) < 45
