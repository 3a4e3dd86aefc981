"""A manager and a corpus of theirs; a receiver of webhooks; a press that makes texts and their copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from annotations.models import Corpus
from tests import factories
from tests.press import Press
from tests.receiver import Receiver, running_receiver


@pytest.fixture
def max_() -> User:
    return factories.make_user("max")


@pytest.fixture
def corpus(max_: User) -> Corpus:
    return factories.make_corpus("lake", manager=max_)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTGOING_ALLOW_LOOPBACK = True
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def files_dir(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"
