"""A form that is refused for its origin says so, and names the origin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.newsroom import Newsroom


@pytest.mark.django_db
def test_the_page_names_the_origin_when_that_is_the_reason() -> None:
    client = Client(enforce_csrf_checks=True)
    login = reverse("admin:login")
    client.get(login)
    sent = {"username": "ann", "password": "secret", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    answer = client.post(login, sent, headers={"Origin": "https://desk.example<b>"})
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "https://desk.example&lt;b&gt;" in body
    assert "CSRF_TRUSTED_ORIGINS" in body
    assert "expired" not in body
    secure = client.post(login, sent, secure=True, headers={"Referer": "https://desk.example/admin/login/"})
    assert "<strong>https://desk.example</strong>" in secure.content.decode()
    expired = Client(enforce_csrf_checks=True).post(login, sent).content.decode()
    assert "The form has expired" in expired
    assert "CSRF_TRUSTED_ORIGINS" not in expired


def test_the_api_names_it_too(newsroom: Newsroom) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(newsroom.user("max"))
    answer = client.post(
        "/api/v1/corpora/lake/topics/",
        {"name": "x"},
        "application/json",
        headers={"Origin": "https://desk.example"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert "https://desk.example" in answer.json()["detail"]
