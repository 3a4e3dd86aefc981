"""The steps of ``bench.stories``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from unittest import mock

from django.contrib.auth.models import User
from django.db import transaction

from annotations.models import (
    Article,
    Corpus,
    Fingerprint,
    FingerprintHash,
    Membership,
    Revision,
    Role,
    Story,
    bulk,
)
from annotations.services.core import articles, stories
from annotations.services.core.articles import build_revision
from annotations.visibility import get_visible_row

SLUG = "stories"
WORDS, MIN_LENGTH, MAX_LENGTH = 20_000, 150, 900
#: One story has so many copies, and of the other articles one in four is a copy of an earlier one.
COPIES_OF_ONE, COPY_SHARE = 300, 0.25
FOOTER_SHARE, FOOTER_LENGTH = 0.3, 50
BATCH_SIZE = 500
TIMES = 21


class Press:
    """A source of articles, the same for the same seed."""

    def __init__(self) -> None:
        self.rng = random.Random(5)
        letters = "abcdefghijklmnoprstuvwyz"
        self.words = ["".join(self.rng.choices(letters, k=self.rng.randint(2, 9))) for _ in range(WORDS)]
        # as in any language, a few words make up half of a text
        self.weights = [1 / (place + 10) for place in range(WORDS)]
        self.footer = self.text(FOOTER_LENGTH)
        self.earlier: list[list[str]] = []
        self.famous = self.text(400)

    def text(self, number: int) -> list[str]:
        """Return so many words."""
        return self.rng.choices(self.words, self.weights, k=number)

    def copy(self, words: list[str]) -> list[str]:
        """Return a text as another paper prints it: shortened, with some words of its own."""
        size = len(words)
        kept = words[: max(70, self.rng.randint(size // 3, size))]
        for place in self.rng.sample(range(len(kept)), len(kept) // 60):
            kept[place] = self.rng.choice(self.words)
        return kept

    def texts(self, number: int) -> Iterator[str]:
        """Yield so many articles."""
        famous = set(self.rng.sample(range(number), min(COPIES_OF_ONE, number // 10)))
        for place in range(number):
            if place in famous:
                words = self.copy([*self.famous])
            elif self.earlier and self.rng.random() < COPY_SHARE:
                words = self.copy([*self.rng.choice(self.earlier)])
            else:
                words = self.text(self.rng.randint(MIN_LENGTH, MAX_LENGTH))
                self.earlier = [*self.earlier[-500:], words]
            if self.rng.random() < FOOTER_SHARE:
                words = [*words, *self.footer]
            yield " ".join(words)


def create_articles(number: int) -> str:
    """Store a corpus of articles that no search has seen."""
    corpus = Corpus.objects.create(slug=SLUG, name="Stories")
    Membership.objects.create(corpus=corpus, user=User.objects.create_user("editor"), role=Role.MANAGER)
    rng, texts, now = random.Random(1), Press().texts(number), datetime.now(UTC)
    first = datetime(2020, 1, 1, tzinfo=UTC)
    for start in range(0, number, BATCH_SIZE):
        rows, revisions = [], []
        for place, text in enumerate(islice(texts, BATCH_SIZE), start):
            day = first + timedelta(minutes=rng.randrange(3_000_000))
            article = Article(
                corpus=corpus,
                external_id=f"s{place}",
                title=f"Article {place}",
                published_at=day,
                created_at=now,
            )
            article.revision = build_revision(article, text, number=1, by=None)
            article.revision.created_at = now
            rows.append(article)
            revisions.append(article.revision)
        with transaction.atomic():
            bulk.create_objects(rows)
            bulk.create_objects(revisions)
    bulk.analyze(Article, Revision)
    return str(number)


def find_stories() -> str:
    """Find the stories of all articles; return seconds, and stories, as JSON.

    The seconds are those of the clock, and those that this process used; then the numbers of stories and of
    their copies, and the size of the largest.
    """
    corpus = Corpus.objects.get(slug=SLUG)
    started, used = time.perf_counter(), time.process_time()
    stories.find_stories(corpus)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    bulk.analyze(Fingerprint, FingerprintHash)
    sizes = list(Story.objects.filter(corpus=corpus, size__gt=1).values_list("size", flat=True))
    return json.dumps([seconds, used, len(sizes), sum(sizes), max(sizes, default=0)])


def add_one() -> str:
    """Return the median milliseconds that the search adds to storing an article; every other is a copy."""
    corpus = Corpus.objects.get(slug=SLUG)
    user = User.objects.get(username="editor")
    press, found = Press(), []
    known = list(Revision.objects.order_by("pk").values_list("text", flat=True)[:TIMES])
    for number in range(TIMES):
        text = f"{known[number]} anew" if number % 2 else " ".join(press.text(600))
        seen = get_visible_row(user, Corpus.objects.all(), pk=corpus.pk)
        place_article = stories.place_new_article

        def timed(article: Article) -> None:
            started = time.perf_counter()
            place_article(article)  # noqa: B023 - called before the next round
            found.append(time.perf_counter() - started)

        with transaction.atomic(), mock.patch.object(stories, "place_new_article", timed):
            articles.create_article(user, seen, {"text": text})
            transaction.set_rollback(True)
    return json.dumps(1_000 * sorted(found)[TIMES // 2])
