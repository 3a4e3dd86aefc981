"""The steps of ``bench.search``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from annotations.enums import Scope
from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    Membership,
    Revision,
    Role,
    SearchPart,
    Span,
    bulk,
)
from annotations.models.term_index import PARTS, TERMS
from annotations.services.core import access_tokens
from annotations.services.core.articles import build_revision, build_search_key
from annotations.services.jobs.search import index_missing
from bench.client import HOST

BATCH_SIZE, WORDS = 500, 40_000
SYLLABLES = (
    "ba", "dor", "el", "fin", "ga", "hul", "im", "ka", "lo", "mer", "nu", "or", "pe", "ras", "sel", "tan",
    "ul", "ven", "wi", "xa", "yor", "ze", "an", "ir", "os",
)  # fmt: skip
SOURCES = ("Herald", "Post", "Courier", "Gazette")
TIMES = 41


def create_articles(articles: int) -> str:
    """Store a corpus with sets and spans, index it, and return what was measured as JSON."""
    user = User.objects.create_user("reader")
    corpus = Corpus.objects.create(slug="search", name="Search")
    Membership.objects.create(corpus=corpus, user=user, role=Role.VIEWER)
    owner = User.objects.create_user("owner")
    texts = TextSource()
    text_bytes = 0
    for start in range(0, articles, BATCH_SIZE):
        text_bytes += _store(corpus, owner, texts, range(start, min(start + BATCH_SIZE, articles)))
    before = _database_bytes()
    began, began_used = time.perf_counter(), time.process_time()
    index_missing(corpus)
    rate, used = articles / (time.perf_counter() - began), time.process_time() - began_used
    bulk.analyze(SearchPart, Article, Revision, Span, AnnotationSet)
    return json.dumps(
        {
            "rate": rate,
            "used": used,
            "text_bytes": text_bytes,
            "index_bytes": _database_bytes() - before,
            "words": texts.examples(),
            "token": access_tokens.create_token(user, "bench", [Scope.READ])[1],
        }
    )


class TextSource:
    """A source of texts whose words are as often as those of a language: by Zipf's law, 40,000 of them."""

    def __init__(self) -> None:
        self._random = random.Random(1)
        self._words = list(dict.fromkeys(self._make_word(rank) for rank in range(WORDS)))
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self._words))))

    def _make_word(self, rank: int) -> str:
        return "".join(self._random.choices(SYLLABLES, k=1 + min(3, rank // 25 + rank // 600)))

    def make_text(self) -> str:
        """Return a text of some 600 words in sentences."""
        words = self._random.choices(self._words, cum_weights=self._weights, k=600)
        return ". ".join(" ".join(words[start : start + 15]).capitalize() for start in range(0, 600, 15))

    def make_title(self) -> str:
        """Return six words."""
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=6))

    def examples(self) -> dict[str, str]:
        """Return words from the most common to the rarest, by their names in questions."""
        return {
            "common": self._words[0],
            "second": self._words[1],
            "third": self._words[5],
            "usual": self._words[300],
            "rare": self._words[-100],
        }


@transaction.atomic
def _store(corpus: Corpus, owner: User, texts: TextSource, numbers: range) -> int:
    """Store articles, each with ten approved spans; return the bytes of their texts."""
    rows: dict[type[Any], list[Any]] = {model: [] for model in (Article, Revision, AnnotationSet, Span)}
    now, first = datetime.now(UTC), datetime(2020, 1, 1, 12, tzinfo=UTC)
    for number in numbers:
        text = texts.make_text()
        article = Article(
            corpus=corpus, external_id=f"s{number}", title=texts.make_title(), source=SOURCES[number % 4],
            language="en", published_at=first + timedelta(hours=number), status="done", created_at=now,
        )  # fmt: skip
        article.search_key = build_search_key(article)
        article.revision = build_revision(article, text, number=1, by=None)
        article.revision.created_at = now
        row = AnnotationSet(
            corpus=corpus, article=article, revision=article.revision, owner=owner, state="approved",
            created_at=now, submitted_at=now, approved_at=now,
        )  # fmt: skip
        rows[Article].append(article)
        rows[Revision].append(article.revision)
        rows[AnnotationSet].append(row)
        rows[Span] += [
            Span(set=row, label="claim", start=start, end=start + 60, quote=text[start : start + 60])
            for start in range(0, 1_000, 100)
        ]
    for objects in rows.values():
        bulk.create_objects(objects)
    return sum(len(row.text.encode()) for row in rows[Revision])


def _database_bytes() -> int:
    """Return how large the index of words is, or on SQLite the whole database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [PARTS])
            return int(cursor.fetchone()[0])
        cursor.execute(f"INSERT INTO {TERMS} ({TERMS}) VALUES ('optimize')")  # noqa: S608 - our own names
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(connection.settings_dict["NAME"]).stat().st_size


def measure_answers(token: str, query: str) -> str:
    """Return the median and the 95th percentile of the seconds of an answer, after one that fills caches.

    The third number is the median of the seconds that this process used.
    """
    client = Client(headers={"authorization": f"Bearer {token}", "host": HOST})
    path = f"/api/v1/corpora/search/search/?{query}"
    seconds, used = [], []
    for _ in range(TIMES + 1):
        start, start_used = time.perf_counter(), time.process_time()
        response = client.get(path)
        seconds.append(time.perf_counter() - start)
        used.append(time.process_time() - start_used)
        if response.status_code != 200:
            raise RuntimeError(response.content)
    measured = sorted(seconds[1:])
    return json.dumps([measured[TIMES // 2], measured[int(TIMES * 0.95)], sorted(used[1:])[TIMES // 2]])
