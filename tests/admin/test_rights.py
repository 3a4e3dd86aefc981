"""The pages of rights: terms, takedown, protection, and the page of a corpus."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.models import Actor, Article, ArticleRights, ConfidentialActor, CorpusRights, Release, Role
from annotations.services.rights import terms
from tests import factories
from tests.newsroom import Newsroom


@pytest.fixture
def newsroom(db: None) -> Newsroom:
    return Newsroom(staff=True)


def signed_in(newsroom: Newsroom, name: str) -> Client:
    client = Client()
    client.force_login(newsroom.user(name))
    return client


def url(what: str, *args: Any) -> str:
    return reverse(f"admin:annotations_{what}", args=args)


TERMS = {
    "licence": "CC-BY-4.0",
    "licence_url": "",
    "holder": "",
    "notice": "",
    "may_export_text": "quotes",
    "max_quote_share": "0.5",
    "may_send_out": "no",
    "seen": "1",
}


def test_the_terms_of_an_article_are_shown_and_saved(newsroom: Newsroom) -> None:
    article = newsroom.article()
    terms.update_corpus_rights(newsroom.user("max"), newsroom.lake.pk, {"holder": "The house"}, version=1)
    page = signed_in(newsroom, "max").get(url("article_change", article.pk)).content.decode()
    assert "The house" in page
    assert 'placeholder="The house"' in page
    assert url("article_rights", article.pk) in page
    assert url("article_take_down", article.pk) in page
    shown = signed_in(newsroom, "ann").get(url("article_change", article.pk)).content.decode()
    assert "The house" in shown
    assert url("article_rights", article.pk) not in shown
    until = timezone.now() + timedelta(days=3)
    sent = {**TERMS, "embargo_until_0": f"{until:%Y-%m-%d}", "embargo_until_1": "06:00:00"}
    client = signed_in(newsroom, "max")
    answer = client.post(url("article_rights", article.pk), sent, follow=True)
    assert answer.redirect_chain[-1][0].endswith("#rights")
    row = ArticleRights.objects.get(article=article)
    assert (row.licence, row.may_export_text, row.max_quote_share, row.may_send_out) == (
        "CC-BY-4.0", "quotes", 0.5, False,
    )  # fmt: skip
    assert row.embargo_until is not None
    assert row.embargo_until > timezone.now()
    stale = client.post(url("article_rights", article.pk), {**TERMS, "licence": "MIT"})
    assert "is at version 2" in stale.content.decode()
    wrong = client.post(url("article_rights", article.pk), {**TERMS, "licence": "Free", "seen": "2"})
    assert "write its SPDX identifier" in wrong.content.decode()
    assert ArticleRights.objects.get(article=article).licence == "CC-BY-4.0"


@pytest.mark.parametrize("name", ["ann", "rae", "vic"])
def test_others_than_managers_change_no_rights(newsroom: Newsroom, name: str) -> None:
    article, actor = newsroom.article(), newsroom.actor()
    client = signed_in(newsroom, name)
    for address in ("article_rights", "article_take_down", "article_restore"):
        assert client.get(url(address, article.pk)).status_code == 403
        assert client.post(url(address, article.pk), {**TERMS, "reason": "x"}).status_code == 403
    assert client.get(url("actor_protect", actor)).status_code == 403
    assert client.post(url("actor_lift", actor), {"seen": 1}).status_code == 403
    page = client.get(url("corpus_rights", newsroom.lake.pk))
    assert page.status_code == 200
    assert b"Save the rights" not in page.content
    client.post(url("corpus_rights", newsroom.lake.pk), TERMS)
    assert not CorpusRights.objects.exists()
    stranger = signed_in(newsroom, "sam")
    for address, key in (
        ("article_rights", article.pk), ("actor_protect", actor), ("corpus_rights", newsroom.lake.pk),
    ):  # fmt: skip
        assert stranger.get(url(address, key)).status_code == 404


def test_an_article_is_taken_down_with_its_releases_and_restored(
    newsroom: Newsroom, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    article = newsroom.approved().article
    assert newsroom.max.post("corpora/lake/releases/", {"formats": ["jsonl"], "name": "Spring"}).status == 201
    client, at = signed_in(newsroom, "max"), url("article_take_down", article.pk)
    page = client.get(at).content.decode()
    assert "Release 1 · Spring" in page
    version = Article.objects.get(pk=article.pk).version
    assert "Say why" in client.post(at, {"reason": " ", "seen": version}).content.decode()
    sent = {"reason": "A lawyer wrote.", "also_withdraw": "1", "seen": version}
    page = client.post(at, sent, follow=True).content.decode()
    assert "A lawyer wrote." in page
    assert url("article_restore", article.pk) in page
    assert Release.objects.get().withdrawn_at is not None
    assert "A lawyer wrote." in client.get(url("corpus_rights", newsroom.lake.pk)).content.decode()
    sent = {"reason": "Settled.", "seen": version + 1}
    client.post(url("article_restore", article.pk), sent)
    assert ArticleRights.objects.get().taken_down_at is None


def test_the_terms_of_a_corpus_are_saved_and_everything_is_listed(newsroom: Newsroom) -> None:
    soon = newsroom.article("One.", title="Ends first")
    later = newsroom.article("Two.", title="Ends last")
    by, now = newsroom.user("max"), timezone.now()
    for article, days in ((later, 9), (soon, 1)):
        until = now + timedelta(days=days)
        terms.update_rights(by, article.pk, {"embargo_until": until}, version=None)
    client, at = signed_in(newsroom, "max"), url("corpus_rights", newsroom.lake.pk)
    page = client.post(at, {**TERMS, "licence": "ODbL-1.0"}, follow=True).content.decode()
    assert page.index("Ends first") < page.index("Ends last")
    assert "ODbL-1.0" in page
    assert CorpusRights.objects.get().licence == "ODbL-1.0"
    assert "is at version 2" in client.post(at, {**TERMS, "licence": "MIT"}).content.decode()


def test_an_actor_is_protected_after_a_look_and_two_managers_lift(newsroom: Newsroom) -> None:
    mia = factories.make_user("mia", is_staff=True)
    newsroom.join(mia, Role.MANAGER)
    second = Client()
    second.force_login(mia)
    actor = newsroom.actor("Quiet Source")
    row = newsroom.set()
    span = {"label": "actor", "start": 60, "end": 69, "actor": actor, "attributes": {"mention_type": "name"}}
    assert newsroom.ann.post(f"sets/{row.pk}/spans/", span).status == 201
    client, at = signed_in(newsroom, "max"), url("actor_protect", actor)
    page = client.get(at).content.decode()
    assert "1 place will be masked (articles: 1)" in page
    assert "<mark>Ada Verde</mark>" in page
    assert not ConfidentialActor.objects.exists()
    version = Actor.objects.get(pk=actor).version
    page = client.post(at, {"reason": "Promised.", "seen": version}, follow=True).content.decode()
    assert "Promised." in page
    assert "Promised." not in signed_in(newsroom, "ann").get(url("actor_change", actor)).content.decode()
    assert (
        "Promised."
        not in signed_in(newsroom, "ann").get(url("corpus_rights", newsroom.lake.pk)).content.decode()
    )
    client.post(url("actor_lift", actor), {"seen": version + 1})
    page = client.get(url("corpus_rights", newsroom.lake.pk)).content.decode()
    assert url("actor_lift", actor) not in page
    assert "Keep it protected" in page
    assert "Confirm the end" in second.get(url("actor_change", actor)).content.decode()
    second.post(url("actor_lift", actor), {"seen": version + 2})
    assert not ConfidentialActor.objects.exists()
