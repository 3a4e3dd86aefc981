"""A file that is read in the background, from the import page to what came of each line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.urls import reverse
from playwright.sync_api import expect

from annotations.models import Article, Job, JobState
from tests.browser.test_admin_pages import Open
from tests.newsroom import Newsroom
from tests.services.exchange import article, file_of

pytestmark = pytest.mark.browser


def test_a_job_is_followed_to_its_end(
    newsroom: Newsroom, open_page: Open, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    page = open_page("max", viewport={"width": 390, "height": 800})
    page.goto(reverse("admin:annotations_corpus_import", args=(newsroom.lake.pk,)))
    lines = file_of(article(1), article(2, text=5), article(3)).read()
    page.set_input_files(
        "#id_sent_files", {"name": "lake.jsonl", "mimeType": "application/x-ndjson", "buffer": lines}
    )
    page.uncheck("#id_dry_run")
    page.check("#id_background")
    page.click(".submit-row [type=submit]")
    # nobody works yet, and the page says how to change that
    expect(page.locator(".errornote")).to_contain_text("manage.py worker")
    page.get_by_role("link", name="see how far it is").click()
    bar, state = page.locator("progress"), page.locator("[data-part=state]")
    expect(state).to_have_text("queued")
    rows = Job.objects.all()
    rows.update(state=JobState.RUNNING, done=100, beat_at=Now())
    expect(state).to_have_text("running")
    expect(bar).to_have_js_property("value", 100)
    expect(bar).to_have_js_property("max", len(lines))
    rows.update(state=JobState.QUEUED, done=0, beat_at=None)
    call_command("worker", batch=True)
    expect(state).to_have_text("done")
    expect(bar).to_have_js_property("value", len(lines))
    expect(page.locator(".errornote")).to_have_count(0)
    expect(page.locator(".counts")).to_contain_text("2 created")
    expect(page.locator(".side-module table")).to_contain_text("a2")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # what is over is asked about no more
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_500)
    assert not asked
    assert set(Article.objects.values_list("external_id", flat=True)) == {"a1", "a3"}
