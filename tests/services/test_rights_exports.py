"""Embargo, takedown, withheld texts and shares of quotes: what exports and releases hold and tell."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotations.exceptions import FormatLossError
from annotations.models import Article, ArticleRights, CorpusRights, Release
from annotations.services import job_runner, releases
from annotations.services.exchange.exports import WRITABLE_FORMATS, export_corpus
from annotations.services.releases.verify import verify_release
from annotations.services.rights.preview import PlaceKind, masking_preview
from tests import stored_files
from tests.services.exchange import lines_of, restore
from tests.services.leaks import is_installed, protect
from tests.services.small_newsroom import TEXT, SmallNewsroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsroom(settings: Any, tmp_path: Path) -> SmallNewsroom:
    settings.FILES_DIR = tmp_path / "files"
    made = SmallNewsroom()
    lorn, toll = made.actor("Lorn"), made.issue("A new toll")
    for name in ("open", "shut", "gone"):
        row = made.work("ann", made.article(name), actor=lorn.pk, issue=toll.pk)
        made.move("rae", made.move("ann", row, "submit"), "start_review", "approve")
    return made


def give_rights(external_id: str, **terms: Any) -> None:
    ArticleRights.objects.create(article=Article.objects.get(external_id=external_id), **terms)


def shut_two(newsroom: SmallNewsroom) -> None:
    give_rights("shut", embargo_until=timezone.now() + timedelta(days=1))
    give_rights("gone", taken_down_at=timezone.now(), taken_down_by=newsroom.people["max"])


def exported(newsroom: SmallNewsroom, format: str = "jsonl", **options: Any) -> tuple[bytes, dict[str, int]]:
    made = export_corpus(None, newsroom.corpus, format=format, question="lock", **options)
    with made.file as file:
        return file.read(), {loss["what"]: loss["count"] for loss in made.losses}


def released(newsroom: SmallNewsroom, **request: Any) -> Release:
    made, _ = job_runner.make_release(
        newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest(**request)
    )
    assert made.state == "ready"
    return made


def read(release: Release, name: str) -> str:
    return stored_files.release_path(release.pk, name).read_text()


def test_what_is_embargoed_or_taken_down_is_in_no_export(newsroom: SmallNewsroom) -> None:
    shut_two(newsroom)
    ids = {str(pk) for pk in Article.objects.exclude(external_id="open").values_list("pk", flat=True)}
    for format in filter(is_installed, WRITABLE_FORMATS):
        data, losses = exported(newsroom, format)
        assert (losses["embargoed"], losses["taken-down"]) == (1, 1), format
        if format != "jsonl":
            assert not any(id.encode() in data for id in ids), format
    data, _ = exported(newsroom)
    assert [line["external_id"] for line in lines_of(data)] == ["open"]
    [tombstone] = lines_of(data, "tombstone")
    assert tombstone["external_id"] == "gone"
    assert restore(data, slug="copy").failed == 0
    ArticleRights.objects.filter(article__external_id="shut").update(embargo_until=timezone.now())
    assert len(lines_of(exported(newsroom)[0])) == 2


def test_a_release_leaves_them_out_and_says_so(newsroom: SmallNewsroom) -> None:
    before = released(newsroom)
    shut_two(newsroom)
    CorpusRights.objects.create(corpus=newsroom.corpus, licence="CC-BY-4.0")
    ArticleRights.objects.filter(article__external_id="shut").update(licence="CC0-1.0")
    made = released(newsroom, formats=["jsonl", "quotes"], splits=releases.parse_splits("time"))
    assert made.counts["articles"] == 1
    assert made.counts["licences"] == {"CC-BY-4.0": 1}
    manifest = json.loads(read(made, "manifest.json"))
    assert manifest["kept_back"]["taken-down"] == 1
    [embargo] = manifest["kept_back"]["embargoes"]
    card = read(made, "README.md")
    assert f"1 articles are left out: embargo until {embargo['until']}." in card
    assert "| CC-BY-4.0 | 1 |" in card
    assert {loss["what"] for loss in made.losses} >= {"embargoed", "taken-down"}
    lines = [json.loads(line) for line in read(made, "lake.train.jsonl").splitlines()]
    assert [line["external_id"] for line in lines if line["type"] == "tombstone"] == ["gone"]
    assert "kept_back" not in read(before, "manifest.json")
    for release in Release.objects.all():
        assert list(verify_release(release)) == []


def test_a_release_keeps_the_rights_under_which_it_was_made(newsroom: SmallNewsroom) -> None:
    until = timezone.now() - timedelta(days=1)
    CorpusRights.objects.create(corpus=newsroom.corpus, licence="CC-BY-4.0", holder="The desk")
    give_rights("open", licence="CC0-1.0", max_quote_share=0.5, may_send_out=False, embargo_until=until)
    give_rights("gone", may_export_text="no")
    made = released(newsroom, formats=["jsonl", "quotes"])
    [file] = [row.name for row in made.files.all() if row.name.endswith(".jsonl")]
    lines = {line["external_id"]: line for line in lines_of(read(made, file).encode())}
    assert lines["open"]["rights"] == lines_of(exported(newsroom)[0])[0]["rights"]
    assert lines["open"]["rights"]["licence"] == "CC0-1.0"
    assert "rights" not in lines["shut"]
    assert json.loads(read(made, "manifest.json"))["rights"]["holder"] == "The desk"
    before = {row.name: row.sha256 for row in made.files.all()}
    CorpusRights.objects.update(licence="LicenseRef-none", holder="")
    ArticleRights.objects.update(
        licence="", may_export_text="no", embargo_until=timezone.now() + timedelta(1)
    )
    give_rights("shut", taken_down_at=timezone.now(), taken_down_by=newsroom.people["max"])
    for name in before:
        stored_files.release_path(made.pk, name).unlink()
    assert list(verify_release(made, restore=True)) == []
    assert list(verify_release(made)) == []
    assert {row.name: row.sha256 for row in made.files.all()} == before
    assert restore(read(made, file).encode(), slug="copy").failed == 1  # that without its text
    assert ArticleRights.objects.get(article__corpus__slug="copy", licence="CC0-1.0").max_quote_share == 0.5


@pytest.mark.parametrize(("right", "quoted"), [("quotes", True), ("no", False)])
def test_texts_that_may_not_leave_are_withheld(newsroom: SmallNewsroom, right: str, quoted: bool) -> None:
    give_rights("open", may_export_text=right)
    for format in filter(is_installed, WRITABLE_FORMATS):
        row = WRITABLE_FORMATS[format]
        data, losses = exported(newsroom, format)
        assert losses["withheld-texts"] == 1, format
        if not row.can_withhold and not data.startswith(b"PK"):
            assert str(Article.objects.get(external_id="open").pk).encode() not in data, format
    data, _ = exported(newsroom)
    [article] = [line for line in lines_of(data) if line["external_id"] == "open"]
    [revision] = article["revisions"]
    assert (revision["text"], revision["length"]) == (None, len(TEXT))
    spans = article["sets"][0]["spans"]
    assert ("the lock leaks" in {span["quote"] for span in spans}) == quoted
    assert all(len(span["quote"]) == span["end"] - span["start"] for span in spans)
    table = [line for line in exported(newsroom, "quotes")[0].decode().splitlines() if ",open," in line]
    assert any("the lock leaks" in line for line in table) == quoted


def test_quotes_are_limited_to_a_share_of_the_text(newsroom: SmallNewsroom) -> None:
    CorpusRights.objects.create(corpus=newsroom.corpus, may_export_text="quotes", max_quote_share=0.28)
    data, losses = exported(newsroom)
    assert losses["quote-share"] == losses["withheld-texts"] == 3
    quotes = {span["quote"] for line in lines_of(data) for span in line["sets"][0]["spans"]}
    assert quotes == {"Ardenia", "the lock leaks", "█" * 24}


def test_strict_refuses_what_rights_keep_back(newsroom: SmallNewsroom) -> None:
    exported(newsroom, strict=True)
    shut_two(newsroom)
    with pytest.raises(FormatLossError, match="Rights keep 1 embargoed, 1 taken-down in the house"):
        exported(newsroom, strict=True)


def test_a_common_word_is_masked_where_it_is_a_word_and_the_preview_counts_it(
    newsroom: SmallNewsroom, django_assert_max_num_queries: Any
) -> None:
    actor = newsroom.actor("Lock")
    with django_assert_max_num_queries(8):
        count = masking_preview(newsroom.corpus, actor.pk)
    assert count == (6, 3, [])
    places = masking_preview(newsroom.corpus, actor.pk, limit=2).listed
    assert [(place.kind, place.words) for place in places] == [(PlaceKind.TEXT, "lock")] * 2
    assert len(masking_preview(newsroom.corpus, actor.pk, limit=50).listed) == 6
    lorn = Article.objects.get(external_id="open").sets.get().spans.exclude(actor=None).get().actor
    assert lorn is not None
    assert masking_preview(newsroom.corpus, lorn.pk)[:2] == (6, 3)  # the name, and the span that is linked
    protect(actor)
    data, losses = exported(newsroom)
    assert losses["masked"] == 4
    text = lines_of(data)[0]["revisions"][0]["text"]
    assert text == TEXT.replace("lock", "████")


def test_nothing_changes_where_nothing_is_protected(newsroom: SmallNewsroom) -> None:
    data, losses = exported(newsroom)
    assert not losses
    assert b"masked" not in data
    assert b"tombstone" not in data
