"""A manager and a corpus of theirs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from annotations.models import Corpus
from tests import factories


@pytest.fixture
def max_() -> User:
    return factories.make_user("max")


@pytest.fixture
def corpus(max_: User) -> Corpus:
    return factories.make_corpus("lake", manager=max_)
