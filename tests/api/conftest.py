"""People, tokens and clients for the tests of the API's parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from annotations.models import AccessToken
from tests.api.resources import Resources
from tests.newsroom import Newsroom

MakeToken = Callable[..., str]
MakeClient = Callable[..., Client]


@pytest.fixture
def things(newsroom: Newsroom) -> Resources:
    """What there is in ``lake``, made when it is asked for."""
    return Resources(newsroom, newsroom.lake, "max", "ann", "rae")


@pytest.fixture
def somebody(db: None) -> User:
    return User.objects.create_user("ann", password="secret")


@pytest.fixture
def make_token(somebody: User) -> MakeToken:
    """Stores a token of ``ann`` and gives back its secret."""

    def make(*scopes: str, **fields: Any) -> str:
        secret = f"sp_{'x' * 40}{AccessToken.objects.count():03}"
        AccessToken.objects.create(
            user=somebody,
            name="test",
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            prefix=secret[:8],
            scopes=list(scopes),
            **fields,
        )
        return secret

    return make


@pytest.fixture
def bearer(make_token: MakeToken) -> MakeClient:
    """A client with a token that has these scopes."""

    def make(*scopes: str, **options: Any) -> Client:
        return Client(headers={"Authorization": f"Bearer {make_token(*scopes)}"}, **options)

    return make


@pytest.fixture
def session(somebody: User) -> Client:
    """A browser that is signed in and has to prove where its writes come from."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(somebody)
    return client
