"""The page of feeds: a private address is shown once, and ended there; the code to embed a quote."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import FeedAddress, uuid7
from tests.api.test_feeds import approve
from tests.newsroom import Newsroom

_LINK = re.compile(r'id="link"[^>]*value="([^"]+)"')


@pytest.fixture
def staff(db: None) -> Newsroom:
    """A newsroom whose people may sign in to the admin."""
    return Newsroom(staff=True)


def signed_in(newsroom: Newsroom, name: str) -> Client:
    client = Client()
    client.force_login(newsroom.user(name))
    return client


def test_an_address_is_made_shown_once_and_ended(staff: Newsroom) -> None:
    approve(staff)
    at = reverse("admin:annotations_corpus_feeds", args=(staff.lake.pk,))
    client = signed_in(staff, "vic")
    speaker = staff.rae.get("corpora/lake/actors/").data["results"][0]
    page = client.get(at).content.decode()
    assert f'value="{speaker["id"]}"' in page
    sent = {"type": "quotes", "actor": speaker["id"], "new_id": str(uuid7())}
    made = client.post(at, sent)
    assert "no-store" in made["Cache-Control"]
    found = _LINK.search(made.content.decode())
    assert found is not None
    url = unescape(found[1])
    assert url.startswith("http://testserver/api/v1/corpora/lake/feed/?type=quotes&actor=")
    assert Client().get(url).status_code == 200
    # sent twice it is one, whose secret is not shown again
    assert _LINK.search(client.post(at, sent).content.decode()) is None
    assert url not in client.get(at).content.decode()
    row = FeedAddress.objects.get()
    end = reverse("admin:annotations_corpus_feed_delete", args=(staff.lake.pk, row.pk))
    assert signed_in(staff, "ann").post(end).status_code == 404
    assert client.get(end).status_code == 405
    assert client.post(end)["Location"] == at
    assert Client().get(url).status_code == 401
    assert signed_in(staff, "sam").get(at).status_code == 404


def test_the_page_speaks_german(staff: Newsroom) -> None:
    at = reverse("admin:annotations_corpus_feeds", args=(staff.lake.pk,))
    page = signed_in(staff, "vic").get(at, headers={"Accept-Language": "de"}).content.decode()
    for words in ("Mitlesen in einem Leseprogramm", "freigegebene Artikel", "Adresse anlegen", "Nur von"):
        assert words in page, words


def test_a_quote_has_its_code_where_others_may_show_it(staff: Newsroom, settings: Any) -> None:
    approve(staff)
    at = reverse("admin:annotations_corpus_statements", args=(staff.lake.pk,))
    client = signed_in(staff, "vic")
    assert "embed.html" not in client.get(at).content.decode()
    settings.EMBED_ANCESTORS = ["https://www.example.org"]
    page = client.get(at).content.decode()
    found = re.search(r"&lt;iframe src=&quot;http://testserver(/api/v1/quotes/[^&]+/embed\.html)&quot;", page)
    assert found is not None
    assert client.get(found[1]).status_code == 200
