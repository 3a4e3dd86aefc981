"""A correction at the moment in which others mark and submit: all of a mark is carried, or it is refused."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from annotations.models import AnnotationSet, Article, CarryItem, Revision, Span
from annotations.services import integrity
from annotations.services.correction.revisions import add_revision
from annotations.services.exchange.imports import ImportReport, batch
from tests.api.together import at_once, twin
from tests.newsroom import Newsroom, span
from tests.services.exchange import put

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "ab " * 40, "News. " + "ab " * 40


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


def test_marks_and_a_correction_at_once(newsroom: Newsroom) -> None:
    row = newsroom.set_on(OLD)
    at = f"articles/{row.article_id}/revisions/"
    marks = [
        partial(twin(newsroom.ann).post, f"sets/{row.pk}/spans/", span(3 * number, 3 * number + 2))
        for number in range(6)
    ]
    correct = partial(twin(newsroom.max).post, at, {"text": NEW, "reason": "Typo."})
    *marked, corrected = at_once([*marks, correct])
    assert corrected.status == 201
    assert {reply.status for reply in marked} <= {201, 409}
    stored = sum(reply.status == 201 for reply in marked)
    new = AnnotationSet.objects.get(based_on=row)
    assert Span.objects.filter(set=row).count() == stored
    assert Span.objects.filter(set=new).count() + CarryItem.objects.filter(span=None).count() == stored
    assert integrity.run_checks().found == 0


def test_two_corrections_and_a_submission_at_once(newsroom: Newsroom) -> None:
    row = newsroom.set_on(OLD)
    at = f"articles/{row.article_id}/revisions/"
    texts = [{"text": f"{NEW} {number}", "reason": "Typo."} for number in range(2)]
    corrections = [partial(twin(newsroom.max).post, at, text) for text in texts]
    submit = partial(twin(newsroom.ann).move, row.pk, "submit", row.version)
    *corrected, submitted = at_once([*corrections, submit])
    added = sum(reply.status == 201 for reply in corrected)
    assert {reply.status for reply in corrected} <= {201, 409}
    assert submitted.status in (200, 409, 412)
    assert Revision.objects.filter(article=row.article_id).count() == 1 + added
    assert (submitted.status == 200) == (added == 0)
    assert integrity.run_checks().found == 0


def wait_until_blocked(count: int) -> None:
    """Wait until so many sessions wait for a lock."""
    with connection.cursor() as cursor:
        for _ in range(12_000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
            time.sleep(0.05)
    pytest.fail("the import waits for nothing, so the test proves nothing")


@pytest.mark.postgres
@pytest.mark.parametrize("on_conflict", ["update", "skip"])
def test_an_import_finds_the_article_whose_text_is_corrected_meanwhile(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, on_conflict: str
) -> None:
    """An update waits: PostgreSQL loses a joined row whose revision was replaced, as if it were new.

    A second try would find it, so the first one has to.
    """
    tries: list[bool] = []
    real = batch._try_to_write

    def write(*args: Any) -> bool:
        tries.append(real(*args))
        return tries[-1]

    monkeypatch.setattr(batch, "_try_to_write", write)
    row = newsroom.set(article=newsroom.article(OLD, external_id="a1"))
    line = {"external_id": "a1", "text": f"{NEW} once more"}

    def take() -> ImportReport:
        try:
            return put(newsroom.user("max"), newsroom.lake, line, on_conflict=on_conflict)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            add_revision(newsroom.user("max"), row.article_id, NEW, "Typo.")
            taken = pool.submit(take)
            if on_conflict == "update":
                wait_until_blocked(1)
            else:
                taken.result(60)
        report = taken.result(60)
    assert (report.updated, report.skipped, report.created, report.failed) == (
        *((1, 0) if on_conflict == "update" else (0, 1)), 0, 0,
    ), report.errors  # fmt: skip
    assert tries == [True]
    newest = Article.objects.get(corpus=newsroom.lake).revision
    assert (newest.number, newest.text) == ((3, line["text"]) if on_conflict == "update" else (2, NEW))
    assert integrity.run_checks().found == 0
