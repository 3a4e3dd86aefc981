"""A newsroom that is spoken to through the services, and a corpus of its own for tests of files."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from annotations.models import Corpus
from tests import factories
from tests.api.house import House
from tests.speed import Writes, prove_integrity, shared_rows


@pytest.fixture(scope="module")
def stored_newsroom(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """A newsroom for all tests of a module."""
    yield from shared_rows(django_db_blocker, House)


@pytest.fixture
def newsroom(stored_newsroom: House, db: None) -> Iterator[House]:
    """A newsroom, whose data keeps every promise when the test is over, whatever it did."""
    writes = Writes()
    with connection.execute_wrapper(writes):
        yield copy.deepcopy(stored_newsroom)
    if writes.seen:
        prove_integrity()


@pytest.fixture
def max_() -> User:
    return factories.make_user("max")


@pytest.fixture
def corpus(max_: User) -> Corpus:
    return factories.make_corpus("lake", manager=max_)
