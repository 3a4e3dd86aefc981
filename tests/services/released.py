"""A newsroom with approved work and a release of it, for the tests of releases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from annotations.models import Article, Job, Release, ReleaseState
from annotations.services import job_runner, releases
from tests import stored_files
from tests.services.small_newsroom import SmallNewsroom


def newsroom_with_gold() -> SmallNewsroom:
    """Four articles with work, of which three are approved, and one without."""
    made = SmallNewsroom()
    lorn, ardenia = made.actor("Lorn"), made.actor("Ardenia")
    toll = made.issue("A new toll", made.topic("Water").pk)
    for number in range(4):
        article = made.article(f"a{number}")
        Article.objects.filter(pk=article.pk).update(
            story_key=f"story {number % 3}",
            published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number),
            language="en",
        )
        row = made.work("ann", article, actor=(ardenia if number % 2 else lorn).pk, issue=toll.pk)
        if number < 3:
            made.move("rae", made.move("ann", row, "submit"), "start_review", "approve")
    made.article("a9")
    return made


def released(newsroom: SmallNewsroom, **order: Any) -> Release:
    made, new = job_runner.make_release(
        newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest(**order)
    )
    assert new
    assert made.state == ReleaseState.READY, Job.objects.get(release=made).error
    return made


def path(release: Release, name: str) -> Path:
    return stored_files.release_path(release.pk, name)


def lines(release: Release, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path(release, name).read_text().splitlines()]
