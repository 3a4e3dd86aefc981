"""People, tokens and clients for the tests of the API's parts."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from annotations.models import AccessToken
from tests.api.house import House
from tests.api.things import Things
from tests.speed import Writes, prove_integrity, shared_rows

MakeToken = Callable[..., str]
MakeClient = Callable[..., Client]


@pytest.fixture
def things(house: House) -> Things:
    """What there is in ``lake``, made when it is asked for."""
    return Things(house, house.lake, "max", "ann", "rae")


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


@pytest.fixture(scope="module")
def stored_house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """A newsroom for all tests of a module."""
    yield from shared_rows(django_db_blocker, House)


@pytest.fixture
def house(request: pytest.FixtureRequest, stored_house: House, db: None) -> Iterator[House]:
    """A newsroom, whose data keeps every promise when the test is over, whatever it did.

    A module that writes nothing of its own kind says so: ``PROVES = False``.
    """
    house = copy.deepcopy(stored_house)
    if not getattr(request.module, "PROVES", True):
        yield house
        return
    writes = Writes()
    with connection.execute_wrapper(writes):
        yield house
    if writes.seen:
        prove_integrity()
