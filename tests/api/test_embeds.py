"""The page of one quote: for members, and for everybody where it was allowed; else it does not exist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations.models import AnnotationSet, ArticleRights, CorpusRights, Span
from annotations.text.directions import text_direction
from tests import factories
from tests.api.test_feeds import approve
from tests.newsroom import Newsroom, new_id

OTHERS = "https://www.example.org"


def quote_of(row: AnnotationSet) -> str:
    return f"quotes/{Span.objects.get(set=row, label='position').pk}/embed.html"


def test_a_quote_is_a_page_without_scripts(newsroom: Newsroom, settings: Any) -> None:
    settings.EMBED_ANCESTORS = [OTHERS]
    published = datetime(2026, 3, 1, 12, tzinfo=UTC)
    row = approve(newsroom, title="<b>Water", language="de-CH", source="Bote", published_at=published)
    CorpusRights.objects.create(corpus=newsroom.lake, may_send_out=True)
    reply = newsroom.anonymous.get(quote_of(row))
    assert reply.status == 200, reply
    page = reply.content.decode()
    for part in (
        '<html lang="de-CH" dir="ltr">', "is opposed to any new toll", "Ada Verde", "&lt;b&gt;Water",
        'href="https://example.org/a?b=1&amp;c=2"', 'datetime="2026-03-01', "1. März 2026", "Bote",
    ):  # fmt: skip
        assert part in page, part
    assert "<script" not in page
    policy = reply.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {OTHERS}")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in reply.headers
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    again = newsroom.anonymous.raw("GET", quote_of(row), headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status == 304


def test_nobody_may_frame_it_by_default_and_only_members_see_it(newsroom: Newsroom) -> None:
    row = approve(newsroom)
    CorpusRights.objects.create(corpus=newsroom.lake, may_send_out=True)
    missing = newsroom.anonymous.get(f"quotes/{new_id()}/embed.html")
    assert missing.refusal == (404, "not-found")
    for who in ("anonymous", "sam"):
        assert newsroom[who].get(quote_of(row)).data == missing.data, who
    reply = newsroom.vic.get(quote_of(row))
    assert reply.status == 200
    assert reply.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert reply.headers["X-Frame-Options"] == "DENY"
    assert reply.headers["Cache-Control"] == "private, no-cache"


def test_anonymous_readers_need_that_it_was_allowed(newsroom: Newsroom, settings: Any) -> None:
    """Not forbidden is not enough, and an article can say another thing than its corpus."""
    settings.EMBED_ANCESTORS = [OTHERS]
    row = approve(newsroom)
    assert newsroom.anonymous.get(quote_of(row)).status == 404
    assert newsroom.vic.get(quote_of(row)).headers["X-Frame-Options"] == "DENY"
    corpus = CorpusRights.objects.create(corpus=newsroom.lake, may_send_out=True)
    assert newsroom.anonymous.get(quote_of(row)).status == 200
    rights = ArticleRights.objects.create(article=row.article, may_send_out=False)
    for who in ("anonymous", "vic"):
        assert newsroom[who].get(quote_of(row)).status == 404, who
    corpus.delete()
    rights.may_send_out = True
    rights.save()
    assert newsroom.anonymous.get(quote_of(row)).status == 200


@pytest.mark.parametrize(
    "terms",
    [
        {"embargo_until": timezone.now() + timedelta(days=9)},
        {"may_export_text": "no"},
        {"max_quote_share": 0.01},
        {"taken_down_at": timezone.now()},
    ],
    ids=lambda terms: next(iter(terms)),
)
def test_what_the_gate_holds_back_does_not_exist(
    newsroom: Newsroom, settings: Any, terms: dict[str, Any]
) -> None:
    settings.EMBED_ANCESTORS = [OTHERS]
    row = approve(newsroom)
    ArticleRights.objects.create(article=row.article, may_send_out=True, **terms)
    for who in ("anonymous", "vic", "max"):
        assert newsroom[who].get(quote_of(row)).refusal == (404, "not-found"), who


def test_only_approved_claims_and_positions_are_quotes(newsroom: Newsroom, settings: Any) -> None:
    settings.EMBED_ANCESTORS = [OTHERS]
    CorpusRights.objects.create(corpus=newsroom.lake, may_send_out=True)
    row = approve(newsroom)
    name = Span.objects.get(set=row, label="actor")
    assert newsroom.anonymous.get(f"quotes/{name.pk}/embed.html").status == 404
    waiting = newsroom.set()
    claim = factories.make_span(waiting, "claim", 4, 30)
    for who in ("anonymous", "ann", "max"):
        assert newsroom[who].get(f"quotes/{claim.pk}/embed.html").status == 404
    at = quote_of(row)
    newsroom.max.move(row.pk, "withdraw", reason="A mistake.")
    assert newsroom.anonymous.get(at).status == 404


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("", "auto"),
        ("de", "ltr"),
        ("ar-EG", "rtl"),
        ("ku-Arab", "rtl"),
        ("az-Latn", "ltr"),
        ("ar-Latn", "ltr"),
    ],
)
def test_the_direction_is_that_of_the_language(language: str, direction: str) -> None:
    assert text_direction(language) == direction
