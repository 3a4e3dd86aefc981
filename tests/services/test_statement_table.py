"""The table of statements follows the approved sets; fsck proves it after every test that writes."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from annotations.enums import Round
from annotations.models import AnnotationSet, Corpus, Statement
from annotations.services import integrity
from annotations.services.exchange import exports, imports
from tests.newsroom import Newsroom
from tests.statements import approve_position

PUBLISHED = datetime(2024, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def gold(newsroom: Newsroom) -> AnnotationSet:
    article = newsroom.article(published_at=PUBLISHED, source="Herald", language="en", external_id="a1")
    return approve_position(newsroom, newsroom.actor(), newsroom.proposition(), article=article)


def sets_with_statements() -> set[object]:
    return set(Statement.objects.values_list("set_id", flat=True))


def days() -> list[object]:
    return list(Statement.objects.values_list("day", "day_last", "day_source", "source", "language"))


def test_only_the_set_that_is_gold_has_statements(newsroom: Newsroom, gold: AnnotationSet) -> None:
    assert sets_with_statements() == {gold.pk}
    newer = newsroom.moved(gold, "max", "reopen", reason="A slip.")
    assert sets_with_statements() == {gold.pk}
    newsroom.moved(newer, "ann", "submit")
    newsroom.moved(newer, "rae", "start_review")
    newsroom.moved(newer, "rae", "approve")
    assert sets_with_statements() == {newer.pk}
    newsroom.moved(newer, "max", "withdraw", reason="Wrong text.")
    assert sets_with_statements() == set()


def test_calibration_has_none(newsroom: Newsroom) -> None:
    row = newsroom.set("ann", round_=Round.CALIBRATION)
    newsroom.moved(row, "ann", "submit")
    assert not Statement.objects.exists()


@pytest.mark.parametrize("entrance", ["api", "import"])
def test_a_changed_article_moves_its_statements(
    newsroom: Newsroom, gold: AnnotationSet, entrance: str
) -> None:
    day = date(2024, 5, 6)
    assert days() == [(day, day, "published", "Herald", "en")]
    changes = {"published_at": "2025-01-02T10:00:00Z", "source": "Post", "language": "de"}
    if entrance == "api":
        version = gold.article.version
        assert newsroom.max.patch(f"articles/{gold.article_id}/", changes, version).status == 200
    else:
        line = {"external_id": "a1", "text": newsroom_text(gold), **changes}
        file = io.BytesIO(json.dumps(line).encode())
        options = imports.ImportOptions(on_conflict="update")
        report = imports.import_file(newsroom.user("max"), newsroom.lake, file, options)
        assert report.as_dict()["updated"] == 1
    moved = date(2025, 1, 2)
    assert days() == [(moved, moved, "published", "Post", "de")]


def newsroom_text(row: AnnotationSet) -> str:
    return str(row.article.revision.text)


def test_a_day_of_its_own_stays(newsroom: Newsroom) -> None:
    article = newsroom.article(published_at=PUBLISHED)
    approve_position(
        newsroom, newsroom.actor(), newsroom.proposition(), article=article, statement_date="2023-02"
    )
    version = newsroom.fresh(AnnotationSet.objects.get()).article.version
    newsroom.max.patch(f"articles/{article.pk}/", {"published_at": None}, version)
    assert Statement.objects.values_list("day", "day_last", "day_source").get() == (
        date(2023, 2, 1),
        date(2023, 2, 28),
        "statement",
    )


def test_a_restore_brings_them_back(newsroom: Newsroom, gold: AnnotationSet) -> None:
    with exports.export_corpus(None, newsroom.lake, format="jsonl", sets="all").file as file:
        content = file.read()
    stored = list(Statement.objects.values_list("stance", "day", "kind"))
    copy = Corpus.objects.create(slug="copy", name="Copy")
    imports.import_file(None, copy, io.BytesIO(content), imports.ImportOptions(restore=True))
    assert list(Statement.objects.filter(corpus=copy).values_list("stance", "day", "kind")) == stored


def test_fsck_finds_what_is_missing_and_a_rebuild_mends_it(newsroom: Newsroom, gold: AnnotationSet) -> None:
    stored = list(Statement.objects.values_list("span_id", "actor_id", "stance", "day"))
    Statement.objects.all().delete()
    assert integrity.run_checks().checks["statements"].found == 1
    out = io.StringIO()
    call_command("rebuild", "statements", "lake", stdout=out)
    assert out.getvalue() == "1 row of statements was derived.\n"
    assert list(Statement.objects.values_list("span_id", "actor_id", "stance", "day")) == stored
    Statement.objects.create(**{**Statement.objects.values().get(), "id": None, "stance": "support"})
    assert integrity.run_checks().checks["statements"].found == 1
    call_command("rebuild", "statements", stdout=out)
    assert integrity.run_checks().checks["statements"].found == 0


def test_the_export_has_the_rows_of_the_table(newsroom: Newsroom, gold: AnnotationSet) -> None:
    with exports.export_corpus(newsroom.user("vic"), newsroom.lake, format="statements").file as file:
        lines = file.read().decode().splitlines()
    header, row = (line.split(",") for line in lines)
    found = dict(zip(header, row, strict=False))
    stored = Statement.objects.get()
    assert found["span_id"] == str(stored.span_id)
    assert (found["stance"], found["day"], found["day_source"]) == ("oppose", "2024-05-06", "published")
