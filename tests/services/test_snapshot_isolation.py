"""An export is of one moment: pairs that are committed together are in it together, or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import connection, transaction

from annotations.models import Article, Corpus
from annotations.services.exchange import exports
from tests import factories
from tests.services.exchange import get, lines_of

EXPORTS = 60
ARTICLES = 250  # more than are read by one query


@contextmanager
def writing(corpus: Corpus) -> Iterator[None]:
    """Somebody who gives the first and the last article a new title, the same one, in one transaction."""
    over = threading.Event()
    ids = list(Article.objects.filter(corpus=corpus).order_by("pk").values_list("pk", flat=True))

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            with transaction.atomic():
                for id in (ids[0], ids[-1]):
                    Article.objects.filter(pk=id).update(title=f"Pair {number}")
            time.sleep(0.001)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def torn(corpus: Corpus) -> int:
    """How many of the exports hold half a pair."""
    found = 0
    with writing(corpus):
        for _ in range(EXPORTS):
            rows = lines_of(get(None, corpus, sets="none"))
            found += rows[0]["title"] != rows[-1]["title"]
    return found


@pytest.fixture
def corpus(transactional_db: None) -> Corpus:
    made = factories.make_corpus("lake")
    by = factories.manager_of(made)
    for _ in range(ARTICLES):
        factories.make_article(made, "A text.", by=by, title="Pair 0")
    return made


@pytest.mark.postgres
@pytest.mark.slow
def test_no_export_is_torn_and_without_the_snapshot_some_are(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert torn(corpus) == 0
    without: Any = nullcontext
    monkeypatch.setattr(exports, "read_snapshot", without)
    assert torn(corpus) > 0, "the writer is too slow to tear anything, so the first half proves nothing"
